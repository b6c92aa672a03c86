package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
)

// errBadConn makes database/sql drop a connection instead of keeping it.
var errBadConn = driver.ErrBadConn

// SQLSTATE codes that mean: run the change again.
const (
	stateSerialization = "40001"
	stateDeadlock      = "40P01"
	stateUnique        = "23505"
)

// maxRuns bounds how often a change is run that keeps colliding with others.
const maxRuns = 12

// postgres is the departmental engine.
type postgres struct {
	db     *sql.DB
	inside inside
}

func openPostgres(ctx context.Context, address string) (Store, error) {
	config, err := pgx.ParseConfig(address)
	if err != nil {
		return nil, fmt.Errorf("the address of the database cannot be read: %w", err)
	}
	config.RuntimeParams["application_name"] = "chartroom"
	config.RuntimeParams["lock_timeout"] = "30000"
	config.RuntimeParams["idle_in_transaction_session_timeout"] = "300000"
	db := stdlib.OpenDB(*config)
	db.SetMaxOpenConns(32)
	db.SetMaxIdleConns(32)
	db.SetConnMaxIdleTime(10 * time.Minute)
	if err := migrate(ctx, db, goose.DialectPostgres); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return &postgres{db: db}, nil
}

// Change runs fn in a serializable transaction, again if it collided.
func (p *postgres) Change(ctx context.Context, fn func(*Tx) error) error {
	leave, ok := p.inside.enter()
	if !ok {
		return ErrNested
	}
	defer leave()
	var err error
	for run := range maxRuns {
		if run > 0 {
			pause := time.NewTimer(retryDelay(run, time.Duration(rand.Int64N(int64(time.Second)))))
			select {
			case <-pause.C:
			case <-ctx.Done():
				pause.Stop()
				return context.Cause(ctx)
			}
		}
		err = p.attempt(ctx, "BEGIN ISOLATION LEVEL SERIALIZABLE", "COMMIT", false, fn)
		state := postgresState(err)
		again := state == stateSerialization || state == stateDeadlock || state == stateUnique && run == 0
		if !again {
			return err
		}
	}
	return errors.Join(ErrBusy, err)
}

func (p *postgres) Read(ctx context.Context, fn func(*Tx) error) error {
	leave, ok := p.inside.enter()
	if !ok {
		return ErrNested
	}
	defer leave()
	return p.attempt(ctx, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", "ROLLBACK", true, fn)
}

func (p *postgres) attempt(ctx context.Context, begin, end string, readOnly bool, fn func(*Tx) error) (err error) {
	conn, err := p.db.Conn(ctx)
	if err != nil {
		return fmt.Errorf("connecting to the database: %w", err)
	}
	s := &session{conn: conn, prepared: map[string]*sql.Stmt{}}
	defer func() { _ = s.close() }()
	calm := context.WithoutCancel(ctx)
	if _, err := conn.ExecContext(calm, begin); err != nil {
		return fmt.Errorf("starting a transaction: %w", err)
	}
	t := &Tx{s: s, readOnly: readOnly}
	finished := false
	defer func() {
		if finished {
			return
		}
		t.ended = true
		if _, undo := conn.ExecContext(calm, "ROLLBACK"); undo != nil {
			_ = conn.Raw(func(any) error { return errBadConn })
		}
	}()
	if err := t.run(fn); err != nil {
		return err
	}
	if _, err := conn.ExecContext(calm, end); err != nil {
		return fmt.Errorf("not saved, the commit failed: %w", err)
	}
	finished = true
	return nil
}

func (p *postgres) Health(ctx context.Context) error {
	if err := p.db.PingContext(ctx); err != nil {
		return fmt.Errorf("reading the database: %w", err)
	}
	return nil
}

func (p *postgres) Close() error { return p.db.Close() }

// postgresState gives the SQLSTATE of an error, "" if it has none.
func postgresState(err error) string {
	var e *pgconn.PgError
	if !errors.As(err, &e) {
		return ""
	}
	return e.Code
}
