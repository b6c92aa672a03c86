package rules

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// token is a word of a text, in lower case, with its place.
type token struct {
	word       string
	start, end int32
	sentence   int32
	section    int32 // index into text.sections, -1 before the first heading
	upper      bool  // begins with a capital
	caps       bool  // capitals only, two letters or more
	after      byte  // punctuation that follows before the next word; '\n' for a line's end; 0 for a blank
	first      bool  // first of its line
}

// section is a heading of a text with the words below it.
type section struct {
	name       string // lower-case words joined by blanks
	start, end int32  // of the heading, in bytes
	from, to   int32  // tokens of what stands below it
}

// text is a document's text taken apart: words, sentences and headings.
type text struct {
	raw      string
	tokens   []token
	sections []section
	hits     []hit
}

// parse takes a text apart. It keeps byte offsets: nothing is normalised but case.
func parse(raw string) *text {
	t := &text{raw: raw, tokens: make([]token, 0, len(raw)/5)}
	low := lower(raw)
	line := true
	for i := 0; i < len(low); {
		size := wordAt(low, i)
		if size == 0 {
			line = t.between(low[i]) || line
			_, n := utf8.DecodeRuneInString(low[i:])
			i += n
			continue
		}
		t.add(raw, low, i, i+size, line)
		line = false
		i += size
	}
	t.sentences()
	t.headings()
	return t
}

// between notes punctuation after the last word, and says whether it ends a line.
func (t *text) between(c byte) (line bool) {
	if c == ' ' || c == '\t' || c == '\r' {
		return false
	}
	if n := len(t.tokens); n > 0 {
		last := &t.tokens[n-1]
		switch {
		case last.after == 0 || last.after == '\n' && c != '\n':
			last.after = c
		case c == '\n' && last.after == ',':
			// a list goes on in the next line
		}
		if c == '\n' && last.after == '\r' {
			last.after = '\n'
		}
	}
	return c == '\n'
}

func (t *text) add(raw, low string, from, to int, first bool) {
	word := low[from:to]
	if w, ok := strings.CutSuffix(word, "'s"); ok {
		word = w
	} else if w, ok := strings.CutSuffix(word, "’s"); ok {
		word = w
	}
	head := raw[from]
	upper := head >= 'A' && head <= 'Z' || head >= utf8.RuneSelf && unicode.IsUpper(firstRune(raw[from:]))
	t.tokens = append(t.tokens, token{
		word: word, start: int32(from), end: int32(to), section: -1, upper: upper, caps: upper && to-from > 1 && allCaps(raw[from:to]), first: first, //nolint:gosec // a text is at most 16 MiB
	})
}

func firstRune(s string) rune { r, _ := utf8.DecodeRuneInString(s); return r }

func allCaps(s string) bool {
	for i := range len(s) {
		if s[i] >= 'a' && s[i] <= 'z' {
			return false
		}
	}
	return true
}

// wordAt is the length of the word that begins at i, 0 where none does: letters and
// digits, with an apostrophe between letters and a point, colon or comma between
// digits ("7.4", "4,310", "14:05").
func wordAt(s string, i int) int { //nolint:cyclop,gocyclo // one case a kind of character
	j := i
	for j < len(s) {
		c := s[j]
		switch {
		case c >= 'a' && c <= 'z' || c >= '0' && c <= '9':
			j++
		case c == '&' && j == i:
			return 1
		case c >= utf8.RuneSelf:
			r, n := utf8.DecodeRuneInString(s[j:])
			if r == '’' && j > i && j+n < len(s) && letter(s[j+n]) {
				j += n
				continue
			}
			if !unicode.IsLetter(r) && !unicode.IsMark(r) {
				return j - i
			}
			j += n
		case j > i && c == '\'' && j+1 < len(s) && letter(s[j+1]):
			j++
		case j > i && (c == '.' || c == ',' || c == ':') && digit(s[j-1]) && j+1 < len(s) && digit(s[j+1]):
			j++
		default:
			return j - i
		}
	}
	return j - i
}

func letter(c byte) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' }
func digit(c byte) bool  { return c >= '0' && c <= '9' }

// lower brings A-Z to lower case and leaves everything else, so that offsets stay.
func lower(s string) string {
	for i := range len(s) {
		if s[i] >= 'A' && s[i] <= 'Z' {
			b := []byte(s)
			for ; i < len(b); i++ {
				if b[i] >= 'A' && b[i] <= 'Z' {
					b[i] += 'a' - 'A'
				}
			}
			return string(b)
		}
	}
	return s
}

// shortened are words whose full stop ends no sentence.
var shortened = map[string]bool{
	"dr": true, "mr": true, "mrs": true, "ms": true, "st": true, "vs": true, "no": false, "approx": true, "jr": true, "sr": true, "prof": true,
}

// sentences numbers the sentences: they end with a full stop, question or
// exclamation mark before a capital or digit, with a colon after a heading, and
// with a line where the next begins like a sentence or item.
func (t *text) sentences() {
	n, long := int32(0), 0
	for i := range t.tokens {
		k := &t.tokens[i]
		if i > 0 && t.tokens[i-1].sentence != n {
			long = 0
		}
		if long++; long > maxSentence {
			n, long = n+1, 0
		}
		k.sentence = n
		if i+1 == len(t.tokens) {
			break
		}
		next := &t.tokens[i+1]
		switch k.after {
		case '.', '!', '?':
			if !shortened[k.word] && (next.upper || digit(next.word[0]) || next.first) {
				n++
			}
		case ';':
			n++
		default:
			if next.first && (next.upper || digit(next.word[0]) || t.blankLine(k.end, next.start)) {
				n++
			}
		}
	}
}

// maxSentence is how many words a sentence has at most: a text without full stops is
// cut, so that what is asked of a sentence takes no longer with the text.
const maxSentence = 120

func (t *text) blankLine(from, to int32) bool {
	return strings.Count(t.raw[from:to], "\n") > 1
}

// maxHeading is how many words a heading has at most.
const maxHeading = 7

// headings finds headings: up to seven words before a colon, at the beginning of a
// line, or in capitals anywhere; or a line of capitals alone.
func (t *text) headings() {
	for i := range t.tokens {
		if t.tokens[i].after != ':' {
			continue
		}
		from := t.headingStart(i)
		if from < 0 {
			continue
		}
		t.sections = append(t.sections, section{
			name: t.words(from, i+1), start: t.tokens[from].start, end: t.tokens[i].end, from: int32(i + 1),
		})
	}
	for n := range t.sections {
		s := &t.sections[n]
		s.to = int32(len(t.tokens)) //nolint:gosec // bounded by the text
		if n+1 < len(t.sections) {
			s.to = t.indexAt(t.sections[n+1].start, s.from)
		}
		for i := s.from; i < s.to; i++ {
			t.tokens[i].section = int32(n)
		}
	}
}

func (t *text) indexAt(start, from int32) int32 {
	for i := from; i < int32(len(t.tokens)); i++ { //nolint:gosec // bounded by the text
		if t.tokens[i].start >= start {
			return i
		}
	}
	return int32(len(t.tokens)) //nolint:gosec // bounded by the text
}

// headingStart is the first word of the heading that ends with word i, -1 for none.
func (t *text) headingStart(i int) int {
	from := i
	for j := i; j >= 0 && i-j < maxHeading; j-- {
		k := t.tokens[j]
		if j < i && (k.after == '.' || k.after == ':' || k.after == ';' || k.after == '\n' || k.sentence != t.tokens[i].sentence) {
			break
		}
		from = j
		if k.first {
			if t.tokens[j].upper || digit(k.word[0]) {
				return j
			}
			return -1
		}
	}
	// Within a line only capitals make a heading.
	start := -1
	for j := i; j >= from; j-- {
		if !t.tokens[j].caps && !in(t.tokens[j].word, "&", "and", "of") {
			break
		}
		if t.tokens[j].caps {
			start = j
		}
	}
	return start
}

// words joins the lower-case words from and up to.
func (t *text) words(from, to int) string {
	var b strings.Builder
	for i := from; i < to; i++ {
		if i > from {
			b.WriteByte(' ')
		}
		b.WriteString(t.tokens[i].word)
	}
	return b.String()
}

// sectionOf is the heading that word i stands under, "" for none.
func (t *text) sectionOf(i int) string {
	if n := t.tokens[i].section; n >= 0 {
		return t.sections[n].name
	}
	return ""
}

// sentenceOf gives the first word and the one after the last of i's sentence.
func (t *text) sentenceOf(i int) (from, to int) {
	n := t.tokens[i].sentence
	from, to = i, i+1
	for from > 0 && t.tokens[from-1].sentence == n {
		from--
	}
	for to < len(t.tokens) && t.tokens[to].sentence == n {
		to++
	}
	return from, to
}

// lineOf gives the first word and the one after the last of i's line.
func (t *text) lineOf(i int) (from, to int) {
	from, to = i, i+1
	for from > 0 && !t.tokens[from].first && i-from < 4*maxSentence {
		from--
	}
	for to < len(t.tokens) && !t.tokens[to].first && to-from < 8*maxSentence {
		to++
	}
	return from, to
}

func (t *text) word(i int) string {
	if i < 0 || i >= len(t.tokens) {
		return ""
	}
	return t.tokens[i].word
}
