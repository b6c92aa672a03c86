package scan_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"image"
	"image/color"
	"image/png"
	"path/filepath"
	"strings"
	"testing"

	"codeberg.org/go-pdf/fpdf"

	"chartroom/internal/gate"
	"chartroom/internal/gate/gatetest"
	"chartroom/internal/scan"
	"chartroom/internal/seal"
)

// open makes the door of the scans on a gate, without tesseract.
func open(tb testing.TB, g *gate.Gate) *scan.Service {
	tb.Helper()
	return openWith(tb, g, "-")
}

func openWith(tb testing.TB, g *gate.Gate, tesseract string) *scan.Service {
	tb.Helper()
	ring, err := seal.OpenRing(seal.File(filepath.Join(tb.TempDir(), seal.KeyFile)))
	if err != nil {
		tb.Fatal(err)
	}
	s := scan.New(g, ring, scan.Options{Tesseract: tesseract})
	tb.Cleanup(s.Close)
	return s
}

// form is the text of an invented page.
func form(page int) string {
	return "MERIDIAN VALLEY HOSPITAL\nOperative report, page " + string(rune('A'+page%26)) + "\n" +
		"Patient: Quillfeather, Odalys   MRN 7700415\nBorn 1961-03-09\n\n" +
		"Laparoscopic cholecystectomy for chronic cholecystitis. The gallbladder was removed without incident."
}

// pdfOf makes a PDF of invented pages. each may set a page up before it is written on.
func pdfOf(tb testing.TB, pages int, each func(p *fpdf.Fpdf, page int)) []byte {
	tb.Helper()
	p := fpdf.New("P", "pt", "Letter", "")
	p.SetFont("Helvetica", "", 12)
	for i := range pages {
		p.AddPage()
		if each != nil {
			each(p, i)
			continue
		}
		p.MultiCell(0, 16, form(i), "", "L", false)
	}
	var out bytes.Buffer
	if err := p.Output(&out); err != nil {
		tb.Fatal(err)
	}
	return out.Bytes()
}

func TestAPDFIsKeptPagedDrawnAndRead(t *testing.T) {
	gatetest.Both(t, func(t *testing.T, g *gate.Gate) {
		s, actor := open(t, g), gatetest.Actor()
		raw := pdfOf(t, 3, nil)
		kept, repeated, err := s.Keep(t.Context(), actor, "op report.pdf", "application/pdf", raw)
		if err != nil || repeated || kept.Pages != 3 || kept.Media != scan.PDF {
			t.Fatalf("kept %+v, repeated %v: %v", kept, repeated, err)
		}
		again, repeated, err := s.Keep(t.Context(), actor, "other name.pdf", "", raw)
		if err != nil || !repeated || again.ID != kept.ID {
			t.Errorf("the same bytes are %v, repeated %v: %v", again.ID, repeated, err)
		}
		sc, back, err := s.Original(t.Context(), actor, kept.ID)
		if err != nil || !bytes.Equal(back, raw) || sc.Name != "op report.pdf" {
			t.Errorf("the bytes come back as %d of %d, name %q: %v", len(back), len(raw), sc.Name, err)
		}
		if err := s.ReadWaiting(t.Context()); err != nil {
			t.Fatal(err)
		}
		sc, pages, err := s.Scan(t.Context(), actor, kept.ID)
		if err != nil || sc.Pending != 0 || len(pages) != 3 {
			t.Fatalf("%+v with %d pages: %v", sc, len(pages), err)
		}
		for _, p := range pages {
			if p.State != scan.Text || p.Width != 612 || p.Height != 792 || p.Turn != 0 || p.Words < 20 {
				t.Errorf("page %+v", p)
			}
		}
		img, err := s.Image(t.Context(), actor, kept.ID, 2, 600, 0)
		checkPNG(t, img, err, 600, 776)
		img, err = s.Image(t.Context(), actor, kept.ID, 2, 600, 90)
		checkPNG(t, img, err, 600, 464)
		words, err := s.Words(t.Context(), actor, kept.ID, 2)
		if err != nil || !strings.Contains(words.Text, "Patient: Quillfeather, Odalys MRN 7700415\n") {
			t.Errorf("page 2 reads %q: %v", words.Text, err)
		}
		checkWords(t, words)
	})
}

func checkPNG(t *testing.T, raw []byte, err error, w, h int) image.Image {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	img, err := png.Decode(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	if b := img.Bounds(); b.Dx() != w || b.Dy() < h-2 || b.Dy() > h+2 {
		t.Errorf("drawn %d x %d, want %d x %d", b.Dx(), b.Dy(), w, h)
	}
	return img
}

// checkWords checks what always holds of the words of a page.
func checkWords(t *testing.T, p scan.PageText) {
	t.Helper()
	end := 0
	for _, w := range p.List {
		if w.Start < end || w.End > len(p.Text) || p.Text[w.Start:w.End] != w.Text {
			t.Errorf("word %+v stands for %q", w, p.Text[min(w.Start, len(p.Text)):min(w.End, len(p.Text))])
		}
		end = w.End
		if b := w.Box; b.X < 0 || b.Y < 0 || b.W < 1 || b.H < 1 || b.X+b.W > 1001 || b.Y+b.H > 1001 {
			t.Errorf("word %q stands at %+v", w.Text, b)
		}
	}
}

// wordAt finds a word of a page.
func wordAt(t *testing.T, p scan.PageText, text string) scan.Box {
	t.Helper()
	for _, w := range p.List {
		if w.Text == text {
			return w.Box
		}
	}
	t.Fatalf("the page has no word %q: %q", text, p.Text)
	return scan.Box{}
}

func TestTheBoxesAreWhereTheInkIs(t *testing.T) {
	s, actor := open(t, gatetest.Open(t)), gatetest.Actor()
	for _, angle := range []float64{0, 90, 180, 270} {
		raw := pdfOf(t, 1, func(p *fpdf.Fpdf, _ int) {
			p.TransformBegin()
			p.TransformRotate(angle, 306, 396)
			p.Text(250, 300, "Cholecystectomy")
			p.TransformEnd()
		})
		kept, _, err := s.Keep(t.Context(), actor, "", "", raw)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.ReadWaiting(t.Context()); err != nil {
			t.Fatal(err)
		}
		words, err := s.Words(t.Context(), actor, kept.ID, 1)
		if err != nil {
			t.Fatal(err)
		}
		// Written at an angle counterclockwise, it stands upright turned clockwise by it.
		if words.Turn != int(angle) {
			t.Errorf("written at %v degrees, the turn proposed is %d", angle, words.Turn)
		}
		drawn, err := s.Image(t.Context(), actor, kept.ID, 1, 1000, words.Turn)
		if err != nil {
			t.Fatal(err)
		}
		img, err := png.Decode(bytes.NewReader(drawn))
		if err != nil {
			t.Fatal(err)
		}
		box, ink := wordAt(t, words, "Cholecystectomy").Turned(words.Turn), inkOf(img)
		if far(box.X, ink.X) || far(box.Y, ink.Y) || far(box.W, ink.W) || far(box.H, ink.H) || box.W < box.H {
			t.Errorf("at %v degrees the word is said to stand at %+v, its ink at %+v", angle, box, ink)
		}
	}
}

func far(a, b int) bool { return a-b > 4 || b-a > 4 }

// inkOf is the box of all that is not white, in thousandths.
func inkOf(img image.Image) scan.Box {
	b := img.Bounds()
	ink := image.Rectangle{}
	for y := b.Min.Y; y < b.Max.Y; y++ {
		for x := b.Min.X; x < b.Max.X; x++ {
			if g, ok := color.GrayModel.Convert(img.At(x, y)).(color.Gray); ok && g.Y < 128 {
				ink = ink.Union(image.Rect(x, y, x+1, y+1))
			}
		}
	}
	return scan.Box{
		X: 1000 * ink.Min.X / b.Dx(), Y: 1000 * ink.Min.Y / b.Dy(), W: 1000 * ink.Dx() / b.Dx(), H: 1000 * ink.Dy() / b.Dy(),
	}
}

func TestWhatIsNotKeptIsRefusedWithAReason(t *testing.T) {
	s, actor := open(t, gatetest.Open(t)), gatetest.Actor()
	whole := pdfOf(t, 1, nil)
	locked := fpdf.New("P", "pt", "Letter", "")
	locked.SetProtection(fpdf.CnProtectPrint, "secret", "owner")
	locked.AddPage()
	var encrypted bytes.Buffer
	if err := locked.Output(&encrypted); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, file, media string
		raw               []byte
		why               string
	}{
		{"nothing", "a.pdf", "", nil, "empty"},
		{"encrypted", "a.pdf", "", encrypted.Bytes(), "encrypted"},
		{"cut off", "a.pdf", "", whole[:300], "damaged"},
		{"a header alone", "a.pdf", "", []byte("%PDF-1.7\n"), "damaged"},
		{"no PDF", "a.pdf", "", []byte("hello there"), "it is called application/pdf, but"},
		{"no PDF by type", "", "application/pdf", []byte("hello there"), "it is called application/pdf, but"},
		{"a GIF", "a.tif", "", []byte("GIF89a..."), "a GIF image"},
		{"an office document", "a.docx", "", []byte("PK\x03\x04...."), "office document"},
		{"text", "a.txt", "", []byte("hello"), "no PDF, TIFF, PNG or JPEG"},
		{"a TIFF of 8 bytes", "a.tif", "", []byte("II*\x00\x08\x00\x00\x00"), "directory 1"},
		{"a TIFF without pages", "a.tif", "", []byte("II*\x00\x00\x00\x00\x00"), "no pages"},
		{"a cut PNG", "a.png", "", pngOf(t, 40, 40)[:60], "damaged"},
		{"a PNG bomb", "a.png", "", bomb(t), "60000 x 60000 pixels"},
		{"a BigTIFF", "a.tif", "", []byte("II+\x00\x08\x00\x00\x00"), "BigTIFF"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, _, err := s.Keep(t.Context(), actor, c.file, c.media, c.raw)
			var no *scan.RefusedError
			if !errors.As(err, &no) || !strings.Contains(no.Why, c.why) {
				t.Errorf("refused with %v, want %q", err, c.why)
			}
		})
	}
}

func pngOf(tb testing.TB, w, h int) []byte {
	tb.Helper()
	img := image.NewGray(image.Rect(0, 0, w, h))
	for i := range img.Pix {
		img.Pix[i] = byte(i * 7)
	}
	var out bytes.Buffer
	if err := png.Encode(&out, img); err != nil {
		tb.Fatal(err)
	}
	return out.Bytes()
}

func TestPagesFollowTheRecordTheyBelongTo(t *testing.T) {
	gatetest.Both(t, func(t *testing.T, g *gate.Gate) {
		s, actor := open(t, g), gatetest.Actor()
		kept, _, err := s.Keep(t.Context(), actor, "two.pdf", "", pdfOf(t, 2, nil))
		if err != nil {
			t.Fatal(err)
		}
		owner := scan.Owner{Record: gate.NewID(), Encounter: gate.NewID(), Document: gate.NewID()}
		assign := func(page int, o scan.Owner) error {
			return g.Change(t.Context(), actor, "incoming.index", gate.Department(), func(tx *gate.Tx) error {
				return s.AssignTx(t.Context(), tx, kept.ID, page, o)
			})
		}
		if err := assign(2, owner); err != nil {
			t.Fatal(err)
		}
		if err := assign(3, owner); !errors.Is(err, scan.ErrNotFound) {
			t.Errorf("a page that there is not is assigned: %v", err)
		}
		for page, want := range map[int][]string{1: {"department"}, 2: {"record", "encounter", "document"}} {
			if _, err := s.Image(t.Context(), actor, kept.ID, page, 100, 0); err != nil {
				t.Fatal(err)
			}
			entries := gatetest.Entries(t, g)
			last := entries[len(entries)-1]
			var kinds []string
			for _, sub := range last.Subjects[1:] {
				kinds = append(kinds, sub.Kind)
			}
			if last.Action != scan.ActionRead || strings.Join(kinds, " ") != strings.Join(want, " ") {
				t.Errorf("page %d is asked about as %v by %s, want %v", page, kinds, last.Action, want)
			}
		}
		if err := assign(2, scan.Owner{}); err != nil {
			t.Fatal(err)
		}
		_, pages, err := s.Scan(t.Context(), actor, kept.ID)
		if err != nil || pages[1].Owner != (scan.Owner{}) {
			t.Errorf("taken back, page 2 belongs to %+v: %v", pages[1].Owner, err)
		}
	})
}

func TestTheLimitsOfOneScan(t *testing.T) {
	s := open(t, gatetest.Open(t))
	blank := func(*fpdf.Fpdf, int) {}
	for name, c := range map[string]struct {
		raw []byte
		why string
	}{
		"bytes":      {make([]byte, scan.MaxBytes+1), "larger than 256 MiB"},
		"PDF pages":  {pdfOf(t, scan.MaxPages+1, blank), "more than 5000 pages"},
		"TIFF pages": {manyPages(scan.MaxPages + 1), "more than 5000 pages"},
	} {
		_, err := s.Read(t.Context(), "a", "", c.raw)
		var no *scan.RefusedError
		if !errors.As(err, &no) || !strings.Contains(no.Why, c.why) {
			t.Errorf("%s: %v, want %q", name, err, c.why)
		}
	}
	if p, err := s.Read(t.Context(), "a", "", pdfOf(t, scan.MaxPages, blank)); err != nil || p.Pages != scan.MaxPages {
		t.Errorf("%d pages: %v", scan.MaxPages, err)
	}
}

func manyPages(n int) []byte {
	pages := make([]tiffPage, n)
	page := grayPage(paper(8, 10, 1), 1, plain)
	for i := range pages {
		pages[i] = page
	}
	return tiffOf(binary.LittleEndian, pages...)
}
