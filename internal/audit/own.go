package audit

import (
	"context"
	"math"
	"time"

	"chartroom/internal/gate"
)

// Own gives the entries of the actor of tx between two moments, newest first, at
// most limit of them: what a person did themselves they may see in another
// domain's action.
func Own(ctx context.Context, tx *gate.Tx, from, to time.Time, limit int) ([]Item, error) {
	f := Filter{Actor: tx.Actor().ID, From: from, To: to}
	var page Page
	items, err := f.fromTail(ctx, tx, limit)
	if err != nil {
		return nil, err
	}
	page.Items = items
	if rest := limit - len(items); rest > 0 {
		if err := f.fromTree(ctx, tx, &page, math.MaxInt64, rest); err != nil {
			return nil, err
		}
	}
	return page.Items, nil
}
