package coding

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"chartroom/codes/codeset"
	"chartroom/codes/edits"
	"chartroom/internal/chart"
	"chartroom/internal/gate"
)

// End is a position beyond any list: the code goes last.
const End = 1 << 20

// Accept assigns a suggested code. position is its place in the sequence from
// 0; End appends. poa may be "" to take the proposed one.
func (s *Service) Accept(ctx context.Context, actor gate.Actor, encounter string, revision int, suggestion string, position int, poa string) (Session, error) {
	return s.edit(ctx, actor, encounter, revision, func(_ context.Context, tx *gate.Tx, w *work) (Event, error) {
		g, ok := w.session.suggestion(suggestion)
		if !ok || g.Fate == Accepted {
			return Event{}, fmt.Errorf("%w: suggestion", ErrNotFound)
		}
		if poa == "" {
			poa = g.POA
		}
		code := w.assign(tx, g.System, g.Code, g.Title)
		code.POA, code.Evidence, code.Why, code.Origin, code.Suggestion = poa, g.Evidence, g.Why, FromSuggestion, g.ID
		return Event{Kind: AcceptedIt, Body: Body{Suggestion: g.ID, Code: &code, Position: position}}, nil
	})
}

// Reject says that a suggested code does not apply, and why.
func (s *Service) Reject(ctx context.Context, actor gate.Actor, encounter string, revision int, suggestion, reason string) (Session, error) {
	if strings.TrimSpace(reason) == "" {
		return Session{}, fmt.Errorf("%w: a rejection needs a reason", ErrBadInput)
	}
	return s.edit(ctx, actor, encounter, revision, func(_ context.Context, _ *gate.Tx, w *work) (Event, error) {
		g, ok := w.session.suggestion(suggestion)
		if !ok || g.Fate != Offered {
			return Event{}, fmt.Errorf("%w: suggestion", ErrNotFound)
		}
		return Event{Kind: RejectedIt, Body: Body{Suggestion: g.ID, Reason: reason}}, nil
	})
}

// Passage is a stretch of a document's text that a person selected: byte
// offsets, half open, into that version.
type Passage struct {
	Document string `json:"document"`
	Version  int    `json:"version"`
	Start    int    `json:"start"`
	End      int    `json:"end"`
}

// Addition is a code found by a person.
type Addition struct {
	System   codeset.System
	Code     string
	POA      string
	Date     string // procedures: YYYY-MM-DD or ""
	Position int
	Why      []string // the index path by which it was found
	Passages []Passage
}

// check looks at what is kept as it was given: final codes hold indicator and
// date in the clear, so nothing else may stand there.
func (a Addition) check() error {
	if !edits.ValidPOA(a.POA) {
		return fmt.Errorf("%w: present on admission is Y, N, U, W or 1", ErrBadInput)
	}
	if _, err := time.Parse(time.DateOnly, a.Date); a.Date != "" && err != nil {
		return fmt.Errorf("%w: a date is written YYYY-MM-DD", ErrBadInput)
	}
	return nil
}

// Add assigns a code that a person found, with the words selected for it.
func (s *Service) Add(ctx context.Context, actor gate.Actor, encounter string, revision int, a Addition) (Session, error) {
	if err := a.check(); err != nil {
		return Session{}, err
	}
	return s.edit(ctx, actor, encounter, revision, func(ctx context.Context, tx *gate.Tx, w *work) (Event, error) {
		set := w.sets.of(a.System)
		found, ok := set.Code(a.Code)
		if !ok {
			return Event{}, fmt.Errorf("%w: %s is not in %s %s", ErrBadInput, a.Code, a.System, set.Edition().Name)
		}
		if !found.Billable {
			return Event{}, fmt.Errorf("%w: %s needs more characters", ErrBadInput, found.Code)
		}
		code := w.assign(tx, a.System, found.Code, found.Title)
		code.POA, code.Date, code.Why, code.Origin = a.POA, a.Date, a.Why, FromSearch
		for _, p := range a.Passages {
			if !slices.ContainsFunc(w.documents, func(d chart.Document) bool { return d.ID == p.Document }) {
				return Event{}, fmt.Errorf("%w: the passage is not of this encounter", ErrBadInput)
			}
			ev, err := s.chart.CiteTx(ctx, tx, p.Document, p.Version, p.Start, p.End)
			if err != nil {
				return Event{}, err
			}
			code.Evidence = append(code.Evidence, ev)
		}
		return Event{Kind: Added, Body: Body{Code: &code, Position: a.Position}}, nil
	})
}

// assign makes the part that all assigned codes have in common.
func (w *work) assign(tx *gate.Tx, system codeset.System, code, title string) Assigned {
	return Assigned{
		ID: gate.NewID(), System: system, Code: code, Title: title,
		POAExempt: system == codeset.ICD10CM && w.exempt(code),
		Evidence:  []chart.Evidence{}, Why: []string{},
		By: tx.Actor().ID, At: tx.Now(), Entry: tx.EntryID(),
	}
}

// exempt reports whether a diagnosis is known to be exempt from the indicator.
func (w *work) exempt(code string) bool {
	exempt, _ := w.sets.cm.POAExempt(code)
	return exempt
}

// Remove takes an assigned code out; a suggestion it came from is offered again.
func (s *Service) Remove(ctx context.Context, actor gate.Actor, encounter string, revision int, code string) (Session, error) {
	return s.editCode(ctx, actor, encounter, revision, code, func(Assigned) (Event, error) {
		return Event{Kind: Removed, Body: Body{Target: code}}, nil
	})
}

// Move puts an assigned code at another place in its sequence, from 0.
func (s *Service) Move(ctx context.Context, actor gate.Actor, encounter string, revision int, code string, position int) (Session, error) {
	return s.editCode(ctx, actor, encounter, revision, code, func(Assigned) (Event, error) {
		return Event{Kind: Moved, Body: Body{Target: code, Position: position}}, nil
	})
}

// SetPOA says whether a diagnosis was present on admission: Y, N, U, W, 1 for
// exempt, or "" for not said yet (Guidelines, Appendix I).
func (s *Service) SetPOA(ctx context.Context, actor gate.Actor, encounter string, revision int, code, poa string) (Session, error) {
	poa = strings.ToUpper(strings.TrimSpace(poa))
	if !edits.ValidPOA(poa) {
		return Session{}, fmt.Errorf("%w: present on admission is Y, N, U, W or 1", ErrBadInput)
	}
	return s.editCode(ctx, actor, encounter, revision, code, func(c Assigned) (Event, error) {
		if c.System != codeset.ICD10CM {
			return Event{}, fmt.Errorf("%w: only diagnoses have an indicator", ErrBadInput)
		}
		return Event{Kind: POASet, Body: Body{Target: code, POA: poa}}, nil
	})
}

// SetDate says on which day a procedure was performed, YYYY-MM-DD.
func (s *Service) SetDate(ctx context.Context, actor gate.Actor, encounter string, revision int, code, date string) (Session, error) {
	if _, err := time.Parse(time.DateOnly, date); err != nil {
		return Session{}, fmt.Errorf("%w: a date is written YYYY-MM-DD", ErrBadInput)
	}
	return s.editCode(ctx, actor, encounter, revision, code, func(c Assigned) (Event, error) {
		if c.System == codeset.ICD10CM {
			return Event{}, fmt.Errorf("%w: only procedures have a date", ErrBadInput)
		}
		return Event{Kind: DateSet, Body: Body{Target: code, Date: date}}, nil
	})
}

// Waive overrules a finding that its rule lets a person overrule, with the
// reason: two conditions under an Excludes1 note that are unrelated.
func (s *Service) Waive(ctx context.Context, actor gate.Actor, encounter string, revision int, finding, reason string) (Session, error) {
	if strings.TrimSpace(reason) == "" {
		return Session{}, fmt.Errorf("%w: overruling a finding needs a reason", ErrBadInput)
	}
	return s.edit(ctx, actor, encounter, revision, func(_ context.Context, _ *gate.Tx, w *work) (Event, error) {
		i := slices.IndexFunc(w.session.Findings, func(f Finding) bool { return f.Key == finding })
		if i < 0 || !w.session.Findings[i].Waivable {
			return Event{}, fmt.Errorf("%w: finding that can be overruled", ErrNotFound)
		}
		return Event{Kind: Waived, Body: Body{Finding: finding, Reason: reason}}, nil
	})
}

// Undo takes back the newest change that is in force.
func (s *Service) Undo(ctx context.Context, actor gate.Actor, encounter string, revision int) (Session, error) {
	return s.edit(ctx, actor, encounter, revision, func(_ context.Context, _ *gate.Tx, w *work) (Event, error) {
		of, ok := lastStanding(w.events)
		if !ok {
			return Event{}, ErrNothing
		}
		return Event{Kind: Undone, Body: Body{Revision: of}}, nil
	})
}

// Redo brings back what Undo took back last.
func (s *Service) Redo(ctx context.Context, actor gate.Actor, encounter string, revision int) (Session, error) {
	return s.edit(ctx, actor, encounter, revision, func(_ context.Context, _ *gate.Tx, w *work) (Event, error) {
		of, ok := lastUndone(w.events)
		if !ok {
			return Event{}, ErrNothing
		}
		return Event{Kind: Redone, Body: Body{Revision: of}}, nil
	})
}

func (s *Service) edit(ctx context.Context, actor gate.Actor, encounter string, revision int,
	fn func(context.Context, *gate.Tx, *work) (Event, error),
) (Session, error) {
	return s.change(ctx, actor, encounter, change{action: ActionCode, revision: revision}, fn)
}

// editCode is edit for a change of one assigned code.
func (s *Service) editCode(ctx context.Context, actor gate.Actor, encounter string, revision int, code string,
	fn func(Assigned) (Event, error),
) (Session, error) {
	return s.edit(ctx, actor, encounter, revision, func(_ context.Context, _ *gate.Tx, w *work) (Event, error) {
		c, ok := w.session.find(code)
		if !ok {
			return Event{}, fmt.Errorf("%w: assigned code", ErrNotFound)
		}
		return fn(c)
	})
}
