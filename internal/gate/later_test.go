package gate_test

import (
	"context"
	"testing"

	"chartroom/internal/gate"
	"chartroom/internal/gate/gatetest"
)

// TestLater: a statement that goes later is there for all that follow, says what
// it did when asked, and ends the action where it fails.
func TestLater(t *testing.T) {
	gatetest.Both(t, func(t *testing.T, g *gate.Gate) {
		things(t, g)
		change(t, g, func(ctx context.Context, tx *gate.Tx) error {
			first, err := tx.Later(ctx, sqlInsertThing, "a", 1)
			if err != nil {
				return err
			}
			if _, err := tx.Later(ctx, sqlInsertThing, "b", 1); err != nil {
				return err
			}
			again, err := tx.Later(ctx, sqlInsertThing+` ON CONFLICT (id) DO NOTHING`, "a", 1)
			if err != nil {
				return err
			}
			var n int
			if err := tx.QueryRow(ctx, `SELECT COUNT(*) FROM thing`).Scan(&n); err != nil || n != 2 {
				t.Errorf("a query sees %d things of 2, %v", n, err)
			}
			all, err := tx.Later(ctx, `UPDATE thing SET n = n + 1`)
			if err != nil {
				return err
			}
			// The last one has not been sent yet when it is asked.
			for i, want := range []int64{1, 0, 2} {
				got, err := []interface{ RowsAffected() (int64, error) }{first, again, all}[i].RowsAffected()
				if err != nil || got != want {
					t.Errorf("statement %d touched %d rows, want %d, %v", i, got, want, err)
				}
			}
			return nil
		})
		// More than one flight carries.
		change(t, g, func(ctx context.Context, tx *gate.Tx) error {
			for range 200 {
				if _, err := tx.Later(ctx, `INSERT INTO thing (id, n) VALUES ($1, 1)`, gate.NewID()); err != nil {
					return err
				}
			}
			return nil
		})
		if n := count(t, g); n != 202 {
			t.Errorf("%d things, want 202", n)
		}
		// It fails, and nobody looks until the end.
		err := tryChange(g, func(ctx context.Context, tx *gate.Tx) error {
			_, _ = tx.Later(ctx, sqlInsertThing, "c", 1)
			_, _ = tx.Later(ctx, sqlInsertThing, "a", 1)
			return nil
		})
		if err == nil || !gate.IsUnique(err) {
			t.Errorf("a value that is there already: %v", err)
		}
		if n := count(t, g); n != 202 {
			t.Errorf("%d things after a change that failed, want 202", n)
		}
	})
}

// TestNote: what a run notes is gone in the next.
func TestNote(t *testing.T) {
	type key struct{ n int }
	gatetest.Both(t, func(t *testing.T, g *gate.Gate) {
		for range 2 {
			change(t, g, func(_ context.Context, tx *gate.Tx) error {
				if got := tx.Noted(key{1}); got != nil {
					t.Errorf("noted before: %v", got)
				}
				tx.Note(key{1}, "kept")
				if got := tx.Noted(key{1}); got != "kept" {
					t.Errorf("noted %v", got)
				}
				return nil
			})
		}
	})
}
