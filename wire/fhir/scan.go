package fhir

import (
	"bytes"
	"errors"
	"fmt"
	"io"
)

// scanner finds where JSON values end in a stream, without reading what is in
// them, and counts lines and bytes.
type scanner struct {
	src    io.Reader
	buf    []byte
	pos    int
	base   int64 // offset of buf[0]
	line   int   // line at the bytes counted so far
	counts int   // bytes of buf whose line ends are counted
	err    error // what src returned, for good
}

const chunk = 64 << 10

func newScanner(src io.Reader) *scanner {
	return &scanner{src: src, line: 1}
}

// more reads further bytes behind those that are left; false at the end.
func (s *scanner) more() bool {
	if s.err != nil {
		return false
	}
	s.count()
	n := copy(s.buf, s.buf[s.pos:])
	s.base += int64(s.pos)
	s.buf, s.pos, s.counts = s.buf[:n], 0, 0
	if cap(s.buf)-n < chunk/2 {
		grown := make([]byte, n, 2*cap(s.buf)+chunk)
		copy(grown, s.buf)
		s.buf = grown
	}
	for range 100 {
		got, err := s.src.Read(s.buf[n:cap(s.buf)])
		s.buf = s.buf[:n+got]
		if err != nil {
			s.err = err
			return got > 0
		}
		if got > 0 {
			return true
		}
	}
	s.err = io.ErrNoProgress
	return false
}

// count brings line up to pos.
func (s *scanner) count() {
	s.line += bytes.Count(s.buf[s.counts:s.pos], []byte{'\n'})
	s.counts = s.pos
}

// here returns where the scanner stands.
func (s *scanner) here() (line int, offset int64) {
	s.count()
	return s.line, s.base + int64(s.pos)
}

// fault makes the error for where the scanner stands, or for a source that
// cannot be read.
func (s *scanner) fault(entry int, reason string) error {
	if err := s.broken(); err != nil {
		return err
	}
	line, offset := s.here()
	return &Error{Entry: entry, Line: line, Offset: offset, Reason: reason}
}

// broken returns the error of a source that failed; nil if it ended.
func (s *scanner) broken() error {
	if s.err != nil && !errors.Is(s.err, io.EOF) {
		return fmt.Errorf("fhir: reading the document: %w", s.err)
	}
	return nil
}

// peek passes over white space and returns the next byte; false at the end.
func (s *scanner) peek() (byte, bool) {
	for {
		for s.pos < len(s.buf) {
			switch c := s.buf[s.pos]; c {
			case ' ', '\t', '\r', '\n':
				s.pos++
			default:
				return c, true
			}
		}
		if !s.more() {
			return 0, false
		}
	}
}

// errTooLarge says that a value is larger than the limit; errEnds that the
// stream ends within it.
var (
	errTooLarge = errors.New("larger than the limit")
	errEnds     = errors.New("document ends in the middle of a value")
	errDeep     = errors.New("nested too deeply")
)

// value appends the next value to dst, as it stands. It sees to strings and
// brackets only: what else is wrong is found when the value is indexed. A value
// above the limit is passed over whole, and errTooLarge returned.
func (s *scanner) value(dst []byte, limit int) ([]byte, error) {
	limit += len(dst)
	depth, inString, large := 0, false, false
	for first := true; ; first = false {
		if s.pos == len(s.buf) && !s.more() {
			return dst, errEnds
		}
		rest := s.buf[s.pos:]
		var n int
		var done bool
		if inString {
			n, inString = stringEnd(rest)
			if n == 0 && !s.more() { // the stream ends within an escape
				return dst, errEnds
			}
			done = !inString && depth == 0
		} else {
			n, depth, inString, done = structure(rest, depth, first)
		}
		if large = large || len(dst)+n > limit; !large {
			dst = append(dst, rest[:n]...)
		}
		s.pos += n
		switch {
		case depth > 4*MaxDepth:
			return dst, errDeep
		case done && large:
			return dst, errTooLarge
		case done:
			return dst, nil
		}
	}
}

// structure goes over bytes outside of strings up to the opening of a string or
// the end of the value. A value that is no string, object or array ends before
// the next comma, bracket or white space.
func structure(rest []byte, depth int, first bool) (n, deep int, inString, done bool) {
	for i, c := range rest {
		switch c {
		case '"':
			return i + 1, depth, true, false
		case '{', '[':
			depth++
		case '}', ']':
			if depth == 0 {
				return i, depth, false, true
			}
			if depth--; depth == 0 {
				return i + 1, depth, false, true
			}
		case ',', ':', ' ', '\t', '\r', '\n':
			if depth == 0 && (i > 0 || !first) {
				return i, depth, false, true
			}
			if depth == 0 {
				return 1, depth, false, true // no value at all: indexing complains
			}
		}
	}
	return len(rest), depth, false, false
}

// stringEnd returns how many bytes belong to the string that is open, and
// whether it still is. A backslash at the end is left for when more is read, so
// that 0 means: only that.
func stringEnd(rest []byte) (n int, open bool) {
	from := 0
	for {
		piece := rest[from:]
		quote := bytes.IndexByte(piece, '"')
		if quote >= 0 {
			piece = piece[:quote]
		}
		escape := bytes.IndexByte(piece, '\\')
		switch {
		case escape >= 0 && from+escape+1 == len(rest):
			return from + escape, true
		case escape >= 0:
			from += escape + 2
		case quote >= 0:
			return from + quote + 1, false
		default:
			return len(rest), true
		}
	}
}

// lineText appends the rest of the line to dst without its line end; io.EOF if
// nothing is left. A line above the limit is passed over whole.
func (s *scanner) lineText(dst []byte, limit int) ([]byte, error) {
	if s.pos == len(s.buf) && !s.more() {
		return dst, io.EOF
	}
	large := false
	for {
		piece, _, ended := bytes.Cut(s.buf[s.pos:], []byte{'\n'})
		if large = large || len(dst)+len(piece) > limit+1; !large {
			dst = append(dst, piece...)
		}
		s.pos += len(piece)
		if ended {
			s.pos++
			break
		}
		if !s.more() {
			break
		}
	}
	if large {
		return dst, errTooLarge
	}
	return bytes.TrimSuffix(dst, []byte{'\r'}), nil
}
