package gate_test

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"math"
	"strings"
	"testing"
	"time"

	"chartroom/internal/gate"
	"chartroom/internal/gate/gatetest"
)

// The tests of this file say what both engines must do alike.

func TestValuesComeBackAsTheyWent(t *testing.T) {
	big := bytes.Repeat([]byte{0, 1, 0xff, '\n'}, 4<<20)
	gatetest.Both(t, func(t *testing.T, g *gate.Gate) {
		things(t, g)
		for name, want := range map[string]struct {
			n      sql.NullInt64
			word   sql.NullString
			bytes  []byte
			amount sql.NullFloat64
		}{
			"null":    {},
			"zero":    {n: sql.NullInt64{Valid: true}, word: sql.NullString{Valid: true}, bytes: []byte{}, amount: sql.NullFloat64{Valid: true}},
			"extreme": {n: sql.NullInt64{Int64: math.MinInt64, Valid: true}, amount: sql.NullFloat64{Float64: math.MaxFloat64, Valid: true}},
			"unicode": {word: sql.NullString{String: "Zoë Łukasiewicz 李 🏥 e\u0301 \u202eאב\x01\r\n'\"$1", Valid: true}}, //nolint:gosmopolitan // on purpose
			"micro":   {n: sql.NullInt64{Int64: time.Date(2026, 9, 30, 23, 59, 59, 999999000, time.UTC).UnixMicro(), Valid: true}},
			"tiny":    {amount: sql.NullFloat64{Float64: math.SmallestNonzeroFloat64, Valid: true}},
			"bytes":   {bytes: []byte{0, 0xff, 0x80}},
			"16 MB":   {bytes: big},
		} {
			change(t, g, func(ctx context.Context, tx *gate.Tx) error {
				_, err := tx.Exec(ctx, `INSERT INTO thing (id, n, word, bytes, amount) VALUES ($1, $2, $3, $4, $5)`,
					name, want.n, want.word, want.bytes, want.amount)
				return err
			})
			got := want
			err := tryRead(g, func(ctx context.Context, tx *gate.Tx) error {
				return tx.QueryRow(ctx, `SELECT n, word, bytes, amount FROM thing WHERE id = $1`, name).Scan(&got.n, &got.word, &got.bytes, &got.amount)
			})
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if got.n != want.n || got.word != want.word || got.amount != want.amount || !bytes.Equal(got.bytes, want.bytes) || (got.bytes == nil) != (want.bytes == nil) {
				t.Errorf("%s: %v %v %v, %d bytes", name, got.n, got.word, got.amount, len(got.bytes))
			}
		}
	})
}

func TestArgumentsThatNoDatabaseKeepsAreRefused(t *testing.T) {
	gatetest.Both(t, func(t *testing.T, g *gate.Gate) {
		things(t, g)
		type named string
		for name, arg := range map[string]any{
			"NUL":          "a\x00b",
			"NUL, named":   named("a\x00b"),
			"not UTF-8":    "a\xff",
			"NaN":          math.NaN(),
			"bool":         true,
			"time":         time.Unix(0, 0),
			"uint64":       uint64(math.MaxUint64),
			"struct":       struct{}{},
			"null time":    sql.NullTime{},
			"pointer time": new(time.Time),
		} {
			for how, statement := range map[string]func(ctx context.Context, tx *gate.Tx) error{
				"exec": func(ctx context.Context, tx *gate.Tx) error {
					_, err := tx.Exec(ctx, `UPDATE thing SET word = $1`, arg)
					return err
				},
				"query": func(ctx context.Context, tx *gate.Tx) error {
					_, err := tx.Query(ctx, `SELECT id FROM thing WHERE word = $1`, arg) //nolint:rowserrcheck,sqlclosecheck // fails
					return err
				},
				"row": func(ctx context.Context, tx *gate.Tx) error {
					var id string
					return tx.QueryRow(ctx, `SELECT id FROM thing WHERE word = $1`, arg).Scan(&id)
				},
			} {
				err := tryChange(g, statement)
				if err == nil || !strings.Contains(err.Error(), "$1") || strings.Contains(err.Error(), "a\x00b") {
					t.Errorf("%s by %s: %v", name, how, err)
				}
			}
		}
	})
}

func TestStatementsThatAnActionMayNotRun(t *testing.T) {
	gatetest.Both(t, func(t *testing.T, g *gate.Gate) {
		things(t, g)
		for _, query := range []string{
			"COMMIT", " commit;", "-- a comment\nROLLBACK", "BEGIN", "END", "SAVEPOINT x", "RELEASE change", "PRAGMA synchronous=0",
			"ATTACH 'x' AS y", "VACUUM", "SET synchronous_commit = off", "not SQL at all", "SELECT $1, $2",
		} {
			err := tryChange(g, func(ctx context.Context, tx *gate.Tx) error {
				if _, err := tx.Exec(ctx, sqlInsertThing, "a", 1); err != nil {
					return err
				}
				_, err := tx.Exec(ctx, query, "only one")
				if err == nil {
					t.Errorf("%q ran", query)
				}
				return nil // looks away
			})
			if err == nil {
				t.Errorf("%q: the action went on", query)
			}
		}
		if n := count(t, g); n != 0 {
			t.Errorf("%d things", n)
		}
	})
}

func TestPlaceholdersInAnyOrder(t *testing.T) {
	gatetest.Both(t, func(t *testing.T, g *gate.Gate) {
		things(t, g)
		change(t, g, func(ctx context.Context, tx *gate.Tx) error {
			_, err := tx.Exec(ctx, `INSERT INTO thing (word, n, id, amount) VALUES ($3, $2, $1, $4) /* $9 */ -- '$8'`, "id", 7, "it's $1 \"$2\"", 0.5)
			return err
		})
		var id, word string
		var n int
		err := tryRead(g, func(ctx context.Context, tx *gate.Tx) error {
			return tx.QueryRow(ctx, `SELECT id, word, n FROM thing WHERE n = $2 AND id = $1 AND word <> '$3'`, "id", 7).Scan(&id, &word, &n)
		})
		if err != nil || id != "id" || n != 7 || word != "it's $1 \"$2\"" {
			t.Errorf("%q %q %d, %v", id, word, n, err)
		}
	})
}

func TestReturningAndOnConflict(t *testing.T) {
	const upsert = `INSERT INTO thing (id, n) VALUES ($1, $2) ON CONFLICT (id) DO UPDATE SET n = thing.n + excluded.n RETURNING n`
	gatetest.Both(t, func(t *testing.T, g *gate.Gate) {
		things(t, g)
		change(t, g, func(ctx context.Context, tx *gate.Tx) error {
			for _, want := range []int{3, 6, 9} {
				var n int
				if err := tx.QueryRow(ctx, upsert, "a", 3).Scan(&n); err != nil {
					return err
				}
				if n != want {
					t.Errorf("n = %d, want %d", n, want)
				}
			}
			result, err := tx.Exec(ctx, `INSERT INTO thing (id, n) VALUES ($1, $2) ON CONFLICT DO NOTHING`, "a", 1)
			if err != nil {
				return err
			}
			if n, err := result.RowsAffected(); n != 0 || err != nil {
				t.Errorf("%d rows, %v", n, err)
			}
			err = tx.QueryRow(ctx, `UPDATE thing SET n = 0 WHERE id = $1 RETURNING n`, "none").Scan(new(int))
			if !errors.Is(err, sql.ErrNoRows) {
				t.Errorf("error %v", err)
			}
			return nil
		})
	})
}

func TestFirstErrorEndsTheAction(t *testing.T) {
	gatetest.Both(t, func(t *testing.T, g *gate.Gate) {
		things(t, g)
		insert := func(ctx context.Context, tx *gate.Tx) error {
			_, err := tx.Exec(ctx, sqlInsertThing, "a", 1)
			return err
		}
		change(t, g, insert)
		err := tryChange(g, func(ctx context.Context, tx *gate.Tx) error {
			if err := insert(ctx, tx); !gate.IsUnique(err) {
				t.Errorf("error %v", err)
			}
			_, err := tx.Exec(ctx, sqlInsertThing, "b", 1)
			if err == nil {
				t.Error("a statement ran after one that failed")
			}
			return nil // looks away
		})
		if !gate.IsUnique(err) || count(t, g) != 1 {
			t.Errorf("error %v", err)
		}
		// The same, by a row and its scan.
		err = tryChange(g, func(ctx context.Context, tx *gate.Tx) error {
			_ = tx.QueryRow(ctx, `INSERT INTO thing (id) VALUES ($1) RETURNING id`, "a").Scan(new(string))
			return nil
		})
		if !gate.IsUnique(err) {
			t.Errorf("error %v", err)
		}
		if gate.IsUnique(nil) || gate.IsUnique(errTest) {
			t.Error("IsUnique finds what is not there")
		}
	})
}

func TestForeignKeysHold(t *testing.T) {
	gatetest.Both(t, func(t *testing.T, g *gate.Gate) {
		things(t, g)
		change(t, g, func(ctx context.Context, tx *gate.Tx) error {
			_, err := tx.Exec(ctx, `CREATE TABLE part (id TEXT PRIMARY KEY, thing TEXT NOT NULL REFERENCES thing (id))`)
			return err
		})
		err := tryChange(g, func(ctx context.Context, tx *gate.Tx) error {
			_, err := tx.Exec(ctx, `INSERT INTO part (id, thing) VALUES ('p', 'none')`)
			return err
		})
		if err == nil || gate.IsUnique(err) {
			t.Errorf("error %v", err)
		}
	})
}

func TestReadCannotWrite(t *testing.T) {
	gatetest.Both(t, func(t *testing.T, g *gate.Gate) {
		things(t, g)
		for _, query := range []string{"INSERT INTO thing (id) VALUES ('a')", "DROP TABLE thing", "CREATE TABLE other (id TEXT)"} {
			err := tryRead(g, func(ctx context.Context, tx *gate.Tx) error {
				_, err := tx.Exec(ctx, query)
				return err
			})
			if err == nil {
				t.Errorf("%s ran in a read", query)
			}
		}
		if n := count(t, g); n != 0 {
			t.Errorf("%d things", n)
		}
	})
}

func TestReadSeesOneSnapshot(t *testing.T) {
	gatetest.Both(t, func(t *testing.T, g *gate.Gate) {
		things(t, g)
		err := tryRead(g, func(ctx context.Context, tx *gate.Tx) error {
			var before, after int
			if err := tx.QueryRow(ctx, sqlCountThings).Scan(&before); err != nil {
				return err
			}
			done := make(chan error)
			go func() { // another caller
				done <- tryChange(g, func(ctx context.Context, tx *gate.Tx) error {
					_, err := tx.Exec(ctx, sqlInsertThing, "a", 1)
					return err
				})
			}()
			if err := <-done; err != nil {
				return err
			}
			if err := tx.QueryRow(ctx, sqlCountThings).Scan(&after); err != nil {
				return err
			}
			if before != 0 || after != 0 {
				t.Errorf("%d things, then %d", before, after)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if n := count(t, g); n != 1 {
			t.Errorf("%d things", n)
		}
	})
}

func TestValuesThatDoNotFitAreNotTold(t *testing.T) {
	gatetest.Both(t, func(t *testing.T, g *gate.Gate) {
		things(t, g)
		err := tryChange(g, func(ctx context.Context, tx *gate.Tx) error {
			_, err := tx.Exec(ctx, `UPDATE thing SET n = $1`, "Testperson")
			return err
		})
		if err != nil && strings.Contains(err.Error(), "Testperson") {
			t.Error(err)
		}
	})
}

func TestOneResultSetAtATime(t *testing.T) {
	gatetest.Both(t, func(t *testing.T, g *gate.Gate) {
		things(t, g)
		change(t, g, func(ctx context.Context, tx *gate.Tx) error {
			for _, id := range []string{"a", "b", "c"} {
				if _, err := tx.Exec(ctx, sqlInsertThing, id, 1); err != nil {
					return err
				}
			}
			return nil
		})
		type action func(g *gate.Gate, fn func(context.Context, *gate.Tx) error) error
		for name, act := range map[string]action{"change": tryChange, "read": tryRead} {
			var kept *sql.Rows
			err := act(g, func(ctx context.Context, tx *gate.Tx) error {
				rows, err := tx.Query(ctx, `SELECT id FROM thing ORDER BY id`)
				if err != nil {
					return err
				}
				defer rows.Close()
				if !rows.Next() {
					return rows.Err()
				}
				if err := tx.QueryRow(ctx, sqlCountThings).Scan(new(int)); err == nil {
					t.Errorf("%s: a second result set opened", name)
				}
				return nil
			})
			if err == nil {
				t.Errorf("%s: two result sets at once went unnoticed", name)
			}
			err = act(g, func(ctx context.Context, tx *gate.Tx) error {
				var err error
				kept, err = tx.Query(ctx, `SELECT id FROM thing ORDER BY id`) //nolint:rowserrcheck,sqlclosecheck // left open, to see it noticed
				return err
			})
			if err == nil {
				t.Errorf("%s: an open result set went unnoticed", name)
			}
			for i := 0; kept.Next(); i++ {
				if i > 0 { // one row may have been fetched already
					t.Errorf("%s: a result set outlived its action", name)
				}
			}
			if n := count(t, g); n != 3 {
				t.Errorf("%d things", n)
			}
			kept.Close()
			if n := count(t, g); n != 3 {
				t.Errorf("%d things", n)
			}
		}
	})
}

func TestTransactionEndsWithItsFunction(t *testing.T) {
	gatetest.Both(t, func(t *testing.T, g *gate.Gate) {
		things(t, g)
		var kept *gate.Tx
		change(t, g, func(_ context.Context, tx *gate.Tx) error {
			kept = tx
			return nil
		})
		ctx := context.Background()
		if _, err := kept.Exec(ctx, sqlInsertThing, "a", 1); !errors.Is(err, gate.ErrEnded) {
			t.Errorf("exec: %v", err)
		}
		if _, err := kept.Query(ctx, sqlCountThings); !errors.Is(err, gate.ErrEnded) { //nolint:rowserrcheck,sqlclosecheck // fails
			t.Errorf("query: %v", err)
		}
		if err := kept.QueryRow(ctx, sqlCountThings).Scan(new(int)); !errors.Is(err, gate.ErrEnded) {
			t.Errorf("row: %v", err)
		}
	})
}
