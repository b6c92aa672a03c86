package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"net/url"
	"runtime"
	"slices"
	"strings"

	"github.com/pressly/goose/v3"
	"modernc.org/sqlite"
)

// engine is a build of SQLite and the disk below it. Chartroom runs on
// production alone; the power-loss suite brings one whose disk it can cut.
type engine struct {
	prepare func(dir string) (path string, err error) // makes the file ready
	open    func(dsn string) (driver.Connector, error)
	pragmas []string // of every connection
	writing []string // of the connection that writes, besides
}

// production is SQLite without cgo on the disk of the machine.
func production() engine {
	return engine{
		prepare: prepareFile,
		open:    sqlite.NewConnector,
		pragmas: []string{
			"busy_timeout(10000)", // another process, such as an import beside the server, has its turn
			"foreign_keys(1)",
			// Flushes the write-ahead log at each commit. With less, a power cut
			// takes back what was answered.
			"synchronous(FULL)",
			"cache_size(-16384)", // 16 MB
			"temp_store(MEMORY)", // nothing of a patient in files beside the database
			"trusted_schema(0)",
		},
		writing: []string{
			"journal_mode(WAL)",
			"cache_size(-65536)", // 64 MB
			// The log is carried over into the database every 16 MB, and cut
			// back if it grew beyond 64 MB while a long read kept it.
			"wal_autocheckpoint(4000)",
			"journal_size_limit(67108864)",
		},
	}
}

func (e engine) dsn(path string, write bool) string {
	v := url.Values{"_dqs": {"0"}, "_defensive": {"1"}}
	if write {
		v.Set("mode", "rwc")
		v["_pragma"] = slices.Concat(e.pragmas, e.writing)
	} else {
		v.Set("mode", "ro")
		v["_pragma"] = slices.Concat(e.pragmas, []string{"query_only(1)"})
	}
	u := url.URL{Scheme: "file", Opaque: (&url.URL{Path: path}).EscapedPath(), RawQuery: v.Encode()}
	return u.String()
}

// embedded is the engine that comes with Chartroom.
type embedded struct {
	house   *house
	writer  *writer
	readers *pool
}

func openSQLite(ctx context.Context, dir string, e engine) (*embedded, error) {
	path, err := e.prepare(dir)
	if err != nil {
		return nil, err
	}
	forWriting, err := e.open(e.dsn(path, true))
	if err != nil {
		return nil, fmt.Errorf("opening the database: %w", err)
	}
	forReading, err := e.open(e.dsn(path, false))
	if err != nil {
		return nil, fmt.Errorf("opening the database: %w", err)
	}
	connectTo := func(to driver.Connector) func(context.Context) (*conn, error) {
		return func(ctx context.Context) (*conn, error) { return newConn(ctx, to, false) }
	}
	write, err := connectTo(forWriting)(ctx)
	if err != nil {
		return nil, err
	}
	if err := setUpSQLite(ctx, write, forWriting); err != nil {
		return nil, errors.Join(err, write.close())
	}
	h := newHouse()
	return &embedded{
		house:   h,
		writer:  startWriter(h, write, connectTo(forWriting)), //nolint:contextcheck // lives until Close
		readers: newPool(max(4, 2*runtime.GOMAXPROCS(0)), connectTo(forReading)),
	}, nil
}

func setUpSQLite(ctx context.Context, c *conn, to driver.Connector) error {
	var mode string
	c.ctx = ctx
	if err := c.db.QueryRowContext(ctx, "PRAGMA journal_mode").Scan(&mode); err != nil {
		return fmt.Errorf("opening the database: %w", err)
	}
	if !strings.EqualFold(mode, "wal") {
		return fmt.Errorf("the folder of the database does not allow a write-ahead log (journal mode %s); use a local disk", mode)
	}
	db := sql.OpenDB(to)
	db.SetMaxOpenConns(1)
	return errors.Join(migrate(ctx, db, goose.DialectSQLite3), db.Close())
}

func (s *embedded) Change(ctx context.Context, fn func(*Tx) error) error {
	if nested() {
		return ErrNested
	}
	return s.writer.do(ctx, fn)
}

func (s *embedded) Read(ctx context.Context, fn func(*Tx) error) error {
	if nested() {
		return ErrNested
	}
	return s.readers.with(ctx, func(c *conn) (fit bool, err error) {
		calm := context.WithoutCancel(ctx)
		if err := c.control(calm, "BEGIN"); err != nil {
			return false, fmt.Errorf("starting a read: %w", err)
		}
		defer func() { fit = c.control(calm, "ROLLBACK") == nil }()
		t := &Tx{c: c, house: s.house, readOnly: true}
		return true, t.run(fn)
	})
}

// Health asks through both doors: a snapshot, and an empty change, which waits
// its turn in the queue.
func (s *embedded) Health(ctx context.Context) error {
	err := s.Read(ctx, func(t *Tx) error {
		var one int
		return t.QueryRow(ctx, "SELECT 1").Scan(&one)
	})
	if err != nil {
		return fmt.Errorf("reading the database: %w", err)
	}
	if err := s.Change(ctx, func(*Tx) error { return nil }); err != nil {
		return fmt.Errorf("writing to the database: %w", err)
	}
	return nil
}

func (s *embedded) Close() error {
	return errors.Join(s.readers.close(), s.writer.close(), s.house.close())
}
