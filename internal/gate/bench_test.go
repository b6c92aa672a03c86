package gate_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"chartroom/internal/gate"
	"chartroom/internal/gate/gatetest"
)

const (
	sqlMakeMessages  = `CREATE TABLE bench_message (id TEXT PRIMARY KEY, record TEXT NOT NULL, at BIGINT NOT NULL, body BYTEA NOT NULL)`
	sqlInsertMessage = `INSERT INTO bench_message (id, record, at, body) VALUES ($1, $2, $3, $4)`
	sqlSelectMessage = `SELECT body FROM bench_message WHERE id = $1`
	sqlMakeFacts     = `CREATE TABLE bench_fact (id TEXT PRIMARY KEY, record TEXT NOT NULL, kind TEXT NOT NULL, code TEXT NOT NULL, value TEXT NOT NULL, message TEXT NOT NULL, entry TEXT NOT NULL, at BIGINT NOT NULL)`
	sqlIndexFacts    = `CREATE INDEX bench_fact_record ON bench_fact (record, kind)`
	sqlInsertFact    = `INSERT INTO bench_fact (id, record, kind, code, value, message, entry, at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`
)

// engines runs a benchmark on both engines.
func engines(b *testing.B, bench func(b *testing.B, g *gate.Gate)) {
	b.Run("sqlite", func(b *testing.B) { bench(b, benchTables(b, gatetest.Open(b))) })
	b.Run("postgres", func(b *testing.B) { bench(b, benchTables(b, gatetest.OpenPostgres(b))) })
}

func benchTables(b *testing.B, g *gate.Gate) *gate.Gate {
	b.Helper()
	ctx := context.Background()
	err := g.Change(ctx, gatetest.Actor(), "test.make", gate.Department(), func(tx *gate.Tx) error {
		for _, q := range []string{sqlMakeMessages, sqlMakeFacts, sqlIndexFacts} {
			if _, err := tx.Exec(ctx, q); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
	return g
}

// clients runs b.N pieces of work on n goroutines and reports work a second.
func clients(b *testing.B, n int, unit string, work func(i int) error) {
	b.Helper()
	var next atomic.Int64
	var wg sync.WaitGroup
	b.ResetTimer()
	for range n {
		wg.Go(func() {
			for {
				i := int(next.Add(1))
				if i > b.N {
					return
				}
				if err := work(i); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
	b.StopTimer()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), unit+"/s")
}

// BenchmarkChange measures durable changes: each stores a message of 1 KB and
// its audit entry, two rows in all.
func BenchmarkChange(b *testing.B) {
	ctx := context.Background()
	body := make([]byte, 1024)
	for _, n := range []int{1, 8, 64, 200} {
		b.Run(fmt.Sprintf("clients=%d", n), func(b *testing.B) {
			engines(b, func(b *testing.B, g *gate.Gate) {
				clients(b, n, "changes", func(int) error {
					return g.Change(ctx, gatetest.Actor(), "test.store", gate.Record("r"), func(tx *gate.Tx) error {
						_, err := tx.Exec(ctx, sqlInsertMessage, tx.NewID(), "r", tx.Now().UnixMicro(), body)
						return err
					})
				})
			})
		})
	}
}

// BenchmarkRead measures reads of one message by its key, each with its audit
// entry on the disk before it returns.
func BenchmarkRead(b *testing.B) {
	ctx := context.Background()
	for _, n := range []int{8, 64} {
		b.Run(fmt.Sprintf("clients=%d", n), func(b *testing.B) {
			engines(b, func(b *testing.B, g *gate.Gate) {
				err := g.Change(ctx, gatetest.Actor(), "test.store", gate.Record("r"), func(tx *gate.Tx) error {
					_, err := tx.Exec(ctx, sqlInsertMessage, "m", "r", tx.Now().UnixMicro(), make([]byte, 1024))
					return err
				})
				if err != nil {
					b.Fatal(err)
				}
				clients(b, n, "reads", func(int) error {
					var body []byte
					return g.Read(ctx, gatetest.Actor(), "test.read", gate.Record("r"), func(tx *gate.Tx) error {
						return tx.QueryRow(ctx, sqlSelectMessage, "m").Scan(&body)
					})
				})
			})
		})
	}
}

// BenchmarkImport measures bulk loading as a FHIR import does it: changes of
// 500 resources, five rows each, from two clients.
func BenchmarkImport(b *testing.B) {
	const resources, rows = 500, 5
	ctx := context.Background()
	engines(b, func(b *testing.B, g *gate.Gate) {
		clients(b, 2, "batches", func(int) error {
			return g.Change(ctx, gatetest.Actor(), "test.import", gate.Record("r"), func(tx *gate.Tx) error {
				for range resources {
					id := tx.NewID()
					if _, err := tx.Exec(ctx, sqlInsertMessage, id, id, tx.Now().UnixMicro(), make([]byte, 700)); err != nil {
						return err
					}
					for range rows - 1 {
						if _, err := tx.Exec(ctx, sqlInsertFact, tx.NewID(), id, "condition", "E11.9", "Type 2 diabetes mellitus", id, tx.EntryID(), tx.Now().UnixMicro()); err != nil {
							return err
						}
					}
				}
				return nil
			})
		})
		b.ReportMetric(resources*float64(b.N)/b.Elapsed().Seconds(), "resources/s")
		b.ReportMetric(resources*rows*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
	})
}

// BenchmarkMessage measures what an HL7 listener does with a message of a
// patient who is known or new: look whether the message was here, find or make
// the record by a number, and store the message and six facts; 8 clients.
func BenchmarkMessage(b *testing.B) {
	ctx := context.Background()
	body := make([]byte, 1200)
	engines(b, func(b *testing.B, g *gate.Gate) {
		err := g.Change(ctx, gatetest.Actor(), "test.make", gate.Department(), func(tx *gate.Tx) error {
			if _, err := tx.Exec(ctx, `CREATE TABLE bench_number (token TEXT PRIMARY KEY, record TEXT NOT NULL)`); err != nil {
				return err
			}
			_, err := tx.Exec(ctx, `CREATE TABLE bench_control (id TEXT PRIMARY KEY, message TEXT NOT NULL)`)
			return err
		})
		if err != nil {
			b.Fatal(err)
		}
		clients(b, 8, "messages", func(i int) error {
			number, control := fmt.Sprintf("mrn-%d", i*7919%5000), fmt.Sprintf("control-%d", i)
			return g.Change(ctx, gatetest.Actor(), "test.receive", gate.Department(), func(tx *gate.Tx) error {
				return receive(ctx, tx, number, control, body)
			})
		})
	})
}

func receive(ctx context.Context, tx *gate.Tx, number, control string, body []byte) error {
	var message, record string
	err := tx.QueryRow(ctx, `SELECT message FROM bench_control WHERE id = $1`, control).Scan(&message)
	if !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	err = tx.QueryRow(ctx, `SELECT record FROM bench_number WHERE token = $1`, number).Scan(&record)
	if errors.Is(err, sql.ErrNoRows) {
		record = tx.NewID()
		_, err = tx.Exec(ctx, `INSERT INTO bench_number (token, record) VALUES ($1, $2)`, number, record)
	}
	if err != nil {
		return err
	}
	message = tx.NewID()
	if _, err := tx.Exec(ctx, sqlInsertMessage, message, record, tx.Now().UnixMicro(), body); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `INSERT INTO bench_control (id, message) VALUES ($1, $2)`, control, message); err != nil {
		return err
	}
	for range 6 {
		if _, err := tx.Exec(ctx, sqlInsertFact, tx.NewID(), record, "result", "718-7", "13.2 g/dL", message, tx.EntryID(), tx.Now().UnixMicro()); err != nil {
			return err
		}
	}
	return nil
}

// BenchmarkOpen measures the start on a large database: 200,000 messages of
// 1 KB and as many entries. Each start takes a snapshot and a change.
func BenchmarkOpen(b *testing.B) {
	const batches, size = 100, 2000
	ctx := context.Background()
	dir := b.TempDir()
	start := func() *gate.Gate {
		g, err := gate.Open(ctx, gate.Config{Dir: dir, Policy: gatetest.Permit{}, Recorder: &gatetest.Recorder{}})
		if err != nil {
			b.Fatal(err)
		}
		return g
	}
	g := benchTables(b, start())
	for range batches {
		err := g.Change(ctx, gatetest.Actor(), "test.fill", gate.Department(), func(tx *gate.Tx) error {
			for range size {
				if _, err := tx.Exec(ctx, sqlInsertMessage, tx.NewID(), "r", tx.Now().UnixMicro(), make([]byte, 1024)); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
	}
	if err := g.Close(); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		g := start()
		if err := g.Health(ctx); err != nil {
			b.Fatal(err)
		}
		if err := g.Close(); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/1000/float64(b.N), "ms/start")
}
