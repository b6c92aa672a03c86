package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"chartroom/internal/access"
)

type staffCmd struct {
	Add      staffAddCmd      `cmd:"" help:"Add a member of staff; the password is read from standard input."`
	List     staffListCmd     `cmd:"" help:"List the members of staff."`
	Password staffPasswordCmd `cmd:"" help:"Give a member of staff a new password, read from standard input."`
}

// staffAddCmd adds somebody from the host's console.
type staffAddCmd struct {
	departmentFlags

	Login    string   `required:"" help:"Sign-in name."`
	Name     string   `required:"" help:"Name shown to people."`
	Role     []string `help:"Role; may be given several times."`
	Unit     []string `help:"Unit they are assigned to; without one, the whole department."`
	Provider []string `help:"NPI or local number they sign with."`
}

// Run adds the member of staff and prints their identifier.
func (c *staffAddCmd) Run(e *env) (err error) {
	n := access.NewStaff{Login: c.Login, Name: c.Name, Units: c.Unit, Providers: c.Provider}
	for _, name := range c.Role {
		r, err := access.ParseRole(name)
		if err != nil {
			return err
		}
		n.Roles = append(n.Roles, r)
	}
	if n.Password, err = readPassword(e.stdin); err != nil {
		return err
	}
	d, err := c.open(e)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	p, err := d.Access.AddStaff(e.ctx, access.Console(), n)
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintln(e.stdout, p.ID); err != nil {
		return fmt.Errorf("write to standard output: %w", err)
	}
	return nil
}

// readPassword reads one line. It is no flag: other users of the host see those.
func readPassword(in io.Reader) (string, error) {
	line, err := bufio.NewReader(in).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return "", fmt.Errorf("read the password: %w", err)
	}
	if line = strings.TrimRight(line, "\r\n"); line == "" {
		return "", errors.New("write the password, on one line, to standard input")
	}
	return line, nil
}

type staffListCmd struct{ departmentFlags }

// staffLine is one member of staff list.
type staffLine struct {
	ID     string        `json:"id"`
	Login  string        `json:"login"`
	Name   string        `json:"name"`
	Roles  []access.Role `json:"roles"`
	Units  []string      `json:"units,omitempty"`
	Active bool          `json:"active"`
}

// Run prints one JSON object a member of staff, by name.
func (c *staffListCmd) Run(e *env) (err error) {
	d, err := c.openExisting(e)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	all, err := d.Access.Staff(e.ctx, access.Console())
	if err != nil {
		return err
	}
	out := json.NewEncoder(e.stdout)
	for _, p := range all {
		line := staffLine{ID: p.ID, Login: p.Login, Name: p.Name, Roles: p.Roles, Units: p.Units, Active: p.Active}
		if err := out.Encode(line); err != nil {
			return fmt.Errorf("write the list: %w", err)
		}
	}
	return nil
}

type staffPasswordCmd struct {
	departmentFlags

	Login string `required:"" help:"Sign-in name."`
}

// Run sets the password and signs the person out everywhere.
func (c *staffPasswordCmd) Run(e *env) (err error) {
	password, err := readPassword(e.stdin)
	if err != nil {
		return err
	}
	d, err := c.openExisting(e)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	all, err := d.Access.Staff(e.ctx, access.Console())
	if err != nil {
		return err
	}
	for _, p := range all {
		if p.Login == c.Login {
			return d.Access.SetPassword(e.ctx, access.Console(), p.ID, p.Login, password)
		}
	}
	return access.ErrNoStaff
}
