package hl7v2

import "bytes"

// Bytes that frame messages (MLLP release 1) or open a file.
const (
	startBlock = 0x0b
	endBlock   = 0x1c
)

var byteOrderMark = []byte("\xef\xbb\xbf")

// lineEnds finds line ends of CR, LF or CR LF. It remembers which of the two
// bytes came last, so that text with only one of them is gone over once.
type lineEnds struct {
	likely byte
}

// find returns where the line that begins at pos ends and where the next one
// begins; both are len(raw) if no line end follows.
func (l *lineEnds) find(raw []byte, pos int) (end, next int) {
	if l.likely == 0 {
		l.likely = '\r'
	}
	other := byte('\n')
	if l.likely == '\n' {
		other = '\r'
	}
	rest := raw[pos:]
	end = bytes.IndexByte(rest, l.likely)
	window := rest
	if end >= 0 {
		window = rest[:end]
	}
	if i := bytes.IndexByte(window, other); i >= 0 {
		end, l.likely = i, other
	}
	if end < 0 {
		return len(raw), len(raw)
	}
	next = end + 1
	if rest[end] == '\r' && next < len(rest) && rest[next] == '\n' {
		next++
	}
	return pos + end, pos + next
}
