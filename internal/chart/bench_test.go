package chart_test

import (
	"context"
	"flag"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"chartroom/internal/chart"
	"chartroom/internal/gate"
	"chartroom/internal/gate/gatetest"
	"chartroom/internal/identity"
	"chartroom/internal/seal"
)

// patients is how large the department of the benchmarks is. The figures of
// docs/performance.md are taken with -patients 100000.
var patients = flag.Int("patients", 5_000, "patients in the department of the benchmarks")

// large is a department with many patients, each with an encounter, a note and
// a few results.
type large struct {
	dir     string
	ctx     context.Context
	gate    *gate.Gate
	chart   *chart.Service
	records []string
	visits  []string
}

func grow(b *testing.B) *large {
	b.Helper()
	l := &large{dir: b.TempDir(), ctx: context.Background()}
	l.gate = gatetest.Open(b, func(c *gate.Config) { c.Dir = l.dir })
	ring, err := seal.OpenRing(seal.File(filepath.Join(l.dir, seal.KeyFile)))
	if err != nil {
		b.Fatal(err)
	}
	l.chart = chart.New(l.gate, ring, identity.New(l.gate, ring))
	started := time.Now()
	for from := 0; from < *patients; from += 50 {
		l.add(b, from, min(from+50, *patients))
	}
	b.Logf("%d patients in %v", *patients, time.Since(started).Round(time.Second))
	return l
}

func (l *large) add(b *testing.B, from, to int) {
	b.Helper()
	given := []string{"Marta", "Otto", "Ilse", "Ben", "Ngozi", "Ada", "Theo", "Ruth", "Amir", "Lena"}
	family := []string{"Quill", "Ferris", "Okafor", "Abara", "Larkin", "Vance", "Holm", "Sato", "Reyes", "Novak", "Li"}
	err := l.gate.Change(l.ctx, gatetest.Actor(), "test.grow", gate.Department(), func(tx *gate.Tx) error {
		for n := from; n < to; n++ {
			number := fmt.Sprintf("%08d", n)
			record, _, err := l.chart.RecordFor(l.ctx, tx, []chart.Identifier{{Kind: "MR", Assigner: "HOSP", Value: number}}, "")
			if err != nil {
				return err
			}
			visit := gate.NewID()
			start := noon.Add(-time.Duration(n) * time.Minute)
			var batch chart.Batch
			batch.AddPatient(chart.Patient{
				Version: chart.Version{Record: record}, Name: chart.Name{Family: family[n%len(family)] + family[n/7%len(family)], Given: given[n%len(given)]},
				BirthDate: noon.AddDate(-20-n%60, 0, -n%365).Format("2006-01-02"), Sex: "female",
				Identifiers: []chart.Identifier{{Kind: "MR", Assigner: "HOSP", Value: number}}, Phones: []string{fmt.Sprintf("555%07d", n)},
			})
			batch.AddEncounter(chart.Encounter{
				Version: chart.Version{ID: visit, Record: record}, Setting: chart.Inpatient, Status: "finished",
				Unit: fmt.Sprintf("UNIT %d", n%20), Start: start, End: start.Add(72 * time.Hour),
			})
			for i := range 3 {
				batch.AddFact(chart.Fact{Version: chart.Version{Record: record, Encounter: visit}, Kind: chart.Result, Code: fmt.Sprint(i), Display: "Potassium", Value: "4.1 mmol/L"})
			}
			batch.AddDocument(chart.Document{Version: chart.Version{Record: record, Encounter: visit}, Type: "progress note", Text: "Doing well.", Signed: n%3 == 0})
			if _, err := l.chart.StoreTx(l.ctx, tx, &batch); err != nil {
				return err
			}
			l.records, l.visits = append(l.records, record), append(l.visits, visit)
		}
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
}

// BenchmarkPages measures what a page asks of the store, in ms a page.
func BenchmarkPages(b *testing.B) {
	l := grow(b)
	actor := gatetest.Actor()
	cases := []struct {
		name string
		read func(i int) error
	}{
		{"list", func(int) error { _, err := l.chart.Encounters(l.ctx, actor, chart.EncounterFilter{}); return err }},
		{"list unsigned in a unit", func(i int) error {
			_, err := l.chart.Encounters(l.ctx, actor, chart.EncounterFilter{Unit: fmt.Sprintf("UNIT %d", i%20), Texts: chart.Unsigned})
			return err
		}},
		{"list without text", func(int) error {
			_, err := l.chart.Encounters(l.ctx, actor, chart.EncounterFilter{Texts: chart.NoText})
			return err
		}},
		{"chart", func(i int) error { _, err := l.chart.Chart(l.ctx, actor, l.records[i%len(l.records)]); return err }},
		{"texts of an encounter", func(i int) error { _, err := l.chart.Documents(l.ctx, actor, l.visits[i%len(l.visits)]); return err }},
		{"search by name", func(int) error { _, err := l.chart.Search(l.ctx, actor, chart.Query{Name: "quillf marta"}); return err }},
		{"search by nickname and sound", func(int) error {
			_, err := l.chart.Search(l.ctx, actor, chart.Query{Name: "benny quilfo", Nicknames: true, Sounds: true})
			return err
		}},
		{"search by a common nickname", func(int) error {
			_, err := l.chart.Search(l.ctx, actor, chart.Query{Name: "benji", Nicknames: true, Sounds: true})
			return err
		}},
		{"possible duplicates", func(i int) error {
			_, err := l.chart.Likely(l.ctx, actor, chart.Patient{
				Name: chart.Name{Family: "Quillferris", Given: "Benny"}, BirthDate: noon.AddDate(-20-i%60, 0, -i%365).Format("2006-01-02"), Phones: []string{fmt.Sprintf("555%07d", i)},
			})
			return err
		}},
		{"search by two letters", func(int) error { _, err := l.chart.Search(l.ctx, actor, chart.Query{Name: "qu"}); return err }},
		{"search by number", func(i int) error {
			_, err := l.chart.Search(l.ctx, actor, chart.Query{Number: fmt.Sprint(i % *patients)})
			return err
		}},
	}
	for _, c := range cases {
		b.Run(c.name, func(b *testing.B) {
			for i := 0; b.Loop(); i++ {
				if err := c.read(i); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N)/1000, "ms/page")
		})
	}
}

// BenchmarkOpen measures opening a department that has its patients already.
func BenchmarkOpen(b *testing.B) {
	l := grow(b)
	if err := l.gate.Close(); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		g, err := gate.Open(l.ctx, gate.Config{Dir: l.dir, Policy: gatetest.Permit{}, Recorder: &gatetest.Recorder{}})
		if err != nil {
			b.Fatal(err)
		}
		ring, err := seal.OpenRing(seal.File(filepath.Join(l.dir, seal.KeyFile)))
		if err != nil {
			b.Fatal(err)
		}
		c := chart.New(g, ring, identity.New(g, ring))
		if _, err := c.Encounters(l.ctx, gatetest.Actor(), chart.EncounterFilter{Limit: 1}); err != nil {
			b.Fatal(err)
		}
		if err := g.Close(); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N)/1000, "ms/open")
}
