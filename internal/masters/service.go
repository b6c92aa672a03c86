package masters

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"chartroom/internal/gate"
	"chartroom/internal/seal"
)

// Service is the door of the masters. It is safe for concurrent use.
//
// Methods that take an actor are actions of their own, one audit entry each;
// those that take a *gate.Tx run inside another domain's action.
type Service struct {
	gate *gate.Gate
	ring *seal.Ring
	zone *time.Location
	seen seenBefore
}

// New makes the door from the gate, the keys and the time zone of a department
// that has entered no facility yet (nil is UTC).
func New(g *gate.Gate, r *seal.Ring, zone *time.Location) *Service {
	if zone == nil {
		zone = time.UTC
	}
	return &Service{gate: g, ring: r, zone: zone}
}

func subject(id string) gate.Subject { return gate.Subject{Kind: "master", ID: id} }

// Filter narrows a list. Zero fields do not narrow.
type Filter struct {
	Query  string // part of a name, or of a number
	Active string // only what may be used on this day
	Merged bool   // also entries merged into others
	Limit  int    // 1 to 5,000; 0 takes 200
}

const (
	defaultLimit = 200
	maxLimit     = 5_000
)

// List reads the entries of a kind in the order of their names.
func (s *Service) List(ctx context.Context, actor gate.Actor, k Kind, f Filter) ([]Entry, error) {
	var out []Entry
	err := s.gate.Read(ctx, actor, ActionRead, gate.Department(), func(tx *gate.Tx) (err error) {
		out, err = s.ListTx(ctx, tx, k, f)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("masters: %w", err)
	}
	return out, nil
}

// ListTx is List inside another action.
func (s *Service) ListTx(ctx context.Context, tx *gate.Tx, k Kind, f Filter) ([]Entry, error) {
	limit := f.Limit
	if limit <= 0 {
		limit = defaultLimit
	}
	limit = min(limit, maxLimit)
	like := "%" + escapeLike(seal.Fold(strings.Join(strings.Fields(f.Query), " "))) + "%"
	all, err := readEntries(ctx, tx, sqlOfKind, string(k), like, like, maxLimit)
	if err != nil {
		return nil, err
	}
	all = slices.DeleteFunc(all, func(e Entry) bool {
		return e.MergedInto != "" && !f.Merged || f.Active != "" && !e.Active(f.Active)
	})
	return all[:min(len(all), limit)], nil
}

// escapeLike makes a text stand for itself in a LIKE pattern.
func escapeLike(s string) string {
	return strings.NewReplacer("!", "!!", "%", "!%", "_", "!_").Replace(s)
}

// Counts says how many entries of each kind stand, and how many proposals are
// open.
func (s *Service) Counts(ctx context.Context, actor gate.Actor) (entries, proposals map[Kind]int, err error) {
	err = s.gate.Read(ctx, actor, ActionRead, gate.Department(), func(tx *gate.Tx) (err error) {
		if entries, err = count(ctx, tx, sqlCountEntries); err != nil {
			return err
		}
		proposals, err = count(ctx, tx, sqlCountOpen)
		return err
	})
	if err != nil {
		return nil, nil, fmt.Errorf("masters: %w", err)
	}
	return entries, proposals, nil
}

// History reads all versions of an entry, oldest first, and the entries that are
// merged into it.
func (s *Service) History(ctx context.Context, actor gate.Actor, id string) (versions, merged []Entry, err error) {
	err = s.gate.Read(ctx, actor, ActionRead, subject(id), func(tx *gate.Tx) (err error) {
		if versions, err = readEntries(ctx, tx, sqlHistory, id); err != nil {
			return err
		}
		if len(versions) == 0 {
			return ErrNotFound
		}
		merged, err = readEntries(ctx, tx, sqlMerged, id)
		return err
	})
	if err != nil {
		return nil, nil, fmt.Errorf("master: %w", err)
	}
	return versions, merged, nil
}

// Get reads the standing version of an entry.
func (s *Service) Get(ctx context.Context, tx *gate.Tx, id string) (Entry, error) {
	return newest(ctx, tx, id)
}

// Put enters an entry (ID "") or corrects one. Number is that of the version it
// was made on. Errors: ErrReason, ErrStale, ErrTaken, ErrMerged, ErrNotFound,
// *FaultsError.
func (s *Service) Put(ctx context.Context, actor gate.Actor, e Entry, reason string) (Entry, error) {
	var stored Entry
	err := s.gate.Change(ctx, actor, ActionChange, subject(e.ID), func(tx *gate.Tx) (err error) {
		stored, err = s.PutTx(ctx, tx, e, reason)
		return err
	})
	if err != nil {
		return Entry{}, fmt.Errorf("change masters: %w", err)
	}
	return stored, nil
}

// PutTx is Put inside another action.
func (s *Service) PutTx(ctx context.Context, tx *gate.Tx, e Entry, reason string) (Entry, error) {
	stored, _, err := s.put(ctx, tx, e, reason)
	if err != nil {
		return Entry{}, err
	}
	return stored, tx.About(ctx, subject(stored.ID))
}

// put also says whether anything was stored: an entry that says the same as
// before gets no new version.
func (s *Service) put(ctx context.Context, tx *gate.Tx, e Entry, reason string) (stored Entry, changed bool, err error) {
	if reason = strings.TrimSpace(reason); reason == "" {
		return Entry{}, false, ErrReason
	}
	e.Values = e.Values.trimmed()
	if faults := Check(e.Kind, e.Values); len(faults) > 0 {
		return Entry{}, false, &FaultsError{faults}
	}
	next := Entry{ID: e.ID, Kind: e.Kind, Number: 1, Values: e.Values, Reason: reason}
	if e.ID == "" {
		next.ID = tx.NewID()
	} else {
		now, err := newest(ctx, tx, e.ID)
		switch {
		case err != nil:
			return Entry{}, false, err
		case now.Kind != e.Kind:
			return Entry{}, false, ErrNotFound
		case now.Number != e.Number:
			return Entry{}, false, fmt.Errorf("%w: version %d, newest %d", ErrStale, e.Number, now.Number)
		case now.MergedInto != "":
			return Entry{}, false, ErrMerged
		case same(now.Values, e.Values):
			return now, false, nil
		}
		next.Number = now.Number + 1
	}
	if err := s.fits(ctx, tx, next); err != nil {
		return Entry{}, false, err
	}
	stored, err = insert(ctx, tx, next)
	return stored, true, err
}

// fits looks at an entry beside the others: what it refers to is there, and its
// number is its own.
func (s *Service) fits(ctx context.Context, tx *gate.Tx, e Entry) error {
	for _, f := range fields[e.Kind] {
		if f.Shape != Refers || e.Values[f.Name] == "" {
			continue
		}
		of, err := readEntries(ctx, tx, sqlNewest, e.Values[f.Name])
		if err != nil {
			return err
		}
		if len(of) == 0 || of[0].Kind != f.Of || of[0].MergedInto != "" {
			return &FaultsError{[]Fault{{f.Name, "There is no such " + string(f.Of) + "."}}}
		}
	}
	key := keyOf(e.Kind, e.Values)
	if key == "" {
		return nil
	}
	others, err := readEntries(ctx, tx, sqlByKey, string(e.Kind), key)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(others, func(o Entry) bool { return o.ID != e.ID }) {
		return ErrTaken
	}
	return nil
}

// End says that an entry is used no longer: its last day is day (YYYY-MM-DD).
func (s *Service) End(ctx context.Context, actor gate.Actor, id string, number int, day, reason string) (Entry, error) {
	var stored Entry
	err := s.gate.Change(ctx, actor, ActionChange, subject(id), func(tx *gate.Tx) error {
		e, err := newest(ctx, tx, id)
		if err != nil {
			return err
		}
		e.Number, e.Values["to"] = number, day
		stored, err = s.PutTx(ctx, tx, e, reason)
		return err
	})
	if err != nil {
		return Entry{}, fmt.Errorf("end master: %w", err)
	}
	return stored, nil
}

// Merge states that the entry duplicate is the same as survivor and is to be read
// as it from now on. Neither loses anything; Unmerge undoes it. Errors:
// ErrNotFound (also where they are of different kinds), ErrInvalid (an entry with
// itself), ErrMerged (either is merged already), ErrStale, ErrReason.
func (s *Service) Merge(ctx context.Context, actor gate.Actor, survivor, duplicate string, number int, reason string) (Entry, error) {
	return s.restate(ctx, actor, duplicate, number, reason, func(tx *gate.Tx, e *Entry) error {
		switch {
		case survivor == duplicate:
			return fmt.Errorf("%w: an entry cannot be merged into itself", ErrInvalid)
		case e.MergedInto != "":
			return ErrMerged
		}
		into, err := newest(ctx, tx, survivor)
		switch {
		case err != nil:
			return err
		case into.Kind != e.Kind:
			return ErrNotFound
		case into.MergedInto != "":
			return ErrMerged
		}
		e.MergedInto = survivor
		return tx.About(ctx, subject(survivor))
	})
}

// Unmerge undoes a Merge: the entry stands by itself again, as it was. Errors:
// ErrNotFound, ErrInvalid (it is not merged), ErrTaken (its number was given to
// another entry meanwhile), ErrStale, ErrReason.
func (s *Service) Unmerge(ctx context.Context, actor gate.Actor, duplicate string, number int, reason string) (Entry, error) {
	return s.restate(ctx, actor, duplicate, number, reason, func(tx *gate.Tx, e *Entry) error {
		if e.MergedInto == "" {
			return fmt.Errorf("%w: the entry is not merged", ErrInvalid)
		}
		e.MergedInto = ""
		return s.fits(ctx, tx, *e)
	})
}

// restate stores a version of an entry with the same content.
func (s *Service) restate(ctx context.Context, actor gate.Actor, id string, number int, reason string, change func(*gate.Tx, *Entry) error) (Entry, error) {
	if reason = strings.TrimSpace(reason); reason == "" {
		return Entry{}, ErrReason
	}
	var stored Entry
	err := s.gate.Change(ctx, actor, ActionChange, subject(id), func(tx *gate.Tx) error {
		e, err := newest(ctx, tx, id)
		if err != nil {
			return err
		}
		if e.Number != number {
			return fmt.Errorf("%w: version %d, newest %d", ErrStale, number, e.Number)
		}
		e.Number, e.Reason = e.Number+1, reason
		if err := change(tx, &e); err != nil {
			return err
		}
		stored, err = insert(ctx, tx, e)
		return err
	})
	if err != nil {
		return Entry{}, fmt.Errorf("merge masters: %w", err)
	}
	return stored, nil
}

// standing follows an entry to the one that stands for it.
func standing(ctx context.Context, tx *gate.Tx, e Entry) (Entry, error) {
	for range 20 { // chains are as long as somebody had patience for
		if e.MergedInto == "" {
			return e, nil
		}
		next, err := newest(ctx, tx, e.MergedInto)
		if err != nil {
			return Entry{}, err
		}
		e = next
	}
	return Entry{}, fmt.Errorf("%w: merged in a ring", ErrInvalid)
}
