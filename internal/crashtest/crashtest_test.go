package crashtest_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"chartroom/internal/audit"
	"chartroom/internal/crashtest"
	"chartroom/internal/gate"
	"chartroom/internal/gate/gatetest"
	"chartroom/internal/seal"
)

// keysVariable tells the child where the keys lie when the database is at an
// address; beside an embedded database they lie in its folder.
const keysVariable = "CHARTROOM_CRASH_KEYS"

func TestMain(m *testing.M) { crashtest.Suite(department).Main(m) }

// department opens a gate that permits everything and records on the real log,
// whose sequencer runs.
func department(ctx context.Context, place string) (*crashtest.Department, error) {
	c := gate.Config{Dir: place, Policy: gatetest.Permit{}}
	keys := place
	if strings.HasPrefix(place, "postgres://") {
		c.Dir, c.Database, keys = "", place, os.Getenv(keysVariable)
	}
	if err := os.MkdirAll(keys, 0o700); err != nil {
		return nil, err
	}
	ring, err := seal.OpenRing(seal.File(filepath.Join(keys, seal.KeyFile)))
	if err != nil {
		return nil, err
	}
	recorder, err := audit.NewRecorder(ring)
	if err != nil {
		return nil, err
	}
	c.Recorder = recorder
	g, err := gate.Open(ctx, c)
	if err != nil {
		return nil, err
	}
	log, err := audit.New(g, ring, recorder, audit.Options{})
	if err != nil {
		return nil, errors.Join(err, g.Close())
	}
	running, stop := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() { ended <- log.Run(running) }()
	return &crashtest.Department{
		Gate:  g,
		Whole: func(ctx context.Context) (int, error) { return whole(ctx, log) },
		Has:   has,
		Close: func() error {
			stop()
			return errors.Join(<-ended, g.Close())
		},
	}, nil
}

// whole sequences what waits and proves the log.
func whole(ctx context.Context, log *audit.Log) (int, error) {
	if err := log.Flush(ctx); err != nil {
		return 0, err
	}
	report, err := log.Verify(ctx, gatetest.Actor(), audit.VerifyOptions{})
	if err != nil {
		return 0, err
	}
	if report.Problem != nil {
		return 0, report.Problem
	}
	return int(report.Entries + report.Tail), nil
}

func has(ctx context.Context, tx *gate.Tx, entry string) (bool, error) {
	_, err := audit.Find(ctx, tx, entry)
	if errors.Is(err, audit.ErrNoEntry) {
		return false, nil
	}
	return err == nil, err
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
	f := crashtest.Suite(department).Run(t, t.TempDir(), cycles(t, 20))
	t.Log(f)
	if f.Answered == 0 || f.Entries < f.Stored {
		t.Error("too little was answered or recorded; the test proves nothing")
	}
}

func TestKillsLoseNothingOnPostgres(t *testing.T) {
	t.Setenv(keysVariable, t.TempDir())
	f := crashtest.Suite(department).Run(t, gatetest.PostgresSchema(t), 5)
	t.Log(f)
	if f.Answered == 0 || f.Entries < f.Stored {
		t.Error("too little was answered or recorded; the test proves nothing")
	}
}

func TestKillsWhileCreating(t *testing.T) {
	f := crashtest.Suite(department).RunNew(t, t.TempDir, 20)
	if f.Starting == 0 {
		t.Error("no child was killed while it started; the test proves nothing")
	}
}
