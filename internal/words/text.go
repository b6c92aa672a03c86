package words

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/kljensen/snowball/english"

	"chartroom/internal/seal"
)

// word is one word of a text: its folded stem, and where it stands.
type word struct {
	stem       string
	start, end int // bytes, half open
}

// maxWord is the longest word that is indexed, in bytes; longer runs are data, not
// words.
const maxWord = 64

// split calls fn for each word of a text, in order, until it says no.
func split(text string, fn func(word) bool) {
	for i := 0; ; {
		start, end := nextWord(text, i)
		if start < 0 || !fn(word{stem(text[start:end]), start, end}) {
			return
		}
		i = end
	}
}

func wordRune(r rune) bool {
	return unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.Is(unicode.Mn, r)
}

// joins reports whether the apostrophe at i stands between two letters.
func joins(text string, i int, r rune, size int) bool {
	if r != '\'' && r != '’' {
		return false
	}
	next, _ := utf8.DecodeRuneInString(text[i+size:])
	return wordRune(next)
}

// stem is the form in which words are compared: folded, English endings off, so
// that "fractures" finds "fracture".
func stem(text string) string {
	folded := seal.Fold(text)
	if strings.ContainsAny(folded, "'’") {
		folded = strings.Map(func(r rune) rune {
			if r == '\'' || r == '’' {
				return -1
			}
			return r
		}, folded)
	}
	for i := range len(folded) {
		if folded[i] < 'a' || folded[i] > 'z' {
			return folded
		}
	}
	return english.Stem(folded, false)
}

// indexed reports whether a stem has a place in the index: words that stand in
// nearly every text, single characters and runs of data have none.
func indexed(stem string) bool {
	return len(stem) <= maxWord && utf8.RuneCountInString(stem) > 1 && !english.IsStopWord(stem)
}

// stems are the stems of a text that the index holds, each once.
func stems(text string) map[string]bool {
	all, seen := map[string]bool{}, map[string]bool{} // each spelling is stemmed once
	for i := 0; ; {
		start, end := nextWord(text, i)
		if start < 0 {
			return all
		}
		i = end
		spelling := text[start:end]
		if seen[spelling] {
			continue
		}
		seen[spelling] = true
		if s := stem(spelling); indexed(s) {
			all[s] = true
		}
	}
}

// nextWord finds the next word from i on; start is -1 where there is none. Letters
// and digits make a word; an apostrophe between letters stays in it.
func nextWord(text string, i int) (start, end int) {
	for i < len(text) {
		r, size := utf8.DecodeRuneInString(text[i:])
		if wordRune(r) {
			break
		}
		i += size
	}
	if i >= len(text) {
		return -1, len(text)
	}
	start = i
	for i < len(text) {
		r, size := utf8.DecodeRuneInString(text[i:])
		if !wordRune(r) && !joins(text, i, r, size) {
			break
		}
		i += size
	}
	return start, i
}
