package codeset

import (
	"strings"
	"testing"
)

func TestLexiconFilesAreWellFormed(t *testing.T) {
	lex, err := readLexicon()
	if err != nil {
		t.Fatal(err)
	}
	if len(lex.abbreviations) < 200 || len(lex.synonyms) < 150 || len(lex.pairs) < 200 {
		t.Errorf("%d abbreviations, %d lay terms, %d paired words", len(lex.abbreviations), len(lex.synonyms), len(lex.pairs))
	}
}

func TestLexicon(t *testing.T) {
	lex := Lexicon()
	cases := []struct{ kind, word, want string }{
		{"abbreviation", "HTN", "hypertension"},
		{"abbreviation", "c diff", "clostridium difficile"},
		{"abbreviation", "table", ""},
		{"synonym", "Heart Attack", "myocardial infarction"},
		{"synonym", "kidney stones", "calculus of kidney"},
		{"pair", "renal", "kidney"},
		{"pair", "kidneys", "renal"},
		{"pair", "ureteral", "ureter"},
	}
	for _, c := range cases {
		var got []string
		switch c.kind {
		case "abbreviation":
			got = lex.Abbreviation(c.word)
		case "synonym":
			got = lex.Synonyms(c.word)
		default:
			got = lex.Pair(c.word)
		}
		if c.want == "" && len(got) > 0 || c.want != "" && !has(got, c.want) {
			t.Errorf("%s %q = %v, want %q", c.kind, c.word, got, c.want)
		}
	}
}

// Every phrase that stands for another can be found: its words are words of the
// code sets, so that a spelling mistake in the lexicon is noticed.
func TestWhatTheLexiconSaysIsFound(t *testing.T) {
	known := map[string]bool{}
	for _, sys := range []System{ICD10CM, ICD10PCS} {
		set := on(t, sys, "2026-05-01")
		for term := range newSearcher(set).terms {
			known[term] = true
		}
	}
	unknown := func(phrase string) []string {
		var out []string
		for _, w := range meaningful(Words(phrase)) {
			if !known[w] {
				out = append(out, w)
			}
		}
		return out
	}
	// Words of notes, not of the code sets, that stand in the lexicon for the
	// reader of charts.
	notes := []string{"methicillin", "vancomycin", "resistant", "history", "aspirin", "date", "birth", "gas", "daily", "living", "ventilator"}
	check := func(where, left string, right []string) {
		for _, phrase := range right {
			for _, w := range unknown(phrase) {
				if !has(notes, w) {
					t.Errorf("%s: %q = %q: no code set has the word %q", where, left, phrase, w)
				}
			}
		}
	}
	Lexicon().Abbreviations(func(short string, long []string) { check("abbreviations", short, long) })
	Lexicon().LayTerms(func(phrase string, terms []string) { check("lay", phrase, terms) })
	for word := range Lexicon().pairs {
		if len(word) < 3 || strings.ContainsAny(word, " ") {
			t.Errorf("adjectives: %q", word)
		}
	}
}
