package store

import (
	"database/sql"
	"sync"
)

// house is what all connections of a database share.
type house struct {
	// refused is a database that no statement reaches. It makes the *sql.Row of
	// a statement that was refused.
	refused *sql.DB

	mu     sync.RWMutex
	shapes map[string]shape
}

// shape is what is known of a query before it runs.
type shape struct {
	args int   // how many arguments it takes
	err  error // why an action may not run it
}

func newHouse() *house {
	return &house{refused: sql.OpenDB(single{&conn{}}), shapes: map[string]shape{}}
}

// shape gives the shape of a query, and remembers it. The project's queries are
// constants, so there are few.
func (h *house) shape(query string) shape {
	h.mu.RLock()
	known, ok := h.shapes[query]
	h.mu.RUnlock()
	if ok {
		return known
	}
	known = shape{args: placeholders(query), err: checkQuery(query)}
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.shapes) >= 4*maxKept {
		clear(h.shapes)
	}
	h.shapes[query] = known
	return known
}

func (h *house) close() error { return redacted(h.refused.Close()) }
