package coder

import "strings"

// sentence is a stretch of tokens that belong together, in one section.
type sentence struct {
	tokens  []token
	section sectionKind
	item    bool // stands as an item of a list or table row
}

// maxSentence bounds the tokens of one sentence, so that text without a full
// stop costs no more than any other.
const maxSentence = 160

// textLine is one line of the document.
type textLine struct {
	start, end int // without the line break
}

// linesOf cuts the text at \n, \r\n and \r.
func linesOf(text string) []textLine {
	lines := make([]textLine, 0, 1+strings.Count(text, "\n"))
	start := 0
	for i := 0; i < len(text); i++ {
		if text[i] != '\n' && text[i] != '\r' {
			continue
		}
		lines = append(lines, textLine{start, i})
		if text[i] == '\r' && i+1 < len(text) && text[i+1] == '\n' {
			i++
		}
		start = i + 1
	}
	return append(lines, textLine{start, len(text)})
}

// bulletLength returns how many bytes of the line (already left-trimmed) are a
// bullet or an item number: "- ", "* ", "• ", "1. ", "2) ", "#3 ", "[x] ".
func bulletLength(line string) int {
	for _, bullet := range []string{"- ", "* ", "• ", "· ", "-- ", "> ", "+ ", "[ ] ", "[x] ", "[X] ", "–", "—", "•", "▪", "●"} {
		if strings.HasPrefix(line, bullet) {
			return len(bullet)
		}
	}
	return numberLength(line)
}

// numberLength is how many bytes an item number takes: "1. ", "2) ", "#3 ".
func numberLength(line string) int {
	i := 0
	if strings.HasPrefix(line, "#") || strings.HasPrefix(line, "(") {
		i++
	}
	digits := i
	for i < len(line) && i < digits+3 && line[i] >= '0' && line[i] <= '9' {
		i++
	}
	if i == digits {
		return 0
	}
	if i < len(line) && strings.IndexByte(".):", line[i]) >= 0 {
		i++
		if i == len(line) || line[i] == ' ' || line[i] == '\t' {
			return i
		}
		return 0
	}
	if digits == 1 && line[0] == '#' {
		return i
	}
	return 0
}

// block is a run of lines that is split into sentences as one: a paragraph, a
// list item or a header's own line.
type block struct {
	start, end int
	section    sectionKind
	item       bool
}

// splitBlock appends the sentences of one block.
func splitBlock(dst []sentence, text string, b block) []sentence {
	tokens := tokenize(text, b.start, b.end)
	from := 0
	flush := func(to int) {
		for to-from > maxSentence {
			dst = append(dst, sentence{tokens: tokens[from : from+maxSentence], section: b.section, item: b.item})
			from += maxSentence
		}
		if to > from {
			dst = append(dst, sentence{tokens: tokens[from:to], section: b.section, item: b.item})
		}
		from = to
	}
	for i := range tokens {
		if tokens[i].kind == markToken && endsSentence(text, tokens, i) {
			flush(i + 1)
		}
	}
	flush(len(tokens))
	return dst
}

// endsSentence decides whether the mark at tokens[i] ends a sentence. A full
// stop does not after an abbreviation, inside a number, between initials, or
// when a lower-case word follows at once.
func endsSentence(text string, tokens []token, i int) bool {
	mark := tokens[i]
	switch mark.low {
	case "?", "!":
		return true
	case ".":
	default:
		return false
	}
	if i+1 == len(tokens) {
		return true
	}
	next := tokens[i+1]
	switch {
	case next.start == mark.end && next.kind != markToken:
		// E.coli, p.o. and also "edema.No fever": a capital and a small letter
		// after a word of some length start a new sentence.
		long := i > 0 && tokens[i-1].kind == wordToken && tokens[i-1].end-tokens[i-1].start > 3
		return long && !next.upper && next.kind == wordToken && isUpperAt(text, next.start)
	case i == 0:
		return true
	case next.kind == wordToken && !isUpperAt(text, next.start):
		prev := tokens[i-1]
		return prev.kind == numberToken || !abbreviatedBeforeStop[prev.low] && len(prev.low) > 3
	}
	return !shortened(tokens, i)
}

// shortened: the stop belongs to an abbreviation or an initial.
func shortened(tokens []token, i int) bool {
	prev, next := tokens[i-1], tokens[i+1]
	if prev.kind != wordToken || prev.end != tokens[i].start {
		return false
	}
	if abbreviatedBeforeStop[prev.low] {
		return true
	}
	if len(prev.low) != 1 || prev.low == "i" {
		return false
	}
	return i < 2 || tokens[i-2].low == "." || next.kind != wordToken || isInitial(tokens, i+1)
}

func isInitial(tokens []token, i int) bool {
	return tokens[i].end-tokens[i].start == 1
}

func isUpperAt(text string, at int) bool {
	return text[at] >= 'A' && text[at] <= 'Z'
}

// abbreviatedBeforeStop lists words whose full stop does not end a sentence.
var abbreviatedBeforeStop = setOf("dr", "mr", "mrs", "ms", "prof", "vs", "approx", "st", "no", "fig", "e", "g", "etc", "inc",
	"dept", "jr", "sr", "wt", "ht", "hx", "dx", "tx", "rx", "pt", "sx", "s", "p", "q", "b", "h", "y", "o", "c", "w", "a", "m", "d",
	"temp", "resp", "abd", "ext", "neuro", "neg", "pos", "mod", "sig", "staph", "strep", "lat", "ant", "post", "inf", "sup", "max", "min", "avg", "cf", "al", "ca", "i")

func setOf(words ...string) map[string]bool {
	set := make(map[string]bool, len(words))
	for _, w := range words {
		set[w] = true
	}
	return set
}
