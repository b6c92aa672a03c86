package access

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"chartroom/internal/gate"
)

const sqlStandingOf = `SELECT standing FROM access_staff WHERE id = $1`

// SkillsTx gives a member of staff and the privileges they hold at the moment of
// the action, sorted, inside another domain's action that hands out work. The
// error is ErrNoStaff where there is no such person.
func SkillsTx(ctx context.Context, tx *gate.Tx, staff string) (Staff, []Privilege, error) {
	p, err := staffByID(ctx, tx, staff)
	if err != nil {
		return Staff{}, nil, err
	}
	var text string
	if err := tx.QueryRow(ctx, sqlStandingOf, staff).Scan(&text); err != nil {
		return Staff{}, nil, fmt.Errorf("access: read the person's standing: %w", err)
	}
	var st standing
	if err := json.Unmarshal([]byte(text), &st); err != nil {
		return Staff{}, nil, fmt.Errorf("access: read the person's standing: %w", err)
	}
	var held []Privilege
	today := dayOf(tx.Now())
	for name, until := range st.Privileges {
		if until == "" || today <= until {
			held = append(held, Privilege(name))
		}
	}
	slices.Sort(held)
	return p, held, nil
}
