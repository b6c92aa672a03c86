package fhir

import (
	"errors"
	"net/url"
	"strings"
)

// Reference points to another resource.
type Reference struct {
	Reference  string      `json:"reference,omitempty"`
	Type       string      `json:"type,omitempty"`
	Identifier *Identifier `json:"identifier,omitempty"`
	Display    string      `json:"display,omitempty"`
}

// IsZero reports whether nothing was given.
func (r Reference) IsZero() bool { return r == Reference{} }

// TargetKind is how a reference names its target.
type TargetKind uint8

// The ways of naming a target.
const (
	NoTarget    TargetKind = iota // a display alone, or nothing
	Relative                      // Patient/123
	Absolute                      // https://example.org/fhir/Patient/123
	URN                           // urn:uuid:... or urn:oid:...: the fullUrl of an entry of the same Bundle
	Contained                     // #id: within the same resource
	Conditional                   // Patient?identifier=system|value
	Logical                       // by Identifier
)

// Target is what a reference names. Which fields are filled depends on Kind.
type Target struct {
	Kind    TargetKind
	Type    string // resource type: Relative, Absolute, Conditional, and Logical if it was given
	ID      string // Relative, Absolute, Contained
	Version string // Relative, Absolute with /_history/
	URL     string // Absolute without version, URN: as a fullUrl has it
	System  string // Conditional with identifier=, Logical
	Value   string
	Query   url.Values // Conditional
}

// ErrReference is returned for a reference that names nothing.
var ErrReference = errors.New("fhir: not a reference")

// Target takes the reference apart.
func (r Reference) Target() (Target, error) {
	s := r.Reference
	switch {
	case s == "" && r.Identifier != nil:
		return Target{Kind: Logical, Type: r.Type, System: r.Identifier.System, Value: r.Identifier.Value}, nil
	case s == "":
		return Target{}, nil
	case s[0] == '#':
		return Target{Kind: Contained, ID: s[1:]}, nil
	case strings.HasPrefix(s, "urn:"):
		return Target{Kind: URN, URL: s, Type: r.Type}, nil
	case strings.HasPrefix(s, "http://"), strings.HasPrefix(s, "https://"):
		return absoluteTarget(s)
	}
	if typ, query, ok := strings.Cut(s, "?"); ok {
		return conditionalTarget(typ, query)
	}
	t, ok := typeAndID(strings.Split(s, "/"))
	if !ok {
		return Target{}, ErrReference
	}
	t.Kind = Relative
	return t, nil
}

func absoluteTarget(s string) (Target, error) {
	base, version, _ := strings.Cut(s, "/_history/")
	parts := strings.Split(base, "/")
	t := Target{}
	if len(parts) > 4 {
		if found, ok := typeAndID(parts[len(parts)-2:]); ok {
			t = found
		}
	}
	t.Kind, t.URL, t.Version = Absolute, base, version
	return t, nil
}

// typeAndID reads Type/id and Type/id/_history/version.
func typeAndID(parts []string) (Target, bool) {
	t := Target{}
	if len(parts) == 4 && parts[2] == "_history" {
		t.Version = parts[3]
		parts = parts[:2]
	}
	if len(parts) != 2 || !validType(parts[0]) || !validID(parts[1]) {
		return Target{}, false
	}
	t.Type, t.ID = parts[0], parts[1]
	return t, true
}

func conditionalTarget(typ, query string) (Target, error) {
	values, err := url.ParseQuery(query)
	if err != nil || !validType(typ) {
		return Target{}, ErrReference
	}
	t := Target{Kind: Conditional, Type: typ, Query: values}
	if id := values.Get("identifier"); id != "" {
		system, value, ok := strings.Cut(id, "|")
		if !ok {
			system, value = "", id
		}
		t.System, t.Value = system, value
	}
	return t, nil
}

// validType reports whether s can be the name of a resource type.
func validType(s string) bool {
	if s == "" || len(s) > 64 || s[0] < 'A' || s[0] > 'Z' {
		return false
	}
	for _, c := range []byte(s) {
		if (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') {
			return false
		}
	}
	return true
}

// validID reports whether s is an id: 1 to 64 letters, digits, "-" and ".".
func validID(s string) bool {
	if s == "" || len(s) > 64 {
		return false
	}
	for _, c := range []byte(s) {
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', c == '-', c == '.':
		default:
			return false
		}
	}
	return true
}

func (r *reading) reference(c cursor) Reference {
	if !r.want(c, object) {
		return Reference{}
	}
	ref := Reference{
		Reference: r.str(c.get("reference")), Type: r.str(c.get("type")), Display: r.str(c.get("display")),
	}
	if id := c.get("identifier"); id.kind() != absent {
		read := r.identifier(id)
		ref.Identifier = &read
	}
	return ref
}

func (r *reading) references(c cursor) []Reference { return list(r, c, (*reading).reference) }
