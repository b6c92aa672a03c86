package work

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"sync"

	"chartroom/internal/gate"
	"chartroom/internal/seal"
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

// savedBody is the sealed part of a filter.
type savedBody struct {
	Name  string `json:"name"`
	Query string `json:"query"`
}

// SaveFilter keeps a filter under a name; one of the same name and person is
// replaced. shared shows it to the whole team.
func (s *Service) SaveFilter(ctx context.Context, actor gate.Actor, name string, f Filter, shared bool) (Saved, error) {
	name = strings.Join(strings.Fields(name), " ")
	if name == "" || clearWord("name", name, maxName) != nil {
		return Saved{}, fmt.Errorf("%w: the name of a filter has 1 to %d characters", ErrBadInput, maxName)
	}
	f.After = ""
	if _, ok := Define(f.Queue); !ok && f.Queue != "" || !f.Show.known() {
		return Saved{}, fmt.Errorf("%w: filter", ErrBadInput)
	}
	body := savedBody{name, f.Query().Encode()}
	if len(body.Query) > 1000 {
		return Saved{}, fmt.Errorf("%w: filter", ErrBadInput)
	}
	saved := Saved{Owner: actor.ID, Name: name, Shared: shared, Filter: f}
	err := s.gate.Change(ctx, actor, ActionFilter, gate.Department(), func(tx *gate.Tx) error {
		all, err := s.FiltersTx(ctx, tx)
		if err != nil {
			return err
		}
		for _, old := range all {
			if old.Owner != actor.ID || old.Name != name {
				continue
			}
			if _, err := tx.Exec(ctx, sqlDropFilter, tx.Now().UnixMicro(), old.ID, actor.ID); err != nil {
				return fmt.Errorf("replace a filter: %w", err)
			}
		}
		saved.ID = tx.NewID()
		return s.keepFilter(ctx, tx, saved, body)
	})
	if err != nil {
		return Saved{}, fmt.Errorf("save filter: %w", err)
	}
	return saved, nil
}

func (s *Service) keepFilter(ctx context.Context, tx *gate.Tx, f Saved, body savedBody) error {
	key, err := s.ring.NewRecordKey(ctx, tx, f.ID)
	if err != nil {
		return fmt.Errorf("key of the filter: %w", err)
	}
	plain, err := json.Marshal(body)
	if err != nil {
		return fmt.Errorf("write the filter: %w", err)
	}
	var flag int64
	if f.Shared {
		flag = 1
	}
	_, err = tx.Exec(ctx, sqlInsertFilter, f.ID, f.Owner, key.Seal(plain, filterPlace(f.ID)), flag, tx.Now().UnixMicro())
	if err != nil {
		return fmt.Errorf("keep a filter: %w", err)
	}
	return nil
}

func filterPlace(id string) string { return seal.Place("work_filter", "body", id, 0) }

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
	return s.filters(ctx, tx, sqlFilters, tx.Actor().ID)
}

// SavedFilter gives a filter by its id: the actor's own, or one of the team's.
// Error: ErrNotFound.
func (s *Service) SavedFilter(ctx context.Context, actor gate.Actor, id string) (Saved, error) {
	var f Saved
	err := s.gate.Read(ctx, actor, ActionFilter, gate.Department(), func(tx *gate.Tx) error {
		all, err := s.filters(ctx, tx, sqlFilter, id)
		if err != nil {
			return err
		}
		if len(all) == 0 || all[0].Owner != actor.ID && !all[0].Shared {
			return ErrNotFound
		}
		f = all[0]
		return nil
	})
	if err != nil {
		return Saved{}, fmt.Errorf("filter: %w", err)
	}
	return f, nil
}

// filters reads and opens filters, sorted by name.
func (s *Service) filters(ctx context.Context, tx *gate.Tx, query, arg string) ([]Saved, error) {
	all, bodies, err := sealedFilters(ctx, tx, query, arg)
	if err != nil {
		return nil, err
	}
	for i := range all {
		key, err := s.ring.Key(ctx, tx, all[i].ID)
		if err != nil {
			return nil, fmt.Errorf("key of the filter: %w", err)
		}
		plain, err := key.Open(bodies[i], filterPlace(all[i].ID))
		if err != nil {
			return nil, fmt.Errorf("open a filter: %w", err)
		}
		var body savedBody
		if err := json.Unmarshal(plain, &body); err != nil {
			return nil, fmt.Errorf("read a filter: %w", err)
		}
		values, err := url.ParseQuery(body.Query)
		if err != nil {
			return nil, fmt.Errorf("read a filter: %w", err)
		}
		all[i].Name, all[i].Filter = body.Name, ReadFilter(values)
	}
	slices.SortStableFunc(all, func(a, b Saved) int { return strings.Compare(a.Name, b.Name) })
	return all, nil
}

func sealedFilters(ctx context.Context, tx *gate.Tx, query, arg string) ([]Saved, [][]byte, error) {
	rows, err := tx.Query(ctx, query, arg)
	if err != nil {
		return nil, nil, fmt.Errorf("read filters: %w", err)
	}
	defer rows.Close() //nolint:errcheck // rows.Err is looked at below
	all, bodies := []Saved{}, [][]byte{}
	for rows.Next() {
		var f Saved
		var shared int64
		var body []byte
		if err := rows.Scan(&f.ID, &f.Owner, &shared, &body); err != nil {
			return nil, nil, fmt.Errorf("read filters: %w", err)
		}
		f.Shared = shared != 0
		all, bodies = append(all, f), append(bodies, body)
	}
	if err := rows.Err(); err != nil {
		return nil, nil, fmt.Errorf("read filters: %w", err)
	}
	return all, bodies, nil
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
