package figure

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// canvas writes one svg element.
type canvas struct {
	b    bytes.Buffer
	w, h float64
}

// The measures of type, in pixels. A figure's text has the size of its page's
// small text, twelve; a character takes a little over half of it.
const (
	charWidth = 6.6
	lineTall  = 16
)

func textWidth(text string) float64 { return float64(utf8.RuneCountInString(text)) * charWidth }

// begin opens the element with its accessible name.
func begin(id string, h Head, w, tall float64) (*canvas, error) {
	if id == "" || strings.Trim(id, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-") != "" {
		return nil, fmt.Errorf("figure: id %q is not a word of letters, digits and hyphens", id)
	}
	c := &canvas{w: w, h: tall}
	named := id + "-t"
	if h.Note != "" {
		named += " " + id + "-d"
	}
	fmt.Fprintf(&c.b, `<svg xmlns="http://www.w3.org/2000/svg" class="fig" viewBox="0 0 %s %s" role="group" aria-labelledby="%s">`,
		px(w), px(tall), named)
	fmt.Fprintf(&c.b, `<title id="%s-t">%s</title>`, id, escape(h.Title))
	if h.Note != "" {
		fmt.Fprintf(&c.b, `<desc id="%s-d">%s</desc>`, id, escape(h.Note))
	}
	c.b.WriteByte('\n')
	return c, nil
}

func (c *canvas) end() []byte {
	c.b.WriteString("</svg>\n")
	return c.b.Bytes()
}

// px writes a length with at most one decimal.
func px(v float64) string {
	return strings.TrimSuffix(strconv.FormatFloat(v, 'f', 1, 64), ".0")
}

var escaper = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;", "'", "&#39;")

// escape writes text for SVG; what XML has no character for is left out.
func escape(text string) string {
	text = strings.Map(func(r rune) rune {
		if r < 0x20 && r != '\t' && r != '\n' || r == utf8.RuneError || r == 0xFFFE || r == 0xFFFF {
			return -1
		}
		return r
	}, text)
	return escaper.Replace(text)
}

func (c *canvas) line(class string, x1, y1, x2, y2 float64) {
	fmt.Fprintf(&c.b, `<line class="%s" x1="%s" y1="%s" x2="%s" y2="%s"/>`+"\n", class, px(x1), px(y1), px(x2), px(y2))
}

func (c *canvas) rect(class string, x, y, w, h float64) {
	fmt.Fprintf(&c.b, `<rect class="%s" x="%s" y="%s" width="%s" height="%s" rx="1"/>`+"\n", class, px(x), px(y), px(max(w, 0)), px(max(h, 0)))
}

func (c *canvas) dot(class string, x, y float64) {
	fmt.Fprintf(&c.b, `<circle class="%s" cx="%s" cy="%s" r="3"/>`+"\n", class, px(x), px(y))
}

// text writes a label; anchor is "start", "middle" or "end".
func (c *canvas) text(class, anchor string, x, y float64, text string) {
	fmt.Fprintf(&c.b, `<text class="%s" x="%s" y="%s" text-anchor="%s">%s</text>`+"\n", class, px(x), px(y), anchor, escape(text))
}

// upright writes a label that reads upwards along a vertical axis.
func (c *canvas) upright(class string, x, y float64, text string) {
	fmt.Fprintf(&c.b, `<text class="%s" transform="translate(%s %s) rotate(-90)" text-anchor="middle">%s</text>`+"\n",
		class, px(x), px(y), escape(text))
}

func (c *canvas) path(class, d string) { fmt.Fprintf(&c.b, `<path class="%s" d="%s"/>`+"\n", class, d) }

// open begins a part of the picture that has a name of its own, and, with an
// address, opens what it stands for. A link is named by its title, which may say
// more than the label that is seen: a label may be shortened (WCAG 2.2, 2.5.3).
func (c *canvas) open(name, href string) {
	if href != "" {
		fmt.Fprintf(&c.b, `<a href="%s"><title>%s</title>`, escape(href), escape(name))
		return
	}
	fmt.Fprintf(&c.b, `<g role="img" aria-label="%s">`, escape(name))
}

func (c *canvas) shut(href string) {
	if href != "" {
		c.b.WriteString("</a>\n")
		return
	}
	c.b.WriteString("</g>\n")
}

// fit shortens a label to the pixels it has. What lies in the middle goes: names of
// units and of people differ at either end.
func fit(text string, width float64) string {
	if textWidth(text) <= width {
		return text
	}
	runes := []rune(text)
	n := min(max(2, int(width/charWidth)-1), len(runes))
	head := (n + 1) / 2
	return strings.TrimRight(string(runes[:head]), " ") + "…" + strings.TrimLeft(string(runes[len(runes)-(n-head):]), " ")
}

// Stylesheet has the rules that a figure needs to stand alone, in the colours of
// print. In a page the page's own rules take their place.
const Stylesheet = `.fig{font:12px system-ui,sans-serif}.fig-label,.fig-value,.fig-name{fill:#222}.fig-name{fill:#555}` +
	`.fig-grid{stroke:#ddd}.fig-axis{stroke:#888}.fig-line{fill:none;stroke-width:2}.fig-band{opacity:.18;stroke:none}` +
	`.fig-1{fill:#1f6f8b;stroke:#1f6f8b}.fig-2{fill:#c26a1b;stroke:#c26a1b}.fig-3{fill:#5a7d2b;stroke:#5a7d2b}` +
	`.fig-4{fill:#8a4f9e;stroke:#8a4f9e}.fig-5{fill:#7a6a4f;stroke:#7a6a4f}.fig-6{fill:#455a9c;stroke:#455a9c}` +
	`.fig-late{fill:#b3261e;stroke:#b3261e}.fig-soon{fill:#b06f00;stroke:#b06f00}.fig-calm{fill:#1f6f8b;stroke:#1f6f8b}` +
	`.fig-line.fig-1,.fig-line.fig-2,.fig-line.fig-3,.fig-line.fig-4,.fig-line.fig-5,.fig-line.fig-6{fill:none}`

// Standalone gives the SVG as a file of its own, with its stylesheet.
func Standalone(f Figure) ([]byte, error) {
	svg, err := f.SVG("figure")
	if err != nil {
		return nil, err
	}
	head, rest, _ := bytes.Cut(svg, []byte("\n"))
	out := append([]byte(`<?xml version="1.0" encoding="UTF-8"?>`+"\n"), head...)
	out = append(out, "\n<style>"+Stylesheet+"</style>\n"...)
	return append(out, rest...), nil
}
