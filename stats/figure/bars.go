package figure

import (
	"math"
	"strings"
	"unicode/utf8"
)

// Bar is one row of a bar chart: a name and the length of its parts.
type Bar struct {
	Name  string
	Parts []float64 // one a series, not negative
	Href  string    // what it opens, "" for nothing
}

// Bars is a chart of horizontal bars, which leave room for long names. With more
// than one series the parts of a bar stand one after the other.
type Bars struct {
	Head
	Series []string // names of the parts; may be empty for one
	Tones  []Tone   // of the parts; nil gives each the colour of its place
	Bars   []Bar    // in the order shown, top first
	Whole  bool     // counts: the axis has whole numbers only
}

// Tone is a colour with a meaning.
type Tone string

// The tones. What they say stands beside them as text always.
const (
	Calm Tone = "calm"
	Soon Tone = "soon"
	Late Tone = "late"
)

const (
	barTall  = 20
	barGap   = 8
	wideFig  = 640
	padRight = 16
)

// SVG draws the bars. Errors: ErrEmpty, ErrNumber.
func (b Bars) SVG(id string) ([]byte, error) {
	longest, err := b.longest()
	if err != nil {
		return nil, err
	}
	width := float64(b.Width)
	if width == 0 {
		width = wideFig
	}
	names := 0.0
	for _, bar := range b.Bars {
		names = max(names, textWidth(bar.Name))
	}
	left := min(names, width*0.45) + 10
	top := 4.0
	if len(b.Series) > 1 {
		top += lineTall + 4
	}
	values := textWidth(number(longest)) + 8
	bottom := top + float64(len(b.Bars))*(barTall+barGap)
	tall := bottom + lineTall + 6
	if b.X != "" {
		tall += lineTall
	}
	c, err := begin(id, b.Head, width, tall)
	if err != nil {
		return nil, err
	}
	x := newScale(0, longest, int((width-left-values)/90)+1, left, width-padRight-values)
	if b.Whole {
		x = x.whole()
	}
	b.legend(c, left)
	for _, t := range x.ticks {
		c.line("fig-grid", x.at(t), top, x.at(t), bottom)
		c.text("fig-label", "middle", x.at(t), bottom+lineTall, number(t))
	}
	for i, bar := range b.Bars {
		b.bar(c, bar, x, left, top+float64(i)*(barTall+barGap)+barGap/2)
	}
	c.line("fig-axis", left, top, left, bottom)
	if b.X != "" {
		c.text("fig-name", "middle", (left+width-padRight)/2, tall-4, b.X)
	}
	return c.end(), nil
}

func (b Bars) bar(c *canvas, bar Bar, x scale, left, y float64) {
	name := bar.Name + ": " + number(sum(bar.Parts))
	if len(b.Series) > 1 {
		said := make([]string, 0, len(bar.Parts))
		for i, v := range bar.Parts {
			said = append(said, b.series(i)+" "+number(v))
		}
		name += " (" + strings.Join(said, ", ") + ")"
	}
	c.open(name, bar.Href)
	c.text("fig-label", "end", left-8, y+barTall*0.7, fit(bar.Name, left-10))
	at := 0.0
	for i, v := range bar.Parts {
		if v > 0 {
			c.rect(b.class(i), x.at(at), y, x.at(at+v)-x.at(at), barTall)
		}
		at += v
	}
	c.text("fig-value", "start", x.at(at)+5, y+barTall*0.7, number(at))
	c.shut(bar.Href)
}

func (b Bars) legend(c *canvas, left float64) {
	if len(b.Series) < 2 {
		return
	}
	x := left
	for i, name := range b.Series {
		c.rect(b.class(i), x, 5, 10, 10)
		c.text("fig-label", "start", x+15, 14, name)
		x += textWidth(name) + 32
	}
}

func (b Bars) class(part int) string {
	if part < len(b.Tones) {
		return "fig-" + string(b.Tones[part])
	}
	return seriesClass(part)
}

// seriesClass is the class of the nth series; there are six colours.
func seriesClass(n int) string { return "fig-" + string(rune('1'+n%6)) }

func (b Bars) series(i int) string {
	if i < len(b.Series) {
		return b.Series[i]
	}
	return ""
}

// longest checks the values and gives the length of the longest bar.
func (b Bars) longest() (float64, error) {
	if len(b.Bars) == 0 {
		return 0, ErrEmpty
	}
	longest := 0.0
	for _, bar := range b.Bars {
		if err := finite(bar.Parts...); err != nil {
			return 0, err
		}
		for _, v := range bar.Parts {
			if v < 0 {
				return 0, ErrNumber
			}
		}
		longest = max(longest, sum(bar.Parts))
	}
	return longest, finite(longest)
}

func sum(values []float64) float64 {
	total := 0.0
	for _, v := range values {
		total += v
	}
	return total
}

// Table has a row a bar, a column a series, and the total where there are several.
func (b Bars) Table() Table {
	t := Table{Columns: []string{b.Y}}
	if b.Y == "" {
		t.Columns[0] = "Name"
	}
	several := len(b.Series) > 1
	if several {
		t.Columns = append(t.Columns, b.Series...)
		t.Columns = append(t.Columns, "Total")
	} else {
		name := b.X
		if len(b.Series) == 1 {
			name = b.Series[0]
		}
		t.Columns = append(t.Columns, name)
	}
	for _, bar := range b.Bars {
		row := []string{bar.Name}
		for i := range max(1, len(b.Series)) {
			v := 0.0
			if i < len(bar.Parts) {
				v = bar.Parts[i]
			}
			row = append(row, number(v))
		}
		if several {
			row = append(row, number(sum(bar.Parts)))
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// Text draws the bars with blocks.
func (b Bars) Text(width int) string {
	longest, err := b.longest()
	if err != nil {
		return b.Title + "\n" + err.Error() + "\n"
	}
	names := 0
	for _, bar := range b.Bars {
		names = max(names, utf8.RuneCountInString(bar.Name))
	}
	names = min(names, max(8, width*2/5))
	room := max(4, width-names-3-len(number(longest)))
	var out strings.Builder
	out.WriteString(b.Title + "\n")
	for _, bar := range b.Bars {
		total := sum(bar.Parts)
		cells := 0
		if longest > 0 {
			cells = int(math.Round(total / longest * float64(room)))
		}
		out.WriteString(pad(bar.Name, names) + " │" + strings.Repeat("█", cells) + " " + number(total) + "\n")
	}
	return out.String()
}

// pad brings a text to a width, cutting what is too long.
func pad(text string, width int) string {
	n := utf8.RuneCountInString(text)
	if n > width {
		return string([]rune(text)[:max(0, width-1)]) + "…"
	}
	return text + strings.Repeat(" ", width-n)
}
