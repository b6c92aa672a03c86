package access

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"chartroom/internal/gate"
	"chartroom/internal/seal"
)

// LabelKind says what a label tells of a record.
type LabelKind string

// The kinds of label.
const (
	Unit        LabelKind = "unit"        // a unit that treated the patient, as the facility writes it
	Sensitivity LabelKind = "sensitivity" // "part2", "psychotherapy", "vip"
	Relation    LabelKind = "relation"    // who treated the patient: see StaffRelation, ProviderRelation
	Self        LabelKind = "self"        // the member of staff whose own record it is: see StaffRelation

	glass LabelKind = "glass" // who broke the glass, and until when
)

// The values of Sensitivity.
const (
	SensitivePart2         = "part2"         // 42 CFR Part 2
	SensitivePsychotherapy = "psychotherapy" // 45 CFR 164.501 psychotherapy notes
	SensitiveVIP           = "vip"
)

// StaffRelation is the value of a Relation or Self label for a member of staff.
func StaffRelation(id string) string { return "staff:" + id }

// ProviderRelation is the value of a Relation label for who signs with number (an
// NPI or a local provider number), also where they are not among the staff yet. It
// is a keyed hash: the number comes from the record and does not lie open.
func ProviderRelation(r *seal.Ring, number string) string {
	return "provider:" + hex.EncodeToString(r.Token("provider", strings.TrimSpace(number)))
}

const (
	sqlAddLabel   = `INSERT INTO access_label (record, subject, kind, value) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING`
	sqlAddTreated = `INSERT INTO access_label (record, subject, kind, value) VALUES ($1, '', 'unit', $2), ($1, '', 'relation', $3)
		ON CONFLICT DO NOTHING`
	sqlRemoveLabel = `DELETE FROM access_label WHERE record = $1 AND subject = $2 AND kind = $3 AND value = $4`
	sqlReadLabels  = `SELECT subject, kind, value FROM access_label WHERE record = $1 ORDER BY subject, kind, value`
	sqlDropGlass   = `DELETE FROM access_label WHERE record = $1 AND subject = '' AND kind = 'glass' AND value LIKE $2`
)

// Label tells a fact of a record that decisions need. subject is the encounter or
// document it holds for, "" for the whole record. Saying it twice is saying it
// once. Domains call it in the transaction in which they learn the fact.
func Label(ctx context.Context, tx *gate.Tx, record, subject string, kind LabelKind, value string) error {
	if record == "" || value == "" {
		return errors.New("access: a label needs a record and a value")
	}
	if _, err := tx.Exec(ctx, sqlAddLabel, record, subject, string(kind), value); err != nil {
		return fmt.Errorf("access: label a record: %w", err)
	}
	return nil
}

// Unlabel takes a label back.
func Unlabel(ctx context.Context, tx *gate.Tx, record, subject string, kind LabelKind, value string) error {
	if _, err := tx.Exec(ctx, sqlRemoveLabel, record, subject, string(kind), value); err != nil {
		return fmt.Errorf("access: take a label back: %w", err)
	}
	return nil
}

// SetSensitivity lets the privacy officer mark a record, or one encounter or
// document in it, or take the mark back.
func (s *Service) SetSensitivity(ctx context.Context, actor gate.Actor, record, subject, value string, on bool) error {
	if !slices.Contains([]string{SensitivePart2, SensitivePsychotherapy, SensitiveVIP}, value) {
		return fmt.Errorf("access: there is no sensitivity %q", value)
	}
	about := gate.Subject{Kind: "label", ID: record, Record: record}
	return s.gate.Change(ctx, actor, ActionLabel, about, func(tx *gate.Tx) error {
		tx.Detail("sensitivity", value)
		tx.Detail("on", strconv.FormatBool(on))
		if on {
			return Label(ctx, tx, record, subject, Sensitivity, value)
		}
		return Unlabel(ctx, tx, record, subject, Sensitivity, value)
	})
}

// Breaking the glass opens a record that is otherwise closed to the person.
const glassLasts = time.Hour

// GlassReasons are the reasons for which the glass may be broken. They are a list
// because the reason stands on the audit log, which holds no patient data.
func GlassReasons() []string {
	return []string{
		"emergency treatment", "direct patient care", "coverage for a colleague",
		"patient's request", "coding or billing deadline", "privacy investigation",
	}
}

// BreakGlass opens one record to the actor for an hour, for one of GlassReasons.
// It does not open psychotherapy notes or the actor's own record. It is on the
// audit log, where the privacy officer reviews it.
func (s *Service) BreakGlass(ctx context.Context, actor gate.Actor, record, reason string) (until time.Time, err error) {
	if !slices.Contains(GlassReasons(), reason) {
		return time.Time{}, fmt.Errorf("access: %q is not a reason to open a closed record", reason)
	}
	about := gate.Subject{Kind: "record", ID: record, Record: record}
	err = s.gate.Change(ctx, actor, ActionBreakGlass, about, func(tx *gate.Tx) error {
		until = tx.Now().Add(glassLasts)
		tx.Reason(reason)
		tx.Detail("until", until.Format(time.RFC3339))
		// Earlier openings by the same person give way to this one.
		if _, err := tx.Exec(ctx, sqlDropGlass, record, actor.ID+"/%"); err != nil {
			return fmt.Errorf("access: open a closed record: %w", err)
		}
		return Label(ctx, tx, record, "", glass, glassValue(actor.ID, until))
	})
	return until, err
}

func glassValue(actor string, until time.Time) string {
	return actor + "/" + strconv.FormatInt(until.UnixMicro(), 10)
}

// glassCounts says whether a glass label is the actor's and has not run out.
func glassCounts(value string, req gate.Request) bool {
	i := strings.LastIndexByte(value, '/')
	if i < 0 || value[:i] != req.Actor.ID {
		return false
	}
	until, err := strconv.ParseInt(value[i+1:], 10, 64)
	return err == nil && req.At.UnixMicro() < until
}

// Treated notes that a unit and a provider (by NPI or local number) treated the
// patient: what the decisions about other units and own patients rest on. It
// holds for the whole record. An empty value is passed over.
func Treated(ctx context.Context, tx *gate.Tx, r *seal.Ring, record, unit, provider string) error {
	switch {
	case unit != "" && provider != "":
		// One statement: this runs for every encounter that comes in.
		if _, err := tx.Exec(ctx, sqlAddTreated, record, unit, ProviderRelation(r, provider)); err != nil {
			return fmt.Errorf("access: note who treated: %w", err)
		}
		return nil
	case unit != "":
		return Label(ctx, tx, record, "", Unit, unit)
	case provider != "":
		return Label(ctx, tx, record, "", Relation, ProviderRelation(r, provider))
	}
	return nil
}

// SetOwnRecord lets the privacy officer mark a record as a member of staff's own,
// which closes it to them, or take the mark back.
func (s *Service) SetOwnRecord(ctx context.Context, actor gate.Actor, record, staff string, on bool) error {
	about := gate.Subject{Kind: "label", ID: record, Record: record}
	return s.gate.Change(ctx, actor, ActionLabel, about, func(tx *gate.Tx) error {
		tx.Detail("own record", strconv.FormatBool(on))
		if on {
			return Label(ctx, tx, record, "", Self, StaffRelation(staff))
		}
		return Unlabel(ctx, tx, record, "", Self, StaffRelation(staff))
	})
}
