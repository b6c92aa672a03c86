package coding

import (
	"context"
	"fmt"
	"strings"

	"chartroom/internal/gate"
	"chartroom/internal/seal"
)

// MaxDraft is the longest draft kept, in bytes.
const MaxDraft = 1 << 16

// SaveDraft keeps what the actor is typing into a field of the coding page
// (slot), so that it survives a closed tab, sign-off and a restart. An empty
// text throws the draft away.
func (s *Service) SaveDraft(ctx context.Context, actor gate.Actor, encounter, slot, text string) error {
	if slot == "" || len(slot) > 64 || len(text) > MaxDraft {
		return fmt.Errorf("%w: a draft has a slot and at most %d bytes", ErrBadInput, MaxDraft)
	}
	err := s.gate.Change(ctx, actor, ActionCode, gate.Encounter("", encounter), func(tx *gate.Tx) error {
		enc, err := s.chart.EncounterTx(ctx, tx, encounter)
		if err != nil {
			return err
		}
		if strings.TrimSpace(text) == "" {
			_, err := tx.Exec(ctx, sqlDraftDelete, actor.ID, encounter, slot)
			return err
		}
		key, err := s.ring.Key(ctx, tx, enc.Record)
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, sqlDraftPut, actor.ID, encounter, slot, enc.Record,
			key.Seal([]byte(text), draftPlace(actor.ID, encounter, slot)), tx.Now().UnixMicro())
		return err
	})
	if err != nil {
		return fmt.Errorf("save draft: %w", err)
	}
	return nil
}

// Drafts returns the actor's drafts of a coding page by slot.
func (s *Service) Drafts(ctx context.Context, actor gate.Actor, encounter string) (map[string]string, error) {
	drafts := map[string]string{}
	err := s.gate.Read(ctx, actor, ActionRead, gate.Encounter("", encounter), func(tx *gate.Tx) error {
		enc, err := s.chart.EncounterTx(ctx, tx, encounter)
		if err != nil {
			return err
		}
		key, err := s.ring.Key(ctx, tx, enc.Record)
		if err != nil {
			return err
		}
		rows, err := tx.Query(ctx, sqlDrafts, actor.ID, encounter)
		if err != nil {
			return err
		}
		defer rows.Close() //nolint:errcheck // rows.Err is looked at below
		for rows.Next() {
			var slot string
			var body []byte
			if err := rows.Scan(&slot, &body); err != nil {
				return fmt.Errorf("read draft: %w", err)
			}
			plain, err := key.Open(body, draftPlace(actor.ID, encounter, slot))
			if err != nil {
				return err
			}
			drafts[slot] = string(plain)
		}
		return rows.Err()
	})
	if err != nil {
		return nil, fmt.Errorf("drafts: %w", err)
	}
	return drafts, nil
}

func draftPlace(actor, encounter, slot string) string {
	return seal.Place("coding_draft", "body", actor+"/"+encounter+"/"+slot, 0)
}
