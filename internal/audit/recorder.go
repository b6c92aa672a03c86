package audit

import (
	"context"
	"fmt"
	"sync"

	"chartroom/internal/gate"
	"chartroom/internal/seal"
)

// The actions of this package.
const (
	ActionRead     gate.Action = "audit.read"     // read entries, get proofs
	ActionVerify   gate.Action = "audit.verify"   // prove the log whole
	ActionSequence gate.Action = "audit.sequence" // give entries their place in the tree
)

// housekeeping says whether an action leaves no entry: Chartroom's own steps that
// touch no patient data and would fill the log with themselves. The sequencer's
// steps are shown by the tree and its checkpoints; the look-up of a session by
// the actions taken in it, each of which names it.
func housekeeping(e gate.Entry) bool {
	return e.Actor.Kind == gate.System && e.Outcome == gate.Done &&
		(e.Action == ActionSequence || e.Action == seal.ActionCheck || e.Action == "access.session")
}

// Recorder writes entries into the transactions of their actions. It is safe for
// concurrent use. One process has one.
type Recorder struct {
	macs   *macs
	writer string
	wake   chan struct{}

	mu      sync.Mutex
	free    []*lane          // a stack: the lane used last is used next, so that its end is covered soon
	pending map[string]*lane // by entry
	lanes   []*lane
	tick    int64
}

// lane is a row of entries written one after another.
type lane struct {
	number  int64
	counter int64 // of the last entry known to be committed
	mac     []byte
}

// NewRecorder makes the recorder of this process.
func NewRecorder(r *seal.Ring) (*Recorder, error) {
	key, err := r.Derive("audit/entry", 32)
	if err != nil {
		return nil, err
	}
	return &Recorder{
		macs: newMACs(key), writer: gate.NewID(), wake: make(chan struct{}, 1), pending: map[string]*lane{},
	}, nil
}

// Record writes e into the transaction of its action.
func (r *Recorder) Record(ctx context.Context, tx *gate.Tx, e gate.Entry) error {
	if housekeeping(e) {
		return nil
	}
	w, err := rowOf(e)
	if err != nil {
		return err
	}
	w.writer = r.writer
	// What follows a refusal is not told (gate.Tx.OnCommit), so a refusal cannot
	// be followed by another entry in its lane.
	chained := e.Outcome != gate.Refused
	var l *lane
	var before []byte
	l, w.tick = r.take(e.ID, e.At.UnixMicro(), chained)
	if l != nil {
		w.lane, w.counter, before = l.number, l.counter+1, l.mac
	}
	var buf [512]byte
	w.mac = r.macs.of(before, w.leaf(buf[:0]))
	if err := addToTail(ctx, tx, &w); err != nil {
		return fmt.Errorf("audit: write an entry: %w", err)
	}
	if l != nil {
		tx.OnCommit(func() { r.release(e.ID, w.counter, w.mac) })
	}
	return nil
}

// take gives an entry a lane and a tick. An action that is run again after a
// collision gets the lane it had: its first run wrote nothing.
func (r *Recorder) take(entry string, at int64, chained bool) (*lane, int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.tick = max(r.tick+1, at)
	if !chained {
		return nil, r.tick
	}
	if l, ok := r.pending[entry]; ok {
		return l, r.tick
	}
	var l *lane
	if n := len(r.free); n > 0 {
		l = r.free[n-1]
		r.free = r.free[:n-1]
	} else {
		l = &lane{number: int64(len(r.lanes) + 1)}
		r.lanes = append(r.lanes, l)
	}
	r.pending[entry] = l
	return l, r.tick
}

// release frees the lane of an entry that is durable. An action that failed after
// Record keeps its lane for good: whether it was committed is not known.
func (r *Recorder) release(entry string, counter int64, mac []byte) {
	r.mu.Lock()
	l, ok := r.pending[entry]
	if ok {
		delete(r.pending, entry)
		l.counter, l.mac = counter, mac
		r.free = append(r.free, l)
	}
	r.mu.Unlock()
	if ok {
		select {
		case r.wake <- struct{}{}:
		default:
		}
	}
}

// committed gives the last counter of each lane that this process knows to be
// durable.
func (r *Recorder) committed() map[int64]int64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	known := make(map[int64]int64, len(r.lanes))
	for _, l := range r.lanes {
		known[l.number] = l.counter
	}
	return known
}
