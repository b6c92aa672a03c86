package rules_test

import (
	"testing"

	"chartroom/internal/deficiency/rules"
	"chartroom/internal/demo/charts"
)

// BenchmarkAnalyse analyses the charts of the demo, each a record of about seven
// documents, on one core.
func BenchmarkAnalyse(b *testing.B) {
	e := engine(b)
	all, err := charts.All()
	if err != nil {
		b.Fatal(err)
	}
	var cases []*rules.Case
	documents, size := 0, 0
	for _, c := range all {
		cs := caseOf(c)
		cases = append(cases, cs)
		for _, d := range cs.Documents {
			documents++
			size += len(d.Text)
		}
	}
	b.ReportAllocs()
	n := 0
	for b.Loop() {
		e.Analyse(cases[n%len(cases)])
		n++
	}
	perSecond := float64(n) / b.Elapsed().Seconds()
	b.ReportMetric(perSecond, "records/s")
	b.ReportMetric(float64(documents)/float64(len(cases)), "documents/record")
	b.ReportMetric(perSecond*float64(size)/float64(len(cases))/1e6, "MB/s")
}
