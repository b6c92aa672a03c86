package fhir

import (
	"encoding/json"
	"math"
	"strings"
)

// Options bound what a document may be. The zero value means the defaults.
type Options struct {
	// MaxResource is the largest resource, entry or line accepted, in bytes,
	// below 2 GB; 0 means DefaultMaxResource.
	MaxResource int
}

func (o Options) maxResource() int {
	if o.MaxResource <= 0 {
		return DefaultMaxResource
	}
	return min(o.MaxResource, math.MaxInt32)
}

// Resource is one resource as it was received. It is never changed, so
// goroutines may share it.
type Resource struct {
	Type string          // resourceType
	ID   string          // id; "" if there is none
	Raw  json.RawMessage // the bytes of the resource exactly as received
	root cursor
}

// ParseResource reads one resource. raw is kept and must not be changed
// afterwards.
func ParseResource(raw []byte, opts Options) (*Resource, error) {
	return parseResource(raw, document{line: 1}, opts)
}

func parseResource(raw []byte, at document, opts Options) (*Resource, error) {
	root, err := indexDocument(raw, at, opts)
	if err != nil {
		return nil, err
	}
	return newResource(root, raw)
}

// indexDocument indexes raw; at says where it lies.
func indexDocument(raw []byte, at document, opts Options) (cursor, error) {
	d := &at
	if len(raw) > opts.maxResource() {
		return cursor{}, d.errorAt(0, "", "larger than the limit")
	}
	d.text = string(raw)
	nodes, bad := index(d.text)
	if bad != nil {
		return cursor{}, d.errorAt(bad.at, "", bad.reason)
	}
	d.nodes = nodes
	return cursor{d, 0}, nil
}

// newResource makes the resource of an object of an indexed document. raw are
// the bytes of the whole document.
func newResource(c cursor, raw []byte) (*Resource, error) {
	r := reading{}
	if c.kind() != object {
		return nil, c.d.errorAt(int(c.d.nodes[c.i].start), c.path(), "a resource must be an object")
	}
	n := c.d.nodes[c.i]
	res := &Resource{
		Type: r.str(c.get("resourceType")), ID: r.str(c.get("id")),
		Raw: raw[n.start:n.end:n.end], root: c,
	}
	switch {
	case len(r.errors) > 0:
		return nil, r.errors[0]
	case !validType(res.Type):
		return nil, c.d.errorAt(int(n.start), c.path(), "resourceType is missing or no name of a type")
	case res.ID != "" && !validID(res.ID):
		return nil, c.d.errorAt(int(n.start), c.path(), "id is not 1 to 64 letters, digits, hyphens and dots")
	}
	return res, nil
}

// Line returns the line of the file or stream on which the resource begins.
func (r *Resource) Line() int {
	d := r.root.d
	return d.line + strings.Count(d.text[:d.nodes[r.root.i].start], "\n")
}

// Offset returns where the resource begins in the file or stream, in bytes.
func (r *Resource) Offset() int64 {
	return r.root.d.offset + int64(r.root.d.nodes[r.root.i].start)
}

// begin checks the type before a typed reading.
func (r *Resource) begin(want string) (cursor, *reading, error) {
	if r.Type != want {
		return cursor{}, nil, r.root.d.errorAt(int(r.root.d.nodes[r.root.i].start), "", "resource is of another type than "+want)
	}
	return r.root, &reading{}, nil
}

// Contained returns the resources that this one contains.
func (r *Resource) Contained() ([]*Resource, error) {
	var out []*Resource
	for item := range r.root.get("contained").items() {
		// Raw of r begins at its own node; spans count from the document.
		inner, err := containedResource(item, r)
		if err != nil {
			return nil, err
		}
		out = append(out, inner)
	}
	return out, nil
}

func containedResource(c cursor, outer *Resource) (*Resource, error) {
	read := reading{}
	if !read.want(c, object) {
		return nil, read.err()
	}
	base := c.d.nodes[outer.root.i].start
	n := c.d.nodes[c.i]
	res := &Resource{
		Type: read.str(c.get("resourceType")), ID: read.str(c.get("id")),
		Raw: outer.Raw[n.start-base : n.end-base : n.end-base], root: c,
	}
	if !validType(res.Type) {
		read.fail(c, "resourceType is missing or no name of a type")
	}
	return res, read.err()
}

// Generic is what most resources have in common, found under the names that
// the types give it.
type Generic struct {
	Type        string
	ID          string
	Meta        Meta
	Status      string
	Identifiers []Identifier
	Subject     Reference // subject, patient, beneficiary or for
	Encounter   Reference // encounter, or context
	Code        CodeableConcept
	Categories  []CodeableConcept
	Date        DateTime // when it happened or began, or else was recorded
	Period      Period
	Text        Narrative
}

// Generic reads what most resources have in common. Members that a type uses
// for something else are left out without an error.
func (r *Resource) Generic() (Generic, error) {
	c, read := r.root, &reading{}
	g := Generic{Type: r.Type, ID: r.ID, Meta: read.meta(c.get("meta"))}
	if s := c.get("status"); s.kind() == text {
		g.Status = read.str(s)
	}
	if ids := c.get("identifier"); ids.kind() == array {
		g.Identifiers = read.identifiers(ids)
	} else if ids.kind() == object {
		g.Identifiers = []Identifier{read.identifier(ids)}
	}
	g.Subject = read.reference(firstOf(c, object, "subject", "patient", "beneficiary", "for"))
	g.Encounter = read.genericEncounter(c)
	g.Code = read.genericCode(c)
	g.Categories = read.genericCategories(c.get("category"))
	g.Period = read.period(firstOf(c, object, "period", "performedPeriod", "effectivePeriod", "billablePeriod",
		"onsetPeriod", "occurrencePeriod"))
	g.Date = read.date(firstOf(c, text, "performedDateTime", "effectiveDateTime", "onsetDateTime", "occurrenceDateTime",
		"effectiveInstant", "date", "authoredOn", "started", "created", "recordedDate", "recorded", "issued", "startDate"))
	if g.Date.IsZero() {
		g.Date = g.Period.Start
	}
	if t := c.get("text"); t.kind() == object {
		g.Text = read.narrative(t)
	}
	return g, read.err()
}

// firstOf returns the first member of these names that is of the kind.
func firstOf(c cursor, k kind, names ...string) cursor {
	for _, name := range names {
		found := c.get(name)
		if found.kind() == k || k == text && found.kind() == escapedText {
			return found
		}
	}
	return cursor{}
}

// genericCategories reads category where it holds concepts; in
// AllergyIntolerance it holds codes.
func (r *reading) genericCategories(c cursor) []CodeableConcept {
	if c.kind() == object {
		return []CodeableConcept{r.concept(c)}
	}
	for item := range c.items() {
		if item.kind() != object {
			return nil
		}
	}
	if c.kind() != array {
		return nil
	}
	return r.concepts(c)
}

func (r *reading) genericEncounter(c cursor) Reference {
	e := c.get("encounter")
	if e.kind() == array { // Claim items and DocumentReference.context
		for item := range e.items() {
			return r.reference(item)
		}
	}
	if e.kind() == object {
		return r.reference(e)
	}
	context := c.get("context")
	if context.get("reference").kind() != absent {
		return r.reference(context)
	}
	for item := range context.get("encounter").items() {
		return r.reference(item)
	}
	return Reference{}
}

func (r *reading) genericCode(c cursor) CodeableConcept {
	for _, name := range [...]string{"code", "vaccineCode", "medicationCodeableConcept", "type"} {
		v := c.get(name)
		if v.kind() == array {
			for item := range v.items() {
				v = item
				break
			}
		}
		if v.kind() == object && (v.get("coding").kind() == array || v.get("text").kind() == text) {
			return r.concept(v)
		}
	}
	return CodeableConcept{}
}
