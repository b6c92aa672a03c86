package chart

import (
	"chartroom/internal/gate"
)

// Batch gathers facts that are to be stored in one action. Adding encodes them,
// so it can be done outside the transaction and on several cores; a Batch itself
// belongs to one goroutine. The zero value is ready.
//
// A fact without ID gets a new one. A fact whose ID is known already becomes a
// new version if it says something else, and nothing if it says the same.
type Batch struct {
	// Reason is kept with versions that supersede others: the event that brought
	// them, "ADT^A08".
	Reason string
	// Born is a record made in the same action, "" for none: nothing is known of
	// its patient yet, and nobody looks.
	Born string

	items []item
	err   error
}

// item is one version to be stored.
type item struct {
	version Version
	kind    string
	state   string // of documents: "signed" or "unsigned"
	fresh   bool   // the id is new, nothing can be known under it
	plain   []byte
	body    []byte
	patient *Patient
	enc     *Encounter
	author  Author
}

// Len is how many facts the batch holds.
func (b *Batch) Len() int { return len(b.items) }

// Bound returns the batch with the record of every fact replaced: what stood for
// a record while the message was read becomes the record it turned out to be.
// Facts whose record is not known come back as rest. The batch itself stays as
// it is, so an action that is run again starts afresh.
func (b *Batch) Bound(record func(string) (string, bool)) (bound, rest *Batch) {
	bound = &Batch{Reason: b.Reason, Born: b.Born, items: make([]item, 0, len(b.items)), err: b.err}
	rest = &Batch{Reason: b.Reason}
	for _, it := range b.items {
		known, ok := record(it.version.Record)
		if !ok {
			rest.items = append(rest.items, it)
			continue
		}
		it.version.Record = known
		if it.kind == kindPatient {
			it.version.ID = known
		}
		bound.items = append(bound.items, it)
	}
	return bound, rest
}

// Paths are the places in the message that the facts came from, each once, in
// order.
func (b *Batch) Paths() []string {
	var paths []string
	for _, it := range b.items {
		if p := it.version.Source.Path; len(paths) == 0 || paths[len(paths)-1] != p {
			paths = append(paths, p)
		}
	}
	return paths
}

// AddPatient adds a registration. Its ID is that of its record.
func (b *Batch) AddPatient(p Patient) {
	p.ID = p.Record
	p.Encounter = ""
	plain, err := encodePatient(p)
	b.add(item{version: p.Version, kind: kindPatient, plain: plain, patient: &p}, err)
}

// AddCoverage adds an insurance.
func (b *Batch) AddCoverage(c Coverage) {
	plain, err := encodeCoverage(c)
	b.add(item{version: c.Version, kind: kindCoverage, plain: plain}, err)
}

// AddEncounter adds a stay or visit.
func (b *Batch) AddEncounter(e Encounter) {
	if e.ID == "" {
		e.ID = gate.NewID()
	}
	e.Encounter = e.ID
	e.Start, e.End = cleanTime(e.Start), cleanTime(e.End)
	plain, err := encodeEncounter(e)
	b.add(item{version: e.Version, kind: kindEncounter, plain: plain, enc: &e, author: e.Attending}, err)
}

// AddFact adds a diagnosis, procedure, medication, allergy, immunization, result
// or other fact.
func (b *Batch) AddFact(f Fact) {
	f.Effective, f.Ended = cleanTime(f.Effective), cleanTime(f.Ended)
	plain, err := encodeFact(f)
	kind := f.Kind
	if kind == "" {
		kind = Other
	}
	b.add(item{version: f.Version, kind: string(kind), plain: plain, author: f.Author}, err)
}

// AddDocument adds a document with its text.
func (b *Batch) AddDocument(d Document) {
	d.WrittenAt, d.SignedAt = cleanTime(d.WrittenAt), cleanTime(d.SignedAt)
	plain, err := encodeDocument(d)
	state := "unsigned"
	if d.Signed {
		state = "signed"
	}
	b.add(item{version: d.Version, kind: kindDocument, state: state, plain: plain, body: []byte(d.Text), author: d.Author}, err)
}

func (b *Batch) add(it item, err error) {
	if err != nil && b.err == nil {
		b.err = err
	}
	if it.version.ID == "" {
		it.version.ID = gate.NewID()
		it.fresh = true
	}
	b.items = append(b.items, it)
}

// addRevision adds what as the version after now, under the same record and
// encounter.
func (b *Batch) addRevision(what any, now Revision, reason string, withdraw bool) error {
	v := now.Version
	v.Reason, v.Withdrawn, v.Source = reason, withdraw, Source{}
	if withdraw {
		v.Source = now.Version.Source
	}
	before := len(b.items)
	switch f := what.(type) {
	case Patient:
		if now.Patient != nil {
			f.Version = v
			b.AddPatient(f)
		}
	case Coverage:
		if now.Coverage != nil {
			f.Version = v
			b.AddCoverage(f)
		}
	case Encounter:
		if now.Encounter != nil {
			f.Version = v
			b.AddEncounter(f)
		}
	case Fact:
		if now.Fact != nil {
			f.Version, f.Kind = v, now.Fact.Kind
			b.AddFact(f)
		}
	case Document:
		if now.Document != nil {
			f.Version = v
			b.AddDocument(f)
		}
	}
	if len(b.items) == before {
		return ErrInvalid
	}
	return b.err
}
