// Package store keeps the department's database. Only package gate imports it.
//
// Two engines stand behind one interface: SQLite, embedded, for one server, and
// PostgreSQL for a department that has one. Both take the same queries, with $1
// placeholders, and give the same guarantees:
//
//   - A change is all or nothing, and durable when Change returns nil: the
//     engine has flushed it to the disk.
//   - Changes are serial: each sees every change that was answered before it
//     began, and none that is half done.
//   - A read sees one snapshot, which nobody changes under it.
//   - The first statement that fails ends its transaction. There is no going on
//     after an error, as PostgreSQL has it; use ON CONFLICT where a conflict is
//     part of the plan.
//   - A transaction has one open result set at a time.
//
// On SQLite one goroutine owns the only connection that writes. It takes what
// waits in its queue, runs each change in a savepoint of its own inside one
// transaction, commits once, and only then answers. So a hundred clients cost
// one flush of the disk, not a hundred.
package store

import (
	"context"
	"strings"
)

// Config says where the database is.
type Config struct {
	Dir      string // folder of the embedded database; used when Database is ""
	Database string // address of a PostgreSQL database, or ""
}

// Store is an open database.
type Store interface {
	// Change runs fn in a transaction that may write. It returns nil only when
	// the transaction is durable. If ctx ends before fn starts, fn is not run;
	// once started, the change is finished whatever becomes of ctx. fn may be
	// run more than once; only its last run counts.
	Change(ctx context.Context, fn func(*Tx) error) error
	// Read runs fn on a snapshot that cannot be written to.
	Read(ctx context.Context, fn func(*Tx) error) error
	// Health says whether the database answers and takes changes.
	Health(ctx context.Context) error
	// Close finishes the changes that were started and closes the database.
	Close() error
}

// Open opens the database, creating it if it is new, and brings its tables up
// to date.
func Open(ctx context.Context, c Config) (Store, error) {
	if c.Database != "" {
		return openPostgres(ctx, c.Database)
	}
	s, err := openSQLite(ctx, c.Dir, production())
	if err != nil {
		return nil, err
	}
	return s, nil
}

// Redact gives the address of a database without its password, for logs.
func Redact(address string) string {
	at := strings.LastIndex(address, "@")
	scheme := strings.Index(address, "://")
	if at < 0 || scheme < 0 || at < scheme {
		return address
	}
	return address[:scheme+3] + "…" + address[at:]
}
