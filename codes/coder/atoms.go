package coder

import "strings"

// atom is one canonical word of a sentence as terms are matched against it.
// Several atoms may stand on the same tokens (an abbreviation spelled out) and
// one atom may cover several (a phrase).
type atom struct {
	stem        stemID
	first, last int // tokens, inclusive
	place       int // position for measuring gaps; atoms of one phrase share it
	segment     int // stretch between commas, "and", "or" and colons
	clause      int // stretch between semicolons and the like; no term crosses
}

// plainWord is a token that is no mark, with its canonical words.
type plainWord struct {
	token  int
	words  []string
	brk    int // segment number
	clause int
	low    string
	glued  bool // only a hyphen or slash stands before it
	isLink bool
}

// canonical cuts tokens into words with their canonical forms.
func (v *vocab) canonical(tokens []token) []plainWord {
	out := make([]plainWord, 0, len(tokens))
	segment, clause := 0, 0
	glued := false
	for i, t := range tokens {
		if t.kind == markToken {
			breaks, ends, glue := markOf(t.low)
			segment, clause, glued = segment+breaks, clause+ends, glue
			continue
		}
		w := plainWord{token: i, low: t.low, brk: segment, clause: clause, glued: glued}
		glued = false
		switch {
		case t.low == "and" || t.low == "or" || t.low == "nor" || t.low == "versus" || t.low == "vs" || t.low == "but":
			segment++
			continue
		case functionWords[t.low] && (t.low != "a" || len(out) == 0 || !lettered[out[len(out)-1].low]):
			continue
		case linkWords[t.low]:
			w.isLink = true
		case t.kind == numberToken:
			w.words = numberWords(t.low)
		default:
			w.words = v.wordsOf(t, out)
		}
		out = append(out, w)
	}
	return out
}

// markOf says how many segments and clauses a mark ends, and whether it glues
// the words on both sides together.
func markOf(mark string) (segments, clauses int, glue bool) {
	switch mark {
	case ",", ":", "(", ")", "[", "]", "&":
		return 1, 0, false
	case ";", "•", "|", "→", "=":
		return 1, 1, false
	case "-", "/", ".", "'", "’", "–":
		return 0, 0, true
	}
	return 0, 0, false
}

// wordsOf gives the canonical words of a word token; a roman number after
// type, stage, grade, class or group becomes a digit.
func (v *vocab) wordsOf(t token, before []plainWord) []string {
	if digit, ok := romanDigits[t.low]; ok && len(before) > 0 && rankedBy[before[len(before)-1].low] {
		return []string{digit}
	}
	form := v.word(t.low)
	if strings.IndexByte(form, ' ') < 0 {
		return []string{form}
	}
	return strings.Fields(form)
}

var romanDigits = map[string]string{"i": "1", "ii": "2", "iii": "3", "iv": "4", "v": "5", "iia": "2a", "iiia": "3a", "iiib": "3b",
	"one": "1", "two": "2", "three": "3", "four": "4", "five": "5"}

// lettered are words whose kinds have letters: hepatitis A is not "a hepatitis".
var lettered = setOf("hepatitis", "influenza", "flu", "hemophilia", "vitamin", "type", "group", "streptococcus", "strep")

var rankedBy = setOf("type", "stage", "grade", "class", "group", "degree", "stages")

// numberWords gives "3b" as "3b" and "3rd" as "third".
func numberWords(low string) []string {
	switch low {
	case "1st":
		return []string{"first"}
	case "2nd":
		return []string{"second"}
	case "3rd":
		return []string{"third"}
	}
	return []string{low}
}

// atomsOf rewrites phrases and numbers the stems. Words that no term uses get
// the stem 0 and only count as a gap.
func (v *vocab) atomsOf(dst []atom, text string, tokens []token) []atom {
	words := v.canonical(tokens)
	place := 0
	for i := 0; i < len(words); {
		n, value := v.longestPhrase(text, tokens, words[i:])
		if n == 0 {
			n, value = 1, words[i].words
		}
		a := atom{first: words[i].token, last: words[i+n-1].token, segment: words[i].brk, clause: words[i].clause, place: place}
		for _, w := range value {
			a.stem = v.ids[w]
			dst = append(dst, a)
		}
		if len(value) > 0 {
			place++
		}
		i += n
	}
	return dst
}

// longestPhrase returns how many words the longest known phrase at the start
// of words takes, and what stands for it. A phrase does not cross a comma.
func (v *vocab) longestPhrase(text string, tokens []token, words []plainWord) (int, []string) {
	at := v.phrases
	best, value := 0, []string(nil)
	for i, w := range words {
		if w.brk != words[0].brk || i == 1 && words[0].isLink && w.token != words[0].token+1 {
			break // "secondary malignant neoplasm" is a phrase, "secondary to malignant neoplasm" is none
		}
		ok := true
		for _, form := range w.formsOrLow() {
			child, found := at.next[form]
			if !found {
				ok = false
				break
			}
			at = child
		}
		if !ok {
			break
		}
		if at.value != nil && at.allowed(text[tokens[words[0].token].start:tokens[w.token].end]) {
			best, value = i+1, at.value
		}
	}
	return best, value
}

func (w plainWord) formsOrLow() []string {
	if w.isLink {
		return []string{w.low}
	}
	return w.words
}

// allowed keeps short abbreviations from matching ordinary words: an exact
// entry must stand as it is written in the lexicon.
func (p *phraseTree) allowed(raw string) bool {
	return p.exact == "" || p.exact == raw
}

// stemsOf returns the set of canonical words of a phrase, in order of first
// appearance, function words left out; the phrase table is applied.
func (v *vocab) stemsOf(phrase string) []string {
	tokens := tokenize(phrase, 0, len(phrase))
	words := v.canonical(tokens)
	var out []string
	seen := map[string]bool{}
	for i := 0; i < len(words); {
		n, value := v.longestPhrase(phrase, tokens, words[i:])
		if n == 0 {
			n, value = 1, words[i].words
		}
		for _, w := range value {
			if !seen[w] {
				seen[w] = true
				out = append(out, w)
			}
		}
		i += n
	}
	return out
}
