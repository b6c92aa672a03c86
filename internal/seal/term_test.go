package seal_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"chartroom/internal/seal"
)

func TestWords(t *testing.T) {
	for name, want := range map[string]string{
		"":                   "",
		"Smith":              "smith",
		"  O'Brien ":         "obrien",
		"O\u2019Brien":       "obrien",
		"Smith-Jones":        "smith jones smithjones",
		"de la Cruz":         "de la cruz",
		"Müller":             "muller",
		"Mu\u0308ller":       "muller",
		"Łukasiewicz":        "lukasiewicz",
		"Øystein Æther Weiß": "oystein aether weiss",
		"St. John":           "st john",
		"Nguyễn, Thị":        "nguyen thi",
		"Anna Anna":          "anna",
		"Dvořák/Smetana":     "dvorak smetana",
		"--":                 "",
		"J.R.":               "jr",
		"ﬁnn":                "finn",
		"Мария":              "мария",
		"Strauß-Þórr":        "strauss thorr straussthorr",
	} {
		if got := strings.Join(seal.Words(name), " "); got != want {
			t.Errorf("Words(%q) = %q, want %q", name, got, want)
		}
	}
}

// Names that sound alike, and names that do not.
func TestSound(t *testing.T) {
	for _, alike := range []string{
		"catherine katherine", "philip filip phillip", "knight night", "brown braun browne",
		"mcdonald macdonald", "shawn shaun", "stevens stephens", "lynne lynn",
	} {
		words := strings.Fields(alike)
		for _, w := range words[1:] {
			if seal.Sound(w) != seal.Sound(words[0]) {
				t.Errorf("%s %s, %s %s", words[0], seal.Sound(words[0]), w, seal.Sound(w))
			}
		}
	}
	for word, want := range map[string]string{
		"": "", "123": "", "a": "A", "s": "S", "macintosh": "MCANT", "knuth": "NAT", "koehn": "CAN", "phillipson": "FALAPSAN",
		"pfeister": "FASTAR", "schoenhoeft": "SANAFT", "mckee": "MCY", "heitschmedt": "HATSNAD", "bart": "BAD", "hurd": "HAD",
		"hunt": "HAD", "westerlund": "WASTARLAD", "evers": "EVAR", "devito": "DAFAT", "rawson": "RASAN", "smith": "SNAT",
		"thomas": "TAN", "мария": "",
	} {
		if got := seal.Sound(word); got != want {
			t.Errorf("Sound(%q) = %q, want %q", word, got, want)
		}
	}
}

func TestTerms(t *testing.T) {
	show := func(terms []seal.Term) string {
		var b []string
		for _, t := range terms {
			b = append(b, string(t.Kind)+"="+t.Value)
		}
		return strings.Join(b, " ")
	}
	for _, c := range []struct{ got, want string }{
		{show(seal.RecordNumberTerms(" 00-123 45A ")), "record.number=0012345a record.number=12345a"},
		{show(seal.RecordNumberTerms("000")), "record.number=000"},
		{show(seal.RecordNumberTerms("-")), ""},
		{show(seal.PhoneTerms("+1 (555) 010-4477")), "phone=5550104477 phone.last=4477"},
		{show(seal.PhoneTerms("4477")), ""},
		{show(seal.SSNTerms("900-12-3456")), "ssn=900123456 ssn.last=3456"},
		{show(seal.SSNTerms("12-3456")), ""},
	} {
		if diff := cmp.Diff(c.want, c.got); diff != "" {
			t.Error(diff)
		}
	}
}

func FuzzTerms(f *testing.F) {
	for _, s := range []string{"O'Brien-Smith", "ẞøÆ", "\xff\xfe", "a\u0301\u0301", "schschsch", "phphkn", "\u2019\u2019"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, w := range seal.Words(s) {
			if w == "" || strings.ContainsAny(w, " '-") {
				t.Errorf("Words(%q) has %q", s, w)
			}
			if again := seal.Words(w); len(again) != 1 || again[0] != w {
				t.Errorf("%q folds on to %q", w, again)
			}
			_ = seal.Sound(w)
		}
	})
}

func TestTokens(t *testing.T) {
	a, _ := ring(t)
	b, _ := ring(t)
	if bytes.Equal(a.Token("name.word", "smith"), b.Token("name.word", "smith")) {
		t.Error("two departments give the same token")
	}
	if bytes.Equal(a.Token("name.word", "smith"), a.Token("name.prefix", "smith")) {
		t.Error("two kinds give the same token")
	}
	if bytes.Equal(a.Token("ab", "c"), a.Token("a", "bc")) {
		t.Error("kind and value run into each other")
	}
	tokens := a.Tokens([]seal.Term{{Kind: seal.NameWord, Value: "smith"}, {Kind: seal.BirthDate, Value: "1931-02-14"}})
	if len(tokens) != 2 || len(tokens[0]) != seal.TokenSize || !bytes.Equal(tokens[1], a.Token(string(seal.BirthDate), "1931-02-14")) {
		t.Errorf("got %x", tokens)
	}
}
