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
