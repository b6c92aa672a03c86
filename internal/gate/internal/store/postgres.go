package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
)

// maxRuns bounds how often a change is run that keeps colliding with others.
const maxRuns = 20

// Both kinds of transaction see one snapshot. A change is serializable: were it
// not, code that is right on SQLite, where changes run one after another, could
// be wrong here.
const (
	beginChange = "BEGIN ISOLATION LEVEL SERIALIZABLE"
	beginRead   = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
)

// One schema is brought up to date by one server at a time.
const (
	sqlLockMigrations   = "SELECT pg_advisory_lock(hashtextextended('chartroom ' || current_schema(), 0))"
	sqlUnlockMigrations = "SELECT pg_advisory_unlock(hashtextextended('chartroom ' || current_schema(), 0))"
)

// postgres is the engine of a department that has a PostgreSQL server.
type postgres struct {
	house *house
	pool  *pool
	crowd *crowd
}

// changesAtOnce bounds the changes that run side by side; readsBeside are the
// connections kept for reads besides.
const (
	changesAtOnce = 16
	readsBeside   = 16
)

func openPostgres(ctx context.Context, address string) (Store, error) {
	config, err := pgx.ParseConfig(address)
	if err != nil {
		return nil, errors.New("the address of the database cannot be read; it looks like postgres://user@host/database")
	}
	if config.RuntimeParams["application_name"] == "" {
		config.RuntimeParams["application_name"] = "chartroom"
	}
	maps.Copy(config.RuntimeParams, map[string]string{
		"synchronous_commit":                  "on",
		"enable_seqscan":                      "off", // who reads a small table whole collides with all who write to it
		"idle_in_transaction_session_timeout": "5min",
	})
	if err := setUpPostgres(ctx, *config); err != nil {
		return nil, err
	}
	config.RuntimeParams["lock_timeout"] = "30s" // bringing tables up to date may take longer
	connector := stdlib.GetConnector(*config)
	connect := func(ctx context.Context) (*conn, error) { return newConn(ctx, connector, true) }
	return &postgres{
		house: newHouse(),
		pool:  newPool(changesAtOnce+readsBeside, connect),
		crowd: newCrowd(changesAtOnce),
	}, nil
}

func setUpPostgres(ctx context.Context, config pgx.ConnConfig) (err error) {
	db := stdlib.OpenDB(config)
	defer func() { err = errors.Join(err, db.Close()) }()
	var flushes string
	if err := db.QueryRowContext(ctx, "SHOW fsync").Scan(&flushes); err != nil {
		return fmt.Errorf("connecting to the database: %w", err)
	}
	if flushes != "on" {
		return errors.New("the PostgreSQL server does not flush to its disk (fsync=off); what it confirms could be lost")
	}
	// Several servers may start on one database at once. goose's own lock asks
	// every few seconds; this one waits.
	lock, err := db.Conn(ctx)
	if err != nil {
		return fmt.Errorf("connecting to the database: %w", err)
	}
	defer func() { err = errors.Join(err, lock.Close()) }()
	if _, err := lock.ExecContext(ctx, sqlLockMigrations); err != nil {
		return fmt.Errorf("waiting for another server to bring the tables up to date: %w", err)
	}
	err = migrate(ctx, db, goose.DialectPostgres)
	return errors.Join(err, unlockMigrations(ctx, lock))
}

func unlockMigrations(ctx context.Context, lock *sql.Conn) error {
	if _, err := lock.ExecContext(context.WithoutCancel(ctx), sqlUnlockMigrations); err != nil {
		return fmt.Errorf("bringing the tables up to date: %w", err)
	}
	return nil
}

// Change runs fn in a serializable transaction, and again where it collided
// with another.
func (p *postgres) Change(ctx context.Context, fn func(*Tx) error) error {
	if nested() {
		return ErrNested
	}
	for run := 0; ; run++ {
		again, err := p.attempt(ctx, run, fn)
		switch {
		case !again:
			return err
		case run == maxRuns:
			return errors.Join(ErrBusy, err)
		}
		if err := pause(ctx, run); err != nil {
			return err
		}
	}
}

// attempt runs a change once and says whether it is to run again.
func (p *postgres) attempt(ctx context.Context, run int, fn func(*Tx) error) (again bool, err error) {
	if err := p.crowd.enter(ctx); err != nil {
		return false, err
	}
	defer func() { p.crowd.leave(again) }()
	err = p.transact(ctx, beginChange, fn)
	return collided(err, run), err
}

// collided says whether a change that ended with err on the given run is to run
// again. PostgreSQL may tell of a collision as a value that is there already,
// which a second run then sees before it writes.
func collided(err error, run int) bool {
	switch postgresState(err) {
	case stateSerialization, stateDeadlock:
		return true
	case stateUnique:
		return run == 0
	}
	return false
}

// pause waits after a run: longer each time, and not all alike.
func pause(ctx context.Context, run int) error {
	most := time.Millisecond << min(run, 6)
	timer := time.NewTimer(rand.N(most)) //nolint:gosec // spreads those that collided; guards nothing
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return givenUp(ctx)
	}
}

func (p *postgres) Read(ctx context.Context, fn func(*Tx) error) error {
	if nested() {
		return ErrNested
	}
	return p.transact(ctx, beginRead, fn)
}

// transact runs fn in one transaction. Where a connection has died while it lay
// idle, and so nothing was begun, it takes a new one.
func (p *postgres) transact(ctx context.Context, begin string, fn func(*Tx) error) error {
	begun := false
	attempt := func() error {
		return p.pool.with(ctx, func(c *conn) (bool, error) {
			calm := context.WithoutCancel(ctx)
			t := &Tx{c: c, house: p.house, readOnly: begin == beginRead}
			if t.readOnly {
				if err := c.control(calm, begin); err != nil {
					return false, fmt.Errorf("starting a transaction: %w", err)
				}
				begun = true
				return finish(calm, c, t, fn)
			}
			if err := c.depart(begin); err != nil {
				return false, err
			}
			defer func() {
				begun = c.flight.begun || !c.flight.raw.IsClosed()
				c.flight = nil
			}()
			return finish(calm, c, t, fn)
		})
	}
	err := attempt()
	if err == nil || begun || errors.Is(err, ErrClosed) || ctx.Err() != nil {
		return err
	}
	if err := p.pool.drop(); err != nil && ctx.Err() != nil {
		return err
	}
	return attempt()
}

// finish runs fn in the transaction that was begun on c and ends it. It says
// whether c can be used again.
func finish(ctx context.Context, c *conn, t *Tx, fn func(*Tx) error) (fit bool, err error) {
	committed := false
	defer func() {
		if !committed {
			fit = c.rollback(ctx)
		}
	}()
	if err := t.run(fn); err != nil {
		return false, err
	}
	if t.readOnly {
		return false, nil
	}
	if err := c.flight.commit(ctx); err != nil {
		return false, notSaved(err)
	}
	committed = true
	return true, nil
}

// rollback ends a transaction without saving it, and says whether c can be used
// again.
func (c *conn) rollback(ctx context.Context) bool {
	if c.flight != nil {
		c.flight.queued = nil
		if !c.flight.begun {
			return !c.flight.raw.IsClosed()
		}
	}
	return c.control(ctx, "ROLLBACK") == nil
}

func (p *postgres) Health(ctx context.Context) error {
	var readOnly string
	err := p.Read(ctx, func(t *Tx) error {
		return t.QueryRow(ctx, "SELECT current_setting('default_transaction_read_only')").Scan(&readOnly)
	})
	if err != nil {
		return fmt.Errorf("reading the database: %w", err)
	}
	if readOnly != "off" {
		return errors.New("writing to the database: the server takes no changes")
	}
	return nil
}

func (p *postgres) Close() error { return errors.Join(p.pool.close(), p.house.close()) }
