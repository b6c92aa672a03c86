package fhir

import (
	"bytes"
	"errors"
	"io"
	"strconv"
	"strings"
)

// Entry is one entry of a Bundle, one line of NDJSON, or a resource that stands
// alone.
type Entry struct {
	Number      int       // from 1: which entry or line
	FullURL     string    // urn:uuid:... or an address; "" if there is none
	Resource    *Resource // nil for an entry that has none, such as a DELETE
	Method      string    // request.method
	URL         string    // request.url
	IfNoneExist string    // request.ifNoneExist
	SearchMode  string    // search.mode: match, include, outcome
	Line        int
	Offset      int64
}

// Bundle is what stands in a Bundle beside its entries.
type Bundle struct {
	Type       string // transaction, batch, collection, searchset, document, ...
	ID         string
	Identifier Identifier
	Timestamp  DateTime
	Total      Decimal
}

// Reader reads a JSON document: a Bundle, whose entries it streams, or a
// resource that stands alone. It holds one entry at a time, so the size of a
// Bundle does not matter. Further documents may follow.
type Reader struct {
	s       *scanner
	opts    Options
	state   state
	head    []byte // what was read of the document beside the entries
	at      document
	bundle  Bundle
	found   bool // bundle is filled
	typ     string
	entries bool // entry was met
	number  int
	behind  state   // what comes after the entries
	inner   *Reader // of a Bundle that says only at its end that it is one
	out     *Entry  // what the last step found
	scratch []byte
}

type state uint8

const (
	betweenDocuments state = iota
	inEntries
	inTail // in a Bundle, behind its entries
	finished
)

// NewReader returns a Reader of src.
func NewReader(src io.Reader, opts Options) *Reader {
	return &Reader{s: newScanner(src), opts: opts, behind: inTail}
}

// Bundle returns what is known of the Bundle being read: before its last entry
// was read, what stood before the entries. ok is false if no Bundle was met.
func (r *Reader) Bundle() (b Bundle, ok bool) {
	if r.inner != nil {
		return r.inner.Bundle()
	}
	return r.bundle, r.found
}

// Next returns the next entry, whose resource's bytes are its own. At the end it
// returns io.EOF. An [*Error] means that an entry or the document cannot be
// used; Next may be called again, and goes on behind the entry if it can be
// known where that ends, else returns io.EOF. Any other error comes from the
// source and is final.
func (r *Reader) Next() (*Entry, error) {
	for {
		if r.inner != nil {
			e, err := r.inner.Next()
			if !errors.Is(err, io.EOF) {
				return e, err
			}
			r.inner = nil
		}
		r.out = nil
		if err := r.step(); err != nil || r.out != nil {
			return r.out, err
		}
	}
}

// step goes on by one entry, or by the beginning or end of a document.
func (r *Reader) step() error {
	switch r.state {
	case betweenDocuments:
		return r.document()
	case inEntries:
		return r.entry()
	case inTail:
		r.head = append(r.head, ']')
		r.state = betweenDocuments
		return r.members()
	case finished:
	}
	return io.EOF
}

// stop ends the reading with an error.
func (r *Reader) stop(reason string) error {
	r.state = finished
	return r.s.fault(r.number, reason)
}

// document begins a document.
func (r *Reader) document() error {
	if r.s.base == 0 && r.s.pos == 0 {
		r.skipMark()
	}
	c, ok := r.s.peek()
	if !ok {
		r.state = finished
		if err := r.s.broken(); err != nil {
			return err
		}
		return io.EOF
	}
	if c != '{' {
		return r.stop("a document must be a JSON object")
	}
	line, offset := r.s.here()
	r.at = document{line: line, offset: offset}
	r.head = append(make([]byte, 0, 1024), '{')
	r.typ, r.entries, r.found, r.bundle, r.number = "", false, false, Bundle{}, 0
	r.s.pos++
	return r.members()
}

// skipMark passes over a byte order mark.
func (r *Reader) skipMark() {
	for len(r.s.buf) < 3 && r.s.more() {
		continue
	}
	if bytes.HasPrefix(r.s.buf, []byte("\xef\xbb\xbf")) {
		r.s.pos = 3
	}
}

// keep takes the white space and one byte of punctuation into head.
func (r *Reader) keep(want ...byte) (byte, bool) {
	for {
		for s := r.s; s.pos < len(s.buf); {
			c := s.buf[s.pos]
			blank := c == ' ' || c == '\t' || c == '\r' || c == '\n'
			if !blank && bytes.IndexByte(want, c) < 0 {
				return c, true
			}
			r.head = append(r.head, c)
			s.pos++
			if !blank {
				return c, true
			}
		}
		if len(r.head) > r.opts.maxResource() || !r.s.more() {
			return 0, false
		}
	}
}

// members goes over the members of a document's object up to the entries of a
// Bundle or the end.
func (r *Reader) members() error {
	for {
		c, ok := r.keep('}', ',')
		switch {
		case !ok:
			return r.stop("document ends within an object, or is larger than the limit")
		case c == '}':
			return r.documentEnd()
		case c == ',': // commas are checked when head is indexed
		case c == '"':
			if err := r.member(); err != nil || r.state != betweenDocuments {
				return err
			}
		default:
			return r.stop("want a key")
		}
	}
}

// member takes one member into head. At the entries of a Bundle it changes the
// state.
func (r *Reader) member() error {
	key, err := r.take()
	if err != nil {
		return r.stop(err.Error())
	}
	entries := r.typ == "Bundle" && string(key) == `"entry"`
	isType := string(key) == `"resourceType"`
	if c, ok := r.keep(':'); !ok || c != ':' {
		return r.stop("want a colon after the key")
	}
	c, ok := r.keep()
	if !ok || strings.IndexByte("},]:", c) >= 0 {
		return r.stop("want a value")
	}
	if entries && c == '[' {
		return r.begin()
	}
	if entries {
		return r.stop(whyEntry)
	}
	value, err := r.take()
	if err != nil {
		return r.stop(err.Error())
	}
	if isType && len(value) > 2 {
		r.typ = string(value[1 : len(value)-1])
	}
	return nil
}

// whyEntry is the reason of a Bundle whose entries could not be told apart.
const whyEntry = "the entry of a Bundle is not an array"

// take takes one value into head and returns it.
func (r *Reader) take() ([]byte, error) {
	from := len(r.head)
	var err error
	r.head, err = r.s.value(r.head, r.opts.maxResource()-from)
	return r.head[from:], err
}

// begin begins the entries of a Bundle.
func (r *Reader) begin() error {
	if r.entries {
		return r.stop("the same key stands twice in one object")
	}
	r.entries, r.state = true, inEntries
	r.s.pos++
	r.head = append(r.head, '[')
	if err := r.readHead(append(bytes.Clone(r.head), "]}"...)); err != nil {
		r.state = finished
		return err
	}
	if c, ok := r.s.peek(); ok && c == ']' {
		r.s.pos++
		r.state = inTail
	}
	return nil
}

// readHead reads what stands in a Bundle beside its entries.
func (r *Reader) readHead(head []byte) error {
	c, err := indexDocument(head, r.at, r.opts)
	if err != nil {
		return err
	}
	read := reading{}
	r.bundle = Bundle{
		Type: read.str(c.get("type")), ID: read.str(c.get("id")), Identifier: read.identifier(c.get("identifier")),
		Timestamp: read.date(c.get("timestamp")), Total: read.decimal(c.get("total")),
	}
	r.found = true
	return read.err()
}

// entry reads the next entry and the comma or bracket behind it.
func (r *Reader) entry() error {
	r.number++
	if _, ok := r.s.peek(); !ok {
		return r.stop("document ends within the entries of a Bundle")
	}
	line, offset := r.s.here()
	var err error
	r.scratch, err = r.s.value(r.scratch[:0], r.opts.maxResource())
	at := document{entry: r.number, line: line, offset: offset}
	switch {
	case errors.Is(err, errTooLarge):
		err = at.errorAt(0, "", "entry is larger than the limit of "+strconv.Itoa(r.opts.maxResource())+" bytes")
	case err != nil:
		return r.stop(err.Error())
	default:
		r.out, err = readEntry(bytes.Clone(r.scratch), at, r.opts)
	}
	switch c, ok := r.s.peek(); {
	case ok && c == ',':
		r.s.pos++
	case ok && c == ']':
		r.s.pos++
		r.state = r.behind
	case err == nil:
		r.out = nil
		return r.stop("want comma or end of array after an entry")
	default:
		r.state = finished
	}
	return err
}

func readEntry(raw []byte, at document, opts Options) (*Entry, error) {
	c, err := indexDocument(raw, at, opts)
	if err != nil {
		return nil, err
	}
	read := reading{}
	if c.kind() != object {
		return nil, c.d.errorAt(0, "", "an entry must be an object")
	}
	request := c.get("request")
	e := &Entry{
		Number: at.entry, FullURL: read.str(c.get("fullUrl")),
		Method: read.str(request.get("method")), URL: read.str(request.get("url")),
		IfNoneExist: read.str(request.get("ifNoneExist")), SearchMode: read.str(c.get("search").get("mode")),
		Line: at.line, Offset: at.offset,
	}
	if len(read.errors) > 0 {
		return nil, read.errors[0]
	}
	if inner := c.get("resource"); inner.kind() != absent {
		if e.Resource, err = newResource(inner, raw); err != nil {
			return nil, err
		}
	}
	return e, nil
}

// documentEnd ends a document: the entries were given out already, or else it
// is a resource.
func (r *Reader) documentEnd() error {
	r.state = betweenDocuments
	if r.entries {
		err := r.readHead(r.head)
		if place, ok := errors.AsType[*Error](err); ok { // head holds no entries: its offsets are not those of the file
			place.Line, place.Offset = r.s.here()
		}
		return err
	}
	r.number = 1
	res, err := parseResource(r.head, r.at, r.opts)
	if err != nil {
		return err
	}
	if res.Type == "Bundle" {
		return r.late(res)
	}
	r.out = &Entry{Number: 1, Resource: res, Line: r.at.line, Offset: r.at.offset}
	return nil
}

// late goes over the entries of a Bundle that names its type only behind them.
func (r *Reader) late(res *Resource) error {
	if err := r.readHead(res.Raw); err != nil {
		return err
	}
	entries := res.root.get("entry")
	if entries.kind() == absent {
		return nil
	}
	if entries.kind() != array {
		return entries.d.errorAt(int(entries.d.nodes[entries.i].start), entries.path(), whyEntry)
	}
	n := entries.d.nodes[entries.i]
	r.inner = &Reader{s: newScanner(bytes.NewReader(res.Raw[n.start+1:])), opts: r.opts,
		state: inEntries, behind: finished, bundle: r.bundle, found: true}
	r.inner.s.base = r.at.offset + int64(n.start) + 1
	r.inner.s.line = r.at.line + bytes.Count(res.Raw[:n.start], []byte{'\n'})
	if c, ok := r.inner.s.peek(); ok && c == ']' {
		r.inner = nil
	}
	return nil
}

// NDJSONReader reads newline-delimited JSON: one resource a line, as FHIR bulk
// data is exported.
type NDJSONReader struct {
	s    *scanner
	opts Options
	line int
	err  error
}

// NewNDJSONReader returns a reader of src.
func NewNDJSONReader(src io.Reader, opts Options) *NDJSONReader {
	return &NDJSONReader{s: newScanner(src), opts: opts}
}

// Next returns the resource of the next line; Number is the line. Blank lines
// are passed over. At the end it returns io.EOF. An [*Error] means that a line
// cannot be used; Next may be called again and goes on with the line after it.
// Any other error comes from the source and is final.
func (r *NDJSONReader) Next() (*Entry, error) {
	for r.err == nil {
		r.line++
		line, offset := r.s.here()
		raw, err := r.s.lineText(nil, r.opts.maxResource())
		if broken := r.s.broken(); broken != nil {
			r.err = broken
			break
		}
		if errors.Is(err, io.EOF) {
			r.err = io.EOF
			break
		}
		at := document{entry: r.line, line: line, offset: offset}
		if err != nil {
			return nil, at.errorAt(0, "", "line is larger than the limit of "+strconv.Itoa(r.opts.maxResource())+" bytes")
		}
		if r.line == 1 {
			trimmed := bytes.TrimPrefix(raw, []byte("\xef\xbb\xbf"))
			at.offset += int64(len(raw) - len(trimmed))
			raw = trimmed
		}
		if len(bytes.TrimSpace(raw)) == 0 {
			continue
		}
		res, err := parseResource(raw, at, r.opts)
		if err != nil {
			return nil, err
		}
		return &Entry{Number: r.line, Resource: res, Line: line, Offset: at.offset}, nil
	}
	return nil, r.err
}
