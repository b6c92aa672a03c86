package work

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"chartroom/internal/gate"
)

// Count is how much lies in a queue.
type Count struct {
	Queue   Queue `json:"queue"`
	Open    int   `json:"open"`    // all that are open, also those put off
	Overdue int   `json:"overdue"` // of these, past their due date
	Skipped int   `json:"skipped"` // of these, put off
	Mine    int   `json:"mine"`    // of these, claimed by or given to whoever asks
	Ages    []int `json:"ages"`    // of these, by AgeBands
}

// AgeBand is a span of days until work is due; days count on the calendar of the
// department. Negative days are past.
type AgeBand struct {
	Name     string
	From, To int // due in [From, To) days from today; the first and last are open
}

// AgeBands are the bands that open work is sorted into by when it is due.
func AgeBands() []AgeBand {
	const ever = 1 << 20
	return []AgeBand{
		{"> 30 days late", -ever, -30},
		{"8–30 days late", -30, -7},
		{"1–7 days late", -7, 0},
		{"due today", 0, 1},
		{"in 1–7 days", 1, 8},
		{"later", 8, ever},
	}
}

// Bounds are the moments between which work of the band is due; zero where the
// band is open.
func (s *Service) Bounds(b AgeBand, now time.Time) (from, to time.Time) {
	zone := s.calendar.zone()
	today := dayOf(now.In(zone))
	if b.From > -(1 << 19) {
		from = begin(today.plus(b.From), zone)
	}
	if b.To < 1<<19 {
		to = begin(today.plus(b.To), zone)
	}
	return from, to
}

// A department's lists are short, and every look counts them anew when something
// was changed. Where a count takes longer than dear, it stands for patience:
// every change would have everybody wait. Without any change through this process
// counts stand for countsFor, for other processes change them too.
const (
	countsFor = 2 * time.Second
	dear      = 15 * time.Millisecond
	patience  = 10 * time.Second
)

// counted remembers the counts of the queues.
type counted struct {
	mu    sync.Mutex
	made  int64 // changes so far
	taken int64 // changes that the counts know of
	at    time.Time
	took  time.Duration
	by    map[Queue]Count
}

// good says whether the counts may be shown at a moment.
func (m *counted) good(now time.Time) bool {
	age := now.Sub(m.at).Abs()
	switch {
	case m.by == nil:
		return false
	case m.took > dear:
		return age < patience
	default:
		return m.taken == m.made && age < countsFor
	}
}

// changed makes the next look at the counts count anew.
func (s *Service) changed(tx *gate.Tx) {
	tx.OnCommit(func() {
		s.counts.mu.Lock()
		s.counts.made++
		s.counts.mu.Unlock()
	})
}

// Counts gives, for the queues that the actor may see, how much lies in each.
func (s *Service) Counts(ctx context.Context, actor gate.Actor) ([]Count, error) {
	var all []Count
	err := s.gate.Read(ctx, actor, ActionList, gate.Department(), func(tx *gate.Tx) (err error) {
		all, err = s.CountsTx(ctx, tx)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("counts of work: %w", err)
	}
	return all, nil
}

// CountsTx is Counts inside another action of this package, such as a list's
// decoration.
func (s *Service) CountsTx(ctx context.Context, tx *gate.Tx) ([]Count, error) {
	b := &deeds{s: s, tx: tx, seen: map[Queue]bool{}}
	queues, err := b.queues(ctx, "")
	if err != nil {
		return nil, err
	}
	known, err := s.known(ctx, tx)
	if err != nil {
		return nil, err
	}
	mine, err := countBy(ctx, tx, sqlCountMine, tx.Actor().ID, tx.Now().UnixMicro())
	if err != nil {
		return nil, err
	}
	all := make([]Count, 0, len(queues))
	for _, q := range queues {
		c := known[q]
		c.Queue, c.Mine = q, mine[q]
		if c.Ages == nil {
			c.Ages = make([]int, len(AgeBands()))
		}
		all = append(all, c)
	}
	return all, nil
}

// known gives the counts that are the same for everybody.
func (s *Service) known(ctx context.Context, tx *gate.Tx) (map[Queue]Count, error) {
	m := &s.counts
	m.mu.Lock()
	made, by, good := m.made, maps.Clone(m.by), m.good(tx.Now())
	m.mu.Unlock()
	if !good {
		begun := time.Now() // how dear it is, whatever the department's clock says
		fresh, err := s.count(ctx, tx)
		if err != nil {
			return nil, err
		}
		by = fresh
		m.mu.Lock()
		m.by, m.taken, m.at, m.took = maps.Clone(by), made, tx.Now(), time.Since(begun)
		m.mu.Unlock()
	}
	skipped, err := countBy(ctx, tx, sqlCountSkipped, tx.Now().UnixMicro())
	if err != nil {
		return nil, err
	}
	for q, c := range by {
		c.Skipped = skipped[q]
		by[q] = c
	}
	return by, nil
}

func (s *Service) count(ctx context.Context, tx *gate.Tx) (map[Queue]Count, error) {
	args := []any{tx.Now().UnixMicro()}
	for _, b := range AgeBands()[1:] {
		from, _ := s.Bounds(b, tx.Now())
		args = append(args, from.UnixMicro())
	}
	by := map[Queue]Count{}
	rows, err := tx.Query(ctx, sqlCountOpen, args...)
	if err != nil {
		return nil, fmt.Errorf("count work: %w", err)
	}
	defer rows.Close() //nolint:errcheck // rows.Err is looked at below
	for rows.Next() {
		var c Count
		before := make([]int, len(AgeBands())-1) // due before each bound
		if err := rows.Scan(&c.Queue, &c.Open, &c.Overdue, &before[0], &before[1], &before[2], &before[3], &before[4]); err != nil {
			return nil, fmt.Errorf("count work: %w", err)
		}
		c.Ages = make([]int, len(before)+1)
		last := 0
		for i, n := range slices.Concat(before, []int{c.Open}) {
			c.Ages[i], last = n-last, n
		}
		by[c.Queue] = c
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("count work: %w", err)
	}
	return by, nil
}

// countBy runs a query that gives a number for each queue.
func countBy(ctx context.Context, tx *gate.Tx, query string, args ...any) (map[Queue]int, error) {
	rows, err := tx.Query(ctx, query, args...)
	if err != nil {
		return nil, fmt.Errorf("count work: %w", err)
	}
	defer rows.Close() //nolint:errcheck // rows.Err is looked at below
	by := map[Queue]int{}
	for rows.Next() {
		var q Queue
		var n int
		if err := rows.Scan(&q, &n); err != nil {
			return nil, fmt.Errorf("count work: %w", err)
		}
		by[q] = n
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("count work: %w", err)
	}
	return by, nil
}
