package fhir

import (
	"errors"
	"iter"
	"strconv"
	"strings"
)

// document is an indexed text and where it lies in its file or stream.
type document struct {
	text   string
	nodes  []node
	entry  int
	line   int   // line on which text begins
	offset int64 // offset at which text begins
}

// cursor is one value of a document; the zero cursor stands for none.
type cursor struct {
	d *document
	i int
}

func (c cursor) kind() kind {
	if c.d == nil {
		return absent
	}
	k := c.d.nodes[c.i].kind
	if k == null {
		return absent
	}
	return k
}

// raw returns the value as it stands in the text, quotes included.
func (c cursor) raw() string {
	if c.d == nil {
		return ""
	}
	n := c.d.nodes[c.i]
	if n.kind == text || n.kind == escapedText {
		return c.d.text[n.start-1 : n.end+1]
	}
	return c.d.text[n.start:n.end]
}

// get returns the member of an object; the zero cursor if there is none.
func (c cursor) get(key string) cursor {
	if c.kind() != object {
		return cursor{}
	}
	nodes, doc := c.d.nodes, c.d.text
	end := int(nodes[c.i].next)
	for k := c.i + 1; k < end; k = int(nodes[k+1].next) {
		n := nodes[k]
		if n.kind == text && int(n.end-n.start) == len(key) && doc[n.start:n.end] == key ||
			n.kind == escapedText && nodeText(doc, n) == key {
			return cursor{c.d, k + 1}
		}
	}
	return cursor{}
}

// members goes over an object.
func (c cursor) members() iter.Seq2[string, cursor] {
	return func(yield func(string, cursor) bool) {
		if c.kind() != object {
			return
		}
		nodes := c.d.nodes
		end := int(nodes[c.i].next)
		for k := c.i + 1; k < end; k = int(nodes[k+1].next) {
			if !yield(nodeText(c.d.text, nodes[k]), cursor{c.d, k + 1}) {
				return
			}
		}
	}
}

// items goes over an array.
func (c cursor) items() iter.Seq[cursor] {
	return func(yield func(cursor) bool) {
		if c.kind() != array {
			return
		}
		nodes := c.d.nodes
		end := int(nodes[c.i].next)
		for k := c.i + 1; k < end; k = int(nodes[k].next) {
			if !yield(cursor{c.d, k}) {
				return
			}
		}
	}
}

// path returns where the value stands in its resource, such as
// "Patient.name[0].family".
func (c cursor) path() string {
	if c.d == nil {
		return ""
	}
	at := cursor{c.d, 0}
	path := at.typeName()
	for at.i < c.i {
		inner, step := at.towards(c.i)
		if inner.d == nil {
			break
		}
		if path += step; inner.typeName() != "" {
			path = inner.typeName()
		}
		at = inner
	}
	return strings.TrimPrefix(path, ".")
}

// typeName returns the type of a resource; "" for any other value.
func (c cursor) typeName() string {
	name := c.get("resourceType")
	if name.kind() != text || !validType(strings.Trim(name.raw(), `"`)) {
		return ""
	}
	return strings.Trim(name.raw(), `"`)
}

// towards returns the child of c that holds node i.
func (c cursor) towards(i int) (inner cursor, step string) {
	nodes := c.d.nodes
	holds := func(k cursor) bool { return i >= k.i && i < int(nodes[k.i].next) }
	n := 0
	for item := range c.items() {
		if holds(item) {
			return item, "[" + strconv.Itoa(n) + "]"
		}
		n++
	}
	for key, member := range c.members() {
		if holds(member) {
			return member, "." + plainKey(key)
		}
	}
	return cursor{}, ""
}

// plainKey keeps keys that look like element names; any other might hold what
// must not be in an error.
func plainKey(key string) string {
	if len(key) > 64 {
		return "?"
	}
	for i, c := range []byte(key) {
		letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_'
		if !letter && (i == 0 || c < '0' || c > '9') {
			return "?"
		}
	}
	return key
}

// errorAt makes the error for a byte of the document.
func (d *document) errorAt(at int, path, reason string) *Error {
	at = min(at, len(d.text))
	return &Error{
		Path: path, Entry: d.entry, Reason: reason,
		Line: d.line + strings.Count(d.text[:at], "\n"), Offset: d.offset + int64(at),
	}
}

// reading reads typed values and gathers what is wrong with them.
type reading struct {
	errors []error
}

// maxErrors bounds the errors that are gathered of one resource.
const maxErrors = 20

func (r *reading) err() error { return errors.Join(r.errors...) }

func (r *reading) fail(c cursor, reason string) {
	if len(r.errors) < maxErrors && c.d != nil {
		r.errors = append(r.errors, c.d.errorAt(int(c.d.nodes[c.i].start), c.path(), reason))
	}
}

func (r *reading) want(c cursor, k kind) bool {
	found := c.kind()
	if found == absent {
		return false
	}
	if found == k || k == text && found == escapedText {
		return true
	}
	r.fail(c, "want "+k.String()+", found "+found.String())
	return false
}

func (r *reading) str(c cursor) string {
	if !r.want(c, text) {
		return ""
	}
	return nodeText(c.d.text, c.d.nodes[c.i])
}

// flag returns a boolean; nil if it is not there.
func (r *reading) flag(c cursor) *bool {
	k := c.kind()
	if k == boolTrue || k == boolFalse {
		return new(k == boolTrue)
	}
	if k != absent {
		r.fail(c, "want boolean, found "+k.String())
	}
	return nil
}

func (r *reading) decimal(c cursor) Decimal {
	if !r.want(c, number) {
		return ""
	}
	return Decimal(c.raw())
}

func (r *reading) integer(c cursor) int {
	if !r.want(c, number) {
		return 0
	}
	n, err := strconv.Atoi(c.raw())
	if err != nil {
		r.fail(c, "want a whole number")
	}
	return n
}

// list reads every item of an array; null items are passed over.
func list[T any](r *reading, c cursor, read func(*reading, cursor) T) []T {
	if !r.want(c, array) {
		return nil
	}
	n := 0
	for range c.items() {
		n++
	}
	out := make([]T, 0, n)
	for item := range c.items() {
		if item.kind() != absent {
			out = append(out, read(r, item))
		}
	}
	return out
}

func (r *reading) strings(c cursor) []string { return list(r, c, (*reading).str) }
