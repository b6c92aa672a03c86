package gate_test

import (
	"context"
	"sync"
	"testing"

	"chartroom/internal/gate"
	"chartroom/internal/gate/gatetest"
)

// TestServerEndsConnections has the PostgreSQL server end connections, as it
// does when it is restarted or fails over.
func TestServerEndsConnections(t *testing.T) {
	name := "test-" + gate.NewID()
	g := gatetest.OpenPostgres(t, func(c *gate.Config) { c.Database += "&application_name=" + name })
	things(t, g)
	// In the middle of a change: that change has failed, and nothing of it is there.
	err := tryChange(g, func(ctx context.Context, tx *gate.Tx) error {
		if _, err := tx.Exec(ctx, sqlInsertThing, "a", 1); err != nil {
			return err
		}
		_, _ = tx.Exec(ctx, `SELECT pg_terminate_backend(pg_backend_pid())`)
		return nil // looks away
	})
	if err == nil {
		t.Error("a change was answered as saved after its connection had ended")
	}
	if n := count(t, g); n != 0 {
		t.Errorf("%d things", n)
	}

	// While they lie idle: nobody notices.
	var wg sync.WaitGroup
	for range 12 { // several connections
		wg.Go(func() { count(t, g) })
	}
	wg.Wait()
	change(t, g, func(ctx context.Context, tx *gate.Tx) error {
		rows, err := tx.Query(ctx, `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
			WHERE application_name = $1 AND state = 'idle' AND pid <> pg_backend_pid()`, name)
		if err != nil {
			return err
		}
		defer func() { _ = rows.Close() }()
		for rows.Next() {
			t.Log("a connection is ended")
		}
		return rows.Err()
	})
	for range 12 {
		wg.Go(func() {
			change(t, g, func(ctx context.Context, tx *gate.Tx) error {
				_, err := tx.Exec(ctx, `INSERT INTO thing (id, n) VALUES ($1, 1)`, gate.NewID())
				return err
			})
			count(t, g)
		})
	}
	wg.Wait()
	if n := count(t, g); n != 12 {
		t.Errorf("%d things", n)
	}
}

// TestFailedTransactionIsNotSaved: PostgreSQL answers the COMMIT of a failed
// transaction with ROLLBACK and no error. A function that hides the failure in
// a result set does not get it past the gate.
func TestFailedTransactionIsNotSaved(t *testing.T) {
	gatetest.Both(t, func(t *testing.T, g *gate.Gate) {
		things(t, g)
		err := tryChange(g, func(ctx context.Context, tx *gate.Tx) error {
			if _, err := tx.Exec(ctx, sqlInsertThing, "1", 1); err != nil {
				return err
			}
			// Fails at the second row, after the first was read.
			//nolint:rowserrcheck // looks away
			rows, err := tx.Query(ctx, `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3)
				SELECT 9223372036854775806 + n.i FROM n`)
			if err != nil {
				return nil // looks away
			}
			defer func() { _ = rows.Close() }()
			for rows.Next() {
				t.Log("a row came before the failure")
			}
			return nil
		})
		// SQLite makes a float of what PostgreSQL refuses: then all is well.
		if n := count(t, g); (err == nil) != (n == 1) {
			t.Errorf("%d things, %v", n, err)
		}
	})
}
