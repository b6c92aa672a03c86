package words_test

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"chartroom/internal/chart"
	"chartroom/internal/gate"
	"chartroom/internal/gate/gatetest"
	"chartroom/internal/words"
)

// documents is how many documents the benchmark's department has. The figures of
// docs/performance.md are taken with -documents 200000.
var documents = flag.Int("documents", 4_000, "documents in the department of the benchmark")

// BenchmarkSearch grows a department of documents of 150 words, drawn as words are
// in texts (a few often, most seldom), and searches it.
func BenchmarkSearch(b *testing.B) {
	dir := b.TempDir()
	g := gatetest.Open(b, func(c *gate.Config) { c.Dir = dir })
	d := open(b, g, dir)
	zipf := rand.NewZipf(rand.New(rand.NewPCG(1, 2)), 1.1, 8, 30_000)
	record := ""
	var batch []chart.Document
	for n := range *documents {
		if n%2 == 0 {
			record = d.patient(fmt.Sprint(n))
		}
		var text strings.Builder
		for range 150 {
			fmt.Fprintf(&text, "w%dx ", zipf.Uint64())
		}
		if batch = append(batch, note(record, fmt.Sprintf("d%06d", n), text.String())); len(batch) == 100 {
			d.write(batch...)
			batch = nil
		}
	}
	d.write(batch...)
	began := time.Now()
	d.index()
	b.Logf("%d documents indexed, %.0f documents/s", *documents, float64(*documents)/time.Since(began).Seconds())
	for name, query := range map[string]string{"seldom": "w3000x w2900x", "often": "w1x w2x w3x", "one": "w500x", "phrase": `"w1x w2x"`, "none": "pneumonia"} {
		b.Run(name, func(b *testing.B) {
			var took []time.Duration
			for b.Loop() {
				began := time.Now()
				if _, err := d.words.Search(d.ctx, d.actor, words.Query{Words: query}); err != nil {
					b.Fatal(err)
				}
				took = append(took, time.Since(began))
			}
			slices.Sort(took)
			b.ReportMetric(float64(took[len(took)*95/100].Microseconds())/1000, "p95-ms")
		})
	}
}
