package scan

import (
	"context"
	"errors"
	"fmt"
	"image"

	"chartroom/internal/gate"
)

// drawnKey names a page as it was drawn.
type drawnKey struct {
	scan              string
	page, width, turn int
}

// usualWidth is how wide a page is drawn where nothing is said, in pixels.
const usualWidth = 1200

// Image draws a page as a PNG, width pixels wide (1 to MaxWidth; 0 takes 1200)
// after it was turned clockwise by turn (0, 90, 180, 270), in one action.
func (s *Service) Image(ctx context.Context, actor gate.Actor, scan string, page, width, turn int) ([]byte, error) {
	if width == 0 {
		width = usualWidth
	}
	if width < 1 || width > MaxWidth {
		return nil, fmt.Errorf("%w: a page is drawn 1 to %d pixels wide", ErrInvalid, MaxWidth)
	}
	if turn < 0 || turn > 270 || turn%90 != 0 {
		return nil, errTurn
	}
	key := drawnKey{scan, page, width, turn}
	for try := range 2 {
		at, err := s.sheet(ctx, actor, scan, page, key, try > 0)
		if err != nil {
			return nil, err
		}
		if at.drawn != nil {
			return at.drawn, nil
		}
		img, err := s.draw(ctx, at, width, turn)
		if errors.Is(err, errClosed) {
			continue // another file was opened in between: this time with the bytes
		}
		if err != nil {
			return nil, fmt.Errorf("draw page %d: %w", page, err)
		}
		out, err := s.encodePNG(turned(img, turn))
		if err != nil {
			return nil, err
		}
		s.drawn.put(key, out)
		return out, nil
	}
	return nil, ErrTimeout
}

// errClosed says that a file that was open in the drawer is so no longer.
var errClosed = errors.New("the file is not open")

// sheet is a page that is to be drawn or read: what is needed for it.
type sheet struct {
	id, media string
	page      int
	size      size
	raw       []byte // nil where the drawer has the file open
	drawn     []byte // as it was drawn before
}

// sheet asks for a page, in an action of its own, and brings the bytes that are
// needed to draw it.
func (s *Service) sheet(ctx context.Context, actor gate.Actor, scan string, page int, key drawnKey, bytes bool) (sheet, error) {
	var at sheet
	err := s.gate.Read(ctx, actor, ActionRead, subject(scan), func(tx *gate.Tx) error {
		pages, err := s.openPages(ctx, tx, scan, page, page)
		if err != nil {
			return err
		}
		at = sheet{id: scan, page: page, size: size{pages[0].Width, pages[0].Height}, drawn: s.drawn.get(key)}
		if at.drawn != nil {
			return nil
		}
		sc, err := s.headTx(ctx, tx, scan)
		if err != nil {
			return err
		}
		at.media = sc.Media
		if at.raw = s.files.get(scan); at.raw != nil || !bytes && sc.Media == PDF && s.engine.has(scan) {
			return nil
		}
		at.raw, err = s.bytesTx(ctx, tx, sc)
		return err
	})
	if err != nil {
		return sheet{}, fmt.Errorf("page: %w", err)
	}
	if at.raw != nil && at.media != PDF {
		s.files.put(scan, at.raw)
	}
	return at, nil
}

// load gives the bytes of the file to who opens it.
func (at *sheet) load() ([]byte, error) {
	if at.raw == nil {
		return nil, errClosed
	}
	return at.raw, nil
}

// draw draws a page so that it is width pixels wide once it is turned; the turn
// itself is left to the caller.
func (s *Service) draw(ctx context.Context, at sheet, width, turn int) (image.Image, error) {
	w, h := fit(at.size.w, at.size.h, width, turn)
	if at.media == PDF {
		img, err := s.engine.pdfPage(ctx, at.id, at.load, at.page, w, h)
		if err != nil {
			return nil, err
		}
		return img, nil
	}
	select {
	case s.seats <- struct{}{}:
		defer func() { <-s.seats }()
	case <-ctx.Done():
		return nil, fmt.Errorf("wait to draw a page: %w", ctx.Err())
	}
	img, own, err := decodePage(at.media, at.raw, at.page)
	if err != nil {
		return nil, err
	}
	// The turn that the file itself asks for comes first, on the smaller image.
	if own%180 != 0 {
		w, h = h, w
	}
	return turned(resize(img, w, h), own), nil
}

// decodePage decodes a page of a TIFF, PNG or JPEG file as it lies there, and says
// what turn the file asks for.
func decodePage(media string, raw []byte, page int) (img image.Image, own int, err error) {
	switch media {
	case TIFF:
		pages, err := walkTIFF(raw)
		if err != nil {
			return nil, 0, err
		}
		if page < 1 || page > len(pages) {
			return nil, 0, ErrNotFound
		}
		d := &pages[page-1]
		img, err = d.decode()
		return img, orientationTurn(d.value(tagOrientation, 1)), err
	case JPEG:
		img, err = decodeImage(media, raw)
		return img, exifTurn(raw), err
	case PNG:
		img, err = decodeImage(media, raw)
		return img, 0, err
	}
	return nil, 0, refused("it is no image")
}
