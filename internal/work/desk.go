package work

import (
	"context"
	"fmt"

	"chartroom/internal/gate"
)

// Desk is what the page My work shows of the queues.
type Desk struct {
	Page    Page
	Counts  []Count // of the queues the actor may see
	Values  Values  // what the filters of the queue can choose from
	Filters []Saved // the actor's own first, then the team's
}

// Desk reads a page of a queue with all that stands around it, in one action.
// Where f names no queue, the list is that of all the actor's queues. decorate
// may be nil.
func (s *Service) Desk(ctx context.Context, actor gate.Actor, f Filter, decorate Decorate) (Desk, error) {
	subject := gate.Department()
	if f.Queue != "" {
		if _, ok := Define(f.Queue); !ok {
			return Desk{}, fmt.Errorf("%w: there is no queue %q", ErrBadInput, f.Queue)
		}
		subject = f.Queue.Subject()
	}
	var d Desk
	err := s.gate.Read(ctx, actor, ActionList, subject, func(tx *gate.Tx) (err error) {
		d = Desk{}
		if d.Counts, err = s.CountsTx(ctx, tx); err != nil {
			return err
		}
		if f.Queue != "" {
			if d.Values, err = s.ValuesTx(ctx, tx, f.Queue); err != nil {
				return err
			}
		}
		if d.Filters, err = s.FiltersTx(ctx, tx); err != nil {
			return err
		}
		d.Filters = Mine(d.Filters, actor.ID)
		d.Page, err = s.listTx(ctx, tx, f, decorate)
		return err
	})
	if err != nil {
		return Desk{}, fmt.Errorf("my work: %w", err)
	}
	return d, nil
}
