package figure

import (
	"math"
	"slices"
	"strings"
)

// Point is one value of a line; Low and High bound it where HasBand of the line.
type Point struct{ X, Y, Low, High float64 }

// Line is one series of a line chart, its points in order of X.
type Line struct {
	Name    string
	Points  []Point
	HasBand bool // Low and High are drawn as a band: a confidence interval
	Steps   bool // the value stands until the next point, as survival curves do
}

// Lines is a chart of one or more series over a common axis.
type Lines struct {
	Head
	Lines []Line
	Zero  bool                   // the vertical axis begins at zero
	XName func(x float64) string // writes a value of the horizontal axis; nil writes the number
	XAt   []float64              // where the horizontal axis is labelled; nil chooses round values
}

const tallFig = 280

// SVG draws the lines. Errors: ErrEmpty, ErrNumber.
func (l Lines) SVG(id string) ([]byte, error) {
	lowX, highX, lowY, highY, err := l.bounds()
	if err != nil {
		return nil, err
	}
	width, tall := float64(l.Width), float64(l.Tall)
	if width == 0 {
		width = wideFig
	}
	if tall == 0 {
		tall = tallFig
	}
	bottom, top := tall-lineTall-8, 8.0
	if l.X != "" {
		bottom -= lineTall
	}
	y := newScale(lowY, highY, int((bottom-top)/44), bottom, top)
	left := 8.0
	for _, t := range y.ticks {
		left = max(left, textWidth(number(t))+14)
	}
	if l.Y != "" {
		left += lineTall
	}
	ends := 0.0
	for _, line := range l.Lines {
		ends = max(ends, textWidth(line.Name))
	}
	right := width - padRight - min(ends, width/4)
	x := scale{min: lowX, max: highX, from: left, to: right}
	c, err := begin(id, l.Head, width, tall)
	if err != nil {
		return nil, err
	}
	l.axes(c, x, y, left, right, bottom, top)
	labels := l.labelPlaces(y)
	for i, line := range l.Lines {
		l.line(c, i, line, x, y, labels[i])
	}
	if l.X != "" {
		c.text("fig-name", "middle", (left+right)/2, tall-5, l.X)
	}
	if l.Y != "" {
		c.upright("fig-name", 12, (top+bottom)/2, l.Y)
	}
	return c.end(), nil
}

func (l Lines) axes(c *canvas, x, y scale, left, right, bottom, top float64) {
	for _, t := range y.ticks {
		c.line("fig-grid", left, y.at(t), right, y.at(t))
		c.text("fig-label", "end", left-6, y.at(t)+4, number(t))
	}
	at := l.XAt
	if at == nil {
		for _, t := range newScale(x.min, x.max, int((right-left)/90), 0, 1).ticks {
			if t >= x.min && t <= x.max {
				at = append(at, t)
			}
		}
	}
	for _, t := range at {
		c.line("fig-axis", x.at(t), bottom, x.at(t), bottom+4)
		c.text("fig-label", "middle", x.at(t), bottom+lineTall+2, l.xName(t))
	}
	c.line("fig-axis", left, bottom, right, bottom)
	c.line("fig-axis", left, top, left, bottom)
}

func (l Lines) xName(x float64) string {
	if l.XName != nil {
		return l.XName(x)
	}
	return number(x)
}

func (l Lines) line(c *canvas, i int, line Line, x, y scale, label float64) {
	class := seriesClass(i)
	last := line.Points[len(line.Points)-1]
	c.open(line.Name+": from "+number(line.Points[0].Y)+" at "+l.xName(line.Points[0].X)+" to "+number(last.Y)+" at "+l.xName(last.X), "")
	if line.HasBand {
		high := trace(line, x, y, func(p Point) float64 { return p.High })
		low := trace(reversed(line), x, y, func(p Point) float64 { return p.Low })
		c.path("fig-band "+class, "M"+strings.Join(high, "L")+"L"+strings.Join(low, "L")+"Z")
	}
	if len(line.Points) == 1 { // a path of one corner shows nothing
		c.dot(class, x.at(last.X), y.at(last.Y))
	}
	c.path("fig-line "+class, "M"+strings.Join(trace(line, x, y, func(p Point) float64 { return p.Y }), "L"))
	c.text("fig-value", "start", x.at(last.X)+6, label, line.Name)
	c.shut("")
}

// trace lists the corners of a line.
func trace(line Line, x, y scale, value func(Point) float64) []string {
	var corners []string
	for i, p := range line.Points {
		if line.Steps && i > 0 {
			before := line.Points[i-1]
			corners = append(corners, px(x.at(p.X))+" "+px(y.at(value(before))))
		}
		corners = append(corners, px(x.at(p.X))+" "+px(y.at(value(p))))
	}
	return corners
}

// reversed turns a line round, for the lower edge of its band. Steps turned round
// step before the point, so the corners are laid out here.
func reversed(line Line) Line {
	back := Line{}
	for i, p := range slices.Backward(line.Points) {
		back.Points = append(back.Points, p)
		if line.Steps && i > 0 {
			held := line.Points[i-1]
			back.Points = append(back.Points, Point{X: p.X, Y: held.Y, Low: held.Low, High: held.High})
		}
	}
	return back
}

// labelPlaces keeps the names at the ends of the lines from covering each other.
func (l Lines) labelPlaces(y scale) []float64 {
	places := make([]float64, len(l.Lines))
	order := make([]int, len(l.Lines))
	for i, line := range l.Lines {
		places[i] = y.at(line.Points[len(line.Points)-1].Y) + 4
		order[i] = i
	}
	for i := range order {
		for j := i; j > 0 && places[order[j]] < places[order[j-1]]; j-- {
			order[j], order[j-1] = order[j-1], order[j]
		}
	}
	for i := 1; i < len(order); i++ {
		places[order[i]] = max(places[order[i]], places[order[i-1]]+lineTall-2)
	}
	return places
}

func (l Lines) bounds() (lowX, highX, lowY, highY float64, err error) {
	lowX, lowY = math.Inf(1), math.Inf(1)
	highX, highY = math.Inf(-1), math.Inf(-1)
	for _, line := range l.Lines {
		if len(line.Points) == 0 {
			return 0, 0, 0, 0, ErrEmpty
		}
		for _, p := range line.Points {
			if err := finite(p.X, p.Y, p.Low, p.High); err != nil {
				return 0, 0, 0, 0, err
			}
			lowX, highX = min(lowX, p.X), max(highX, p.X)
			lowY, highY = min(lowY, p.Y), max(highY, p.Y)
			if line.HasBand {
				lowY, highY = min(lowY, p.Low), max(highY, p.High)
			}
		}
	}
	if len(l.Lines) == 0 {
		return 0, 0, 0, 0, ErrEmpty
	}
	if l.Zero {
		lowY = min(lowY, 0)
	}
	if lowY == highY { // a level line stands in the middle
		lowY, highY = lowY-1, highY+1
	}
	if lowX == highX {
		lowX, highX = lowX-1, highX+1
	}
	return lowX, highX, lowY, highY, finite(highX-lowX, highY-lowY)
}

// Table has a row a point.
func (l Lines) Table() Table {
	x, y := l.X, l.Y
	if x == "" {
		x = "x"
	}
	if y == "" {
		y = "Value"
	}
	t := Table{Columns: []string{"Series", x, y}}
	banded := false
	for _, line := range l.Lines {
		banded = banded || line.HasBand
	}
	if banded {
		t.Columns = append(t.Columns, "Low", "High")
	}
	for _, line := range l.Lines {
		for _, p := range line.Points {
			row := []string{line.Name, l.xName(p.X), number(p.Y)}
			switch {
			case line.HasBand:
				row = append(row, number(p.Low), number(p.High))
			case banded:
				row = append(row, "", "")
			}
			t.Rows = append(t.Rows, row)
		}
	}
	return t
}

// Text draws each line as a row of eight heights.
func (l Lines) Text(width int) string {
	lowX, highX, lowY, highY, err := l.bounds()
	if err != nil {
		return l.Title + "\n" + err.Error() + "\n"
	}
	const heights = "▁▂▃▄▅▆▇█"
	steps := []rune(heights)
	names := 0
	for _, line := range l.Lines {
		names = max(names, len([]rune(line.Name)))
	}
	names = min(names, max(8, width/4))
	room := max(8, width-names-2)
	var out strings.Builder
	out.WriteString(l.Title + "\n")
	for _, line := range l.Lines {
		row := make([]rune, room)
		at := 0
		for i := range row {
			x := lowX + (highX-lowX)*float64(i)/float64(room-1)
			for at+1 < len(line.Points) && line.Points[at+1].X <= x {
				at++
			}
			share := (line.Points[at].Y - lowY) / (highY - lowY)
			row[i] = steps[int(math.Round(share*float64(len(steps)-1)))]
			if x < line.Points[0].X || x > line.Points[len(line.Points)-1].X {
				row[i] = ' '
			}
		}
		out.WriteString(pad(line.Name, names) + " " + strings.TrimRight(string(row), " ") + "\n")
	}
	out.WriteString(pad("", names) + " " + l.xName(lowX) + " to " + l.xName(highX) + ", " + number(lowY) + " to " + number(highY) + "\n")
	return out.String()
}
