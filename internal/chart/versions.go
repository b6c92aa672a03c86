package chart

import (
	"context"

	"chartroom/internal/gate"
)

// EncounterVersionsTx reads all versions of an encounter, oldest first: what a
// later event takes back is worked out from them. It lists the encounter among
// the action's subjects. Error: ErrNotFound.
func (s *Service) EncounterVersionsTx(ctx context.Context, tx *gate.Tx, id string) ([]Encounter, error) {
	revisions, err := s.historyTx(ctx, tx, id)
	if err != nil {
		return nil, err
	}
	versions := make([]Encounter, 0, len(revisions))
	for _, r := range revisions {
		if r.Encounter != nil {
			versions = append(versions, *r.Encounter)
		}
	}
	return versions, nil
}
