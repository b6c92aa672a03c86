package ccda

import (
	"iter"
	"strconv"
	"strings"
	"unicode/utf8"
)

// el is one element of an indexed document; the zero el is none.
type el struct {
	x *index
	i uint32
}

func (e el) there() bool { return e.x != nil }

func (e el) node() *node { return &e.x.nodes[e.i] }

// name is the local name.
func (e el) name() string {
	n := e.node()
	return e.x.text[n.name : n.name+uint32(n.nameLen)]
}

// own reports whether an element is of HL7's namespace. A document that declares
// no namespace at all is read as if it did.
func own(space uint8) bool { return space == hl7Space || space == noSpace }

// all goes over the elements within e, one level down, of any namespace.
func (e el) all() iter.Seq[el] {
	return func(yield func(el) bool) {
		if e.x == nil {
			return
		}
		end := e.node().next
		for i := e.i + 1; i < end; i = e.x.nodes[i].next {
			if e.x.nodes[i].kind == element && !yield(el{e.x, i}) {
				return
			}
		}
	}
}

// each goes over those of HL7's namespace with this name.
func (e el) each(name string) iter.Seq[el] {
	return func(yield func(el) bool) {
		for c := range e.all() {
			if own(c.node().space) && c.name() == name && !yield(c) {
				return
			}
		}
	}
}

// get follows names down, the first of each.
func (e el) get(names ...string) el {
	for _, name := range names {
		next := el{}
		for c := range e.each(name) {
			next = c
			break
		}
		if e = next; e.x == nil {
			return el{}
		}
	}
	return e
}

// sdtc is the first element with this name of the namespace of HL7's extensions.
func (e el) sdtc(name string) el {
	for c := range e.all() {
		if c.node().space == sdtcSpace && c.name() == name {
			return c
		}
	}
	return el{}
}

// attr is the value of an attribute without a prefix; "" for none.
func (e el) attr(name string) string {
	if e.x == nil {
		return ""
	}
	n := e.node()
	for _, a := range e.x.attrs[n.attrs : n.attrs+uint32(n.attrCount)] {
		if a.prefixLen == 0 && e.x.text[a.name:a.name+uint32(a.nameLen)] == name {
			return e.x.value(a)
		}
	}
	return ""
}

// typeName is xsi:type without its prefix.
func (e el) typeName() string {
	if e.x == nil {
		return ""
	}
	n := e.node()
	for _, a := range e.x.attrs[n.attrs : n.attrs+uint32(n.attrCount)] {
		if a.prefixLen > 0 && e.x.text[a.name+uint32(a.prefixLen):a.name+uint32(a.nameLen)] == "type" {
			v := e.x.value(a)
			return v[strings.IndexByte(v, ':')+1:]
		}
	}
	return ""
}

func (x *index) value(a attribute) string {
	v := x.text[a.value:a.valueEnd]
	if a.marked {
		v = resolve(v)
	}
	return strings.Trim(v, " \t\r\n")
}

// run is a text node's words with its references resolved.
func (x *index) run(n *node) string {
	s := x.text[n.start:n.end]
	if n.kind == markedText {
		return resolve(s)
	}
	return s
}

// words are the texts within e, white space made one blank.
func (e el) words() string {
	if e.x == nil {
		return ""
	}
	end := e.node().next
	if end == e.i+2 && e.x.nodes[e.i+1].kind == plainText {
		n := &e.x.nodes[e.i+1]
		return squeeze(e.x.text[n.start:n.end])
	}
	var b strings.Builder
	for i := e.i + 1; i < end; i++ {
		n := &e.x.nodes[i]
		if n.kind == element {
			b.WriteByte(' ')
			continue
		}
		b.WriteString(e.x.run(n))
	}
	return squeeze(b.String())
}

// squeeze makes each run of white space one blank and leaves out those at the
// ends.
func squeeze(s string) string {
	s = strings.Trim(s, " \t\r\n")
	plain := true
	for i := range len(s) {
		if c := s[i]; c == '\n' || c == '\t' || c == '\r' || c == ' ' && s[i-1] == ' ' {
			plain = false
			break
		}
	}
	if plain {
		return s
	}
	var b strings.Builder
	b.Grow(len(s))
	gap := false
	for i := range len(s) {
		if isBlank(s[i]) {
			gap = true
			continue
		}
		if gap {
			b.WriteByte(' ')
			gap = false
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

// resolve writes out the references of a text that was checked.
func resolve(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	for {
		i := strings.IndexByte(s, '&')
		if i < 0 {
			b.WriteString(s)
			return b.String()
		}
		b.WriteString(s[:i])
		r, size := reference(s[i:])
		if size == 0 {
			b.WriteString(s[i:])
			return b.String()
		}
		b.WriteRune(r)
		s = s[i+size:]
	}
}

// reference reads the reference at the beginning of s; its size is 0 if it is
// none that XML has.
func reference(s string) (rune, int) {
	end := strings.IndexByte(s[:min(len(s), 12)], ';')
	if end < 0 {
		return 0, 0
	}
	switch name := s[1:end]; name {
	case "amp":
		return '&', end + 1
	case "lt":
		return '<', end + 1
	case "gt":
		return '>', end + 1
	case "quot":
		return '"', end + 1
	case "apos":
		return '\'', end + 1
	default:
		return numbered(name, end+1)
	}
}

func numbered(name string, size int) (rune, int) {
	digits, ok := strings.CutPrefix(name, "#")
	if !ok {
		return 0, 0
	}
	base := 10
	if hex, ok := strings.CutPrefix(digits, "x"); ok {
		digits, base = hex, 16
	}
	v, err := strconv.ParseUint(digits, base, 32)
	r := rune(v) //nolint:gosec // bounded below
	if err != nil || v > utf8.MaxRune || !utf8.ValidRune(r) || r == 0xfffe || r == 0xffff {
		return 0, 0
	}
	if r < ' ' && r != '\t' && r != '\n' && r != '\r' {
		return 0, 0
	}
	return r, size
}

// path is where the element stands, with its number where it has brothers of its
// name: "/ClinicalDocument/component/structuredBody/component[2]/section".
func (e el) path() string {
	var b strings.Builder
	at := el{e.x, 0}
	b.WriteString("/" + shown(at.name()))
	for at.i != e.i {
		next, number, brothers := el{}, 0, 0
		for c := range at.all() {
			if c.i <= e.i && e.i < c.node().next {
				next = c
			}
		}
		if next.x == nil {
			return b.String()
		}
		for c := range at.all() {
			if c.name() == next.name() {
				brothers++
				if c.i <= next.i {
					number++
				}
			}
		}
		b.WriteString("/" + shown(next.name()))
		if brothers > 1 {
			b.WriteString("[" + strconv.Itoa(number) + "]")
		}
		at = next
	}
	return b.String()
}

// shown is a name as errors may hold it: no name of CDA is long or has other
// letters, and a sender could put anything in its place.
func shown(name string) string {
	if len(name) > 40 {
		return "?"
	}
	for i := range len(name) {
		c := name[i]
		if (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') {
			return "?"
		}
	}
	return name
}

func (e el) line() int { return lineAt(e.x.text, int(e.node().start)) }
