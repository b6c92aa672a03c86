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
		r.remove(func(code string) bool { return hasPrefixOf(code, rule.drop) && !slices.Contains(rule.add, code) })
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

// dropLessSpecific lets an unspecified code go where a sibling of the same
// header is documented (Guidelines I.A.9.b, I.B.2).
func (r *run) dropLessSpecific() {
	for _, code := range slices.Clone(r.order) {
		c := r.pool[code]
		if c == nil {
			continue
		}
		entry, _ := r.k.set.Code(code)
		if !strings.Contains(strings.ToLower(entry.Title), "unspecified") {
			continue
		}
		up := r.k.parent(code)
		if up == "" {
			continue
		}
		for _, other := range r.order {
			o := r.pool[other]
			if o == nil || other == code || !strings.HasPrefix(other, up) || o.score < comboFloor {
				continue
			}
			title, _ := r.k.set.Code(other)
			if !strings.Contains(strings.ToLower(title.Title), "unspecified") {
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

// dropIntegral lets go of symptoms that belong to a condition the record
// confirms (Guidelines I.B.5).
func (r *run) dropIntegral() {
	for _, rule := range r.k.rules.integral {
		if c := r.best(rule.when); c != nil && c.finalScore() >= Offered {
			for _, code := range r.order {
				if s := r.pool[code]; s != nil && hasPrefixOf(code, rule.drop) {
					s.score *= integralFactor
					s.why = append(s.why, "part of "+c.code+" (Guidelines I.B.5)")
				}
			}
		}
	}
}

// integralFactor lowers a symptom that a documented condition explains.
const integralFactor = 0.5

// excludes1 lets the better documented of two codes stand that exclude each
// other (Guidelines I.A.12.a). A code for the unspecified condition goes first.
func (r *run) excludes1() {
	codes := make([]string, 0, len(r.order))
	for _, code := range r.order {
		if r.pool[code] != nil {
			codes = append(codes, code)
		}
	}
	for _, code := range codes {
		c := r.pool[code]
		if c == nil {
			continue
		}
		for _, n := range r.k.set.Notes(code) {
			if n.Kind != codeset.Excludes1 {
				continue
			}
			for _, ref := range n.Refs {
				r.exclude(c, codes, ref)
			}
		}
	}
}

func (r *run) exclude(c *candidate, codes []string, ref codeset.Range) {
	for _, other := range codes {
		o := r.pool[other]
		if o == nil || o == c || r.pool[c.code] == nil || !ref.Contains(other) {
			continue
		}
		loser, winner := c, o
		if c.finalScore() > o.finalScore()+0.1 && !c.symptom {
			loser, winner = o, c
		}
		loser.score *= 0.7
		loser.why = append(loser.why, "Excludes1 with "+winner.code+" (Guidelines I.A.12.a)")
	}
}
