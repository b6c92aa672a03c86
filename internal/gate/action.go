package gate

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"chartroom/internal/gate/internal/store"
)

// Denied is the error of an action that was refused. The refusal is on the
// audit log.
type Denied struct { //nolint:errname // reads as what it says: errors.AsType[*gate.Denied]
	Request Request
	Why     string // for people; without patient data
}

func (d *Denied) Error() string {
	return fmt.Sprintf("%s on %s refused: %s", d.Request.Action, d.Request.Subject.Kind, d.Why)
}

// Safe is the text to show to the person who was refused.
func (d *Denied) Safe() string { return d.Why }

// Change lets actor take action on subject: it asks the policy, runs fn, writes
// the audit entry into the same transaction and commits. When it returns nil
// all of it is on the disk. On any error nothing of it happened.
//
// fn may be run again after a collision with another change, so it touches only
// the transaction and values it sets afresh each time. It runs on a goroutine
// of the gate's choosing and holds up other changes: it computes beforehand
// what can be, and never waits for anything but the transaction, least of all
// for another goroutine that uses the gate. Using the gate itself is ErrNested.
//
// Where the policy refuses, Change returns a *Denied and the refusal is on the
// audit log. While the gate is read-only it returns ErrReadOnly.
func (g *Gate) Change(ctx context.Context, actor Actor, action Action, subject Subject, fn func(*Tx) error) error {
	a, err := g.start(actor, action, subject)
	if err != nil {
		return err
	}
	if g.refuses(action) {
		return ErrReadOnly
	}
	err = g.store.Change(ctx, func(s *store.Tx) error {
		tx := a.tx(s)
		if err := tx.perform(ctx, fn); err != nil {
			return err
		}
		return g.record(ctx, tx, a.entry(Done))
	})
	return g.finish(ctx, a, err)
}

// Read lets actor take action on subject: it asks the policy, runs fn on a
// snapshot, and then writes the audit entry. Read returns nil once the entry is
// on the disk; whatever fn read must not be used if Read returns an error.
func (g *Gate) Read(ctx context.Context, actor Actor, action Action, subject Subject, fn func(*Tx) error) error {
	a, err := g.start(actor, action, subject)
	if err != nil {
		return err
	}
	err = g.store.Read(ctx, func(s *store.Tx) error {
		return a.tx(s).perform(ctx, fn)
	})
	if err == nil {
		// What was read was read, also if the caller has gone meanwhile.
		err = g.write(context.WithoutCancel(ctx), a, a.entry(Done))
	}
	return g.finish(ctx, a, err)
}

// Permits asks the policy whether actor might take action on subject, for pages
// that keep doors out of sight that would not open. Nothing is read or done, so
// nothing is on the log; the action itself asks again.
func (g *Gate) Permits(ctx context.Context, actor Actor, action Action, subject Subject) (bool, error) {
	a, err := g.start(actor, action, subject)
	if err != nil {
		return false, err
	}
	err = g.store.Read(ctx, func(s *store.Tx) error { return g.policy.Decide(ctx, a.tx(s), a.request(subject)) })
	if _, refused := errors.AsType[*Denied](err); refused {
		return false, nil
	}
	return err == nil, err
}

// attempt is an action under way: what its entry will say.
type attempt struct {
	gate    *Gate
	id      string
	at      time.Time
	actor   Actor
	action  Action
	subject Subject

	// Set by the transaction; afresh in each run.
	subjects []Subject
	reason   string
	detail   map[string]string
	hooks    []func()
}

func (g *Gate) start(actor Actor, action Action, subject Subject) (*attempt, error) {
	if g.policy == nil {
		return nil, ErrNoPolicy
	}
	if g.recorder == nil {
		return nil, ErrNoRecorder
	}
	at := g.now().UTC().Truncate(time.Microsecond)
	return &attempt{gate: g, id: newID(at), at: at, actor: actor, action: action, subject: subject}, nil
}

// tx begins a run of the action.
func (a *attempt) tx(s *store.Tx) *Tx {
	a.subjects, a.reason, a.detail, a.hooks = nil, "", nil, nil
	return &Tx{s: s, a: a}
}

func (a *attempt) request(s Subject) Request {
	return Request{Actor: a.actor, Action: a.action, Subject: s, At: a.at}
}

func (a *attempt) entry(o Outcome) Entry {
	return Entry{
		ID: a.id, At: a.at, Actor: a.actor, Action: a.action, Outcome: o,
		Subjects: slices.Clone(a.subjects), Reason: a.reason, Detail: maps.Clone(a.detail),
	}
}

// record writes an entry into the transaction at hand.
func (g *Gate) record(ctx context.Context, tx *Tx, e Entry) error {
	if err := g.recorder.Record(ctx, tx, e); err != nil {
		return fmt.Errorf("not done, the audit entry cannot be written: %w", err)
	}
	return nil
}

// write writes an entry in a transaction of its own. What the recorder wants
// done after it is added to the action's hooks.
func (g *Gate) write(ctx context.Context, a *attempt, e Entry) error {
	before := slices.Clip(a.hooks)
	return g.store.Change(ctx, func(s *store.Tx) error {
		a.hooks = before // afresh in each run
		return g.record(ctx, &Tx{s: s, a: a}, e)
	})
}

// finish runs what was to follow the commit, or puts a refusal on the log.
func (g *Gate) finish(ctx context.Context, a *attempt, err error) error {
	denied, refused := errors.AsType[*Denied](err)
	if err != nil && !refused {
		return err
	}
	if refused {
		a.hooks = nil // those of the function that was refused
		e := a.entry(Refused)
		e.Detail = map[string]string{"why": denied.Why}
		// Hanging up does not keep a refusal off the log.
		if failed := g.write(context.WithoutCancel(ctx), a, e); failed != nil {
			return errors.Join(err, failed)
		}
	}
	for _, hook := range a.hooks {
		hook()
	}
	return err
}
