package incoming

import (
	"fmt"
	"slices"
	"strings"

	"chartroom/internal/chart"
)

// PageRef names a page of a scan and how it is turned to be read upright.
type PageRef struct {
	Scan string `json:"scan" maxLength:"64"`
	Page int    `json:"page" minimum:"1"`
	Turn int    `json:"turn" enum:"0,90,180,270" doc:"clockwise, in degrees"`
}

func (p PageRef) key() pageKey { return pageKey{p.Scan, p.Page} }

// pageKey is a page without its turn.
type pageKey struct {
	scan string
	page int
}

// sheaf is a document as its sheets: each with the words it brings.
type sheaf []leaf

type leaf struct {
	PageRef
	text string
}

// between stands in a document's text between the words of two pages.
const between = "\n\n"

// sheafOf takes a document apart into its sheets and their words.
func sheafOf(d chart.Document) (sheaf, error) {
	out := make(sheaf, 0, len(d.Sheets))
	for i, s := range d.Sheets {
		if s.Start < 0 || s.Start > s.End || s.End > len(d.Text) {
			return nil, fmt.Errorf("%w: sheet %d of the document lies outside its text", ErrBadInput, i+1)
		}
		out = append(out, leaf{PageRef{s.Scan, s.Page, s.Turn}, d.Text[s.Start:s.End]})
	}
	return out, nil
}

// bind writes sheets as the text of a document and where each stands in it.
func (s sheaf) bind() (text string, sheets []chart.Sheet) {
	var b strings.Builder
	sheets = make([]chart.Sheet, 0, len(s))
	for i, l := range s {
		if i > 0 {
			b.WriteString(between)
		}
		from := b.Len()
		b.WriteString(l.text)
		sheets = append(sheets, chart.Sheet{Scan: l.Scan, Page: l.Page, Turn: l.Turn, Start: from, End: b.Len()})
	}
	return b.String(), sheets
}

// arranged gives the sheets in the order and turns that want asks for. Pages of s
// that want leaves out come back as rest; a page that is not in s, or twice in
// want, is an error.
func (s sheaf) arranged(want []PageRef) (kept, rest sheaf, err error) {
	have := make(map[pageKey]leaf, len(s))
	for _, l := range s {
		have[l.key()] = l
	}
	for _, w := range want {
		l, ok := have[w.key()]
		if !ok {
			return nil, nil, fmt.Errorf("%w: page %d is not in the document, or is asked for twice", ErrBadInput, w.Page)
		}
		if !uprightTurn(w.Turn) {
			return nil, nil, fmt.Errorf("%w: a page is turned by 0, 90, 180 or 270 degrees", ErrBadInput)
		}
		delete(have, w.key())
		l.Turn = w.Turn
		kept = append(kept, l)
	}
	for _, l := range s {
		if _, left := have[l.key()]; left {
			rest = append(rest, l)
		}
	}
	return kept, rest, nil
}

// pick gives the sheets at the places named (from 0) and those that remain, both
// in their order.
func (s sheaf) pick(places []int) (picked, rest sheaf, err error) {
	chosen := map[int]bool{}
	for _, p := range places {
		if p < 0 || p >= len(s) {
			return nil, nil, fmt.Errorf("%w: the document has no sheet %d", ErrBadInput, p+1)
		}
		if chosen[p] {
			return nil, nil, fmt.Errorf("%w: sheet %d is named twice", ErrBadInput, p+1)
		}
		chosen[p] = true
	}
	for i, l := range s {
		if chosen[i] {
			picked = append(picked, l)
		} else {
			rest = append(rest, l)
		}
	}
	return picked, rest, nil
}

// parted cuts the sheets before place at (from 0): both parts have at least one.
func (s sheaf) parted(at int) (first, second sheaf, err error) {
	if at < 1 || at >= len(s) {
		return nil, nil, fmt.Errorf("%w: a document is split between two of its sheets", ErrBadInput)
	}
	return slices.Clone(s[:at]), slices.Clone(s[at:]), nil
}

func (s sheaf) refs() []PageRef {
	out := make([]PageRef, 0, len(s))
	for _, l := range s {
		out = append(out, l.PageRef)
	}
	return out
}

func uprightTurn(turn int) bool { return turn == 0 || turn == 90 || turn == 180 || turn == 270 }
