package gate_test

import (
	"context"
	"errors"
	"testing"

	"chartroom/internal/gate"
	"chartroom/internal/gate/gatetest"
)

// TestListsGoOnWithoutWhatIsRefused names three subjects of a list, one of which
// the policy refuses: the action goes on, and its entry lists the others alone.
func TestListsGoOnWithoutWhatIsRefused(t *testing.T) {
	policy := decide(func(_ context.Context, _ *gate.Tx, req gate.Request) error {
		switch req.Subject.Record {
		case "locked":
			return &gate.Denied{Request: req, Why: "locked"}
		case "broken":
			return errTest
		}
		return nil
	})
	gatetest.Both(t, func(t *testing.T, g *gate.Gate) {
		var shown []string
		err := tryRead(g, func(ctx context.Context, tx *gate.Tx) error {
			shown = nil
			for _, record := range []string{"r2", "locked", "r1", "locked", "r3"} {
				ok, err := tx.AboutIf(ctx, gate.Record(record))
				if err != nil {
					return err
				}
				if ok {
					shown = append(shown, record)
				}
			}
			return nil
		})
		if err != nil || len(shown) != 3 {
			t.Errorf("shown %v, %v", shown, err)
		}
		entries := gatetest.Entries(t, g)
		if e := entries[len(entries)-1]; e.Outcome != gate.Done || len(e.Subjects) != 3 {
			t.Errorf("entry %+v", e)
		}
		if err := tryRead(g, func(ctx context.Context, tx *gate.Tx) error {
			_, err := tx.AboutIf(ctx, gate.Record("broken"))
			return err
		}); !errors.Is(err, errTest) {
			t.Errorf("a policy that fails: %v", err)
		}
		// What a list left out is still refused when it is opened.
		err = tryRead(g, func(ctx context.Context, tx *gate.Tx) error {
			if _, err := tx.AboutIf(ctx, gate.Record("locked")); err != nil {
				return err
			}
			_ = tx.About(ctx, gate.Record("locked")) // looks away
			return nil
		})
		if _, ok := errors.AsType[*gate.Denied](err); !ok {
			t.Errorf("opened: %v", err)
		}
	}, func(c *gate.Config) { c.Policy = policy })
}
