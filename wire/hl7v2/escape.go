package hl7v2

import (
	"bytes"
	"strconv"
	"strings"
	"unicode/utf8"
)

// decode returns a part of the message as UTF-8. It resolves the escape sequences of HL7 v2 chapter 2.7:
//
//	\F\ \S\ \T\ \R\ \E\ \P\   the delimiters themselves
//	\Xhh..\                   bytes in the character set of the message
//	\.br\ \.sp n\ \.ce\       line breaks
//	\.sk n\                   n blanks
//	\H\ \N\ \.fi\ \.nf\ \.in n\ \.ti n\   appearance only: dropped
//
// What is no escape sequence, or one that this package does not know (\C..\,
// \M..\, \Z..\), stays as it was received.
func (m *Message) decode(start, end uint32) string {
	if m.plain {
		return m.text[start:end]
	}
	raw, d, set := m.raw[start:end], m.delims, m.charset
	if d.Escape == 0 || bytes.IndexByte(raw, d.Escape) < 0 {
		if set != Latin1 {
			return m.text[start:end]
		}
		return string(set.appendText(make([]byte, 0, len(raw)+8), raw))
	}
	out := make([]byte, 0, len(raw)+8)
	for {
		i := bytes.IndexByte(raw, d.Escape)
		if i < 0 {
			return string(set.appendText(out, raw))
		}
		out = set.appendText(out, raw[:i])
		raw = raw[i:]
		end := bytes.IndexByte(raw[1:], d.Escape)
		if end < 0 {
			return string(set.appendText(out, raw))
		}
		resolved, ok := escape(out, raw[1:end+1], d, set)
		if ok {
			out, raw = resolved, raw[end+2:]
			continue
		}
		// Not an escape: this character is text, and the next one of its kind
		// may open a real sequence.
		out = append(out, d.Escape)
		raw = raw[1:]
	}
}

// escape appends what the sequence between two escape characters stands for.
func escape(out, seq []byte, d Delimiters, set Charset) ([]byte, bool) {
	if len(seq) == 0 {
		return out, false
	}
	if len(seq) == 1 {
		return escapeLetter(out, seq[0], d)
	}
	switch seq[0] {
	case 'X':
		return escapeHex(out, seq[1:], set)
	case '.':
		return escapeFormat(out, string(seq[1:]))
	}
	return out, false
}

func escapeLetter(out []byte, letter byte, d Delimiters) ([]byte, bool) {
	c := byte(0)
	switch letter {
	case 'F':
		c = d.Field
	case 'S':
		c = d.Component
	case 'T':
		c = d.Subcomponent
	case 'R':
		c = d.Repetition
	case 'E':
		c = d.Escape
	case 'P':
		c = d.Truncation
	case 'H', 'N':
		return out, true
	}
	if c == 0 {
		return out, false
	}
	return append(out, c), true
}

func escapeHex(out, digits []byte, set Charset) ([]byte, bool) {
	if len(digits)%2 != 0 {
		return out, false
	}
	data := make([]byte, 0, len(digits)/2)
	for i := 0; i < len(digits); i += 2 {
		n, err := strconv.ParseUint(string(digits[i:i+2]), 16, 8)
		if err != nil || n == 0 {
			return out, false // NUL is no text
		}
		data = append(data, byte(n))
	}
	if set != Latin1 && !utf8.Valid(data) {
		return out, false
	}
	text := strings.ReplaceAll(string(set.appendText(nil, data)), "\r\n", "\n")
	return append(out, strings.ReplaceAll(text, "\r", "\n")...), true
}

// maxSkip bounds the blanks or lines that one formatting command may ask for.
const maxSkip = 50

func escapeFormat(out []byte, command string) ([]byte, bool) {
	if len(command) < 2 {
		return out, false
	}
	name, argument := command[:2], strings.TrimSpace(command[2:])
	count := 1
	if argument != "" {
		n, err := strconv.Atoi(argument)
		if err != nil {
			return out, false
		}
		count = min(max(n, 0), maxSkip)
	}
	switch name {
	case "br", "ce":
		return append(out, '\n'), true
	case "sp":
		return append(out, strings.Repeat("\n", count)...), true
	case "sk":
		return append(out, strings.Repeat(" ", count)...), true
	case "fi", "nf", "in", "ti":
		return out, true
	}
	return out, false
}

// appendEscaped appends text in the encoding of a message to be sent: UTF-8,
// delimiters escaped, line breaks as \.br\. Other control characters, which
// have no place in a message, become blanks.
func appendEscaped(out []byte, text string, d Delimiters) []byte {
	text = strings.ReplaceAll(text, "\r\n", "\n")
	for _, r := range text {
		letter := byte(0)
		switch r {
		case rune(d.Field):
			letter = 'F'
		case rune(d.Component):
			letter = 'S'
		case rune(d.Subcomponent):
			letter = 'T'
		case rune(d.Repetition):
			letter = 'R'
		case rune(d.Escape):
			letter = 'E'
		case '\n', '\r':
			out = append(out, d.Escape)
			out = append(out, ".br"...)
			out = append(out, d.Escape)
			continue
		}
		switch {
		case letter != 0:
			out = append(out, d.Escape, letter, d.Escape)
		case r < ' ' || r == 0x7f:
			out = append(out, ' ')
		default:
			out = utf8.AppendRune(out, r)
		}
	}
	return out
}
