package coder

import (
	"cmp"
	"math"
	"slices"
)

// Offered is the score from which a code is shown for acceptance.
const Offered = 0.5

const (
	uncertainFactor = 0.85
	plannedFactor   = 0.6
	// unsaidScore is that of a mention the text denies: shown with --all only.
	unsaidScore = 0.04
)

// sourceScore is the score of a lone term of each source, set so that about two
// of three codes offered are right on the training part of CodiEsp. Changing
// one by a tenth moves F1 there by less than .002.
var sourceScore = [...]float64{fromOther: 0.42, fromRelaxed: 0.5, fromTerm: 0.58, fromTitle: 0.62, fromIndex: 0.5, fromSite: 0.72, fromLexicon: 0.8}

// sectionScore weighs the part of the document that a mention stands in.
var sectionScore = map[sectionKind]float64{
	sectionDiagnoses: 1.2, sectionAssessment: 1.15, sectionPostop: 1.15, sectionImpression: 1.05, sectionCourse: 1.05,
	sectionReview: 0.5, sectionExam: 0.7, sectionLabs: 0.75, sectionImaging: 0.7, sectionMedications: 0.6, sectionPreop: 0.95,
	sectionSpecimen: 0.3, sectionSocial: 0.9, sectionPlan: 0.85, sectionOperation: 0.65, sectionFindings: 0.7, sectionIndication: 0.9, sectionProcedure: 0.5,
}

// baseScore is the score of one match before the record's context bears on it.
func baseScore(hit match, s sentence) float64 {
	t := hit.term
	score := sourceScore[t.source]
	score += 0.05 * float64(min(len(t.stems)-1, 4))
	if t.flags&flagWeak != 0 {
		score = 0.25
	}
	if gaps := hit.width - len(hit.atoms); gaps > 0 {
		score -= 0.03 * float64(gaps)
	}
	if hit.shared {
		score -= 0.06
	}
	if f, ok := sectionScore[s.section]; ok {
		score *= f
	}
	return min(max(score, 0.01), 0.98)
}

// finalScore lifts a code that is said more than once.
func (c *candidate) finalScore() float64 {
	score := c.score
	if c.mentions > 1 {
		score += (1 - score) * 0.15 * math.Min(float64(c.mentions-1), 3) / 3
	}
	return math.Min(score*c.factor, 0.99)
}

func round(x float64) float64 { return math.Round(x*1000) / 1000 }

// ordered sorts best first; equal scores by system and code.
func ordered(codes []Suggestion, all bool) []Suggestion {
	out := make([]Suggestion, 0, len(codes))
	for _, c := range codes {
		if all || c.Score >= Offered {
			out = append(out, c)
		}
	}
	slices.SortStableFunc(out, func(a, b Suggestion) int {
		return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(a.System, b.System), cmp.Compare(a.Code, b.Code))
	})
	return out
}
