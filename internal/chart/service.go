package chart

import (
	"context"
	"errors"
	"fmt"

	"chartroom/internal/gate"
	"chartroom/internal/identity"
	"chartroom/internal/seal"
)

// The actions of this package, as the policy names them.
const (
	ActionRead     gate.Action = "chart.read"       // one record or encounter
	ActionDocument gate.Action = "document.read"    // the text of documents, and words of it
	ActionTrace    gate.Action = "trace.read"       // from evidence to document, message and entries
	ActionSearch   gate.Action = "chart.search"     // find patients
	ActionList     gate.Action = "chart.search"     // the list of encounters
	ActionNote     gate.Action = "chart.write-note" // add a note
	ActionRegister gate.Action = "chart.correct"    // register a patient by hand
	ActionCorrect  gate.Action = "chart.correct"    // a new version of a fact, with a reason
	ActionWithdraw gate.Action = "chart.correct"    // entered in error
)

// The errors callers look for. Their text names no patient.
var (
	ErrNotFound = errors.New("not in the chart")
	ErrReason   = errors.New("a new version needs a reason")
	ErrStale    = errors.New("a newer version exists")
	ErrInvalid  = errors.New("not valid")
)

// Service is the door of the chart. It is safe for concurrent use.
//
// Methods that take an actor are actions of their own, one audit entry each.
// Methods whose name ends in Tx run inside another domain's action and list the
// record among its subjects.
type Service struct {
	gate     *gate.Gate
	ring     *seal.Ring
	identity *identity.Service
	watchers []Watcher
}

// New makes the door from the gate, the keys and the record-to-person map.
func New(g *gate.Gate, r *seal.Ring, id *identity.Service) *Service {
	return &Service{gate: g, ring: r, identity: id}
}

// Banner is what stands at the head of every page of one person.
type Banner struct {
	Patient   Patient         // the record that was asked for
	Person    string          // from the identity map
	Records   []string        // all records of the person, the one asked for first
	Others    []Patient       // registrations under the person's other records
	Links     []identity.Link // links that made them one, newest first
	Coverages []Coverage
	Allergies []Fact
}

// Page is everything about one person, or about one encounter of theirs.
type Page struct {
	Banner     Banner
	Encounter  Encounter   // the one asked for; zero for a whole record
	Encounters []Encounter // newest first
	Facts      []Fact      // all kinds but allergies, newest first
	Documents  []Document  // newest first, without Text
}

// Chart reads everything of the person whose record it is, in one action. Facts
// of the person's other records are included, each with the record it arrived
// under.
func (s *Service) Chart(ctx context.Context, actor gate.Actor, record string) (*Page, error) {
	var page *Page
	err := s.gate.Read(ctx, actor, ActionRead, gate.Record(record), func(tx *gate.Tx) (err error) {
		page, err = s.pageTx(ctx, tx, record)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("chart: %w", err)
	}
	return page, nil
}

// EncounterChart reads one encounter with its facts and documents, and those of
// the record that belong to no encounter.
func (s *Service) EncounterChart(ctx context.Context, actor gate.Actor, encounter string) (*Page, error) {
	var page *Page
	err := s.gate.Read(ctx, actor, ActionRead, gate.Encounter("", encounter), func(tx *gate.Tx) (err error) {
		page, err = s.encounterPageTx(ctx, tx, encounter)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("chart of encounter: %w", err)
	}
	return page, nil
}

// Encounter reads the newest version of one encounter.
func (s *Service) Encounter(ctx context.Context, actor gate.Actor, id string) (Encounter, error) {
	var enc Encounter
	err := s.gate.Read(ctx, actor, ActionRead, gate.Encounter("", id), func(tx *gate.Tx) (err error) {
		enc, err = s.EncounterTx(ctx, tx, id)
		return err
	})
	if err != nil {
		return Encounter{}, fmt.Errorf("encounter: %w", err)
	}
	return enc, nil
}

// Document reads one version of a document with its text; version 0 is the
// newest.
func (s *Service) Document(ctx context.Context, actor gate.Actor, id string, version int) (Document, error) {
	var doc Document
	err := s.gate.Read(ctx, actor, ActionDocument, gate.Subject{Kind: "document", ID: id}, func(tx *gate.Tx) (err error) {
		doc, err = s.DocumentTx(ctx, tx, id, version)
		return err
	})
	if err != nil {
		return Document{}, fmt.Errorf("document: %w", err)
	}
	return doc, nil
}

// Documents reads the newest versions of the documents of an encounter with
// their texts, oldest first; withdrawn ones are left out.
func (s *Service) Documents(ctx context.Context, actor gate.Actor, encounter string) ([]Document, error) {
	var docs []Document
	err := s.gate.Read(ctx, actor, ActionDocument, gate.Encounter("", encounter), func(tx *gate.Tx) (err error) {
		docs, err = s.DocumentsTx(ctx, tx, encounter)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("documents of encounter: %w", err)
	}
	return docs, nil
}
