package deficiency

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"chartroom/internal/access"
	"chartroom/internal/chart"
	"chartroom/internal/deficiency/rules"
	"chartroom/internal/gate"
	"chartroom/internal/seal"
)

// State is how a finding stands.
type State string

// The states.
const (
	Open    State = "open"
	Settled State = "settled" // no longer found
	Waived  State = "waived"  // a person said, with a reason, that it does not hold
)

// Finding is one fault of a record in one version.
type Finding struct {
	ID         string
	Number     int // version, from 1
	Record     string
	Encounter  string // "" where it belongs to none
	Rule       rules.Rule
	Severity   rules.Severity
	State      State
	Unit       string
	Says       string
	Absent     string           // what was looked for and is not there
	Evidence   []chart.Evidence // the words it rests on
	Documents  []string         // documents it is about
	Facts      []string         // facts, encounters, coverages and registrations it rests on
	Clinician  chart.Author     // who is to settle it, where that is a clinician
	Token      string           // keyed hash of that clinician, "" for none
	Since, Due time.Time        // Due is zero where no clock runs
	Quotes     []Quote          // Evidence with its words
	Reason     string           // of a waiver
	AskedAt    time.Time        // when whoever is to settle it was asked last; zero: never
	AskedBy    string           // actor
	RecordedAt time.Time
	RecordedBy string // actor
	Entry      string // audit entry of this version
}

// Quote is the words a finding shows.
type Quote struct {
	Evidence chart.Evidence
	Title    string // of the document
	Written  time.Time
	Words    string
	Changed  bool // the document's words are not those that were cited
}

// content is what of a finding is sealed.
type content struct {
	Says      string           `json:"s"`
	Absent    string           `json:"a,omitempty"`
	Evidence  []chart.Evidence `json:"e,omitempty"`
	Documents []string         `json:"d,omitempty"`
	Facts     []string         `json:"f,omitempty"`
	Clinician chart.Author     `json:"c,omitzero"`
	Reason    string           `json:"r,omitempty"`
	AskedAt   int64            `json:"q,omitempty"`
	AskedBy   string           `json:"b,omitempty"`
}

func place(id string, number int) string { return seal.Place("finding", "sealed", id, number) }

// open decrypts a row.
func (s *Service) open(ctx context.Context, tx *gate.Tx, r row) (Finding, error) {
	key, err := s.ring.Key(ctx, tx, r.record)
	if err != nil {
		return Finding{}, fmt.Errorf("key of the record: %w", err)
	}
	plain, err := key.Open(r.sealed, place(r.id, r.number))
	if err != nil {
		return Finding{}, fmt.Errorf("open finding %s: %w", r.id, err)
	}
	var c content
	if err := json.Unmarshal(plain, &c); err != nil {
		return Finding{}, fmt.Errorf("content of finding %s: %w", r.id, err)
	}
	rule, _ := s.Rule(r.rule)
	return Finding{
		ID: r.id, Number: r.number, Record: r.record, Encounter: r.encounter, Rule: rule, Severity: rules.Severity(r.severity), State: r.state, Unit: r.unit,
		Says: c.Says, Absent: c.Absent, Evidence: c.Evidence, Documents: c.Documents, Facts: c.Facts, Clinician: c.Clinician, Token: r.clinician,
		Since: gate.Moment(r.since), Due: gate.Moment(r.due), Reason: c.Reason,
		AskedAt: gate.Moment(c.AskedAt), AskedBy: c.AskedBy, RecordedAt: gate.Moment(r.recordedAt), RecordedBy: r.recordedBy, Entry: r.entry,
	}, nil
}

// fresh is a finding of an analysis on its way into the store.
type fresh struct {
	row     row
	content content
}

// prepare makes the row of a finding of an analysis, sealed but for its id and number.
func (s *Service) prepare(ctx context.Context, tx *gate.Tx, p *person, f rules.Finding) (fresh, error) {
	key, err := s.ring.Key(ctx, tx, f.Record)
	if err != nil {
		return fresh{}, fmt.Errorf("key of the record: %w", err)
	}
	c := content{Says: f.Says, Absent: f.Absent, Facts: f.Facts, Clinician: f.Clinician}
	for _, d := range f.Documents {
		c.Documents = append(c.Documents, p.cs.Documents[d].ID)
	}
	for _, sp := range f.Spans {
		doc := p.cs.Documents[sp.Document]
		own := key
		if doc.Record != f.Record {
			if own, err = s.ring.Key(ctx, tx, doc.Record); err != nil {
				return fresh{}, fmt.Errorf("key of the record: %w", err)
			}
		}
		c.Evidence = append(c.Evidence, chart.Evidence{
			Document: doc.ID, Version: doc.Number, Start: sp.Start, End: sp.End, MAC: own.MAC([]byte(doc.Text[sp.Start:sp.End])),
		})
	}
	r := row{
		record: f.Record, encounter: f.Encounter, rule: f.Rule, severity: string(f.Severity), state: Open, unit: p.unit(f.Encounter),
		clinician: s.clinicianToken(f.Clinician), since: gate.Micros(f.Since), due: gate.Micros(f.Due),
		cause: key.MAC([]byte("finding/" + f.Key)), rests: key.MAC([]byte(p.rests(f))),
	}
	return fresh{row: r, content: c}, nil
}

// rests writes down what a finding rests on: its words with the versions of their
// documents, its facts with theirs, and what it says.
func (p *person) rests(f rules.Finding) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s|%s|%s|", f.Severity, f.Says, f.Absent)
	for _, sp := range f.Spans {
		doc := p.cs.Documents[sp.Document]
		fmt.Fprintf(&b, "%s@%d-%d:%s|", doc.ID, sp.Start, sp.End, doc.Text[sp.Start:sp.End])
	}
	for _, id := range f.Facts {
		fmt.Fprintf(&b, "%s#%d|", id, p.versions[id])
	}
	return b.String()
}

// seal seals a content for its place.
func (s *Service) seal(ctx context.Context, tx *gate.Tx, r *row, c content) error {
	key, err := s.ring.Key(ctx, tx, r.record)
	if err != nil {
		return fmt.Errorf("key of the record: %w", err)
	}
	plain, err := json.Marshal(c)
	if err != nil {
		return fmt.Errorf("encode finding: %w", err)
	}
	r.sealed = key.Seal(plain, place(r.id, r.number))
	return nil
}

// clinicianToken is the keyed hash of a clinician, by number, else by name.
func (s *Service) clinicianToken(a chart.Author) string {
	switch {
	case a.ID != "":
		return access.ProviderRelation(s.ring, a.ID)
	case a.Name != "":
		return access.ProviderRelation(s.ring, seal.Fold(a.Name))
	}
	return ""
}
