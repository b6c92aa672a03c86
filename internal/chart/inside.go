package chart

import (
	"context"

	"chartroom/internal/gate"
)

// SearchTx is Search inside another domain's action: the records opened for it are
// among that action's subjects, and what the policy refuses is left out.
func (s *Service) SearchTx(ctx context.Context, tx *gate.Tx, q Query) ([]Hit, error) {
	return s.searchTx(ctx, tx, q)
}

// EncountersTx lists encounters inside another domain's action: see Encounters.
func (s *Service) EncountersTx(ctx context.Context, tx *gate.Tx, f EncounterFilter) (EncounterPage, error) {
	return s.encountersTx(ctx, tx, f)
}

// ChartTx is Chart inside another domain's action.
func (s *Service) ChartTx(ctx context.Context, tx *gate.Tx, record string) (*Page, error) {
	return s.pageTx(ctx, tx, record)
}
