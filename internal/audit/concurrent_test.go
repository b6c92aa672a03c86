package audit

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"chartroom/internal/gate"
	"chartroom/internal/gate/gatetest"
	"chartroom/internal/seal"
)

// Many at once: lanes, collisions, failures between.
func TestConcurrent(t *testing.T) {
	both(t, Options{Gather: time.Millisecond, Poll: 5 * time.Millisecond, CheckpointEvery: 20 * time.Millisecond}, func(h *house) {
		ctx, cancel := context.WithCancel(context.Background())
		done := make(chan error)
		go func() { done <- h.Run(ctx) }()
		var wg sync.WaitGroup
		stop := errors.New("stop")
		const workers, each = 16, 20
		h.must(`CREATE TABLE test_fact (n BIGINT)`, `INSERT INTO test_fact (n) VALUES (0)`)
		for w := range workers {
			wg.Go(func() {
				for i := range each {
					err := h.gate.Change(ctx, actor(w), actionWrite, gate.Record(fmt.Sprint("rec", w)), func(tx *gate.Tx) error {
						if i%10 == 3 {
							return stop
						}
						tx.Detail("n", fmt.Sprint(i))
						if i%4 == 0 { // on PostgreSQL these collide and are run again
							_, err := tx.Exec(ctx, `UPDATE test_fact SET n = n + 1`)
							return err
						}
						return nil
					})
					if err != nil && !errors.Is(err, stop) {
						h.t.Error(err)
					}
				}
			})
		}
		wg.Wait()
		cancel()
		if err := <-done; err != nil {
			h.t.Fatal(err)
		}
		if err := h.Health(); err != nil {
			h.t.Error(err)
		}
		if r := h.whole(); r.Entries != workers*each*9/10 || r.Tail != 0 {
			h.t.Errorf("%+v", r)
		}
	})
}

// An action that is run again after a collision, or that is given up, leaves no
// gap in its lane.
func TestRunAgain(t *testing.T) {
	both(t, Options{}, func(h *house) {
		ctx := context.Background()
		stop := errors.New("stop")
		for i := range 6 {
			e := gate.Entry{ID: gate.NewID(), At: time.Now(), Actor: actor(i), Action: actionWrite, Outcome: gate.Done}
			for run := range 3 {
				err := h.quietly(func(tx *gate.Tx) error {
					if err := h.recorder.Record(ctx, tx, e); err != nil {
						return err
					}
					if run < 2 || i == 4 { // the fifth is given up
						return stop
					}
					return nil
				})
				if err != nil && !errors.Is(err, stop) {
					h.t.Fatal(err)
				}
			}
		}
		if r := h.whole(); r.Tail != 5 || len(h.recorder.lanes) != 2 {
			h.t.Errorf("%+v, %d lanes", r, len(h.recorder.lanes))
		}
		h.act(10)
		h.flush()
		if r := h.whole(); r.Entries != 15 {
			h.t.Errorf("%+v", r)
		}
	})
}

// Two processes on one database: the lease lets one append at a time.
func TestTwoProcesses(t *testing.T) {
	ring, err := seal.OpenRing(seal.File(filepath.Join(t.TempDir(), seal.KeyFile)))
	if err != nil {
		t.Fatal(err)
	}
	for name, config := range map[string]func(t *testing.T) gate.Config{
		"sqlite":   func(t *testing.T) gate.Config { return gate.Config{Dir: t.TempDir()} },
		"postgres": func(t *testing.T) gate.Config { return gate.Config{Database: gatetest.PostgresSchema(t)} },
	} {
		t.Run(name, func(t *testing.T) {
			c := config(t)
			var houses []*house
			for range 2 {
				rec, err := NewRecorder(ring)
				if err != nil {
					t.Fatal(err)
				}
				c.Recorder, c.Policy = rec, gatetest.Refuse{actionRefuse}
				g, err := gate.Open(context.Background(), c)
				if err != nil {
					t.Fatal(err)
				}
				defer g.Close()
				l, err := New(g, ring, rec, Options{Gather: time.Millisecond, Poll: 5 * time.Millisecond})
				if err != nil {
					t.Fatal(err)
				}
				houses = append(houses, &house{Log: l, t: t, gate: g, ring: ring})
			}
			ctx, cancel := context.WithCancel(context.Background())
			var running, working sync.WaitGroup
			for _, h := range houses {
				running.Go(func() {
					if err := h.Run(ctx); err != nil {
						t.Error(err)
					}
				})
				working.Go(func() { h.act(120) })
			}
			working.Wait()
			cancel()
			running.Wait()
			houses[0].flush()
			houses[1].flush()
			if r := houses[1].whole(); r.Entries != 240 || r.Tail != 0 {
				t.Errorf("%+v", r)
			}
		})
	}
}
