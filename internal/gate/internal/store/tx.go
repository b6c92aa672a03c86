package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"math"
	"strings"
	"time"
	"unicode/utf8"
)

// Tx is a transaction in progress. It belongs to the function it was given to,
// and to the goroutine that runs it.
type Tx struct {
	s        *session
	readOnly bool
	failed   error // the first statement that failed; nothing runs after it
	ended    bool
}

// Exec runs a statement that gives no rows.
func (t *Tx) Exec(ctx context.Context, query string, args ...any) (sql.Result, error) {
	stmt, ctx, err := t.prepare(ctx, query, args)
	if err != nil {
		return nil, err
	}
	result, err := stmt.ExecContext(ctx, args...)
	return result, t.note(err)
}

// Query runs a statement that gives rows. Close them before the next statement.
func (t *Tx) Query(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	stmt, ctx, err := t.prepare(ctx, query, args)
	if err != nil {
		return nil, err
	}
	rows, err := stmt.QueryContext(ctx, args...)
	return rows, t.note(err)
}

// QueryRow runs a statement that gives at most one row; its Scan tells of errors.
func (t *Tx) QueryRow(ctx context.Context, query string, args ...any) *sql.Row {
	stmt, ctx, err := t.prepare(ctx, query, args)
	if err != nil {
		return t.s.conn.QueryRowContext(ctx, "SELECT 1", refusal{err})
	}
	row := stmt.QueryRowContext(ctx, args...)
	_ = t.note(row.Err())
	return row
}

// refusal carries an error into a *sql.Row, which database/sql alone can make:
// binding it fails with that error.
type refusal struct{ err error }

func (r refusal) Value() (driver.Value, error) { return nil, r.err }

func (t *Tx) prepare(ctx context.Context, query string, args []any) (*sql.Stmt, context.Context, error) {
	if !t.readOnly {
		// A change that was started is finished: half-cancelled statements
		// would take the connection, and on SQLite the whole batch, with them.
		ctx = context.WithoutCancel(ctx)
	}
	if t.ended {
		return nil, ctx, ErrEnded
	}
	if t.failed != nil {
		return nil, ctx, fmt.Errorf("an earlier statement of this action failed: %w", t.failed)
	}
	if err := checkArgs(args); err != nil {
		return nil, ctx, t.note(err)
	}
	stmt, err := t.s.prepare(ctx, query)
	return stmt, ctx, t.note(err)
}

func (t *Tx) note(err error) error {
	if err != nil && t.failed == nil {
		t.failed = err
	}
	return err
}

// run calls fn and turns a panic into an error.
func (t *Tx) run(fn func(*Tx) error) (err error) {
	defer func() {
		t.ended = true
		if r := recover(); r != nil {
			err = newPanic(r)
		}
	}()
	if err := fn(t); err != nil {
		return err
	}
	if t.failed != nil {
		return fmt.Errorf("a statement of this action failed: %w", t.failed)
	}
	return nil
}

var (
	errNUL   = errors.New("text holds a NUL character, which a database cannot keep as text")
	errUTF8  = errors.New("text is not valid UTF-8")
	errNaN   = errors.New("number is not a number (NaN)")
	errBool  = errors.New("booleans are kept as 0 or 1")
	errTime  = errors.New("times are kept as microseconds since 1970 (UnixMicro)")
	errValue = errors.New("only integers, floats, text, bytes and NULL can be kept")
)

// checkArgs refuses what the two engines would keep differently, or only one of
// them would keep at all.
func checkArgs(args []any) error {
	for i, a := range args {
		if err := checkArg(a); err != nil {
			return fmt.Errorf("argument $%d: %w", i+1, err)
		}
	}
	return nil
}

func checkArg(a any) error {
	switch v := a.(type) {
	case nil, int, int64, int32, []byte:
		return nil
	case string:
		return checkText(v)
	case float64:
		if math.IsNaN(v) {
			return errNaN
		}
		return nil
	case bool, *bool, sql.NullBool:
		return errBool
	case time.Time, *time.Time, sql.NullTime:
		return errTime
	}
	v, err := driver.DefaultParameterConverter.ConvertValue(a)
	if err != nil {
		return errValue
	}
	switch v := v.(type) {
	case string:
		return checkText(v)
	case bool:
		return errBool
	case time.Time:
		return errTime
	}
	return nil
}

func checkText(s string) error {
	if strings.IndexByte(s, 0) >= 0 {
		return errNUL
	}
	if !utf8.ValidString(s) {
		return errUTF8
	}
	return nil
}
