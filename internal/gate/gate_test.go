package gate_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"chartroom/internal/gate"
	"chartroom/internal/gate/gatetest"
)

const (
	sqlMakeThings  = `CREATE TABLE thing (id TEXT PRIMARY KEY, n BIGINT, word TEXT, bytes BYTEA, amount DOUBLE PRECISION)`
	sqlInsertThing = `INSERT INTO thing (id, n) VALUES ($1, $2)`
	sqlCountThings = `SELECT COUNT(*) FROM thing`
)

var errTest = errors.New("the test's own error")

// things makes the table that most tests use.
func things(tb testing.TB, g *gate.Gate) {
	tb.Helper()
	change(tb, g, func(ctx context.Context, tx *gate.Tx) error {
		_, err := tx.Exec(ctx, sqlMakeThings)
		return err
	})
}

// change runs fn in a Change that must succeed.
func change(tb testing.TB, g *gate.Gate, fn func(ctx context.Context, tx *gate.Tx) error) {
	tb.Helper()
	if err := tryChange(g, fn); err != nil {
		tb.Fatal(err)
	}
}

func tryChange(g *gate.Gate, fn func(ctx context.Context, tx *gate.Tx) error) error {
	ctx := context.Background()
	return g.Change(ctx, gatetest.Actor(), "test.change", gate.Record("r1"), func(tx *gate.Tx) error { return fn(ctx, tx) })
}

func tryRead(g *gate.Gate, fn func(ctx context.Context, tx *gate.Tx) error) error {
	ctx := context.Background()
	return g.Read(ctx, gatetest.Actor(), "test.read", gate.Record("r1"), func(tx *gate.Tx) error { return fn(ctx, tx) })
}

// count gives how many things there are.
func count(tb testing.TB, g *gate.Gate) int {
	tb.Helper()
	var n int
	err := tryRead(g, func(ctx context.Context, tx *gate.Tx) error {
		return tx.QueryRow(ctx, sqlCountThings).Scan(&n)
	})
	if err != nil {
		tb.Fatal(err)
	}
	return n
}

func TestChangeWritesItsEntry(t *testing.T) {
	at := time.Date(2026, 9, 30, 12, 0, 0, 123456789, time.FixedZone("", 3600))
	clock := func(c *gate.Config) { c.Now = func() time.Time { return at } }
	gatetest.Both(t, func(t *testing.T, g *gate.Gate) {
		things(t, g)
		ctx := context.Background()
		who := gate.Actor{ID: "staff1", Kind: gate.Person, Roles: []string{"coder"}, Session: "s1"}
		var id string
		committed := 0
		err := g.Change(ctx, who, "coding.accept", gate.Record("r1"), func(tx *gate.Tx) error {
			id = tx.EntryID()
			tx.OnCommit(func() { committed++ })
			tx.Detail("codes", "1")
			tx.Reason("the reason")
			if cmp.Diff(tx.Actor(), who) != "" || !tx.Now().Equal(at.Truncate(time.Microsecond)) {
				t.Errorf("actor %v at %v", tx.Actor(), tx.Now())
			}
			if err := tx.About(ctx, gate.Encounter("r1", "e1")); err != nil {
				return err
			}
			if err := tx.About(ctx, gate.Record("r1")); err != nil { // named already: listed once
				return err
			}
			_, err := tx.Exec(ctx, sqlInsertThing, "a", 1)
			return err
		})
		if err != nil || committed != 1 {
			t.Fatalf("error %v, OnCommit ran %d times", err, committed)
		}
		entries := slices.DeleteFunc(gatetest.Entries(t, g), func(e gate.Entry) bool { return e.ID != id })
		want := gate.Entry{
			ID: id, At: at.UTC().Truncate(time.Microsecond), Actor: who, Action: "coding.accept", Outcome: gate.Done,
			Subjects: []gate.Subject{gate.Record("r1"), gate.Encounter("r1", "e1")},
			Reason:   "the reason", Detail: map[string]string{"codes": "1"},
		}
		if diff := cmp.Diff([]gate.Entry{want}, entries); diff != "" {
			t.Error(diff)
		}
	}, clock)
}

func TestFailedChangeLeavesNothing(t *testing.T) {
	gatetest.Both(t, func(t *testing.T, g *gate.Gate) {
		things(t, g)
		before := len(gatetest.Entries(t, g))
		err := tryChange(g, func(ctx context.Context, tx *gate.Tx) error {
			tx.OnCommit(func() { t.Error("OnCommit ran after a failure") })
			if _, err := tx.Exec(ctx, sqlInsertThing, "a", 1); err != nil {
				return err
			}
			return errTest
		})
		if !errors.Is(err, errTest) {
			t.Errorf("error %v", err)
		}
		if n := count(t, g); n != 0 {
			t.Errorf("%d things", n)
		}
		if after := len(gatetest.Entries(t, g)); after != before+1 { // the count above is the one
			t.Errorf("%d entries, then %d", before, after)
		}
	})
}

func TestRefusalIsRecorded(t *testing.T) {
	refuse := func(c *gate.Config) { c.Policy = gatetest.Refuse{"chart.read", "coding.finalise"} }
	gatetest.Both(t, func(t *testing.T, g *gate.Gate) {
		ctx := context.Background()
		must := func(*gate.Tx) error {
			t.Error("the function of a refused action ran")
			return nil
		}
		for _, err := range []error{
			g.Read(ctx, gatetest.Actor(), "chart.read", gate.Record("r1"), must),
			g.Change(ctx, gatetest.Actor(), "coding.finalise", gate.Record("r2"), must),
		} {
			var denied *gate.Denied
			if !errors.As(err, &denied) || denied.Safe() == "" {
				t.Errorf("error %v", err)
			}
		}
		entries := gatetest.Entries(t, g)
		if len(entries) != 2 {
			t.Fatalf("%d entries", len(entries))
		}
		for i, want := range []gate.Subject{gate.Record("r1"), gate.Record("r2")} {
			if e := entries[i]; e.Outcome != gate.Refused || len(e.Subjects) != 1 || e.Subjects[0] != want {
				t.Errorf("entry %+v", e)
			}
		}
	}, refuse)
}

func TestRefusalIsRecordedThoughTheCallerHangsUp(t *testing.T) {
	ctx, hangUp := context.WithCancel(context.Background())
	policy := decide(func(context.Context, *gate.Tx, gate.Request) error {
		hangUp()
		return &gate.Denied{Why: "no"}
	})
	g := gatetest.Open(t, func(c *gate.Config) { c.Policy = onlyFor("chart.read", policy) })
	err := g.Read(ctx, gatetest.Actor(), "chart.read", gate.Record("r1"), func(*gate.Tx) error { return nil })
	if _, ok := errors.AsType[*gate.Denied](err); !ok {
		t.Fatalf("error %v", err)
	}
	if entries := gatetest.Entries(t, g); len(entries) != 1 || entries[0].Outcome != gate.Refused {
		t.Errorf("entries %+v", entries)
	}
}

// decide is a policy made of a function.
type decide func(context.Context, *gate.Tx, gate.Request) error

func (d decide) Decide(ctx context.Context, tx *gate.Tx, req gate.Request) error {
	return d(ctx, tx, req)
}

// onlyFor asks the policy about one action and permits the rest.
func onlyFor(action gate.Action, p gate.Policy) gate.Policy {
	return decide(func(ctx context.Context, tx *gate.Tx, req gate.Request) error {
		if req.Action != action {
			return nil
		}
		return p.Decide(ctx, tx, req)
	})
}

func TestRefusedSubjectFailsTheAction(t *testing.T) {
	policy := decide(func(_ context.Context, _ *gate.Tx, req gate.Request) error {
		if req.Subject.Record == "locked" {
			return &gate.Denied{Request: req, Why: "locked"}
		}
		return nil
	})
	gatetest.Both(t, func(t *testing.T, g *gate.Gate) {
		things(t, g)
		err := tryChange(g, func(ctx context.Context, tx *gate.Tx) error {
			_ = tx.About(ctx, gate.Record("locked")) // looks away
			_ = tx.About(ctx, gate.Record("locked"))
			_, err := tx.Exec(ctx, sqlInsertThing, "a", 1)
			return err
		})
		if _, ok := errors.AsType[*gate.Denied](err); !ok || count(t, g) != 0 {
			t.Errorf("error %v", err)
		}
		entries := gatetest.Entries(t, g)
		refused := entries[1]
		if refused.Outcome != gate.Refused || len(refused.Subjects) != 2 || refused.Subjects[1] != gate.Record("locked") {
			t.Errorf("entry %+v", refused)
		}
	}, func(c *gate.Config) { c.Policy = policy })
}

func TestPolicyReadsTheTransaction(t *testing.T) {
	policy := onlyFor("test.once", decide(func(ctx context.Context, tx *gate.Tx, req gate.Request) error {
		var n int
		if err := tx.QueryRow(ctx, sqlCountThings).Scan(&n); err != nil {
			return err
		}
		if n > 0 {
			return &gate.Denied{Request: req, Why: "there is one already"}
		}
		return nil
	}))
	gatetest.Both(t, func(t *testing.T, g *gate.Gate) {
		things(t, g)
		ctx := context.Background()
		once := func() error {
			return g.Change(ctx, gatetest.Actor(), "test.once", gate.Department(), func(tx *gate.Tx) error {
				_, err := tx.Exec(ctx, sqlInsertThing, gate.NewID(), 1)
				return err
			})
		}
		if err := once(); err != nil {
			t.Fatal(err)
		}
		if _, ok := errors.AsType[*gate.Denied](once()); !ok {
			t.Error("the policy did not see what was stored")
		}
	}, func(c *gate.Config) { c.Policy = policy })
}

func TestPolicyThatFailsFailsTheAction(t *testing.T) {
	policy := onlyFor("test.change", decide(func(context.Context, *gate.Tx, gate.Request) error { return errTest }))
	g := gatetest.Open(t, func(c *gate.Config) { c.Policy = policy })
	err := tryChange(g, func(context.Context, *gate.Tx) error {
		t.Error("the function ran")
		return nil
	})
	var denied *gate.Denied
	if !errors.Is(err, errTest) || errors.As(err, &denied) {
		t.Errorf("error %v", err)
	}
}

func TestFailingRecorderFailsEverything(t *testing.T) {
	recorders := map[*gate.Gate]*gatetest.Recorder{}
	var last *gatetest.Recorder
	option := func(c *gate.Config) {
		last = &gatetest.Recorder{}
		c.Recorder = last
		c.Policy = gatetest.Refuse{"test.refused"}
	}
	gatetest.Both(t, func(t *testing.T, g *gate.Gate) {
		recorders[g] = last
		things(t, g)
		recorders[g].FailWith(errTest)
		err := tryChange(g, func(ctx context.Context, tx *gate.Tx) error {
			_, err := tx.Exec(ctx, sqlInsertThing, "a", 1)
			return err
		})
		if !errors.Is(err, errTest) {
			t.Errorf("change: %v", err)
		}
		if err := tryRead(g, func(context.Context, *gate.Tx) error { return nil }); !errors.Is(err, errTest) {
			t.Errorf("read: %v", err)
		}
		err = g.Change(context.Background(), gatetest.Actor(), "test.refused", gate.Department(), func(*gate.Tx) error { return nil })
		var denied *gate.Denied
		if !errors.Is(err, errTest) || !errors.As(err, &denied) {
			t.Errorf("refusal: %v", err)
		}
		recorders[g].FailWith(nil)
		if n := count(t, g); n != 0 {
			t.Errorf("%d things without an entry", n)
		}
	}, option)
}

func TestGateWithoutPolicyOrRecorderRefuses(t *testing.T) {
	ctx := context.Background()
	for name, c := range map[string]gate.Config{
		"policy":   {Recorder: &gatetest.Recorder{}},
		"recorder": {Policy: gatetest.Permit{}},
	} {
		c.Dir = t.TempDir()
		g, err := gate.Open(ctx, c)
		if err != nil {
			t.Fatal(err)
		}
		must := func(*gate.Tx) error {
			t.Errorf("an action ran without a %s", name)
			return nil
		}
		want := map[string]error{"policy": gate.ErrNoPolicy, "recorder": gate.ErrNoRecorder}[name]
		if err := g.Change(ctx, gatetest.Actor(), "a.b", gate.Department(), must); !errors.Is(err, want) {
			t.Errorf("change without a %s: %v", name, err)
		}
		if err := g.Read(ctx, gatetest.Actor(), "a.b", gate.Department(), must); !errors.Is(err, want) {
			t.Errorf("read without a %s: %v", name, err)
		}
		if err := g.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestOpenSaysWhatIsWrong(t *testing.T) {
	for name, c := range map[string]gate.Config{
		"no folder":   {},
		"not a URL":   {Database: "postgres://user:secret@[::1/x"},
		"no server":   {Database: "postgres://user:secret@127.0.0.1:1/x?connect_timeout=1"},
		"not allowed": {Dir: "/dev/null/x"},
	} {
		_, err := gate.Open(context.Background(), c)
		if err == nil || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestNewID(t *testing.T) {
	seen := map[string]bool{}
	last := ""
	for range 10_000 {
		id := gate.NewID()
		if len(id) != 26 || strings.Trim(id, "0123456789abcdefghjkmnpqrstvwxyz") != "" || seen[id] {
			t.Fatalf("id %q", id)
		}
		seen[id] = true
		if last != "" && id[:8] < last[:8] {
			t.Fatalf("%s after %s", id, last)
		}
		last = id
	}
}

// hooked is a recorder that wants to hear of its commits.
type hooked struct {
	gatetest.Recorder

	mu    sync.Mutex
	heard []gate.Outcome
}

func (h *hooked) Record(ctx context.Context, tx *gate.Tx, e gate.Entry) error {
	tx.OnCommit(func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		h.heard = append(h.heard, e.Outcome)
	})
	return h.Recorder.Record(ctx, tx, e)
}

func TestRecorderHearsOfEveryCommit(t *testing.T) {
	var last *hooked
	option := func(c *gate.Config) {
		last = &hooked{}
		c.Recorder, c.Policy = last, gatetest.Refuse{"test.refused"}
	}
	gatetest.Both(t, func(t *testing.T, g *gate.Gate) {
		h := last
		ctx := context.Background()
		nothing := func(*gate.Tx) error { return nil }
		_ = g.Change(ctx, gatetest.Actor(), "test.change", gate.Department(), nothing)
		_ = g.Read(ctx, gatetest.Actor(), "test.read", gate.Department(), nothing)
		_ = g.Change(ctx, gatetest.Actor(), "test.refused", gate.Department(), nothing)
		_ = g.Read(ctx, gatetest.Actor(), "test.refused", gate.Department(), nothing)
		_ = g.Change(ctx, gatetest.Actor(), "test.change", gate.Department(), func(*gate.Tx) error { return errTest })
		want := []gate.Outcome{gate.Done, gate.Done, gate.Refused, gate.Refused}
		if diff := cmp.Diff(want, h.heard); diff != "" {
			t.Error(diff)
		}
	}, option)
}
