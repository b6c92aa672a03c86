package gate

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"time"

	"chartroom/internal/gate/internal/store"
)

// Tx is the transaction of one action. It is good inside the function it was
// given to, on that goroutine, and refuses everything afterwards.
//
// Queries are plain SQL that both engines take, with $1 placeholders; they are
// prepared once and kept. Arguments are integers, floats, text, bytes or nil;
// times are microseconds since 1970 (UnixMicro), booleans 0 or 1. Text with a
// NUL or that is not UTF-8 is refused. After a statement fails the action has
// failed, whatever its function returns. One result set may be open at a time.
type Tx struct {
	s *store.Tx
	a *attempt

	notes   map[any]any
	refused error // what Policy said to About; the action fails with it
}

// perform asks the policy about the action's own subject and runs fn.
func (t *Tx) perform(ctx context.Context, fn func(*Tx) error) error {
	if err := t.About(ctx, t.a.subject); err != nil {
		return err
	}
	if err := fn(t); err != nil {
		return err
	}
	return t.refused
}

// Exec runs a statement that gives no rows.
func (t *Tx) Exec(ctx context.Context, query string, args ...any) (sql.Result, error) {
	return t.s.Exec(ctx, query, args...)
}

// Later is Exec for a statement whose outcome need not be known at once. On
// PostgreSQL it goes with the next statement of another kind, or with the commit,
// in one round trip; should it fail, that fails, and the action in any case. Its
// result waits for the answer. Its tables are there already.
func (t *Tx) Later(ctx context.Context, query string, args ...any) (sql.Result, error) {
	return t.s.Later(ctx, query, args...)
}

// Query runs a statement that gives rows. Close them before the next statement.
func (t *Tx) Query(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	return t.s.Query(ctx, query, args...)
}

// QueryRow runs a statement that gives one row. Scan it before the next
// statement; Scan returns sql.ErrNoRows where there is none.
func (t *Tx) QueryRow(ctx context.Context, query string, args ...any) *sql.Row {
	return t.s.QueryRow(ctx, query, args...)
}

// Note keeps a value for the rest of this run of the action, under a key of a type
// of the caller's own.
func (t *Tx) Note(key, value any) {
	if t.notes == nil {
		t.notes = map[any]any{}
	}
	t.notes[key] = value
}

// Noted gives what Note kept, nil where there is none.
func (t *Tx) Noted(key any) any { return t.notes[key] }

// Actor is who acts.
func (t *Tx) Actor() Actor { return t.a.actor }

// Now is the one instant of the whole action: UTC, in whole microseconds.
func (t *Tx) Now() time.Time { return t.a.at }

// EntryID is the identifier of the audit entry that this action writes. Every
// version of a fact stores it.
func (t *Tx) EntryID() string { return t.a.id }

// About adds a subject to the action: the policy is asked about it, and the
// entry lists it. A refusal fails the action, even if fn ignores it.
func (t *Tx) About(ctx context.Context, s Subject) error {
	if slices.Contains(t.a.subjects, s) {
		return t.refused
	}
	t.a.subjects = append(t.a.subjects, s)
	if err := t.a.gate.policy.Decide(ctx, t, t.a.request(s)); err != nil {
		t.refused = err
		return err
	}
	return nil
}

// AboutIf is About for the rows of a list: where the policy refuses the subject it
// says no, the row is to be left out, and the action goes on.
func (t *Tx) AboutIf(ctx context.Context, s Subject) (bool, error) {
	if slices.Contains(t.a.subjects, s) {
		return t.refused == nil, t.refused
	}
	err := t.a.gate.policy.Decide(ctx, t, t.a.request(s))
	if _, ok := errors.AsType[*Denied](err); ok {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	t.a.subjects = append(t.a.subjects, s)
	return true, nil
}

// Detail adds a small fact to the entry. It never holds patient data.
func (t *Tx) Detail(key, value string) {
	if t.a.detail == nil {
		t.a.detail = map[string]string{}
	}
	t.a.detail[key] = value
}

// Reason says in the entry why the action is taken.
func (t *Tx) Reason(text string) { t.a.reason = text }

// OnCommit has fn run after the action is durable, on the goroutine that called
// the gate. It does not run if the action fails.
func (t *Tx) OnCommit(fn func()) { t.a.hooks = append(t.a.hooks, fn) }
