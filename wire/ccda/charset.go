package ccda

import (
	"bytes"
	"encoding/binary"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

// decode returns the document as UTF-8 without its byte order mark. shift is how
// many bytes of raw stand before the first byte of the text where the rest is
// byte for byte the same; -1 where it was recoded.
func decode(raw []byte) (text string, shift int, bad *Error) {
	if rest, ok := bytes.CutPrefix(raw, []byte("\xef\xbb\xbf")); ok {
		return utf8Text(rest, 3)
	}
	switch {
	case bytes.HasPrefix(raw, []byte("\xff\xfe")):
		return utf16Text(raw[2:], binary.LittleEndian)
	case bytes.HasPrefix(raw, []byte("\xfe\xff")):
		return utf16Text(raw[2:], binary.BigEndian)
	case bytes.HasPrefix(raw, []byte("<\x00")):
		return utf16Text(raw, binary.LittleEndian)
	case bytes.HasPrefix(raw, []byte("\x00<")):
		return utf16Text(raw, binary.BigEndian)
	}
	switch name := declared(raw); strings.ToLower(name) {
	case "", "utf-8", "utf8", "us-ascii", "ascii":
		return utf8Text(raw, 0)
	case "iso-8859-1", "iso_8859-1", "latin1", "latin-1":
		return oneByteText(raw, charmap.ISO8859_1)
	case "windows-1252", "cp1252", "cp-1252":
		return oneByteText(raw, charmap.Windows1252)
	case "utf-16", "utf-16le", "utf-16be":
		return "", 0, &Error{Line: 1, Reason: "the declaration says UTF-16, but the bytes are not"}
	}
	return "", 0, &Error{Line: 1, Reason: "the character set that the declaration names is not read: UTF-8, UTF-16, ISO-8859-1 and windows-1252 are"}
}

// declared is the encoding that the XML declaration names; "" for none.
func declared(raw []byte) string {
	head := raw[:min(len(raw), 300)]
	if !bytes.HasPrefix(head, []byte("<?xml")) {
		return ""
	}
	end := bytes.Index(head, []byte("?>"))
	if end < 0 {
		return ""
	}
	head = head[:end]
	i := bytes.Index(head, []byte("encoding"))
	if i < 0 {
		return ""
	}
	head = bytes.TrimLeft(head[i+len("encoding"):], " \t\r\n=")
	if len(head) < 2 || head[0] != '"' && head[0] != '\'' {
		return ""
	}
	value, _, _ := bytes.Cut(head[1:], head[:1])
	return string(value)
}

func utf8Text(raw []byte, shift int) (string, int, *Error) {
	text := string(raw)
	if !utf8.ValidString(text) {
		at := 0
		for at < len(text) {
			r, size := utf8.DecodeRuneInString(text[at:])
			if r == utf8.RuneError && size == 1 {
				break
			}
			at += size
		}
		return "", 0, &Error{Line: lineAt(text, at), Reason: "a byte is not UTF-8"}
	}
	return text, shift, nil
}

func utf16Text(raw []byte, order binary.ByteOrder) (string, int, *Error) {
	if len(raw)%2 != 0 {
		return "", 0, &Error{Reason: "the document is UTF-16 and ends within a character"}
	}
	out := make([]byte, 0, len(raw)/2+len(raw)/16)
	line := 1
	for i := 0; i < len(raw); i += 2 {
		r := rune(order.Uint16(raw[i:]))
		if utf16.IsSurrogate(r) {
			low := rune(0)
			if i+4 <= len(raw) {
				low = rune(order.Uint16(raw[i+2:]))
			}
			if r = utf16.DecodeRune(r, low); r == utf8.RuneError {
				return "", 0, &Error{Line: line, Reason: "half a character of UTF-16 stands alone"}
			}
			i += 2
		}
		if r == '\n' {
			line++
		}
		out = utf8.AppendRune(out, r)
	}
	return string(out), -1, nil
}

func oneByteText(raw []byte, table *charmap.Charmap) (string, int, *Error) {
	ascii := true
	for _, c := range raw {
		if c >= utf8.RuneSelf {
			ascii = false
			break
		}
	}
	if ascii {
		return string(raw), 0, nil
	}
	out := make([]byte, 0, len(raw)+len(raw)/8)
	for i, c := range raw {
		r := table.DecodeByte(c)
		if r == utf8.RuneError {
			return "", 0, &Error{Line: 1 + bytes.Count(raw[:i], []byte{'\n'}), Reason: "a byte is not of the character set that is declared"}
		}
		out = utf8.AppendRune(out, r)
	}
	return string(out), -1, nil
}

func lineAt(text string, at int) int { return 1 + strings.Count(text[:min(at, len(text))], "\n") }
