package chart

import (
	"slices"
	"strings"

	"chartroom/internal/seal"
)

// A name is found by tokens of its beginnings of two to six letters and of its
// sound; who types more than six letters has few candidates left, and these are
// opened and compared. Fewer tokens than seal.NameTerms gives keep registration
// by message fast.
const (
	shortestPrefix = 2
	longestPrefix  = 6
)

// patientTerms are what a registration is found by.
func patientTerms(p Patient) []seal.Term {
	var out []seal.Term
	seen := map[seal.Term]bool{}
	add := func(terms ...seal.Term) {
		for _, t := range terms {
			if t.Value != "" && !seen[t] {
				seen[t] = true
				out = append(out, t)
			}
		}
	}
	for _, w := range p.words() {
		r := []rune(w)
		for n := shortestPrefix; n <= min(longestPrefix, len(r)); n++ {
			add(seal.Term{Kind: seal.NamePrefix, Value: string(r[:n])})
		}
		if len(r) < shortestPrefix {
			add(seal.Term{Kind: seal.NameWord, Value: w})
		}
		add(seal.Term{Kind: seal.NameSound, Value: seal.Sound(w)})
	}
	if len(p.BirthDate) == len("2006-01-02") {
		add(seal.Term{Kind: seal.BirthDate, Value: p.BirthDate})
	}
	for _, id := range p.Identifiers {
		add(numberTerm(id.Value))
	}
	for _, phone := range p.Phones {
		add(phoneTerm(phone))
	}
	return out
}

// terms are the groups of terms a query asks for: of each group one at least.
func (q Query) terms() [][]seal.Term {
	var groups [][]seal.Term
	for _, w := range seal.Words(q.Name) {
		r := []rune(w)
		group := []seal.Term{{Kind: seal.NameWord, Value: w}}
		if len(r) >= shortestPrefix {
			group[0] = seal.Term{Kind: seal.NamePrefix, Value: string(r[:min(len(r), longestPrefix)])}
		}
		if sound := seal.Sound(w); q.Sounds && sound != "" {
			group = append(group, seal.Term{Kind: seal.NameSound, Value: sound})
		}
		groups = append(groups, group)
	}
	for _, t := range []seal.Term{{Kind: seal.BirthDate, Value: q.BirthDate}, numberTerm(q.Number), phoneTerm(q.Phone)} {
		if t.Value != "" {
			groups = append(groups, []seal.Term{t})
		}
	}
	return groups
}

// words are all words of a patient's names, folded.
func (p Patient) words() []string {
	var out []string
	for _, n := range append([]Name{p.Name}, p.Aliases...) {
		for _, part := range []string{n.Family, n.Given, n.Middle} {
			for _, w := range seal.Words(part) {
				if !slices.Contains(out, w) {
					out = append(out, w)
				}
			}
		}
	}
	return out
}

// numberTerm is the term of any identifier, without zeros at its front.
func numberTerm(number string) seal.Term {
	t := seal.Term{Kind: seal.RecordNumber}
	if terms := seal.RecordNumberTerms(number); len(terms) > 0 {
		t.Value = terms[len(terms)-1].Value
	}
	return t
}

// phoneTerm is the term of a phone number; "" for what is none.
func phoneTerm(number string) seal.Term {
	t := seal.Term{Kind: seal.Phone}
	if terms := seal.PhoneTerms(strings.TrimSpace(number)); len(terms) > 0 {
		t.Value = terms[0].Value
	}
	return t
}
