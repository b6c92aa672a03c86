package chart

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"chartroom/internal/gate"
)

// pageTx gathers the chart of the person whose record it is.
func (s *Service) pageTx(ctx context.Context, tx *gate.Tx, record string) (*Page, error) {
	var page Page
	banner, revisions, err := s.personTx(ctx, tx, record)
	if err != nil {
		return nil, err
	}
	page.Banner = banner
	page.fill(revisions)
	return &page, nil
}

// encounterPageTx gathers one encounter and what belongs to no encounter.
func (s *Service) encounterPageTx(ctx context.Context, tx *gate.Tx, id string) (*Page, error) {
	enc, err := s.EncounterTx(ctx, tx, id)
	if err != nil {
		return nil, err
	}
	page, err := s.pageTx(ctx, tx, enc.Record)
	if err != nil {
		return nil, err
	}
	page.Encounter = enc
	page.Facts = slices.DeleteFunc(page.Facts, func(f Fact) bool { return f.Encounter != "" && f.Encounter != id })
	page.Documents = slices.DeleteFunc(page.Documents, func(d Document) bool { return d.Encounter != "" && d.Encounter != id })
	return page, nil
}

// personTx reads all newest versions of all records of a person.
func (s *Service) personTx(ctx context.Context, tx *gate.Tx, record string) (Banner, []Revision, error) {
	person, records, err := s.identity.PersonOf(ctx, tx, record)
	if err != nil {
		return Banner{}, nil, err
	}
	banner := Banner{Person: person, Records: []string{record}}
	for _, r := range records {
		if r != record {
			banner.Records = append(banner.Records, r)
		}
	}
	var all []Revision
	for _, r := range banner.Records {
		if err := tx.About(ctx, gate.Record(r)); err != nil {
			return Banner{}, nil, err
		}
		rows, err := readFacts(ctx, tx, sqlOneRecord, r)
		if err != nil {
			return Banner{}, nil, err
		}
		revisions, err := s.open(ctx, tx, rows)
		if err != nil {
			return Banner{}, nil, err
		}
		all = append(all, revisions...)
	}
	if len(banner.Records) > 1 {
		if banner.Links, err = s.identity.LinksTx(ctx, tx, banner.Records); err != nil {
			return Banner{}, nil, err
		}
	}
	return banner, all, nil
}

// fill sorts revisions into the page.
func (p *Page) fill(revisions []Revision) {
	for _, r := range revisions {
		switch {
		case r.Patient != nil:
			r.Patient.Person = p.Banner.Person
			if r.Version.Record == p.Banner.Records[0] {
				p.Banner.Patient = *r.Patient
			} else {
				p.Banner.Others = append(p.Banner.Others, *r.Patient)
			}
		case r.Coverage != nil:
			p.Banner.Coverages = append(p.Banner.Coverages, *r.Coverage)
		case r.Encounter != nil:
			p.Encounters = append(p.Encounters, *r.Encounter)
		case r.Document != nil:
			p.Documents = append(p.Documents, *r.Document)
		case r.Fact != nil && r.Fact.Kind == Allergy:
			p.Banner.Allergies = append(p.Banner.Allergies, *r.Fact)
		case r.Fact != nil:
			p.Facts = append(p.Facts, *r.Fact)
		}
	}
	slices.SortStableFunc(p.Banner.Coverages, func(a, b Coverage) int { return a.Priority - b.Priority })
	slices.SortStableFunc(p.Banner.Allergies, func(a, b Fact) int { return strings.Compare(a.Display, b.Display) })
	slices.SortStableFunc(p.Encounters, func(a, b Encounter) int { return b.Start.Compare(a.Start) })
	slices.SortStableFunc(p.Facts, func(a, b Fact) int { return b.Effective.Compare(a.Effective) })
	slices.SortStableFunc(p.Documents, func(a, b Document) int { return b.WrittenAt.Compare(a.WrittenAt) })
}

// EncounterTx reads the newest version of an encounter and lists its record
// among the action's subjects.
func (s *Service) EncounterTx(ctx context.Context, tx *gate.Tx, id string) (Encounter, error) {
	var record string
	if err := tx.QueryRow(ctx, sqlEncounterRecord, id).Scan(&record); err != nil {
		return Encounter{}, fmt.Errorf("encounter: %w", notFound(err))
	}
	if err := tx.About(ctx, gate.Encounter(record, id)); err != nil {
		return Encounter{}, err
	}
	return s.newestEncounter(ctx, tx, id)
}

func (s *Service) newestEncounter(ctx context.Context, tx *gate.Tx, id string) (Encounter, error) {
	row, err := readOne(ctx, tx, sqlNewest, id)
	if err != nil {
		return Encounter{}, err
	}
	rev, err := s.openOne(ctx, tx, row)
	if err != nil {
		return Encounter{}, err
	}
	if rev.Encounter == nil {
		return Encounter{}, ErrNotFound
	}
	return *rev.Encounter, nil
}

// PatientTx reads the newest registration of a record and lists the record
// among the action's subjects. A record that no registration has come for gives a
// Patient with nothing but its Version.
func (s *Service) PatientTx(ctx context.Context, tx *gate.Tx, record string) (Patient, error) {
	p, err := s.KnownPatient(ctx, tx, record)
	if err != nil {
		return Patient{}, err
	}
	p.Person, _, err = s.identity.PersonOf(ctx, tx, record)
	return p, err
}

// DocumentTx reads one version of a document with its text (version 0: the
// newest) and lists its record among the action's subjects.
func (s *Service) DocumentTx(ctx context.Context, tx *gate.Tx, id string, version int) (Document, error) {
	var row stored
	var err error
	if version == 0 {
		row, err = readOne(ctx, tx, sqlNewest, id)
	} else {
		row, err = readOne(ctx, tx, sqlVersion, id, version)
	}
	if err != nil {
		return Document{}, err
	}
	if row.kind != kindDocument {
		return Document{}, ErrNotFound
	}
	if err := tx.About(ctx, gate.Subject{Kind: "document", ID: id, Record: row.version.Record}); err != nil {
		return Document{}, err
	}
	docs, err := s.withTexts(ctx, tx, []stored{row})
	if err != nil {
		return Document{}, err
	}
	return docs[0], nil
}

// DocumentsTx reads the newest versions of an encounter's documents with their
// texts, oldest first, without those withdrawn.
func (s *Service) DocumentsTx(ctx context.Context, tx *gate.Tx, encounter string) ([]Document, error) {
	var record string
	if err := tx.QueryRow(ctx, sqlEncounterRecord, encounter).Scan(&record); err != nil {
		return nil, fmt.Errorf("encounter: %w", notFound(err))
	}
	if err := tx.About(ctx, gate.Encounter(record, encounter)); err != nil {
		return nil, err
	}
	rows, err := readFacts(ctx, tx, sqlDocuments, record, encounter)
	if err != nil {
		return nil, err
	}
	docs, err := s.withTexts(ctx, tx, rows)
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(docs, func(a, b Document) int {
		if c := a.WrittenAt.Compare(b.WrittenAt); c != 0 {
			return c
		}
		return strings.Compare(a.ID, b.ID)
	})
	return docs, nil
}

func (s *Service) withTexts(ctx context.Context, tx *gate.Tx, rows []stored) ([]Document, error) {
	revisions, err := s.open(ctx, tx, rows)
	if err != nil {
		return nil, err
	}
	docs := make([]Document, 0, len(revisions))
	for _, r := range revisions {
		doc := *r.Document
		var sealed []byte
		if err := tx.QueryRow(ctx, sqlBody, doc.ID, doc.Number).Scan(&sealed); err != nil {
			return nil, fmt.Errorf("text of document: %w", notFound(err))
		}
		key, err := s.ring.Key(ctx, tx, keyOwner(doc.Record))
		if err != nil {
			return nil, fmt.Errorf("key of the record: %w", err)
		}
		text, err := key.Open(sealed, place("body", doc.ID, doc.Number))
		if err != nil {
			return nil, fmt.Errorf("open text of document %s: %w", doc.ID, err)
		}
		if !utf8.Valid(text) {
			return nil, fmt.Errorf("text of document %s: %w", doc.ID, ErrInvalid)
		}
		doc.Text = string(text)
		docs = append(docs, doc)
	}
	return docs, nil
}

// newestTx reads the newest version of a fact of any kind.
func (s *Service) newestTx(ctx context.Context, tx *gate.Tx, id string) (Revision, error) {
	row, err := readOne(ctx, tx, sqlNewest, id)
	if err != nil {
		return Revision{}, err
	}
	return s.fullTx(ctx, tx, row)
}

func (s *Service) historyTx(ctx context.Context, tx *gate.Tx, id string) ([]Revision, error) {
	rows, err := readFacts(ctx, tx, sqlVersions, id)
	if err != nil {
		return nil, err
	}
	if len(rows) == 0 {
		return nil, ErrNotFound
	}
	var all []Revision
	for _, row := range rows {
		rev, err := s.fullTx(ctx, tx, row)
		if err != nil {
			return nil, err
		}
		all = append(all, rev)
	}
	return all, nil
}

// fullTx opens a row, with its text if it is a document's.
func (s *Service) fullTx(ctx context.Context, tx *gate.Tx, row stored) (Revision, error) {
	if err := tx.About(ctx, gate.Subject{Kind: "fact", ID: row.version.ID, Record: row.version.Record}); err != nil {
		return Revision{}, err
	}
	rev, err := s.openOne(ctx, tx, row)
	if err != nil || rev.Document == nil {
		return rev, err
	}
	docs, err := s.withTexts(ctx, tx, []stored{row})
	if err != nil {
		return Revision{}, err
	}
	rev.Document = &docs[0]
	return rev, nil
}

// KnownEncounter reads the newest version of an encounter; nil where there is
// none. Only what follows from it decides whether the action is about it.
func (s *Service) KnownEncounter(ctx context.Context, tx *gate.Tx, id string) (*Encounter, error) {
	enc, err := s.newestEncounter(ctx, tx, id)
	if errors.Is(err, ErrNotFound) {
		return nil, nil //nolint:nilnil // none is an answer
	}
	if err != nil {
		return nil, err
	}
	return &enc, nil
}

// KnownPatient reads the newest registration of a record, without its Person;
// Number is 0 where none has come. It lists the record among the action's
// subjects.
func (s *Service) KnownPatient(ctx context.Context, tx *gate.Tx, record string) (Patient, error) {
	if err := tx.About(ctx, gate.Record(record)); err != nil {
		return Patient{}, err
	}
	rows, err := readFacts(ctx, tx, sqlNewest, record) // a registration has the id of its record
	if err != nil || len(rows) == 0 || rows[0].kind != kindPatient {
		return Patient{Version: Version{ID: record, Record: record}}, err
	}
	rev, err := s.openOne(ctx, tx, rows[0])
	if err != nil {
		return Patient{}, err
	}
	return *rev.Patient, nil
}

// KnownDocument reads the newest version of a document with its text; nil where
// there is none. It lists the document among the action's subjects.
func (s *Service) KnownDocument(ctx context.Context, tx *gate.Tx, id string) (*Document, error) {
	doc, err := s.DocumentTx(ctx, tx, id, 0)
	if errors.Is(err, ErrNotFound) {
		return nil, nil //nolint:nilnil // none is an answer
	}
	if err != nil {
		return nil, err
	}
	return &doc, nil
}

// EncounterByNumber finds the encounter of a record by its visit number.
func (s *Service) EncounterByNumber(ctx context.Context, tx *gate.Tx, record, number string) (string, error) {
	if err := tx.About(ctx, gate.Record(record)); err != nil {
		return "", err
	}
	rows, err := readFacts(ctx, tx, sqlEncountersOf, record)
	if err != nil {
		return "", err
	}
	revisions, err := s.open(ctx, tx, rows)
	if err != nil {
		return "", err
	}
	for _, r := range revisions {
		if r.Encounter != nil && r.Encounter.Number == number {
			return r.Encounter.ID, nil
		}
	}
	return "", ErrNotFound
}
