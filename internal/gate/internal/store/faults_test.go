package store

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/ncruces/go-sqlite3"
)

// The fault suite has the disk fail at each of the things that are done to it,
// and sees that no change is answered as saved that is not, that no other is
// stored in part, and that the store goes on when the disk does.

// faults are the ways a disk may fail.
var faults = []struct {
	name  string
	err   error
	lasts int  // how many operations in a row fail
	short bool // writes leave their first half
}{
	{name: "one input/output error", err: sqlite3.IOERR_WRITE, lasts: 1},
	{name: "one input/output error, half written", err: sqlite3.IOERR_WRITE, lasts: 1, short: true},
	{name: "disk full for a while", err: sqlite3.FULL, lasts: 12},
	{name: "no flushing for a while", err: sqlite3.IOERR_FSYNC, lasts: 12},
}

func TestFaultsAreNeverAnsweredAsSaved(t *testing.T) {
	var f faultFigures
	for position := 0; ; position++ {
		fault := position % len(faults)
		reached, err := f.runOne(t, position, fault)
		if err != nil {
			t.Errorf("operation %d, %s: %v", position, faults[fault].name, err)
		}
		if !reached || t.Failed() && position > 50 {
			break
		}
	}
	t.Log(f)
	if f.positions < 150 || f.failed == 0 || f.saved == 0 {
		t.Error("too few faults, failures or successes; the test proves nothing")
	}
}

// faultFigures are what a run of faults found.
type faultFigures struct {
	positions     int // operations that were made to fail
	saved, failed int // changes answered so
	unclear       int // of those that failed, found stored all the same
}

func (f faultFigures) String() string {
	return fmt.Sprintf("faults at %d operations: %d changes answered as saved, all there; %d answered as failed, %d of them stored whole all the same",
		f.positions, f.saved, f.failed, f.unclear)
}

// runOne runs a workload whose n-th operation on the disk fails, and those
// after it as the fault says. reached is false if there were not so many.
func (f *faultFigures) runOne(t *testing.T, n, fault int) (reached bool, err error) {
	t.Helper()
	ctx := context.Background()
	d := newDisk(t)
	s, err := openSQLite(ctx, "", d.engine("FULL", 12))
	if err != nil {
		return false, err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	workload(t, s, d, 1, 1) // makes the tables

	left := n
	d.mu.Lock()
	d.short = faults[fault].short
	d.fault = func(o op) error {
		if left--; left >= 0 || left < -faults[fault].lasts {
			return nil
		}
		reached = true
		return faults[fault].err
	}
	d.mu.Unlock()
	answers := faultyChanges(s)
	d.mu.Lock()
	d.fault, d.short = nil, false
	d.mu.Unlock()

	// The disk is well again: so is the store.
	if err := s.Change(ctx, func(t *Tx) error { return storePower(ctx, t, 9999, 0) }); err != nil {
		return reached, fmt.Errorf("the store did not recover: %w", err)
	}
	answers[9999] = nil
	stored, err := storedAcks(s)
	if err != nil {
		return reached, err
	}
	if err := f.compare(answers, stored); err != nil {
		return reached, err
	}
	if reached {
		f.positions++
	}
	return reached, afterCut(t, d, answers)
}

// faultyChanges has four clients store changes and gives the answers.
func faultyChanges(s Store) map[int]error {
	ctx := context.Background()
	var mu sync.Mutex
	var wg sync.WaitGroup
	answers := map[int]error{}
	for client := range 4 {
		wg.Go(func() {
			for i := range 8 {
				ack := 100 + client*100 + 10*i + 1
				err := s.Change(ctx, func(t *Tx) error { return storePower(ctx, t, ack, client) })
				mu.Lock()
				answers[ack] = err
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	return answers
}

// storedAcks gives the changes that are stored, each whole.
func storedAcks(s Store) (map[int]bool, error) {
	ctx := context.Background()
	found := map[int]bool{}
	err := s.Read(ctx, func(t *Tx) (err error) {
		rows, err := t.Query(ctx, sqlSelectPower)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, rows.Close()) }()
		found, err = scanPower(rows)
		return err
	})
	return found, err
}

func (f *faultFigures) compare(answers map[int]error, stored map[int]bool) error {
	for ack, answer := range answers {
		switch {
		case answer == nil && !stored[ack]:
			return fmt.Errorf("change %d was answered as saved and is not there", ack)
		case answer == nil:
			f.saved++
		case stored[ack]:
			f.failed++
			f.unclear++
		default:
			f.failed++
		}
	}
	return nil
}

// afterCut cuts the power on top of it all: a flush that failed must not have
// been forgotten.
func afterCut(t *testing.T, d *disk, answers map[int]error) error {
	t.Helper()
	acks := map[int]bool{}
	for ack, answer := range answers {
		if answer == nil {
			acks[ack] = true
		}
	}
	p := newPlatter()
	d.mu.Lock()
	for _, o := range d.ops {
		p.step(o)
	}
	d.mu.Unlock()
	lost, err := lookAfter(t.TempDir()+"/cut", p.after(rand.New(rand.NewPCG(1, 1)), cuts[0].cut), maps.Clone(acks), false)
	if lost > 0 {
		return fmt.Errorf("%d answers lost in a power cut after the fault", lost)
	}
	return err
}
