package scan

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/jpeg"
	"image/png"

	"chartroom/internal/gate"
)

// Paper is a file that was looked at and found fit to be kept: see Read.
type Paper struct {
	// ID of the scan it will be. It may be set to one that its sender's names give,
	// so that it is the same scan when it comes again; then equal bytes under another
	// id are another scan.
	ID    string
	Name  string
	Media string
	Pages int

	raw    []byte
	sizes  []size
	own    string // the id it was given here
	sum    string
	layer  map[int]pageWords // of pages that were read already
	sealed *sealedPaper
}

// Read looks at a file: what it is, whether it can be opened, how many pages it
// has. It goes by the bytes; mediaType and name only make its refusals clearer. It
// is done outside of any action. What is not to be kept is a *RefusedError.
func (s *Service) Read(ctx context.Context, name, mediaType string, raw []byte) (*Paper, error) {
	if len(raw) > MaxBytes {
		return nil, refused("it is larger than %d MiB; split it", MaxBytes>>20)
	}
	id := gate.NewID()
	p := &Paper{ID: id, own: id, Name: clean(name), Media: Sniff(raw), raw: raw}
	var err error
	switch p.Media {
	case PDF:
		p.sizes, err = s.engine.pdfSizes(ctx, id, raw)
		if err == nil && len(p.sizes) == 0 {
			err = refused("the PDF has no pages")
		}
	case TIFF:
		p.sizes, err = readTIFF(raw)
	case PNG, JPEG:
		p.sizes, err = readImage(p.Media, raw)
	default:
		return nil, &RefusedError{Why: unfit(name, mediaType, raw)}
	}
	if errors.Is(err, ErrTimeout) {
		err = refused("the file takes too long to open")
	}
	if err != nil {
		return nil, fmt.Errorf("read a scan: %w", err)
	}
	p.Pages = len(p.sizes)
	return p, nil
}

// readTIFF measures the pages of a TIFF file. The first is decoded, to see that
// the file is what it says.
func readTIFF(raw []byte) ([]size, error) {
	pages, err := walkTIFF(raw)
	if err != nil {
		return nil, err
	}
	if len(pages) > MaxPages {
		return nil, tooMany()
	}
	sizes := make([]size, len(pages))
	for i := range pages {
		if err := pages[i].check(); err != nil {
			return nil, atPage(i+1, err)
		}
		sizes[i] = pages[i].size()
	}
	if _, err := pages[0].decode(); err != nil {
		return nil, atPage(1, err)
	}
	return sizes, nil
}

// atPage names the page in a refusal.
func atPage(n int, err error) error {
	if no, ok := errors.AsType[*RefusedError](err); ok {
		return refused("page %d: %s", n, no.Why)
	}
	return err
}

// size of a page of a TIFF file, as it is shown.
func (d *directory) size() size {
	x, y := d.resolution()
	if x < 10 || y < 10 || x > 10_000 || y > 10_000 {
		x, y = usualDPI, usualDPI
	}
	at := size{72 * float64(d.value(tagWidth, 0)) / x, 72 * float64(d.value(tagLength, 0)) / y}
	if orientationTurn(d.value(tagOrientation, 1))%180 != 0 {
		at.w, at.h = at.h, at.w
	}
	return at
}

// usualDPI is what an image is taken to have that does not say how large it is.
const usualDPI = 200

// readImage measures a PNG or JPEG image and decodes it, to see that it is whole.
func readImage(media string, raw []byte) ([]size, error) {
	img, err := decodeImage(media, raw)
	if err != nil {
		return nil, err
	}
	b := img.Bounds()
	at := size{72 * float64(b.Dx()) / usualDPI, 72 * float64(b.Dy()) / usualDPI}
	if media == JPEG && exifTurn(raw)%180 != 0 {
		at.w, at.h = at.h, at.w
	}
	return []size{at}, nil
}

// decodeImage decodes a PNG or JPEG image, after it looked at its size.
func decodeImage(media string, raw []byte) (image.Image, error) {
	config, decode := png.DecodeConfig, png.Decode
	if media == JPEG {
		config, decode = jpeg.DecodeConfig, jpeg.Decode
	}
	c, err := config(bytes.NewReader(raw))
	if err != nil {
		return nil, refused("the image is damaged: its size cannot be read")
	}
	if err := checkSize(uint64(max(0, c.Width)), uint64(max(0, c.Height))); err != nil {
		return nil, err
	}
	img, err := decode(bytes.NewReader(raw))
	if err != nil {
		return nil, refused("the image is damaged or ends too early")
	}
	return img, nil
}
