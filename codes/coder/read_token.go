package coder

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// token is one word, number or mark of a document. start and end are byte
// offsets into the original text and always lie on rune boundaries.
type token struct {
	start, end int
	kind       tokenKind
	upper      bool   // written entirely in capitals (two letters or more)
	low        string // lower case, accents folded
}

type tokenKind uint8

const (
	wordToken   tokenKind = iota
	numberToken           // 38.5, 1,200, 3b
	markToken             // , ; : . ( ) + - / % and the like
)

// tokenize cuts text[from:to] into tokens, skipping white space. text must be
// valid UTF-8 and from, to must lie on rune boundaries.
func tokenize(text string, from, to int) []token {
	dst := make([]token, 0, (to-from)/5+1)
	for i := from; i < to; {
		r, size := utf8.DecodeRuneInString(text[i:to])
		switch {
		case unicode.IsLetter(r):
			end := endOfWord(text, i, to)
			dst = append(dst, wordAt(text, i, end))
			i = end
		case unicode.IsDigit(r):
			end := endOfNumber(text, i, to)
			dst = append(dst, token{start: i, end: end, kind: numberToken, low: strings.ToLower(text[i:end])})
			i = end
		case unicode.IsSpace(r) || unicode.IsControl(r) || unicode.Is(unicode.M, r):
			i += size
		default:
			dst = append(dst, token{start: i, end: i + size, kind: markToken, low: text[i : i+size]})
			i += size
		}
	}
	return dst
}

// endOfWord keeps digits (T2DM, B12), inner apostrophes (Crohn's) and combining
// marks inside the word; hyphens and slashes end it.
func endOfWord(text string, from, to int) int {
	i := from
	for i < to {
		r, size := utf8.DecodeRuneInString(text[i:to])
		if unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.Is(unicode.M, r) {
			i += size
			continue
		}
		if (r == '\'' || r == '’') && i > from {
			next, _ := utf8.DecodeRuneInString(text[i+size : to])
			if unicode.IsLetter(next) {
				i += size
				continue
			}
		}
		break
	}
	return i
}

// endOfNumber keeps decimals, thousands and a short unit letter (3b, 2nd).
func endOfNumber(text string, from, to int) int {
	i := from
	for i < to {
		r, size := utf8.DecodeRuneInString(text[i:to])
		if unicode.IsDigit(r) || unicode.IsLetter(r) {
			i += size
			continue
		}
		if (r == '.' || r == ',') && i+1 < to && text[i+1] >= '0' && text[i+1] <= '9' {
			i += size
			continue
		}
		break
	}
	return i
}

func wordAt(text string, start, end int) token {
	raw := text[start:end]
	t := token{start: start, end: end, kind: wordToken, low: foldWord(raw)}
	t.upper = len(raw) > 1 && raw == strings.ToUpper(raw)
	return t
}

// foldWord lowers a word, folds the accents that case reports carry and drops
// a possessive ending.
func foldWord(raw string) string {
	ascii := true
	for i := 0; i < len(raw); i++ {
		c := raw[i]
		if c >= utf8.RuneSelf || c == '\'' {
			ascii = false
			break
		}
	}
	low := strings.ToLower(raw)
	if ascii {
		return low
	}
	low = strings.TrimSuffix(strings.ReplaceAll(low, "’", "'"), "'s")
	var b strings.Builder
	for _, r := range low {
		if folded, ok := foldedRune(r); ok {
			b.WriteString(folded)
		}
	}
	return b.String()
}

// foldedRune gives the plain letter of an accented one; marks and apostrophes
// vanish.
func foldedRune(r rune) (string, bool) {
	switch r {
	case 'á', 'à', 'â', 'ä', 'ã', 'å':
		return "a", true
	case 'é', 'è', 'ê', 'ë':
		return "e", true
	case 'í', 'ì', 'î', 'ï':
		return "i", true
	case 'ó', 'ò', 'ô', 'ö', 'õ', 'ø':
		return "o", true
	case 'ú', 'ù', 'û', 'ü':
		return "u", true
	case 'ñ':
		return "n", true
	case 'ç':
		return "c", true
	case 'œ':
		return "oe", true
	case 'æ':
		return "ae", true
	case 'ß':
		return "ss", true
	case '\'':
		return "", false
	}
	if unicode.Is(unicode.M, r) {
		return "", false
	}
	return string(r), true
}
