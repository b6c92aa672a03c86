package store

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// Errors that callers tell apart.
var (
	ErrClosed = errors.New("the database is closed")
	ErrNested = errors.New("the gate was used inside one of its own actions; use the transaction at hand")
	ErrEnded  = errors.New("the transaction has ended")
	ErrBusy   = errors.New("too many changes to the same facts at once; try again")
)

// SQLSTATE codes of PostgreSQL that the store acts on.
const (
	stateSerialization = "40001"
	stateDeadlock      = "40P01"
	stateUnique        = "23505"
)

// statementError is the error of a statement, with a text that holds none of its
// values.
type statementError struct {
	text string
	err  error
}

func (e *statementError) Error() string { return e.text }
func (e *statementError) Unwrap() error { return e.err }

// redacted gives the error of a statement a text without values, which may be
// a patient's. PostgreSQL and its driver quote a value that does not fit.
func redacted(err error) error {
	if err == nil {
		return nil
	}
	text := err.Error()
	if state := postgresState(err); strings.HasPrefix(state, "22") {
		text = "a value does not fit (SQLSTATE " + state + ")"
	} else if strings.Contains(text, "failed to encode args") {
		text = "a value does not fit the type of its argument"
	}
	return &statementError{text: "database: " + text, err: err}
}

// givenUp is the error of an action whose caller gave up before it could start.
func givenUp(ctx context.Context) error { return fmt.Errorf("given up: %w", context.Cause(ctx)) }

// IsUnique says whether a statement failed because a value that must be unique
// is there already.
func IsUnique(err error) bool {
	if e, ok := errors.AsType[*sqlite.Error](err); ok {
		return e.Code() == sqlite3.SQLITE_CONSTRAINT_UNIQUE || e.Code() == sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY
	}
	return postgresState(err) == stateUnique
}

// postgresState gives the SQLSTATE of an error, "" if it has none.
func postgresState(err error) string {
	if e, ok := errors.AsType[*pgconn.PgError](err); ok {
		return e.Code
	}
	return ""
}
