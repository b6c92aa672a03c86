package crashtest

import (
	"context"
	"strings"
	"testing"

	"chartroom/internal/gate"
	"chartroom/internal/gate/gatetest"
)

// The suite itself must see a loss where there is one.

func suite(ctx context.Context, place string) (*Department, error) {
	g, err := gate.Open(ctx, gate.Config{Dir: place, Policy: gatetest.Permit{}, Recorder: &gatetest.Recorder{}})
	if err != nil {
		return nil, err
	}
	return &Department{
		Gate: g,
		Has: func(ctx context.Context, tx *gate.Tx, entry string) (bool, error) {
			var n int
			err := tx.QueryRow(ctx, `SELECT COUNT(*) FROM test_entry WHERE id = $1`, entry).Scan(&n)
			return n == 1, err
		},
		Close: g.Close,
	}, nil
}

func TestLossIsSeen(t *testing.T) {
	ctx := context.Background()
	for name, test := range map[string]struct {
		damage string
		lost   int
		says   string
	}{
		"nothing":        {damage: `DELETE FROM crash_message WHERE seq = 99`},
		"last message":   {damage: `DELETE FROM crash_message WHERE seq = 3`, lost: 1},
		"middle message": {damage: `DELETE FROM crash_message WHERE seq = 0`, says: "message 1 is stored, 0 is not"},
		"part":           {damage: `DELETE FROM crash_part WHERE number = 1`, says: "has 1 parts of 2"},
		"entry":          {damage: `DELETE FROM test_entry WHERE id = (SELECT entry FROM crash_message WHERE seq = 1)`, says: "no entry on the audit log"},
	} {
		place := t.TempDir()
		d, err := suite(ctx, place)
		if err != nil {
			t.Fatal(err)
		}
		g := d.Gate
		if err := setUp(ctx, g); err != nil {
			t.Fatal(err)
		}
		var acks []ack
		for seq := range 4 {
			a, err := storeOne(ctx, g, 0, 0, seq)
			if err != nil {
				t.Fatal(err)
			}
			acks = append(acks, a)
		}
		err = g.Change(ctx, writer(), "test.damage", gate.Department(), func(tx *gate.Tx) error {
			// Foreign keys would stop it: the parts of the message go first.
			if strings.Contains(test.damage, "FROM crash_message WHERE") && !strings.Contains(test.damage, "test_entry") {
				if _, err := tx.Exec(ctx, `DELETE FROM crash_part WHERE entry IN (SELECT entry`+strings.TrimPrefix(test.damage, "DELETE")+`)`); err != nil {
					return err
				}
			}
			_, err := tx.Exec(ctx, test.damage)
			return err
		})
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if err := g.Close(); err != nil {
			t.Fatal(err)
		}
		lost, _, err := Suite(suite).look(place, 0, acks)
		if lost != test.lost || (err == nil) != (test.says == "") || err != nil && !strings.Contains(err.Error(), test.says) {
			t.Errorf("%s: %d lost, %v", name, lost, err)
		}
	}
}
