package access

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"chartroom/internal/gate"
)

const (
	//nolint:gosec // a query, no credential
	sqlPutCredential = `INSERT INTO access_credential (id, staff, kind, number, issuer, issued, expires, hours, needed, entry)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
ON CONFLICT (id) DO UPDATE SET kind = $3, number = $4, issuer = $5, issued = $6, expires = $7, hours = $8, needed = $9, entry = $10`
	//nolint:gosec // a query, no credential
	sqlCredentialColumns = `id, staff, kind, number, issuer, issued, expires, hours, needed`
	sqlCredentialsOf     = `SELECT ` + sqlCredentialColumns + ` FROM access_credential WHERE staff = $1 ORDER BY kind, id`
	sqlCredentialsEnding = `SELECT ` + sqlCredentialColumns + ` FROM access_credential WHERE expires <> '' AND expires <= $1 ORDER BY expires, id`
	//nolint:gosec // a query, no credential
	sqlCredentialOwner = `SELECT staff, expires FROM access_credential WHERE id = $1`
	sqlPutPrivilege    = `INSERT INTO access_privilege (staff, privilege, credential, entry) VALUES ($1, $2, $3, $4)
ON CONFLICT (staff, privilege) DO UPDATE SET credential = $3, entry = $4`
	sqlDropPrivilege = `DELETE FROM access_privilege WHERE staff = $1 AND privilege = $2`
	sqlPrivilegesOf  = `SELECT p.privilege, p.credential, COALESCE(c.expires, '') FROM access_privilege p
LEFT JOIN access_credential c ON c.id = p.credential WHERE p.staff = $1 ORDER BY p.privilege`
	sqlUnitsOf = `SELECT units, providers FROM access_staff WHERE id = $1`
)

// PutCredential adds a credential of a member of staff, or changes the one with
// its ID: renewed, hours earned. It returns the credential with its ID.
func (s *Service) PutCredential(ctx context.Context, actor gate.Actor, c Credential) (Credential, error) {
	for _, day := range []string{c.Issued, c.Expires} {
		if _, err := time.Parse(time.DateOnly, day); day != "" && err != nil {
			return c, errors.New("access: the days of a credential are written YYYY-MM-DD")
		}
	}
	if c.Kind == "" || c.Hours < 0 || c.Needed < 0 {
		return c, errors.New("access: a credential has a kind, and hours of zero or more")
	}
	if c.ID == "" {
		c.ID = gate.NewID()
	}
	err := s.gate.Change(ctx, actor, ActionCredential, gate.Subject{Kind: "staff", ID: c.Staff}, func(tx *gate.Tx) error {
		tx.Detail("credential", c.Kind)
		if _, err := staffByID(ctx, tx, c.Staff); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, sqlPutCredential, c.ID, c.Staff, c.Kind, c.Number, c.Issuer, c.Issued, c.Expires,
			c.Hours, c.Needed, tx.EntryID())
		if err != nil {
			return fmt.Errorf("access: keep a credential: %w", err)
		}
		return s.restate(ctx, tx, c.Staff)
	})
	return c, err
}

// Held is a privilege as somebody holds it.
type Held struct {
	Privilege  Privilege
	Credential string // the credential it rests on, "" where it needs none
	Until      string // YYYY-MM-DD, the last day it counts; "" without end
}

// Grant gives a privilege. One that needs a credential rests on the one named,
// which must be the same person's; it counts as long as the credential does.
func (s *Service) Grant(ctx context.Context, actor gate.Actor, staff string, p Privilege, credential string) error {
	if !slices.Contains(Privileges(), p) {
		return fmt.Errorf("access: there is no privilege %q", p)
	}
	if p.NeedsCredential() && credential == "" {
		return fmt.Errorf("access: the privilege %s rests on a credential; name it", p)
	}
	return s.gate.Change(ctx, actor, ActionCredential, gate.Subject{Kind: "staff", ID: staff}, func(tx *gate.Tx) error {
		tx.Detail("grant", string(p))
		if credential != "" {
			var owner, expires string
			err := tx.QueryRow(ctx, sqlCredentialOwner, credential).Scan(&owner, &expires)
			if err != nil || owner != staff {
				return errors.Join(errors.New("access: this is not a credential of this person"), err)
			}
			if !(Credential{Expires: expires}).ValidOn(dayOf(tx.Now())) {
				return errors.New("access: the credential has expired")
			}
		}
		if _, err := tx.Exec(ctx, sqlPutPrivilege, staff, string(p), credential, tx.EntryID()); err != nil {
			return fmt.Errorf("access: grant a privilege: %w", err)
		}
		return s.restate(ctx, tx, staff)
	})
}

// Withdraw takes a privilege back.
func (s *Service) Withdraw(ctx context.Context, actor gate.Actor, staff string, p Privilege) error {
	return s.gate.Change(ctx, actor, ActionCredential, gate.Subject{Kind: "staff", ID: staff}, func(tx *gate.Tx) error {
		tx.Detail("withdraw", string(p))
		if _, err := tx.Exec(ctx, sqlDropPrivilege, staff, string(p)); err != nil {
			return fmt.Errorf("access: withdraw a privilege: %w", err)
		}
		return s.restate(ctx, tx, staff)
	})
}

// Credentials gives the credentials and privileges of a member of staff.
func (s *Service) Credentials(ctx context.Context, actor gate.Actor, staff string) ([]Credential, []Held, error) {
	var credentials []Credential
	var held []Held
	err := s.gate.Read(ctx, actor, ActionList, gate.Subject{Kind: "staff", ID: staff}, func(tx *gate.Tx) (err error) {
		if credentials, err = readCredentials(ctx, tx, sqlCredentialsOf, staff); err != nil {
			return err
		}
		held, err = privilegesOf(ctx, tx, staff)
		return err
	})
	return credentials, held, err
}

// Expiring gives the credentials whose last day is the given one (YYYY-MM-DD) or
// earlier, those that end first, first.
func (s *Service) Expiring(ctx context.Context, actor gate.Actor, day string) ([]Credential, error) {
	var credentials []Credential
	err := s.gate.Read(ctx, actor, ActionList, gate.Department(), func(tx *gate.Tx) (err error) {
		credentials, err = readCredentials(ctx, tx, sqlCredentialsEnding, day)
		return err
	})
	return credentials, err
}

func readCredentials(ctx context.Context, tx *gate.Tx, query, arg string) (_ []Credential, err error) {
	rows, err := tx.Query(ctx, query, arg)
	if err != nil {
		return nil, fmt.Errorf("access: read credentials: %w", err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	var all []Credential
	for rows.Next() {
		var c Credential
		if err := rows.Scan(&c.ID, &c.Staff, &c.Kind, &c.Number, &c.Issuer, &c.Issued, &c.Expires, &c.Hours, &c.Needed); err != nil {
			return nil, fmt.Errorf("access: read credentials: %w", err)
		}
		all = append(all, c)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("access: read credentials: %w", err)
	}
	return all, nil
}

func privilegesOf(ctx context.Context, tx *gate.Tx, staff string) (_ []Held, err error) {
	rows, err := tx.Query(ctx, sqlPrivilegesOf, staff)
	if err != nil {
		return nil, fmt.Errorf("access: read privileges: %w", err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	var all []Held
	for rows.Next() {
		var h Held
		if err := rows.Scan(&h.Privilege, &h.Credential, &h.Until); err != nil {
			return nil, fmt.Errorf("access: read privileges: %w", err)
		}
		all = append(all, h)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("access: read privileges: %w", err)
	}
	return all, nil
}

// restate writes down anew what decisions need of a person.
func (s *Service) restate(ctx context.Context, tx *gate.Tx, staff string) error {
	var units, providers string
	if err := tx.QueryRow(ctx, sqlUnitsOf, staff).Scan(&units, &providers); err != nil {
		return fmt.Errorf("access: read a standing: %w", err)
	}
	held, err := privilegesOf(ctx, tx, staff)
	if err != nil {
		return err
	}
	st := s.standingOf(splitLines(units), splitLines(providers))
	st.Privileges = map[string]string{}
	for _, h := range held {
		st.Privileges[string(h.Privilege)] = h.Until
	}
	text, err := json.Marshal(st)
	if err != nil {
		return fmt.Errorf("access: write a standing: %w", err)
	}
	if _, err := tx.Exec(ctx, sqlSetStanding, string(text), staff); err != nil {
		return fmt.Errorf("access: write a standing: %w", err)
	}
	return nil
}
