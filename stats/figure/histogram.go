package figure

import (
	"slices"
)

// Histogram shows how values are spread: bars that touch, one a bin.
type Histogram struct {
	Head
	Edges  []float64 // of the bins, rising; one more than Counts
	Counts []float64 // values in [Edges[i], Edges[i+1]); the last bin has its end
	Hrefs  []string  // what each bin opens; nil for nothing
	Unit   string    // of the values: "days"
}

// NewHistogram sorts values into bins of round width, about n of them.
func NewHistogram(h Head, values []float64, n int, unit string) (Histogram, error) {
	if len(values) == 0 {
		return Histogram{}, ErrEmpty
	}
	if err := finite(values...); err != nil {
		return Histogram{}, err
	}
	s := newScale(slices.Min(values), slices.Max(values), n, 0, 1)
	out := Histogram{Head: h, Edges: s.ticks, Counts: make([]float64, len(s.ticks)-1), Unit: unit}
	for _, v := range values {
		i, found := slices.BinarySearch(s.ticks, v)
		if !found {
			i--
		}
		out.Counts[min(max(i, 0), len(out.Counts)-1)]++
	}
	return out, nil
}

// SVG draws the histogram. Errors: ErrEmpty, ErrNumber.
func (h Histogram) SVG(id string) ([]byte, error) {
	if err := h.check(); err != nil {
		return nil, err
	}
	width, tall := float64(h.Width), float64(h.Tall)
	if width == 0 {
		width = wideFig
	}
	if tall == 0 {
		tall = tallFig
	}
	bottom, top := tall-lineTall-8, 16.0
	if h.X != "" {
		bottom -= lineTall
	}
	y := newScale(0, slices.Max(h.Counts), int((bottom-top)/44), bottom, top).whole()
	left := 8.0
	for _, t := range y.ticks {
		left = max(left, textWidth(number(t))+14)
	}
	if h.Y != "" {
		left += lineTall
	}
	x := scale{min: h.Edges[0], max: h.Edges[len(h.Edges)-1], from: left, to: width - padRight}
	c, err := begin(id, h.Head, width, tall)
	if err != nil {
		return nil, err
	}
	for _, t := range y.ticks {
		c.line("fig-grid", left, y.at(t), width-padRight, y.at(t))
		c.text("fig-label", "end", left-6, y.at(t)+4, number(t))
	}
	for i, n := range h.Counts {
		href := ""
		if i < len(h.Hrefs) {
			href = h.Hrefs[i]
		}
		c.open(h.binName(i)+": "+number(n), href)
		c.rect("fig-1", x.at(h.Edges[i])+0.5, y.at(n), x.at(h.Edges[i+1])-x.at(h.Edges[i])-1, bottom-y.at(n))
		c.shut(href)
	}
	every := 1 + len(h.Edges)*int(textWidth(number(h.Edges[len(h.Edges)-1]))+14)/int(width-left)
	for i, e := range h.Edges {
		if i%every == 0 {
			c.text("fig-label", "middle", x.at(e), bottom+lineTall+2, number(e))
		}
	}
	c.line("fig-axis", left, bottom, width-padRight, bottom)
	if h.X != "" {
		c.text("fig-name", "middle", (left+width-padRight)/2, tall-5, h.X)
	}
	if h.Y != "" {
		c.upright("fig-name", 12, (top+bottom)/2, h.Y)
	}
	return c.end(), nil
}

func (h Histogram) binName(i int) string {
	name := number(h.Edges[i]) + " to " + number(h.Edges[i+1])
	if h.Unit != "" {
		name += " " + h.Unit
	}
	return name
}

func (h Histogram) check() error {
	if len(h.Counts) == 0 || len(h.Edges) != len(h.Counts)+1 {
		return ErrEmpty
	}
	if err := finite(append(slices.Clone(h.Edges), h.Counts...)...); err != nil {
		return err
	}
	for i := range h.Counts {
		if h.Counts[i] < 0 || h.Edges[i+1] <= h.Edges[i] {
			return ErrNumber
		}
	}
	return nil
}

// Table has a row a bin.
func (h Histogram) Table() Table {
	x, y := h.X, h.Y
	if x == "" {
		x = "From, to"
	}
	if y == "" {
		y = "Count"
	}
	t := Table{Columns: []string{x, y}}
	for i, n := range h.Counts {
		t.Rows = append(t.Rows, []string{h.binName(i), number(n)})
	}
	return t
}

// Text draws the bins as bars.
func (h Histogram) Text(width int) string {
	if err := h.check(); err != nil {
		return h.Title + "\n" + err.Error() + "\n"
	}
	b := Bars{Head: h.Head}
	for i, n := range h.Counts {
		b.Bars = append(b.Bars, Bar{Name: h.binName(i), Parts: []float64{n}})
	}
	return b.Text(width)
}
