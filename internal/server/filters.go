package server

import (
	"slices"
	"sync"

	"chartroom/internal/gate"
)

// filters keeps what people searched for, so that an address holds an opaque id
// in place of a name. It lives in memory alone and forgets the oldest: what was
// searched for is nobody's business tomorrow. Safe for concurrent use.
type filters struct {
	mu    sync.Mutex
	by    map[string]filter
	order []string
}

type filter struct{ owner, query string }

// maxFilters bounds how many searches are remembered, of all people together.
const maxFilters = 2000

func newFilters() *filters { return &filters{by: map[string]filter{}} }

// keep remembers a search of one person and returns its id.
func (f *filters) keep(owner, query string) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	id := gate.NewID()
	f.by[id] = filter{owner, query}
	f.order = append(f.order, id)
	if len(f.order) > maxFilters {
		delete(f.by, f.order[0])
		f.order = slices.Delete(f.order, 0, 1)
	}
	return id
}

// find gives back a search to the person who made it.
func (f *filters) find(owner, id string) (query string, ok bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	kept, ok := f.by[id]
	if !ok || kept.owner != owner {
		return "", false
	}
	return kept.query, true
}
