// Package fold reduces words to the form under which code sets are searched:
// lower case, no diacritics, no possessive, American spelling, singular. It
// only has to be the same on both sides of a comparison; its results are never
// shown to anybody.
package fold

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Word folds one word.
func Word(word string) string {
	w := lower(word)
	if len(w) < 3 || isNumber(w) {
		return w
	}
	return singular(american(w))
}

// Words splits a text at everything that is neither letter nor digit and folds
// each word. An apostrophe belongs to its word, so "Crohn's" is one.
func Words(text string) []string {
	var out []string
	Each(text, func(word string, _, _ int) { out = append(out, word) })
	return out
}

// Each calls do for every word of text with its folded form and the bytes
// [start,end) it was read from. A possessive belongs to its word.
func Each(text string, do func(word string, start, end int)) {
	start := -1
	for i := 0; i <= len(text); {
		r, size := rune(-1), 1
		if i < len(text) {
			r, size = utf8.DecodeRuneInString(text[i:])
		}
		switch {
		case r >= 0 && (unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.Is(unicode.Mn, r)):
			if start < 0 {
				start = i
			}
		case start >= 0 && isApostrophe(r) && possessive(text[i+size:]):
			// "Crohn's": the apostrophe and the s go with the word
		case start >= 0:
			do(Word(text[start:i]), start, i)
			start = -1
		}
		i += size
	}
}

func isApostrophe(r rune) bool { return r == '\'' || r == '’' || r == '`' }

// possessive reports whether rest begins with "s" and then the word ends.
func possessive(rest string) bool {
	if rest == "" || rest[0] != 's' && rest[0] != 'S' {
		return false
	}
	r, _ := utf8.DecodeRuneInString(rest[1:])
	return !unicode.IsLetter(r) && !unicode.IsDigit(r)
}

// lower folds case, diacritics and ligatures and drops apostrophes with a
// possessive s.
func lower(word string) string {
	if i := strings.IndexAny(word, "'’`"); i > 0 {
		word = word[:i]
	}
	plain := true
	for i := 0; i < len(word); i++ {
		if c := word[i]; c >= utf8.RuneSelf || c >= 'A' && c <= 'Z' {
			plain = false
			break
		}
	}
	if plain {
		return word
	}
	var b strings.Builder
	b.Grow(len(word))
	for _, r := range word {
		r = unicode.ToLower(r)
		if r < utf8.RuneSelf {
			b.WriteByte(byte(r))
			continue
		}
		if unicode.Is(unicode.Mn, r) {
			continue
		}
		if s, ok := diacritics[r]; ok {
			b.WriteString(s)
			continue
		}
		b.WriteRune(r)
	}
	return b.String()
}

var diacritics = map[rune]string{
	'à': "a", 'á': "a", 'â': "a", 'ã': "a", 'ä': "a", 'å': "a", 'ā': "a", 'ą': "a",
	'ç': "c", 'ć': "c", 'č': "c", 'è': "e", 'é': "e", 'ê': "e", 'ë': "e", 'ē': "e", 'ę': "e", 'ě': "e",
	'ì': "i", 'í': "i", 'î': "i", 'ï': "i", 'ñ': "n", 'ń': "n", 'ň': "n",
	'ò': "o", 'ó': "o", 'ô': "o", 'õ': "o", 'ö': "o", 'ø': "o", 'ō': "o",
	'ù': "u", 'ú': "u", 'û': "u", 'ü': "u", 'ů': "u", 'ý': "y", 'ÿ': "y",
	'š': "s", 'ś': "s", 'ş': "s", 'ž': "z", 'ź': "z", 'ż': "z", 'ł': "l", 'ř': "r", 'ß': "ss",
	'æ': "ae", 'œ': "oe", 'α': "alpha", 'β': "beta", 'γ': "gamma", 'δ': "delta", 'μ': "mu", 'µ': "mu",
}

func isNumber(w string) bool {
	for i := 0; i < len(w); i++ {
		if w[i] < '0' || w[i] > '9' {
			return false
		}
	}
	return true
}

// american turns British spelling into American: haem/hem, oe/e, our/or,
// centre/center, isation/ization, sulph/sulf.
func american(w string) string {
	if len(w) < 5 {
		return w
	}
	switch w {
	case "centre", "centres":
		return "center"
	case "fibre", "fibres":
		return "fiber"
	case "litre", "litres":
		return "liter"
	case "grey":
		return "gray"
	}
	if strings.HasSuffix(w, "ae") { // a Latin plural: vertebrae
		w = w[:len(w)-1]
	}
	if strings.Contains(w, "ae") && !strings.HasPrefix(w, "aer") {
		w = strings.ReplaceAll(w, "ae", "e")
	}
	if len(w) >= 6 && strings.Contains(w, "oe") {
		w = strings.ReplaceAll(w, "oe", "e")
	}
	if len(w) >= 6 && strings.Contains(w, "our") {
		w = strings.ReplaceAll(w, "our", "or")
	}
	if strings.Contains(w, "sulph") {
		w = strings.ReplaceAll(w, "sulph", "sulf")
	}
	if strings.Contains(w, "isation") {
		w = strings.ReplaceAll(w, "isation", "ization")
	}
	for _, end := range [...][2]string{{"ise", "ize"}, {"ised", "ized"}, {"ising", "izing"}, {"yse", "yze"}, {"ysed", "yzed"}} {
		if len(w) >= 7 && strings.HasSuffix(w, end[0]) {
			return w[:len(w)-len(end[0])] + end[1]
		}
	}
	return w
}

// singular takes the usual English and Greek plurals off.
func singular(w string) string {
	n := len(w)
	if n < 4 || w[n-1] != 's' {
		return w
	}
	switch {
	case strings.HasSuffix(w, "ies") && n > 5:
		return w[:n-3] + "y"
	case strings.HasSuffix(w, "oses"), strings.HasSuffix(w, "ases") && !strings.HasSuffix(w, "eases") && n > 6 && !strings.HasSuffix(w, "phases"):
		return w[:n-2] + "is"
	case strings.HasSuffix(w, "sses"), strings.HasSuffix(w, "shes"), strings.HasSuffix(w, "ches"), strings.HasSuffix(w, "xes"):
		return w[:n-2]
	case strings.HasSuffix(w, "ss"), strings.HasSuffix(w, "us"), strings.HasSuffix(w, "is"):
		return w
	}
	return w[:n-1]
}
