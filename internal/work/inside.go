package work

import (
	"context"

	"chartroom/internal/gate"
)

// ListTx is List of one queue inside another domain's action, whose own policy
// decides who may see the queue; rows of records closed to the actor are left out.
func (s *Service) ListTx(ctx context.Context, tx *gate.Tx, f Filter) (Page, error) {
	if _, ok := Define(f.Queue); !ok {
		return Page{}, ErrBadInput
	}
	return s.listTx(ctx, tx, f, nil)
}
