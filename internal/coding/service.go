package coding

import (
	"context"
	"fmt"
	"slices"
	"time"

	"chartroom/codes/coder"
	"chartroom/codes/codeset"
	"chartroom/internal/chart"
	"chartroom/internal/gate"
	"chartroom/internal/seal"
	worklist "chartroom/internal/work"
)

// Service is the door of coding. It is safe for concurrent use.
type Service struct {
	gate    *gate.Gate
	ring    *seal.Ring
	chart   *chart.Service
	lists   *worklist.Service
	library *codeset.Library
	engine  *coder.Engine
}

// New makes the door from the gate, the keys, the chart, the lists of work, the
// code sets and the engine that reads text. Whoever wires it has the chart tell
// Watch what it stores.
func New(g *gate.Gate, r *seal.Ring, c *chart.Service, w *worklist.Service, l *codeset.Library, e *coder.Engine) *Service {
	return &Service{gate: g, ring: r, chart: c, lists: w, library: l, engine: e}
}

// Warm has the engine build what it needs for the newest editions, so that the
// first coder of the day does not wait for it (half a second). Its only fault can
// be that there is no edition, which the first coder is told anyway.
func (s *Service) Warm(ctx context.Context) {
	_, _ = s.engine.Suggest(ctx, coder.Encounter{Documents: []coder.Document{{Text: "Warm up.", Signed: true}}}, coder.Options{})
	for _, system := range []codeset.System{codeset.ICD10CM, codeset.ICD10PCS} {
		if set, err := s.library.Newest(system); err == nil {
			set.Search("warm", 1)
		}
	}
}

// Session reads the coding of an encounter as it stands. An encounter that
// nobody began to code gives an open session without an ID.
func (s *Service) Session(ctx context.Context, actor gate.Actor, encounter string) (Session, error) {
	var out Session
	err := s.gate.Read(ctx, actor, ActionRead, gate.Encounter("", encounter), func(tx *gate.Tx) error {
		w, err := s.load(ctx, tx, encounter)
		if err != nil {
			return err
		}
		out = w.view()
		return nil
	})
	if err != nil {
		return Session{}, fmt.Errorf("coding session: %w", err)
	}
	return out, nil
}

// Start begins or continues the coding of an encounter. Where the documents
// have changed since the suggestions were drawn, and the coding is open, they
// are drawn again; what was decided stays decided.
func (s *Service) Start(ctx context.Context, actor gate.Actor, encounter string) (Session, error) {
	var w *work
	err := s.gate.Read(ctx, actor, ActionRead, gate.Encounter("", encounter), func(tx *gate.Tx) (err error) {
		w, err = s.load(ctx, tx, encounter)
		return err
	})
	if err != nil {
		return Session{}, fmt.Errorf("start coding: %w", err)
	}
	if w.session.State != Open || (w.session.ID != "" && !w.documentsChanged()) {
		return w.view(), nil
	}
	// Reading the text takes milliseconds to seconds, so it is done outside the
	// transaction that stores what came of it.
	read, err := s.engine.Suggest(ctx, w.encounterText(), coder.Options{})
	if err != nil {
		return Session{}, fmt.Errorf("start coding: %w", err)
	}
	change := change{action: ActionCode, revision: w.session.Revision}
	return s.change(ctx, actor, encounter, change, func(ctx context.Context, tx *gate.Tx, now *work) (Event, error) {
		if now.documentsDiffer(w) {
			return Event{}, ErrStale
		}
		proposal, err := s.proposal(ctx, tx, now, read)
		return Event{Kind: Proposed, Body: Body{Proposal: &proposal}}, err
	})
}

// change says what a mutation needs to be let through.
type change struct {
	action   gate.Action
	revision int
	final    bool // it is about a final coding: only reopening is
}

// change runs one mutation: it loads the session, checks the revision, has fn
// make the event, stores it and returns the session that results.
func (s *Service) change(ctx context.Context, actor gate.Actor, encounter string, c change,
	fn func(context.Context, *gate.Tx, *work) (Event, error),
) (Session, error) {
	var out Session
	err := s.gate.Change(ctx, actor, c.action, gate.Encounter("", encounter), func(tx *gate.Tx) error {
		w, err := s.load(ctx, tx, encounter)
		if err != nil {
			return err
		}
		switch {
		case w.session.Revision != c.revision:
			return ErrStale
		case c.final && w.session.State == Open:
			return ErrNotFinal
		case !c.final && w.session.State != Open:
			return ErrNotOpen
		}
		event, err := fn(ctx, tx, w)
		if err != nil {
			return err
		}
		if err := s.store(ctx, tx, w, event); err != nil {
			return err
		}
		out = w.view()
		return nil
	})
	if err != nil {
		return Session{}, fmt.Errorf("change coding: %w", err)
	}
	return out, nil
}

// store appends an event and brings the session and its row up to it.
func (s *Service) store(ctx context.Context, tx *gate.Tx, w *work, e Event) error {
	if w.session.ID == "" {
		w.session.ID = gate.NewID()
		w.id = w.session.ID
		if _, err := tx.Exec(ctx, sqlCodingInsert, w.id, w.encounter.ID, w.encounter.Record, tx.Now().UnixMicro()); err != nil {
			return fmt.Errorf("begin coding: %w", err)
		}
	}
	before := w.session.Revision
	e.Revision, e.At, e.By, e.Entry = before+1, tx.Now(), tx.Actor().ID, tx.EntryID()
	if err := insertEvent(ctx, tx, w.id, w.key, e); err != nil {
		return err
	}
	w.events = append(w.events, e)
	w.refold()
	if e.Kind == MadeFinal {
		if err := insertFinal(ctx, tx, w.session); err != nil {
			return err
		}
	}
	if e.Kind == Reopened {
		if _, err := tx.Exec(ctx, sqlFinalSupersede, tx.Now().UnixMicro(), w.id); err != nil {
			return fmt.Errorf("supersede final codes: %w", err)
		}
	}
	return s.updateRow(ctx, tx, w, before)
}

func (s *Service) updateRow(ctx context.Context, tx *gate.Tx, w *work, before int) error {
	x := &w.session
	offered := 0
	for _, g := range x.Suggestions {
		if g.Fate == Offered {
			offered++
		}
	}
	var finalised int64
	if n := len(x.Finalised); n > 0 && x.State != Open {
		finalised = x.Finalised[n-1].At.UnixMicro()
	}
	result, err := tx.Exec(ctx, sqlCodingUpdate, string(x.State), x.Revision, len(x.Diagnoses), len(x.Procedures), offered,
		len(w.documents), tx.Actor().ID, tx.Now().UnixMicro(), finalised, x.ID, before)
	if err != nil {
		return fmt.Errorf("update coding: %w", err)
	}
	if n, err := result.RowsAffected(); err != nil || n != 1 {
		return ErrStale
	}
	if err := s.restate(ctx, tx, []string{w.encounter.ID}); err != nil {
		return err
	}
	return s.lists.HoldTx(ctx, tx, worklist.Coding, w.encounter.ID)
}

// work is a session while it is worked on: its events, the encounter and the
// documents it rests on.
type work struct {
	session   Session
	events    []Event
	encounter chart.Encounter
	patient   chart.Patient
	documents []chart.Document
	sets      sets
	key       *seal.Key
	id        string
	now       time.Time
}

// load reads all that a session needs.
func (s *Service) load(ctx context.Context, tx *gate.Tx, encounter string) (*work, error) {
	enc, err := s.chart.EncounterTx(ctx, tx, encounter)
	if err != nil {
		return nil, err
	}
	w := &work{encounter: enc, now: tx.Now()}
	if w.patient, err = s.chart.PatientTx(ctx, tx, enc.Record); err != nil {
		return nil, err
	}
	if w.documents, err = s.chart.DocumentsTx(ctx, tx, encounter); err != nil {
		return nil, err
	}
	if w.key, err = s.ring.Key(ctx, tx, enc.Record); err != nil {
		return nil, fmt.Errorf("key of record: %w", err)
	}
	r, found, err := codingOf(ctx, tx, encounter)
	if err != nil {
		return nil, err
	}
	if found {
		w.id = r.id
		if w.events, err = eventsOf(ctx, tx, r.id, w.key); err != nil {
			return nil, err
		}
	}
	if w.sets, err = s.setsOn(w.day()); err != nil {
		return nil, err
	}
	w.refold()
	return w, nil
}

// refold works the session out from its events, and its findings with it.
func (w *work) refold() {
	w.session = fold(Session{
		ID: w.id, Encounter: w.encounter.ID, Record: w.encounter.Record,
		Setting: w.encounter.Setting, Date: w.day().Format(time.DateOnly),
		Editions: w.sets.editions(), Provisional: w.sets.provisional,
	}, w.events)
	w.check()
}

// view is the session as it is handed out: no nil lists, so that JSON has [].
func (w *work) view() Session {
	s := w.session
	s.Editions, s.Provisional = w.sets.editions(), w.sets.provisional
	for _, list := range []*[]Assigned{&s.Diagnoses, &s.Procedures} {
		if *list == nil {
			*list = []Assigned{}
		}
	}
	if s.Suggestions == nil {
		s.Suggestions = []Suggestion{}
	}
	if s.Questions == nil {
		s.Questions = []Question{}
	}
	if s.Findings == nil {
		s.Findings = []Finding{}
	}
	if s.Documents == nil {
		s.Documents = []DocumentRead{}
	}
	if s.Finalised == nil {
		s.Finalised = []Finalisation{}
	}
	return s
}

// day is the day that chooses the editions: of discharge for a stay (the rule
// for inpatient claims), of service for a visit, in the facility's time zone.
func (w *work) day() time.Time {
	at := w.encounter.Start
	if w.encounter.Setting == chart.Inpatient || w.encounter.Setting == chart.NursingFacility {
		at = w.encounter.End
	}
	if at.IsZero() {
		at = w.now // still in the house: the edition of today, until the discharge date is known
	}
	if zone, err := time.LoadLocation(w.encounter.Zone); err == nil && w.encounter.Zone != "" {
		at = at.In(zone)
	}
	y, m, d := at.Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
}

// documentsChanged reports whether the documents differ from those that the
// suggestions were drawn from.
func (w *work) documentsChanged() bool {
	return !slices.Equal(w.session.Documents, w.versions())
}

func (w *work) documentsDiffer(other *work) bool {
	return !slices.Equal(w.versions(), other.versions())
}

func (w *work) versions() []DocumentRead {
	read := make([]DocumentRead, len(w.documents))
	for i, d := range w.documents {
		read[i] = DocumentRead{ID: d.ID, Version: d.Number}
	}
	return read
}
