package incoming_test

import (
	"fmt"
	"testing"

	"chartroom/internal/gate/gatetest"
	"chartroom/internal/incoming"
)

// BenchmarkThousandPages is the desk of a scan of a thousand pages with words:
// reading it, and indexing it as one document and taking it back.
func BenchmarkThousandPages(b *testing.B) {
	const n = 1000
	r := newRoom(b, gatetest.Open(b))
	pages := make([]string, n)
	numbers := make([]int, n)
	for i := range pages {
		pages[i], numbers[i] = fmt.Sprintf("%s\nPage %d of the record.\n", nobodyPage, i+1), i+1
	}
	pages[0] = amosPage
	sc := r.keep(b, pages...)
	b.Run("desk", func(b *testing.B) {
		for b.Loop() {
			desk, err := r.desk.Desk(b.Context(), r.actor, sc.ID)
			if err != nil || len(desk.Pages) != n {
				b.Fatalf("%d pages: %v", len(desk.Pages), err)
			}
		}
		b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds(), "pages/s")
	})
	b.Run("index", func(b *testing.B) {
		for b.Loop() {
			out, err := r.desk.Index(b.Context(), r.actor, incoming.Indexing{
				Pages: refs(sc.ID, numbers...), Record: r.amos.record, Encounter: r.amos.stay, Type: "operative report",
			})
			if err != nil {
				b.Fatal(err)
			}
			if _, err := r.desk.Unindex(b.Context(), r.actor, out.Document, out.Version, "again"); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(2*float64(n)*float64(b.N)/b.Elapsed().Seconds(), "pages/s")
	})
}
