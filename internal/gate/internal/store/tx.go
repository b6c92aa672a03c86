package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5/stdlib"
)

// Tx is a transaction in progress. It belongs to the function it was given to,
// and to the goroutine that runs it.
type Tx struct {
	c        *conn
	house    *house
	readOnly bool
	failed   error // the first statement that failed; nothing runs after it
	ended    bool
}

var (
	errOpenRows = errors.New("a result set of this action is still open; close it before the next statement")
	errLeaked   = errors.New("the action left a result set open")
)

// Exec runs a statement that gives no rows.
func (t *Tx) Exec(ctx context.Context, query string, args ...any) (sql.Result, error) {
	ctx = t.context(ctx)
	values, err := t.ready(ctx, query, args)
	if err != nil {
		return nil, err
	}
	result, err := t.c.run(ctx, query, values)
	if err != nil {
		return nil, t.fail(err)
	}
	return result, nil
}

// Later runs a statement that gives no rows and whose outcome is not wanted at
// once. On PostgreSQL it leaves with the next statement of another kind, or with
// COMMIT, and what it fails with fails that, or the action.
func (t *Tx) Later(ctx context.Context, query string, args ...any) (sql.Result, error) {
	if t.readOnly || t.c.flight == nil {
		return t.Exec(ctx, query, args...)
	}
	ctx = t.context(ctx)
	values, err := t.ready(ctx, query, args)
	if err != nil {
		return nil, err
	}
	o := &outcome{t: t, ctx: ctx}
	f := t.c.flight
	f.queue(query, values, o)
	if f.full() {
		return o, t.leave(ctx)
	}
	return o, nil
}

// leave sends what Later has gathered.
func (t *Tx) leave(ctx context.Context) error {
	if _, err := t.c.flight.run(ctx); err != nil {
		return t.fail(err)
	}
	return nil
}

// outcome is the result of a statement given to Later.
type outcome struct {
	t     *Tx
	ctx   context.Context //nolint:containedctx // sql.Result gives none
	known bool
	rows  int64
}

var errNoLastID = errors.New("there is no last inserted identifier; use RETURNING")

// LastInsertId is not known on PostgreSQL.
func (o *outcome) LastInsertId() (int64, error) { return 0, errNoLastID }

// RowsAffected is how many rows the statement touched.
func (o *outcome) RowsAffected() (int64, error) {
	if o.known {
		return o.rows, nil
	}
	if _, err := o.t.ready(o.ctx, "", nil); err != nil {
		return 0, err
	}
	return o.rows, o.t.leave(o.ctx)
}

// Query runs a statement that gives rows. Close them before the next statement.
func (t *Tx) Query(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	ctx = t.context(ctx)
	if _, err := t.ready(ctx, query, args); err != nil {
		return nil, err
	}
	t.c.ctx = ctx
	rows, err := t.c.db.QueryContext(context.WithoutCancel(ctx), query, args...)
	if err != nil {
		return nil, t.fail(err)
	}
	return rows, nil
}

// QueryRow runs a statement that gives at most one row; its Scan tells of
// errors, and must be called before the next statement.
func (t *Tx) QueryRow(ctx context.Context, query string, args ...any) *sql.Row {
	ctx = t.context(ctx)
	calm := context.WithoutCancel(ctx)
	if _, err := t.ready(ctx, query, args); err != nil {
		return t.house.refused.QueryRowContext(calm, query, refusal{err})
	}
	t.c.ctx = ctx
	row := t.c.db.QueryRowContext(calm, query, args...)
	if err := row.Err(); err != nil {
		_ = t.fail(err)
	}
	return row
}

// context is the context of a statement. A change that was started is finished
// whatever becomes of its caller: a statement cut short would take the
// connection, and on SQLite the whole batch, with it.
func (t *Tx) context(ctx context.Context) context.Context {
	if t.readOnly {
		return ctx
	}
	return context.WithoutCancel(ctx)
}

// ready checks that a statement may run now, and gives its arguments as the
// driver takes them.
func (t *Tx) ready(ctx context.Context, query string, args []any) ([]driver.NamedValue, error) {
	switch {
	case t.ended:
		return nil, ErrEnded
	case t.failed != nil:
		return nil, fmt.Errorf("an earlier statement of this action failed: %w", t.failed)
	case t.c.lost != nil:
		return nil, t.fail(fmt.Errorf("reading a result set failed: %w", t.c.lost))
	case t.c.open != nil:
		return nil, t.fail(errOpenRows)
	case ctx.Err() != nil:
		return nil, t.fail(givenUp(ctx))
	}
	shape := t.house.shape(query)
	if shape.err != nil {
		return nil, t.fail(shape.err)
	}
	if len(args) != shape.args {
		return nil, t.fail(fmt.Errorf("the statement takes %d arguments and was given %d", shape.args, len(args)))
	}
	t.c.args = t.c.args[:0]
	for i, a := range args {
		v, err := value(a)
		if err != nil {
			return nil, t.fail(fmt.Errorf("argument $%d: %w", i+1, err))
		}
		t.c.args = append(t.c.args, driver.NamedValue{Ordinal: i + 1, Value: v})
	}
	return t.c.args, nil
}

func (t *Tx) fail(err error) error {
	if t.failed == nil {
		t.failed = err
	}
	return err
}

// run calls fn and turns a panic into an error. Afterwards the transaction
// refuses everything, and no result set is open.
func (t *Tx) run(fn func(*Tx) error) (err error) {
	defer func() {
		t.ended = true
		if r := recover(); r != nil {
			err = newPanic(r)
		}
		lost := t.c.lost
		if t.c.settle() && err == nil {
			err = errLeaked
		}
		if lost != nil && err == nil {
			err = fmt.Errorf("reading a result set failed: %w", lost)
		}
	}()
	if err := perform(fn, t); err != nil {
		return err
	}
	if t.failed != nil {
		return fmt.Errorf("a statement of this action failed: %w", t.failed)
	}
	return nil
}

// refusal carries an error into a *sql.Row, which database/sql alone can make:
// turning it into an argument fails with that error.
type refusal struct{ err error }

func (r refusal) Value() (driver.Value, error) { return nil, r.err }

// Prepare says whether the engine understands a query, without running it.
func (t *Tx) Prepare(ctx context.Context, query string) error {
	if err := checkQuery(query); err != nil {
		return err
	}
	if raw, ok := t.c.raw.(*stdlib.Conn); ok {
		if _, err := raw.Conn().Prepare(ctx, "", query); err != nil {
			return t.fail(err)
		}
		return nil
	}
	_, err := t.c.prepare(ctx, query)
	return err
}
