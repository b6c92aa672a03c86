package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/pressly/goose/v3"
	_ "modernc.org/sqlite" // the embedded engine, without cgo
)

// FileName is the name of the embedded database in its folder.
const FileName = "chartroom.db"

// engine is a build of SQLite: production is the one Chartroom runs on. The
// power-loss suite puts another in its place, whose disk it can cut.
type engine struct {
	driver string                                     // name under database/sql
	dsn    func(path string, write bool) string       // address of the file
	path   func(dir string) (path string, err error)  // place of the file, made ready
	code   func(err error) (extended int, known bool) // SQLite's result code
}

var production = engine{driver: "sqlite", dsn: productionDSN, path: productionPath, code: productionCode}

// pragmas hold for every connection. synchronous=FULL flushes the write-ahead
// log at each commit: without it a power cut would take back what was answered.
var pragmas = []string{
	"busy_timeout(10000)",
	"foreign_keys(1)",
	"synchronous(FULL)",
	"cache_size(-65536)",
	"temp_store(MEMORY)",
	"trusted_schema(0)",
}

func productionDSN(path string, write bool) string {
	v := url.Values{"_dqs": {"0"}, "_defensive": {"1"}}
	for _, p := range pragmas {
		v.Add("_pragma", p)
	}
	if write {
		v.Set("mode", "rwc")
		v.Add("_pragma", "journal_mode(WAL)")
		v.Add("_pragma", "wal_autocheckpoint(4000)")
	} else {
		v.Set("mode", "ro")
		v.Add("_pragma", "query_only(1)")
	}
	u := url.URL{Scheme: "file", Opaque: (&url.URL{Path: path}).EscapedPath(), RawQuery: v.Encode()}
	return u.String()
}

func productionPath(dir string) (string, error) {
	if dir == "" {
		return "", errors.New("no folder was named for the database")
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", fmt.Errorf("making the folder of the database: %w", err)
	}
	path, err := filepath.Abs(filepath.Join(dir, FileName))
	if err != nil {
		return "", fmt.Errorf("finding the folder of the database: %w", err)
	}
	// SQLite would make the file readable to everybody; its log follows suit.
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return "", fmt.Errorf("making the database file: %w", err)
	}
	if err := f.Close(); err != nil {
		return "", fmt.Errorf("making the database file: %w", err)
	}
	return path, nil
}

// embedded is the engine that comes with Chartroom.
type embedded struct {
	writer *writer
	reader *readers
	inside inside
}

func openSQLite(ctx context.Context, dir string, e engine) (Store, error) {
	path, err := e.path(dir)
	if err != nil {
		return nil, err
	}
	write, err := sql.Open(e.driver, e.dsn(path, true))
	if err != nil {
		return nil, fmt.Errorf("opening the database: %w", err)
	}
	write.SetMaxOpenConns(1)
	s := &embedded{}
	if err := s.start(ctx, e, path, write); err != nil {
		return nil, errors.Join(err, write.Close())
	}
	return s, nil
}

func (s *embedded) start(ctx context.Context, e engine, path string, write *sql.DB) error {
	var mode string
	if err := write.QueryRowContext(ctx, "PRAGMA journal_mode").Scan(&mode); err != nil {
		return fmt.Errorf("opening the database: %w", err)
	}
	if !strings.EqualFold(mode, "wal") {
		return fmt.Errorf("the folder of the database does not allow a write-ahead log (journal mode %s); use a local disk", mode)
	}
	if err := migrate(ctx, write, goose.DialectSQLite3); err != nil {
		return err
	}
	read, err := sql.Open(e.driver, e.dsn(path, false))
	if err != nil {
		return fmt.Errorf("opening the database for reading: %w", err)
	}
	s.reader = newReaders(read, max(4, 2*runtime.GOMAXPROCS(0)))
	s.writer, err = startWriter(ctx, write, e, &s.inside)
	if err != nil {
		return errors.Join(err, s.reader.close())
	}
	return nil
}

func (s *embedded) Change(ctx context.Context, fn func(*Tx) error) error {
	if s.inside.nested() {
		return ErrNested
	}
	return s.writer.do(ctx, fn)
}

func (s *embedded) Read(ctx context.Context, fn func(*Tx) error) error {
	leave, ok := s.inside.enter()
	if !ok {
		return ErrNested
	}
	defer leave()
	return s.reader.do(ctx, fn)
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
	return errors.Join(s.writer.close(), s.reader.close())
}
