package store

import (
	"errors"

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

// IsUnique says whether a statement failed because a value that must be unique
// is there already.
func IsUnique(err error) bool {
	var e *sqlite.Error
	if errors.As(err, &e) {
		return e.Code() == sqlite3.SQLITE_CONSTRAINT_UNIQUE || e.Code() == sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY
	}
	return postgresState(err) == stateUnique
}

// postgresState gives the SQLSTATE of an error, "" if it has none.
func postgresState(err error) string {
	var e *pgconn.PgError
	if !errors.As(err, &e) {
		return ""
	}
	return e.Code
}
