package coder

import "strings"

// delivery is what the record says of a birth in this encounter.
type delivery struct {
	done     bool  // the patient was delivered
	cesarean bool  // by cesarean
	live     *Span // words for a liveborn child
	low      bool  // a low transverse scar
	words    string
}

// deliveryWords tell of a birth that has taken place.
var (
	deliveryWords = setOf("delivered", "cesarean", "cesareans", "csection", "parturition")
	liveWords     = setOf("liveborn", "apgar", "apgars", "viable")
)

// readDelivery notes the words of a birth.
func (f *facts) readDelivery(doc int, text string, s sentence, means []assertion) {
	if s.section == sectionPastHistory || s.section == sectionSurgicalHistory || s.section == sectionFamily {
		return
	}
	for i, t := range s.tokens {
		if means[i] != affirmed && means[i] != uncertain {
			continue
		}
		if deliveryWords[t.low] {
			f.birth.done = true
			f.birth.cesarean = f.birth.cesarean || strings.HasPrefix(t.low, "cesar") || t.low == "csection"
		}
		if liveWords[t.low] && f.birth.live == nil {
			f.birth.live = &Span{doc, t.start, t.end}
			f.birth.words = text[t.start:t.end]
		}
		if t.low == "transverse" && i > 0 && s.tokens[i-1].low == "low" {
			f.birth.low = true
		}
	}
}

// finishObstetric moves the codes of a pregnancy to those of the delivery and
// adds the outcome (Guidelines I.C.15.a, b), and codes the birth of a newborn
// (I.C.16.a.2).
func (f *facts) finishObstetric(r *run) {
	if r.enc.Age == 0 || f.newborn && !f.pregnant {
		f.finishNewborn(r)
		return
	}
	if !f.pregnant || isMale(r.enc.Sex) || !f.birth.done || f.birth.live == nil || r.best([]string{"O", "Z3A", "Z98.891"}) == nil {
		return
	}
	r.put("Z37.0", 0.7, []Span{*f.birth.live}, []string{f.birth.words, "outcome of delivery (Guidelines I.C.15.b.5)"}, false, fromLexicon)
	scar := "O34.219"
	if f.birth.low {
		scar = "O34.211"
	}
	for _, change := range [][2]string{{"O24.410", "O24.420"}, {"O24.414", "O24.424"}, {"O24.419", "O24.429"}, {"Z22.330", "O99.824"}, {"Z98.891", scar}} {
		f.replace(r, change[0], change[1], "in childbirth (Guidelines I.C.15.a.1)")
	}
}

// finishNewborn codes the birth itself, once.
func (f *facts) finishNewborn(r *run) {
	r.remove(func(code string) bool {
		return code[0] == 'O' || strings.HasPrefix(code, "Z3A") || strings.HasPrefix(code, "Z98.891")
	})
	if f.birth.live == nil || !f.birth.done {
		return
	}
	code := "Z38.00"
	if f.birth.cesarean {
		code = "Z38.01"
	}
	r.put(code, 0.7, []Span{*f.birth.live}, []string{f.birth.words, "birth in this hospital (Guidelines I.C.16.a.2)"}, false, fromLexicon)
}

// replace puts one code in the place of another, with its evidence.
func (f *facts) replace(r *run, from, to, why string) {
	c := r.pool[from]
	if c == nil {
		return
	}
	if _, ok := r.k.set.Code(to); !ok {
		return
	}
	delete(r.pool, from)
	r.put(to, c.score, c.spans, append(append([]string(nil), c.why...), why), false, c.source)
}
