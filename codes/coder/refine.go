package coder

import (
	"slices"
	"strings"
	"sync"

	"chartroom/codes/codeset"
)

// differences tells the children of a header apart by the words of their
// titles. Entries are made when first needed; they never change.
type differences struct {
	k     *knowledge
	made  sync.Map // code -> []childInfo
	notes sync.Map // code -> codeNotes
}

// codeNotes are the notes of a code that a coder must act on, made when first
// needed.
type codeNotes struct {
	bearing  []codeset.Note
	excludes []codeset.Range // Excludes1
}

func (d *differences) notesOf(code string) codeNotes {
	if got, ok := d.notes.Load(code); ok {
		if made, ok := got.(codeNotes); ok {
			return made
		}
	}
	var out codeNotes
	for _, n := range d.k.set.Notes(code) {
		switch n.Kind {
		case codeset.Excludes1:
			out.excludes = append(out.excludes, n.Refs...)
			out.bearing = append(out.bearing, n)
		case codeset.CodeFirst, codeset.UseAdditional, codeset.CodeAlso:
			out.bearing = append(out.bearing, n)
		default: // says what the code contains, not what to do
		}
	}
	d.notes.Store(code, out)
	return out
}

// childInfo is a child with the words that its header and siblings lack.
type childInfo struct {
	code        codeset.Code
	words       []string // essential words beyond those of the header
	unspecified bool
	other       bool
	plain       bool // "without": the default if nothing is said
}

func newDifferences(k *knowledge) *differences { return &differences{k: k} }

func (d *differences) children(code string) []childInfo {
	if got, ok := d.made.Load(code); ok {
		if made, ok := got.([]childInfo); ok {
			return made
		}
	}
	header, _ := d.k.set.Code(code)
	base := map[string]bool{}
	for _, w := range d.k.v.stemsOf(plainTitle(header.Title)) {
		base[w] = true
	}
	var out []childInfo
	for _, c := range d.k.set.Children(code) {
		low := strings.ToLower(c.Title)
		info := childInfo{code: c,
			unspecified: strings.Contains(low, "unspecified"),
			other:       strings.HasPrefix(low, "other") || strings.Contains(low, "other specified"),
			plain:       strings.Contains(low, "without") || strings.Contains(low, "uncomplicated"),
		}
		for _, w := range d.k.v.stemsOf(plainTitle(c.Title)) {
			if !base[w] && !droppable[w] && w != "unspecified" && w != "other" && w != "specified" {
				info.words = append(info.words, w)
			}
		}
		out = append(out, info)
	}
	d.made.Store(code, out)
	return out
}

// plainTitle cuts a title at what it denies.
func plainTitle(title string) string {
	low := " " + strings.ToLower(title)
	low = dropDenied(low)
	return dropBetween(dropBetween(low, '(', ')'), '[', ']')
}

// dropDenied takes out of a lower-case title what it denies, up to the comma.
func dropDenied(low string) string {
	for _, cut := range []string{" without ", " not elsewhere classified", " not specified as", " not elsewhere"} {
		for i := strings.Index(low, cut); i > 3; i = strings.Index(low, cut) {
			end := strings.IndexByte(low[i+1:], ',')
			if end < 0 {
				low = low[:i] + " "
				continue
			}
			low = low[:i] + low[i+1+end:]
		}
	}
	return low
}

// around is what the text says near a mention: canonical words.
type around map[string]bool

// descent is where the Tabular List leads from a code.
type descent struct {
	codes   []string // full codes; two where both sides are meant
	steps   []string // titles passed on the way
	missing string   // the header at which the words gave out, if any
	choices []codeset.Code
}

// descend goes from a code down to billable codes with the words near the
// mention. Where a level is not decided by them, the unspecified child is
// taken; where there is none, the descent ends and says what is missing.
func (k *knowledge) descend(code string, near around, encounter byte) descent {
	c, ok := k.set.Code(code)
	if !ok {
		return descent{}
	}
	return k.down(c, near, encounter, 0)
}

func (k *knowledge) down(c codeset.Code, near around, encounter byte, depth int) descent {
	if c.Billable {
		return descent{codes: []string{c.Code}}
	}
	kids := k.diff.children(c.Code)
	if len(kids) == 0 || depth > 6 {
		return descent{missing: c.Code}
	}
	if isExtension(kids[0].code.Code) {
		return seventh(c, kids, encounter)
	}
	if best := bestChild(kids, near); best >= 0 {
		return k.down(kids[best].code, near, encounter, depth+1).via(kids[best].code.Title)
	}
	if near["bilateral"] {
		if both, ok := k.bothSides(kids, near, encounter, depth); ok {
			return both
		}
	}
	if plain := defaultChild(kids); plain >= 0 {
		return k.down(kids[plain].code, near, encounter, depth+1).via(kids[plain].code.Title)
	}
	d := descent{missing: c.Code}
	for _, kid := range kids {
		d.choices = append(d.choices, kid.code)
	}
	return d
}

// bestChild is the child with the most of its words said near by, all of them;
// -1 if none has or two have as many.
func bestChild(kids []childInfo, near around) int {
	best, score, tie := -1, 0, false
	for i, kid := range kids {
		s := kid.fit(near)
		switch {
		case s > score:
			best, score, tie = i, s, false
		case s == score && s > 0 && !kid.other:
			tie = len(kid.words) >= len(kids[best].words)
		}
	}
	if tie {
		return -1
	}
	return best
}

// defaultChild is the child for what is not said: the unspecified one, or the
// one "without" (Guidelines I.A.9.b, I.A.18); -1 if the text must say.
func defaultChild(kids []childInfo) int {
	for _, want := range []func(childInfo) bool{
		func(i childInfo) bool { return i.unspecified && len(i.words) == 0 },
		func(i childInfo) bool { return i.plain && len(i.words) == 0 },
		func(i childInfo) bool { return i.unspecified && !i.other },
		func(i childInfo) bool { return i.plain && !i.other },
		func(i childInfo) bool { return len(i.words) == 0 && !i.other },
	} {
		if at := slices.IndexFunc(kids, want); at >= 0 {
			return at
		}
	}
	return -1
}

// fit counts the words of a child that the text says; a child asks for all of
// them.
func (i childInfo) fit(near around) int {
	if len(i.words) == 0 {
		return 0
	}
	for _, w := range i.words {
		if !near[w] {
			return 0
		}
	}
	return len(i.words)
}

// bothSides gives the right and the left code where the text says "bilateral"
// and the Tabular List has no code for both (Guidelines I.B.13).
func (k *knowledge) bothSides(kids []childInfo, near around, encounter byte, depth int) (descent, bool) {
	var out descent
	for _, side := range []string{"right", "left"} {
		alone := around{side: true}
		for w := range near {
			if w != "bilateral" && w != "right" && w != "left" {
				alone[w] = true
			}
		}
		for _, kid := range kids {
			if kid.fit(alone) > 0 && kid.says(side) {
				d := k.down(kid.code, alone, encounter, depth+1)
				out.codes = append(out.codes, d.codes...)
				out.steps = append(out.steps, kid.code.Title)
				break
			}
		}
	}
	return out, len(out.codes) == 2
}

func (i childInfo) says(word string) bool { return slices.Contains(i.words, word) }

func (d descent) via(title string) descent {
	d.steps = append([]string{title}, d.steps...)
	return d
}

// isExtension reports whether a code has its seventh character.
func isExtension(code string) bool { return len(code) == 8 }

// seventh chooses the seventh character: encounter is A (active treatment), D
// (routine healing) or S (sequela) (Guidelines I.C.19.a). For fractures A is
// the closed one: a fracture not said to be open is coded closed (I.C.19.c).
func seventh(c codeset.Code, kids []childInfo, encounter byte) descent {
	var choices []codeset.Code
	for _, kid := range kids {
		choices = append(choices, kid.code)
	}
	for _, want := range []byte{encounter, '0'} {
		for _, kid := range kids {
			if code := kid.code.Code; code[len(code)-1] == want && kid.code.Billable {
				return descent{codes: []string{code}, steps: []string{kid.code.Title}}
			}
		}
	}
	return descent{missing: c.Code, choices: choices}
}

// sharpen goes from an unspecified code to a sibling that the words near the
// mention establish, on the axes that a text often says apart from the
// condition: side, acuity, stage.
func (k *knowledge) sharpen(code string, near around, encounter byte) (descent, bool) {
	c, ok := k.set.Code(code)
	if !ok || !strings.Contains(strings.ToLower(c.Title), "unspecified") {
		return descent{}, false
	}
	at := c
	if isExtension(at.Code) {
		if up := k.parent(at.Code); up != "" {
			at, _ = k.set.Code(up)
		}
	}
	for range 2 {
		up := k.parent(at.Code)
		if up == "" {
			return descent{}, false
		}
		kids := k.diff.children(up)
		for _, kid := range kids {
			if kid.code.Code == at.Code || kid.fit(near) == 0 || !onlyAxes(kid.words) {
				continue
			}
			d := k.down(kid.code, near, encounter, 0)
			if len(d.codes) > 0 {
				return d.via(kid.code.Title), true
			}
		}
		if near["bilateral"] {
			if both, ok := k.bothSides(kids, near, encounter, 0); ok {
				return both, true
			}
		}
		at, _ = k.set.Code(up)
	}
	return descent{}, false
}

// parent is the code directly above, within the category.
func (k *knowledge) parent(code string) string {
	above := k.set.Ancestors(code)
	if len(above) == 0 || len(above[0].Code) >= len(code) || !strings.HasPrefix(code, above[0].Code) {
		return ""
	}
	return above[0].Code
}

// axisWords are the words by which a text adds side, acuity or degree.
var axisWords = setOf("right", "left", "bilateral", "upper", "lower", "acute", "chronic", "subacute", "recurrent", "mild", "moderate", "severe",
	"1", "2", "3", "3a", "3b", "4", "5", "stage", "type", "intractable", "persistent", "intermittent", "eye", "ear", "quadrant", "limb", "leg", "arm", "side")

func onlyAxes(words []string) bool {
	for _, w := range words {
		if !axisWords[w] {
			return false
		}
	}
	return len(words) > 0
}
