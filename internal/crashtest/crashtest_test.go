package crashtest_test

import (
	"context"
	"os"
	"strconv"
	"strings"
	"testing"

	"chartroom/internal/crashtest"
	"chartroom/internal/gate"
	"chartroom/internal/gate/gatetest"
)

func TestMain(m *testing.M) { plain().Main(m) }

// plain is the gate with the recorder of gatetest.
func plain() crashtest.Suite {
	return crashtest.Suite{
		Open: func(ctx context.Context, place string) (*gate.Gate, error) {
			c := gate.Config{Dir: place, Policy: gatetest.Permit{}, Recorder: &gatetest.Recorder{}}
			if strings.HasPrefix(place, "postgres://") {
				c.Dir, c.Database = "", place
			}
			return gate.Open(ctx, c)
		},
		Whole: func(ctx context.Context, g *gate.Gate) (int, error) {
			var n int
			err := g.Read(ctx, gatetest.Actor(), "test.count", gate.Department(), func(tx *gate.Tx) error {
				return tx.QueryRow(ctx, `SELECT COUNT(*) FROM test_entry`).Scan(&n)
			})
			return n, err
		},
		Has: func(ctx context.Context, tx *gate.Tx, entry string) (bool, error) {
			var n int
			err := tx.QueryRow(ctx, `SELECT COUNT(*) FROM test_entry WHERE id = $1`, entry).Scan(&n)
			return n == 1, err
		},
	}
}

// cycles is how many kills a test makes: few by default, all where
// CHARTROOM_CRASH_CYCLES says so.
func cycles(t *testing.T, byDefault int) int {
	t.Helper()
	text := os.Getenv("CHARTROOM_CRASH_CYCLES")
	if text == "" {
		return byDefault
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		t.Fatalf("CHARTROOM_CRASH_CYCLES is %q, not a number of kills", text)
	}
	return n
}

func TestKillsLoseNothing(t *testing.T) {
	f := plain().Run(t, t.TempDir(), cycles(t, 20))
	t.Log(f)
	if f.Answered == 0 {
		t.Error("no change was answered; the test proves nothing")
	}
}

func TestKillsLoseNothingOnPostgres(t *testing.T) {
	f := plain().Run(t, gatetest.PostgresSchema(t), 5)
	t.Log(f)
	if f.Answered == 0 {
		t.Error("no change was answered; the test proves nothing")
	}
}

func TestKillsWhileCreating(t *testing.T) {
	f := plain().RunNew(t, t.TempDir, 20)
	if f.Starting == 0 {
		t.Error("no child was killed while it started; the test proves nothing")
	}
}
