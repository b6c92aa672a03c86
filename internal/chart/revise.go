package chart

import (
	"context"
	"fmt"
	"strings"

	"chartroom/internal/gate"
)

// Revision is one version of a fact of any kind; exactly one pointer is set.
type Revision struct {
	Version   Version
	Kind      string // "patient", "coverage", "encounter", "document" or a FactKind
	Patient   *Patient
	Coverage  *Coverage
	Encounter *Encounter
	Fact      *Fact
	Document  *Document
}

// History reads all versions of one fact, oldest first.
func (s *Service) History(ctx context.Context, actor gate.Actor, id string) ([]Revision, error) {
	var versions []Revision
	err := s.gate.Read(ctx, actor, ActionRead, gate.Subject{Kind: "fact", ID: id}, func(tx *gate.Tx) (err error) {
		versions, err = s.historyTx(ctx, tx, id)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("history: %w", err)
	}
	return versions, nil
}

// Correct stores a new version of a fact. what is a Patient, Coverage,
// Encounter, Fact or Document whose ID and Number are those of the version it
// corrects: a Number that is no longer the newest gives ErrStale, so nobody
// overwrites what they have not seen. The record it belongs to never changes.
func (s *Service) Correct(ctx context.Context, actor gate.Actor, what any, reason string) (Revision, error) {
	return s.revise(ctx, actor, ActionCorrect, what, reason, false)
}

// Withdraw stores a new version that marks the fact as entered in error. Its
// content stays readable in its history.
func (s *Service) Withdraw(ctx context.Context, actor gate.Actor, id string, number int, reason string) (Revision, error) {
	return s.revise(ctx, actor, ActionWithdraw, Version{ID: id, Number: number}, reason, true)
}

func (s *Service) revise(ctx context.Context, actor gate.Actor, action gate.Action, what any, reason string, withdraw bool) (Revision, error) {
	if strings.TrimSpace(reason) == "" {
		return Revision{}, ErrReason
	}
	asked, ok := versionOf(what)
	if !ok || asked.ID == "" {
		return Revision{}, fmt.Errorf("%w: %T has no versions", ErrInvalid, what)
	}
	var stored Revision
	err := s.gate.Change(ctx, actor, action, gate.Subject{Kind: "fact", ID: asked.ID}, func(tx *gate.Tx) error {
		now, err := s.newestTx(ctx, tx, asked.ID)
		if err != nil {
			return err
		}
		if now.Version.Number != asked.Number {
			return fmt.Errorf("%w: version %d, newest %d", ErrStale, asked.Number, now.Version.Number)
		}
		next := what
		if withdraw {
			next = now.content()
		}
		var b Batch
		if err := b.addRevision(next, now, reason, withdraw); err != nil {
			return err
		}
		if err := s.storeAll(ctx, tx, &b); err != nil {
			return err
		}
		stored, err = s.newestTx(ctx, tx, asked.ID)
		return err
	})
	if err != nil {
		return Revision{}, fmt.Errorf("new version: %w", err)
	}
	return stored, nil
}

// content returns the one pointer that is set, as a value.
func (r Revision) content() any {
	switch {
	case r.Patient != nil:
		return *r.Patient
	case r.Coverage != nil:
		return *r.Coverage
	case r.Encounter != nil:
		return *r.Encounter
	case r.Fact != nil:
		return *r.Fact
	case r.Document != nil:
		return *r.Document
	}
	return nil
}

func versionOf(what any) (Version, bool) {
	switch v := what.(type) {
	case Version:
		return v, true
	case Patient:
		return v.Version, true
	case Coverage:
		return v.Version, true
	case Encounter:
		return v.Version, true
	case Fact:
		return v.Version, true
	case Document:
		return v.Version, true
	}
	return Version{}, false
}
