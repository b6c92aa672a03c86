package coder

import (
	"fmt"
	"strings"

	"chartroom/codes/codeset"
)

// ruleBook is the lexicon's rules over codes: what a past condition becomes,
// what lasts, what is part of what, and which codes go together.
type ruleBook struct {
	past     []prefixRule // condition -> personal history
	family   []prefixRule // condition -> family history
	lasting  []string     // prefixes of conditions that a history does not end
	ending   []string     // prefixes of conditions that it does
	integral []integralRule
	combos   []comboRule
}

type prefixRule struct{ prefix, code string }

// integralRule drops symptoms where a condition explains them.
type integralRule struct {
	when []string // prefixes, any of which
	drop []string // prefixes
}

// comboRule replaces or adds codes when others stand together.
type comboRule struct {
	all    [][]string // each must be met by a code with one of the prefixes
	not    []string   // none of these
	add    []string   // codes or headers entered
	drop   []string   // prefixes removed
	source string
}

func loadRules(set *codeset.Set) (*ruleBook, error) {
	b := &ruleBook{}
	for _, file := range []struct {
		name string
		to   *[]prefixRule
	}{{"past.txt", &b.past}, {"family.txt", &b.family}} {
		lines, err := lexLines(file.name)
		if err != nil {
			return nil, err
		}
		for _, l := range lines {
			if l.right != "" {
				if _, ok := set.Code(l.right); !ok {
					continue
				}
			}
			for p := range strings.FieldsSeq(l.left) {
				*file.to = append(*file.to, prefixRule{p, l.right})
			}
		}
	}
	lines, err := lexLines("lasting.txt")
	if err != nil {
		return nil, err
	}
	for _, l := range lines {
		b.lasting = append(b.lasting, strings.Fields(l.left)...)
	}
	if lines, err = lexLines("ending.txt"); err != nil {
		return nil, err
	}
	for _, l := range lines {
		b.ending = append(b.ending, strings.Fields(l.left)...)
	}
	lines, err = lexLines("integral.txt")
	if err != nil {
		return nil, err
	}
	for _, l := range lines {
		b.integral = append(b.integral, integralRule{strings.Fields(l.left), strings.Fields(l.right)})
	}
	return b, b.loadCombos()
}

// loadCombos reads combos.txt: "A B + C = add X, Y ; drop P Q ; not R". Left,
// groups of prefixes joined by "+" must all be met.
func (b *ruleBook) loadCombos() error {
	lines, err := lexLines("combos.txt")
	if err != nil {
		return err
	}
	for _, l := range lines {
		var c comboRule
		c.source = fmt.Sprintf("%s line %d", l.file, l.line)
		for group := range strings.SplitSeq(l.left, "+") {
			c.all = append(c.all, strings.Fields(group))
		}
		if l.right != "-" {
			c.add = strings.Fields(l.right)
		}
		mode := ""
		for _, f := range l.flags {
			switch {
			case f == "drop" || f == "not":
				mode = f
			case mode == "drop":
				c.drop = append(c.drop, f)
			case mode == "not":
				c.not = append(c.not, f)
			default:
				return fmt.Errorf("coder: lexicon: %s has %q outside drop and not", c.source, f)
			}
		}
		b.combos = append(b.combos, c)
	}
	return nil
}

// longestPrefix finds the rule with the longest prefix of a code.
func longestPrefix(rules []prefixRule, code string) (string, bool) {
	best, out := -1, ""
	for _, r := range rules {
		if len(r.prefix) > best && strings.HasPrefix(code, r.prefix) {
			best, out = len(r.prefix), r.code
		}
	}
	return out, best >= 0
}

func hasPrefixOf(code string, prefixes []string) bool {
	for _, p := range prefixes {
		if strings.HasPrefix(code, p) {
			return true
		}
	}
	return false
}

// placePast decides about a mention of the past: a personal history code, a
// condition that lasts, or nothing.
func (r *run) placePast(m *mention) {
	code := m.term.code
	if z, ok := longestPrefix(r.k.rules.past, code); ok && z != "" && !r.stillListed(m) {
		if strings.HasPrefix(z, "Z87") && !hasPrefixOf(z, keptHistories) || z == "Z86.19" {
			m.score *= lesserHistory
		}
		r.enterStatus(m, z, "personal history of "+m.term.text)
		return
	}
	// "A three-day history of cough" tells of the present illness.
	present := code[0] == 'R' && m.section != sectionPastHistory && m.section != sectionSurgicalHistory
	if present || hasPrefixOf(code, r.k.rules.lasting) {
		r.enter(m, code, m.term.text)
		return
	}
	if hasPrefixOf(code, r.k.rules.ending) {
		m.score *= endedFactor
		m.aside = "a condition of the past that has run its course"
	} else {
		m.score *= pastFactor
	}
	r.enter(m, code, m.term.text)
}

// keptHistories of Z87 are those that coders report as a rule; the others only
// where they bear on care (Guidelines III.A).
var keptHistories = []string{"Z87.891", "Z87.442", "Z87.440", "Z87.11"}

const lesserHistory = 0.55

// pastFactor weighs a condition of the past of which the lexicon does not know
// whether it lasts; endedFactor one that it knows to be over.
const (
	pastFactor  = 0.66
	endedFactor = 0.4
)

// stillListed: a list of past conditions names what the patient has; only the
// words "history of", a date or "status post" make it past. Cancer and events
// that end are past in such a list as well when the list says so.
func (r *run) stillListed(m *mention) bool {
	return m.section == sectionPastHistory && hasPrefixOf(m.term.code, r.k.rules.lasting)
}

// placeFamily enters a family history code.
func (r *run) placeFamily(m *mention) {
	if z, ok := longestPrefix(r.k.rules.family, m.term.code); ok && z != "" {
		m.score *= familyFactor
		if strings.HasPrefix(z, "Z80") {
			m.score *= 1.2 // cancer in the family is what coders report
		}
		r.enterStatus(m, z, "family history of "+m.term.text)
	}
}

// familyFactor weighs family history, which is coded only where it bears on care.
const familyFactor = 0.6

// enterStatus enters a status or history code in place of the condition.
func (r *run) enterStatus(m *mention, code, path string) {
	d := r.k.descend(code, m.near, r.encounterCharacter())
	for _, full := range d.codes {
		r.put(full, m.score, m.spans, append([]string{m.words, path}, d.steps...), false, m.term.source)
	}
}
