package scan_test

import (
	"encoding/binary"
	"runtime"
	"strconv"
	"testing"
	"time"

	"codeberg.org/go-pdf/fpdf"

	"chartroom/internal/gate/gatetest"
	"chartroom/internal/testenv"
)

// thousand is a PDF of a thousand invented pages.
func thousand(tb testing.TB) []byte {
	tb.Helper()
	return pdfOf(tb, 1000, func(p *fpdf.Fpdf, page int) {
		for i := range 4 {
			p.MultiCell(0, 16, "Page "+strconv.Itoa(page+1)+", paragraph "+strconv.Itoa(i+1)+". "+form(page), "", "L", false)
		}
	})
}

// thousandTIFF is a TIFF of a thousand fax pages.
func thousandTIFF() []byte {
	pages := make([]tiffPage, 1000)
	for i := range pages {
		pages[i] = faxPage()
	}
	return tiffOf(binary.LittleEndian, pages...)
}

func TestAThousandPagesAreUsable(t *testing.T) {
	for name, raw := range map[string][]byte{"PDF": thousand(t), "TIFF": thousandTIFF()} {
		t.Run(name, func(t *testing.T) {
			s, actor := open(t, gatetest.Open(t)), gatetest.Actor()
			if _, _, err := s.Keep(t.Context(), actor, "first.pdf", "", pdfOf(t, 1, nil)); err != nil {
				t.Fatal(err)
			}
			peak := memoryPeak()
			start := time.Now()
			kept, _, err := s.Keep(t.Context(), actor, "thousand", "", raw)
			if err != nil || kept.Pages != 1000 {
				t.Fatalf("%+v: %v", kept, err)
			}
			took := time.Since(start)
			t.Logf("%d KB paged and kept in %v: %.0f pages/s", len(raw)>>10, took.Round(time.Millisecond), 1000/took.Seconds())
			start = time.Now()
			if _, pages, err := s.Scan(t.Context(), actor, kept.ID); err != nil || len(pages) != 1000 {
				t.Fatalf("%d pages: %v", len(pages), err)
			}
			t.Logf("listed in %v", time.Since(start).Round(time.Millisecond))
			for _, n := range []int{1, 2, 999, 1000} {
				start = time.Now()
				img, err := s.Image(t.Context(), actor, kept.ID, n, 1200, 0)
				if err != nil || len(img) == 0 {
					t.Fatal(err)
				}
				t.Logf("page %d drawn in %v, %d KB", n, time.Since(start).Round(100*time.Microsecond), len(img)>>10)
			}
			t.Logf("%d MB of Go memory more at the peak", peak()>>20)
		})
	}
}

// memoryPeak measures the growth of the heap until it is asked.
func memoryPeak() func() uint64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	before, most := m.HeapInuse, m.HeapInuse
	stop, done := make(chan bool), make(chan bool)
	go func() {
		defer close(done)
		tick := time.NewTicker(20 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-stop:
				return
			case <-tick.C:
				var now runtime.MemStats
				runtime.ReadMemStats(&now)
				most = max(most, now.HeapInuse)
			}
		}
	}()
	return func() uint64 { close(stop); <-done; return most - before }
}

func BenchmarkDrawPDF(b *testing.B) {
	s, actor := open(b, gatetest.Open(b)), gatetest.Actor()
	kept, _, err := s.Keep(b.Context(), actor, "", "", thousand(b))
	if err != nil {
		b.Fatal(err)
	}
	n := 0
	for b.Loop() {
		// Another width each round, so that no page comes from memory.
		if _, err := s.Image(b.Context(), actor, kept.ID, n%1000+1, 1200+n/1000, 0); err != nil {
			b.Fatal(err)
		}
		n++
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "pages/s")
}

func BenchmarkDrawFax(b *testing.B) {
	s, actor := open(b, gatetest.Open(b)), gatetest.Actor()
	kept, _, err := s.Keep(b.Context(), actor, "", "", thousandTIFF())
	if err != nil {
		b.Fatal(err)
	}
	n := 0
	for b.Loop() {
		if _, err := s.Image(b.Context(), actor, kept.ID, n%1000+1, 1200+n/1000, 0); err != nil {
			b.Fatal(err)
		}
		n++
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "pages/s")
}

func BenchmarkReadTextLayer(b *testing.B) {
	s, actor := open(b, gatetest.Open(b)), gatetest.Actor()
	pages := 0
	for b.Loop() {
		b.StopTimer()
		raw := pdfOf(b, 20, func(p *fpdf.Fpdf, page int) {
			p.MultiCell(0, 16, strconv.Itoa(pages)+form(page)+form(page), "", "L", false)
		})
		if _, _, err := s.Keep(b.Context(), actor, "", "", raw); err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
		if err := s.ReadWaiting(b.Context()); err != nil {
			b.Fatal(err)
		}
		pages += 20
	}
	b.ReportMetric(float64(pages)/b.Elapsed().Seconds(), "pages/s")
}

func BenchmarkRecogniseWords(b *testing.B) {
	s, actor := openWith(b, gatetest.Open(b), testenv.Program(b, "tesseract", "apt-get install tesseract-ocr")), gatetest.Actor()
	page := paper(1700, 2200, 3, letter...)
	n := 0
	for b.Loop() {
		page.Pix[n%len(page.Pix)] ^= 1 // other bytes, the same words
		raw := tiffOf(binary.LittleEndian, grayPage(page, 8, deflated))
		if _, _, err := s.Keep(b.Context(), actor, "", "", raw); err != nil {
			b.Fatal(err)
		}
		if err := s.ReadWaiting(b.Context()); err != nil {
			b.Fatal(err)
		}
		n++
	}
	b.ReportMetric(b.Elapsed().Seconds()/float64(n), "s/page")
}
