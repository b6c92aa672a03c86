// Package scan keeps scanned paper: PDF, TIFF and PNG files as they were
// received, paged, with the words of each page and where they stand.
package scan
