package figure_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	"flag"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"chartroom/stats/figure"
)

var update = flag.Bool("update", false, "write the golden files")

// drawings are one of each figure and the shapes that are easy to get wrong.
func drawings(tb testing.TB) map[string]figure.Figure {
	tb.Helper()
	histogram, err := figure.NewHistogram(figure.Head{Title: "Days from discharge to final coding", X: "Days", Y: "Stays"},
		[]float64{1, 2, 2, 3, 3, 3, 4, 4, 5, 7, 9, 12, 12.5, 30}, 8, "days")
	if err != nil {
		tb.Fatal(err)
	}
	ages := []figure.Age{
		{Name: "Over 30 days late", Tone: figure.Late, Count: 2}, {Name: "8 to 30 days late", Tone: figure.Late, Count: 5},
		{Name: "1 to 7 days late", Tone: figure.Late, Count: 11}, {Name: "Due today", Tone: figure.Soon, Count: 4},
		{Name: "Due in 1 to 7 days", Tone: figure.Calm, Count: 19}, {Name: "Due later", Tone: figure.Calm, Count: 7},
	}
	for i := range ages {
		ages[i].Href = fmt.Sprintf("/work?band=%d", i)
	}
	return map[string]figure.Figure{
		"bars": figure.Bars{
			Head: figure.Head{Title: "Open findings by rule", Note: "Findings that are settled or waived are not counted.", X: "Findings", Y: "Rule"},
			Bars: []figure.Bar{
				{Name: "Unsigned document", Parts: []float64{41}, Href: "/order?rule=C06"},
				{Name: "Operative report missing <or late> & more than fits on the line", Parts: []float64{7}},
				{Name: "Consent missing", Parts: []float64{0}},
			}, Whole: true,
		},
		"stacked": figure.Bars{
			Head: figure.Head{Title: "Work by queue", X: "Items"}, Series: []string{"On time", "Due today", "Late"},
			Tones: []figure.Tone{figure.Calm, figure.Soon, figure.Late},
			Bars:  []figure.Bar{{Name: "Coding", Parts: []float64{1200, 30, 12}}, {Name: "Indexing", Parts: []float64{8, 0, 1}}},
		},
		"lines": figure.Lines{
			Head: figure.Head{Title: "Survival after diagnosis", X: "Months", Y: "Share alive"}, Zero: true,
			Lines: []figure.Line{
				{Name: "Stage I", Steps: true, HasBand: true, Points: []figure.Point{
					{X: 0, Y: 1, Low: 1, High: 1}, {X: 10, Y: 0.9, Low: 0.82, High: 0.96}, {X: 40, Y: 0.8, Low: 0.7, High: 0.88},
				}},
				{Name: "Stage IV", Steps: true, Points: []figure.Point{{X: 0, Y: 1}, {X: 6, Y: 0.5}, {X: 24, Y: 0.1}}},
			},
		},
		"one-point": figure.Lines{Head: figure.Head{Title: "A single month"}, Lines: []figure.Line{{Name: "Now", Points: []figure.Point{{X: 5, Y: 5}}}}},
		"histogram": histogram,
		"ageing":    figure.Ageing{Head: figure.Head{Title: "Open work by due day", X: "Items", Y: "Due"}, Ages: ages},
	}
}

// TestGolden compares every drawing, its table and its text with the files that
// were looked at.
func TestGolden(t *testing.T) {
	for name, f := range drawings(t) {
		t.Run(name, func(t *testing.T) {
			svg, err := f.SVG("f1")
			if err != nil {
				t.Fatal(err)
			}
			var text strings.Builder
			text.WriteString(f.Text(60))
			table := f.Table()
			text.WriteString("\n" + strings.Join(table.Columns, " | ") + "\n")
			for _, row := range table.Rows {
				if len(row) != len(table.Columns) {
					t.Errorf("a row of %d cells under %d columns", len(row), len(table.Columns))
				}
				text.WriteString(strings.Join(row, " | ") + "\n")
			}
			golden(t, name+".svg", svg)
			golden(t, name+".txt", []byte(text.String()))
		})
	}
}

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s differs (-want +got):\n%s", name, diff)
	}
}

// wellFormed fails unless svg is XML that a page with a strict policy may hold.
func wellFormed(tb rapid.TB, svg []byte) {
	tb.Helper()
	d := xml.NewDecoder(bytes.NewReader(svg))
	ids := map[string]bool{}
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			tb.Fatalf("not XML: %v\n%s", err, svg)
		}
		start, ok := token.(xml.StartElement)
		if !ok {
			continue
		}
		if start.Name.Local == "script" || start.Name.Local == "style" {
			tb.Fatalf("a %s element", start.Name.Local)
		}
		for _, a := range start.Attr {
			switch {
			case a.Name.Local == "style" || strings.HasPrefix(a.Name.Local, "on"):
				tb.Fatalf("attribute %s", a.Name.Local)
			case a.Name.Local == "id" && ids[a.Value]:
				tb.Fatalf("id %s twice", a.Value)
			case a.Name.Local == "id":
				ids[a.Value] = true
			case strings.Contains(a.Value, "NaN") || strings.Contains(a.Value, "Inf"):
				tb.Fatalf("%s=%q", a.Name.Local, a.Value)
			}
		}
	}
}

// TestAnyBars draws whatever names and numbers there are: well-formed, and every
// number in the table.
func TestAnyBars(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		series := rapid.IntRange(1, 3).Draw(t, "series")
		b := figure.Bars{Head: figure.Head{Title: rapid.String().Draw(t, "title"), Note: rapid.String().Draw(t, "note")}}
		for i := range series {
			b.Series = append(b.Series, fmt.Sprintf("s%d", i))
		}
		b.Whole = rapid.Bool().Draw(t, "whole")
		for range rapid.IntRange(1, 12).Draw(t, "bars") {
			b.Bars = append(b.Bars, figure.Bar{
				Name:  rapid.String().Draw(t, "name"),
				Parts: rapid.SliceOfN(rapid.Float64Range(0, 1e6), series, series).Draw(t, "parts"),
			})
		}
		svg, err := b.SVG("x")
		if err != nil {
			t.Fatal(err)
		}
		wellFormed(t, svg)
		if n := len(b.Table().Rows); n != len(b.Bars) {
			t.Fatalf("%d rows for %d bars", n, len(b.Bars))
		}
		_ = b.Text(rapid.IntRange(1, 120).Draw(t, "width"))
	})
}

func TestAnyLines(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var l figure.Lines
		l.Zero = rapid.Bool().Draw(t, "zero")
		for range rapid.IntRange(1, 4).Draw(t, "lines") {
			line := figure.Line{Name: rapid.String().Draw(t, "name"), HasBand: rapid.Bool().Draw(t, "band"), Steps: rapid.Bool().Draw(t, "steps")}
			x := 0.0
			for range rapid.IntRange(1, 20).Draw(t, "points") {
				x += rapid.Float64Range(0, 100).Draw(t, "dx")
				y := rapid.Float64Range(-1e4, 1e4).Draw(t, "y")
				line.Points = append(line.Points, figure.Point{X: x, Y: y, Low: y - 1, High: y + 1})
			}
			l.Lines = append(l.Lines, line)
		}
		svg, err := l.SVG("x")
		if err != nil {
			t.Fatal(err)
		}
		wellFormed(t, svg)
		_ = l.Text(rapid.IntRange(1, 120).Draw(t, "width"))
	})
}

// TestHistogramLosesNothing: every value is in exactly one bin.
func TestHistogramLosesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		values := rapid.SliceOfN(rapid.Float64Range(-1e5, 1e5), 1, 200).Draw(t, "values")
		h, err := figure.NewHistogram(figure.Head{Title: "h"}, values, rapid.IntRange(1, 20).Draw(t, "n"), "")
		if err != nil {
			t.Fatal(err)
		}
		total := 0.0
		for i, n := range h.Counts {
			in := 0.0
			for _, v := range values {
				last := i == len(h.Counts)-1 && v == h.Edges[i+1]
				if v >= h.Edges[i] && v < h.Edges[i+1] || last {
					in++
				}
			}
			if in != n {
				t.Fatalf("bin %d has %v values, says %v", i, in, n)
			}
			total += n
		}
		if int(total) != len(values) {
			t.Fatalf("%v of %d values", total, len(values))
		}
		svg, err := h.SVG("x")
		if err != nil {
			t.Fatal(err)
		}
		wellFormed(t, svg)
	})
}

func TestRefusesWhatIsNoNumber(t *testing.T) {
	for name, f := range map[string]figure.Figure{
		"NaN bar":       figure.Bars{Bars: []figure.Bar{{Name: "a", Parts: []float64{math.NaN()}}}},
		"endless bar":   figure.Bars{Bars: []figure.Bar{{Name: "a", Parts: []float64{math.MaxFloat64, math.MaxFloat64}}}},
		"negative bar":  figure.Bars{Bars: []figure.Bar{{Name: "a", Parts: []float64{-1}}}},
		"infinite line": figure.Lines{Lines: []figure.Line{{Points: []figure.Point{{Y: math.Inf(1)}}}}},
		"backward bins": figure.Histogram{Edges: []float64{2, 1}, Counts: []float64{1}},
	} {
		if _, err := f.SVG("x"); !errors.Is(err, figure.ErrNumber) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, f := range map[string]figure.Figure{
		"bars": figure.Bars{}, "lines": figure.Lines{}, "line": figure.Lines{Lines: []figure.Line{{}}}, "histogram": figure.Histogram{}, "ageing": figure.Ageing{},
	} {
		if _, err := f.SVG("x"); !errors.Is(err, figure.ErrEmpty) {
			t.Errorf("empty %s: %v", name, err)
		}
		if f.Text(40) == "" {
			t.Errorf("empty %s says nothing as text", name)
		}
	}
	if _, err := drawings(t)["bars"].SVG(`x" onload="`); err == nil {
		t.Error("an id that is no word was taken")
	}
}

func TestStandalone(t *testing.T) {
	out, err := figure.Standalone(drawings(t)["lines"])
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(out, []byte("<style>")) || bytes.Count(out, []byte("<svg")) != 1 {
		t.Errorf("not a picture of its own: %.200s", out)
	}
	if err := xml.Unmarshal(out, new(struct{})); err != nil {
		t.Error(err)
	}
}

func ExampleBars_Text() {
	b := figure.Bars{
		Head: figure.Head{Title: "Discharges without a record"},
		Bars: []figure.Bar{{Name: "3 West", Parts: []float64{4}}, {Name: "ICU", Parts: []float64{1}}},
	}
	fmt.Print(b.Text(30))
	// Output:
	// Discharges without a record
	// 3 West │████████████████████ 4
	// ICU    │█████ 1
}

func BenchmarkBars(b *testing.B) {
	f := drawings(b)["stacked"]
	for b.Loop() {
		if _, err := f.SVG("x"); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "figures/s")
}
