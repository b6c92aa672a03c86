package masters_test

import (
	"bytes"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"chartroom/internal/gate/gatetest"
	"chartroom/internal/masters"
)

// told writes an import as the cases do.
func told(done masters.Import, err error) string {
	if err != nil {
		return "refused: " + err.Error()
	}
	var b strings.Builder
	fmt.Fprintf(&b, "rows %d added %d changed %d unchanged %d refused %d", done.Rows, done.Added, done.Changed, done.Unchanged, len(done.Refused))
	for _, r := range done.Refused {
		column := r.Column
		if column == "" {
			column = "-"
		}
		fmt.Fprintf(&b, "\n%d %s %s", r.Line, column, r.Why)
	}
	return b.String()
}

func TestImportCases(t *testing.T) {
	text, err := os.ReadFile("testdata/import.case")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(text), "\n== ")
	for one := range strings.SplitSeq("\n== "+rest, "\n== ") {
		title, body, ok := strings.Cut(one, " ==\n")
		if !ok {
			continue
		}
		file, want, _ := strings.Cut(strings.TrimPrefix(body, "file:\n"), "says:\n")
		t.Run(title, func(t *testing.T) {
			h := open(t, gatetest.Open(t))
			h.put(masters.Provider, ostrander())
			h.put(masters.Provider, masters.Values{"family": "Rourke", "given": "Tamsin"})
			got := told(h.Import(t.Context(), h.actor, masters.Provider, strings.NewReader(file), "yearly file"))
			if got != strings.TrimSpace(want) {
				t.Errorf("says:\n%s\nwant:\n%s", got, strings.TrimSpace(want))
			}
		})
	}
}

func TestImportRefersByCode(t *testing.T) {
	onBoth(t, func(h *house) {
		in := func(k masters.Kind, file string) string {
			t.Helper()
			return told(h.Import(t.Context(), h.actor, k, strings.NewReader("\xEF\xBB\xBF"+file), "first entry"))
		}
		if got := in(masters.Facility, "code,name,zone\nMB,Marrow Bay,America/New_York\n"); got != "rows 1 added 1 changed 0 unchanged 0 refused 0" {
			t.Error(got)
		}
		if got := in(masters.Unit, "facility,code,name,beds\nmb,4W,4 West,28\nXX,5W,5 West,1\n"); got != "rows 2 added 1 changed 0 unchanged 0 refused 1\n3 facility There is no facility with this code." {
			t.Error(got)
		}
		var out bytes.Buffer
		if err := h.Export(t.Context(), h.actor, masters.Unit, masters.Filter{}, &out); err != nil {
			t.Fatal(err)
		}
		if got := out.String(); got != "facility,code,name,settings,beds,zone,from,to\nMB,4W,4 West,,28,,,\n" {
			t.Error(got)
		}
		if got := in(masters.Unit, out.String()); got != "rows 1 added 0 changed 0 unchanged 1 refused 0" {
			t.Errorf("what was written out comes in as %s", got)
		}
	})
}

// TestImportAddsUp draws files of good and bad rows: the counts are the rows of
// the file, and what was written out comes in again unchanged.
func TestImportAddsUp(t *testing.T) {
	g := gatetest.Open(t)
	h := open(t, g)
	word := rapid.SampledFrom([]string{"", "Ostrander", "Löwe", "O'Brien", "=1+1", "'", "-", "a;b", "\"q\"", "x\x01"})
	npis := []string{"", "2555010000", "2555011370", "2555018227", "2555012741", "2555012742", "12"}
	rapid.Check(t, func(r *rapid.T) {
		rows := rapid.IntRange(0, 12).Draw(r, "rows")
		var file strings.Builder
		file.WriteString("npi,family,given,to\n")
		for i := range rows {
			cells := []string{rapid.SampledFrom(npis).Draw(r, "npi"), word.Draw(r, "family"), fmt.Sprint(i), rapid.SampledFrom([]string{"", "2026-01-01", "20260230"}).Draw(r, "to")}
			for j, c := range cells {
				cells[j] = `"` + strings.ReplaceAll(c, `"`, `""`) + `"`
			}
			file.WriteString(strings.Join(cells, ",") + "\n")
		}
		done, err := h.Import(t.Context(), h.actor, masters.Provider, strings.NewReader(file.String()), "drawn")
		if err != nil {
			r.Fatalf("%v\n%s", err, file.String())
		}
		if sum := done.Added + done.Changed + done.Unchanged + len(done.Refused); sum != rows || done.Rows != rows {
			r.Fatalf("%d rows, %+v", rows, done)
		}
		var out bytes.Buffer
		if err := h.Export(t.Context(), h.actor, masters.Provider, masters.Filter{}, &out); err != nil {
			r.Fatal(err)
		}
		again, err := h.Import(t.Context(), h.actor, masters.Provider, &out, "again")
		if err != nil || again.Changed+again.Added != 0 {
			r.Fatalf("written out and read again: %+v, %v", again, err)
		}
	})
}

func FuzzImport(f *testing.F) {
	for _, seed := range []string{"npi,family\n2555010000,Ostrander\n", "npi,family\n\"", "family\nA\n\"B\n\"\n", "\xEF\xBB\xBFfamily\n'=x\n", "npi\n\n\n", "family,given\na\nb,c,d\n"} {
		f.Add(seed)
	}
	g := gatetest.Open(f)
	f.Fuzz(func(t *testing.T, file string) {
		h := open(t, g)
		done, err := h.Import(t.Context(), h.actor, masters.Provider, strings.NewReader(file), "fuzz")
		if err == nil && done.Added+done.Changed+done.Unchanged+len(done.Refused) != done.Rows {
			t.Errorf("%+v", done)
		}
		if lines := strings.Count(file, "\n") + strings.Count(file, "\r") + 1; slices.ContainsFunc(done.Refused, func(r masters.RowError) bool { return r.Line < 1 || r.Line > lines }) {
			t.Errorf("a line that the file has not: %+v", done.Refused)
		}
	})
}

// BenchmarkImport measures providers a second.
func BenchmarkImport(b *testing.B) {
	g := gatetest.Open(b)
	h := &house{Service: masters.New(g, nil, nil), actor: gatetest.Actor()}
	const rows = 1000
	n := 0
	for b.Loop() {
		var file strings.Builder
		file.WriteString("family,given,local\n")
		for range rows {
			n++
			fmt.Fprintf(&file, "Family%d,Given,L%d\n", n, n)
		}
		if _, err := h.Import(b.Context(), h.actor, masters.Provider, strings.NewReader(file.String()), "bench"); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(rows*b.N)/b.Elapsed().Seconds(), "providers/s")
}
