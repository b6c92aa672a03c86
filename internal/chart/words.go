package chart

import (
	"slices"
	"strings"
	"unicode"
)

// Tokens are keyed hashes of words made alike: nothing readable lies on disk,
// and a search is an equality of tokens. A name gives one token for each of its
// beginnings of two to six letters, one for the whole and one for its sound.
const (
	shortestPrefix = 2
	longestPrefix  = 6
)

// The kinds of token, each hashed under a name of its own.
const (
	tokenPrefix = "name-prefix"
	tokenWord   = "name-word"
	tokenSound  = "name-sound"
	tokenBirth  = "birth-date"
	tokenNumber = "number"
	tokenPhone  = "phone"
)

type tokenFunc func(kind, value string) []byte

// patientTokens are the tokens that a registration is found by.
func patientTokens(p Patient, token tokenFunc) [][]byte {
	var out [][]byte
	seen := map[string]bool{}
	add := func(kind, value string) {
		if value == "" || seen[kind+value] {
			return
		}
		seen[kind+value] = true
		out = append(out, token(kind, value))
	}
	for _, w := range p.words() {
		r := []rune(w)
		for n := shortestPrefix; n <= min(longestPrefix, len(r)); n++ {
			add(tokenPrefix, string(r[:n]))
		}
		if len(r) < shortestPrefix || len(r) > longestPrefix {
			add(tokenWord, w)
		}
		add(tokenSound, soundex(w))
	}
	add(tokenBirth, p.BirthDate)
	for _, id := range p.Identifiers {
		add(tokenNumber, foldNumber(id.Value))
	}
	for _, phone := range p.Phones {
		add(tokenPhone, phoneTail(phone))
	}
	return out
}

// tokens are the groups of tokens a query asks for: of each group one at least.
func (q Query) tokens(token tokenFunc) [][][]byte {
	var groups [][][]byte
	for _, w := range nameWords(q.Name) {
		r := []rune(w)
		var group [][]byte
		if len(r) < shortestPrefix {
			group = append(group, token(tokenWord, w))
		} else {
			group = append(group, token(tokenPrefix, string(r[:min(len(r), longestPrefix)])))
		}
		if q.Sounds && soundex(w) != "" {
			group = append(group, token(tokenSound, soundex(w)))
		}
		groups = append(groups, group)
	}
	if q.BirthDate != "" {
		groups = append(groups, [][]byte{token(tokenBirth, q.BirthDate)})
	}
	if n := foldNumber(q.Number); n != "" {
		groups = append(groups, [][]byte{token(tokenNumber, n)})
	}
	if t := phoneTail(q.Phone); t != "" {
		groups = append(groups, [][]byte{token(tokenPhone, t)})
	}
	return groups
}

// words are all words of a patient's names, made alike.
func (p Patient) words() []string {
	var out []string
	for _, n := range append([]Name{p.Name}, p.Aliases...) {
		for _, part := range []string{n.Family, n.Given, n.Middle} {
			for _, w := range nameWords(part) {
				if !slices.Contains(out, w) {
					out = append(out, w)
				}
			}
		}
	}
	return out
}

// nameWords splits a name into words made alike. A word in two parts, as
// "O'Brien" or "Smith-Jones", gives the whole and for a hyphen each part too.
func nameWords(name string) []string {
	var out []string
	for _, w := range strings.FieldsFunc(name, func(r rune) bool { return unicode.IsSpace(r) || r == ',' || r == '-' || r == ';' }) {
		if f := fold(w); f != "" {
			out = append(out, f)
		}
	}
	return out
}

// fold makes a word alike to other writings of it: small letters without marks,
// letters and digits alone.
func fold(s string) string {
	var b strings.Builder
	for _, r := range s {
		r = unicode.ToLower(r)
		switch plain, marked := unmarked[r]; {
		case marked:
			b.WriteString(plain)
		case r == ' ', unicode.IsLetter(r), unicode.IsDigit(r):
			b.WriteRune(r)
		}
	}
	return strings.TrimSpace(b.String())
}

// unmarked are the Latin letters with marks, and what they are without.
var unmarked = letters(
	"a", "àáâãäåāăąǎ", "c", "çćĉċč", "d", "ďđð", "e", "èéêëēĕėęěẽ", "g", "ĝğġģ", "h", "ĥħ", "i", "ìíîïĩīĭįıǐ",
	"j", "ĵ", "k", "ķ", "l", "ĺļľŀł", "n", "ñńņňŋ", "o", "òóôõöøōŏőǒ", "r", "ŕŗř", "s", "śŝşšș", "t", "ţťŧțþ",
	"u", "ùúûüũūŭůűųǔ", "w", "ŵ", "y", "ýÿŷ", "z", "źżž", "ss", "ß", "ae", "æ", "oe", "œ",
)

func letters(pairs ...string) map[rune]string {
	m := map[rune]string{}
	for i := 0; i+1 < len(pairs); i += 2 {
		for _, r := range pairs[i+1] {
			m[r] = pairs[i]
		}
	}
	return m
}

// foldNumber makes writings of one number alike: letters and digits, no zeros
// at the front.
func foldNumber(s string) string {
	f := strings.ReplaceAll(fold(s), " ", "")
	return strings.TrimLeft(f, "0")
}

// phoneTail is the last seven digits, which do not depend on how country and
// area are written; fewer than five digits are no phone number.
func phoneTail(s string) string {
	digits := strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, s)
	if len(digits) < 5 {
		return ""
	}
	return digits[max(0, len(digits)-7):]
}

// soundex is the American Soundex of a folded word: its first letter and three
// digits; letters with h or w between them count once (National Archives, 2007).
func soundex(word string) string {
	const digits = "01230120022455012623010202" // of a to z
	var out []byte
	last := byte('0')
	for _, r := range word {
		if r < 'a' || r > 'z' {
			continue
		}
		d := digits[r-'a']
		switch {
		case len(out) == 0:
			out = append(out, byte(r))
		case d != '0' && d != last:
			out = append(out, d)
		}
		if r != 'h' && r != 'w' {
			last = d
		}
		if len(out) == 4 {
			break
		}
	}
	if len(out) == 0 {
		return ""
	}
	for len(out) < 4 {
		out = append(out, '0')
	}
	return string(out)
}
