package hl7v2

import (
	"bytes"
	"unicode/utf8"
)

// Charset is the character set that the bytes of a message are in (MSH-18,
// HL7 table 0211).
type Charset uint8

// The character sets that are read.
const (
	// Undeclared: MSH-18 is absent or empty. The standard then means ASCII;
	// many senders write UTF-8 all the same, which holds ASCII, so that is what
	// is read and checked.
	Undeclared Charset = iota
	ASCII
	Latin1 // 8859/1
	UTF8   // UNICODE UTF-8
)

// String returns the name of table 0211.
func (c Charset) String() string {
	switch c {
	case ASCII:
		return "ASCII"
	case Latin1:
		return "8859/1"
	case UTF8:
		return "UNICODE UTF-8"
	case Undeclared:
	}
	return ""
}

// charsetByName knows the names of table 0211 and the spellings that senders
// commonly use for the same sets.
func charsetByName(name string) (Charset, bool) {
	switch name {
	case "":
		return Undeclared, true
	case "ASCII", "US-ASCII", "ISO IR6":
		return ASCII, true
	case "8859/1", "ISO-8859-1", "ISO8859-1", "ISO 8859-1", "8859-1":
		return Latin1, true
	case "UNICODE UTF-8", "UTF-8", "UTF8":
		return UTF8, true
	}
	return Undeclared, false
}

// invalid returns the index of the first byte of raw that is not of the
// character set, or -1, and why it is not.
func (c Charset) invalid(raw []byte) (int, string) {
	if i := bytes.IndexByte(raw, 0); i >= 0 {
		return i, "NUL byte"
	}
	switch c {
	case Latin1:
		return -1, ""
	case ASCII:
		if i := firstAbove127(raw); i >= 0 {
			return i, "byte above 127 although the message declares ASCII"
		}
		return -1, ""
	case Undeclared, UTF8:
	}
	if utf8.Valid(raw) {
		return -1, ""
	}
	for i := 0; i < len(raw); {
		r, n := utf8.DecodeRune(raw[i:])
		if r == utf8.RuneError && n == 1 {
			if c == UTF8 {
				return i, "not valid UTF-8, which the message declares"
			}
			return i, "not valid UTF-8, and the message declares no character set"
		}
		i += n
	}
	return -1, ""
}

// appendText appends raw as UTF-8.
func (c Charset) appendText(dst, raw []byte) []byte {
	if c != Latin1 {
		return append(dst, raw...)
	}
	for _, b := range raw {
		dst = utf8.AppendRune(dst, rune(b))
	}
	return dst
}

// firstAbove127 returns the index of the first byte that is not ASCII, or -1.
func firstAbove127(raw []byte) int {
	for i, b := range raw {
		if b >= utf8.RuneSelf {
			return i
		}
	}
	return -1
}

func isASCII(raw []byte) bool { return firstAbove127(raw) < 0 }
