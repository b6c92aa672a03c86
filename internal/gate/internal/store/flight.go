package store

import (
	"bytes"
	"context"
	"database/sql/driver"
	"errors"
	"io"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
)

// flight is what a change on PostgreSQL has to say that nobody waits for: BEGIN,
// and the statements given to Later. It leaves with the next statement whose
// answer is wanted, or with COMMIT, so that all of it costs one round trip. The
// server stops at the first statement that fails, and so never reaches a COMMIT
// behind it.
type flight struct {
	raw    *pgx.Conn
	begun  bool // the server has begun the transaction
	queued []queued
	bytes  int
}

type queued struct {
	query   string
	args    []any
	outcome *outcome // nil where nobody asks
}

// What a flight holds at most before it leaves by itself.
const (
	flightStatements = 64
	flightBytes      = 1 << 20
)

// depart starts a transaction that begins with the first statement sent.
func (c *conn) depart(begin string) error {
	raw, ok := c.raw.(*stdlib.Conn)
	if !ok {
		return errors.New("the connection is not one to PostgreSQL")
	}
	c.flight = &flight{raw: raw.Conn()}
	c.flight.queue(begin, nil, nil)
	return nil
}

// queue keeps a statement until the flight leaves. Bytes are copied, for their
// owner may go on using them.
func (f *flight) queue(query string, args []driver.NamedValue, o *outcome) {
	values := make([]any, len(args))
	for i, a := range args {
		values[i] = a.Value
		switch v := a.Value.(type) {
		case []byte:
			values[i] = bytes.Clone(v)
			f.bytes += len(v)
		case string:
			f.bytes += len(v)
		}
	}
	f.queued = append(f.queued, queued{query, values, o})
}

func (f *flight) full() bool { return len(f.queued) >= flightStatements || f.bytes >= flightBytes }

// send sends what is queued and reads the answers of all but the last, which it
// leaves to the caller. It gives nil for the answers where a statement failed.
func (f *flight) send(ctx context.Context) (pgx.BatchResults, *outcome, error) {
	sent := f.queued
	f.queued, f.bytes = nil, 0
	var batch pgx.Batch
	for _, q := range sent {
		batch.Queue(q.query, q.args...)
	}
	results := f.raw.SendBatch(ctx, &batch)
	last := len(sent) - 1
	for _, q := range sent[:last] {
		if _, err := f.read(results, q.outcome); err != nil {
			_ = results.Close() // repeats the error
			return nil, nil, err
		}
	}
	return results, sent[last].outcome, nil
}

// read reads the answer of a statement that gives no rows. The first answer of all
// is that of BEGIN.
func (f *flight) read(results pgx.BatchResults, o *outcome) (pgconn.CommandTag, error) {
	tag, err := results.Exec()
	if err != nil {
		return tag, redacted(err)
	}
	f.begun = true
	if o != nil {
		o.known, o.rows = true, tag.RowsAffected()
	}
	return tag, nil
}

// last sends what is queued and reads the answer of the last statement, which
// gives no rows.
func (f *flight) last(ctx context.Context) (pgconn.CommandTag, error) {
	results, o, err := f.send(ctx)
	if err != nil {
		return pgconn.CommandTag{}, err
	}
	tag, err := f.read(results, o)
	if closed := results.Close(); err == nil {
		err = redacted(closed)
	}
	return tag, err
}

// run is last for a statement that is not the store's own.
func (f *flight) run(ctx context.Context) (driver.Result, error) {
	tag, err := f.last(ctx)
	if err != nil {
		return nil, err
	}
	return driver.RowsAffected(tag.RowsAffected()), nil
}

// rows sends what is queued and gives the rows of the last statement.
func (f *flight) rows(ctx context.Context) (driver.Rows, error) {
	results, _, err := f.send(ctx)
	if err != nil {
		return nil, err
	}
	raw, err := results.Query()
	r := &arriving{Rows: raw, results: results, raw: f.raw}
	if err == nil {
		r.ahead = raw.Next() // tells of a statement that failed
		err = raw.Err()
	}
	if err != nil {
		raw.Close()
		_ = results.Close() // repeats the error
		return nil, redacted(err)
	}
	f.begun = true
	return r, nil
}

// commit sends what is queued with COMMIT behind it. PostgreSQL answers the COMMIT
// of a failed transaction with ROLLBACK, and calls that no error.
func (f *flight) commit(ctx context.Context) error {
	if !f.begun {
		if len(f.queued) == 1 {
			return nil // BEGIN alone: the change said nothing
		}
		// Were COMMIT in the same flight, a connection that turns out to be dead
		// would leave open whether the change was saved.
		if _, err := f.run(ctx); err != nil {
			return err
		}
	}
	f.queue("COMMIT", nil, nil)
	tag, err := f.last(ctx)
	if err != nil {
		return err
	}
	if tag.String() != "COMMIT" {
		return errors.New("the database rolled the transaction back")
	}
	return nil
}

// arriving are the rows of the last statement of a flight.
type arriving struct {
	pgx.Rows

	results pgx.BatchResults
	raw     *pgx.Conn
	ahead   bool // the first row has been read
	begun   bool // it was given out
}

// Columns gives their names.
func (r *arriving) Columns() []string {
	fields := r.FieldDescriptions()
	names := make([]string, len(fields))
	for i := range fields {
		names[i] = fields[i].Name
	}
	return names
}

// Next decodes the next row.
func (r *arriving) Next(dest []driver.Value) error {
	more := r.ahead
	if r.begun {
		more = r.Rows.Next()
	}
	r.begun = true
	if !more {
		if err := r.Err(); err != nil {
			return err //nolint:wrapcheck // the caller redacts it
		}
		return io.EOF
	}
	types := r.raw.TypeMap()
	fields := r.FieldDescriptions()
	for i, raw := range r.RawValues() {
		known, ok := types.TypeForOID(fields[i].DataTypeOID)
		if raw == nil || !ok {
			dest[i] = textOrNull(raw)
			continue
		}
		v, err := known.Codec.DecodeDatabaseSQLValue(types, fields[i].DataTypeOID, fields[i].Format, raw)
		if err != nil {
			return err //nolint:wrapcheck // the caller redacts it
		}
		dest[i] = v
	}
	return nil
}

func textOrNull(raw []byte) driver.Value {
	if raw == nil {
		return nil
	}
	return string(raw)
}

// Close reads what is left.
func (r *arriving) Close() error {
	r.Rows.Close()
	if err := r.results.Close(); err != nil {
		return err //nolint:wrapcheck // the caller redacts it
	}
	return r.Err() //nolint:wrapcheck // likewise
}
