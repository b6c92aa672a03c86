package coder

import (
	"slices"
	"strings"

	"chartroom/codes/codeset"
)

// loadWords reads a file of "word word = value".
func loadWords(name string) (map[string]string, error) {
	lines, err := lexLines(name)
	if err != nil {
		return nil, err
	}
	out := map[string]string{}
	for _, l := range lines {
		for w := range strings.FieldsSeq(l.left) {
			out[w] = l.right
		}
	}
	return out, nil
}

// causeWords stand before a drug that brought about what the sentence tells.
var causeWords = setOf("due", "secondary", "caused", "from", "attributed", "laid", "effect", "reaction", "attributable", "by")

// noEvents are sections that list drugs without telling of harm; noDrug are
// words that make something else of a drug's name.
var (
	noEvents = map[sectionKind]bool{sectionMedications: true, sectionAllergies: true, sectionInstructions: true, sectionNeutral: true, sectionFamily: true}
	noDrug   = setOf("pump", "resistance", "deficiency")
)

// readAdverse notes drugs with a correct dose that did harm, and drugs taken too
// little (Guidelines I.C.19.e.5.a, c). The effect itself is coded from its own
// words; here only the drug's code is added, and only in a sentence that tells
// of a condition.
func (f *facts) readAdverse(r *run, doc int, s sentence, means []assertion) {
	if noEvents[s.section] {
		return
	}
	for i, t := range s.tokens {
		class, ok := r.k.adverse[t.low]
		if !ok || means[i] == hypothetical || means[i] == familial || means[i] == planned || i+1 < len(s.tokens) && noDrug[s.tokens[i+1].low] {
			continue
		}
		span := Span{Document: doc, Start: t.start, End: t.end}
		switch {
		case induced(s.tokens, i) || caused(s.tokens, i) && means[i] != negated && r.tells(doc, s):
			f.adverse = append(f.adverse, drugEvent{class + "5", t.low, "adverse effect of a drug taken as prescribed (Guidelines I.C.19.e.5.a)", span})
		case missed(s.tokens, i):
			f.adverse = append(f.adverse, drugEvent{class + "6", t.low, "underdosing (Guidelines I.C.19.e.5.c)", span})
		}
	}
}

// drugEvent is a code of T36-T50 with the drug that leads to it.
type drugEvent struct {
	code, drug, rule string
	span             Span
}

// induced: "steroid-induced", "opioid related".
func induced(tokens []token, i int) bool {
	for j := i + 1; j < len(tokens) && j <= i+2; j++ {
		if tokens[j].low == "induced" {
			return true
		}
	}
	return false
}

// caused: a word of cause within four words before the drug.
func caused(tokens []token, i int) bool {
	return slices.ContainsFunc(tokens[max(0, i-4):i], func(t token) bool { return causeWords[t.low] })
}

// missed: the drug was not taken: "had taken no furosemide", "ran out of".
func missed(tokens []token, i int) bool {
	before := tokens[max(0, i-6):i]
	taken := slices.ContainsFunc(before, func(t token) bool {
		return t.low == "taken" || t.low == "taking" || t.low == "takes" || t.low == "out" || t.low == "doses" || t.low == "adherence"
	})
	for _, t := range before {
		switch t.low {
		case "ran", "missed", "skipped", "skipping", "underdosing", "nonadherent", "noncompliant", "nonadherence":
			return true
		case "stopped":
			return slices.ContainsFunc(before, func(t token) bool { return t.low == "taking" })
		case "no", "not":
			if taken {
				return true
			}
		}
	}
	return false
}

// tells reports whether a condition was found in the sentence.
func (r *run) tells(doc int, s sentence) bool {
	if len(s.tokens) == 0 {
		return false
	}
	from, to := s.tokens[0].start, s.tokens[len(s.tokens)-1].end
	for _, m := range slices.Backward(r.mentions) {
		if m.doc != doc || m.spans[0].End <= from {
			return false
		}
		if m.spans[0].Start < to && m.means == affirmed {
			return true
		}
	}
	return false
}

// enterAdverse enters the drug events.
func (f *facts) enterAdverse(r *run) {
	for _, e := range f.adverse {
		c, ok := findHeader(r.k.set, e.code)
		if !ok {
			continue
		}
		d := r.k.down(c, around{}, r.encounterCharacter(), 0)
		for _, full := range d.codes {
			r.put(full, 0.58, []Span{e.span}, append([]string{e.drug, e.rule}, d.steps...), false, fromLexicon)
		}
	}
}

// readAllergies codes the substances of a list of allergies.
func (f *facts) readAllergies(r *run, doc int, s sentence) {
	if s.section != sectionAllergies {
		return
	}
	for i, t := range s.tokens {
		code, ok := r.k.allergens[t.low]
		if !ok || i > 0 && slices.ContainsFunc(s.tokens[max(0, i-3):i], func(t token) bool { return t.low == "no" || t.low == "not" || t.low == "denies" }) {
			continue
		}
		if c, found := r.k.set.Code(code); found {
			r.put(c.Code, 0.72, []Span{{doc, t.start, t.end}}, []string{t.low, "listed among the allergies", c.Title}, false, fromLexicon)
		}
	}
}

// ulcerStage is the stage of a pressure ulcer as any clinician may give it
// (Guidelines I.B.14).
func (f *facts) readStage(s sentence, means []assertion) {
	named, stage := false, ""
	for i, t := range s.tokens {
		switch t.low {
		case "pressure", "ulcer", "injury", "wound", "heel", "sacral", "sacrum", "coccyx", "decubitus":
			named = true
		case "unstageable":
			stage = "0"
		case "stage":
			if i+1 < len(s.tokens) && means[i] != negated {
				low := s.tokens[i+1].low
				if digit, ok := romanDigits[low]; ok {
					low = digit
				}
				if low == "1" || low == "2" || low == "3" || low == "4" {
					stage = low
				}
			}
		}
	}
	if named && stage != "" {
		f.stage = stage
	}
}

// finishStage gives pressure ulcers without a stage the one that a clinician
// documented: the last character of L89.xx9.
func (f *facts) finishStage(r *run) {
	if f.stage == "" {
		return
	}
	for _, code := range slices.Clone(r.order) {
		c := r.pool[code]
		if c == nil || !strings.HasPrefix(code, "L89") || !strings.HasSuffix(code, "9") || len(code) < 7 {
			continue
		}
		staged := code[:len(code)-1] + f.stage
		if _, ok := r.k.set.Code(staged); !ok {
			continue
		}
		delete(r.pool, code)
		r.put(staged, c.score, c.spans, append(slices.Clone(c.why), "stage "+f.stage+" as documented by a clinician (Guidelines I.B.14)"), false, fromLexicon)
	}
}

// codesOf keeps the codes of a word list that the edition has.
func codesOf(set *codeset.Set, words map[string]string) map[string]string {
	out := make(map[string]string, len(words))
	for w, code := range words {
		if _, ok := findHeader(set, code); ok {
			out[w] = code
		}
	}
	return out
}
