package crowd

import (
	"strconv"
	"strings"
)

// blanks are the words that a text's {names} stand for.
type blanks map[string]string

// expand writes text with its choices made and its blanks filled:
//
//	[a/b/c]   one of the three; they may hold blanks, but no bracket and no slash
//	{name}    what fill holds for name, which may be a choice of its own
//	{12-40}   a whole number from 12 to 40
//
// Texts are constants of this package and a test reads each of them, so a
// malformed one is written as it stands rather than reported.
func (m maker) expand(text string, fill blanks) string {
	var out strings.Builder
	out.Grow(len(text) + len(text)/8)
	for text != "" {
		open := strings.IndexAny(text, "[{")
		if open < 0 {
			break
		}
		out.WriteString(text[:open])
		closer := byte(']')
		if text[open] == '{' {
			closer = '}'
		}
		end := strings.IndexByte(text[open:], closer)
		if end < 0 {
			text = text[open:]
			break
		}
		inner := text[open+1 : open+end]
		if closer == ']' {
			out.WriteString(m.expand(m.choose(inner), fill))
		} else {
			m.fill(&out, inner, fill)
		}
		text = text[open+end+1:]
	}
	out.WriteString(text)
	return out.String()
}

func (m maker) choose(choices string) string {
	n := m.IntN(strings.Count(choices, "/") + 1)
	for range n {
		_, choices, _ = strings.Cut(choices, "/")
	}
	choice, _, _ := strings.Cut(choices, "/")
	return choice
}

func (m maker) fill(out *strings.Builder, name string, fill blanks) {
	if word, ok := fill[name]; ok {
		if word != "" && word[0] == '[' { // drawn anew at each place
			word = m.choose(word[1 : len(word)-1])
		}
		out.WriteString(word)
		return
	}
	low, high, _ := strings.Cut(name, "-")
	from, err1 := strconv.Atoi(low)
	to, err2 := strconv.Atoi(high)
	if err1 != nil || err2 != nil || to < from {
		out.WriteString("{" + name + "}")
		return
	}
	out.WriteString(strconv.Itoa(m.between(from, to)))
}
