package audit

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"chartroom/internal/gate"
	"chartroom/internal/seal"
)

// Options are the settings of a Log; zero values give the defaults.
type Options struct {
	Poll            time.Duration // how often the tail is looked at unasked; default 2 s
	Gather          time.Duration // how long after an action its entry may wait for company; default 250 ms
	CheckpointEvery time.Duration // a grown tree is signed after so long at the latest; default 1 minute
	CheckpointSize  int64         // and after so many entries; default 4096
	// Witness is called with each new checkpoint after its commit, to keep it
	// outside the database: see WitnessFile. nil keeps none.
	Witness func(Checkpoint) error
	// Report is told when something is wrong, once; nil tells nobody. See Health.
	Report func(error)
}

// Log is the audit log of a department. It is safe for concurrent use.
type Log struct {
	gate     *gate.Gate
	recorder *Recorder
	signer   *signer
	headMACs *macs
	options  Options

	mu     sync.Mutex
	health error
}

// system is the sequencer as an actor.
func system() gate.Actor { return gate.Actor{ID: "sequencer", Kind: gate.System, Name: "Audit log"} }

// New makes the log on an open gate that records with rec.
func New(g *gate.Gate, ring *seal.Ring, rec *Recorder, o Options) (*Log, error) {
	if o.Poll == 0 {
		o.Poll = 2 * time.Second
	}
	if o.Gather == 0 {
		o.Gather = 250 * time.Millisecond
	}
	if o.CheckpointEvery == 0 {
		o.CheckpointEvery = time.Minute
	}
	if o.CheckpointSize == 0 {
		o.CheckpointSize = 4096
	}
	s, err := newSigner(ring)
	if err != nil {
		return nil, err
	}
	key, err := ring.Derive("audit/head", 32)
	if err != nil {
		return nil, err
	}
	return &Log{gate: g, recorder: rec, signer: s, headMACs: newMACs(key), options: o}, nil
}

// PublicKey is the key that checkpoints are checked with, in the form of
// golang.org/x/mod/sumdb/note. Give it to whoever keeps checkpoints.
func (l *Log) PublicKey() string { return l.signer.public }

// Health is nil while the sequencer works and has found nothing wrong, else the
// first thing it found.
func (l *Log) Health() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.health
}

// Run sequences entries until ctx ends, then sequences and signs what is left
// (for at most ten seconds) and returns nil. A failed step is tried again; see
// Health.
func (l *Log) Run(ctx context.Context) error {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			last, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
			defer cancel()
			return l.Flush(last)
		case <-l.recorder.wake:
			if !sleep(ctx, l.options.Gather) {
				continue
			}
		case <-timer.C:
		}
		l.note(l.catchUp(ctx, false))
		timer.Reset(l.options.Poll)
	}
}

// note keeps the state of health and reports a change for the worse.
func (l *Log) note(err error) {
	if errors.Is(err, context.Canceled) {
		return
	}
	l.mu.Lock()
	worse := err != nil && (l.health == nil || l.health.Error() != err.Error())
	l.health = err
	l.mu.Unlock()
	if worse && l.options.Report != nil {
		l.options.Report(err)
	}
}

func sleep(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}

// Flush sequences everything that is committed and signs the tree. Where another
// process holds the lease it leaves the work to it.
func (l *Log) Flush(ctx context.Context) error {
	err := l.catchUp(ctx, true)
	if err == nil {
		err = l.gate.Change(ctx, system(), ActionSequence, gate.Department(), func(tx *gate.Tx) error {
			_, err := tx.Exec(ctx, sqlFreeLease, l.recorder.writer)
			return err
		})
	}
	l.note(err)
	return err
}

// catchUp sequences until the tail is empty.
func (l *Log) catchUp(ctx context.Context, final bool) error {
	var found error
	after := tailKey{}
	for {
		idle, err := l.nothingToDo(ctx)
		if err != nil || idle && !final {
			return errors.Join(found, err)
		}
		began := time.Now()
		b, err := l.step(ctx, after, final)
		if err != nil {
			return errors.Join(found, err)
		}
		if found == nil {
			found = b.wrong
		}
		if b.checkpoint != nil && l.options.Witness != nil {
			if err := l.options.Witness(*b.checkpoint); err != nil {
				return errors.Join(found, fmt.Errorf("audit: keep a checkpoint outside the database: %w", err))
			}
		}
		if !b.more {
			return found
		}
		// Entries that are whole are gone from the tail. Those that are not stay, and
		// the next step begins after them.
		if b.wrong != nil {
			after = b.last
		}
		// Leave the database to the work for as long as it was taken.
		if !final && !sleep(ctx, time.Since(began)) {
			return found
		}
	}
}

// nothingToDo looks whether the tail is empty and the newest checkpoint covers the
// tree, without writing anything.
func (l *Log) nothingToDo(ctx context.Context) (bool, error) {
	idle := false
	err := l.gate.Read(ctx, system(), ActionSequence, gate.Department(), func(tx *gate.Tx) error {
		tail, err := exists(ctx, tx, sqlHasTail)
		if err != nil {
			return err
		}
		h, _, _, err := readHead(ctx, tx, l.headMACs)
		if err != nil {
			return err
		}
		c, err := lastCheckpoint(ctx, tx)
		if err != nil {
			return err
		}
		idle = !tail && !l.due(h, c, tx.Now())
		return nil
	})
	return idle, err
}

// due says whether it is time to sign the tree.
func (l *Log) due(h head, last Checkpoint, now time.Time) bool {
	grown := h.size - last.Size
	return grown > 0 && (grown >= l.options.CheckpointSize || now.Sub(last.At) >= l.options.CheckpointEvery)
}
