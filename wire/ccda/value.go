package ccda

import (
	"strings"

	"chartroom/wire/hl7v2"
)

// II is an identifier: who assigned it (Root, an OID or UUID) and what.
type II struct {
	Root, Extension, Assigner, Null string
}

// IsZero reports whether it names nothing.
func (i II) IsZero() bool { return i.Root == "" && i.Extension == "" }

// CD is a coded value. Words are in Display, or in Original, the words that were
// coded, also where these stand in the narrative and the entry refers to them.
type CD struct {
	Code, System, SystemName, Display, Original string
	Null                                        string // nullFlavor: UNK, NI, OTH, …
	Translations                                []CD
}

// IsZero reports whether nothing was given.
func (c CD) IsZero() bool {
	return c.Code == "" && c.Display == "" && c.Original == "" && c.Null == "" && len(c.Translations) == 0
}

// Words are what people call it: the display name, else the words it was coded
// from, else those of a translation, else the code.
func (c CD) Words() string {
	for _, w := range []string{c.Display, c.Original} {
		if w != "" {
			return w
		}
	}
	for _, t := range c.Translations {
		if w := t.Words(); w != "" {
			return w
		}
	}
	return c.Code
}

// Interval is a time that lasts, or a point of it.
type Interval struct {
	Low, High, Point  hl7v2.Timestamp
	LowNull, HighNull string // nullFlavor of an end that is not known
}

// Start is when it began: its low end, or the point.
func (t Interval) Start() hl7v2.Timestamp {
	if !t.Low.IsZero() {
		return t.Low
	}
	return t.Point
}

// Name is a person's name in parts, each with its qualifiers left out but AC:
// academic suffixes stand in Degree.
type Name struct {
	Use, Family, Given, Middle, Prefix, Suffix, Degree string
	Callme                                             string // given names that the person is called by
	Birth                                              string // family name at birth, where marked
	Null                                               string
}

// IsZero reports whether no name was given.
func (n Name) IsZero() bool { return n.Family == "" && n.Given == "" }

// String writes the name as it is spoken.
func (n Name) String() string {
	s := strings.Join(strings.Fields(strings.Join([]string{n.Prefix, n.Given, n.Middle, n.Family, n.Suffix}, " ")), " ")
	if n.Degree != "" && s != "" {
		s += ", " + n.Degree
	}
	return s
}

// Address is a postal address.
type Address struct {
	Use                            string // HP primary home, H home, WP work, TMP, BAD, …
	Lines                          []string
	City, State, Postcode, Country string
	From, To                       hl7v2.Timestamp
}

// IsZero reports whether nothing was given.
func (a Address) IsZero() bool {
	return len(a.Lines) == 0 && a.City == "" && a.State == "" && a.Postcode == "" && a.Country == ""
}

// Telecom is a way to reach somebody: Value without its scheme.
type Telecom struct {
	Scheme string // tel, mailto, fax, http, …; "tel" where the sender gives none
	Value  string
	Use    string // HP, MC mobile, WP work, …
}

// reading gathers what of a document cannot be read.
type reading struct {
	faults []*Error
}

func (r *reading) fault(e el, reason string) {
	if len(r.faults) >= maxFaults {
		return
	}
	fault := &Error{Line: e.line(), Path: e.path(), Reason: reason}
	for _, known := range r.faults {
		if *known == *fault {
			return // read twice
		}
	}
	r.faults = append(r.faults, fault)
}

func ii(e el) II {
	return II{Root: e.attr("root"), Extension: e.attr("extension"), Assigner: e.attr("assigningAuthorityName"), Null: e.attr("nullFlavor")}
}

func iis(e el) []II {
	var all []II
	for c := range e.each("id") {
		if id := ii(c); !id.IsZero() {
			all = append(all, id)
		}
	}
	return all
}

// cd reads a coded value. d resolves the words in the narrative it refers to.
func (d *Document) cd(e el) CD {
	if !e.there() {
		return CD{}
	}
	c := CD{
		Code: e.attr("code"), System: e.attr("codeSystem"), SystemName: e.attr("codeSystemName"),
		Display: e.attr("displayName"), Null: e.attr("nullFlavor"),
	}
	for inner := range e.all() {
		if !own(inner.node().space) {
			continue
		}
		switch inner.name() {
		case "originalText":
			c.Original = d.textOf(inner)
		case "translation":
			if len(c.Translations) < 20 {
				t := d.cdFlat(inner)
				if !t.IsZero() {
					c.Translations = append(c.Translations, t)
				}
			}
		}
	}
	return c
}

// cdFlat is cd without translations within a translation.
func (d *Document) cdFlat(e el) CD {
	return CD{
		Code: e.attr("code"), System: e.attr("codeSystem"), SystemName: e.attr("codeSystemName"),
		Display: e.attr("displayName"), Null: e.attr("nullFlavor"), Original: d.textOf(e.get("originalText")),
	}
}

// whyTime is the reason of a time that cannot be read.
const whyTime = "not a date or time YYYY[MM[DD[HH[MM[SS]]]]][+/-ZZZZ] that there is"

// time reads the value of an element as a time.
func (r *reading) time(e el) hl7v2.Timestamp {
	value := e.attr("value")
	if value == "" {
		return hl7v2.Timestamp{}
	}
	t, err := hl7v2.ParseTimestamp(value)
	if err != nil {
		r.fault(e, whyTime)
	}
	return t
}

func (r *reading) interval(e el) Interval {
	if !e.there() {
		return Interval{}
	}
	low, high := e.get("low"), e.get("high")
	t := Interval{
		Low: r.time(low), High: r.time(high), Point: r.time(e),
		LowNull: low.attr("nullFlavor"), HighNull: high.attr("nullFlavor"),
	}
	if center := e.get("center"); center.there() && t.Point.IsZero() {
		t.Point = r.time(center)
	}
	return t
}

func name(e el) Name {
	n := Name{Use: e.attr("use"), Null: e.attr("nullFlavor")}
	var given []string
	parts := false
	add := func(to *string, words string) { *to = strings.TrimSpace(*to + " " + words) }
	for p := range e.all() {
		words := p.words()
		if words == "" {
			continue
		}
		q := p.attr("qualifier")
		parts = true
		switch p.name() {
		case "given":
			if q == "CL" {
				add(&n.Callme, words)
			} else {
				given = append(given, words)
			}
		case "family":
			if q == "BR" {
				n.Birth = words
			}
			if q != "BR" || n.Family == "" {
				add(&n.Family, words)
			}
		case "prefix":
			add(&n.Prefix, words)
		case "suffix":
			if q == "AC" {
				add(&n.Degree, words)
			} else {
				add(&n.Suffix, words)
			}
		}
	}
	if len(given) > 0 {
		n.Given, n.Middle = given[0], strings.Join(given[1:], " ")
	} else if n.Callme != "" {
		n.Given = n.Callme
	}
	if !parts {
		n.Family = e.words() // a name written in one piece
	}
	return n
}

func names(e el) []Name {
	var all []Name
	for c := range e.each("name") {
		if n := name(c); !n.IsZero() {
			all = append(all, n)
		}
	}
	return all
}

func (r *reading) addresses(e el) []Address {
	var all []Address
	for c := range e.each("addr") {
		a := Address{Use: c.attr("use")}
		for p := range c.all() {
			words := p.words()
			if words == "" && p.name() != "useablePeriod" {
				continue
			}
			switch p.name() {
			case "streetAddressLine", "streetName", "houseNumber", "additionalLocator", "postBox":
				a.Lines = append(a.Lines, words)
			case "city":
				a.City = words
			case "state":
				a.State = words
			case "postalCode":
				a.Postcode = words
			case "country":
				a.Country = words
			case "useablePeriod":
				t := r.interval(p)
				a.From, a.To = t.Low, t.High
			}
		}
		if a.IsZero() {
			if words := c.words(); words != "" {
				a.Lines = []string{words}
			}
		}
		if !a.IsZero() {
			all = append(all, a)
		}
	}
	return all
}

func telecoms(e el) []Telecom {
	var all []Telecom
	for c := range e.each("telecom") {
		value := c.attr("value")
		t := Telecom{Scheme: "tel", Value: value, Use: c.attr("use")}
		if scheme, rest, ok := strings.Cut(value, ":"); ok {
			t.Scheme, t.Value = strings.ToLower(strings.TrimSpace(scheme)), strings.TrimSpace(rest)
		} else if strings.Contains(value, "@") {
			t.Scheme = "mailto"
		}
		if t.Value != "" {
			all = append(all, t)
		}
	}
	return all
}
