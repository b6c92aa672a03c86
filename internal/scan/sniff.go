package scan

import (
	"bytes"
	"fmt"
	"path/filepath"
	"strings"
)

// Sniff tells by the first bytes (1 KiB is enough) what kind of scan a file is: PDF,
// TIFF, PNG or JPEG, "" for anything else.
func Sniff(head []byte) string {
	switch {
	case bytes.HasPrefix(head, []byte("II*\x00")), bytes.HasPrefix(head, []byte("MM\x00*")):
		return TIFF
	case bytes.HasPrefix(head, []byte("\x89PNG\r\n\x1a\n")):
		return PNG
	case bytes.HasPrefix(head, []byte("\xff\xd8\xff")):
		return JPEG
	// A PDF may have other bytes before its header (ISO 32000-1, annex H.3.4.1).
	case bytes.Contains(head[:min(len(head), 1024)], []byte("%PDF-")):
		return PDF
	}
	return ""
}

// extensions are the endings that say what a file is.
var extensions = map[string]string{".pdf": PDF, ".tif": TIFF, ".tiff": TIFF, ".png": PNG, ".jpg": JPEG, ".jpeg": JPEG}

// IsScanType says whether a media type is that of a scan.
func IsScanType(media string) bool {
	switch media {
	case PDF, TIFF, PNG, JPEG, "image/jpg", "image/tif":
		return true
	}
	return false
}

// others are images and documents that are often sent and not kept as scans.
var others = []struct {
	at    int
	magic string
	name  string
}{
	{0, "II+\x00", "a BigTIFF file"}, {0, "MM\x00+", "a BigTIFF file"},
	{0, "GIF8", "a GIF image"}, {0, "BM", "a BMP image"}, {8, "WEBP", "a WebP image"},
	{4, "ftypheic", "a HEIC photograph"}, {4, "ftypmif1", "a HEIC photograph"}, {4, "ftypavif", "an AVIF image"},
	{128, "DICM", "a DICOM image"}, {0, "PK\x03\x04", "an archive or an office document"},
	{0, "\xd0\xcf\x11\xe0", "an office document"}, {0, "{\\rtf", "an RTF document"},
	{0, "\xff\x4f\xff\x51", "a JPEG 2000 image"}, {4, "jP  ", "a JPEG 2000 image"},
}

// Unfit says why bytes that Sniff does not know are not kept, where they or the
// file's name show that they were meant as a scan; "" where nothing does.
func Unfit(name, media string, head []byte) string {
	if len(head) == 0 {
		return "the file is empty"
	}
	for _, o := range others {
		if len(head) > o.at && bytes.HasPrefix(head[o.at:], []byte(o.magic)) {
			return fmt.Sprintf("it is %s; scans are kept as PDF, TIFF, PNG or JPEG", o.name)
		}
	}
	said := extensions[strings.ToLower(filepath.Ext(name))]
	if said == "" && IsScanType(media) {
		said = media
	}
	if said != "" {
		return fmt.Sprintf("it is called %s, but its bytes do not begin as one", said)
	}
	return ""
}

// unfit is Unfit for what was meant as a scan in any case.
func unfit(name, media string, raw []byte) string {
	if why := Unfit(name, media, raw); why != "" {
		return why
	}
	return "it is no PDF, TIFF, PNG or JPEG"
}

func refused(format string, args ...any) error {
	return &RefusedError{Why: fmt.Sprintf(format, args...)}
}
