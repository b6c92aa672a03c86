package coder

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"chartroom/codes/codeset"
)

// drug is the code for taking a drug for long.
type drug struct {
	code string
	weak bool
}

func loadDrugs(set *codeset.Set) (map[string]drug, error) {
	lines, err := lexLines("drugs.txt")
	if err != nil {
		return nil, err
	}
	drugs := map[string]drug{}
	for _, l := range lines {
		if _, ok := set.Code(l.right); !ok {
			continue // not in this edition
		}
		for name := range strings.FieldsSeq(l.left) {
			drugs[name] = drug{l.right, l.has("weak")}
		}
	}
	return drugs, nil
}

// facts is what the record says of the patient as a whole: states, numbers and
// drugs rather than conditions.
type facts struct {
	pregnant  bool
	newborn   bool
	aftercare bool
	bmi       *measured
	weeks     *measured // completed weeks of gestation
	nihss     *measured
	gcs       *measured
	drugs     []taken
	adverse   []drugEvent
	stage     string // of a pressure ulcer
	birth     delivery
}

// measured is a number with the place where it stands.
type measured struct {
	value float64
	words string
	span  Span
}

// taken is a drug that the text says the patient takes.
type taken struct {
	name, code string
	score      float64
	span       Span
}

func newFacts() *facts { return &facts{} }

var (
	pregnancyWords = setOf("pregnant", "pregnancy", "gravida", "trimester", "postpartum", "antepartum", "intrapartum", "obstetric", "parturient", "preeclampsia", "primigravida", "multigravida")
	newbornWords   = setOf("newborn", "neonate", "neonatal", "preterm", "nicu")
	aftercareWords = setOf("aftercare", "rehabilitation")
	takingWords    = setOf("on", "takes", "taking", "taken", "took", "uses", "using", "home", "chronic", "maintained", "resume", "continue", "continues", "continued")
	dosingWords    = setOf("daily", "weekly", "monthly", "nightly", "bid", "tid", "qd", "every", "bedtime", "twice")
)

// shortCourse: words beside a drug that is not given for long.
var shortCourse = setOf("prophylaxis", "taper", "tapering", "correction", "correctional", "sliding", "scale", "drip", "infusion", "burst", "intravenous", "bolus")

// read collects the facts of a sentence.
func (f *facts) read(r *run, doc int, text string, s sentence, means []assertion, who author) {
	for i, t := range s.tokens {
		if t.kind == markToken || means[i] == familial {
			continue
		}
		if means[i] != negated && means[i] != historical && means[i] != hypothetical && means[i] != ruledOut {
			f.pregnant = f.pregnant || pregnancyWords[t.low]
			f.newborn = f.newborn || newbornWords[t.low]
			f.aftercare = f.aftercare || aftercareWords[t.low]
		}
		switch t.low {
		case "bmi":
			f.bmi = numberAfter(f.bmi, doc, text, s.tokens, i, 10, 90)
		case "nihss":
			f.nihss = numberAfter(f.nihss, doc, text, s.tokens, i, 0, 42)
		case "weeks", "wks", "wk", "week", "w":
			f.weeks = weeksBefore(f.weeks, doc, text, s.tokens, i)
		case "gcs":
			f.gcs = numberAfter(f.gcs, doc, text, s.tokens, i, 3, 15)
		}
		f.readDrug(r, doc, s, means[i], i)
	}
	f.readStatus(r, doc, text, s, who)
	f.readAdverse(r, doc, s, means)
	f.readAllergies(r, doc, s)
	f.readDelivery(doc, text, s, means)
	if who.clinician {
		f.readStage(s, means)
	}
}

// numberAfter reads the number that follows a name within four tokens.
func numberAfter(old *measured, doc int, text string, tokens []token, i int, low, high float64) *measured {
	for j := i + 1; j < len(tokens) && j <= i+4; j++ {
		if tokens[j].kind != numberToken {
			continue
		}
		value, err := strconv.ParseFloat(strings.TrimSuffix(tokens[j].low, ","), 64)
		if err != nil || value < low || value > high {
			return old
		}
		span := Span{Document: doc, Start: tokens[i].start, End: tokens[j].end}
		return &measured{value: value, words: strings.Join(strings.Fields(text[span.Start:span.End]), " "), span: span}
	}
	return old
}

// gestationWords must stand near a number of weeks for it to be the age of a
// pregnancy.
var gestationWords = setOf("gestation", "gestational", "pregnancy", "pregnant", "intrauterine", "iup", "ga", "ega")

// weeksBefore reads "39 weeks", "39 2/7 weeks" and "39 + 2 weeks" beside a word
// of gestation.
func weeksBefore(old *measured, doc int, text string, tokens []token, i int) *measured {
	if !slices.ContainsFunc(tokens[max(0, i-8):min(len(tokens), i+6)], func(t token) bool { return gestationWords[t.low] }) {
		return old
	}
	for j := max(0, i-5); j < i; j++ {
		value, err := strconv.Atoi(tokens[j].low)
		if tokens[j].kind == numberToken && err == nil && value >= 4 && value <= 42 {
			span := Span{Document: doc, Start: tokens[j].start, End: tokens[i].end}
			return &measured{value: float64(value), words: strings.Join(strings.Fields(text[span.Start:span.End]), " "), span: span}
		}
	}
	return old
}

// readDrug notes a drug of the list, if the text says that it is taken.
func (f *facts) readDrug(r *run, doc int, s sentence, means assertion, i int) {
	d, ok := r.k.drugs[s.tokens[i].low]
	if !ok || means == negated || means == hypothetical || s.section == sectionAllergies {
		return
	}
	score := 0.3
	switch {
	case s.section == sectionMedications:
		score = 0.72
	case slices.ContainsFunc(s.tokens[max(0, i-5):i], func(t token) bool { return takingWords[t.low] }):
		score = 0.55
	case slices.ContainsFunc(s.tokens[i+1:min(len(s.tokens), i+7)], func(t token) bool { return dosingWords[t.low] }):
		score = 0.52
	}
	if slices.ContainsFunc(s.tokens[max(0, i-4):min(len(s.tokens), i+14)], func(t token) bool { return shortCourse[t.low] }) {
		score = 0.3
	}
	if d.weak || means == historical && score < 0.7 || means == planned {
		score = 0.3
	}
	f.drugs = append(f.drugs, taken{s.tokens[i].low, d.code, score, Span{doc, s.tokens[i].start, s.tokens[i].end}})
}

// readStatus matches the states and past operations of status.txt.
func (f *facts) readStatus(r *run, doc int, text string, s sentence, who author) {
	if s.section == sectionNeutral || s.section == sectionInstructions {
		return
	}
	for _, hit := range r.status.find(r.atoms) {
		m := mention{term: hit.term, doc: doc, section: s.section, noAuthor: !who.clinician}
		m.spans = spansOf(doc, s.tokens, r.atoms, hit.atoms)
		m.words = wordsOf(text, m.spans)
		m.near = r.nearby(hit)
		m.score = baseScore(hit, sentence{})
		switch r.statusMeaning(hit) {
		case planned:
			if hit.term.flags&flagPast != 0 {
				continue
			}
			m.score *= 0.9
		case negated, ruledOut, hypothetical, familial, others:
			if s.section != sectionAllergies && !hasPrefixOf(hit.term.code, speakOfRisk) {
				continue
			}
		case historical:
		default:
			if hit.term.flags&flagPast != 0 && s.section != sectionSurgicalHistory && s.section != sectionPastHistory {
				continue
			}
		}
		r.statuses = append(r.statuses, m)
	}
}

// speakOfRisk are codes whose own words are cues elsewhere: allergy, screening,
// vaccination.
var speakOfRisk = []string{"Z88", "Z91.0", "Z12", "Z13", "Z11", "Z23"}

func (r *run) statusMeaning(hit match) assertion {
	means := affirmed
	for _, i := range hit.atoms {
		for t := r.atoms[i].first; t <= r.atoms[i].last; t++ {
			means = strongest(means, r.tokensBuf[t])
		}
	}
	return means
}

// finish enters the facts as codes.
func (f *facts) finish(r *run) {
	for i := range r.statuses {
		m := &r.statuses[i]
		d := r.k.descend(m.term.code, m.near, r.encounterCharacter())
		if m.term.code == "Z99.2" && r.best([]string{"N18.6"}) == nil {
			m.score *= 0.5 // dialysis for an acute failure is no dependence
		}
		for _, full := range d.codes {
			r.put(full, m.score, m.spans, append([]string{m.words, m.term.text}, d.steps...), false, fromLexicon)
		}
	}
	for _, t := range f.drugs {
		if t.code == "Z79.4" && r.best([]string{"E08", "E09", "E10", "E11", "E13"}) == nil {
			continue // insulin to bring down potassium or for a single dose
		}
		if t.code == "Z79.4" && r.best([]string{"E10"}) != nil {
			t.score *= 0.6 // type 1 diabetes always needs it
		}
		r.put(t.code, t.score, []Span{t.span}, []string{t.name, "long-term drug therapy (Guidelines I.C.21.c.3)"}, false, fromLexicon)
	}
	f.enterAdverse(r)
	f.finishStage(r)
	f.finishNumbers(r)
	f.finishObstetric(r)
}

// finishNumbers enters BMI, NIHSS and coma scale, each only beside the
// diagnosis that it belongs to (Guidelines I.B.14).
func (f *facts) finishNumbers(r *run) {
	if f.bmi != nil && (r.enc.Age < 0 || r.enc.Age >= 20) {
		score := 0.3
		if c := r.best([]string{"E66", "E43", "E44", "E46", "R63.4", "R63.6", "R64", "R62.7", "E40", "E41", "R63.5"}); c != nil && c.finalScore() >= Offered {
			score = min(c.score, 0.9)
		}
		f.enter(r, bmiCode(f.bmi.value), score, f.bmi, "body mass index (Guidelines I.B.14)")
	}
	f.finishScores(r)
}

// finishScores enters weeks of gestation, NIHSS and coma scale.
func (f *facts) finishScores(r *run) {
	if f.weeks != nil && f.pregnant && !isMale(r.enc.Sex) {
		score := 0.45
		if c := r.best([]string{"O"}); c != nil && c.finalScore() >= Offered {
			score = 0.75
		}
		f.enter(r, gestationCode(int(f.weeks.value)), score, f.weeks, "weeks of gestation (Guidelines I.C.21.c.11)")
	}
	if f.nihss != nil {
		if c := r.best([]string{"I63"}); c != nil && c.finalScore() >= Offered {
			f.enter(r, fmt.Sprintf("R29.7%02d", int(f.nihss.value)), 0.7, f.nihss, "NIHSS score (Guidelines I.C.18.i)")
		}
	}
	if f.gcs != nil && f.gcs.value < 13 {
		if c := r.best([]string{"S06", "R40.20", "I61", "I60", "G93.1"}); c != nil && c.finalScore() >= Offered {
			code := "R40.2430"
			if f.gcs.value > 8 {
				code = "R40.2420"
			}
			f.enter(r, code, 0.55, f.gcs, "coma scale (Guidelines I.C.18.e)")
		}
	}
}

func (f *facts) enter(r *run, code string, score float64, m *measured, rule string) {
	if c, ok := r.k.set.Code(code); ok {
		r.put(c.Code, score, []Span{m.span}, []string{m.words, rule, c.Title}, false, fromLexicon)
	}
}

// gestationCode is the code for completed weeks (category Z3A).
func gestationCode(weeks int) string {
	if weeks < 8 {
		return "Z3A.01"
	}
	return fmt.Sprintf("Z3A.%02d", weeks)
}

// bmiCode is the adult code of a body mass index in kg/m2 (category Z68).
func bmiCode(bmi float64) string {
	switch {
	case bmi < 20:
		return "Z68.1"
	case bmi < 40:
		return fmt.Sprintf("Z68.%d", int(bmi))
	case bmi < 45:
		return "Z68.41"
	case bmi < 50:
		return "Z68.42"
	case bmi < 60:
		return "Z68.43"
	case bmi < 70:
		return "Z68.44"
	}
	return "Z68.45"
}
