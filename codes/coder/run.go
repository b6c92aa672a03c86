package coder

import (
	"slices"
	"strings"

	"chartroom/codes/codeset"
)

// mention is one place of the text that speaks of a condition.
type mention struct {
	term     *term
	doc      int
	section  sectionKind
	spans    []Span
	words    string // as read
	means    assertion
	near     around
	score    float64
	noAuthor bool   // by somebody who may not state a diagnosis
	aside    string // what bears on the mention, for Why
}

// run codes one encounter.
type run struct {
	k         *knowledge
	enc       Encounter
	m, status *matcher
	tokensBuf []assertion
	atoms     []atom
	mentions  []mention
	facts     *facts
	statuses  []mention
	final     int  // the discharge summary among the documents, or -1
	assessed  bool // some document has an assessment or a list of diagnoses
	questions []Question
	pool      map[string]*candidate
	order     []string
}

func newRun(k *knowledge, enc Encounter) *run {
	return &run{k: k, enc: enc, m: newMatcher(k.table, k.sites), status: newMatcher(k.status, k.sites), facts: newFacts(), final: finalDocument(enc.Documents), pool: map[string]*candidate{}}
}

// readDocument collects the mentions of one document.
func (r *run) readDocument(i int, px *procedureRun) {
	d := r.enc.Documents[i]
	if !states(d) {
		return
	}
	who := authorOf(d)
	doc := read(d.Text)
	for _, s := range doc.sentences {
		r.tokensBuf = r.k.cuesOf(r.tokensBuf, s.tokens)
		r.atoms = r.k.v.atomsOf(r.atoms[:0], d.Text, s.tokens)
		r.readSentence(i, d.Text, s, who)
		r.facts.read(r, i, d.Text, s, r.tokensBuf, who)
		if px != nil {
			px.read(i, d, s, r.tokensBuf)
		}
	}
}

func (k *knowledge) cuesOf(dst []assertion, tokens []token) []assertion {
	return k.cues.assertions(dst, tokens)
}

// readSentence matches the terms of one sentence.
func (r *run) readSentence(doc int, text string, s sentence, who author) {
	if s.section == sectionNeutral || s.section == sectionInstructions {
		return
	}
	r.assessed = r.assessed || isAssessment(s.section) && who.diagnoses
	r.m.means = r.tokensBuf
	hits := r.m.find(r.atoms)
	if len(hits) == 0 {
		return
	}
	for _, hit := range hits {
		m := mention{term: hit.term, doc: doc, section: s.section, noAuthor: !who.diagnoses}
		m.spans = spansOf(doc, s.tokens, r.atoms, hit.atoms)
		m.words = wordsOf(text, m.spans)
		m.means = r.meaning(hit, s.section)
		m.near = r.nearby(hit)
		m.score = baseScore(hit, s)
		if m.means == affirmed && yearAfter(s.tokens, r.atoms[hit.atoms[len(hit.atoms)-1]].last) {
			m.means = historical // "Pneumonia 2019" in a list
		}
		r.mentions = append(r.mentions, m)
	}
}

// yearAfter: a year stands directly behind the words, perhaps in brackets.
func yearAfter(tokens []token, last int) bool {
	for i := last + 1; i < len(tokens) && i <= last+3; i++ {
		t := tokens[i]
		if t.kind == numberToken {
			return len(t.low) == 4 && (t.low[:2] == "19" || t.low[:2] == "20")
		}
		if t.kind == wordToken && t.low != "in" || t.low == "." || t.low == ";" {
			return false
		}
	}
	return false
}

// meaning is how the condition word of a match is meant; the section decides
// where the sentence says nothing.
func (r *run) meaning(hit match, section sectionKind) assertion {
	means := affirmed
	seen := false
	for pass := range 2 {
		for k, i := range hit.atoms {
			if pass == 0 && !r.k.table.isHead[r.atoms[i].stem] {
				continue
			}
			_ = k
			seen = true
			for t := r.atoms[i].first; t <= r.atoms[i].last; t++ {
				means = strongest(means, r.tokensBuf[t])
			}
		}
		if seen {
			break
		}
	}
	if means == affirmed {
		switch section {
		case sectionFamily:
			return familial
		case sectionPastHistory, sectionSurgicalHistory:
			return historical
		case sectionAllergies:
			return hypothetical
		default:
		}
	}
	return means
}

// nearby is the words of the clause that the match stands in, as far as they
// can bear on it: a side or an acuity only from the match's own stretch and
// close to it, anything else from somewhat farther away.
func (r *run) nearby(hit match) around {
	near := around{}
	first := r.atoms[hit.atoms[0]]
	last := r.atoms[hit.atoms[len(hit.atoms)-1]]
	for _, a := range r.atoms {
		if a.stem == 0 || a.clause != first.clause || isDenied(r.tokensBuf[a.last]) && !isDenied(r.tokensBuf[last.last]) {
			continue
		}
		word := r.k.v.names[a.stem]
		before, after := 8, 10
		switch {
		case word == "right" || word == "left" || word == "bilateral":
			before, after = 4, 4
		case acuityWords[word]:
			before, after = 2, 3
		}
		if before < 8 && a.segment != first.segment && a.segment != last.segment && a.segment != last.segment+1 {
			continue
		}
		if a.place >= first.place-before && a.place <= last.place+after {
			near[word] = true
			for _, whole := range wholes[word] {
				near[whole] = true
			}
		}
	}
	return near
}

// wholes are the regions that the Tabular List names for a part of a limb.
var wholes = map[string][]string{
	"toe": {"foot", "ankle"}, "heel": {"foot", "ankle"}, "metatarsal": {"foot", "ankle"}, "foot": {"ankle"}, "ankle": {"foot"},
	"finger": {"hand"}, "thumb": {"hand"}, "metacarpal": {"hand"}, "femur": {"thigh"}, "tibia": {"lower", "leg"}, "fibula": {"lower", "leg"},
	"humerus": {"upper", "arm"}, "radius": {"forearm"}, "ulna": {"forearm"},
}

// acuityWords say how a condition runs; they stand beside it.
var acuityWords = setOf("acute", "chronic", "subacute", "recurrent", "mild", "moderate", "severe", "persistent", "intermittent", "intractable", "early", "late")

// spansOf turns atoms into spans; tokens that stand side by side make one.
func spansOf(doc int, tokens []token, atoms []atom, hit []int) []Span {
	var used []int
	for _, i := range hit {
		for t := atoms[i].first; t <= atoms[i].last; t++ {
			used = append(used, t)
		}
	}
	slices.Sort(used)
	used = slices.Compact(used)
	var out []Span
	for k, t := range used {
		if k > 0 && t-used[k-1] <= 2 && tokens[t].start-out[len(out)-1].End <= 4 {
			out[len(out)-1].End = tokens[t].end
			continue
		}
		out = append(out, Span{Document: doc, Start: tokens[t].start, End: tokens[t].end})
	}
	return out
}

func wordsOf(text string, spans []Span) string {
	parts := make([]string, len(spans))
	for i, s := range spans {
		parts[i] = strings.Join(strings.Fields(text[s.Start:s.End]), " ")
	}
	return strings.Join(parts, " … ")
}

// candidate gathers what speaks for one code.
type candidate struct {
	code     string
	score    float64
	spans    []Span
	why      []string
	mentions int
	factor   float64 // what other codes and the whole record leave of the score
	symptom  bool
	assessed bool // the provider names it in an assessment or list of diagnoses
	source   source
}

// finish turns the mentions into suggestions.
func (r *run) finish() []Suggestion {
	for _, provider := range []bool{true, false} {
		for i := range r.mentions {
			if m := &r.mentions[i]; m.noAuthor != provider {
				r.place(m)
			}
		}
	}
	r.facts.finish(r)
	r.combine()
	out := make([]Suggestion, 0, len(r.order))
	for _, code := range r.order {
		c := r.pool[code]
		if c == nil {
			continue
		}
		entry, ok := r.k.set.Code(code)
		if !ok || !entry.Billable {
			continue
		}
		out = append(out, Suggestion{System: codeset.ICD10CM, Code: entry.Code, Title: entry.Title, Score: round(c.finalScore()),
			Evidence: c.spans, Why: c.why, Notes: slices.Clone(r.k.diff.notesOf(code).bearing)})
	}
	return out
}

// place decides what a mention means for the coding and enters its codes.
func (r *run) place(m *mention) {
	if m.noAuthor && !r.mayState(m) {
		m.score *= noAuthorFactor
		m.aside = "stated by somebody who does not make diagnoses (Guidelines I.B.14, III.B)"
	}
	switch m.means {
	case negated, ruledOut, hypothetical, others:
		m.score = unsaidScore
		m.aside = assertionWords[m.means]
	case familial:
		r.placeFamily(m)
		return
	case planned:
		m.score *= plannedFactor
	case uncertain:
		if r.enc.Setting == Outpatient || r.enc.Setting == Professional {
			m.score = unsaidScore // Guidelines IV.H
			m.aside = "uncertain: not coded in this setting (Guidelines IV.H)"
		} else {
			m.score *= r.uncertainAt(m)
			m.aside = "uncertain, coded as if it existed at discharge (Guidelines II.H, III.C)"
		}
	case historical:
		r.placePast(m)
		return
	case affirmed:
	}
	r.enter(m, m.term.code, m.term.text)
}

// uncertainAt: an uncertain diagnosis is coded as if it existed if it still is
// one at discharge; one that only earlier notes weigh is not (II.H, III.C).
func (r *run) uncertainAt(m *mention) float64 {
	if r.final >= 0 && (m.doc != r.final || !isAssessment(m.section)) {
		return earlierFactor
	}
	return uncertainFactor
}

// earlierFactor lowers an uncertain diagnosis that the final document may have
// left behind.
const earlierFactor = 0.45

// finalDocument is the index of the discharge summary, or -1.
func finalDocument(docs []Document) int {
	for i, d := range docs {
		if kind := strings.ToLower(d.Type); strings.Contains(kind, "discharge summary") || strings.Contains(kind, "death summary") {
			return i
		}
	}
	return -1
}

// noAuthorFactor lowers what a nurse or a report states.
const noAuthorFactor = 0.3

// mayState: other clinicians may give the stage of a pressure ulcer that the
// provider has diagnosed, and social circumstances (Guidelines I.B.14).
func (r *run) mayState(m *mention) bool {
	return strings.HasPrefix(m.term.code, "L89") && r.best([]string{"L89"}) != nil
}

// assertionWords say why a mention is not offered.
var assertionWords = map[assertion]string{negated: "denied in the text", ruledOut: "ruled out, or still to be",
	hypothetical: "a risk, an advice or a precaution, not a finding", others: "said of somebody else"}

// enter descends from a code and puts the result into the pool.
func (r *run) enter(m *mention, code, path string) {
	if !r.plausible(code) {
		return
	}
	encounter := r.encounterCharacter()
	if m.near["healing"] || m.near["healed"] {
		encounter = 'D' // routine healing is no active treatment (Guidelines I.C.19.a)
	}
	for i, start := range append([]string{code}, m.term.also...) {
		d := r.k.descend(start, m.near, encounter)
		if i == 0 && len(d.codes) == 1 {
			if better, ok := r.k.sharpen(d.codes[0], m.near, encounter); ok {
				d = better
			}
		}
		if len(d.codes) == 0 {
			if m.score > comboFloor {
				r.ask(m, d)
			}
			continue
		}
		for _, full := range d.codes {
			why := []string{m.words, path}
			why = append(why, d.steps...)
			if m.aside != "" {
				why = append(why, m.aside)
			}
			c := r.put(full, m.score, m.spans, why, m.term.flags&flagSymptom != 0, m.term.source)
			c.assessed = c.assessed || isAssessment(m.section) && m.score > unsaidScore
		}
	}
}

// isAssessment tells the sections in which a provider states conclusions.
func isAssessment(s sectionKind) bool {
	switch s {
	case sectionDiagnoses, sectionAssessment, sectionImpression, sectionPostop, sectionPlan:
		return true
	default:
		return false
	}
}

// put adds evidence for a code.
func (r *run) put(code string, score float64, spans []Span, why []string, symptom bool, from source) *candidate {
	c := r.pool[code]
	if c == nil {
		c = &candidate{code: code, factor: 1, symptom: symptom || code[0] == 'R'}
		r.pool[code] = c
		r.order = append(r.order, code)
	}
	c.mentions++
	if score > c.score {
		c.score, c.why, c.source = score, why, from
	}
	for _, s := range spans {
		if !slices.Contains(c.spans, s) {
			c.spans = append(c.spans, s)
		}
	}
	return c
}

// ask records what is missing, once for a header.
func (r *run) ask(m *mention, d descent) {
	if d.missing == "" {
		return
	}
	about := d.missing + "-"
	if len(d.missing) == 3 {
		about = d.missing + ".-"
	}
	for i := range r.questions {
		if r.questions[i].About == about {
			r.questions[i].Evidence = append(r.questions[i].Evidence, m.spans...)
			return
		}
	}
	c, _ := r.k.set.Code(d.missing)
	r.questions = append(r.questions, Question{About: about, Evidence: m.spans, Choices: d.choices,
		Ask: "The record says \"" + m.words + "\". " + c.Title + " needs a further character: which of these does the documentation support?"})
}

// plausible leaves out codes of chapters that need a pregnancy or a newborn.
func (r *run) plausible(code string) bool {
	switch code[0] {
	case 'O':
		if r.enc.Age == 0 {
			return false
		}
		return r.enc.Sex == "" && r.facts.pregnant || r.facts.pregnant && !isMale(r.enc.Sex)
	case 'P':
		return r.facts.newborn || r.enc.Age == 0
	}
	return true
}

func isMale(sex string) bool { return strings.HasPrefix(strings.ToLower(sex), "m") }

// encounterCharacter: active treatment unless the record is of follow-up care.
func (r *run) encounterCharacter() byte {
	if r.facts.aftercare || r.enc.Setting == NursingFacility {
		return 'D'
	}
	return 'A'
}
