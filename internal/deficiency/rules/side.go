package rules

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"chartroom/internal/chart"
)

// sided is a statement of a side: what, where, on which side.
type sided struct {
	side, site, matter string
	doc                *doc
	fact               *chart.Fact
	from, to           int
}

// sides are the words of a side.
var sides = map[string]string{
	"left": "left", "right": "right", "lt": "left", "rt": "right", "bilateral": "both", "bilaterally": "both", "both": "both",
	"os": "left", "od": "right", "l": "left", "r": "right",
}

// sideReach is how many words stand at most between a side and its site and matter.
const sideReach = 6

func (c *Case) lateralityConflict() (found []Finding) {
	for _, s := range c.stays {
		all := c.sidedOf(s)
		done := map[string]bool{}
		for i, a := range all {
			for _, b := range all[i+1:] {
				key := a.site + "/" + a.matter
				if a.side == b.side || a.side == "both" || b.side == "both" || a.site != b.site || a.matter != b.matter || done[key] {
					continue
				}
				if bothSides(all, a.site, a.matter) {
					continue
				}
				done[key] = true
				f := s.at(fmt.Sprintf("%s of the %s: %s in one place, %s in another.", upperFirst(a.matter), a.site, a.side, b.side)).about(key)
				for _, x := range []sided{a, b} {
					if x.fact != nil {
						f = f.fact(x.fact.ID)
					} else {
						f = f.show(x.doc, x.from, x.to)
					}
				}
				if b.doc != nil {
					f.Clinician = b.doc.Author
				}
				found = append(found, f)
			}
		}
	}
	return found
}

func upperFirst(s string) string {
	if s == "" {
		return s
	}
	r, n := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(r)) + s[n:]
}

// bothSides says whether the encounter speaks of both sides of a site: in the word, or
// with both in one document (two diseased knees, compared sides).
func bothSides(all []sided, site, matter string) bool {
	by := map[*doc]map[string]int{}
	for _, x := range all {
		if x.site != site || x.matter != matter {
			continue
		}
		if x.side == "both" {
			return true
		}
		if x.doc != nil {
			if by[x.doc] == nil {
				by[x.doc] = map[string]int{}
			}
			by[x.doc][x.side]++
		}
	}
	documents, two := 0, 0
	for _, n := range by {
		documents++
		if n["left"] > 0 && n["right"] > 0 {
			two++
		}
	}
	// One document that gives both where all others agree is the conflict itself; two
	// that do speak of both sides.
	return two > 1
}

// sidedOf gathers the statements of sides in a stay, by document in order of time.
func (c *Case) sidedOf(s *stay) []sided {
	var out []sided
	for _, d := range s.docs {
		if d.is("letter", "external", "therapy", "nursing", "social", "nutrition", "discharge instruction") {
			continue
		}
		out = append(out, d.text.sidedIn(d, nil)...)
	}
	for _, f := range s.facts {
		if f.Kind == chart.Diagnosis || f.Kind == chart.Procedure {
			t := parse(f.Display)
			c.engine.words.find(t)
			out = append(out, t.sidedIn(nil, f)...)
		}
	}
	return out
}

func (t *text) sidedIn(d *doc, f *chart.Fact) []sided {
	var out []sided
	for _, m := range t.hits {
		if m.group != groupMatter || t.denied(m.from, m.to) || t.kin(m.from) || t.past(m.from) {
			continue
		}
		if s := t.sectionOf(m.from); strings.Contains(s, "history") && s != "history and course" && s != "history of present illness" || strings.Contains(s, "pmh") || strings.Contains(s, "past") {
			continue
		}
		side, site, from, to := t.sideNear(m)
		if side == "" || site == "" {
			continue
		}
		out = append(out, sided{side, site, m.name, d, f, from, to})
	}
	return out
}

// sideNear finds the site and side that belong to a matter: in the same clause, the
// nearest, and no other side between.
func (t *text) sideNear(m hit) (side, site string, from, to int) { //nolint:cyclop,gocyclo // the exceptions of one small grammar
	at, best := hit{}, sideReach+1
	for _, h := range t.hitsIn(m.from-sideReach-4, m.to+sideReach+1) {
		if h.group != groupSite {
			continue
		}
		gap := max(h.from-m.to, m.from-h.to, 0)
		if gap < best && t.clause(min(h.from, m.from), max(h.to, m.to)) {
			at, best = h, gap
		}
	}
	if best > sideReach {
		return "", "", 0, 0
	}
	lo, hi := min(at.from, m.from), max(at.to, m.to)
	count := map[string]int{}
	for i := max(0, lo-3); i < min(len(t.tokens), hi+2); i++ {
		s := sides[t.tokens[i].word]
		if s == "" || !t.clause(min(i, lo), max(i+1, hi)) {
			continue
		}
		if w := t.tokens[i].word; (w == "l" || w == "r" || w == "os" || w == "od") && !t.tokens[i].upper || w == "left" && in(t.word(i+1), "in", "to", "the", "against", "at", "ventricular", "ventricle", "behind", "open") || w == "right" && in(t.word(i+1), "away", "after", "now") {
			continue
		}
		// Behind the phrase only at once: "fracture of the hip, right".
		if i >= hi && i > hi {
			continue
		}
		count[s]++
		side, from, to = s, min(i, lo), max(i+1, hi)
	}
	if len(count) != 1 {
		return "", "", 0, 0
	}
	return side, at.name, from, to
}

// clause says whether the words from and up to stand in one clause.
func (t *text) clause(from, to int) bool {
	for i := from; i+1 < to; i++ {
		if p := t.tokens[i].after; p == '.' || p == ';' || p == ':' || t.tokens[i].sentence != t.tokens[i+1].sentence {
			return false
		}
		if in(t.tokens[i].word, "contralateral", "opposite", "other", "while", "but", "than", "compared") {
			return false
		}
	}
	return true
}

// outcome classes of a discharge, by status number and by words.
var outcomes = map[string][]string{
	"home":             {"01", "06", "07", "08", "21", "81", "86"},
	"nursing facility": {"03", "04", "61", "64", "83", "84", "89", "92"},
	"hospice":          {"50", "51"},
	"died":             {"20", "40", "41", "42"},
	"rehabilitation":   {"62", "90"},
	"transfer":         {"02", "05", "43", "63", "65", "66", "70", "82", "85", "88", "91", "93", "94", "95"},
	"against advice":   {"07"},
}

func (c *Case) dispositionContradicted() (found []Finding) {
	for _, s := range c.stays {
		if !s.took() || !s.over() || s.Disposition == "" || s.Disposition == "30" {
			continue
		}
		for _, d := range s.written("discharge summary", "death summary", "facility summary") {
			says, h := d.wentTo()
			if says == "" || slices.Contains(outcomes[says], s.Disposition) || compatible(says, s.Disposition) {
				continue
			}
			f := d.at(fmt.Sprintf("The discharge status is %s; the summary says: %s.", s.Disposition, d.text.quote(h.from, h.to))).show(d, h.from, h.to).fact(s.ID)
			found = append(found, f)
		}
	}
	return found
}

// compatible says whether words can stand beside a status of another class: hospice at
// home, rehabilitation in a nursing facility.
func compatible(says, status string) bool {
	switch says {
	case "home":
		return in(status, "50")
	case "nursing facility":
		return in(status, "62", "51", "90", "61")
	case "rehabilitation":
		return in(status, "03", "61", "06")
	case "transfer":
		return in(status, "03", "62", "90")
	}
	return false
}

// wentTo is where a summary says the patient went, by the words of the sentences on
// discharge.
func (d *doc) wentTo() (string, hit) { //nolint:cyclop,gocyclo // the exceptions of one small grammar
	t := d.text
	for _, h := range t.hits {
		if h.group != groupPhrase || outcomes[h.name] == nil && h.name != "died" || t.denied(h.from, h.to) {
			continue
		}
		first, last := t.sentenceOf(h.from)
		s := t.sectionOf(h.from)
		on := strings.HasPrefix(s, "disposition") || strings.HasPrefix(s, "discharged") || strings.Contains(s, "discharge disposition") || strings.Contains(s, "discharge to")
		for i := first; i < last; i++ {
			w := t.tokens[i].word
			on = on || w == "discharged" || w == "discharge" && in(t.word(i+1), "to", "home") || w == "transferred" && i <= h.from || in(w, "went", "pronounced", "expired", "sent") && h.name != "nursing facility"
		}
		if !on || t.kin(h.from) && h.name == "died" || t.refused(first, h.from) {
			continue
		}
		if h.name == "died" && t.past(h.from) && t.word(h.from) != "pronounced" {
			continue
		}
		return h.name, h
	}
	return "", hit{}
}

// refused says whether a sentence tells of a plan that came to nothing, or of where the
// patient came from.
func (t *text) refused(from, to int) bool {
	for i := from; i < to; i++ {
		if in(t.tokens[i].word, "from", "declined", "refused", "recommended", "planned", "considered", "offered", "would", "initially", "instead", "rather", "hoped", "may", "if", "when", "until", "after", "before") {
			return true
		}
	}
	return false
}
