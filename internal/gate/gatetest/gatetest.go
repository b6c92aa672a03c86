// Package gatetest gives tests a gate on a real database: a new one for each
// test, closed and gone after it. The database is never mocked.
package gatetest

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"

	"chartroom/internal/gate"
	"chartroom/internal/testenv"
)

// Actor is the actor for tests that do not care who acts.
func Actor() gate.Actor {
	return gate.Actor{ID: "test", Kind: gate.Program, Name: "Test", Roles: []string{"administrator"}}
}

// Permit is the policy that permits everything.
type Permit struct{}

// Decide permits.
func (Permit) Decide(context.Context, *gate.Tx, gate.Request) error { return nil }

// Refuse is a policy that refuses the actions named and permits all others.
type Refuse []gate.Action

// Decide refuses the actions named.
func (r Refuse) Decide(_ context.Context, _ *gate.Tx, req gate.Request) error {
	for _, a := range r {
		if a == req.Action {
			return &gate.Denied{Request: req, Why: "the test does not permit " + string(a)}
		}
	}
	return nil
}

// Recorder keeps entries in a table of the same database, in the action's
// transaction, as the real log does. The zero value is ready; one Recorder
// serves one database.
type Recorder struct {
	mu   sync.Mutex
	fail error
	made bool
}

// FailWith makes the recorder fail from now on; nil mends it.
func (r *Recorder) FailWith(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.fail = err
}

const (
	sqlMakeEntries  = `CREATE TABLE IF NOT EXISTS test_entry (id TEXT PRIMARY KEY, at BIGINT NOT NULL, entry TEXT NOT NULL)`
	sqlInsertEntry  = `INSERT INTO test_entry (id, at, entry) VALUES ($1, $2, $3)`
	sqlSelectEntry  = `SELECT entry FROM test_entry ORDER BY at, id`
	actionOfEntries = gate.Action("test.entries")
)

// Record writes e.
func (r *Recorder) Record(ctx context.Context, tx *gate.Tx, e gate.Entry) error {
	r.mu.Lock()
	fail, made := r.fail, r.made
	r.mu.Unlock()
	if fail != nil {
		return fail
	}
	if !made {
		if _, err := tx.Exec(ctx, sqlMakeEntries); err != nil {
			return fmt.Errorf("making the table of entries: %w", err)
		}
		tx.OnCommit(func() {
			r.mu.Lock()
			r.made = true
			r.mu.Unlock()
		})
	}
	text, err := json.Marshal(e)
	if err != nil {
		return fmt.Errorf("writing an entry as JSON: %w", err)
	}
	_, err = tx.Later(ctx, sqlInsertEntry, e.ID, e.At.UnixMicro(), string(text))
	return err
}

// Entries gives what was recorded on g, oldest first, without the entries of
// Entries itself.
func Entries(tb testing.TB, g *gate.Gate) []gate.Entry {
	tb.Helper()
	ctx := context.Background()
	var entries []gate.Entry
	err := g.Read(ctx, Actor(), actionOfEntries, gate.Department(), func(tx *gate.Tx) (err error) {
		entries = nil
		rows, err := tx.Query(ctx, sqlSelectEntry)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, rows.Close()) }()
		for rows.Next() {
			var e gate.Entry
			if err := readEntry(rows, &e); err != nil {
				return fmt.Errorf("reading an entry: %w", err)
			}
			if e.Action != actionOfEntries && e.Action != actionOfSetUp {
				entries = append(entries, e)
			}
		}
		return rows.Err()
	})
	if err != nil {
		tb.Fatalf("reading the entries: %v", err)
	}
	return entries
}

func readEntry(rows *sql.Rows, e *gate.Entry) error {
	var text string
	if err := rows.Scan(&text); err != nil {
		return err //nolint:wrapcheck // wrapped above
	}
	return json.Unmarshal([]byte(text), e) //nolint:wrapcheck // wrapped above
}

const actionOfSetUp = gate.Action("test.setup")

// Option changes the configuration of a test's gate.
type Option func(*gate.Config)

// Open opens a gate on SQLite in a folder of the test's own. It permits
// everything and records into a Recorder, unless options say otherwise.
func Open(tb testing.TB, options ...Option) *gate.Gate {
	tb.Helper()
	return open(tb, gate.Config{Dir: tb.TempDir()}, options)
}

// OpenPostgres opens a gate on PostgreSQL in a schema of the test's own.
func OpenPostgres(tb testing.TB, options ...Option) *gate.Gate {
	tb.Helper()
	return open(tb, gate.Config{Database: PostgresSchema(tb)}, options)
}

// Both runs a test on SQLite and on PostgreSQL.
func Both(t *testing.T, test func(t *testing.T, g *gate.Gate), options ...Option) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { test(t, Open(t, options...)) })
	t.Run("postgres", func(t *testing.T) { test(t, OpenPostgres(t, options...)) })
}

func open(tb testing.TB, c gate.Config, options []Option) *gate.Gate {
	tb.Helper()
	ctx := context.Background()
	c.Policy, c.Recorder = Permit{}, &Recorder{}
	for _, o := range options {
		o(&c)
	}
	g, err := gate.Open(ctx, c)
	if err != nil {
		tb.Fatalf("opening the gate: %v", err)
	}
	tb.Cleanup(func() {
		if err := g.Close(); err != nil {
			tb.Errorf("closing the gate: %v", err)
		}
	})
	if _, ok := c.Recorder.(*Recorder); ok {
		// Makes the recorder's table, so that tests never collide over it.
		err := g.Change(ctx, Actor(), actionOfSetUp, gate.Department(), func(*gate.Tx) error { return nil })
		if err != nil {
			tb.Fatalf("making the table of entries: %v", err)
		}
	}
	return g
}

// PostgresSchema makes a schema for the test, dropped after it, and gives the
// address of the database with it.
func PostgresSchema(tb testing.TB) string {
	tb.Helper()
	address := testenv.Postgres(tb)
	config, err := pgx.ParseConfig(address)
	if err != nil {
		tb.Fatalf("the address of the test PostgreSQL cannot be read: %v", err)
	}
	db := stdlib.OpenDB(*config)
	schema := "test_" + gate.NewID()
	run(tb, db, "CREATE SCHEMA "+schema)
	tb.Cleanup(func() {
		run(tb, db, "DROP SCHEMA "+schema+" CASCADE")
		if err := db.Close(); err != nil {
			tb.Errorf("closing the test PostgreSQL: %v", err)
		}
	})
	if !strings.Contains(address, "://") {
		return address + " search_path=" + schema
	}
	u, err := url.Parse(address)
	if err != nil {
		tb.Fatalf("the address of the test PostgreSQL cannot be read: %v", err)
	}
	q := u.Query()
	q.Set("search_path", schema)
	u.RawQuery = q.Encode()
	return u.String()
}

func run(tb testing.TB, db *sql.DB, statement string) {
	tb.Helper()
	if _, err := db.ExecContext(context.Background(), statement); err != nil {
		tb.Errorf("%s: %v", statement, err)
	}
}
