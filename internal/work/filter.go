package work

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"sync"

	"chartroom/internal/gate"
)

// Values are the kinds, units and reasons that stood in items of a queue, each
// in order, for its filters.
type Values struct {
	Kinds   []string `json:"kinds"`
	Units   []string `json:"units"`
	Reasons []string `json:"reasons"`
}

// noted are the values that this process has written down already.
type noted struct {
	mu   sync.RWMutex
	seen map[[3]string]bool
}

// note writes down what the filters of a queue can choose from. Once a value is
// known it costs a look into a map.
func (s *Service) note(ctx context.Context, tx *gate.Tx, r row) error {
	for _, v := range [][3]string{{r.queue, "kind", r.kind}, {r.queue, "unit", r.unit}, {r.queue, "reason", r.reason}} {
		s.values.mu.RLock()
		known := v[2] == "" || s.values.seen[v]
		s.values.mu.RUnlock()
		if known {
			continue
		}
		if _, err := tx.Later(ctx, sqlNoteValue, v[0], v[1], v[2]); err != nil {
			return fmt.Errorf("put work: %w", err)
		}
		tx.OnCommit(func() {
			s.values.mu.Lock()
			defer s.values.mu.Unlock()
			if s.values.seen == nil || len(s.values.seen) > 10_000 {
				s.values.seen = map[[3]string]bool{}
			}
			s.values.seen[v] = true
		})
	}
	return nil
}

// ValuesTx gives what the filters of a queue can choose from, inside an action
// on that queue.
func (s *Service) ValuesTx(ctx context.Context, tx *gate.Tx, q Queue) (Values, error) {
	v := Values{Kinds: []string{}, Units: []string{}, Reasons: []string{}}
	rows, err := tx.Query(ctx, sqlValues, string(q))
	if err != nil {
		return v, fmt.Errorf("values of a queue: %w", err)
	}
	defer rows.Close() //nolint:errcheck // rows.Err is looked at below
	for rows.Next() {
		var field, value string
		if err := rows.Scan(&field, &value); err != nil {
			return v, fmt.Errorf("values of a queue: %w", err)
		}
		switch field {
		case "kind":
			v.Kinds = append(v.Kinds, value)
		case "unit":
			v.Units = append(v.Units, value)
		case "reason":
			v.Reasons = append(v.Reasons, value)
		}
	}
	if err := rows.Err(); err != nil {
		return v, fmt.Errorf("values of a queue: %w", err)
	}
	return v, nil
}

// Saved is a filter that somebody gave a name.
type Saved struct {
	ID     string `json:"id"`
	Owner  string `json:"owner"`
	Name   string `json:"name"`
	Shared bool   `json:"shared"` // seen by the whole team
	Filter Filter `json:"-"`
}

// maxName is the longest name of a filter, in bytes.
const maxName = 60

// SaveFilter keeps a filter under a name; one of the same name and person is
// replaced. shared shows it to the whole team.
func (s *Service) SaveFilter(ctx context.Context, actor gate.Actor, name string, f Filter, shared bool) (Saved, error) {
	name = strings.Join(strings.Fields(name), " ")
	if name == "" || clearWord("name", name, maxName) != nil {
		return Saved{}, fmt.Errorf("%w: the name of a filter has 1 to %d characters", ErrBadInput, maxName)
	}
	f.After = ""
	query := f.Query().Encode()
	if len(query) > 1000 {
		return Saved{}, fmt.Errorf("%w: filter", ErrBadInput)
	}
	saved := Saved{Owner: actor.ID, Name: name, Shared: shared, Filter: f}
	err := s.gate.Change(ctx, actor, ActionFilter, gate.Department(), func(tx *gate.Tx) error {
		var flag int64
		if shared {
			flag = 1
		}
		err := tx.QueryRow(ctx, sqlFilterNamed, actor.ID, name).Scan(&saved.ID)
		switch {
		case errors.Is(err, sql.ErrNoRows):
			saved.ID = tx.NewID()
			_, err = tx.Exec(ctx, sqlInsertFilter, saved.ID, actor.ID, name, query, flag, tx.Now().UnixMicro())
		case err == nil:
			_, err = tx.Exec(ctx, sqlChangeFilter, query, flag, saved.ID)
		}
		if err != nil {
			return fmt.Errorf("keep a filter: %w", err)
		}
		return nil
	})
	if err != nil {
		return Saved{}, fmt.Errorf("save filter: %w", err)
	}
	return saved, nil
}

// DropFilter forgets one of the actor's filters. Error: ErrNotFound.
func (s *Service) DropFilter(ctx context.Context, actor gate.Actor, id string) error {
	err := s.gate.Change(ctx, actor, ActionFilter, gate.Department(), func(tx *gate.Tx) error {
		result, err := tx.Exec(ctx, sqlDropFilter, tx.Now().UnixMicro(), id, actor.ID)
		if err != nil {
			return fmt.Errorf("forget a filter: %w", err)
		}
		if n, err := result.RowsAffected(); err != nil || n != 1 {
			return ErrNotFound
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("drop filter: %w", err)
	}
	return nil
}

// FiltersTx gives the actor's filters and the team's, by name, inside an action
// of this package.
func (s *Service) FiltersTx(ctx context.Context, tx *gate.Tx) ([]Saved, error) {
	rows, err := tx.Query(ctx, sqlFilters, tx.Actor().ID)
	if err != nil {
		return nil, fmt.Errorf("read filters: %w", err)
	}
	defer rows.Close() //nolint:errcheck // rows.Err is looked at below
	all := []Saved{}
	for rows.Next() {
		f, err := scanFilter(rows)
		if err != nil {
			return nil, err
		}
		all = append(all, f)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("read filters: %w", err)
	}
	return all, nil
}

// SavedFilter gives a filter by its id: the actor's own, or one of the team's.
// Error: ErrNotFound.
func (s *Service) SavedFilter(ctx context.Context, actor gate.Actor, id string) (Saved, error) {
	var f Saved
	err := s.gate.Read(ctx, actor, ActionFilter, gate.Department(), func(tx *gate.Tx) (err error) {
		f, err = scanFilter(tx.QueryRow(ctx, sqlFilter, id))
		if errors.Is(err, sql.ErrNoRows) || err == nil && f.Owner != actor.ID && !f.Shared {
			return ErrNotFound
		}
		return err
	})
	if err != nil {
		return Saved{}, fmt.Errorf("filter: %w", err)
	}
	return f, nil
}

func scanFilter(from interface{ Scan(dest ...any) error }) (Saved, error) {
	var f Saved
	var query string
	var shared int64
	if err := from.Scan(&f.ID, &f.Owner, &f.Name, &query, &shared); err != nil {
		return Saved{}, fmt.Errorf("read a filter: %w", err)
	}
	values, err := url.ParseQuery(query)
	if err != nil {
		return Saved{}, fmt.Errorf("read a filter: %w", err)
	}
	f.Shared, f.Filter = shared != 0, ReadFilter(values)
	return f, nil
}

// Mine puts a person's own filters first.
func Mine(all []Saved, person string) []Saved {
	slices.SortStableFunc(all, func(a, b Saved) int {
		switch {
		case (a.Owner == person) == (b.Owner == person):
			return 0
		case a.Owner == person:
			return -1
		default:
			return 1
		}
	})
	return all
}
