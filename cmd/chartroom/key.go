package main

import (
	"errors"
	"fmt"
	"io"

	"chartroom/internal/access"
	"chartroom/internal/seal"
)

type keyCmd struct {
	Rotate keyRotateCmd `cmd:"" help:"Make a new master key and put every record's key under it."`
	New    keyNewCmd    `cmd:"" help:"Print fresh master keys, for CHARTROOM_MASTER_KEY."`
	Next   keyNextCmd   `cmd:"" help:"Read master keys; print them with one more: the first step of rotating keys that are given from outside."`
	Drop   keyDropCmd   `cmd:"" help:"Read master keys; print them without those no longer used: the last step."`
}

// keyRotateCmd rotates the master key. It may run beside a server, and be cut off
// and run again.
type keyRotateCmd struct{ departmentFlags }

// Run rotates and says what was done.
func (c *keyRotateCmd) Run(e *env) (err error) {
	d, err := c.openExisting(e)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	report, err := d.Ring.Rotate(e.ctx, d.Gate, access.Console())
	if err != nil {
		return err
	}
	_, _ = fmt.Fprintf(e.stderr, "%d record keys are under master key %08x now.\n", report.Rewrapped, report.To)
	if report.Drop {
		_, _ = fmt.Fprintln(e.stderr, "Now put the output of `chartroom key drop` in the place of the keys.")
	}
	return nil
}

type keyNewCmd struct{}

// Run prints fresh master keys.
func (keyNewCmd) Run(e *env) error {
	text, err := seal.NewKeys()
	return printKeys(e, text, err)
}

type keyNextCmd struct{}

// Run reads keys from standard input and prints them with one more.
func (keyNextCmd) Run(e *env) error { return filterKeys(e, seal.NextKeys) }

type keyDropCmd struct{}

// Run reads keys from standard input and prints the one in use.
func (keyDropCmd) Run(e *env) error { return filterKeys(e, seal.OnlyPrimary) }

const maxKeys = 1 << 20 // bytes of master keys read

func filterKeys(e *env, filter func([]byte) ([]byte, error)) error {
	text, err := io.ReadAll(io.LimitReader(e.stdin, maxKeys))
	if err != nil {
		return fmt.Errorf("read the master keys: %w", err)
	}
	text, err = filter(text)
	return printKeys(e, text, err)
}

func printKeys(e *env, text []byte, err error) error {
	if err != nil {
		return err
	}
	if _, err := e.stdout.Write(text); err != nil {
		return fmt.Errorf("write the master keys: %w", err)
	}
	return nil
}
