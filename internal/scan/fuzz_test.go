package scan

import (
	"bytes"
	"image"
	"testing"
)

// FuzzRead gives images of all kinds, most of them damaged: what is read has pages
// of a size, and nothing ends the process. testdata/fuzz/FuzzRead holds small files
// of each kind and compression.
func FuzzRead(f *testing.F) {
	f.Add([]byte("II*\x00\x08\x00\x00\x00\x01\x00"))
	f.Add([]byte("MM\x00*\x00\x00\x00\x08\x00\x00\x00\x00\x00\x00"))
	f.Add([]byte("\xff\xd8\xff\xe1\x00\x16Exif\x00\x00II*\x00\x08\x00\x00\x00\x00\x00\x00\x00"))
	f.Add([]byte("GIF89a"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		media := Sniff(raw)
		if media == "" || media == PDF { // PDFium has fuzzers of its own, and a memory of its own here
			_ = unfit("a.tif", "", raw)
			return
		}
		if media != TIFF {
			_ = exifTurn(raw)
			if c, _, err := image.DecodeConfig(bytes.NewReader(raw)); err == nil && c.Width*c.Height < 1<<16 {
				_, _ = decodeImage(media, raw)
			}
			return
		}
		pages, err := walkTIFF(raw)
		if err != nil {
			return
		}
		if len(pages) == 0 {
			t.Fatal("a file without pages was read")
		}
		for i := range pages {
			d := &pages[i]
			if d.check() != nil {
				continue
			}
			if at := d.size(); at.w <= 0 || at.h <= 0 {
				t.Errorf("page %d is %v points", i+1, at)
			}
			// Larger ones take long and show no more.
			if d.value(tagWidth, 0)*d.value(tagLength, 0) < 1<<14 && d.value(tagTileWidth, 0) < 1<<8 && d.value(tagTileLength, 0) < 1<<8 {
				_, _ = d.decode()
			}
		}
	})
}

// FuzzTSV gives what tesseract might print: words stand in the text where they say.
func FuzzTSV(f *testing.F) {
	f.Add([]byte("level\tpage\n1\t1\t0\t0\t0\t0\t0\t0\t100\t200\t-1\t\n5\t1\t1\t1\t1\t1\t10\t20\t30\t10\t91.2\tHello\n5\t1\t1\t1\t2\t1\t10\t40\t30\t10\t12\tw\u00e9rld\n"))
	f.Add([]byte("5\t1\t1\t1\t1\t1\t10\t20\t30\t10\t91.2\tHello\n"))
	f.Add([]byte("1\t1\t0\t0\t0\t0\t0\t0\t1\t1\t-1\t\n5\t1\t1\t1\t1\t1\t999999\t2\t3\t1\t9e99\t\xff \x00x\n"))
	f.Fuzz(func(t *testing.T, out []byte) {
		words, _ := readTSV(out)
		for _, w := range words.list {
			if w.Start < 0 || w.End > len(words.text) || words.text[w.Start:w.End] != w.Text || w.Text == "" {
				t.Errorf("%+v in %q", w, words.text)
			}
			if b := w.Box; b.X < 0 || b.Y < 0 || b.X > 1000 || b.Y > 1000 || b.W < 1 || b.H < 1 || b.X+b.W > 1001 || b.Y+b.H > 1001 {
				t.Errorf("%+v", w)
			}
		}
	})
}

// TestBoxesTurnBack checks that four quarters, or a turn and its opposite, leave a
// box where it was.
func TestBoxesTurnBack(t *testing.T) {
	b := Box{X: 100, Y: 250, W: 300, H: 40}
	for _, turn := range []int{0, 90, 180, 270} {
		if back := b.Turned(turn).Turned((360 - turn) % 360); back != b {
			t.Errorf("turned by %d and back it is %+v", turn, back)
		}
	}
	if got, want := b.Turned(90), (Box{X: 710, Y: 100, W: 40, H: 300}); got != want {
		t.Errorf("turned by 90 it is %+v, want %+v", got, want)
	}
}

// TestFitKeepsShapeAndMemory checks the size of pages that are drawn.
func TestFitKeepsShapeAndMemory(t *testing.T) {
	for _, c := range []struct {
		w, h               float64
		width, turn        int
		wantAcross, wantUp int
	}{
		{612, 792, 612, 0, 612, 792}, {612, 792, 792, 90, 612, 792}, {0, 0, 612, 0, 612, 792},
		{612, 792, 306, 180, 306, 396}, {10, 100_000, 4000, 0, 48, 489_898},
	} {
		if a, d := fit(c.w, c.h, c.width, c.turn); a != c.wantAcross || d/1000 != c.wantUp/1000 || a*d > maxDrawn+maxDrawn/50 {
			t.Errorf("%v x %v at %d turned by %d is drawn %d x %d, want %d x %d", c.w, c.h, c.width, c.turn, a, d, c.wantAcross, c.wantUp)
		}
	}
}
