package chart

import (
	"slices"
	"strings"

	"chartroom/internal/seal"
)

// A name is found by tokens of its words, of their beginnings of two to six
// letters and of their sound; who types more than six letters has few candidates
// left, and these are opened and compared. Few tokens
// keep registration by message fast.
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
		add(seal.Term{Kind: seal.NameWord, Value: w})
		add(seal.Term{Kind: seal.NameSound, Value: seal.Sound(w)})
	}
	if len(p.BirthDate) == len("2006-01-02") {
		add(seal.Term{Kind: seal.BirthDate, Value: p.BirthDate})
	}
	for _, id := range p.Identifiers {
		add(numberTerm(id.Value))
		if id.Kind == "SS" {
			for _, t := range seal.SSNTerms(id.Value) {
				if t.Kind == seal.SSNEnd { // the whole is a number like any other
					add(t)
				}
			}
		}
	}
	for _, phone := range p.Phones {
		add(phoneTerm(phone))
	}
	return out
}

// maxTerms bounds the words of one query.
const maxTerms = 8

// matching says how a name's words are compared.
type matching int

const (
	wholeWords matching = iota
	beginnings
	loosely // also by sound and nickname, as far as the query asks for them
)

// terms are what a patient must have to be found: of each group at least one.
func (q Query) terms(how matching) [][]seal.Term {
	var out [][]seal.Term
	for _, t := range []seal.Term{{Kind: seal.BirthDate, Value: q.BirthDate}, numberTerm(q.Number), phoneTerm(q.Phone)} {
		if t.Value != "" {
			out = append(out, []seal.Term{t})
		}
	}
	for _, w := range seal.Words(q.Name) {
		out = append(out, q.wordTerms(w, how))
	}
	return out[:min(len(out), maxTerms)]
}

// wordTerms are the terms of which a patient must have one for a word of a name.
func (q Query) wordTerms(w string, how matching) []seal.Term {
	r := []rune(w)
	whole := seal.Term{Kind: seal.NameWord, Value: w}
	if how == wholeWords || len(r) < shortestPrefix {
		return []seal.Term{whole}
	}
	out := []seal.Term{{Kind: seal.NamePrefix, Value: string(r[:min(len(r), longestPrefix)])}}
	if how == beginnings {
		return out
	}
	if sound := seal.Sound(w); q.Sounds && sound != "" {
		out = append(out, seal.Term{Kind: seal.NameSound, Value: sound})
	}
	if q.Nicknames {
		for _, other := range seal.Nicknames(w) {
			out = append(out, seal.Term{Kind: seal.NameWord, Value: other})
		}
	}
	return out
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
