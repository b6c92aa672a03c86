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

// codeAt reads a code at the beginning of a word and returns it undotted with
// the number of bytes read, ".-" included; n is 0 if there is none.
func codeAt(text string, i int) (code string, n int) {
	if i+3 > len(text) || i > 0 && (isWordByte(text[i-1]) || text[i-1] == '.') {
		return "", 0
	}
	upper := func(c byte) bool { return c >= 'A' && c <= 'Z' }
	digit := func(c byte) bool { return c >= '0' && c <= '9' }
	if !upper(text[i]) || !digit(text[i+2]) && !upper(text[i+2]) {
		return "", 0
	}
	if !digit(text[i+1]) && (text[i+1] != 'A' || !digit(text[i+2]) || text[i] != 'Q') {
		return "", 0
	}
	n = 3
	code = text[i : i+3]
	if i+n < len(text) && text[i+n] == '.' {
		k := i + n + 1
		for k < len(text) && (digit(text[k]) || upper(text[k])) && k < i+n+5 {
			k++
		}
		code += text[i+n+1 : k]
		dash := k < len(text) && text[k] == '-' && (k+1 == len(text) || !isWordByte(text[k+1]))
		switch {
		case dash:
			n = k + 1 - i
		case k > i+n+1:
			n = k - i
		}
	} else if i+n < len(text) && text[i+n] == '-' && (i+n+1 == len(text) || !isWordByte(text[i+n+1])) {
		n++ // "I50-"
	}
	if i+n < len(text) && isWordByte(text[i+n]) {
		return "", 0
	}
	return code, n
}
