package access

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"chartroom/internal/gate"
)

const (
	sqlAddStaff = `INSERT INTO access_staff (id, login, name, roles, units, providers, standing, active, password, made_at, changed_at, entry)
VALUES ($1, $2, $3, $4, $5, $6, $7, 1, $8, $9, $9, $10)`
	sqlStaffColumns = `id, login, name, roles, units, providers, active, made_at`
	sqlListStaff    = `SELECT ` + sqlStaffColumns + ` FROM access_staff ORDER BY name, id`
	sqlStaffByID    = `SELECT ` + sqlStaffColumns + ` FROM access_staff WHERE id = $1`
	sqlStaffByLogin = `SELECT id, password, active FROM access_staff WHERE login = $1`
	sqlStaffExists  = `SELECT 1 FROM access_staff LIMIT 1`
	sqlSetStaff     = `UPDATE access_staff SET name = $1, roles = $2, units = $3, providers = $4, active = $5, changed_at = $6, entry = $7 WHERE id = $8`
	sqlSetStanding  = `UPDATE access_staff SET standing = $1 WHERE id = $2`
	sqlSetPassword  = `UPDATE access_staff SET password = $1, changed_at = $2 WHERE id = $3`
	//nolint:gosec // a query, no credential
	sqlPasswordOf     = `SELECT login, password FROM access_staff WHERE id = $1`
	sqlDropSessionsOf = `DELETE FROM access_session WHERE staff = $1`
)

// Staff is a member of staff.
type Staff struct {
	ID        string
	Login     string // sign-in name, folded to lower case
	Name      string // shown to people
	Roles     []Role
	Units     []string // assigned to these only; none means the whole department
	Providers []string // NPI and local numbers they sign with
	Active    bool
	MadeAt    time.Time
}

// Actor is this member of staff as an actor, without a session.
func (s Staff) Actor() gate.Actor {
	roles := make([]string, len(s.Roles))
	for i, r := range s.Roles {
		roles[i] = string(r)
	}
	return gate.Actor{ID: s.ID, Kind: gate.Person, Name: s.Name, Roles: roles}
}

// NewStaff is what is said of somebody who begins to work here.
type NewStaff struct {
	Login, Name      string
	Roles            []Role
	Units, Providers []string
	Password         string
}

func (n NewStaff) check() error {
	switch {
	case n.Login == "" || n.Login != foldLogin(n.Login) || strings.ContainsAny(n.Login, " \t\n,"):
		return errors.New("access: a sign-in name is lower case and has no spaces")
	case len(n.Login) > maxLogin || !printable(n.Login):
		return fmt.Errorf("access: a sign-in name has at most %d letters, digits and signs", maxLogin)
	case strings.TrimSpace(n.Name) == "":
		return errors.New("access: a member of staff needs a name")
	case len(n.Name) > maxName || !printable(n.Name):
		return fmt.Errorf("access: a name is one line of at most %d letters", maxName)
	}
	for _, list := range [][]string{n.Units, n.Providers} {
		if slices.ContainsFunc(list, func(s string) bool { return s == "" || strings.Contains(s, "\n") }) {
			return errors.New("access: units and provider numbers are one line each, not empty")
		}
	}
	if err := checkRoles(n.Roles); err != nil {
		return err
	}
	return CheckPassword(n.Password, n.Login)
}

func checkRoles(roles []Role) error {
	for _, r := range roles {
		if _, err := ParseRole(string(r)); err != nil {
			return err
		}
	}
	return nil
}

// The longest names that are taken, in bytes.
const (
	maxLogin = 100
	maxName  = 200
)

// printable reports whether text is one line of letters, digits and signs.
func printable(text string) bool {
	return utf8.ValidString(text) && !strings.ContainsFunc(text, func(c rune) bool { return !unicode.IsPrint(c) || c == utf8.RuneError })
}

func foldLogin(login string) string { return strings.ToLower(strings.TrimSpace(login)) }

// AddStaff adds somebody. Errors: ErrLoginTaken, and what is wrong with n in
// words for the person.
func (s *Service) AddStaff(ctx context.Context, actor gate.Actor, n NewStaff) (Staff, error) {
	return s.add(ctx, actor, ActionManage, n, nil)
}

// add adds somebody, in one change with before.
func (s *Service) add(ctx context.Context, actor gate.Actor, action gate.Action, n NewStaff, before func(tx *gate.Tx) error) (Staff, error) {
	n.Login = foldLogin(n.Login)
	if err := n.check(); err != nil {
		return Staff{}, err
	}
	hash, err := s.hash(ctx, n.Password)
	if err != nil {
		return Staff{}, err
	}
	person := Staff{
		ID: gate.NewID(), Login: n.Login, Name: strings.TrimSpace(n.Name),
		Roles: n.Roles, Units: n.Units, Providers: n.Providers, Active: true,
	}
	err = s.gate.Change(ctx, actor, action, gate.Subject{Kind: "staff", ID: person.ID}, func(tx *gate.Tx) error {
		if before != nil {
			if err := before(tx); err != nil {
				return err
			}
		}
		person.MadeAt = tx.Now()
		tx.Detail("roles", joinRoles(person.Roles))
		text, err := json.Marshal(s.standingOf(person.Units, person.Providers))
		if err != nil {
			return fmt.Errorf("access: write a standing: %w", err)
		}
		_, err = tx.Exec(ctx, sqlAddStaff, person.ID, person.Login, person.Name, joinRoles(person.Roles),
			strings.Join(person.Units, "\n"), strings.Join(person.Providers, "\n"), string(text), hash,
			tx.Now().UnixMicro(), tx.EntryID())
		if gate.IsUnique(err) {
			return ErrLoginTaken
		}
		if err != nil {
			return fmt.Errorf("access: add a member of staff: %w", err)
		}
		return nil
	})
	if err != nil {
		return Staff{}, err
	}
	return person, nil
}

func joinRoles(roles []Role) string {
	names := make([]string, len(roles))
	for i, r := range roles {
		names[i] = string(r)
	}
	return strings.Join(names, ",")
}

func splitRoles(text string) []Role {
	var roles []Role
	for _, name := range strings.FieldsFunc(text, func(r rune) bool { return r == ',' }) {
		roles = append(roles, Role(name))
	}
	return roles
}

func splitLines(text string) []string {
	return strings.FieldsFunc(text, func(r rune) bool { return r == '\n' })
}

// Staff lists who works here, by name.
func (s *Service) Staff(ctx context.Context, actor gate.Actor) ([]Staff, error) {
	var all []Staff
	err := s.gate.Read(ctx, actor, ActionList, gate.Department(), func(tx *gate.Tx) (err error) {
		all = nil
		rows, err := tx.Query(ctx, sqlListStaff)
		if err != nil {
			return fmt.Errorf("access: list the staff: %w", err)
		}
		defer func() { err = errors.Join(err, rows.Close()) }()
		for rows.Next() {
			p, err := scanStaff(rows)
			if err != nil {
				return err
			}
			all = append(all, p)
		}
		return rows.Err()
	})
	return all, err
}

// StaffMember gives one member of staff, or ErrNoStaff.
func (s *Service) StaffMember(ctx context.Context, actor gate.Actor, id string) (Staff, error) {
	var p Staff
	err := s.gate.Read(ctx, actor, ActionList, gate.Subject{Kind: "staff", ID: id}, func(tx *gate.Tx) (err error) {
		p, err = staffByID(ctx, tx, id)
		return err
	})
	return p, err
}

func staffByID(ctx context.Context, tx *gate.Tx, id string) (Staff, error) {
	p, err := scanStaff(tx.QueryRow(ctx, sqlStaffByID, id))
	if errors.Is(err, sql.ErrNoRows) {
		return Staff{}, ErrNoStaff
	}
	return p, err
}

func scanStaff(row interface{ Scan(dest ...any) error }) (Staff, error) {
	var p Staff
	var roles, units, providers string
	var active, made int64
	if err := row.Scan(&p.ID, &p.Login, &p.Name, &roles, &units, &providers, &active, &made); err != nil {
		return Staff{}, fmt.Errorf("access: read a member of staff: %w", err)
	}
	p.Roles, p.Units, p.Providers = splitRoles(roles), splitLines(units), splitLines(providers)
	p.Active, p.MadeAt = active == 1, time.UnixMicro(made).UTC()
	return p, nil
}

// ChangeStaff changes a member of staff: alter is given what stands and changes
// Name, Roles, Units, Providers or Active. Whoever is switched off is signed out
// everywhere. The last active administrator stays one.
func (s *Service) ChangeStaff(ctx context.Context, actor gate.Actor, id string, alter func(*Staff)) (Staff, error) {
	var p Staff
	err := s.gate.Change(ctx, actor, ActionManage, gate.Subject{Kind: "staff", ID: id}, func(tx *gate.Tx) error {
		var err error
		if p, err = staffByID(ctx, tx, id); err != nil {
			return err
		}
		was := p
		was.Roles = slices.Clone(p.Roles)
		alter(&p)
		if err := checkRoles(p.Roles); err != nil {
			return err
		}
		if err := keepAdministrator(ctx, tx, was, p); err != nil {
			return err
		}
		tx.Detail("roles", joinRoles(p.Roles))
		if !p.Active {
			tx.Detail("active", "no")
			if _, err := tx.Exec(ctx, sqlDropSessionsOf, id); err != nil {
				return fmt.Errorf("access: sign out everywhere: %w", err)
			}
		}
		_, err = tx.Exec(ctx, sqlSetStaff, p.Name, joinRoles(p.Roles), strings.Join(p.Units, "\n"),
			strings.Join(p.Providers, "\n"), asInt(p.Active), tx.Now().UnixMicro(), tx.EntryID(), id)
		if err != nil {
			return fmt.Errorf("access: change a member of staff: %w", err)
		}
		tx.OnCommit(s.memory.clear)
		return s.restate(ctx, tx, id)
	})
	return p, err
}

// SetRoles gives a member of staff other roles.
func (s *Service) SetRoles(ctx context.Context, actor gate.Actor, id string, roles []Role) (Staff, error) {
	return s.ChangeStaff(ctx, actor, id, func(p *Staff) { p.Roles = roles })
}

const sqlOtherAdministrators = `SELECT COUNT(*) FROM access_staff WHERE active = 1 AND id <> $1
AND ',' || roles || ',' LIKE '%,administrator,%'`

// keepAdministrator refuses a change that leaves nobody who could undo it.
func keepAdministrator(ctx context.Context, tx *gate.Tx, was, now Staff) error {
	had := was.Active && slices.Contains(was.Roles, Administrator)
	has := now.Active && slices.Contains(now.Roles, Administrator)
	if !had || has {
		return nil
	}
	var others int64
	if err := tx.QueryRow(ctx, sqlOtherAdministrators, was.ID).Scan(&others); err != nil {
		return fmt.Errorf("access: count the administrators: %w", err)
	}
	if others == 0 {
		return errors.New("access: this is the last administrator; make another first")
	}
	return nil
}

// SetPassword gives a member of staff a new password and signs them out
// everywhere.
func (s *Service) SetPassword(ctx context.Context, actor gate.Actor, id, login, password string) error {
	if err := CheckPassword(password, login); err != nil {
		return err
	}
	hash, err := s.hash(ctx, password)
	if err != nil {
		return err
	}
	return s.gate.Change(ctx, actor, ActionManage, gate.Subject{Kind: "staff", ID: id}, func(tx *gate.Tx) error {
		tx.Detail("changed", "password")
		tx.OnCommit(s.memory.clear)
		res, err := tx.Exec(ctx, sqlSetPassword, hash, tx.Now().UnixMicro(), id)
		if err != nil {
			return fmt.Errorf("access: set a password: %w", err)
		}
		if n, err := res.RowsAffected(); err == nil && n == 0 {
			return ErrNoStaff
		}
		if _, err := tx.Exec(ctx, sqlDropSessionsOf, id); err != nil {
			return fmt.Errorf("access: sign out everywhere: %w", err)
		}
		return nil
	})
}

func asInt(b bool) int64 {
	if b {
		return 1
	}
	return 0
}
