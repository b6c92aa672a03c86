package deficiency_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"chartroom/internal/chart"
	"chartroom/internal/deficiency"
	"chartroom/internal/demo"
	"chartroom/internal/demo/charts"
	"chartroom/internal/gate"
)

// BenchmarkImport receives the charts of the demo again and again as new patients, with
// the marks that this package sets in the same transactions.
func BenchmarkImport(b *testing.B) {
	d := open(b)
	var all [][]byte
	resources := 0
	source, err := charts.All()
	if err != nil {
		b.Fatal(err)
	}
	for _, c := range source {
		raw, err := demo.Bundle(c)
		if err != nil {
			b.Fatal(err)
		}
		var bundle struct{ Entry []json.RawMessage }
		if err := json.Unmarshal(raw, &bundle); err != nil {
			b.Fatal(err)
		}
		resources += len(bundle.Entry)
		all = append(all, raw)
	}
	n := 0
	for b.Loop() {
		raw := all[n%len(all)]
		run := fmt.Sprintf("%06d", n/len(all))
		fresh := bytes.ReplaceAll(raw, []byte(`"MB0`), []byte(`"MB`+run))
		fresh = bytes.ReplaceAll(fresh, []byte(source[n%len(all)].ID), []byte(source[n%len(all)].ID+run))
		if _, err := d.Intake.Receive(b.Context(), gate.Actor{ID: "interface", Kind: gate.System}, "bench", bytes.NewReader(fresh)); err != nil {
			b.Fatal(err)
		}
		n++
	}
	b.ReportMetric(float64(n*resources)/float64(len(all))/b.Elapsed().Seconds(), "resources/s")
}

// BenchmarkMark is the cost of the marks of one action that stored 40 facts of a record,
// within its transaction.
func BenchmarkMark(b *testing.B) {
	d := open(b)
	news := make([]chart.News, 40)
	n, spent := 0, time.Duration(0)
	for b.Loop() {
		n++
		for i := range news {
			news[i] = chart.News{Record: fmt.Sprint(n), Kind: "result"}
		}
		err := d.Gate.Change(b.Context(), gate.Actor{ID: "interface", Kind: gate.System}, "intake.receive", gate.Department(), func(tx *gate.Tx) error {
			began := time.Now()
			err := d.Deficiency.Watch(b.Context(), tx, news)
			spent += time.Since(began)
			return err
		})
		if err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(spent.Microseconds())/float64(n), "µs/action")
}

// BenchmarkAnalysis reads, judges and stores the charts of the demo, as the worker does.
func BenchmarkAnalysis(b *testing.B) {
	d := open(b)
	source, err := charts.All()
	if err != nil {
		b.Fatal(err)
	}
	var records []string
	for _, c := range source {
		d.receive(c)
	}
	for _, c := range source {
		records = append(records, d.record(c))
	}
	d.analyse()
	n := 0
	for b.Loop() {
		if err := d.Deficiency.AnalyseNow(b.Context(), records...); err != nil {
			b.Fatal(err)
		}
		n += len(records)
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "records/s")
}

// BenchmarkSummary is the page of figures.
func BenchmarkSummary(b *testing.B) {
	d := open(b)
	source, err := charts.All()
	if err != nil {
		b.Fatal(err)
	}
	for _, c := range source {
		d.receive(c)
	}
	d.analyse()
	for b.Loop() {
		if _, err := d.Deficiency.Summary(b.Context(), d.boss, deficiency.Filter{}); err != nil {
			b.Fatal(err)
		}
	}
}
