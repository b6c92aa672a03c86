package incoming

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"chartroom/internal/gate"
	"chartroom/internal/scan"
	"chartroom/internal/seal"
)

// MaxDraft is the longest draft kept, in bytes.
const MaxDraft = 1 << 16

// SaveDraft keeps what the actor has typed and marked for a scan, so that it
// survives a closed tab, sign-off and a restart. Empty text throws it away.
func (s *Service) SaveDraft(ctx context.Context, actor gate.Actor, scanID, text string) error {
	if scanID == "" || len(scanID) > 64 || len(text) > MaxDraft {
		return fmt.Errorf("%w: a draft has a scan and at most %d bytes", ErrBadInput, MaxDraft)
	}
	err := s.gate.Change(ctx, actor, ActionIndex, gate.Subject{Kind: scan.SubjectScan, ID: scanID}, func(tx *gate.Tx) error {
		if _, _, err := s.scan.ScanTx(ctx, tx, scanID); err != nil {
			return err
		}
		if strings.TrimSpace(text) == "" {
			_, err := tx.Exec(ctx, sqlDraftDrop, actor.ID, scanID)
			return err
		}
		key, err := s.deskKey(ctx, tx)
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, sqlDraftPut, actor.ID, scanID, key.Seal([]byte(text), draftPlace(actor.ID, scanID)), tx.Now().UnixMicro())
		return err
	})
	if err != nil {
		return fmt.Errorf("save draft: %w", err)
	}
	return nil
}

// draftTx reads the actor's draft for a scan, "" for none.
func (s *Service) draftTx(ctx context.Context, tx *gate.Tx, scanID string) (string, error) {
	var body []byte
	err := tx.QueryRow(ctx, sqlDraft, tx.Actor().ID, scanID).Scan(&body)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("read draft: %w", err)
	}
	key, err := s.ring.Key(ctx, tx, deskOwner)
	if err != nil {
		return "", fmt.Errorf("key of the desk: %w", err)
	}
	plain, err := key.Open(body, draftPlace(tx.Actor().ID, scanID))
	if err != nil {
		return "", fmt.Errorf("open draft: %w", err)
	}
	return string(plain), nil
}

func draftPlace(actor, scanID string) string {
	return seal.Place("incoming_draft", "body", actor+"/"+scanID, 0)
}
