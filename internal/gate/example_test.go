package gate_test

import (
	"context"
	"errors"
	"fmt"
	"os"

	"chartroom/internal/gate"
	"chartroom/internal/gate/gatetest"
)

// A clerk may store a note and read it, and may not remove it; all three are on
// the log.
func Example() {
	ctx := context.Background()
	dir, err := os.MkdirTemp("", "gate")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = os.RemoveAll(dir) }()
	g, err := gate.Open(ctx, gate.Config{Dir: dir, Policy: gatetest.Refuse{"note.remove"}, Recorder: &gatetest.Recorder{}})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = g.Close() }()
	clerk := gate.Actor{ID: "clerk", Kind: gate.Person}
	record := gate.Record("record-1")

	err = g.Change(ctx, clerk, "note.store", record, func(tx *gate.Tx) error {
		if _, err := tx.Exec(ctx, `CREATE TABLE note (id TEXT PRIMARY KEY, body TEXT NOT NULL, entry TEXT NOT NULL)`); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `INSERT INTO note (id, body, entry) VALUES ($1, $2, $3)`, "note-1", "seen today", tx.EntryID())
		return err
	})
	fmt.Println("stored:", err)

	var body string
	err = g.Read(ctx, clerk, "note.read", record, func(tx *gate.Tx) error {
		return tx.QueryRow(ctx, `SELECT body FROM note WHERE id = $1`, "note-1").Scan(&body)
	})
	fmt.Println("read:", body, err)

	err = g.Change(ctx, clerk, "note.remove", record, func(tx *gate.Tx) error {
		_, err := tx.Exec(ctx, `DELETE FROM note`)
		return err
	})
	if denied, ok := errors.AsType[*gate.Denied](err); ok {
		fmt.Println("removed:", denied)
	}
	// Output:
	// stored: <nil>
	// read: seen today <nil>
	// removed: note.remove on record refused: the test does not permit note.remove
}
