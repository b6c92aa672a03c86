package audit

import (
	"context"
	"fmt"
	"strings"
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
// the actions taken in it, each of which names it; the look whether a worker has
// something to do ("scan.look") by the doing.
func housekeeping(e gate.Entry) bool {
	return e.Actor.Kind == gate.System && e.Outcome == gate.Done &&
		(e.Action == ActionSequence || e.Action == seal.ActionCheck || e.Action == "access.session" || strings.HasSuffix(string(e.Action), ".look"))
}

// Recorder writes entries into the transactions of their actions. It is safe for
// concurrent use. One process has one.
type Recorder struct {
	macs   *macs
	writer string
	wake   chan struct{}

	mu      sync.Mutex
	free    []*lane             // a stack: the lane used last is used next, so that its end is covered soon
	pending map[string]*written // by entry
	lanes   []*lane
	tick    int64
}

// written is an entry that is not known to be durable yet. Only its last run
// counts: an action may be run again after a collision.
type written struct {
	lane *lane
	mac  []byte
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
		macs: newMACs(key), writer: gate.NewID(), wake: make(chan struct{}, 1), pending: map[string]*written{},
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
	l, tick := r.take(e.ID, e.At.UnixMicro())
	w.tick, w.lane, w.counter = tick, l.number, l.counter+1
	var buf [512]byte
	w.mac = r.macs.of(l.mac, w.leaf(buf[:0]))
	r.wrote(e.ID, w.mac)
	if err := addToTail(ctx, tx, &w); err != nil {
		return fmt.Errorf("audit: write an entry: %w", err)
	}
	tx.OnCommit(func() { r.release(e.ID) })
	return nil
}

// take gives an entry a lane and a tick. An action that is run again after a
// collision gets the lane it had: its first run wrote nothing.
func (r *Recorder) take(entry string, at int64) (*lane, int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.tick = max(r.tick+1, at)
	if p, ok := r.pending[entry]; ok {
		return p.lane, r.tick
	}
	var l *lane
	if n := len(r.free); n > 0 {
		l = r.free[n-1]
		r.free = r.free[:n-1]
	} else {
		l = &lane{number: int64(len(r.lanes) + 1)}
		r.lanes = append(r.lanes, l)
	}
	r.pending[entry] = &written{lane: l}
	return l, r.tick
}

// wrote notes what the run at hand writes.
func (r *Recorder) wrote(entry string, mac []byte) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.pending[entry].mac = mac
}

// release frees the lane of an entry that is durable. An action that failed after
// Record keeps its lane for good: whether it was committed is not known.
func (r *Recorder) release(entry string) {
	r.mu.Lock()
	p, ok := r.pending[entry]
	if ok {
		delete(r.pending, entry)
		p.lane.counter++
		p.lane.mac = p.mac
		r.free = append(r.free, p.lane)
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
