package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
)

// conn is one connection to the database, used by one goroutine at a time.
//
// It stands below database/sql, which is here only because nothing else can
// make the *sql.Rows that domains read: statements that give no rows go to the
// driver directly. It keeps the statements prepared, and sees every error, also
// those that come while rows are read.
type conn struct {
	raw  driver.Conn
	exec driver.ExecerContext  // set where the driver prepares by itself
	ask  driver.QueryerContext // likewise
	kept map[string]statement  // otherwise: the statements prepared here

	db   *sql.DB         // of this connection alone
	ctx  context.Context //nolint:containedctx // of the statement that runs, past database/sql: see single
	open *rows           // the result set that is being read
	lost error           // the first error met while reading rows
	args []driver.NamedValue

	flight *flight // of the change under way on PostgreSQL
}

// maxKept bounds the statements kept prepared on one connection. The project's
// queries are constants, a few hundred in all.
const maxKept = 512

// statement is what the driver of SQLite gives.
type statement interface {
	driver.Stmt
	driver.StmtExecContext
	driver.StmtQueryContext
}

// newConn opens a connection. prepares says that the driver keeps statements
// prepared by itself.
func newConn(ctx context.Context, connector driver.Connector, prepares bool) (*conn, error) {
	raw, err := connector.Connect(ctx)
	if err != nil {
		return nil, fmt.Errorf("connecting to the database: %w", err)
	}
	c := &conn{raw: raw}
	if prepares {
		var executes, asks bool
		c.exec, executes = raw.(driver.ExecerContext)
		c.ask, asks = raw.(driver.QueryerContext)
		if !executes || !asks {
			return nil, errors.Join(errors.New("the database driver cannot run statements directly"), raw.Close())
		}
	} else {
		c.kept = map[string]statement{}
	}
	c.attach()
	return c, nil
}

// attach puts a fresh database/sql over the connection.
func (c *conn) attach() {
	c.db = sql.OpenDB(single{c})
	c.db.SetMaxOpenConns(1)
}

// run runs a statement that gives no rows.
func (c *conn) run(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	if c.flight != nil && len(c.flight.queued) > 0 {
		c.flight.queue(query, args, nil)
		return c.flight.run(ctx)
	}
	if c.exec != nil {
		result, err := c.exec.ExecContext(ctx, query, args)
		return result, redacted(err)
	}
	s, err := c.prepare(ctx, query)
	if err != nil {
		return nil, err
	}
	result, err := s.ExecContext(ctx, args)
	return result, redacted(err)
}

// control runs a statement of the store itself.
func (c *conn) control(ctx context.Context, query string) error {
	_, err := c.run(ctx, query, nil)
	return err
}

func (c *conn) query(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	if c.flight != nil && len(c.flight.queued) > 0 {
		c.flight.queue(query, args, nil)
		return c.flight.rows(ctx)
	}
	if c.ask != nil {
		rows, err := c.ask.QueryContext(ctx, query, args)
		return rows, redacted(err)
	}
	s, err := c.prepare(ctx, query)
	if err != nil {
		return nil, err
	}
	rows, err := s.QueryContext(ctx, args)
	return rows, redacted(err)
}

func (c *conn) prepare(ctx context.Context, query string) (statement, error) {
	if s, ok := c.kept[query]; ok {
		return s, nil
	}
	if len(c.kept) >= maxKept {
		c.forget()
	}
	preparer, ok := c.raw.(driver.ConnPrepareContext)
	if !ok {
		return nil, errors.New("the database driver cannot prepare statements")
	}
	prepared, err := preparer.PrepareContext(ctx, positional(query))
	if err != nil {
		return nil, redacted(err)
	}
	s, ok := prepared.(statement)
	if !ok {
		return nil, errors.Join(errors.New("the database driver cannot run prepared statements"), prepared.Close())
	}
	c.kept[query] = s
	return s, nil
}

func (c *conn) forget() {
	for query, s := range c.kept {
		_ = s.Close() // one that does not close goes with the connection
		delete(c.kept, query)
	}
}

// settle ends the result set that an action left open, and says whether there
// was one.
func (c *conn) settle() (leaked bool) {
	c.lost, c.ctx = nil, nil
	if c.open == nil {
		return false
	}
	_ = c.open.Close() // its error, if any, is that of the action
	// database/sql still counts on the rows being closed by their owner.
	_ = c.db.Close()
	c.attach()
	return true
}

func (c *conn) close() error {
	c.settle()
	c.forget()
	return errors.Join(c.db.Close(), c.raw.Close())
}

// single is the connector and the connection that database/sql sees. It never
// closes the connection below: that is the store's to do.
type single struct{ c *conn }

var errUnused = errors.New("not for use through database/sql")

func (s single) Connect(context.Context) (driver.Conn, error) { return s, nil }
func (s single) Driver() driver.Driver                        { return s }
func (single) Open(string) (driver.Conn, error)               { return nil, errUnused }
func (single) Prepare(string) (driver.Stmt, error)            { return nil, errUnused }
func (single) Begin() (driver.Tx, error)                      { return nil, errUnused }
func (single) Close() error                                   { return nil }

// QueryContext runs a query. ctx is that of conn.ctx, not the one given: were
// database/sql to know that it can end, it would watch it on a goroutine and
// close rows from there.
func (s single) QueryContext(_ context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	raw, err := s.c.query(s.c.ctx, query, args) //nolint:contextcheck // see above
	if err != nil {
		return nil, err
	}
	r := &rows{Rows: raw, c: s.c, ctx: s.c.ctx}
	s.c.open = r
	return r, nil
}

// rows watches a result set.
type rows struct {
	driver.Rows

	c   *conn
	ctx context.Context //nolint:containedctx // driver.Rows.Next is given none
}

func (r *rows) Next(dest []driver.Value) error {
	if r.c.open != r {
		return ErrEnded
	}
	if r.ctx.Err() != nil {
		return r.fail(givenUp(r.ctx))
	}
	if err := r.Rows.Next(dest); errors.Is(err, io.EOF) {
		return io.EOF // database/sql knows the end by this very value
	} else if err != nil {
		return r.fail(redacted(err))
	}
	for i, v := range dest {
		if b, ok := v.([]byte); ok && b == nil {
			dest[i] = []byte{} // SQLite's driver gives empty bytes so; NULL is a bare nil
		}
	}
	return nil
}

func (r *rows) fail(err error) error {
	if r.c.lost == nil {
		r.c.lost = err
	}
	return err
}

// Close ends the result set; closing it again does nothing.
func (r *rows) Close() error {
	if r.c.open != r {
		return nil
	}
	r.c.open = nil
	if err := r.Rows.Close(); err != nil {
		return r.fail(redacted(err))
	}
	return nil
}
