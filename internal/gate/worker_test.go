package gate_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"chartroom/internal/gate"
)

// TestWorker lets a worker that looks every minute and gathers for a second work on
// a clock of its own, and compares when it took its steps and what it reported.
func TestWorker(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begun := time.Now()
		var steps []time.Duration
		broken := errors.New("the disk is full")
		outcomes := []error{nil, broken, fmt.Errorf("store: %w", gate.ErrReadOnly), nil}
		w := gate.NewWorker(time.Minute, time.Second, func(context.Context) error {
			steps = append(steps, time.Since(begun))
			return outcomes[min(len(steps), len(outcomes))-1]
		})
		var reported []error
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			w.Run(ctx, func(err error) { reported = append(reported, err) })
		}()
		time.Sleep(10 * time.Second) // the first step, after it has gathered
		w.Wake()
		w.Wake() // once is enough
		time.Sleep(10 * time.Second)
		time.Sleep(2 * time.Minute) // nobody wakes it
		stop()
		<-ended
		want := []time.Duration{1 * time.Second, 11 * time.Second, 71 * time.Second, 131 * time.Second}
		if diff := cmp.Diff(want, steps); diff != "" {
			t.Errorf("steps (-want +got):\n%s", diff)
		}
		if len(reported) != 1 || !errors.Is(reported[0], broken) {
			t.Errorf("it reported %v; want the full disk once, and nothing of being read-only", reported)
		}
	})
}
