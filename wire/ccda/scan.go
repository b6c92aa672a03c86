package ccda

import (
	"math"
	"strings"
)

// The namespaces that are told apart.
const (
	noSpace uint8 = iota
	hl7Space
	sdtcSpace
	xsiSpace
	otherSpace
)

func spaceOf(uri string) uint8 {
	switch uri {
	case "":
		return noSpace
	case "urn:hl7-org:v3":
		return hl7Space
	case "urn:hl7-org:sdtc":
		return sdtcSpace
	case "http://www.w3.org/2001/XMLSchema-instance":
		return xsiSpace
	}
	return otherSpace
}

type nodeKind uint8

const (
	element    nodeKind = iota
	plainText           // as it stands
	markedText          // with references, "&amp;"
	cdata
)

// node is an element or a run of text. Nodes stand in the order of the document:
// those within an element come behind it, up to next.
type node struct {
	start, end uint32 // an element with its tags; of text the words alone
	name       uint32 // where its local name begins
	next       uint32 // the node behind this one and all within it
	attrs      uint32 // its first attribute
	nameLen    uint16
	attrCount  uint8
	kind       nodeKind
	space      uint8
}

type attribute struct {
	name, value, valueEnd uint32
	nameLen               uint16 // of the name with its prefix
	prefixLen             uint16 // with the colon; 0 for none
	marked                bool
}

// index is the document taken apart.
type index struct {
	text  string
	nodes []node
	attrs []attribute
	ids   []uint32 // elements that have an ID attribute
}

// opened is an element whose end has not come.
type opened struct {
	node   uint32
	name   string // with its prefix
	scopes int    // of namespaces before it
}

// scope is one declaration of a namespace.
type scope struct {
	prefix string
	space  uint8
}

// scanner takes a document apart. It is XML 1.0 with namespaces, without
// document type declarations.
type scanner struct {
	index
	at     int
	open   []opened
	scopes []scope
	depth  int // most that elements nest
}

// stop is how the scanner ends at the first thing that is wrong.
type stop struct {
	at     int
	reason string
}

func scan(text string, depth int) (*index, *stop) {
	s := &scanner{depth: depth}
	s.text = text
	s.nodes = make([]node, 0, len(text)/40+16)
	s.attrs = make([]attribute, 0, len(text)/40+16)
	if bad := s.characters(); bad != nil {
		return &s.index, bad
	}
	for s.at < len(text) {
		if bad := s.step(); bad != nil {
			return &s.index, bad
		}
	}
	switch {
	case len(s.open) > 0:
		return &s.index, s.stop("the document ends within this element")
	case len(s.nodes) == 0:
		return &s.index, s.stop("the document has no element")
	}
	return &s.index, nil
}

func (s *scanner) stop(reason string) *stop { return &stop{s.at, reason} }

// characters looks for what XML does not allow anywhere.
func (s *scanner) characters() *stop {
	for i := range len(s.text) {
		if c := s.text[i]; c < 0x20 && c != '\n' && c != '\t' && c != '\r' {
			if c == 0 {
				return &stop{i, "a NUL byte"}
			}
			return &stop{i, "a control character"}
		}
	}
	for _, never := range []string{"\ufffe", "\uffff"} {
		if i := strings.Index(s.text, never); i >= 0 {
			return &stop{i, "a character that XML does not allow"}
		}
	}
	return nil
}

// step goes over one run of text or one tag.
func (s *scanner) step() *stop {
	if s.text[s.at] != '<' {
		return s.words()
	}
	rest := s.text[s.at+1:]
	if rest == "" {
		return s.stop("the document ends within a tag")
	}
	switch rest[0] {
	case '/':
		return s.endTag()
	case '?':
		return s.instruction(rest)
	case '!':
		return s.declaration(rest)
	}
	return s.startTag()
}

func (s *scanner) words() *stop {
	n := strings.IndexByte(s.text[s.at:], '<')
	if n < 0 {
		n = len(s.text) - s.at
	}
	run := s.text[s.at : s.at+n]
	if blank(run) {
		s.at += n
		return nil
	}
	if len(s.open) == 0 {
		return s.stop("text outside of the root element")
	}
	if strings.Contains(run, "]]>") {
		return s.stop("]]> stands in text")
	}
	kind := plainText
	if strings.Contains(run, "&") {
		kind = markedText
		if bad := s.references(run, s.at); bad != nil {
			return bad
		}
	}
	if bad := s.add(node{start: u32(s.at), end: u32(s.at + n), kind: kind}); bad != nil {
		return bad
	}
	s.nodes[len(s.nodes)-1].next = u32(len(s.nodes))
	s.at += n
	return nil
}

func (s *scanner) add(n node) *stop {
	if len(s.nodes)+len(s.attrs) >= maxNodes {
		return s.stop("the document has too many elements")
	}
	s.nodes = append(s.nodes, n)
	return nil
}

// references checks that all references are of the five that XML has, or numbers.
func (s *scanner) references(run string, at int) *stop {
	for from := 0; ; {
		i := strings.IndexByte(run[from:], '&')
		if i < 0 {
			return nil
		}
		from += i
		_, size := reference(run[from:])
		if size == 0 {
			return &stop{at + from, "a reference to an entity that XML does not have; none can be declared"}
		}
		from += size
	}
}

func (s *scanner) instruction(rest string) *stop {
	end := strings.Index(rest, "?>")
	if end < 0 {
		return s.stop("a processing instruction has no end")
	}
	if strings.HasPrefix(rest, "?xml ") && s.at != 0 {
		return s.stop("an XML declaration that is not at the beginning")
	}
	s.at += 1 + end + 2
	return nil
}

func (s *scanner) declaration(rest string) *stop {
	switch {
	case strings.HasPrefix(rest, "!--"):
		end := strings.Index(rest[3:], "--")
		if end < 0 {
			return s.stop("a comment has no end")
		}
		if !strings.HasPrefix(rest[3+end:], "-->") {
			return s.stop("-- stands in a comment")
		}
		s.at += 1 + 3 + end + 3
		return nil
	case strings.HasPrefix(rest, "![CDATA["):
		return s.cdata(rest)
	case len(rest) >= 8 && strings.EqualFold(rest[:8], "!DOCTYPE"):
		return s.stop("the XML has a document type declaration: entities are neither declared nor fetched, and it is not read")
	}
	return s.stop("a declaration that XML does not have here")
}

func (s *scanner) cdata(rest string) *stop {
	const head = len("![CDATA[")
	end := strings.Index(rest[head:], "]]>")
	switch {
	case end < 0:
		return s.stop("a CDATA section has no end")
	case len(s.open) == 0:
		return s.stop("text outside of the root element")
	}
	from := s.at + 1 + head
	if end > 0 {
		if bad := s.add(node{start: u32(from), end: u32(from + end), kind: cdata}); bad != nil {
			return bad
		}
		s.nodes[len(s.nodes)-1].next = u32(len(s.nodes))
	}
	s.at = from + end + 3
	return nil
}

func (s *scanner) endTag() *stop {
	from := s.at + 2
	n := strings.IndexByte(s.text[from:], '>')
	if n < 0 {
		return s.stop("an end tag has no end")
	}
	if len(s.open) == 0 {
		return s.stop("an end tag without its beginning")
	}
	last := s.open[len(s.open)-1]
	name := s.text[from : from+n]
	if name != last.name && strings.TrimRight(name, " \t\r\n") != last.name {
		return s.stop("an end tag that is not of the element that is open")
	}
	s.at = from + n + 1
	s.close(last)
	return nil
}

func (s *scanner) close(last opened) {
	n := &s.nodes[last.node]
	n.end, n.next = u32(s.at), u32(len(s.nodes))
	s.scopes = s.scopes[:last.scopes]
	s.open = s.open[:len(s.open)-1]
}

func (s *scanner) startTag() *stop {
	if len(s.open) == 0 && len(s.nodes) > 0 {
		return s.stop("a second root element")
	}
	if len(s.open) >= s.depth {
		return s.stop("elements nest too deep")
	}
	begin := s.at
	nameEnd, colon := nameAt(s.text, s.at+1)
	if nameEnd == s.at+1 {
		return s.stop("a tag has no name")
	}
	if nameEnd-begin > math.MaxUint16/2 {
		return s.stop("a name is too long")
	}
	name := s.text[begin+1 : nameEnd]
	local := begin + 1
	prefix := ""
	if colon > 0 {
		prefix, local = s.text[begin+1:colon], colon+1
	}
	o := opened{node: u32(len(s.nodes)), name: name, scopes: len(s.scopes)}
	attrs := len(s.attrs)
	if bad := s.add(node{
		start: u32(begin), name: u32(local), nameLen: u16(nameEnd - local), attrs: u32(attrs), kind: element,
	}); bad != nil {
		return bad
	}
	s.open = append(s.open, o)
	s.at = nameEnd
	alone, bad := s.attributes(attrs)
	if bad != nil {
		return bad
	}
	space, known := s.space(prefix)
	if !known {
		s.at = begin
		return s.stop("the prefix of an element's name is not declared")
	}
	n := &s.nodes[o.node]
	n.space, n.attrCount = space, uint8(len(s.attrs)-attrs) //nolint:gosec // at most maxAttributes
	if alone {
		s.close(o)
	}
	return nil
}
