package scan_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"image"
	"image/png"
	"os"
	"strings"
	"testing"
	"time"

	"chartroom/internal/gate"
	"chartroom/internal/gate/gatetest"
	"chartroom/internal/scan"
	"chartroom/internal/testenv"
)

// letter is what stands on the pages that are read here.
var letter = []string{
	"MERIDIAN VALLEY HOSPITAL", "DISCHARGE SUMMARY", "Patient name: Odalys Quillfeather", "Record number: 7700415",
	"Date of birth: 1961-03-09", "", "The patient was admitted with pneumonia of the right", "lower lobe and treated with ceftriaxone for seven days.",
	"She was discharged home in good condition and will see", "her physician in two weeks. Blood pressure was stable.",
}

func TestWordsAreReadFromImages(t *testing.T) {
	tesseract := testenv.Program(t, "tesseract", "apt-get install tesseract-ocr")
	s, actor := openWith(t, gatetest.Open(t), tesseract), gatetest.Actor()
	before := temporary(t)
	upright := paper(1700, 2200, 3, letter...)
	for turn, orientation := range map[int]uint32{0: 1, 180: 3, 90: 6, 270: 8} {
		// The file holds the page turned; a second page says so, as some scanners do.
		page := turnedGray(upright, (360-turn)%360)
		raw := tiffOf(binary.LittleEndian, grayPage(page, 8, deflated),
			grayPage(page, 8, deflated, entry{tag: 274, kind: 3, values: []uint32{orientation}}))
		kept, _, err := s.Keep(t.Context(), actor, "summary.tif", "", raw)
		if err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		if err := s.ReadWaiting(t.Context()); err != nil {
			t.Fatal(err)
		}
		t.Logf("turn %d: %.2f s a page", turn, time.Since(start).Seconds()/2)
		for n, want := range []int{turn, 0} {
			words, err := s.Words(t.Context(), actor, kept.ID, n+1)
			if err != nil {
				t.Fatal(err)
			}
			checkWords(t, words)
			if words.State != scan.OCR || words.Turn != want || !strings.Contains(words.Text, "7700415") || !strings.Contains(words.Text, "pneumonia of the right") {
				t.Errorf("page %d turned by %d: state %s, turn %d, text %q", n+1, turn, words.State, words.Turn, words.Text)
				continue
			}
			t.Logf("%d words", len(words.List))
			box := wordAt(t, words, "7700415").Turned(words.Turn)
			if far(box.X, 220) || far(box.Y, 131) {
				t.Errorf("page %d turned by %d: the record number stands at %+v", n+1, turn, box)
			}
		}
	}
	if after := temporary(t); after != before {
		t.Errorf("reading leaves files behind: %s, before %s", after, before)
	}
}

// temporary lists what tesseract or its libraries may have left in the folder of
// temporary files.
func temporary(t *testing.T) string {
	t.Helper()
	entries, err := os.ReadDir(os.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		if strings.Contains(e.Name(), "tess") || strings.Contains(e.Name(), "lept") {
			names = append(names, e.Name())
		}
	}
	return strings.Join(names, " ")
}

func TestWithoutTesseractAPageHasNoWords(t *testing.T) {
	s, actor := open(t, gatetest.Open(t)), gatetest.Actor()
	kept, _, err := s.Keep(t.Context(), actor, "page.png", "", pngOf(t, 40, 40))
	if err != nil {
		t.Fatal(err)
	}
	if words, err := s.Words(t.Context(), actor, kept.ID, 1); err != nil || words.State != scan.Pending || len(words.List) != 0 {
		t.Errorf("before it was read: %+v, %v", words, err)
	}
	if err := s.ReadWaiting(t.Context()); err != nil {
		t.Fatal(err)
	}
	if words, err := s.Words(t.Context(), actor, kept.ID, 1); err != nil || words.State != scan.None || words.Text != "" {
		t.Errorf("after it was read: %+v, %v", words, err)
	}
}

func TestAScanIsReadInTheBackgroundAndWhoWatchesIsTold(t *testing.T) {
	gatetest.Both(t, func(t *testing.T, g *gate.Gate) {
		s, actor := open(t, g), gatetest.Actor()
		told := make(chan scan.News, 8)
		s.Watch(func(_ context.Context, _ *gate.Tx, news []scan.News) error {
			for _, n := range news {
				told <- n
			}
			return nil
		})
		kept, _, err := s.Keep(t.Context(), actor, "two.pdf", "", pdfOf(t, 2, nil))
		if err != nil {
			t.Fatal(err)
		}
		owner := scan.Owner{Record: gate.NewID(), Document: gate.NewID()}
		err = g.Change(t.Context(), actor, "incoming.index", gate.Department(), func(tx *gate.Tx) error {
			return s.AssignTx(t.Context(), tx, kept.ID, 2, owner)
		})
		if err != nil {
			t.Fatal(err)
		}
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan bool)
		go func() {
			s.Run(ctx, func(err error) { t.Error(err) })
			close(ended)
		}()
		select {
		case n := <-told:
			if n != (scan.News{Scan: kept.ID, Page: 2, Record: owner.Record, Document: owner.Document}) {
				t.Errorf("told %+v", n)
			}
		case <-time.After(30 * time.Second):
			t.Error("nobody was told")
		}
		stop()
		<-ended
	})
}

// TestAReaderThatIsStoppedLetsGo: a department that is stopped while it reads a
// scan, and started again, reads on at once.
func TestAReaderThatIsStoppedLetsGo(t *testing.T) {
	g := gatetest.Open(t)
	s, actor := open(t, g), gatetest.Actor()
	begun := make(chan bool, 64)
	s.Watch(func(context.Context, *gate.Tx, []scan.News) error {
		begun <- true
		return nil
	})
	const pages = 600
	kept, _, err := s.Keep(t.Context(), actor, "long.pdf", "", pdfOf(t, pages, nil))
	if err != nil {
		t.Fatal(err)
	}
	err = g.Change(t.Context(), actor, "incoming.index", gate.Department(), func(tx *gate.Tx) error {
		return s.AssignTx(t.Context(), tx, kept.ID, 1, scan.Owner{Record: gate.NewID(), Document: gate.NewID()})
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan bool)
	go func() {
		s.Run(ctx, func(error) {}) // that it was stopped
		close(ended)
	}()
	<-begun
	stop()
	<-ended
	if words, err := s.Words(t.Context(), actor, kept.ID, pages); err != nil || words.State != scan.Pending {
		t.Fatalf("all was read before it could be stopped: %v, %v", words.State, err)
	}
	if err := s.ReadWaiting(t.Context()); err != nil {
		t.Fatal(err)
	}
	if words, err := s.Words(t.Context(), actor, kept.ID, pages); err != nil || words.State == scan.Pending {
		t.Errorf("the last page is %v, %v", words.State, err)
	}
}

func TestTheBytesDoNotLieReadable(t *testing.T) {
	raw := pngOf(t, 64, 64)
	if _, err := png.Decode(bytes.NewReader(raw)); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	g := gatetest.Open(t, func(c *gate.Config) { c.Dir = dir })
	s, actor := open(t, g), gatetest.Actor()
	pdf := pdfOf(t, 1, nil)
	for _, b := range [][]byte{raw, pdf} {
		if _, _, err := s.Keep(t.Context(), actor, "Quillfeather.pdf", "", b); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.ReadWaiting(t.Context()); err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	seen := 0
	for _, e := range entries {
		held, err := os.ReadFile(dir + "/" + e.Name())
		if err != nil {
			continue
		}
		seen += len(held)
		for _, secret := range [][]byte{[]byte("Quillfeather"), []byte("%PDF-"), raw[8:40]} {
			if bytes.Contains(held, secret) {
				t.Errorf("%s holds %q", e.Name(), secret)
			}
		}
	}
	if seen < len(pdf) {
		t.Errorf("only %d bytes were looked through", seen)
	}
}

// turnedGray turns an image clockwise.
func turnedGray(img *image.Gray, turn int) *image.Gray {
	w, h := img.Rect.Dx(), img.Rect.Dy()
	if turn%180 != 0 {
		w, h = h, w
	}
	out := image.NewGray(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			sx, sy := x, y
			switch turn {
			case 90:
				sx, sy = y, w-1-x
			case 180:
				sx, sy = w-1-x, h-1-y
			case 270:
				sx, sy = h-1-y, x
			}
			out.Pix[y*out.Stride+x] = img.GrayAt(sx, sy).Y
		}
	}
	return out
}
