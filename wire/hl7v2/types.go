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
	var p parts
	if !v.components(&p) {
		return HD{}
	}
	return HD{p.text(1), p.text(2), p.text(3)}
}

// CX reads the value as an identifier.
func (v Value) CX() CX {
	var p parts
	if !v.components(&p) {
		return CX{}
	}
	return CX{ID: p.text(1), Authority: p.hd(4), Type: p.text(5), Facility: p.hd(6)}
}

// XPN reads the value as a person's name.
func (v Value) XPN() XPN {
	var p parts
	if !v.components(&p) {
		return XPN{}
	}
	return p.name(1)
}

// XAD reads the value as an address.
func (v Value) XAD() XAD {
	var p parts
	if !v.components(&p) {
		return XAD{}
	}
	return XAD{
		Street: p.sub(1), Other: p.text(2), City: p.text(3), State: p.text(4), Postcode: p.text(5),
		Country: p.text(6), Type: p.text(7), County: p.text(9),
	}
}

// XTN reads the value as a telephone number or e-mail address.
func (v Value) XTN() XTN {
	var p parts
	if !v.components(&p) {
		return XTN{}
	}
	x := XTN{Number: p.text(1), Use: p.text(2), Equipment: p.text(3), Email: p.text(4), Extension: p.text(8)}
	if x.Number == "" {
		x.Number = p.text(12)
	}
	if x.Number != "" {
		return x
	}
	if country := p.text(5); country != "" {
		x.Number = "+" + strings.TrimPrefix(country, "+")
	}
	for _, n := range [...]int{6, 7} {
		if part := p.text(n); part != "" {
			x.Number = strings.TrimPrefix(x.Number+" "+part, " ")
		}
	}
	return x
}

// XCN reads the value as a person with an identifier.
func (v Value) XCN() XCN {
	var p parts
	if !v.components(&p) {
		return XCN{}
	}
	x := XCN{ID: p.text(1), Name: p.name(2), Authority: p.hd(9), Type: p.text(13)}
	x.Name.Type = p.text(10)
	return x
}

// CWE reads the value as a coded value.
func (v Value) CWE() CWE {
	var p parts
	if !v.components(&p) {
		return CWE{}
	}
	return CWE{
		Code: p.text(1), Text: p.text(2), System: p.text(3),
		AltCode: p.text(4), AltText: p.text(5), AltSystem: p.text(6), Original: p.text(9),
	}
}

// PL reads the value as a location.
func (v Value) PL() PL {
	var p parts
	if !v.components(&p) {
		return PL{}
	}
	return PL{
		PointOfCare: p.sub(1), Room: p.sub(2), Bed: p.sub(3), Facility: p.hd(4),
		Building: p.sub(7), Floor: p.sub(8),
	}
}

// EI reads the value as an entity identifier.
func (v Value) EI() EI {
	var p parts
	if !v.components(&p) {
		return EI{}
	}
	return EI{ID: p.text(1), Authority: HD{p.text(2), p.text(3), p.text(4)}}
}

// ED reads the value as encapsulated data.
func (v Value) ED() ED {
	var p parts
	if !v.components(&p) {
		return ED{}
	}
	return ED{Source: p.sub(1), Type: p.text(2), Subtype: p.text(3), Encoding: p.text(4), Data: p.text(5)}
}

// Timestamp reads the value as a timestamp. The error is an [*Error] that
// names the place.
func (v Value) Timestamp() (Timestamp, error) {
	text := v.Text()
	if text == "" {
		return Timestamp{}, nil
	}
	t, err := ParseTimestamp(strings.TrimSpace(text))
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
