package ccda

import (
	"bytes"
	"strconv"
	"strings"
)

// The narrative of a section becomes the text that a coder reads: paragraphs and
// list items on lines of their own, a table one line a row with a tab between
// its cells, footnotes at the end. What is marked as deleted is left out.

// writer writes narrative as plain text.
type writer struct {
	out       []byte
	fresh     int // where a list item's or cell's words begin: no line break is due there
	x         *index
	gap       bool // a blank is due before the next word
	cell      int  // within how many cells: a line break there is "; "
	depth     int  // of lists
	footnotes []el
}

// textOf is the text of an element: its own words, or those of the narrative
// that its reference names.
func (d *Document) textOf(e el) string {
	if !e.there() {
		return ""
	}
	if ref := e.get("reference"); ref.there() {
		if target, ok := d.target(ref.attr("value")); ok && !target.contains(e) {
			if words := d.plain(target); words != "" {
				return words
			}
		}
	}
	return e.words()
}

func (e el) contains(other el) bool { return e.i <= other.i && other.i < e.node().next }

// target finds the element of the narrative that "#id" names.
func (d *Document) target(ref string) (el, bool) {
	id, ok := strings.CutPrefix(ref, "#")
	if !ok || id == "" {
		return el{}, false
	}
	if d.ids == nil {
		d.ids = make(map[string]uint32, len(d.x.ids))
		for _, i := range d.x.ids {
			name := el{d.x, i}.attr("ID")
			if _, twice := d.ids[name]; !twice {
				d.ids[name] = i
			}
		}
	}
	i, ok := d.ids[id]
	return el{d.x, i}, ok
}

// plain is the text of one element of the narrative, on one line.
func (d *Document) plain(e el) string {
	w := writer{x: e.x, cell: 1, fresh: -1}
	w.children(e)
	return squeeze(strings.Trim(string(w.out), "; "))
}

// narrative appends the text of a section to out.
func narrative(out []byte, e el) []byte {
	w := writer{out: out, x: e.x, fresh: -1}
	w.line()
	w.children(e)
	for i, note := range w.footnotes {
		w.line()
		w.words("[" + strconv.Itoa(i+1) + "] ")
		w.children(note)
	}
	w.line()
	return w.out
}

// children writes what stands within an element: words and elements in order.
func (w *writer) children(e el) {
	end := e.node().next
	at := e.i + 1
	for i := at; i < end; {
		n := &w.x.nodes[i]
		if n.start > 0 && isBlank(w.x.text[n.start-1]) {
			w.gap = true // white space between elements is not indexed
		}
		if n.kind == element {
			w.element(el{w.x, i})
			if int(n.end) < len(w.x.text) && isBlank(w.x.text[n.end]) {
				w.gap = true
			}
		} else {
			w.words(w.x.run(n))
		}
		i = n.next
	}
}

// maxNesting bounds lists and cells within each other that are laid out; what
// lies deeper is still written.
const maxNesting = 8

func (w *writer) element(e el) {
	switch e.name() {
	case "paragraph", "caption", "section", "text", "div", "p":
		w.line()
		w.children(e)
		w.line()
	case "br":
		w.line()
	case "list":
		w.list(e)
	case "table":
		w.line()
		w.children(e) // rows stand in it with or without thead and tbody; one within a cell is written on the cell's line
		w.line()
	case "thead", "tbody", "tfoot":
		w.children(e)
	case "tr":
		w.row(e)
	case "footnote":
		w.footnotes = append(w.footnotes, e)
		w.words("[" + strconv.Itoa(len(w.footnotes)) + "]")
	case "footnoteRef", "colgroup", "col":
	case "renderMultiMedia":
		w.children(e)
	case "content":
		if e.attr("revised") != "delete" {
			w.children(e)
		}
	case "sup":
		w.children(e)
	default:
		w.children(e)
	}
}

func (w *writer) list(e el) {
	ordered := e.attr("listType") == "ordered"
	w.line()
	w.depth++
	number := 0
	for c := range e.all() {
		switch c.name() {
		case "caption":
			w.children(c)
		case "item":
			number++
			w.line()
			mark := "- "
			if ordered {
				mark = strconv.Itoa(number) + ". "
			}
			if w.cell > 0 {
				mark = ""
			}
			if mark != "" {
				w.out = append(w.out, strings.Repeat("  ", min(w.depth, maxNesting)-1)+mark...)
				w.fresh = len(w.out)
			}
			w.children(c)
		}
	}
	w.depth--
	w.line()
}

func (w *writer) row(e el) {
	w.line()
	first := true
	for c := range e.all() {
		if !first {
			w.gap = false
			if w.cell > 0 {
				w.out = append(w.out, " / "...)
			} else {
				w.out = append(w.out, '\t')
			}
		}
		first = false
		w.cell++
		from := len(w.out)
		w.fresh = from
		w.children(c)
		w.cell--
		w.gap = false
		w.trim(from)
	}
	w.line()
}

// trim takes the mark of a line break from the end of a cell.
func (w *writer) trim(from int) {
	for len(w.out) > from && (w.out[len(w.out)-1] == ' ' || w.out[len(w.out)-1] == ';') {
		w.out = w.out[:len(w.out)-1]
	}
}

// words writes text with its white space as one blank each.
func (w *writer) words(s string) {
	for s != "" {
		i := 0
		for i < len(s) && !isBlank(s[i]) {
			i++
		}
		if i > 0 {
			w.word(s[:i])
			s = s[i:]
		}
		for s != "" && isBlank(s[0]) {
			s, w.gap = s[1:], true
		}
	}
}

func (w *writer) word(s string) {
	if w.gap {
		w.gap = false
		if n := len(w.out); n > 0 && !isBlank(w.out[n-1]) {
			w.out = append(w.out, ' ')
		}
	}
	w.out = append(w.out, s...)
}

// line ends a line that has begun.
func (w *writer) line() {
	w.gap = false
	n := len(w.out)
	switch {
	case n == 0, n == w.fresh, w.out[n-1] == '\n':
	case w.cell == 0:
		w.out = append(w.out, '\n')
	case w.out[n-1] != '\t' && !bytes.HasSuffix(w.out, []byte("; ")) && !bytes.HasSuffix(w.out, []byte(" / ")):
		w.out = append(w.out, "; "...)
	}
}
