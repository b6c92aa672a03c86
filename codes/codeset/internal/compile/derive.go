package compile

import (
	"regexp"
	"sort"
	"strings"

	"chartroom/codes/codeset/internal/fold"
)

// DeriveIndex makes an Alphabetic Index from the titles and inclusion terms of
// a Tabular List, for editions of which no official Index may be shipped. The
// main term is the condition; what qualifies it becomes subterms, nearest
// first: "Chronic obstructive pulmonary disease" stands at Disease, pulmonary,
// obstructive, chronic. What "unspecified" or "NOS" names is the default code of
// its term. Codes that need more characters end in "-".
//
// rows are all the codes of the edition, to know which of them are complete.
func DeriveIndex(t *TabularFile, rows []CodeRow) []IndexRow {
	d := &deriver{complete: map[string]bool{}}
	for _, r := range rows {
		if r.Flags&Billable != 0 {
			d.complete[r.Code] = true
		}
	}
	diseases, external := &termNode{}, &termNode{}
	for _, n := range t.Nodes {
		root := diseases
		if n.Code[0] >= 'V' && n.Code[0] <= 'Y' {
			root = external
		}
		d.add(root, n.Code, n.Title, true)
	}
	for _, n := range t.Notes {
		if n.Kind != noteInclusionTerm && (n.Kind != noteIncludes || len(n.Owner) > 5) || n.Of != 0 {
			continue
		}
		root := diseases
		if n.Owner[0] >= 'V' && n.Owner[0] <= 'Y' {
			root = external
		}
		d.add(root, n.Owner, n.Text, false)
	}
	out := d.flatten(nil, diseases, IndexDiseases, 0)
	out = append(out, deriveNeoplasms(t, d)...)
	out = append(out, deriveDrugs(t, d)...)
	return d.flatten(out, external, IndexExternal, 0)
}

type deriver struct {
	complete map[string]bool
}

// termNode is a term of the Index in the making.
type termNode struct {
	title string
	nem   []string
	code  string
	rank  int // of the code: the greater wins
	below map[string]*termNode
}

var (
	inBrackets = regexp.MustCompile(`(?:^|\s+)[\[(]([^\])]*)[\])]`) // "(poly)neuropathy" keeps its word whole
	parens     = strings.NewReplacer("(", "", ")", "", "[", "", "]", "")
	connector  = regexp.MustCompile(`(?i)(?:,\s*|\s+)(?:(with|without|due to|in|from|following|caused by|complicating|during|of|at|on|to|by|affecting|involving|as)\s+)?`)
	noise      = regexp.MustCompile(`(?i)\b(?:NOS|NEC|unspecified|not elsewhere classified|not otherwise specified|elsewhere classified)\b`)
	noName     = regexp.MustCompile(`(?i),?\s*\b(?:of |in |at )?unspecified (?:organism|site|sites|part|stage|type|trimester|severity|episode|location|cause|nature|body region)\b`)
	dangling   = regexp.MustCompile(`(?i)\s+(?:of|in|at|on|with|to|by|and|or)\s*(,|$)`)
	otherWords = regexp.MustCompile(`(?i)^(?:other specified|other and unspecified|other|certain)\s+`)
	sentence   = regexp.MustCompile(`(?i)\b(?:code|codes|any condition|conditions? (?:in|classif)|see)\b`)
)

// trailing words follow the noun they qualify, so they are never a main term.
var trailing = map[string]bool{
	"mellitus": true, "insipidus": true, "vulgaris": true, "simplex": true, "zoster": true, "nodosa": true,
	"nodosum": true, "multiforme": true, "gravis": true, "vera": true, "gravidarum": true, "neonatorum": true,
	"praevia": true, "previa": true, "media": true, "externa": true, "interna": true, "areata": true,
	"pectoris": true, "minor": true, "major": true, "capitis": true, "corporis": true, "pedis": true,
	"cruris": true, "barbae": true, "unguium": true, "versicolor": true, "planus": true, "rosacea": true,
	"sclerosus": true, "pemphigoides": true, "tarda": true, "congenita": true, "hominis": true, "i": true,
	"ii": true, "iii": true, "iv": true, "a": true, "b": true, "c": true, "d": true, "e": true,
	"type": true, "encounter": true, "sequela": true, "bilateral": true, "present": true, "positive": true,
}

// add puts one phrase into the tree.
func (d *deriver) add(root *termNode, code, phrase string, title bool) {
	if sentence.MatchString(phrase) || len(phrase) > 200 {
		return
	}
	rank := 2
	if title {
		rank = 3
	}
	unspecified := noise.MatchString(phrase)
	other := otherWords.MatchString(phrase)
	var nem []string
	for _, m := range inBrackets.FindAllStringSubmatch(phrase, -1) {
		nem = append(nem, m[1])
	}
	phrase = parens.Replace(inBrackets.ReplaceAllString(phrase, " "))
	phrase = withoutNoise(phrase)
	phrase = otherWords.ReplaceAllString(strings.TrimSpace(phrase), "")
	parts := segments(phrase)
	if len(parts) == 0 {
		return
	}
	written := d.written(code)
	switch {
	case unspecified && !other && d.complete[code]:
		rank += 4 // the default code of its term
	case written != code:
		rank--
	}
	path, qualifiers := steps(parts)
	at := root
	for i, step := range path {
		if i == qualifiers && other {
			at = at.child("specified NEC")
		}
		if at = at.child(step); i == 0 {
			at.title = capital(at.title)
		}
	}
	if len(path) == qualifiers && other {
		at = at.child("specified NEC")
	}
	at.nem = mergeWords(at.nem, nem)
	if rank > at.rank {
		at.rank, at.code = rank, written
	}
}

// withoutNoise drops what says that something is not said.
func withoutNoise(phrase string) string {
	phrase = noName.ReplaceAllString(phrase, "")
	phrase = noise.ReplaceAllString(phrase, "")
	return dangling.ReplaceAllString(phrase, "$1")
}

// segment is a piece of a phrase with the preposition before it.
type segment struct {
	prep string
	text string
}

// segments cuts a phrase at commas and prepositions.
func segments(phrase string) []segment {
	var out []segment
	prep, last := "", 0
	put := func(text string) {
		if text = strings.Trim(text, " ,;:."); text != "" {
			out = append(out, segment{prep, text})
		}
	}
	for _, m := range connector.FindAllStringSubmatchIndex(phrase, -1) {
		hasPrep := m[2] >= 0
		if !hasPrep && !strings.Contains(phrase[m[0]:m[1]], ",") {
			continue // a mere space
		}
		put(phrase[last:m[0]])
		prep = ""
		if hasPrep {
			prep = strings.ToLower(phrase[m[2]:m[3]])
		}
		last = m[1]
	}
	put(phrase[last:])
	return out
}

// steps turns segments into the path of a term: the noun of the first segment,
// its qualifiers from the nearest outward (qualifiers counts up to these), then
// the other segments.
func steps(parts []segment) (path []string, qualifiers int) {
	words := strings.Fields(parts[0].text)
	head := len(words) - 1
	for head > 0 && !canLead(words[head]) {
		head--
	}
	if !canLead(words[head]) {
		head = len(words) - 1
	}
	out := []string{strings.Trim(words[head], "'\"/")}
	rest := append(append([]string(nil), words[:head]...), words[head+1:]...)
	for i := len(rest) - 1; i >= 0; i-- {
		w := strings.ToLower(rest[i])
		if w == "and" || w == "or" || w == "the" || w == "mellitus" { // nonessential
			continue
		}
		if i > 0 && (isDigits(w) || len(w) == 1) { // "type 2"
			out = append(out, strings.ToLower(rest[i-1])+" "+rest[i])
			i--
			continue
		}
		out = append(out, rest[i])
	}
	qualifiers = len(out)
	for _, p := range parts[1:] {
		switch p.prep {
		case "", "of", "at", "on", "to", "as":
			out = append(out, p.text)
		default:
			out = append(out, p.prep+" "+p.text)
		}
	}
	return out, qualifiers
}

// canLead reports whether a word may be a main term: a noun, as far as its shape
// tells, or an abbreviation.
func canLead(w string) bool {
	lower := strings.ToLower(w)
	if trailing[lower] || neverLeads[lower] || len(w) < 2 {
		return false
	}
	letters := 0
	for i := 0; i < len(w); i++ {
		switch c := w[i] | 0x20; {
		case c >= 'a' && c <= 'z' || c >= 0x80:
			letters++
		case w[i] >= '0' && w[i] <= '9' && i == 0:
			return false // a measure, a stage
		}
	}
	return letters >= 3 || letters >= 2 && w == strings.ToUpper(w)
}

// neverLeads are words that are never what a title is about.
var neverLeads = map[string]bool{
	"and": true, "but": true, "due": true, "not": true, "out": true, "the": true, "per": true, "than": true,
	"use": true, "for": true, "age": true, "part": true, "parts": true, "site": true, "sites": true,
}

func isDigits(w string) bool {
	for i := 0; i < len(w); i++ {
		if w[i] < '0' || w[i] > '9' {
			return false
		}
	}
	return w != ""
}

func capital(w string) string {
	if w == "" {
		return w
	}
	return strings.ToUpper(w[:1]) + w[1:]
}

// written adds "-" to a code that needs more characters, as the book does.
func (d *deriver) written(code string) string {
	dotted := code
	if len(code) > 3 {
		dotted = code[:3] + "." + code[3:]
	}
	if d.complete[code] {
		return dotted
	}
	if len(code) == 3 {
		return dotted + ".-"
	}
	return dotted + "-"
}

func (n *termNode) child(title string) *termNode {
	key := strings.Join(fold.Words(title), " ") // "Fall" and "Falls" are one term
	if key == "" {
		key = strings.ToLower(title)
	}
	if c, ok := n.below[key]; ok {
		return c
	}
	if n.below == nil {
		n.below = map[string]*termNode{}
	}
	c := &termNode{title: title}
	n.below[key] = c
	return c
}

// flatten appends the terms below n, sorted, "with" first (Guidelines I.A.15).
func (d *deriver) flatten(out []IndexRow, n *termNode, kind byte, depth int) []IndexRow {
	keys := make([]string, 0, len(n.below))
	for k := range n.below {
		keys = append(keys, k)
	}
	sort.Slice(keys, func(i, j int) bool {
		wi, wj := strings.HasPrefix(keys[i], "with "), strings.HasPrefix(keys[j], "with ")
		if wi != wj {
			return wi
		}
		return keys[i] < keys[j]
	})
	for _, k := range keys {
		c := n.below[k]
		out = append(out, IndexRow{Kind: kind, Depth: depth, Title: c.title, NonEssential: c.nem, Code: c.code})
		out = d.flatten(out, c, kind, depth+1)
	}
	return out
}

// mergeWords adds what is new.
func mergeWords(have, add []string) []string {
	for _, a := range add {
		found := a == "" || len(a) > 60
		for _, h := range have {
			found = found || h == a
		}
		if !found {
			have = append(have, a)
		}
	}
	return have
}
