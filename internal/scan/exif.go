package scan

import (
	"bytes"
	"encoding/binary"
)

// exifTurn is how far a JPEG is to be turned clockwise to be upright, by the
// orientation that a camera wrote into it (EXIF 2.3, tag 274); 0 where it has none.
func exifTurn(raw []byte) int {
	for at := 2; at+4 <= len(raw) && raw[at] == 0xff; {
		marker, size := raw[at+1], int(binary.BigEndian.Uint16(raw[at+2:]))
		if marker == 0xda || size < 2 || at+2+size > len(raw) {
			return 0
		}
		body := raw[at+4 : at+2+size]
		if marker == 0xe1 && bytes.HasPrefix(body, []byte("Exif\x00\x00")) {
			return orientationTurn(exifOrientation(body[6:]))
		}
		at += 2 + size
	}
	return 0
}

// exifOrientation reads the orientation of the first directory of an EXIF block,
// which is laid out as a TIFF file.
func exifOrientation(raw []byte) uint32 {
	if len(raw) < 8 || Sniff(raw) != TIFF {
		return 1
	}
	var order binary.ByteOrder = binary.LittleEndian
	if raw[0] == 'M' {
		order = binary.BigEndian
	}
	d, _, err := readDirectory(raw, order.Uint32(raw[4:]), order)
	if err != nil {
		return 1
	}
	return d.value(tagOrientation, 1)
}

// orientationTurn is the turn of an orientation; mirrored ones (2, 4, 5, 7) do not
// come from scanners and count as what they are without the mirror.
func orientationTurn(orientation uint32) int {
	switch orientation {
	case 3, 4:
		return 180
	case 5, 6:
		return 90
	case 7, 8:
		return 270
	}
	return 0
}
