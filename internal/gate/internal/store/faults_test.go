package store

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"path/filepath"
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
	const perDisk = 25
	var f faultFigures
	var b *faultBench
	for position := 0; !t.Failed(); position++ {
		if position%perDisk == 0 {
			b = newFaultBench(t)
		}
		fault := position % len(faults)
		reached, err := b.run(&f, position, fault)
		if err != nil {
			t.Errorf("operation %d, %s: %v", position, faults[fault].name, err)
		}
		if !reached {
			break
		}
	}
	t.Log(f.String())
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

func (f *faultFigures) String() string {
	return fmt.Sprintf("faults at %d operations: %d changes answered as saved, all there; %d answered as failed, %d of them stored whole all the same",
		f.positions, f.saved, f.failed, f.unclear)
}

// faultBench is a store on a disk that fails now and then.
type faultBench struct {
	t       *testing.T
	d       *disk
	s       Store
	platter *platter
	seen    int           // operations of the disk that the platter knows
	answers map[int]error // of all changes so far
}

func newFaultBench(t *testing.T) *faultBench {
	t.Helper()
	d := newDisk(t)
	s := open(t, "", d.engine("FULL", 12))
	workload(t, s, d, 1, 1) // makes the tables
	return &faultBench{t: t, d: d, s: s, platter: newPlatter(), answers: map[int]error{}}
}

// run runs a workload whose n-th operation on the disk fails, and those after
// it as the fault says. reached is false if there were not so many.
func (b *faultBench) run(f *faultFigures, n, fault int) (reached bool, err error) {
	b.t.Helper()
	ctx := context.Background()
	left := n
	b.d.mu.Lock()
	b.d.short = faults[fault].short
	b.d.fault = func(op) error {
		if left--; left >= 0 || left < -faults[fault].lasts {
			return nil
		}
		reached = true
		return faults[fault].err
	}
	b.d.mu.Unlock()
	answers := faultyChanges(b.s, n)
	b.d.mu.Lock()
	b.d.fault, b.d.short = nil, false
	b.d.mu.Unlock()

	// The disk is well again: so is the store.
	last := 1000*(n+1) + 991
	if err := b.s.Change(ctx, func(t *Tx) error { return storePower(ctx, t, last, 0) }); err != nil {
		return reached, fmt.Errorf("the store did not recover: %w", err)
	}
	answers[last] = nil
	stored, err := storedAcks(b.s)
	if err != nil {
		return reached, err
	}
	if err := f.compare(answers, stored); err != nil {
		return reached, err
	}
	if reached {
		f.positions++
	}
	maps.Copy(b.answers, answers)
	return reached, b.afterCut()
}

// faultyChanges has four clients store changes, numbered from 1000 (n+1), and
// gives the answers.
func faultyChanges(s Store, n int) map[int]error {
	ctx := context.Background()
	var mu sync.Mutex
	var wg sync.WaitGroup
	answers := map[int]error{}
	for client := range 4 {
		wg.Go(func() {
			for i := range 8 {
				ack := 1000*(n+1) + client*100 + 10*i + 1
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
func (b *faultBench) afterCut() error {
	b.t.Helper()
	acks := map[int]bool{}
	for ack, answer := range b.answers {
		if answer == nil {
			acks[ack] = true
		}
	}
	b.d.mu.Lock()
	for ; b.seen < len(b.d.ops); b.seen++ {
		b.platter.step(b.d.ops[b.seen])
	}
	b.d.mu.Unlock()
	found := b.platter.after(rand.New(rand.NewPCG(1, 1)), cuts[0].cut)
	lost, err := lookAfter(filepath.Join(b.t.TempDir(), "cut"), found, acks, false)
	if lost > 0 {
		return fmt.Errorf("%d answers lost in a power cut after the fault", lost)
	}
	return err
}
