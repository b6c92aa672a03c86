package access

import (
	"context"
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
	// One query for all that a decision needs. Where the person is switched off, or
	// is none of the staff, there is no row of the kind 'standing'.
	sqlFacts = `SELECT 'standing', standing FROM access_staff WHERE id = $1 AND active = 1
UNION ALL SELECT kind, value FROM access_label WHERE record = $2 AND subject IN ('', $3)`
	sqlStanding = `SELECT 'standing', standing FROM access_staff WHERE id = $1 AND active = 1`
)

// standing is what decisions need of a person.
type standing struct {
	Units      []string          `json:"units,omitempty"`
	Providers  []string          `json:"providers,omitempty"`  // ProviderRelation of the numbers they sign with
	Privileges map[string]string `json:"privileges,omitempty"` // to the last day they count, "" without end
}

// standingOf is the standing of a person with these units and provider numbers,
// and no privileges yet.
func (s *Service) standingOf(units, providers []string) standing {
	st := standing{Units: units}
	for _, number := range providers {
		st.Providers = append(st.Providers, ProviderRelation(s.ring, number))
	}
	return st
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
func (f *facts) key() string {
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
func (f *facts) record() cedar.Record {
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

// gather looks up what the rules of an action look at, and nothing else, in one
// query.
func gather(ctx context.Context, tx *gate.Tx, r *rules, req gate.Request) (facts, error) {
	var f facts
	person := req.Actor.Kind == gate.Person && r.standing
	labels := r.labels && req.Subject.Record != ""
	if !person && !labels {
		return f, nil
	}
	var who standing
	var marks []mark
	found := false
	err := scanFacts(ctx, tx, req, labels, func(m mark) error {
		if m.kind != "standing" {
			marks = append(marks, m)
			return nil
		}
		found = true
		if err := json.Unmarshal([]byte(m.value), &who); err != nil {
			return fmt.Errorf("read the person's standing: %w", err)
		}
		return nil
	})
	if err != nil {
		return f, err
	}
	if person && !found {
		return f, &gate.Denied{Request: req, Why: "this account is not active"}
	}
	day := dayOf(req.At)
	for name, until := range who.Privileges {
		if until == "" || day <= until {
			f.privileges = append(f.privileges, name)
		}
	}
	slices.Sort(f.privileges)
	f.addLabels(marks, req, who)
	return f, nil
}

// mark is a label, or the standing of a person.
type mark struct{ kind, value string }

func scanFacts(ctx context.Context, tx *gate.Tx, req gate.Request, labels bool, take func(mark) error) (err error) {
	query, args := sqlStanding, []any{req.Actor.ID}
	if labels {
		query, args = sqlFacts, append(args, req.Subject.Record, req.Subject.ID)
	}
	rows, err := tx.Query(ctx, query, args...)
	if err != nil {
		return fmt.Errorf("read standing and labels: %w", err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var m mark
		if err := rows.Scan(&m.kind, &m.value); err != nil {
			return fmt.Errorf("read standing and labels: %w", err)
		}
		if err := take(m); err != nil {
			return err
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("read standing and labels: %w", err)
	}
	return nil
}

// addLabels says what the labels of the subject mean for the actor.
func (f *facts) addLabels(marks []mark, req gate.Request, who standing) {
	self := StaffRelation(req.Actor.ID)
	units, mine := 0, false
	for _, m := range marks {
		switch LabelKind(m.kind) {
		case Unit:
			units++
			mine = mine || slices.Contains(who.Units, m.value)
		case Sensitivity:
			f.sensitivity = append(f.sensitivity, m.value)
		case Relation:
			f.careTeam = f.careTeam || m.value == self || slices.Contains(who.Providers, m.value)
		case Self:
			f.ownRecord = f.ownRecord || m.value == self
		case glass:
			f.breakGlass = f.breakGlass || glassCounts(m.value, req)
		}
	}
	f.otherUnit = len(who.Units) > 0 && units > 0 && !mine
	slices.Sort(f.sensitivity)
	f.sensitivity = slices.Compact(f.sensitivity)
}
