package hl7v2

import "slices"

// Delimiters are the special characters of a message: MSH-1 and the four or
// five characters of MSH-2. A zero byte stands for a delimiter that the
// message does not declare; nothing is then split or escaped by it.
type Delimiters struct {
	Field        byte
	Component    byte
	Repetition   byte
	Escape       byte
	Subcomponent byte
	Truncation   byte // version 2.7 and later, chapter 2.5.5.2
}

// StandardDelimiters are the recommended ones: |^~\& .
func StandardDelimiters() Delimiters {
	return Delimiters{Field: '|', Component: '^', Repetition: '~', Escape: '\\', Subcomponent: '&'}
}

// encoding returns the characters of MSH-2.
func (d Delimiters) encoding() []byte {
	out := make([]byte, 0, 5)
	for _, c := range []byte{d.Component, d.Repetition, d.Escape, d.Subcomponent, d.Truncation} {
		if c == 0 {
			break
		}
		out = append(out, c)
	}
	return out
}

// readDelimiters takes the delimiters from a header segment (MSH, FHS or BHS).
// The reason is "" if they can be used.
func readDelimiters(header []byte) (d Delimiters, field int, reason string) {
	if len(header) < 4 {
		return d, 1, "header ends before the field separator"
	}
	d.Field = header[3]
	if !usableDelimiter(d.Field) {
		return d, 1, "field separator is a letter, digit, blank or control character"
	}
	rest := header[4:]
	n := 0
	for n < len(rest) && rest[n] != d.Field {
		n++
	}
	if n == 0 {
		return d, 2, "encoding characters are missing"
	}
	if n > 5 {
		return d, 2, "more than five encoding characters"
	}
	seen := [5]byte{}
	for i, c := range rest[:n] {
		if !usableDelimiter(c) {
			return d, 2, "an encoding character is a letter, digit, blank or control character"
		}
		if slices.Contains(seen[:i], c) {
			return d, 2, "the same encoding character stands twice"
		}
		seen[i] = c
	}
	d.Component, d.Repetition, d.Escape, d.Subcomponent, d.Truncation = seen[0], seen[1], seen[2], seen[3], seen[4]
	return d, 0, ""
}

func usableDelimiter(c byte) bool {
	switch {
	case c <= ' ', c >= 0x7f:
		return false
	case c >= '0' && c <= '9', c >= 'A' && c <= 'Z', c >= 'a' && c <= 'z':
		return false
	}
	return true
}
