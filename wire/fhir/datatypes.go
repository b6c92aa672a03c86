package fhir

import (
	"encoding/base64"
	"encoding/json"
	"strings"
)

// Decimal is a number with the digits it came with; "" for none.
type Decimal = json.Number

// Coding is a code in a system.
type Coding struct {
	System       string `json:"system,omitempty"`
	Version      string `json:"version,omitempty"`
	Code         string `json:"code,omitempty"`
	Display      string `json:"display,omitempty"`
	UserSelected *bool  `json:"userSelected,omitempty"`
}

// CodeableConcept is a notion with its codes and the words for it.
type CodeableConcept struct {
	Coding []Coding `json:"coding,omitempty"`
	Text   string   `json:"text,omitempty"`
}

// IsZero reports whether nothing was given.
func (c CodeableConcept) IsZero() bool { return len(c.Coding) == 0 && c.Text == "" }

// Words returns the text, or else the first display, or else the first code.
func (c CodeableConcept) Words() string {
	if c.Text != "" {
		return c.Text
	}
	for _, coding := range c.Coding {
		if coding.Display != "" {
			return coding.Display
		}
	}
	if len(c.Coding) > 0 {
		return c.Coding[0].Code
	}
	return ""
}

// In returns the first code of a system.
func (c CodeableConcept) In(system string) (Coding, bool) {
	for _, coding := range c.Coding {
		if coding.System == system {
			return coding, true
		}
	}
	return Coding{}, false
}

// Identifier is an identifier with its system and kind.
type Identifier struct {
	Use      string          `json:"use,omitempty"`
	Type     CodeableConcept `json:"type,omitzero"`
	System   string          `json:"system,omitempty"`
	Value    string          `json:"value,omitempty"`
	Period   Period          `json:"period,omitzero"`
	Assigner *Reference      `json:"assigner,omitempty"`
}

// TypeCode returns the code of the identifier's kind in HL7 table 0203: MR, SS,
// DL, NPI, ...; "" if there is none.
func (i Identifier) TypeCode() string {
	for _, coding := range i.Type.Coding {
		if strings.HasSuffix(coding.System, "v2-0203") || strings.HasSuffix(coding.System, "v2/0203") {
			return coding.Code
		}
	}
	return ""
}

// HumanName is a person's name.
type HumanName struct {
	Use    string   `json:"use,omitempty"`
	Text   string   `json:"text,omitempty"`
	Family string   `json:"family,omitempty"`
	Given  []string `json:"given,omitempty"`
	Prefix []string `json:"prefix,omitempty"`
	Suffix []string `json:"suffix,omitempty"`
	Period Period   `json:"period,omitzero"`
}

// String returns the name as people write it.
func (n HumanName) String() string {
	if n.Text != "" {
		return n.Text
	}
	var parts []string
	parts = append(parts, n.Prefix...)
	parts = append(parts, n.Given...)
	if n.Family != "" {
		parts = append(parts, n.Family)
	}
	return strings.Join(append(parts, n.Suffix...), " ")
}

// Address is a postal address.
type Address struct {
	Use        string   `json:"use,omitempty"`
	Type       string   `json:"type,omitempty"`
	Text       string   `json:"text,omitempty"`
	Line       []string `json:"line,omitempty"`
	City       string   `json:"city,omitempty"`
	District   string   `json:"district,omitempty"`
	State      string   `json:"state,omitempty"`
	PostalCode string   `json:"postalCode,omitempty"`
	Country    string   `json:"country,omitempty"`
	Period     Period   `json:"period,omitzero"`
}

// ContactPoint is a telephone number, e-mail address or the like.
type ContactPoint struct {
	System string `json:"system,omitempty"` // phone, fax, email, pager, url, sms, other
	Value  string `json:"value,omitempty"`
	Use    string `json:"use,omitempty"`
}

// Period is a time from start to end, either of which may be open.
type Period struct {
	Start DateTime `json:"start,omitzero"`
	End   DateTime `json:"end,omitzero"`
}

// IsZero reports whether neither end was given.
func (p Period) IsZero() bool { return p.Start.IsZero() && p.End.IsZero() }

// Quantity is a measured amount.
type Quantity struct {
	Value      Decimal `json:"value,omitempty"`
	Comparator string  `json:"comparator,omitempty"`
	Unit       string  `json:"unit,omitempty"`
	System     string  `json:"system,omitempty"`
	Code       string  `json:"code,omitempty"`
}

// IsZero reports whether nothing was given.
func (q Quantity) IsZero() bool { return q == Quantity{} }

// String returns the amount as people write it.
func (q Quantity) String() string {
	unit := q.Unit
	if unit == "" {
		unit = q.Code
	}
	return strings.TrimSpace(q.Comparator + string(q.Value) + " " + unit)
}

// Annotation is a comment.
type Annotation struct {
	Author string   `json:"authorString,omitempty"`
	Time   DateTime `json:"time,omitzero"`
	Text   string   `json:"text,omitempty"`
}

// Attachment is a document, in place or elsewhere.
type Attachment struct {
	ContentType string   `json:"contentType,omitempty"`
	Language    string   `json:"language,omitempty"`
	Data        string   `json:"data,omitempty"` // base64
	URL         string   `json:"url,omitempty"`
	Title       string   `json:"title,omitempty"`
	Creation    DateTime `json:"creation,omitzero"`
}

// Decode returns the bytes of Data; ok is false if it is not base64.
func (a Attachment) Decode() (data []byte, ok bool) {
	clean := a.Data
	if strings.ContainsAny(clean, " \r\n\t") {
		clean = strings.Join(strings.Fields(clean), "")
	}
	data, err := base64.RawStdEncoding.DecodeString(strings.TrimRight(clean, "="))
	return data, err == nil
}

// MediaType returns the content type without parameters, in lower case.
func (a Attachment) MediaType() string {
	media, _, _ := strings.Cut(a.ContentType, ";")
	return strings.ToLower(strings.TrimSpace(media))
}

// Meta is what a server knows of a resource.
type Meta struct {
	VersionID   string   `json:"versionId,omitempty"`
	LastUpdated DateTime `json:"lastUpdated,omitzero"`
	Source      string   `json:"source,omitempty"`
	Profile     []string `json:"profile,omitempty"`
	Security    []Coding `json:"security,omitempty"`
	Tag         []Coding `json:"tag,omitempty"`
}

// IsZero reports whether nothing was given.
func (m Meta) IsZero() bool {
	return m.VersionID == "" && m.LastUpdated.IsZero() && m.Source == "" &&
		len(m.Profile)+len(m.Security)+len(m.Tag) == 0
}

func (r *reading) coding(c cursor) Coding {
	r.want(c, object)
	return Coding{
		System: r.str(c.get("system")), Version: r.str(c.get("version")), Code: r.str(c.get("code")),
		Display: r.str(c.get("display")), UserSelected: r.flag(c.get("userSelected")),
	}
}

func (r *reading) concept(c cursor) CodeableConcept {
	if !r.want(c, object) {
		return CodeableConcept{}
	}
	return CodeableConcept{Coding: list(r, c.get("coding"), (*reading).coding), Text: r.str(c.get("text"))}
}

func (r *reading) concepts(c cursor) []CodeableConcept { return list(r, c, (*reading).concept) }

func (r *reading) identifier(c cursor) Identifier {
	if !r.want(c, object) {
		return Identifier{}
	}
	id := Identifier{
		Use: r.str(c.get("use")), Type: r.concept(c.get("type")), System: r.str(c.get("system")),
		Value: r.str(c.get("value")), Period: r.period(c.get("period")),
	}
	if a := c.get("assigner"); a.kind() != absent {
		ref := r.reference(a)
		id.Assigner = &ref
	}
	return id
}

func (r *reading) identifiers(c cursor) []Identifier { return list(r, c, (*reading).identifier) }

func (r *reading) name(c cursor) HumanName {
	r.want(c, object)
	return HumanName{
		Use: r.str(c.get("use")), Text: r.str(c.get("text")), Family: r.str(c.get("family")),
		Given: r.strings(c.get("given")), Prefix: r.strings(c.get("prefix")), Suffix: r.strings(c.get("suffix")),
		Period: r.period(c.get("period")),
	}
}

func (r *reading) address(c cursor) Address {
	r.want(c, object)
	return Address{
		Use: r.str(c.get("use")), Type: r.str(c.get("type")), Text: r.str(c.get("text")),
		Line: r.strings(c.get("line")), City: r.str(c.get("city")), District: r.str(c.get("district")),
		State: r.str(c.get("state")), PostalCode: r.str(c.get("postalCode")), Country: r.str(c.get("country")),
		Period: r.period(c.get("period")),
	}
}

func (r *reading) contact(c cursor) ContactPoint {
	r.want(c, object)
	return ContactPoint{System: r.str(c.get("system")), Value: r.str(c.get("value")), Use: r.str(c.get("use"))}
}

func (r *reading) period(c cursor) Period {
	if !r.want(c, object) {
		return Period{}
	}
	return Period{Start: r.date(c.get("start")), End: r.date(c.get("end"))}
}

func (r *reading) quantity(c cursor) Quantity {
	if !r.want(c, object) {
		return Quantity{}
	}
	return Quantity{
		Value: r.decimal(c.get("value")), Comparator: r.str(c.get("comparator")), Unit: r.str(c.get("unit")),
		System: r.str(c.get("system")), Code: r.str(c.get("code")),
	}
}

func (r *reading) annotation(c cursor) Annotation {
	r.want(c, object)
	a := Annotation{Author: r.str(c.get("authorString")), Time: r.date(c.get("time")), Text: r.str(c.get("text"))}
	if a.Author == "" {
		a.Author = r.str(c.get("authorReference").get("display"))
	}
	return a
}

func (r *reading) attachment(c cursor) Attachment {
	r.want(c, object)
	return Attachment{
		ContentType: r.str(c.get("contentType")), Language: r.str(c.get("language")), Data: r.str(c.get("data")),
		URL: r.str(c.get("url")), Title: r.str(c.get("title")), Creation: r.date(c.get("creation")),
	}
}

func (r *reading) meta(c cursor) Meta {
	if !r.want(c, object) {
		return Meta{}
	}
	return Meta{
		VersionID: r.str(c.get("versionId")), LastUpdated: r.date(c.get("lastUpdated")), Source: r.str(c.get("source")),
		Profile: r.strings(c.get("profile")), Security: list(r, c.get("security"), (*reading).coding),
		Tag: list(r, c.get("tag"), (*reading).coding),
	}
}
