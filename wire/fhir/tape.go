package fhir

import (
	"strings"
	"unicode/utf8"
)

// Bounds of a document.
const (
	// MaxDepth is how deeply objects and arrays may be nested. Resources of the
	// standard seldom pass 12.
	MaxDepth = 64
	// MaxValues is how many values and keys a document may have. A ValueSet of
	// 100,000 codes has about a million.
	MaxValues = 2_000_000
	// DefaultMaxResource leaves room for a scanned document in base64.
	DefaultMaxResource = 32 << 20
)

type kind uint8

const (
	absent kind = iota
	object
	array
	text        // start and end without the quotes
	escapedText // text with at least one backslash
	number
	boolTrue
	boolFalse
	null
)

func (k kind) String() string {
	return [...]string{"nothing", "object", "array", "string", "string", "number", "boolean", "boolean", "null"}[k]
}

// node is one value on the tape. Nodes lie in the order of the text; the
// members of an object are pairs of a key node and a value with all its nodes.
type node struct {
	start, end uint32 // in the text
	next       uint32 // the node after this one and all that it holds
	kind       kind
}

// indexer turns text into a tape. It checks grammar, depth and double keys;
// UTF-8 and NUL are checked beforehand.
type indexer struct {
	text  string
	pos   int
	depth int
	nodes []node
}

// fault is why a text cannot be indexed, and where.
type fault struct {
	at     int
	reason string
}

// index indexes one JSON value with nothing but white space around it.
func index(doc string) ([]node, *fault) {
	if bad := checkText(doc); bad != nil {
		return nil, bad
	}
	// Room for usual resources; a scanned document has few values for its size.
	x := indexer{text: doc, nodes: make([]node, 0, min(16+len(doc)/14, 4096))}
	x.space()
	if bad := x.value(); bad != nil {
		return nil, bad
	}
	x.space()
	if x.pos < len(doc) {
		return nil, x.fault("bytes follow the end of the document")
	}
	return x.nodes, nil
}

func checkText(doc string) *fault {
	if i := strings.IndexByte(doc, 0); i >= 0 {
		return &fault{i, "NUL byte"}
	}
	if utf8.ValidString(doc) {
		return nil
	}
	for i := 0; i < len(doc); {
		r, n := utf8.DecodeRuneInString(doc[i:])
		if r == utf8.RuneError && n == 1 {
			return &fault{i, "not valid UTF-8"}
		}
		i += n
	}
	return nil
}

func (x *indexer) fault(reason string) *fault { return &fault{x.pos, reason} }

func (x *indexer) space() {
	for x.pos < len(x.text) {
		switch x.text[x.pos] {
		case ' ', '\t', '\r', '\n':
			x.pos++
		default:
			return
		}
	}
}

// peek returns the next byte, 0 at the end.
func (x *indexer) peek() byte {
	if x.pos >= len(x.text) {
		return 0
	}
	return x.text[x.pos]
}

func (x *indexer) value() *fault {
	if len(x.nodes) > MaxValues {
		return x.fault("too many values")
	}
	switch c := x.peek(); {
	case c == '{':
		return x.object()
	case c == '[':
		return x.array()
	case c == '"':
		return x.string()
	case c == '-' || c >= '0' && c <= '9':
		return x.number()
	case c == 't':
		return x.word("true", boolTrue)
	case c == 'f':
		return x.word("false", boolFalse)
	case c == 'n':
		return x.word("null", null)
	case x.pos >= len(x.text):
		return x.fault("document ends in the middle of a value")
	}
	return x.fault("not a JSON value")
}

func (x *indexer) open(k kind) (int, *fault) {
	if x.depth++; x.depth > MaxDepth {
		return 0, x.fault("nested too deeply")
	}
	x.nodes = append(x.nodes, node{start: at(x.pos), kind: k})
	x.pos++
	x.space()
	return len(x.nodes) - 1, nil
}

func (x *indexer) close(opened int) {
	x.depth--
	x.pos++
	x.nodes[opened].end = at(x.pos)
	x.nodes[opened].next = at(len(x.nodes))
}

// leaf appends a value that holds no others.
func (x *indexer) leaf(start, end int, k kind) {
	x.nodes = append(x.nodes, node{at(start), at(end), at(len(x.nodes) + 1), k})
}

// at makes an index into a document; maxResource sees to it that it fits.
func at(i int) uint32 {
	return uint32(i) //nolint:gosec // at most maxResource, which is below 2^31
}

func (x *indexer) array() *fault {
	opened, bad := x.open(array)
	if bad != nil {
		return bad
	}
	if x.peek() == ']' {
		x.close(opened)
		return nil
	}
	for {
		if bad := x.value(); bad != nil {
			return bad
		}
		x.space()
		switch x.peek() {
		case ',':
			x.pos++
			x.space()
		case ']':
			x.close(opened)
			return nil
		default:
			return x.fault("want comma or end of array")
		}
	}
}

func (x *indexer) object() *fault {
	opened, bad := x.open(object)
	if bad != nil {
		return bad
	}
	if x.peek() == '}' {
		x.close(opened)
		return nil
	}
	var keys keySet
	for {
		if bad := x.key(opened+1, &keys); bad != nil {
			return bad
		}
		if bad := x.value(); bad != nil {
			return bad
		}
		x.space()
		switch x.peek() {
		case ',':
			x.pos++
			x.space()
		case '}':
			x.close(opened)
			return nil
		default:
			return x.fault("want comma or end of object")
		}
	}
}

// keySet finds keys that come twice. Few keys are compared with each other on
// the tape; many go into a map.
type keySet struct {
	count int
	seen  map[string]bool
}

const manyKeys = 16

// key reads a key and its colon; first is the node of the object's first key.
func (x *indexer) key(first int, keys *keySet) *fault {
	start := x.pos
	if x.peek() != '"' {
		return x.fault("want a key")
	}
	if bad := x.string(); bad != nil {
		return bad
	}
	self := len(x.nodes) - 1
	name := nodeText(x.text, x.nodes[self])
	if x.twice(first, self, name, keys) {
		return &fault{start, "the same key stands twice in one object"}
	}
	x.space()
	if x.peek() != ':' {
		return x.fault("want a colon after the key")
	}
	x.pos++
	x.space()
	return nil
}

func (x *indexer) twice(first, self int, name string, keys *keySet) bool {
	keys.count++
	if keys.count <= manyKeys {
		for k := first; k < self; k = int(x.nodes[k+1].next) {
			if nodeText(x.text, x.nodes[k]) == name {
				return true
			}
		}
		return false
	}
	if keys.seen == nil {
		keys.seen = make(map[string]bool, 4*manyKeys)
		for k := first; k < self; k = int(x.nodes[k+1].next) {
			keys.seen[nodeText(x.text, x.nodes[k])] = true
		}
	}
	if keys.seen[name] {
		return true
	}
	keys.seen[name] = true
	return false
}

// plain marks the bytes that need no attention within a string.
var plain = func() (table [256]bool) {
	for c := 0x20; c < 256; c++ {
		table[c] = c != '"' && c != '\\'
	}
	return table
}()

func (x *indexer) string() *fault {
	x.pos++
	start, k := x.pos, text
	for {
		for x.pos < len(x.text) && plain[x.text[x.pos]] {
			x.pos++
		}
		switch c := x.peek(); {
		case x.pos >= len(x.text):
			return x.fault("document ends within a string")
		case c == '"':
			x.leaf(start, x.pos, k)
			x.pos++
			return nil
		case c == '\\':
			k = escapedText
			if bad := x.escape(); bad != nil {
				return bad
			}
		default:
			return x.fault("control character within a string")
		}
	}
}

func (x *indexer) escape() *fault {
	if x.pos+1 >= len(x.text) {
		return x.fault("document ends within a string")
	}
	switch x.text[x.pos+1] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		x.pos += 2
		return nil
	case 'u':
		_, n, reason := unicodeEscape(x.text[x.pos:])
		if reason != "" {
			return x.fault(reason)
		}
		x.pos += n
		return nil
	}
	return x.fault("unknown escape within a string")
}

// unicodeEscape reads \uXXXX, or a pair of them for a character above U+FFFF,
// and returns its length.
func unicodeEscape(s string) (r rune, n int, reason string) {
	r, ok := hex4(s)
	switch {
	case !ok:
		return 0, 0, "bad \\u escape within a string"
	case r == 0:
		return 0, 0, "NUL character within a string"
	case r >= 0xdc00 && r < 0xe000:
		return 0, 0, "half of a surrogate pair within a string"
	case r < 0xd800 || r >= 0xe000:
		return r, 6, ""
	}
	low, ok := hex4(s[6:])
	if !ok || low < 0xdc00 || low >= 0xe000 {
		return 0, 0, "half of a surrogate pair within a string"
	}
	return (r-0xd800)<<10 | (low - 0xdc00) + 0x10000, 12, ""
}

func hex4(s string) (rune, bool) {
	if len(s) < 6 || s[0] != '\\' || s[1] != 'u' {
		return 0, false
	}
	var r rune
	for _, c := range []byte(s[2:6]) {
		switch {
		case c >= '0' && c <= '9':
			c -= '0'
		case c >= 'a' && c <= 'f':
			c -= 'a' - 10
		case c >= 'A' && c <= 'F':
			c -= 'A' - 10
		default:
			return 0, false
		}
		r = r<<4 | rune(c)
	}
	return r, true
}

func (x *indexer) number() *fault {
	start := x.pos
	if x.peek() == '-' {
		x.pos++
	}
	switch c := x.peek(); {
	case c == '0':
		x.pos++
	case c >= '1' && c <= '9':
		x.digits()
	default:
		return x.fault("not a number")
	}
	if x.peek() == '.' {
		x.pos++
		if !x.digits() {
			return x.fault("not a number")
		}
	}
	if c := x.peek(); c == 'e' || c == 'E' {
		x.pos++
		if c := x.peek(); c == '+' || c == '-' {
			x.pos++
		}
		if !x.digits() {
			return x.fault("not a number")
		}
	}
	x.leaf(start, x.pos, number)
	return nil
}

func (x *indexer) digits() bool {
	start := x.pos
	for c := x.peek(); c >= '0' && c <= '9'; c = x.peek() {
		x.pos++
	}
	return x.pos > start
}

func (x *indexer) word(word string, k kind) *fault {
	if !strings.HasPrefix(x.text[x.pos:], word) {
		return x.fault("not a JSON value")
	}
	start := x.pos
	x.pos += len(word)
	x.leaf(start, x.pos, k)
	return nil
}

// nodeText returns the text of a string node with escapes resolved; without
// escapes it shares the memory of doc.
func nodeText(doc string, n node) string {
	raw := doc[n.start:n.end]
	if n.kind != escapedText {
		return raw
	}
	out := make([]byte, 0, len(raw))
	for {
		i := strings.IndexByte(raw, '\\')
		if i < 0 {
			return string(append(out, raw...))
		}
		out = append(out, raw[:i]...)
		raw = raw[i:]
		if raw[1] == 'u' {
			r, n, _ := unicodeEscape(raw)
			out = utf8.AppendRune(out, r)
			raw = raw[n:]
			continue
		}
		c := raw[1]
		switch c {
		case 'b':
			c = '\b'
		case 'f':
			c = '\f'
		case 'n':
			c = '\n'
		case 'r':
			c = '\r'
		case 't':
			c = '\t'
		}
		out = append(out, c)
		raw = raw[2:]
	}
}
