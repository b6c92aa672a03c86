package store

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"
)

func open(tb testing.TB, dir string, e engine) *embedded {
	tb.Helper()
	s, err := openSQLite(context.Background(), dir, e)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := s.Close(); err != nil {
			tb.Error(err)
		}
	})
	return s
}

func setting(t *testing.T, c *conn, pragma string) string {
	t.Helper()
	var v string
	c.ctx = context.Background()
	if err := c.db.QueryRowContext(c.ctx, "PRAGMA "+pragma).Scan(&v); err != nil {
		t.Fatal(err)
	}
	return v
}

func TestSettingsOfConnections(t *testing.T) {
	s := open(t, t.TempDir(), production())
	both := map[string]string{"journal_mode": "wal", "synchronous": "2", "foreign_keys": "1", "trusted_schema": "0", "busy_timeout": "10000"}
	for pragma, want := range both {
		if got := setting(t, s.writer.c, pragma); got != want {
			t.Errorf("writer: %s is %s, want %s", pragma, got, want)
		}
	}
	err := s.readers.with(context.Background(), func(c *conn) (bool, error) {
		for pragma, want := range both {
			if got := setting(t, c, pragma); got != want {
				t.Errorf("reader: %s is %s, want %s", pragma, got, want)
			}
		}
		if got := setting(t, c, "query_only"); got != "1" {
			t.Errorf("reader: query_only is %s", got)
		}
		// Nor could it, were that turned off: the file is open for reading only.
		if err := c.control(context.Background(), "PRAGMA query_only = 0"); err != nil {
			return false, err
		}
		if err := c.control(context.Background(), "CREATE TABLE x (y TEXT)"); err == nil {
			t.Error("a reader wrote")
		}
		return false, nil
	})
	if err != nil {
		t.Error(err)
	}
}

func TestFilesAreForTheirOwnerAlone(t *testing.T) {
	if runtime.GOOS == "windows" {
		return // its permissions are of another kind
	}
	dir := filepath.Join(t.TempDir(), "a", "b")
	must(t, open(t, dir, production()), sqlMakePowerTable)
	for _, name := range []string{"", FileName, FileName + "-wal", FileName + "-shm"} {
		info, err := os.Stat(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%q: %v", name, info.Mode())
		}
	}
}

func TestFolderNamesOfAllKinds(t *testing.T) {
	for _, name := range []string{"with space", "per%20cent", "question?mark=1&x=2", "hash#tag", "Übung 李", "file:odd"} { //nolint:gosmopolitan // on purpose
		dir := filepath.Join(t.TempDir(), name)
		must(t, open(t, dir, production()), sqlMakePowerTable)
		if _, err := os.Stat(filepath.Join(dir, FileName+"-wal")); err != nil {
			t.Errorf("%q: %v", name, err)
		}
	}
}

func TestFolderThatIsNone(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	if s, err := openSQLite(context.Background(), filepath.Join(file, "sub"), production()); err == nil {
		t.Error("opened", s.Close())
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, FileName), []byte(strings.Repeat("not a database. ", 1000)), 0o600); err != nil {
		t.Fatal(err)
	}
	if s, err := openSQLite(context.Background(), dir, production()); err == nil {
		t.Error("opened a file that is no database", s.Close())
	}
}

// TestFullDatabase fills a database that may not grow: on the engine of
// production, unlike the fault suite.
func TestFullDatabase(t *testing.T) {
	ctx := context.Background()
	dir := t.TempDir()
	open(t, dir, production())
	e := production()
	e.writing = append(e.writing, "max_page_count(300)")
	s := open(t, dir, e)
	must(t, s, sqlMakePowerTable)
	must(t, s, sqlMakePowerParts)
	var mu sync.Mutex
	var wg sync.WaitGroup
	saved := map[int]bool{}
	for client := range 8 {
		wg.Go(func() {
			for i := range 60 {
				ack := 1 + 10*(client*60+i)
				err := s.Change(ctx, func(t *Tx) error {
					if _, err := t.Exec(ctx, sqlInsertPower, ack, client, make([]byte, 8000)); err != nil {
						return err
					}
					for n := range powerParts {
						if _, err := t.Exec(ctx, sqlInsertPart, ack, n); err != nil {
							return err
						}
					}
					return nil
				})
				mu.Lock()
				saved[ack] = err == nil
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	stored, err := storedAcks(s)
	if err != nil {
		t.Fatal(err)
	}
	full := 0
	for ack, said := range saved {
		if said && !stored[ack] {
			t.Errorf("change %d was answered as saved and is not there", ack)
		}
		if !said {
			full++
		}
	}
	if full == 0 || full == len(saved) {
		t.Errorf("%d of %d changes failed; the test proves nothing", full, len(saved))
	}
}

func must(tb testing.TB, s Store, query string) {
	tb.Helper()
	ctx := context.Background()
	err := s.Change(ctx, func(t *Tx) error {
		_, err := t.Exec(ctx, query)
		return err
	})
	if err != nil {
		tb.Fatal(err)
	}
}

// TestTwoProcesses has two stores on one folder, as a server and an import
// beside it are. SQLite's locks let them take turns.
func TestTwoProcesses(t *testing.T) {
	ctx := context.Background()
	dir := t.TempDir()
	first := open(t, dir, production())
	must(t, first, `CREATE TABLE line (n BIGINT PRIMARY KEY)`)
	second := open(t, dir, production())
	var wg sync.WaitGroup
	for i, s := range []Store{first, second} {
		for j := range 4 {
			wg.Go(func() {
				for k := range 50 {
					err := s.Change(ctx, func(t *Tx) error {
						_, err := t.Exec(ctx, `INSERT INTO line (n) VALUES ($1)`, 1000*i+100*j+k)
						return err
					})
					if err != nil {
						t.Error(err)
					}
				}
			})
		}
	}
	wg.Wait()
	var n int
	err := first.Read(ctx, func(t *Tx) error { return t.QueryRow(ctx, `SELECT COUNT(*) FROM line`).Scan(&n) })
	if err != nil || n != 400 {
		t.Errorf("%d lines, %v", n, err)
	}
}

// TestBusyProcessGivesTurns has one store write without a pause. The other gets its
// turn before its patience ends.
func TestBusyProcessGivesTurns(t *testing.T) {
	ctx, dir := context.Background(), t.TempDir()
	first := open(t, dir, production())
	must(t, first, `CREATE TABLE line (n BIGINT)`)
	second := open(t, dir, production())
	stop := make(chan struct{})
	var busy sync.WaitGroup
	for range 40 { // more than fit in one commit, so that the queue never runs empty
		busy.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				if err := first.Change(ctx, func(*Tx) error { time.Sleep(2 * time.Millisecond); return nil }); err != nil {
					t.Error(err)
				}
			}
		})
	}
	began := time.Now()
	for range 2 {
		if err := second.Change(ctx, func(t *Tx) error {
			_, err := t.Exec(ctx, `INSERT INTO line (n) VALUES (1)`)
			return err
		}); err != nil {
			t.Errorf("after %v: %v", time.Since(began), err)
		}
	}
	close(stop)
	busy.Wait()
}

// TestManyChangesShareACommit counts what the disk was asked to flush.
func TestManyChangesShareACommit(t *testing.T) {
	d := newDisk(t)
	s := open(t, "", d.engine("FULL", 10_000))
	must(t, s, sqlMakePowerTable)
	must(t, s, sqlMakePowerParts)
	const changes = 300
	ctx := context.Background()
	hold, held := make(chan struct{}), make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() { // keeps the writer busy until the others have queued
		_ = s.Change(ctx, func(*Tx) error { close(held); <-hold; return nil })
	})
	<-held
	before := d.flushes()
	for i := range changes {
		wg.Go(func() {
			if err := s.Change(ctx, func(t *Tx) error { return storePower(ctx, t, 10*i+1, 0) }); err != nil {
				t.Error(err)
			}
		})
	}
	for len(s.writer.jobs) < changes {
		time.Sleep(time.Millisecond)
	}
	close(hold)
	wg.Wait()
	if flushes := d.flushes() - before; flushes > changes/10 {
		t.Errorf("%d flushes for %d changes", flushes, changes)
	}
}

func (d *disk) flushes() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	n := 0
	for _, o := range d.ops {
		if o.kind == opSync {
			n++
		}
	}
	return n
}

// TestQueuedChangeIsDropped cancels a change while it waits behind another.
func TestQueuedChangeIsDropped(t *testing.T) {
	s := open(t, t.TempDir(), production())
	hold, held := make(chan struct{}), make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		_ = s.Change(context.Background(), func(*Tx) error { close(held); <-hold; return nil })
	})
	<-held
	ctx, cancel := context.WithCancelCause(context.Background())
	wg.Go(func() {
		err := s.Change(ctx, func(*Tx) error {
			t.Error("it ran")
			return nil
		})
		if !errors.Is(err, errFault) {
			t.Errorf("error %v", err)
		}
	})
	for len(s.writer.jobs) == 0 {
		time.Sleep(time.Millisecond)
	}
	cancel(errFault)
	close(hold)
	wg.Wait()
}

// TestLostTransactionFailsItsBatch has SQLite take the whole transaction back
// in the middle of a batch: those who were waiting for the commit are told.
func TestLostTransactionFailsItsBatch(t *testing.T) {
	ctx := context.Background()
	s := open(t, t.TempDir(), production())
	must(t, s, `CREATE TABLE line (n BIGINT PRIMARY KEY)`)
	hold, held := make(chan struct{}), make(chan struct{})
	answers := make([]error, 3)
	var wg sync.WaitGroup
	insert := func(n int) func(*Tx) error {
		return func(t *Tx) error {
			_, err := t.Exec(ctx, `INSERT INTO line (n) VALUES ($1)`, n)
			return err
		}
	}
	wg.Go(func() {
		answers[0] = s.Change(ctx, func(t *Tx) error { close(held); <-hold; return insert(0)(t) })
	})
	<-held
	wg.Go(func() {
		answers[1] = s.Change(ctx, func(t *Tx) error {
			_ = t.c.control(ctx, "ROLLBACK") // as SQLite does by itself where it cannot go on
			return fmt.Errorf("disk full")
		})
	})
	for len(s.writer.jobs) < 1 {
		time.Sleep(time.Millisecond)
	}
	close(hold)
	wg.Wait()
	answers[2] = s.Change(ctx, insert(2))
	if answers[0] == nil || answers[1] == nil || answers[2] != nil {
		t.Errorf("answers %v", answers)
	}
	var n int
	err := s.Read(ctx, func(t *Tx) error { return t.QueryRow(ctx, `SELECT COUNT(*) FROM line`).Scan(&n) })
	if err != nil || n != 1 {
		t.Errorf("%d lines, %v", n, err)
	}
}
