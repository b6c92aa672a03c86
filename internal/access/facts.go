package access

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	cedar "github.com/cedar-policy/cedar-go"

	"chartroom/internal/gate"
)

const (
	sqlStanding = `SELECT standing, active FROM access_staff WHERE id = $1`
	sqlLabelsOf = `SELECT kind, value FROM access_label WHERE record = $1 AND subject IN ('', $2)`
)

// standing is what decisions need of a person.
type standing struct {
	Units      []string          `json:"units,omitempty"`
	Providers  []string          `json:"providers,omitempty"`  // NPI and local numbers they sign with
	Privileges map[string]string `json:"privileges,omitempty"` // to the last day they count, "" without end
}

// facts are what a decision rests on besides who, what and which kind of thing:
// the context of the policy file.
type facts struct {
	privileges  []string // sorted
	sensitivity []string // sorted
	otherUnit   bool
	careTeam    bool
	ownRecord   bool
	breakGlass  bool
}

// key writes the facts as text; equal facts give equal text.
func (f facts) key() string {
	if len(f.privileges)+len(f.sensitivity) == 0 && !f.otherUnit && !f.careTeam && !f.ownRecord && !f.breakGlass {
		return ""
	}
	b := make([]byte, 0, 64)
	for _, flag := range []bool{f.otherUnit, f.careTeam, f.ownRecord, f.breakGlass} {
		b = strconv.AppendBool(b, flag)
		b = append(b, ' ')
	}
	b = append(b, strings.Join(f.privileges, ",")...)
	b = append(b, ' ')
	return string(append(b, strings.Join(f.sensitivity, ",")...))
}

// record writes the facts as Cedar's context.
func (f facts) record() cedar.Record {
	return cedar.NewRecord(cedar.RecordMap{
		"privileges":  stringSet(f.privileges),
		"sensitivity": stringSet(f.sensitivity),
		"otherUnit":   cedar.Boolean(f.otherUnit),
		"careTeam":    cedar.Boolean(f.careTeam),
		"ownRecord":   cedar.Boolean(f.ownRecord),
		"breakGlass":  cedar.Boolean(f.breakGlass),
	})
}

func stringSet(items []string) cedar.Set {
	values := make([]cedar.Value, len(items))
	for i, s := range items {
		values[i] = cedar.String(s)
	}
	return cedar.NewSet(values...)
}

// gather looks up what the rules of an action look at, and nothing else.
func gather(ctx context.Context, tx *gate.Tx, r *rules, req gate.Request) (facts, error) {
	var f facts
	var who standing
	if req.Actor.Kind == gate.Person && r.standing {
		var err error
		if who, err = readStanding(ctx, tx, req); err != nil {
			return f, err
		}
		day := dayOf(req.At)
		for name, until := range who.Privileges {
			if until == "" || day <= until {
				f.privileges = append(f.privileges, name)
			}
		}
		slices.Sort(f.privileges)
	}
	if r.labels && req.Subject.Record != "" {
		if err := f.addLabels(ctx, tx, req, who); err != nil {
			return f, err
		}
	}
	return f, nil
}

// readStanding reads a person's row. A person who is switched off, or is none of
// the staff, has no rights at all.
func readStanding(ctx context.Context, tx *gate.Tx, req gate.Request) (standing, error) {
	var text string
	var active int64
	err := tx.QueryRow(ctx, sqlStanding, req.Actor.ID).Scan(&text, &active)
	if errors.Is(err, sql.ErrNoRows) || err == nil && active == 0 {
		return standing{}, &gate.Denied{Request: req, Why: "this account is not active"}
	}
	if err != nil {
		return standing{}, fmt.Errorf("read the person's standing: %w", err)
	}
	var s standing
	if err := json.Unmarshal([]byte(text), &s); err != nil {
		return standing{}, fmt.Errorf("read the person's standing: %w", err)
	}
	return s, nil
}

// addLabels reads the labels of the subject and what they mean for the actor.
func (f *facts) addLabels(ctx context.Context, tx *gate.Tx, req gate.Request, who standing) (err error) {
	rows, err := tx.Query(ctx, sqlLabelsOf, req.Subject.Record, req.Subject.ID)
	if err != nil {
		return fmt.Errorf("read labels: %w", err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	self := "staff:" + req.Actor.ID
	units, mine := 0, false
	for rows.Next() {
		var kind, value string
		if err := rows.Scan(&kind, &value); err != nil {
			return fmt.Errorf("read labels: %w", err)
		}
		switch LabelKind(kind) {
		case Unit:
			units++
			mine = mine || slices.Contains(who.Units, value)
		case Sensitivity:
			f.sensitivity = append(f.sensitivity, value)
		case Relation:
			provider, isProvider := strings.CutPrefix(value, "provider:")
			f.careTeam = f.careTeam || value == self || isProvider && slices.Contains(who.Providers, provider)
		case Self:
			f.ownRecord = f.ownRecord || value == self
		case glass:
			f.breakGlass = f.breakGlass || glassCounts(value, req)
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("read labels: %w", err)
	}
	f.otherUnit = len(who.Units) > 0 && units > 0 && !mine
	slices.Sort(f.sensitivity)
	f.sensitivity = slices.Compact(f.sensitivity)
	return nil
}
