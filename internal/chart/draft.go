package chart

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"chartroom/internal/gate"
	"chartroom/internal/seal"
)

// ActionDraft keeps and reads what somebody is typing at registration.
const ActionDraft gate.Action = "chart.draft"

// MaxDraft is the longest draft kept, in bytes.
const MaxDraft = 1 << 15

// draftOwner is whose key seals drafts of registrations: a new patient has no
// record yet.
const draftOwner = "registration-drafts"

// SaveDraft keeps what the actor is typing into one form of the page Registration
// (slot: "new", or the id of what is corrected), so that it survives a closed tab,
// sign-off and a restart. An empty text throws the draft away.
func (s *Service) SaveDraft(ctx context.Context, actor gate.Actor, slot, text string) error {
	if slot == "" || len(slot) > 64 || len(text) > MaxDraft {
		return fmt.Errorf("%w: a draft has a slot and at most %d bytes", ErrInvalid, MaxDraft)
	}
	err := s.gate.Change(ctx, actor, ActionDraft, gate.Department(), func(tx *gate.Tx) error {
		if strings.TrimSpace(text) == "" {
			_, err := tx.Exec(ctx, sqlDropRegistrationDraft, actor.ID, slot)
			return err
		}
		key, err := s.ring.KeyOrNew(ctx, tx, draftOwner)
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, sqlPutRegistrationDraft, actor.ID, slot, key.Seal([]byte(text), registrationPlace(actor.ID, slot)), tx.Now().UnixMicro())
		return err
	})
	if err != nil {
		return fmt.Errorf("save draft: %w", err)
	}
	return nil
}

// Draft returns what the actor was typing, "" where there is nothing.
func (s *Service) Draft(ctx context.Context, actor gate.Actor, slot string) (string, error) {
	text := ""
	err := s.gate.Read(ctx, actor, ActionDraft, gate.Department(), func(tx *gate.Tx) error {
		text = ""
		var sealed []byte
		err := tx.QueryRow(ctx, sqlRegistrationDraft, actor.ID, slot).Scan(&sealed)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("read a draft: %w", err)
		}
		key, err := s.ring.Key(ctx, tx, draftOwner)
		if err != nil {
			return err
		}
		plain, err := key.Open(sealed, registrationPlace(actor.ID, slot))
		text = string(plain)
		return err
	})
	if err != nil {
		return "", fmt.Errorf("draft: %w", err)
	}
	return text, nil
}

func registrationPlace(actor, slot string) string {
	return seal.Place("registration_draft", "sealed", actor+"/"+slot, 0)
}
