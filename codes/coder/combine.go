package coder

import (
	"slices"
	"strings"

	"chartroom/codes/codeset"
)

// combine applies the rules that bear on several codes.
func (r *run) combine() {
	r.combos()
	r.dropLessSpecific()
	r.dropIntegral()
	r.lowerUnassessed()
	r.excludes1()
}

// combos enters combination codes and drops their parts (Guidelines I.B.9).
func (r *run) combos() {
	for _, rule := range r.k.rules.combos {
		r.combo(rule)
	}
}

func (r *run) combo(rule comboRule) {
	var parts []*candidate
	for _, group := range rule.all {
		c := r.best(group)
		if c == nil || c.finalScore() < comboFloor {
			return
		}
		parts = append(parts, c)
	}
	if len(rule.not) > 0 && r.best(rule.not) != nil {
		return
	}
	score, why := 1.0, []string(nil)
	var spans []Span
	for _, p := range parts {
		score = min(score, p.score)
		spans = append(spans, p.spans...)
		why = append(why, p.why[0])
	}
	why = []string{strings.Join(why, " + "), "combination code (Guidelines I.B.9)"}
	for _, add := range rule.add {
		d := r.k.descend(add, around{}, r.encounterCharacter())
		for _, full := range d.codes {
			c, _ := r.k.set.Code(full)
			r.put(full, score, spans, append(slices.Clone(why), c.Title), false, fromLexicon)
		}
	}
	if len(rule.drop) > 0 {
		r.remove(func(code string) bool { return hasPrefixOf(code, rule.drop) && !hasPrefixOf(code, rule.add) })
	}
}

// comboFloor is the score below which a part does not make a combination.
const comboFloor = 0.45

func (r *run) best(prefixes []string) *candidate {
	var out *candidate
	for _, code := range r.order {
		c := r.pool[code]
		if c != nil && hasPrefixOf(code, prefixes) && (out == nil || c.score > out.score) {
			out = c
		}
	}
	return out
}

func (r *run) remove(which func(code string) bool) {
	for _, code := range r.order {
		if r.pool[code] != nil && which(code) {
			delete(r.pool, code)
		}
	}
}

// dropLessSpecific lets an unspecified code go where the record documents more
// (Guidelines I.A.9.b, I.B.2, I.B.13), and an unspecified injury where one of
// the same region is named (I.C.19.b).
func (r *run) dropLessSpecific() {
	for _, code := range slices.Clone(r.order) {
		c := r.pool[code]
		if c == nil {
			continue
		}
		vague := r.vagueness(code)
		if vague == 0 {
			continue
		}
		up := r.family(code)
		for _, other := range r.order {
			o := r.pool[other]
			if o == nil || other == code || o.score < comboFloor {
				continue
			}
			if up != "" && strings.HasPrefix(other, up) && r.vagueness(other) < vague || vagueInjury(code) && sameRegion(code, other) {
				for _, s := range c.spans {
					if !slices.Contains(o.spans, s) {
						o.spans = append(o.spans, s)
					}
				}
				delete(r.pool, code)
				break
			}
		}
	}
}

// vagueness counts what a code's title leaves unspecified.
func (r *run) vagueness(code string) int {
	entry, _ := r.k.set.Code(code)
	return strings.Count(strings.ToLower(entry.Title), "unspecified")
}

// family is the header whose codes differ from this one in what they specify:
// the one above, or the one above that if the code has a seventh character.
func (r *run) family(code string) string {
	up := r.k.parent(code)
	if isExtension(code) && len(up) > 5 {
		up = r.k.parent(up)
	}
	return up
}

// vagueInjury: S09.9 to S99.9, unspecified injury of a region.
func vagueInjury(code string) bool {
	return code[0] == 'S' && code[2] == '9' && len(code) > 4 && code[4] == '9'
}

// sameRegion: two codes of injuries of one region of the body, the other one
// being specific.
func sameRegion(code, other string) bool {
	return other[0] == 'S' && other[1] == code[1] && !vagueInjury(other)
}

// dropIntegral lets go of symptoms that belong to a condition the record
// confirms (Guidelines I.B.5).
func (r *run) dropIntegral() {
	for _, rule := range r.k.rules.integral {
		if c := r.best(rule.when); c != nil && c.finalScore() >= Offered {
			for _, code := range r.order {
				if s := r.pool[code]; s != nil && hasPrefixOf(code, rule.drop) {
					s.factor *= r.symptomFactor(integralFactor)
					s.why = append(s.why, "part of "+c.code+" (Guidelines I.B.5)")
				}
			}
		}
	}
}

// lowerUnassessed lowers a symptom or finding that only the story or the
// examination tells, where the provider has drawn conclusions and does not name
// it among them (Guidelines II.A, III.B, IV.D).
func (r *run) lowerUnassessed() {
	if !r.assessed {
		return
	}
	for _, code := range r.order {
		c := r.pool[code]
		if c != nil && !c.assessed && hasPrefixOf(code, symptomPrefixes) {
			c.factor *= unassessedFactor
			c.why = append(c.why, "not among the conditions that the provider assessed")
		}
	}
}

// unassessedFactor lowers a symptom that no assessment names.
const unassessedFactor = 0.55

// symptomPrefixes are symptoms and findings, in chapter 18 and elsewhere.
var symptomPrefixes = []string{"R", "M25.5", "M54.5", "M54.9", "M54.2", "M79.6", "M79.1", "L29", "L53", "H57.1", "N64.4", "M62.81", "J34.89", "H92.0", "K59.0", "T14.8", "M25.4", "L90.5", "I96", "B99.9", "N28.9", "K76.9", "I51.9"}

// integralFactor lowers a symptom that a documented condition explains.
const integralFactor = 0.5

// symptomFactor softens a factor where the record is a story without any
// assessment: what explains a symptom is then not the provider's conclusion.
func (r *run) symptomFactor(factor float64) float64 {
	if r.assessed {
		return factor
	}
	return max(factor, narrativeFactor)
}

// narrativeFactor is the least that a symptom is lowered to in a story.
const narrativeFactor = 0.75

// excludes1 lets the better documented of two codes stand that exclude each
// other (Guidelines I.A.12.a). A symptom yields to a disease.
func (r *run) excludes1() {
	var codes, plain []string
	for _, code := range r.order {
		if c := r.pool[code]; c != nil && c.score > unsaidScore {
			codes = append(codes, code)
			plain = append(plain, strings.Replace(code, ".", "", 1))
		}
	}
	for _, code := range codes {
		for _, ref := range r.k.diff.notesOf(code).excludes {
			for i, other := range codes {
				if other != code && covers(ref, plain[i]) {
					r.exclude(r.pool[code], r.pool[other])
				}
			}
		}
	}
}

// covers reports whether an undotted code lies in a range of a note.
func covers(ref codeset.Range, code string) bool {
	if len(code) < len(ref.From) || code[:len(ref.From)] < ref.From {
		return false
	}
	if len(code) > len(ref.To) {
		code = code[:len(ref.To)]
	}
	return code <= ref.To
}

// excludedFactor lowers the lesser of two codes that exclude each other.
const excludedFactor = 0.5

func (r *run) exclude(c, o *candidate) {
	loser, winner := c, o
	if c.finalScore() > o.finalScore()+0.1 && !c.symptom {
		loser, winner = o, c
	}
	if loser.code[0] == 'R' {
		loser.factor *= r.symptomFactor(excludedFactor)
	} else {
		loser.factor *= excludedFactor
	}
	loser.why = append(loser.why, "Excludes1 with "+winner.code+" (Guidelines I.A.12.a)")
}
