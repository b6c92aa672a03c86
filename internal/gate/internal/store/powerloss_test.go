package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
)

// The power-loss suite runs the store on a disk that remembers every write and
// every flush, works out what the disk holds if the power goes at some moment,
// and opens that with the store as it is in production. Whatever was answered
// before that moment must be there.

const (
	sqlMakePowerTable = `CREATE TABLE power (ack BIGINT PRIMARY KEY, client BIGINT NOT NULL, body BYTEA NOT NULL)`
	sqlMakePowerParts = `CREATE TABLE power_part (ack BIGINT NOT NULL REFERENCES power (ack), number BIGINT NOT NULL, PRIMARY KEY (ack, number))`
	sqlInsertPower    = `INSERT INTO power (ack, client, body) VALUES ($1, $2, $3)`
	sqlInsertPart     = `INSERT INTO power_part (ack, number) VALUES ($1, $2)`
	sqlSelectPower    = `SELECT ack, (SELECT COUNT(*) FROM power_part p WHERE p.ack = power.ack) FROM power ORDER BY ack`
)

const powerParts = 3 // of each change

// workload has clients store changes on s at the same time, one in ten failing,
// and tells the disk of each that is answered as saved.
func workload(tb testing.TB, s Store, d *disk, clients, changes int) {
	tb.Helper()
	ctx := context.Background()
	err := s.Change(ctx, func(t *Tx) error {
		_, err := t.Exec(ctx, sqlMakePowerTable)
		if err == nil {
			_, err = t.Exec(ctx, sqlMakePowerParts)
		}
		return err
	})
	if err != nil {
		tb.Fatal(err)
	}
	var next atomic.Int64
	var wg sync.WaitGroup
	for client := range clients {
		wg.Go(func() {
			for range changes {
				ack := int(next.Add(1))
				err := s.Change(ctx, func(t *Tx) error { return storePower(ctx, t, ack, client) })
				switch {
				case err == nil:
					d.answered(ack)
				case !errors.Is(err, errFault):
					tb.Errorf("change %d: %v", ack, err)
				}
			}
		})
	}
	wg.Wait()
}

func storePower(ctx context.Context, t *Tx, ack, client int) error {
	body := make([]byte, 200+ack*131%3000)
	if _, err := t.Exec(ctx, sqlInsertPower, ack, client, body); err != nil {
		return err
	}
	for n := range powerParts {
		if _, err := t.Exec(ctx, sqlInsertPart, ack, n); err != nil {
			return err
		}
	}
	if ack%10 == 0 {
		return errFault
	}
	return nil
}

// record runs the workload on a fresh disk and gives what was done to it.
func record(t *testing.T, synchronous string, clients, changes int) []op {
	t.Helper()
	d := newDisk(t)
	s, err := openSQLite(context.Background(), "", d.engine(synchronous, 40))
	if err != nil {
		t.Fatal(err)
	}
	workload(t, s, d, clients, changes)
	d.mu.Lock()
	ops := d.ops // without the closing, which flushes all
	d.mu.Unlock()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return ops
}

func TestPowerLossLosesNothing(t *testing.T) {
	points := 2000
	if text := os.Getenv("CHARTROOM_POWER_CUTS"); text != "" {
		var err error
		if points, err = strconv.Atoi(text); err != nil {
			t.Fatalf("CHARTROOM_POWER_CUTS: %v", err)
		}
	}
	ops := record(t, "FULL", 8, 60)
	f := cutAll(t, ops, points)
	t.Log(f.String())
	for _, failure := range f.failures {
		t.Error(failure)
	}
	if f.cuts < points || f.answers == 0 || f.carried == 0 {
		t.Error("too little was cut, answered or carried over; the test proves nothing")
	}
}

// TestPowerLossShowsWhereFlushesAreMissing is the test of the test: with
// synchronous=NORMAL SQLite does not flush at each commit, and the suite must
// see that answered changes are lost.
func TestPowerLossShowsWhereFlushesAreMissing(t *testing.T) {
	ops := record(t, "NORMAL", 8, 20)
	f := cutAll(t, ops, 200)
	t.Log(f.String())
	if f.lost == 0 {
		t.Error("no loss was seen with synchronous=NORMAL; the suite is blind")
	}
}

// powerFigures are what a run of cuts found.
type powerFigures struct {
	ops, flushes, carried int // things done to the disk; flushes, and those of the database's file
	cuts                  int
	answers               int // answers that were looked for, over all cuts
	lost                  int // of them, not found
	failures              []string
}

func (f *powerFigures) String() string {
	return fmt.Sprintf("%d cuts among %d operations with %d flushes (%d of the database's own file): %d answers looked for, %d lost",
		f.cuts, f.ops, f.flushes, f.carried, f.answers, f.lost)
}

// cutAll cuts the power n times, at moments evenly spread over the list, and
// looks each time. The ways of losing power take turns.
func cutAll(t *testing.T, ops []op, n int) powerFigures {
	t.Helper()
	f := powerFigures{ops: len(ops)}
	p := newPlatter()
	acks := map[int]bool{}
	dir := filepath.Join(t.TempDir(), "cut")
	for m := range len(ops) + 1 {
		for f.cuts < n && f.cuts*len(ops)/n <= m {
			way := cuts[f.cuts%len(cuts)]
			r := rand.New(rand.NewPCG(uint64(m), uint64(f.cuts)))
			lost, err := lookAfter(dir, p.after(r, way.cut), acks, f.cuts%40 == 0)
			f.cuts++
			f.answers += len(acks)
			f.lost += lost
			if err != nil || lost > 0 {
				f.failures = append(f.failures, fmt.Sprintf("cut after %d operations, %s: %d of %d answers lost, %v", m, way.name, lost, len(acks), err))
			}
		}
		if m < len(ops) {
			f.step(p, acks, ops[m])
		}
	}
	return f
}

// step takes the next op of the list.
func (f *powerFigures) step(p *platter, acks map[int]bool, o op) {
	switch o.kind {
	case opAck:
		acks[o.ack] = true
	case opSync:
		f.flushes++
		if o.file == "/"+FileName {
			f.carried++
		}
	}
	p.step(o)
}

// lookAfter puts the files into a folder, opens the database and looks for the
// answers. thorough opens it as the whole store does, and writes to it.
func lookAfter(dir string, files map[string][]byte, acks map[int]bool, thorough bool) (lost int, err error) {
	if err := os.RemoveAll(dir); err != nil {
		return 0, err
	}
	if err := os.Mkdir(dir, 0o700); err != nil {
		return 0, err
	}
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o600); err != nil {
			return 0, err
		}
	}
	if thorough {
		if err := goOn(dir, acks); err != nil {
			return 0, err
		}
	}
	db, err := sql.Open("sqlite", filepath.Join(dir, FileName)+"?_pragma=synchronous(OFF)&_pragma=foreign_keys(1)")
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	db.SetMaxOpenConns(1)
	var verdict string
	if err := db.QueryRow(`PRAGMA integrity_check`).Scan(&verdict); err != nil || verdict != "ok" {
		return 0, fmt.Errorf("the database is damaged: %s, %w", verdict, err)
	}
	found, err := powerRows(db)
	if err != nil && len(acks) == 0 {
		return 0, nil // cut before the table was made
	}
	if err != nil {
		return len(acks), err
	}
	for ack := range acks {
		if !found[ack] {
			lost++
		}
	}
	return lost, nil
}

// powerRows gives the changes that are stored. All must be whole, and none may
// be one that failed.
func powerRows(db *sql.DB) (found map[int]bool, err error) {
	rows, err := db.Query(sqlSelectPower)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	return scanPower(rows)
}

func scanPower(rows *sql.Rows) (map[int]bool, error) {
	found := map[int]bool{}
	for rows.Next() {
		var ack, parts int
		if err := rows.Scan(&ack, &parts); err != nil {
			return nil, err
		}
		if parts != powerParts || ack%10 == 0 {
			return nil, fmt.Errorf("change %d is stored with %d parts", ack, parts)
		}
		found[ack] = true
	}
	return found, rows.Err()
}

// goOn opens the database as Chartroom does after the power came back, and
// stores something.
func goOn(dir string, acks map[int]bool) error {
	ctx := context.Background()
	s, err := openSQLite(ctx, dir, production())
	if err != nil {
		return err
	}
	err = s.Change(ctx, func(t *Tx) error {
		if len(acks) == 0 {
			return nil // the table may not be there
		}
		return storePower(ctx, t, 1_000_001, 0)
	})
	return errors.Join(err, s.Close())
}
