package scan

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
	"io"

	"golang.org/x/image/tiff"
)

// decode draws a page of a TIFF file as it lies in the file.
func (d *directory) decode() (image.Image, error) {
	if err := d.check(); err != nil {
		return nil, err
	}
	if d.value(tagCompression, compressNone) == compressJPEG {
		return d.decodeJPEG()
	}
	img, err := tiff.Decode(&atDirectory{raw: d.raw, d: d})
	if err != nil {
		return nil, unreadable(err)
	}
	return img, nil
}

// unreadable says that an image could not be decoded, in words without content.
func unreadable(err error) error {
	var format tiff.FormatError
	var unsupported tiff.UnsupportedError
	var jpegFormat jpeg.FormatError
	var jpegUnsupported jpeg.UnsupportedError
	if errors.As(err, &format) || errors.As(err, &unsupported) || errors.As(err, &jpegFormat) || errors.As(err, &jpegUnsupported) {
		return refused("the image cannot be read: %s", err)
	}
	return refused("the image is damaged or ends too early")
}

// atDirectory shows the file to a decoder that reads the first directory only, as
// if the one wanted were the first.
type atDirectory struct {
	raw []byte
	d   *directory
	at  int64
}

// ReadAt implements io.ReaderAt.
func (r *atDirectory) ReadAt(p []byte, off int64) (int, error) {
	if off < 0 || off >= int64(len(r.raw)) {
		return 0, io.EOF
	}
	n := copy(p, r.raw[off:])
	if off < 8 {
		var head [8]byte
		copy(head[:], r.raw[:4])
		r.d.order.PutUint32(head[4:], r.d.offset)
		copy(p[:n], head[off:])
	}
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

// Read implements io.Reader.
func (r *atDirectory) Read(p []byte) (int, error) {
	n, err := r.ReadAt(p, r.at)
	r.at += int64(n)
	return n, err
}

// decodeJPEG draws a page whose strips or tiles are JPEG streams that share their
// tables (TIFF Technical Note 2).
func (d *directory) decodeJPEG() (image.Image, error) {
	w, h := int(d.value(tagWidth, 0)), int(d.value(tagLength, 0))
	bw, bh := w, int(d.value(tagRows, uint32(h))) //nolint:gosec // h was read from 32 bits
	offsets, sizes := d.values(tagStrips, maxBlocks), d.values(tagStripBytes, maxBlocks)
	if len(d.values(tagTiles, 1)) > 0 {
		bw, bh = int(d.value(tagTileWidth, 0)), int(d.value(tagTileLength, 0))
		offsets, sizes = d.values(tagTiles, maxBlocks), d.values(tagTileBytes, maxBlocks)
	}
	if bh > h && len(offsets) == 1 {
		bh = h
	}
	if bw < 8 || bh < 1 || d.value(tagPlanar, 1) != 1 {
		return nil, refused("the image is laid out in a way that is not read")
	}
	across := (w + bw - 1) / bw
	down := (h + bh - 1) / bh
	if len(offsets) != len(sizes) || len(offsets) != across*down {
		return nil, refused("the image is damaged: it has %d blocks in place of %d", len(offsets), across*down)
	}
	page := blank(w, h, d.value(tagSamples, 1) == 1)
	for i := range offsets {
		block, err := d.jpegBlock(offsets[i], sizes[i], bw, bh)
		if err != nil {
			return nil, err
		}
		at := image.Pt(i%across*bw, i/across*bh)
		draw.Draw(page, image.Rectangle{Min: at, Max: at.Add(block.Bounds().Size())}, block, block.Bounds().Min, draw.Src)
	}
	return page, nil
}

// jpegUnit is how much larger than said a block may be: what JPEG fills up to.
const jpegUnit = 32

// maxBlocks bounds the strips or tiles of a page.
const maxBlocks = 1 << 17

// blank is a white page.
func blank(w, h int, gray bool) draw.Image {
	if gray {
		img := image.NewGray(image.Rect(0, 0, w, h))
		fill(img.Pix)
		return img
	}
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	fill(img.Pix)
	return img
}

func fill(pix []byte) {
	for i := range pix {
		pix[i] = 0xff
	}
}

// jpegBlock decodes one strip or tile of w x h pixels.
func (d *directory) jpegBlock(offset, size uint32, w, h int) (image.Image, error) {
	if uint64(offset)+uint64(size) > uint64(len(d.raw)) || size < 4 {
		return nil, refused("the image is damaged: a block lies outside the file")
	}
	stream := d.raw[offset : offset+size]
	var whole bytes.Buffer
	whole.WriteString("\xff\xd8")
	if d.value(tagPhotometric, 6) == 2 && d.value(tagSamples, 1) == 3 {
		// An Adobe marker whose transform is 0 says that the three are red, green, blue.
		whole.WriteString("\xff\xee\x00\x0eAdobe\x00\x64\x00\x00\x00\x00\x00")
	}
	if f, ok := d.fields[tagJPEGTables]; ok && len(f.data) > 4 && bytes.HasPrefix(f.data, []byte("\xff\xd8")) {
		whole.Write(bytes.TrimSuffix(f.data[2:], []byte("\xff\xd9")))
	}
	whole.Write(bytes.TrimPrefix(stream, []byte("\xff\xd8")))
	config, err := jpeg.DecodeConfig(bytes.NewReader(whole.Bytes()))
	if err != nil {
		return nil, unreadable(err)
	}
	if config.Width > w+jpegUnit || config.Height > h+jpegUnit {
		return nil, refused("the image is damaged: a block is larger than the page says")
	}
	img, err := jpeg.Decode(&whole)
	if err != nil {
		return nil, unreadable(err)
	}
	return img, nil
}

// grayed is an image that has no colours as one byte a pixel, black 0; nil for
// one that has colours.
func grayed(img image.Image) *image.Gray {
	switch m := img.(type) {
	case *image.Gray:
		return m
	case *image.Gray16:
		out := image.NewGray(m.Bounds())
		for y := m.Rect.Min.Y; y < m.Rect.Max.Y; y++ {
			for x := m.Rect.Min.X; x < m.Rect.Max.X; x++ {
				out.Pix[out.PixOffset(x, y)] = m.Pix[m.PixOffset(x, y)]
			}
		}
		return out
	case *image.Paletted:
		var table [256]byte
		for i, c := range m.Palette {
			g, ok := gray(c)
			if !ok || i > 255 {
				return nil
			}
			table[i] = g
		}
		out := image.NewGray(m.Bounds())
		for y := range m.Rect.Dy() {
			from, to := m.Pix[y*m.Stride:y*m.Stride+m.Rect.Dx()], out.Pix[y*out.Stride:]
			for x, p := range from {
				to[x] = table[p]
			}
		}
		return out
	case *image.RGBA:
		return grayRGBA(m)
	}
	return nil
}

func gray(c color.Color) (byte, bool) {
	r, g, b, a := c.RGBA()
	return byte(r >> 8), r == g && g == b && a == 0xffff //nolint:gosec // RGBA gives 16 bits
}

func grayRGBA(m *image.RGBA) *image.Gray {
	for y := range m.Rect.Dy() {
		row := m.Pix[y*m.Stride : y*m.Stride+4*m.Rect.Dx()]
		for x := 0; x < len(row); x += 4 {
			if row[x] != row[x+1] || row[x] != row[x+2] || row[x+3] != 0xff {
				return nil
			}
		}
	}
	out := image.NewGray(m.Bounds())
	for y := range m.Rect.Dy() {
		row, to := m.Pix[y*m.Stride:y*m.Stride+4*m.Rect.Dx()], out.Pix[y*out.Stride:]
		for x := 0; x < len(row); x += 4 {
			to[x/4] = row[x]
		}
	}
	return out
}

// errTurn is a turn that is none of the four.
var errTurn = fmt.Errorf("%w: a page is turned by 0, 90, 180 or 270", ErrInvalid)
