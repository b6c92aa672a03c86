// Package scan keeps scanned paper: PDF, TIFF, PNG and JPEG files as they were
// received, paged, with the words of each page and where they stand.
//
// Its words: a scan is one file as it was received; a page is one side of paper
// in it, counted from 1; a turn is how far a page is turned clockwise to be read
// upright, 0, 90, 180 or 270 degrees; a box is where something stands on a page,
// in thousandths of the page's width and height as it was received (turn 0).
//
// What always holds:
//
//   - The bytes received never change. They lie sealed under a key of the scan's
//     own; so do the words that were read on its pages. No page, rendered or
//     read, is ever written to disk in the clear.
//   - A scan belongs to no patient until its pages are assigned to a record.
//     From then on whoever opens a page asks about that record; before, about
//     the department.
//   - Damaged, locked and oversized files are refused with a reason before
//     anything of them is decoded; reading is bounded in memory and time.
//   - Text is looked for in the background: a page is pending, then text (it had
//     a text layer), ocr (it was read by tesseract) or none.
package scan
