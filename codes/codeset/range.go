package codeset

import "strings"

// Range is a span of codes as a note names it: a single code, a subtree
// ("I50.-") or a block ("E08-E13"). Both ends are undotted prefixes, so
// everything below To belongs to the range as well.
type Range struct {
	From string `json:"from"`
	To   string `json:"to"`
}

// Contains reports whether the code, dotted or not, lies in the range.
func (r Range) Contains(code string) bool {
	c := undot(code)
	if len(c) < len(r.From) {
		return false
	}
	if c[:len(r.From)] < r.From {
		return false
	}
	if len(c) > len(r.To) {
		c = c[:len(r.To)]
	}
	return c <= r.To
}

// String writes the range as the Tabular List does: E11.65, E08-E13.
func (r Range) String() string {
	if r.From == r.To {
		return dotted(r.From)
	}
	return dotted(r.From) + "-" + dotted(r.To)
}

// undot removes dot, spaces and a trailing "-", and folds to upper case.
func undot(code string) string {
	clean := true
	for i := 0; i < len(code); i++ {
		if c := code[i]; c == '.' || c == ' ' || c == '-' || 'a' <= c && c <= 'z' {
			clean = false
			break
		}
	}
	if clean {
		return code
	}
	code = strings.ReplaceAll(strings.TrimSpace(code), ".", "")
	return strings.ToUpper(strings.TrimRight(code, "- "))
}

// dotted writes an undotted ICD-10-CM code with its dot after the category.
func dotted(code string) string {
	if len(code) <= 3 {
		return code
	}
	return code[:3] + "." + code[3:]
}

// References returns the codes that a note names, in their order: "(E08-E13)",
// "I50.-", "O00-O9A", "T36-T50 with fifth or sixth character 5", "code E11.65".
// A word counts as a code if it has the shape of one of ICD-10-CM: a letter, a
// digit (or, in QA0, a letter), a third character, and then either nothing or a
// dot and what follows it.
func References(text string) []Range {
	var out []Range
	for i := 0; i < len(text); {
		from, n := codeAt(text, i)
		if n == 0 {
			i++
			for i < len(text) && isWordByte(text[i-1]) && isWordByte(text[i]) {
				i++ // to the next beginning of a word
			}
			continue
		}
		i += n
		r := Range{From: from, To: from}
		if i < len(text) && text[i] == '-' {
			if to, m := codeAt(text, i+1); m > 0 && to >= from {
				r.To = to
				i += 1 + m
			}
		}
		out = append(out, r)
	}
	return out
}

func isWordByte(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' || c >= 0x80
}

func isUpper(c byte) bool { return c >= 'A' && c <= 'Z' }

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// codeAt reads a code at the beginning of a word and returns it undotted with
// the number of bytes read, ".-" included; n is 0 if there is none.
func codeAt(text string, i int) (code string, n int) {
	if i+3 > len(text) || i > 0 && (isWordByte(text[i-1]) || text[i-1] == '.') || !isCategory(text[i:i+3]) {
		return "", 0
	}
	rest := text[i+3:]
	code, n = text[i:i+3], 3
	switch {
	case strings.HasPrefix(rest, "."):
		k := 1
		for k < len(rest) && k < 5 && (isDigit(rest[k]) || isUpper(rest[k])) {
			k++
		}
		code += rest[1:k]
		switch {
		case isLastDash(rest[k:]):
			n += k + 1
		case k > 1:
			n += k
		}
	case isLastDash(rest): // "I50-"
		n++
	}
	if i+n < len(text) && isWordByte(text[i+n]) {
		return "", 0
	}
	return code, n
}

// isCategory reports whether three characters have the shape of a category: a
// letter, a digit (a letter in QA0), and a third character.
func isCategory(c string) bool {
	if !isUpper(c[0]) || !isDigit(c[2]) && !isUpper(c[2]) {
		return false
	}
	return isDigit(c[1]) || c[0] == 'Q' && c[1] == 'A' && isDigit(c[2])
}

// isLastDash reports whether rest begins with a "-" that ends a word.
func isLastDash(rest string) bool {
	return strings.HasPrefix(rest, "-") && (len(rest) == 1 || !isWordByte(rest[1]))
}
