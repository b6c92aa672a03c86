package chart

import (
	"context"
	"time"

	"chartroom/internal/gate"
)

// News is one version of a fact that an action stored, as those who watch the
// chart are told of it. It holds what lists and clocks need and, but for Author,
// nothing that stands in sealed columns only.
type News struct {
	Kind      string // "patient", "coverage", "encounter", "document" or a FactKind
	ID        string
	Number    int
	Record    string
	Encounter string // its own ID, for an encounter
	Withdrawn bool
	Author    Author // who attended, performed or wrote it, as sent: for the masters, which keep it sealed

	// Of an encounter; zero for every other kind.
	Setting    Setting
	Status     string
	Unit       string
	Start, End time.Time
}

// Watcher is told of facts in the transaction that stores them: what it writes
// through tx stands or falls with them. Its error fails the action.
type Watcher func(ctx context.Context, tx *gate.Tx, news []News) error

// Watch has w told of every version stored from now on, by messages or by hand.
// It is for wiring: call it before the department is used.
func (s *Service) Watch(w Watcher) { s.watchers = append(s.watchers, w) }

func (s *Service) tell(ctx context.Context, tx *gate.Tx, news []News) error {
	if len(news) == 0 {
		return nil
	}
	for _, w := range s.watchers {
		if err := w(ctx, tx, news); err != nil {
			return err
		}
	}
	return nil
}

func (it *item) news() News {
	v := &it.version
	n := News{Kind: it.kind, ID: v.ID, Number: v.Number, Record: v.Record, Encounter: v.Encounter, Withdrawn: v.Withdrawn, Author: it.author}
	if e := it.enc; it.kind == kindEncounter && e != nil {
		n.Encounter = v.ID
		n.Setting, n.Status, n.Unit = e.Setting, gate.ClearText(e.Status, 40), gate.ClearText(e.Unit, 80)
		n.Start, n.End = e.Start, e.End
	}
	return n
}
