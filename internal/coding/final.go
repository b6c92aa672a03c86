package coding

import (
	"context"
	"fmt"
	"strings"

	"chartroom/internal/gate"
)

// Finalise makes the coding final. Where no edition covers the encounter's date
// provisional must be true, which is another action, for supervisors; where one
// does, it must be false. Errors: ErrBlocked while a finding stands in the way,
// ErrNoEdition.
func (s *Service) Finalise(ctx context.Context, actor gate.Actor, encounter string, revision int, provisional bool) (Session, error) {
	c, state := change{action: ActionFinalise, revision: revision}, Final
	if provisional {
		c.action, state = ActionFinaliseProvisional, Provisional
	}
	return s.change(ctx, actor, encounter, c, func(_ context.Context, tx *gate.Tx, w *work) (Event, error) {
		switch {
		case w.session.blocked():
			return Event{}, ErrBlocked
		case w.sets.provisional && !provisional:
			return Event{}, ErrNoEdition
		case provisional && !w.sets.provisional:
			return Event{}, fmt.Errorf("%w: an edition covers this date, so the coding is made final in full", ErrBadInput)
		}
		tx.Detail("edition", w.sets.cm.Edition().Name)
		return Event{Kind: MadeFinal, Body: Body{State: state}}, nil
	})
}

// Reopen opens a final coding again, with the reason. Its final codes are
// superseded and kept.
func (s *Service) Reopen(ctx context.Context, actor gate.Actor, encounter string, revision int, reason string) (Session, error) {
	if strings.TrimSpace(reason) == "" {
		return Session{}, fmt.Errorf("%w: reopening needs a reason", ErrBadInput)
	}
	c := change{action: ActionReopen, revision: revision, final: true}
	return s.change(ctx, actor, encounter, c, func(context.Context, *gate.Tx, *work) (Event, error) {
		return Event{Kind: Reopened, Body: Body{Reason: reason}}, nil
	})
}

// FinalCodes reads the codes of an encounter as they were made final last, for
// those who come after: claims, registry, research. There are none while the
// coding is open.
func (s *Service) FinalCodes(ctx context.Context, actor gate.Actor, encounter string) ([]FinalCode, error) {
	var codes []FinalCode
	err := s.gate.Read(ctx, actor, ActionRead, gate.Encounter("", encounter), func(tx *gate.Tx) (err error) {
		if _, err = s.chart.EncounterTx(ctx, tx, encounter); err != nil { // lists the record among the subjects
			return err
		}
		codes, err = finalOf(ctx, tx, encounter)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("final codes: %w", err)
	}
	return codes, nil
}

// History reads every step of the coding of an encounter, oldest first, undone
// ones included.
func (s *Service) History(ctx context.Context, actor gate.Actor, encounter string) ([]Event, error) {
	events := []Event{}
	err := s.gate.Read(ctx, actor, ActionRead, gate.Encounter("", encounter), func(tx *gate.Tx) error {
		w, err := s.load(ctx, tx, encounter)
		if err != nil {
			return err
		}
		events = append([]Event{}, w.events...)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("coding history: %w", err)
	}
	return events, nil
}
