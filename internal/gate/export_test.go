package gate

import (
	"context"

	"chartroom/internal/gate/internal/store"
)

// Prepare says whether the database understands a query, without running it.
func (g *Gate) Prepare(ctx context.Context, query string) error {
	return g.store.Read(ctx, func(t *store.Tx) error { return t.Prepare(ctx, query) })
}
