package work

import (
	"sync"

	"chartroom/internal/gate"
)

// counted remembers the counts of the queues for a moment.
type counted struct {
	mu    sync.Mutex
	stale bool
}

// changed makes the next look at the counts count anew.
func (s *Service) changed(tx *gate.Tx) {
	tx.OnCommit(func() {
		s.counts.mu.Lock()
		s.counts.stale = true
		s.counts.mu.Unlock()
	})
}
