package identity

import (
	"context"

	"chartroom/internal/gate"
)

// Watcher is told, in the transaction that makes or undoes a link, of the two records
// it names: whoever works something out by person works it out again for both.
type Watcher func(ctx context.Context, tx *gate.Tx, records []string) error

// Watch has w told of every link made or undone from now on. It is for wiring: call it
// before the department is used.
func (s *Service) Watch(w Watcher) { s.watchers = append(s.watchers, w) }

func (s *Service) tell(ctx context.Context, tx *gate.Tx, l Link) error {
	for _, w := range s.watchers {
		if err := w(ctx, tx, []string{l.Survivor, l.Subsumed}); err != nil {
			return err
		}
	}
	return nil
}
