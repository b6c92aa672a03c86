package coder

import (
	"fmt"
	"slices"
	"strings"

	"chartroom/codes/codeset"
)

// procedureRun codes the procedures of one encounter.
type procedureRun struct {
	p         *procedures
	m         *matcher
	atoms     []atom
	found     []procedureMention
	docs      map[int]*procedureDocument
	questions []Question
	newborn   bool // the patient is the child: its mother's delivery is not its procedure
}

// procedureDocument is what a document as a whole says of how it was done.
type procedureDocument struct {
	words      around // of its operative sections
	structured bool   // it has the headers of a chart
}

// procedureMention is one place that speaks of a procedure.
type procedureMention struct {
	rule    int
	text    string
	words   string
	spans   []Span
	near    around
	doc     int
	section sectionKind
	score   float64
	aside   string
}

func newProcedureRun(p *procedures) *procedureRun {
	return &procedureRun{p: p, m: newMatcher(p.table, &siteTable{}), docs: map[int]*procedureDocument{}}
}

// elsewhere are sections that tell of no procedure of this encounter; operative
// ones say how one was done.
var (
	elsewhere = map[sectionKind]bool{sectionNeutral: true, sectionInstructions: true, sectionPastHistory: true,
		sectionSurgicalHistory: true, sectionFamily: true, sectionSocial: true}
	operative = map[sectionKind]bool{sectionProcedure: true, sectionOperation: true, sectionFindings: true, sectionPostop: true, sectionPreop: true}
)

// read collects the procedures of a sentence.
func (r *procedureRun) read(doc int, d Document, s sentence, means []assertion) {
	w := r.docs[doc]
	if w == nil {
		w = &procedureDocument{words: around{}, structured: d.Type != ""}
		r.docs[doc] = w
	}
	if s.section != sectionBody {
		w.structured = true
	}
	if elsewhere[s.section] {
		return
	}
	r.atoms = r.p.v.atomsOf(r.atoms[:0], d.Text, s.tokens)
	if kind := strings.ToLower(d.Type); operative[s.section] || strings.Contains(kind, "operative") || strings.Contains(kind, "procedure") {
		for _, t := range s.tokens {
			if t.kind != markToken {
				w.words[r.p.v.word(t.low)] = true
			}
		}
	}
	for _, hit := range r.m.find(r.atoms) {
		r.take(doc, d.Text, s, means, hit)
	}
}

func (r *procedureRun) take(doc int, text string, s sentence, means []assertion, hit match) {
	var rule int
	if _, err := fmt.Sscan(hit.term.code, &rule); err != nil {
		return // the table holds numbers only
	}
	m := procedureMention{rule: rule, text: hit.term.text, doc: doc, section: s.section, score: 0.72, near: around{}}
	m.spans = spansOf(doc, s.tokens, r.atoms, hit.atoms)
	m.words = wordsOf(text, m.spans)
	for _, t := range s.tokens {
		if t.kind != markToken {
			m.near[r.p.v.word(t.low)] = true
		}
	}
	for _, i := range hit.atoms {
		for t := r.atoms[i].first; t <= r.atoms[i].last; t++ {
			switch means[t] {
			case negated, ruledOut, hypothetical, others, familial:
				m.score, m.aside = unsaidScore, "not done"
			case planned:
				m.score, m.aside = 0.2, "planned, not yet done"
			case historical:
				m.score, m.aside = 0.2, "done before this encounter"
			case affirmed, uncertain:
			}
		}
	}
	switch s.section {
	case sectionProcedure:
		m.score = max(m.score, 0.3) * 1.2
	case sectionPlan, sectionIndication, sectionHPI, sectionMedications:
		m.score *= 0.6
	case sectionImaging, sectionLabs, sectionExam, sectionReview:
		m.score *= 0.8
	default:
	}
	if r.p.rules[rule].ancillary && r.docs[doc].structured {
		m.score *= 0.55
		m.aside = "imaging and monitoring: most hospitals do not code them from the chart"
	}
	r.found = append(r.found, m)
}

// finish completes the codes from the words of the record.
func (r *procedureRun) finish() []Suggestion {
	pool := map[string]*Suggestion{}
	var order []string
	resolved := map[int]bool{}
	var open []procedureMention
	for _, m := range r.found {
		if r.newborn && r.p.rules[m.rule].patterns[0][0].options[0].value == "1" {
			continue
		}
		codes, _ := r.resolve(m)
		if codes == nil {
			open = append(open, m)
			continue
		}
		resolved[m.rule] = true
		for _, code := range codes {
			entry, ok := r.p.set.Code(code)
			if !ok || !entry.Billable {
				continue
			}
			s := pool[code]
			if s == nil {
				s = &Suggestion{System: codeset.ICD10PCS, Code: entry.Code, Title: entry.Title}
				pool[code] = s
				order = append(order, code)
			}
			if m.score > s.Score {
				s.Score = round(min(m.score, 0.98))
				s.Why = []string{m.words, m.text, entry.Title}
				if m.aside != "" {
					s.Why = append(s.Why, m.aside)
				}
			}
			for _, sp := range m.spans {
				if !slices.Contains(s.Evidence, sp) {
					s.Evidence = append(s.Evidence, sp)
				}
			}
		}
	}
	r.ask(open, resolved)
	out := make([]Suggestion, 0, len(order))
	for _, code := range order {
		out = append(out, *pool[code])
	}
	return dropInspections(dropOtherDelivery(out))
}

// ask makes a question of each procedure that no mention completes.
func (r *procedureRun) ask(open []procedureMention, resolved map[int]bool) {
	for _, m := range open {
		if resolved[m.rule] || m.score < 0.4 {
			continue
		}
		resolved[m.rule] = true
		_, prefix := r.resolve(m)
		axis, next := r.p.set.Build(prefix)
		q := Question{About: prefix + "-", Evidence: m.spans,
			Ask: "The record says \"" + m.words + "\". Its ICD-10-PCS code needs the " + strings.ToLower(axis) + ": what does the documentation support?"}
		for _, c := range next {
			q.Choices = append(q.Choices, codeset.Code{Code: prefix + c.Char, Title: c.Meaning})
		}
		r.questions = append(r.questions, q)
	}
}

// resolve fills the pattern of a mention: from its sentence, then from the
// operative sections of its document. It returns nil and the prefix known when
// an axis is not documented.
func (r *procedureRun) resolve(m procedureMention) (codes []string, prefix string) {
	for _, pattern := range r.p.rules[m.rule].patterns {
		for _, side := range sidesOf(m.near, pattern) {
			code := ""
			for _, p := range pattern {
				v := r.value(p, m, side, code)
				if v == "" {
					return nil, code
				}
				code += v
			}
			codes = append(codes, code)
		}
	}
	return codes, ""
}

// sidesOf gives the sides to code one by one: both, where the record says
// "bilateral" and the pattern has only right and left (Guidelines B4.3).
func sidesOf(near around, pattern []place) []string {
	if !near["bilateral"] {
		return []string{""}
	}
	for _, p := range pattern {
		left, both := false, false
		for _, o := range p.options {
			left = left || slices.Contains(o.words, "left")
			both = both || slices.Contains(o.words, "bilateral")
		}
		if left && !both {
			return []string{"right", "left"}
		}
	}
	return []string{""}
}

func (r *procedureRun) value(p place, m procedureMention, side, prefix string) string {
	if len(p.options) == 1 && len(p.options[0].words) == 0 {
		return p.options[0].value
	}
	for _, words := range []around{m.near, r.docs[m.doc].words} {
		if v := p.pick(words, side, func(value string) bool { return r.allowed(p, prefix, value) }); v != "" {
			return v
		}
	}
	for _, o := range p.options {
		if len(o.words) == 0 {
			return o.value
		}
	}
	if p.approach { // one approach only: nothing to decide
		if _, next := r.p.set.Build(prefix); len(next) == 1 {
			return next[0].Char
		}
	}
	return ""
}

// allowed checks an approach against the table.
func (r *procedureRun) allowed(p place, prefix, value string) bool {
	if !p.approach {
		return true
	}
	_, next := r.p.set.Build(prefix)
	return slices.ContainsFunc(next, func(c codeset.Choice) bool { return c.Char == value })
}

// pick returns the value of the option with the most words that are all said.
// Right and left both said leave a side open unless one is asked for.
func (p place) pick(words around, side string, allowed func(string) bool) string {
	best, value := 0, ""
	tie := false
	for _, o := range p.options {
		n := 0
		for _, w := range o.words {
			said := words[w]
			if side != "" && (w == "right" || w == "left") {
				said = w == side
			}
			if !said {
				n = -1
				break
			}
			n++
		}
		if n <= 0 || !allowed(o.value) {
			continue
		}
		switch {
		case n > best:
			best, value, tie = n, o.value, false
		case n == best && o.value != value && (slices.Contains(o.words, "left") || slices.Contains(o.words, "right")):
			tie = true
		}
	}
	if tie {
		return ""
	}
	return value
}

// dropOtherDelivery: a cesarean is the delivery; words about the delivery do not
// make a second one.
func dropOtherDelivery(list []Suggestion) []Suggestion {
	cesarean := slices.ContainsFunc(list, func(s Suggestion) bool { return strings.HasPrefix(s.Code, "10D") && s.Score >= Offered })
	return slices.DeleteFunc(list, func(s Suggestion) bool { return cesarean && s.Code == "10E0XZZ" })
}

// dropInspections lets go of an inspection of a part on which something more
// was done (ICD-10-PCS Guidelines B3.11a).
func dropInspections(list []Suggestion) []Suggestion {
	out := list[:0]
	for _, s := range list {
		if s.Code[0] == '0' && s.Code[2] == 'J' {
			if slices.ContainsFunc(list, func(o Suggestion) bool {
				return o.Code[0] == '0' && o.Code[1] == s.Code[1] && o.Code[2] != 'J' && o.Code[4] == s.Code[4] && o.Score >= Offered
			}) {
				s.Score *= 0.5
				s.Why = append(s.Why, "inspection is part of the procedure (ICD-10-PCS Guidelines B3.11a)")
			}
		}
		out = append(out, s)
	}
	return out
}
