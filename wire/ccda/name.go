package ccda

func (s *scanner) skipBlank() {
	for s.at < len(s.text) && isBlank(s.text[s.at]) {
		s.at++
	}
}

// nameAt finds the end of the name that begins at from, and its colon (0 for
// none). An end of from means that there is no name.
func nameAt(text string, from int) (end, colon int) {
	i := from
	for ; i < len(text); i++ {
		switch c := nameChars[text[i]]; {
		case c == nameColon && colon == 0 && i > from:
			colon = i
		case c == nameStart, c == nameRest && i > from && i != colon+1:
		case c == 0:
			if colon > 0 && i == colon+1 {
				return from, 0
			}
			return i, colon
		default:
			return from, 0
		}
	}
	return i, colon
}

const (
	nameStart byte = 1 + iota
	nameRest
	nameColon
)

// nameChars says where a byte may stand in a name. Bytes of characters beyond
// ASCII are taken as letters.
var nameChars = func() (t [256]byte) {
	for c := range t {
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c == '_', c >= 0x80:
			t[c] = nameStart
		case c >= '0' && c <= '9', c == '-', c == '.':
			t[c] = nameRest
		case c == ':':
			t[c] = nameColon
		}
	}
	return t
}()

func isBlank(c byte) bool { return c == ' ' || c == '\n' || c == '\t' || c == '\r' }

func blank(s string) bool {
	for i := range len(s) {
		if !isBlank(s[i]) {
			return false
		}
	}
	return true
}

// u32 holds a place in a document, whose size is bounded below 4 GB.
func u32(n int) uint32 { return uint32(n) } //nolint:gosec // bounded by Parse

// u16 holds the length of a name, which is bounded.
func u16(n int) uint16 { return uint16(n) } //nolint:gosec // bounded where names are read
