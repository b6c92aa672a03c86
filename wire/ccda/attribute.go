package ccda

import (
	"math"
	"slices"
	"strings"
)

// attributes goes over the rest of a start tag.
func (s *scanner) attributes(first int) (alone bool, bad *stop) {
	prefixed := false
	for {
		before := s.at
		s.skipBlank()
		if s.at >= len(s.text) {
			return false, s.stop("the document ends within a tag")
		}
		switch c := s.text[s.at]; {
		case c == '>':
			s.at++
			return false, s.checkAttributes(first, prefixed)
		case c == '/':
			if !strings.HasPrefix(s.text[s.at:], "/>") {
				return false, s.stop("a tag that is not closed")
			}
			s.at += 2
			return true, s.checkAttributes(first, prefixed)
		case s.at == before:
			return false, s.stop("a space is missing between attributes")
		}
		if bad := s.attribute(); bad != nil {
			return false, bad
		}
		if len(s.attrs)-first > maxAttributes {
			return false, s.stop("an element has too many attributes")
		}
		prefixed = prefixed || s.attrs[len(s.attrs)-1].prefixLen > 0
	}
}

func (s *scanner) attribute() *stop {
	begin := s.at
	end, colon := nameAt(s.text, begin)
	if end == begin {
		return s.stop("an attribute has no name")
	}
	if end-begin > math.MaxUint16/2 {
		return s.stop("a name is too long")
	}
	s.at = end
	s.skipBlank()
	if s.at >= len(s.text) || s.text[s.at] != '=' {
		return s.stop("an attribute has no value")
	}
	s.at++
	s.skipBlank()
	if s.at >= len(s.text) || s.text[s.at] != '"' && s.text[s.at] != '\'' {
		return s.stop("the value of an attribute is not quoted")
	}
	quote := s.text[s.at]
	s.at++
	n := strings.IndexByte(s.text[s.at:], quote)
	if n < 0 {
		return s.stop("the value of an attribute has no end")
	}
	a := attribute{name: u32(begin), nameLen: u16(end - begin), value: u32(s.at), valueEnd: u32(s.at + n)}
	if colon > 0 {
		a.prefixLen = u16(colon + 1 - begin)
	}
	value := s.text[s.at : s.at+n]
	if strings.IndexByte(value, '<') >= 0 {
		return s.stop("< stands in the value of an attribute")
	}
	if strings.IndexByte(value, '&') >= 0 {
		a.marked = true
		if bad := s.references(value, s.at); bad != nil {
			return bad
		}
	}
	s.at += n + 1
	if len(s.nodes)+len(s.attrs) >= maxNodes {
		return s.stop("the document has too many elements")
	}
	s.attrs = append(s.attrs, a)
	return s.declare(a, value)
}

// declare notes a declaration of a namespace, and an ID.
func (s *scanner) declare(a attribute, value string) *stop {
	name := s.text[a.name : a.name+uint32(a.nameLen)]
	switch {
	case name == "ID":
		s.ids = append(s.ids, u32(len(s.nodes)-1))
	case name == "xmlns":
		s.scopes = append(s.scopes, scope{"", spaceOf(value)})
	case a.prefixLen == uint16(len("xmlns:")) && strings.HasPrefix(name, "xmlns:"):
		if value == "" {
			return s.stop("a prefix is declared as nothing")
		}
		s.scopes = append(s.scopes, scope{name[len("xmlns:"):], spaceOf(value)})
	}
	return nil
}

// checkAttributes looks for names that stand twice and prefixes that are not
// declared.
func (s *scanner) checkAttributes(first int, prefixed bool) *stop {
	all := s.attrs[first:]
	for i := range all {
		name := s.text[all[i].name : all[i].name+uint32(all[i].nameLen)]
		for j := range i {
			if all[j].nameLen == all[i].nameLen && s.text[all[j].name:all[j].name+uint32(all[j].nameLen)] == name {
				return s.stop("an attribute stands twice in one element")
			}
		}
		if !prefixed || all[i].prefixLen == 0 {
			continue
		}
		switch prefix := name[:all[i].prefixLen-1]; prefix {
		case "xmlns", "xml":
		default:
			if _, known := s.space(prefix); !known {
				return s.stop("the prefix of an attribute's name is not declared")
			}
		}
	}
	return nil
}

func (s *scanner) space(prefix string) (uint8, bool) {
	for _, declared := range slices.Backward(s.scopes) {
		if declared.prefix == prefix {
			return declared.space, true
		}
	}
	return noSpace, prefix == ""
}
