package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"chartroom/internal/access"
)

type tokenCmd struct {
	Create tokenCreateCmd `cmd:"" help:"Make an API token and print it alone on a line."`
	List   tokenListCmd   `cmd:"" help:"List the API tokens, without their secrets."`
	Revoke tokenRevokeCmd `cmd:"" help:"Make an API token worthless."`
}

// tokenCreateCmd makes an API token. It may run beside a server.
type tokenCreateCmd struct {
	departmentFlags

	Name    string `required:"" placeholder:"NAME" help:"What the token is for; the readers of the audit log see it."`
	Role    string `placeholder:"ROLE" help:"Role the program acts in, such as coder or auditor; without one it may read and write every encounter."`
	Expires string `placeholder:"DAY" help:"Last day it counts, YYYY-MM-DD; without one it does not end."`
}

// Help shows how a token is used.
func (*tokenCreateCmd) Help() string {
	return `The token is not shown again: only its hash is kept. It works at once, also with a server that runs on the same
department:

    token=$(chartroom token create --dir department --name "nightly export")
    curl -H "Authorization: Bearer $token" http://localhost:8080/api/v1/encounters`
}

// Run prints the secret, which is not shown again.
func (c *tokenCreateCmd) Run(e *env) (err error) {
	var expires time.Time
	if c.Expires != "" {
		day, err := time.Parse(time.DateOnly, c.Expires)
		if err != nil {
			return fmt.Errorf("--expires: %q is not a date YYYY-MM-DD", c.Expires)
		}
		expires = day.AddDate(0, 0, 1)
	}
	d, err := c.open(e)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	secret, _, err := d.Access.CreateToken(e.ctx, access.Console(), c.Name, access.Role(c.Role), expires)
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintln(e.stdout, secret); err != nil {
		return fmt.Errorf("write to standard output: %w", err)
	}
	return nil
}

type tokenListCmd struct{ departmentFlags }

// tokenLine is one token of token list.
type tokenLine struct {
	ID      string `json:"id"`
	Name    string `json:"name"`
	Role    string `json:"role"`
	Made    string `json:"made"`
	Expires string `json:"expires,omitempty"`
	Used    string `json:"used,omitempty"`
	Revoked string `json:"revoked,omitempty"`
}

// Run prints one JSON object a token, the newest first.
func (c *tokenListCmd) Run(e *env) (err error) {
	d, err := c.openExisting(e)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	tokens, err := d.Access.Tokens(e.ctx, access.Console())
	if err != nil {
		return err
	}
	out := json.NewEncoder(e.stdout)
	for _, t := range tokens {
		line := tokenLine{
			ID: t.ID, Name: t.Name, Role: string(t.Role), Made: instant(t.MadeAt),
			Expires: instant(t.Expires), Used: instant(t.UsedAt), Revoked: instant(t.Revoked),
		}
		if err := out.Encode(line); err != nil {
			return fmt.Errorf("write the list: %w", err)
		}
	}
	return nil
}

type tokenRevokeCmd struct {
	departmentFlags

	ID string `arg:"" help:"Identifier of the token, from: chartroom token list."`
}

// Run revokes the token.
func (c *tokenRevokeCmd) Run(e *env) (err error) {
	d, err := c.openExisting(e)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	return d.Access.RevokeToken(e.ctx, access.Console(), strings.TrimSpace(c.ID))
}

// instant writes a time, "" where there is none.
func instant(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}
