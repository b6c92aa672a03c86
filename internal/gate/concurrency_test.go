package gate_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"chartroom/internal/gate"
	"chartroom/internal/gate/gatetest"
)

func TestChangesAreSerial(t *testing.T) {
	const workers, each = 8, 25
	gatetest.Both(t, func(t *testing.T, g *gate.Gate) {
		things(t, g)
		change(t, g, func(ctx context.Context, tx *gate.Tx) error {
			_, err := tx.Exec(ctx, sqlInsertThing, "counter", 0)
			return err
		})
		var wg sync.WaitGroup
		for range workers {
			wg.Go(func() {
				for range each {
					// Read, think, write: correct only where changes are serial.
					err := tryChange(g, func(ctx context.Context, tx *gate.Tx) error {
						var n int
						if err := tx.QueryRow(ctx, `SELECT n FROM thing WHERE id = $1`, "counter").Scan(&n); err != nil {
							return err
						}
						_, err := tx.Exec(ctx, `UPDATE thing SET n = $2 WHERE id = $1`, "counter", n+1)
						return err
					})
					for errors.Is(err, gate.ErrBusy) {
						t.Error("a change gave up")
						return
					}
					if err != nil {
						t.Error(err)
					}
				}
			})
		}
		wg.Wait()
		var n int
		err := tryRead(g, func(ctx context.Context, tx *gate.Tx) error {
			return tx.QueryRow(ctx, `SELECT n FROM thing WHERE id = $1`, "counter").Scan(&n)
		})
		if err != nil || n != workers*each {
			t.Errorf("counted %d, want %d, %v", n, workers*each, err)
		}
	})
}

// TestInsertIfAbsent is the race of two messages about a new patient: both look,
// both find nothing, and there must be one record all the same.
func TestInsertIfAbsent(t *testing.T) {
	const workers, numbers = 8, 20
	gatetest.Both(t, func(t *testing.T, g *gate.Gate) {
		change(t, g, func(ctx context.Context, tx *gate.Tx) error {
			_, err := tx.Exec(ctx, `CREATE TABLE patient (id TEXT PRIMARY KEY, mrn TEXT NOT NULL)`) // mrn is not unique
			return err
		})
		var wg sync.WaitGroup
		for range workers {
			wg.Go(func() {
				for mrn := range numbers {
					err := tryChange(g, func(ctx context.Context, tx *gate.Tx) error {
						var n int
						if err := tx.QueryRow(ctx, `SELECT COUNT(*) FROM patient WHERE mrn = $1`, fmt.Sprint(mrn)).Scan(&n); err != nil || n > 0 {
							return err
						}
						_, err := tx.Exec(ctx, `INSERT INTO patient (id, mrn) VALUES ($1, $2)`, gate.NewID(), fmt.Sprint(mrn))
						return err
					})
					if err != nil {
						t.Error(err)
					}
				}
			})
		}
		wg.Wait()
		var n int
		err := tryRead(g, func(ctx context.Context, tx *gate.Tx) error {
			return tx.QueryRow(ctx, `SELECT COUNT(*) FROM patient`).Scan(&n)
		})
		if err != nil || n != numbers {
			t.Errorf("%d patients, want %d, %v", n, numbers, err)
		}
	})
}

func TestFailuresLeaveTheOthersOfTheBatchAlone(t *testing.T) {
	const changes = 400
	gatetest.Both(t, func(t *testing.T, g *gate.Gate) {
		things(t, g)
		var wg sync.WaitGroup
		for i := range changes {
			wg.Go(func() {
				err := tryChange(g, func(ctx context.Context, tx *gate.Tx) error {
					if _, err := tx.Exec(ctx, sqlInsertThing, fmt.Sprint(i), i); err != nil {
						return err
					}
					switch i % 4 {
					case 1:
						return errTest
					case 2:
						panic("a bug, with the name of a patient")
					case 3:
						_, err := tx.Exec(ctx, sqlInsertThing, fmt.Sprint(i), i) // not unique
						return err
					}
					return nil
				})
				if (err == nil) != (i%4 == 0) {
					t.Errorf("change %d: %v", i, err)
				}
				if i%4 == 2 && strings.Contains(err.Error(), "patient") {
					t.Errorf("the error tells what panicked: %v", err)
				}
			})
		}
		wg.Wait()
		if n := count(t, g); n != changes/4 {
			t.Errorf("%d things, want %d", n, changes/4)
		}
	})
}

func TestPanicsInReads(t *testing.T) {
	gatetest.Both(t, func(t *testing.T, g *gate.Gate) {
		things(t, g)
		for range 50 { // more than there are connections
			var m map[string]int
			err := tryRead(g, func(ctx context.Context, tx *gate.Tx) error {
				if _, err := tx.Query(ctx, sqlCountThings); err != nil { //nolint:rowserrcheck,sqlclosecheck // left open, to see it closed
					return err
				}
				m["a"] = 1
				return nil
			})
			if err == nil || !strings.Contains(err.Error(), "nil map") {
				t.Fatalf("error %v", err)
			}
		}
		count(t, g)
	})
}

func TestGoexitIsNotTheEnd(t *testing.T) {
	gatetest.Both(t, func(t *testing.T, g *gate.Gate) {
		things(t, g)
		for range 50 {
			done := make(chan struct{})
			go func() {
				defer close(done)
				_ = tryChange(g, func(ctx context.Context, tx *gate.Tx) error {
					if _, err := tx.Exec(ctx, sqlInsertThing, "a", 1); err != nil {
						return err
					}
					runtime.Goexit() // as t.FailNow does
					return nil
				})
			}()
			<-done
		}
		if n := count(t, g); n != 0 {
			t.Errorf("%d things", n)
		}
	})
}

func TestNestedUseIsAnError(t *testing.T) {
	gatetest.Both(t, func(t *testing.T, g *gate.Gate) {
		things(t, g)
		type action func(g *gate.Gate, fn func(context.Context, *gate.Tx) error) error
		acts := map[string]action{"change": tryChange, "read": tryRead}
		for outer, actOuter := range acts {
			for inner, actInner := range acts {
				err := actOuter(g, func(context.Context, *gate.Tx) error {
					return actInner(g, func(context.Context, *gate.Tx) error {
						t.Errorf("a %s ran inside a %s", inner, outer)
						return nil
					})
				})
				if !errors.Is(err, gate.ErrNested) {
					t.Errorf("a %s inside a %s: %v", inner, outer, err)
				}
			}
		}
		// Deep below, and after the action, it is no matter.
		var deep func(n int) error
		deep = func(n int) error {
			if n > 0 {
				return deep(n - 1)
			}
			return tryChange(g, func(context.Context, *gate.Tx) error { return nil })
		}
		if err := deep(200); err != nil {
			t.Error(err)
		}
		err := tryRead(g, func(context.Context, *gate.Tx) error { return deep(200) })
		if !errors.Is(err, gate.ErrNested) {
			t.Errorf("deep inside a read: %v", err)
		}
	})
}

func TestCancelledBeforeItStarts(t *testing.T) {
	gatetest.Both(t, func(t *testing.T, g *gate.Gate) {
		ctx, cancel := context.WithCancelCause(context.Background())
		cancel(errTest)
		must := func(*gate.Tx) error {
			t.Error("it ran")
			return nil
		}
		if err := g.Change(ctx, gatetest.Actor(), "test.change", gate.Department(), must); !errors.Is(err, errTest) {
			t.Errorf("change: %v", err)
		}
		if err := g.Read(ctx, gatetest.Actor(), "test.read", gate.Department(), must); !errors.Is(err, errTest) {
			t.Errorf("read: %v", err)
		}
	})
}

func TestCancelledWhileItRuns(t *testing.T) {
	gatetest.Both(t, func(t *testing.T, g *gate.Gate) {
		things(t, g)
		ctx, cancel := context.WithCancel(context.Background())
		err := g.Change(ctx, gatetest.Actor(), "test.change", gate.Department(), func(tx *gate.Tx) error {
			cancel()
			_, err := tx.Exec(ctx, sqlInsertThing, "a", 1)
			return err
		})
		if err != nil || count(t, g) != 1 {
			t.Errorf("a change that was started was not finished: %v", err)
		}
		ctx, cancel = context.WithCancel(context.Background())
		err = g.Read(ctx, gatetest.Actor(), "test.read", gate.Department(), func(tx *gate.Tx) error {
			rows, err := tx.Query(ctx, `SELECT id FROM thing`)
			if err != nil {
				return err
			}
			defer rows.Close()
			cancel()
			for rows.Next() {
				t.Error("a row came after the end")
			}
			if !errors.Is(rows.Err(), context.Canceled) {
				t.Errorf("rows: %v", rows.Err())
			}
			if _, err := tx.Query(ctx, `SELECT id FROM thing`); err == nil { //nolint:rowserrcheck,sqlclosecheck // fails
				t.Error("a query ran after the end")
			}
			return nil // looks away
		})
		if !errors.Is(err, context.Canceled) {
			t.Errorf("read: %v", err)
		}
		count(t, g) // the connections are well
	})
}

func TestLongReadIsCutShort(t *testing.T) {
	gatetest.Both(t, func(t *testing.T, g *gate.Gate) {
		ctx, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
		defer cancel()
		started := time.Now()
		err := g.Read(ctx, gatetest.Actor(), "test.read", gate.Department(), func(tx *gate.Tx) error {
			return tx.QueryRow(ctx, `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000000000) SELECT COUNT(*) FROM n`).Scan(new(int))
		})
		if err == nil || time.Since(started) > 10*time.Second {
			t.Errorf("after %v: %v", time.Since(started), err)
		}
		if err := g.Health(context.Background()); err != nil {
			t.Error(err)
		}
	})
}

func TestCloseFinishesWhatWasStarted(t *testing.T) {
	gatetest.Both(t, func(t *testing.T, g *gate.Gate) {
		things(t, g)
		var wg sync.WaitGroup
		var mu sync.Mutex
		outcomes := map[bool]int{}
		for i := range 100 {
			wg.Go(func() {
				err := tryChange(g, func(ctx context.Context, tx *gate.Tx) error {
					_, err := tx.Exec(ctx, sqlInsertThing, fmt.Sprint(i), i)
					return err
				})
				if err != nil && !errors.Is(err, gate.ErrClosed) {
					t.Error(err)
				}
				mu.Lock()
				outcomes[err == nil]++
				mu.Unlock()
			})
		}
		if err := g.Close(); err != nil {
			t.Error(err)
		}
		wg.Wait()
		if outcomes[true]+outcomes[false] != 100 {
			t.Errorf("outcomes %v", outcomes)
		}
		err := tryChange(g, func(context.Context, *gate.Tx) error { return nil })
		if !errors.Is(err, gate.ErrClosed) {
			t.Errorf("change after close: %v", err)
		}
		err = tryRead(g, func(context.Context, *gate.Tx) error { return nil })
		if !errors.Is(err, gate.ErrClosed) {
			t.Errorf("read after close: %v", err)
		}
		if err := g.Close(); err != nil {
			t.Errorf("closing twice: %v", err)
		}
	})
}

// TestNoDeadlock mixes everything from many goroutines. It ends, or the test's
// time does.
func TestNoDeadlock(t *testing.T) {
	gatetest.Both(t, func(t *testing.T, g *gate.Gate) {
		things(t, g)
		var wg sync.WaitGroup
		for w := range 60 {
			wg.Go(func() {
				for i := range 5 {
					ctx, cancel := context.WithTimeout(context.Background(), time.Duration(w%7)*time.Millisecond+time.Millisecond)
					_ = g.Change(ctx, gatetest.Actor(), "test.change", gate.Record("r"), func(tx *gate.Tx) error {
						_, err := tx.Exec(ctx, `INSERT INTO thing (id, n) VALUES ($1, $2) ON CONFLICT (id) DO UPDATE SET n = thing.n + 1`, fmt.Sprint(w%3), i)
						return err
					})
					_ = g.Read(ctx, gatetest.Actor(), "test.read", gate.Record("r"), func(tx *gate.Tx) error {
						return tx.QueryRow(ctx, sqlCountThings).Scan(new(int))
					})
					cancel()
				}
			})
		}
		wg.Wait()
		if err := g.Health(context.Background()); err != nil {
			t.Error(err)
		}
	})
}
