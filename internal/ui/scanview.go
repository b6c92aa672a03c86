package ui

import (
	"net/url"
	"strconv"
)

// SheetView is one page of a scanned document: its image beside its text.
type SheetView struct {
	Number, Of    int // of the document's sheets
	Scan          string
	Page          int // of the scan
	Turn          int
	State         string // of its words: "pending", "text", "ocr", "none"
	Here          bool   // the scan is here to be shown
	Width, Height int    // after the turn, in points; 0 where unknown
	Text          string
}

// image is the address of the page's image.
func (v SheetView) image(width int) string {
	address := "/scans/" + url.PathEscape(v.Scan) + "/pages/" + strconv.Itoa(v.Page) + ".png?w=" + strconv.Itoa(width)
	if v.Turn != 0 {
		address += "&turn=" + strconv.Itoa(v.Turn)
	}
	return address
}

// words is the address of the page's words and their boxes.
func (v SheetView) words() string {
	return "/scans/" + url.PathEscape(v.Scan) + "/pages/" + strconv.Itoa(v.Page) + "/words?turn=" + strconv.Itoa(v.Turn)
}

func (v SheetView) name() string {
	return "Page " + strconv.Itoa(v.Number) + " of " + strconv.Itoa(v.Of)
}

// without says why a sheet has no text.
func (v SheetView) without() string {
	if v.State == "pending" {
		return "The words of this page are being read."
	}
	return "No words were found on this page."
}

// sheetWidth is how wide the image of a sheet is drawn, in pixels: sharp on a
// screen of twice the usual density.
const sheetWidth = 1400
