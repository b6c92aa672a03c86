package scan

import (
	"context"
	"math"
	"strings"
	"unicode"

	"github.com/klippa-app/go-pdfium/requests"
)

// pdfText reads the text layer of a page: its words in the order of the file, with
// their boxes, and how far the page is to be turned for them to stand upright.
func (e *engine) pdfText(ctx context.Context, file string, load func() ([]byte, error), page int) (pageWords, error) {
	var words pageWords
	err := e.use(ctx, file, load, drawLimit, func(d *drawer) error {
		got, err := d.pdf.GetPageTextStructured(&requests.GetPageTextStructured{
			Page: d.page(page), Mode: requests.GetPageTextStructuredModeChars,
		})
		if err != nil {
			return pdfFault(err)
		}
		m, err := d.matrix(page)
		if err != nil {
			return err
		}
		var b wordBuilder
		angles := map[int]int{}
		for _, c := range got.Chars {
			for _, r := range c.Text {
				p := c.PointPosition
				b.char(r, m.box(p.Left, p.Top, p.Right, p.Bottom))
				if unicode.IsLetter(r) {
					angles[quarter(c.Angle)]++
				}
			}
		}
		words = b.done()
		words.turn = m.turn(angles)
		return nil
	})
	return words, err
}

// quarter brings an angle in radians to 0, 90, 180 or 270.
func quarter(angle float64) int {
	q := int(math.Round(angle/(math.Pi/2))) % 4
	if q < 0 {
		q += 4
	}
	return 90 * q
}

// matrix brings points of a page, which has its origin below, to thousandths of
// the page as it is shown.
type matrix struct{ x0, y0, xx, xy, yx, yy float64 }

// fine is how finely the page is measured.
const fine = 1_000_000

func (d *drawer) matrix(page int) (matrix, error) {
	var at [3]struct{ x, y float64 }
	for i, p := range [3][2]float64{{0, 0}, {1000, 0}, {0, 1000}} {
		got, err := d.pdf.FPDF_PageToDevice(&requests.FPDF_PageToDevice{
			Page: d.page(page), SizeX: fine, SizeY: fine, PageX: p[0], PageY: p[1],
		})
		if err != nil {
			return matrix{}, pdfFault(err)
		}
		at[i].x, at[i].y = float64(got.DeviceX)*1000/fine, float64(got.DeviceY)*1000/fine
	}
	return matrix{
		x0: at[0].x, y0: at[0].y,
		xx: (at[1].x - at[0].x) / 1000, xy: (at[1].y - at[0].y) / 1000,
		yx: (at[2].x - at[0].x) / 1000, yy: (at[2].y - at[0].y) / 1000,
	}, nil
}

// area is a rectangle in thousandths of a page.
type area struct{ left, top, right, bottom float64 }

func (m matrix) box(left, top, right, bottom float64) area {
	x1, y1 := m.x0+left*m.xx+bottom*m.yx, m.y0+left*m.xy+bottom*m.yy
	x2, y2 := m.x0+right*m.xx+top*m.yx, m.y0+right*m.xy+top*m.yy
	return area{math.Min(x1, x2), math.Min(y1, y2), math.Max(x1, x2), math.Max(y1, y2)}
}

// turn is how far the page as it is shown is to be turned so that most letters
// stand upright. angles counts them by their angle on the page before the turn
// that the file itself asks for.
func (m matrix) turn(angles map[int]int) int {
	most, best := 0, 0
	for a, n := range angles {
		if n > most {
			most, best = n, a
		}
	}
	// The file's own turn shows in which way the page's horizontal points.
	own := 0
	switch {
	case math.Abs(m.xx) < math.Abs(m.xy) && m.xy > 0:
		own = 90
	case math.Abs(m.xx) < math.Abs(m.xy):
		own = 270
	case m.xx < 0:
		own = 180
	}
	return (720 - best - own) % 360
}

func (a area) add(b area) area {
	return area{math.Min(a.left, b.left), math.Min(a.top, b.top), math.Max(a.right, b.right), math.Max(a.bottom, b.bottom)}
}

func (a area) box() Box {
	within := func(v float64) int { return int(math.Round(math.Min(1000, math.Max(0, v)))) }
	x, y := within(a.left), within(a.top)
	return Box{X: x, Y: y, W: max(1, within(a.right)-x), H: max(1, within(a.bottom)-y)}
}

// pageWords is what was read on a page.
type pageWords struct {
	text string
	list []Word
	turn int
}

// wordBuilder puts words and their text together.
type wordBuilder struct {
	text   strings.Builder
	list   []Word
	word   strings.Builder
	area   area
	gap    string // what stands before the next word
	last   area   // of the word before
	sure   int
	filled bool
}

// char takes the next character; characters that have no width end words.
func (b *wordBuilder) char(r rune, at area) {
	switch {
	case r == '\n' || r == '\r':
		b.end()
		b.between("\n")
		return
	case r == 0x02 || r == 0xfffe: // a hyphen at the end of a line, as PDFium tells it
		r = '-'
	case r == 0xad, r == 0xfeff, r == 0x200b:
		return
	case unicode.IsSpace(r), unicode.IsControl(r), r == unicode.ReplacementChar:
		b.end()
		b.between(" ")
		return
	}
	if b.word.Len() == 0 {
		b.area = at
	} else {
		b.area = b.area.add(at)
	}
	b.word.WriteRune(r)
}

// between says what stands before the next word; more outweighs less.
func (b *wordBuilder) between(gap string) {
	if len(gap) > len(b.gap) || gap == "\n" && b.gap == " " {
		b.gap = gap
	}
}

// end ends the word.
func (b *wordBuilder) end() {
	if b.word.Len() == 0 {
		return
	}
	text := strings.ToValidUTF8(b.word.String(), "")
	b.word.Reset()
	if text == "" {
		return
	}
	if b.filled {
		gap := b.gap
		// A line that stands apart begins a paragraph; on a page that stands on its
		// head lines go up.
		apart := math.Max(b.area.top-b.last.bottom, b.last.top-b.area.bottom)
		if gap == "\n" && apart > 1.2*(b.last.bottom-b.last.top) && b.last.bottom > b.last.top {
			gap = "\n\n"
		}
		if gap == "" {
			gap = " "
		}
		b.text.WriteString(gap)
	}
	b.gap, b.filled, b.last = "", true, b.area
	start := b.text.Len()
	b.text.WriteString(text)
	b.list = append(b.list, Word{Text: text, Box: b.area.box(), Start: start, End: b.text.Len(), Sure: b.sure})
}

func (b *wordBuilder) done() pageWords {
	b.end()
	if b.filled {
		b.text.WriteByte('\n')
	}
	return pageWords{text: b.text.String(), list: b.list}
}
