package seal

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// TokenSize is the length of a search token in bytes.
const TokenSize = 16

// Kind says what a search token is the token of.
type Kind string

// The kinds of search token.
const (
	NameWord     Kind = "name.word"   // a whole word of a name
	NamePrefix   Kind = "name.prefix" // its first letters
	NameSound    Kind = "name.sound"  // how it sounds (NYSIIS)
	BirthDate    Kind = "birth.date"  // YYYY-MM-DD
	RecordNumber Kind = "record.number"
	Phone        Kind = "phone"      // all digits, without the country's 1
	PhoneEnd     Kind = "phone.last" // the last four digits
	SSN          Kind = "ssn"
	SSNEnd       Kind = "ssn.last"  // the last four digits
	TextWord     Kind = "text.word" // the stem of a word of a document
)

// Term is one value in its normal form, ready to be made a token of.
type Term struct {
	Kind  Kind
	Value string
}

// Fold brings text to the form in which it is compared: lower case, without
// diacritics, ligatures and stroked letters written out.
func Fold(s string) string {
	if folded, ok := foldASCII(s); ok {
		return folded
	}
	var b strings.Builder
	b.Grow(len(s))
	for _, r := range norm.NFKD.String(s) {
		if unicode.Is(unicode.Mn, r) {
			continue
		}
		r = unicode.ToLower(r)
		if long, ok := letterPairs(r); ok {
			b.WriteString(long)
			continue
		}
		b.WriteRune(r)
	}
	return b.String()
}

func foldASCII(s string) (string, bool) {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return "", false
		}
	}
	return strings.ToLower(s), true
}

// letterPairs writes out the letters that Unicode does not take apart.
func letterPairs(r rune) (string, bool) {
	switch r {
	case 'ß', 'ẞ':
		return "ss", true
	case 'æ':
		return "ae", true
	case 'œ':
		return "oe", true
	case 'ø':
		return "o", true
	case 'đ', 'ð':
		return "d", true
	case 'þ':
		return "th", true
	case 'ł':
		return "l", true
	case 'ħ':
		return "h", true
	case 'ı':
		return "i", true
	}
	return "", false
}

// Words takes a name apart into folded words. Apostrophes and full stops join
// ("O'Brien" is obrien), everything else that is no letter or digit separates; a
// hyphenated name gives its parts and the whole ("Smith-Jones": smith, jones,
// smithjones). Each word comes once, in order.
func Words(name string) []string {
	var words []string
	add := func(w string) {
		if w != "" && !slices.Contains(words, w) {
			words = append(words, w)
		}
	}
	for _, field := range strings.FieldsFunc(Fold(name), separatesNames) {
		parts := strings.FieldsFunc(field, isHyphen)
		for _, p := range parts {
			add(keep(p, isNameRune))
		}
		if len(parts) > 1 {
			add(keep(field, isNameRune))
		}
	}
	return words
}

func isNameRune(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

func isHyphen(r rune) bool { return r == '-' || r == '\u2010' || r == '\u2011' || r == '\u2013' }

func separatesNames(r rune) bool {
	switch r {
	case '\'', '\u2019', '\u2018', '`', '\u02bc', '.':
		return false // part of the word
	}
	return !isNameRune(r) && !isHyphen(r)
}

func keep(s string, want func(rune) bool) string {
	return strings.Map(func(r rune) rune {
		if want(r) {
			return r
		}
		return -1
	}, s)
}

// RecordNumberTerms are the terms of a record or account number: folded, without
// spaces and punctuation, and once more without leading zeros, which people leave
// out.
func RecordNumberTerms(number string) []Term {
	n := keep(Fold(number), isNameRune)
	if n == "" {
		return nil
	}
	terms := []Term{{RecordNumber, n}}
	if short := strings.TrimLeft(n, "0"); short != n && short != "" {
		terms = append(terms, Term{RecordNumber, short})
	}
	return terms
}

// PhoneTerms are the terms of a phone number: its digits without the country
// code 1, and the last four.
func PhoneTerms(number string) []Term {
	d := digits(number)
	if len(d) == 11 && d[0] == '1' {
		d = d[1:]
	}
	return withEnd(d, 7, Phone, PhoneEnd)
}

// SSNTerms are the terms of a social security number: its nine digits and the
// last four. What has not nine digits gives nothing.
func SSNTerms(number string) []Term {
	d := digits(number)
	if len(d) != 9 {
		return nil
	}
	return withEnd(d, 9, SSN, SSNEnd)
}

func withEnd(d string, least int, whole, end Kind) []Term {
	if len(d) < least {
		return nil
	}
	return []Term{{whole, d}, {end, d[len(d)-4:]}}
}

func digits(s string) string {
	return keep(s, func(r rune) bool { return r >= '0' && r <= '9' })
}
