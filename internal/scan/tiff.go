package scan

import (
	"encoding/binary"
	"fmt"
	"math"
)

// The TIFF tags that are looked at (TIFF 6.0, section 8 and 22; Technical Note 2).
const (
	tagSubfile     = 254
	tagWidth       = 256
	tagLength      = 257
	tagBits        = 258
	tagCompression = 259
	tagPhotometric = 262
	tagStrips      = 273
	tagOrientation = 274
	tagSamples     = 277
	tagRows        = 278
	tagStripBytes  = 279
	tagXResolution = 282
	tagYResolution = 283
	tagPlanar      = 284
	tagT4Options   = 292
	tagUnit        = 296
	tagTileWidth   = 322
	tagTileLength  = 323
	tagTiles       = 324
	tagTileBytes   = 325
	tagJPEGTables  = 347
)

// The compressions of TIFF by number.
const (
	compressNone     = 1
	compressG3       = 3
	compressG4       = 4
	compressLZW      = 5
	compressOldJPEG  = 6
	compressJPEG     = 7
	compressDeflate  = 8
	compressDeflate2 = 32946
	compressPackBits = 32773
)

// directory is one image file directory of a TIFF file.
type directory struct {
	offset uint32 // of itself in the file
	fields map[uint16]field
	order  binary.ByteOrder
	raw    []byte
}

// field is one entry: its type, how many values, and their bytes.
type field struct {
	kind  uint16
	count uint32
	data  []byte
}

// sizes of the field types 1 to 12 (TIFF 6.0, section 2).
var fieldSize = [13]uint64{0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8}

// maxFields bounds the entries of one directory; real ones have some twenty.
const maxFields = 4096

// walkTIFF lists the directories that are pages, following the chain of offsets:
// reduced copies of a page (thumbnails) are left out. It reads nothing of the
// images. A chain that leads out of the file or into itself is an error.
func walkTIFF(raw []byte) ([]directory, error) {
	if len(raw) < 8 {
		return nil, refused("the TIFF file ends within its header")
	}
	var order binary.ByteOrder = binary.LittleEndian
	if raw[0] == 'M' {
		order = binary.BigEndian
	}
	var pages []directory
	seen := map[uint32]bool{}
	for at, n := order.Uint32(raw[4:]), 1; at != 0; n++ {
		if seen[at] {
			return nil, refused("the TIFF file is damaged: the chain of its pages runs in a circle after page %d", len(pages))
		}
		seen[at] = true
		if n > 2*MaxPages || len(pages) > MaxPages {
			return nil, tooMany()
		}
		d, next, err := readDirectory(raw, at, order)
		if err != nil {
			return nil, refused("the TIFF file is damaged: directory %d %v", n, err)
		}
		if d.value(tagSubfile, 0)&1 == 0 {
			pages = append(pages, d)
		}
		at = next
	}
	if len(pages) == 0 {
		return nil, refused("the TIFF file has no pages")
	}
	return pages, nil
}

func tooMany() error { return refused("it has more than %d pages; split it", MaxPages) }

func readDirectory(raw []byte, at uint32, order binary.ByteOrder) (d directory, next uint32, err error) {
	size := uint64(len(raw))
	if uint64(at)+2 > size {
		return d, 0, fmt.Errorf("lies at byte %d, outside the file", at)
	}
	n := uint64(order.Uint16(raw[at:]))
	end := uint64(at) + 2 + 12*n
	if n == 0 || n > maxFields || end > size {
		return d, 0, fmt.Errorf("at byte %d has %d entries, which do not fit the file", at, n)
	}
	d = directory{offset: at, fields: make(map[uint16]field, n), order: order, raw: raw}
	for i := range n {
		e := raw[uint64(at)+2+12*i:]
		tag, kind, count := order.Uint16(e), order.Uint16(e[2:]), order.Uint32(e[4:])
		if kind == 0 || int(kind) >= len(fieldSize) {
			continue // a type that is not known is to be passed over
		}
		long := fieldSize[kind] * uint64(count)
		data := e[8:12]
		if long > 4 {
			from := uint64(order.Uint32(e[8:]))
			if from+long > size {
				if needed(tag) {
					return d, 0, fmt.Errorf("at byte %d has values (tag %d) outside the file", at, tag)
				}
				continue
			}
			data = raw[from : from+long]
		}
		d.fields[tag] = field{kind: kind, count: count, data: data}
	}
	if end+4 <= size {
		next = order.Uint32(raw[end:])
	}
	return d, next, nil
}

// needed are the tags without which a page cannot be drawn.
func needed(tag uint16) bool {
	switch tag {
	case tagStrips, tagStripBytes, tagTiles, tagTileBytes, tagBits, tagJPEGTables:
		return true
	}
	return false
}

// values gives the whole numbers of a field, at most limit of them.
func (d *directory) values(tag uint16, limit int) []uint32 {
	f, ok := d.fields[tag]
	if !ok {
		return nil
	}
	n := min(int(min(f.count, math.MaxInt32)), limit)
	out := make([]uint32, 0, min(n, 1024))
	for i := range n {
		switch f.kind {
		case 1, 6, 7:
			if i >= len(f.data) {
				return out
			}
			out = append(out, uint32(f.data[i]))
		case 3, 8:
			if 2*i+2 > len(f.data) {
				return out
			}
			out = append(out, uint32(d.order.Uint16(f.data[2*i:])))
		case 4, 9:
			if 4*i+4 > len(f.data) {
				return out
			}
			out = append(out, d.order.Uint32(f.data[4*i:]))
		default:
			return out
		}
	}
	return out
}

// value is the first number of a field, or other where there is none.
func (d *directory) value(tag uint16, other uint32) uint32 {
	if v := d.values(tag, 1); len(v) > 0 {
		return v[0]
	}
	return other
}

// ratio is the first rational of a field, 0 where there is none.
func (d *directory) ratio(tag uint16) float64 {
	f, ok := d.fields[tag]
	if !ok || f.kind != 5 || len(f.data) < 8 {
		return 0
	}
	num, den := d.order.Uint32(f.data), d.order.Uint32(f.data[4:])
	if den == 0 {
		return 0
	}
	return float64(num) / float64(den)
}

// resolution is how many pixels an inch has, across and down; 0 where the file
// does not say.
func (d *directory) resolution() (x, y float64) {
	x, y = d.ratio(tagXResolution), d.ratio(tagYResolution)
	switch d.value(tagUnit, 2) {
	case 1: // no unit: only the ratio of the two counts
		if x > 0 && y > 0 && x != y {
			return 200, 200 * y / x
		}
		return 0, 0
	case 3:
		x, y = x*2.54, y*2.54
	}
	return x, y
}

// check says why a page cannot be drawn, before anything of it is decoded.
func (d *directory) check() error {
	w, h := uint64(d.value(tagWidth, 0)), uint64(d.value(tagLength, 0))
	if err := checkSize(w, h); err != nil {
		return err
	}
	switch c := d.value(tagCompression, compressNone); c {
	case compressNone, compressG4, compressLZW, compressJPEG, compressDeflate, compressDeflate2, compressPackBits:
	case compressG3:
		if d.value(tagT4Options, 0)&1 != 0 {
			return refused("it is compressed by Group 3 in two dimensions, which is not read; send Group 4")
		}
	case compressOldJPEG:
		return refused("it is compressed by the JPEG of TIFF 6.0 that was given up (6), which is not read")
	default:
		return refused("it has a compression that is not read (%d)", c)
	}
	if len(d.values(tagStrips, 1))+len(d.values(tagTiles, 1)) == 0 {
		return refused("it has no image")
	}
	return nil
}

// checkSize refuses images that would take too much memory.
func checkSize(w, h uint64) error {
	switch {
	case w == 0 || h == 0:
		return refused("the image has no width or height")
	case w > 60_000 || h > 60_000 || w*h > MaxPixels:
		return refused("the image is %d x %d pixels, more than the %d million that are read", w, h, MaxPixels/1_000_000)
	}
	return nil
}
