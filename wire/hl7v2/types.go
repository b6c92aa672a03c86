package hl7v2

import (
	"encoding/base64"
	"encoding/hex"
	"strings"
)

// HD is a hierarchic designator: who assigned an identifier.
type HD struct {
	Namespace     string
	UniversalID   string
	UniversalType string // ISO, DNS, UUID, ... (table 0301)
}

// IsZero reports whether nothing was given.
func (h HD) IsZero() bool { return h == HD{} }

// CX is an identifier with the authority that assigned it and what kind it is.
type CX struct {
	ID        string
	Authority HD
	Type      string // table 0203: MR medical record, AN account, SS social security, PI, VN, ...
	Facility  HD
}

// XPN is a person's name.
type XPN struct {
	Family, Given, Middle  string
	Suffix, Prefix, Degree string
	Type                   string // table 0200: L legal, M maiden, A alias, ...
}

// XAD is an address.
type XAD struct {
	Street, Other, City, State, Postcode, Country string
	Type                                          string // table 0190: H home, M mailing, B business, ...
	County                                        string
}

// XTN is a telephone number or e-mail address. Number is as written if the
// sender wrote it in one piece, else put together from its parts.
type XTN struct {
	Number    string
	Use       string // table 0201: PRN, ORN, WPN, NET, ...
	Equipment string // table 0202: PH, FX, CP, Internet, ...
	Email     string
	Extension string
}

// XCN is a person with an identifier: a clinician, an operator.
type XCN struct {
	ID        string
	Name      XPN
	Authority HD
	Type      string // table 0203: NPI, ...
}

// CWE is a coded value, also in its older forms CE and CNE, with the code in a
// second system if there is one.
type CWE struct {
	Code, Text, System          string
	AltCode, AltText, AltSystem string
	Original                    string // the words that were coded
}

// IsZero reports whether nothing was given.
func (c CWE) IsZero() bool { return c == CWE{} }

// PL is a location of a patient.
type PL struct {
	PointOfCare, Room, Bed string
	Facility               HD
	Building, Floor        string
}

// EI is an identifier of an order, result or document.
type EI struct {
	ID        string
	Authority HD
}

// ED is encapsulated data: a document inside a message.
type ED struct {
	Source   string
	Type     string // table 0191: TEXT, Application, Image, ...
	Subtype  string // table 0291: PDF, RTF, HTML, ...
	Encoding string // table 0299: A as is, Hex, Base64
	Data     string
}

// Decode returns the document's bytes. ok is false if Data is not of the
// encoding that the message names.
func (e ED) Decode() (data []byte, ok bool) {
	switch strings.ToLower(e.Encoding) {
	case "base64":
		clean := strings.Map(func(r rune) rune {
			if r == ' ' || r == '\n' || r == '\r' || r == '\t' {
				return -1
			}
			return r
		}, e.Data)
		data, err := base64.RawStdEncoding.DecodeString(strings.TrimRight(clean, "="))
		return data, err == nil
	case "hex":
		data, err := hex.DecodeString(e.Data)
		return data, err == nil
	case "a", "":
		return []byte(e.Data), true
	}
	return nil, false
}

// The functions below read a value of one repetition (or of the first, given a
// field). All leave fields empty that the message does not value.

// HD reads the value as a hierarchic designator.
func (v Value) HD() HD {
	// Inside another type an HD's parts are subcomponents.
	if v.level >= levelComponent {
		return HD{v.Subcomponent(1).String(), v.Subcomponent(2).String(), v.Subcomponent(3).String()}
	}
	return HD{v.Component(1).String(), v.Component(2).String(), v.Component(3).String()}
}

// CX reads the value as an identifier.
func (v Value) CX() CX {
	v = v.Repetition(1)
	return CX{
		ID:        v.Component(1).String(),
		Authority: v.Component(4).HD(),
		Type:      v.Component(5).String(),
		Facility:  v.Component(6).HD(),
	}
}

// XPN reads the value as a person's name.
func (v Value) XPN() XPN { return v.Repetition(1).name(1) }

// name reads the parts of a name that begin at a component.
func (v Value) name(from int) XPN {
	return XPN{
		Family: v.Component(from).Subcomponent(1).String(),
		Given:  v.Component(from + 1).String(),
		Middle: v.Component(from + 2).String(),
		Suffix: v.Component(from + 3).String(),
		Prefix: v.Component(from + 4).String(),
		Degree: v.Component(from + 5).String(),
		Type:   v.Component(from + 6).String(),
	}
}

// XAD reads the value as an address.
func (v Value) XAD() XAD {
	v = v.Repetition(1)
	return XAD{
		Street:   v.Component(1).Subcomponent(1).String(),
		Other:    v.Component(2).String(),
		City:     v.Component(3).String(),
		State:    v.Component(4).String(),
		Postcode: v.Component(5).String(),
		Country:  v.Component(6).String(),
		Type:     v.Component(7).String(),
		County:   v.Component(9).String(),
	}
}

// XTN reads the value as a telephone number or e-mail address.
func (v Value) XTN() XTN {
	v = v.Repetition(1)
	x := XTN{
		Number:    v.Component(1).String(),
		Use:       v.Component(2).String(),
		Equipment: v.Component(3).String(),
		Email:     v.Component(4).String(),
		Extension: v.Component(8).String(),
	}
	if x.Number != "" {
		return x
	}
	if x.Number = v.Component(12).String(); x.Number != "" {
		return x
	}
	var parts []string
	if country := v.Component(5).String(); country != "" {
		parts = append(parts, "+"+strings.TrimPrefix(country, "+"))
	}
	for _, n := range [...]int{6, 7} {
		if part := v.Component(n).String(); part != "" {
			parts = append(parts, part)
		}
	}
	x.Number = strings.Join(parts, " ")
	return x
}

// XCN reads the value as a person with an identifier.
func (v Value) XCN() XCN {
	v = v.Repetition(1)
	x := XCN{
		ID:        v.Component(1).String(),
		Name:      v.name(2),
		Authority: v.Component(9).HD(),
		Type:      v.Component(13).String(),
	}
	x.Name.Type = v.Component(10).String()
	return x
}

// CWE reads the value as a coded value.
func (v Value) CWE() CWE {
	v = v.Repetition(1)
	return CWE{
		Code:      v.Component(1).String(),
		Text:      v.Component(2).String(),
		System:    v.Component(3).String(),
		AltCode:   v.Component(4).String(),
		AltText:   v.Component(5).String(),
		AltSystem: v.Component(6).String(),
		Original:  v.Component(9).String(),
	}
}

// PL reads the value as a location.
func (v Value) PL() PL {
	v = v.Repetition(1)
	return PL{
		PointOfCare: v.Component(1).Subcomponent(1).String(),
		Room:        v.Component(2).Subcomponent(1).String(),
		Bed:         v.Component(3).Subcomponent(1).String(),
		Facility:    v.Component(4).HD(),
		Building:    v.Component(7).Subcomponent(1).String(),
		Floor:       v.Component(8).Subcomponent(1).String(),
	}
}

// EI reads the value as an entity identifier.
func (v Value) EI() EI {
	v = v.Repetition(1)
	return EI{
		ID:        v.Component(1).String(),
		Authority: HD{v.Component(2).String(), v.Component(3).String(), v.Component(4).String()},
	}
}

// ED reads the value as encapsulated data.
func (v Value) ED() ED {
	v = v.Repetition(1)
	return ED{
		Source:   v.Component(1).Subcomponent(1).String(),
		Type:     v.Component(2).String(),
		Subtype:  v.Component(3).String(),
		Encoding: v.Component(4).String(),
		Data:     v.Component(5).String(),
	}
}

// Timestamp reads the value as a timestamp. The error is an [*Error] that
// names the place.
func (v Value) Timestamp() (Timestamp, error) {
	first := v.Subcomponent(1)
	t, err := ParseTimestamp(strings.TrimSpace(first.String()))
	if err != nil {
		return Timestamp{}, v.fail(CodeDataType, "not a timestamp YYYY[MM[DD[HH[MM[SS[.SSSS]]]]]][+/-ZZZZ]")
	}
	return t, nil
}

// each reads every repetition of a field with one of the functions above.
func each[T any](field Value, read func(Value) T) []T {
	var out []T
	for rep := range field.Repetitions() {
		if rep.State() == Valued {
			out = append(out, read(rep))
		}
	}
	return out
}
