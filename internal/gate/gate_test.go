package gate_test

import (
	"context"
	"errors"
	"testing"

	"chartroom/internal/gate"
	"chartroom/internal/gate/gatetest"
)

func TestChangeThenRead(t *testing.T) {
	gatetest.Both(t, func(t *testing.T, g *gate.Gate) {
		ctx := context.Background()
		who := gatetest.Actor()
		committed := 0
		err := g.Change(ctx, who, "test.make", gate.Record("r1"), func(tx *gate.Tx) error {
			if _, err := tx.Exec(ctx, "CREATE TABLE thing (id TEXT PRIMARY KEY, n BIGINT)"); err != nil {
				return err
			}
			_, err := tx.Exec(ctx, "INSERT INTO thing (id, n) VALUES ($2, $1)", 7, "a")
			tx.OnCommit(func() { committed++ })
			tx.Detail("rows", "1")
			tx.Reason("to see")
			return errors.Join(err, tx.About(ctx, gate.Encounter("r1", "e1")))
		})
		if err != nil {
			t.Fatal(err)
		}
		if committed != 1 {
			t.Errorf("OnCommit ran %d times", committed)
		}
		var n int
		err = g.Read(ctx, who, "test.read", gate.Record("r1"), func(tx *gate.Tx) error {
			return tx.QueryRow(ctx, "SELECT n FROM thing WHERE id = $1", "a").Scan(&n)
		})
		if err != nil || n != 7 {
			t.Fatalf("n = %d, %v", n, err)
		}
		entries := gatetest.Entries(t, g)
		if len(entries) != 2 {
			t.Fatalf("%d entries", len(entries))
		}
		e := entries[0]
		if e.Action != "test.make" || e.Outcome != gate.Done || len(e.Subjects) != 2 || e.Detail["rows"] != "1" || e.Reason != "to see" {
			t.Errorf("entry %+v", e)
		}
	})
}
