package work

import (
	"context"
	"encoding/json"
	"fmt"

	"chartroom/internal/gate"
)

// Kind says what an event did to its item.
type Kind string

// The kinds of event.
const (
	Put         Kind = "put"
	Updated     Kind = "updated" // its domain brought it up to date
	Done        Kind = "settled"
	Taken       Kind = "claimed"
	HandedOut   Kind = "handed out"
	Renewed     Kind = "renewed"
	Released    Kind = "released"
	Assigned    Kind = "assigned"
	PutOff      Kind = "skipped"
	Extended    Kind = "extended"
	Prioritised Kind = "priority"
	Undone      Kind = "undone"
)

// standing is all of an item that can change, as events keep it.
type standing struct {
	Record    string `json:"record,omitempty"`
	Encounter string `json:"encounter,omitempty"`
	Kind      string `json:"kind,omitempty"`
	Unit      string `json:"unit,omitempty"`
	Reason    string `json:"reason,omitempty"`
	Rule      string `json:"rule,omitempty"`
	Skill     string `json:"skill,omitempty"`
	Address   string `json:"address,omitempty"`

	Since         int64 `json:"since,omitempty"`
	PlainDue      int64 `json:"plain_due,omitempty"`
	PlainPriority int   `json:"plain_priority,omitempty"`
	Due           int64 `json:"due,omitempty"`
	Priority      int   `json:"priority,omitempty"`
	Extensions    int   `json:"extensions,omitempty"`

	Assignee     string `json:"assignee,omitempty"`
	Holder       string `json:"holder,omitempty"`
	HeldUntil    int64  `json:"held_until,omitempty"`
	SkippedUntil int64  `json:"skipped_until,omitempty"`
	SkipReason   string `json:"skip_reason,omitempty"`
	SettledAt    int64  `json:"settled_at,omitempty"`
	SettledBy    string `json:"settled_by,omitempty"`
	How          string `json:"how,omitempty"`
}

func (r *row) standing() standing {
	return standing{
		Record: r.record, Encounter: r.encounter, Kind: r.kind, Unit: r.unit, Reason: r.reason, Rule: r.rule, Skill: r.skill,
		Address: r.address, Since: r.since, PlainDue: r.plainDue, PlainPriority: r.plainPriority, Due: r.due,
		Priority: r.priority, Extensions: r.extensions, Assignee: r.assignee, Holder: r.holder, HeldUntil: r.heldUntil,
		SkippedUntil: r.skippedUntil, SkipReason: r.skipReason, SettledAt: r.settledAt, SettledBy: r.settledBy, How: r.how,
	}
}

// deed says what an event is part of.
type deed struct {
	kind   Kind
	id     string // "" where it is part of a domain's action, which undo leaves alone
	undoes string
	reason string
}

// apply stores a changed item and the event that changed it.
func (s *Service) apply(ctx context.Context, tx *gate.Tx, was, became row, d deed) error {
	became.version = was.version + 1
	result, err := tx.Exec(ctx, sqlUpdateItem, became.record, became.encounter, became.kind, became.unit, became.reason,
		became.rule, became.skill, became.address, became.since, became.plainDue, became.plainPriority, became.due,
		became.priority, became.extensions, became.assignee, became.holder, became.heldUntil, became.skippedUntil,
		became.skipReason, became.version, became.settledAt, became.settledBy, became.how, was.id, was.version)
	if err != nil {
		return fmt.Errorf("change work: %w", err)
	}
	if n, err := result.RowsAffected(); err != nil || n != 1 {
		return fmt.Errorf("change work: %w: its version is another", ErrHeld)
	}
	before, err := json.Marshal(was.standing())
	if err != nil {
		return fmt.Errorf("change work: %w", err)
	}
	after, err := json.Marshal(became.standing())
	if err != nil {
		return fmt.Errorf("change work: %w", err)
	}
	_, err = tx.Later(ctx, sqlInsertEvent, tx.NewID(), was.id, became.version, string(d.kind), tx.Now().UnixMicro(),
		tx.Actor().ID, tx.EntryID(), d.id, d.undoes, d.reason, string(before), string(after))
	if err != nil {
		return fmt.Errorf("change work: %w", err)
	}
	s.changed(tx)
	return nil
}
