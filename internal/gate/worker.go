package gate

import (
	"context"
	"errors"
	"time"
)

// Worker does a step of work in the background whenever it is woken, and from time
// to time when nobody wakes it, for another process may have left something to do.
type Worker struct {
	step         func(context.Context) error
	poll, gather time.Duration
	wake         chan struct{}
}

// NewWorker makes a worker that looks for work every poll, and that waits for gather
// after it was woken, and before its first step: what comes together is done together.
func NewWorker(poll, gather time.Duration, step func(context.Context) error) *Worker {
	return &Worker{step: step, poll: poll, gather: gather, wake: make(chan struct{}, 1)}
}

// Wake has Run do a step soon. It never waits.
func (w *Worker) Wake() {
	select {
	case w.wake <- struct{}{}:
	default: // awake already
	}
}

// Run works until ctx ends. A step that failed is told to report (nil: to nobody)
// and tried again with the next waking; that the department is read-only is no
// failure.
func (w *Worker) Run(ctx context.Context, report func(error)) {
	timer := time.NewTimer(w.gather)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-w.wake:
			select {
			case <-ctx.Done():
				return
			case <-time.After(w.gather):
			}
			select {
			case <-w.wake: // what woke it meanwhile is part of this step
			default:
			}
		case <-timer.C:
		}
		err := w.step(ctx)
		if err != nil && ctx.Err() == nil && !errors.Is(err, ErrReadOnly) && report != nil {
			report(err)
		}
		timer.Reset(w.poll)
	}
}
