package chart

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"

	"chartroom/internal/gate"
)

// The kinds of row beside the kinds of Fact.
const (
	kindPatient   = "patient"
	kindCoverage  = "coverage"
	kindEncounter = "encounter"
	kindDocument  = "document"
)

// The sealed content of a row is one line of JSON, what the version says without
// what the row's clear columns hold already, and after a line feed the reason why
// it supersedes the one before. The names of its fields are short because there
// is one for every result of every patient.

type sealedName struct {
	F string `json:"f,omitempty"`
	G string `json:"g,omitempty"`
	M string `json:"m,omitempty"`
	P string `json:"p,omitempty"`
	S string `json:"s,omitempty"`
	U string `json:"u,omitempty"`
}

type sealedIdentifier struct {
	K string `json:"k"`
	A string `json:"a,omitempty"`
	V string `json:"v"`
}

type sealedAddress struct {
	L  []string `json:"l,omitempty"`
	C  string   `json:"c,omitempty"`
	S  string   `json:"s,omitempty"`
	P  string   `json:"p,omitempty"`
	Co string   `json:"co,omitempty"`
}

type sealedAuthor struct {
	I string `json:"i,omitempty"`
	N string `json:"n,omitempty"`
	R string `json:"r,omitempty"`
}

type sealedPatient struct {
	Name        sealedName         `json:"n"`
	Aliases     []sealedName       `json:"al,omitempty"`
	BirthDate   string             `json:"b,omitempty"`
	Sex         string             `json:"x,omitempty"`
	Identifiers []sealedIdentifier `json:"id,omitempty"`
	Address     []sealedAddress    `json:"ad,omitempty"`
	Phones      []string           `json:"ph,omitempty"`
	Email       string             `json:"em,omitempty"`
	Language    string             `json:"la,omitempty"`
	Deceased    string             `json:"de,omitempty"`
	Marital     string             `json:"ma,omitempty"`
	Race        string             `json:"ra,omitempty"`
	Ethnicity   string             `json:"et,omitempty"`
}

type sealedCoverage struct {
	Payer        string `json:"p,omitempty"`
	Plan         string `json:"pl,omitempty"`
	Member       string `json:"m,omitempty"`
	Group        string `json:"g,omitempty"`
	Priority     int    `json:"n,omitempty"`
	From         string `json:"f,omitempty"`
	To           string `json:"t,omitempty"`
	Relationship string `json:"r,omitempty"`
}

type sealedEncounter struct {
	Number      string       `json:"n,omitempty"`
	Setting     string       `json:"se,omitempty"`
	Status      string       `json:"st,omitempty"`
	Unit        string       `json:"u,omitempty"`
	Service     string       `json:"sv,omitempty"`
	Start       int64        `json:"a,omitempty"`
	End         int64        `json:"z,omitempty"`
	Zone        string       `json:"tz,omitempty"`
	Disposition string       `json:"d,omitempty"`
	Attending   sealedAuthor `json:"at,omitzero"`
	ReasonText  string       `json:"r,omitempty"`
}

type sealedFact struct {
	System    string       `json:"y,omitempty"`
	Code      string       `json:"c,omitempty"`
	Display   string       `json:"d,omitempty"`
	Value     string       `json:"v,omitempty"`
	Range     string       `json:"r,omitempty"`
	Flag      string       `json:"f,omitempty"`
	Status    string       `json:"s,omitempty"`
	Note      string       `json:"n,omitempty"`
	Effective int64        `json:"a,omitempty"`
	Ended     int64        `json:"z,omitempty"`
	Author    sealedAuthor `json:"u,omitzero"`
}

type sealedDocument struct {
	Type      string       `json:"t,omitempty"`
	Title     string       `json:"ti,omitempty"`
	Author    sealedAuthor `json:"u,omitzero"`
	WrittenAt int64        `json:"w,omitempty"`
	Signed    bool         `json:"s,omitempty"`
	SignedAt  int64        `json:"sa,omitempty"`
	MediaType string       `json:"m,omitempty"`
	Sheets    []Sheet      `json:"sh,omitempty"`
}

func sealNames(in []Name) []sealedName {
	out := make([]sealedName, len(in))
	for i, n := range in {
		out[i] = sealedName{n.Family, n.Given, n.Middle, n.Prefix, n.Suffix, n.Use}
	}
	return out
}

func (n sealedName) name() Name {
	return Name{Family: n.F, Given: n.G, Middle: n.M, Prefix: n.P, Suffix: n.S, Use: n.U}
}

func (a sealedAuthor) author() Author { return Author{ID: a.I, Name: a.N, Role: a.R} }

func sealAuthor(a Author) sealedAuthor { return sealedAuthor{a.ID, a.Name, a.Role} }

func encodePatient(p Patient) ([]byte, error) {
	sp := sealedPatient{
		Name:    sealedName{p.Name.Family, p.Name.Given, p.Name.Middle, p.Name.Prefix, p.Name.Suffix, p.Name.Use},
		Aliases: sealNames(p.Aliases), BirthDate: p.BirthDate, Sex: p.Sex, Phones: p.Phones, Email: p.Email,
		Language: p.Language, Deceased: p.Deceased, Marital: p.Marital, Race: p.Race, Ethnicity: p.Ethnicity,
	}
	for _, id := range p.Identifiers {
		sp.Identifiers = append(sp.Identifiers, sealedIdentifier{id.Kind, id.Assigner, id.Value})
	}
	for _, a := range p.Address {
		sp.Address = append(sp.Address, sealedAddress{a.Line, a.City, a.State, a.Postcode, a.Country})
	}
	return marshal(sp)
}

func (sp sealedPatient) patient(v Version) Patient {
	p := Patient{
		Version: v, Name: sp.Name.name(), BirthDate: sp.BirthDate, Sex: sp.Sex, Phones: sp.Phones, Email: sp.Email,
		Language: sp.Language, Deceased: sp.Deceased, Marital: sp.Marital, Race: sp.Race, Ethnicity: sp.Ethnicity,
	}
	for _, n := range sp.Aliases {
		p.Aliases = append(p.Aliases, n.name())
	}
	for _, id := range sp.Identifiers {
		p.Identifiers = append(p.Identifiers, Identifier{Kind: id.K, Assigner: id.A, Value: id.V})
	}
	for _, a := range sp.Address {
		p.Address = append(p.Address, Address{Line: a.L, City: a.C, State: a.S, Postcode: a.P, Country: a.Co})
	}
	return p
}

func encodeCoverage(c Coverage) ([]byte, error) {
	return marshal(sealedCoverage{c.Payer, c.Plan, c.Member, c.Group, c.Priority, c.From, c.To, c.Relationship})
}

func encodeEncounter(e Encounter) ([]byte, error) {
	return marshal(sealedEncounter{
		e.Number, string(e.Setting), e.Status, e.Unit, e.Service, gate.Micros(e.Start), gate.Micros(e.End), e.Zone,
		e.Disposition, sealAuthor(e.Attending), e.ReasonText,
	})
}

func encodeFact(f Fact) ([]byte, error) {
	return marshal(sealedFact{
		f.System, f.Code, f.Display, f.Value, f.Range, f.Flag, f.Status, f.Note, gate.Micros(f.Effective), gate.Micros(f.Ended),
		sealAuthor(f.Author),
	})
}

func encodeDocument(d Document) ([]byte, error) {
	return marshal(sealedDocument{
		d.Type, d.Title, sealAuthor(d.Author), gate.Micros(d.WrittenAt), d.Signed, gate.Micros(d.SignedAt), d.MediaType, d.Sheets,
	})
}

func marshal(v any) ([]byte, error) {
	b, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("encode %T: %w", v, err)
	}
	return b, nil
}

// decode makes the version of a fact from its row and its opened content.
func decode(row stored, plain []byte) (Revision, error) {
	v := row.version
	rev := Revision{Kind: row.kind}
	var err error
	plain, why, _ := bytes.Cut(plain, []byte{'\n'})
	v.Reason = string(why)
	switch row.kind {
	case kindPatient:
		var c sealedPatient
		err = json.Unmarshal(plain, &c)
		p := c.patient(v)
		rev.Patient = &p
	case kindCoverage:
		var c sealedCoverage
		err = json.Unmarshal(plain, &c)
		rev.Coverage = &Coverage{v, c.Payer, c.Plan, c.Member, c.Group, c.Priority, c.From, c.To, c.Relationship}
	case kindEncounter:
		var c sealedEncounter
		err = json.Unmarshal(plain, &c)
		v.Encounter = v.ID
		rev.Encounter = &Encounter{
			v, c.Number, Setting(c.Setting), c.Status, c.Unit, c.Service, gate.Moment(c.Start), gate.Moment(c.End), c.Zone,
			c.Disposition, c.Attending.author(), c.ReasonText,
		}
	case kindDocument:
		var c sealedDocument
		err = json.Unmarshal(plain, &c)
		rev.Document = &Document{
			Version: v, Type: c.Type, Title: c.Title, Author: c.Author.author(), WrittenAt: gate.Moment(c.WrittenAt),
			Signed: c.Signed, SignedAt: gate.Moment(c.SignedAt), MediaType: c.MediaType, Sheets: c.Sheets,
		}
	default:
		var c sealedFact
		err = json.Unmarshal(plain, &c)
		rev.Fact = &Fact{
			v, FactKind(row.kind), c.System, c.Code, c.Display, c.Value, c.Range, c.Flag, c.Status, c.Note,
			gate.Moment(c.Effective), gate.Moment(c.Ended), c.Author.author(),
		}
	}
	rev.Version = v
	if err != nil {
		return Revision{}, fmt.Errorf("content of fact %s: %w", v.ID, err)
	}
	return rev, nil
}

// minTime and maxTime bound the times a fact may name; what lies outside is not
// a date of anybody's care.
var (
	minTime = time.Date(1, 1, 2, 0, 0, 0, 0, time.UTC)
	maxTime = time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC)
)

func cleanTime(t time.Time) time.Time {
	if t.Before(minTime) || t.After(maxTime) {
		return time.Time{}
	}
	return t
}
