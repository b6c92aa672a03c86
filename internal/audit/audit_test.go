package audit

// Inside the package: the tests tamper with stored rows and prove the log without
// adding an entry for each proof.

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"chartroom/internal/gate"
	"chartroom/internal/gate/gatetest"
	"chartroom/internal/seal"
)

const (
	actionWrite  gate.Action = "test.write"
	actionLook   gate.Action = "test.look"
	actionRefuse gate.Action = "test.refuse"
)

// house is a department whose actions are recorded by the real log.
type house struct {
	*Log
	t    testing.TB
	gate *gate.Gate
	ring *seal.Ring
}

func open(tb testing.TB, g func(options ...gatetest.Option) *gate.Gate, o Options) *house {
	tb.Helper()
	ring, err := seal.OpenRing(seal.File(filepath.Join(tb.TempDir(), seal.KeyFile)))
	if err != nil {
		tb.Fatal(err)
	}
	rec, err := NewRecorder(ring)
	if err != nil {
		tb.Fatal(err)
	}
	h := &house{t: tb, ring: ring}
	h.gate = g(func(c *gate.Config) {
		c.Recorder, c.Policy = rec, gatetest.Refuse{actionRefuse}
	})
	if h.Log, err = New(h.gate, ring, rec, o); err != nil {
		tb.Fatal(err)
	}
	return h
}

// both runs a test on both engines.
func both(t *testing.T, o Options, test func(h *house)) {
	t.Helper()
	for name, opener := range map[string]func(testing.TB, ...gatetest.Option) *gate.Gate{
		"sqlite": gatetest.Open, "postgres": gatetest.OpenPostgres,
	} {
		t.Run(name, func(t *testing.T) {
			test(open(t, func(options ...gatetest.Option) *gate.Gate { return opener(t, options...) }, o))
		})
	}
}

// restarted is the same department in a new process.
func (h *house) restarted() *house {
	h.t.Helper()
	rec, err := NewRecorder(h.ring)
	if err != nil {
		h.t.Fatal(err)
	}
	l, err := New(h.gate, h.ring, rec, h.options)
	if err != nil {
		h.t.Fatal(err)
	}
	return &house{Log: l, t: h.t, gate: h.gate, ring: h.ring}
}

func actor(n int) gate.Actor {
	return gate.Actor{ID: fmt.Sprintf("staff%d", n%7), Kind: gate.Person, Roles: []string{"coder", "technician"}, Session: "s1"}
}

// act takes n actions of different kinds, one after another.
func (h *house) act(n int) {
	h.t.Helper()
	ctx := context.Background()
	for i := range n {
		record := fmt.Sprintf("rec%d", i%11)
		var err error
		switch i % 5 {
		case 0:
			err = h.gate.Read(ctx, actor(i), actionLook, gate.Record(record), func(tx *gate.Tx) error {
				tx.Reason("coverage for a colleague")
				for j := range 3 {
					if err := tx.About(ctx, gate.Encounter(fmt.Sprintf("rec%d", j), fmt.Sprintf("enc%d-%d", i, j))); err != nil {
						return err
					}
				}
				return nil
			})
		case 1:
			err = h.gate.Change(ctx, actor(i), actionRefuse, gate.Record(record), func(*gate.Tx) error { return nil })
			if _, ok := errors.AsType[*gate.Denied](err); ok {
				err = nil
			}
		case 2:
			err = h.gate.Read(ctx, actor(i), actionLook, gate.Department(), func(*gate.Tx) error { return nil })
		default:
			err = h.gate.Change(ctx, actor(i), actionWrite, gate.Encounter(record, fmt.Sprintf("enc%d", i)), func(tx *gate.Tx) error {
				tx.Detail("codes", fmt.Sprint(i))
				tx.Detail("edition", "FY2026")
				return nil
			})
		}
		if err != nil {
			h.t.Fatal(err)
		}
	}
}

// quietly runs fn without leaving an entry.
func (h *house) quietly(fn func(tx *gate.Tx) error) error {
	h.t.Helper()
	return h.gate.Change(context.Background(), system(), ActionSequence, gate.Department(), fn)
}

func (h *house) must(statements ...string) {
	h.t.Helper()
	err := h.quietly(func(tx *gate.Tx) error {
		for _, s := range statements {
			if _, err := tx.Exec(context.Background(), s); err != nil {
				return fmt.Errorf("%s: %w", s, err)
			}
		}
		return nil
	})
	if err != nil {
		h.t.Fatal(err)
	}
}

// prove is Verify without an entry.
func (h *house) prove(witness string) Report {
	h.t.Helper()
	var v *verification
	known := h.recorder.committed()
	err := h.gate.Read(context.Background(), system(), ActionSequence, gate.Department(), func(tx *gate.Tx) error {
		ctx := context.Background()
		v = &verification{
			ctx: ctx, tx: tx, log: h.Log, options: VerifyOptions{Witness: witness}, known: known, lanes: map[laneKey]*laneEnd{},
			stored: hashStream{ctx: ctx, tx: tx}, notes: noteStream{ctx: ctx, tx: tx, log: h.Log},
		}
		err := v.run()
		if errors.As(err, &v.report.Problem) {
			return nil
		}
		return err
	})
	if err != nil {
		h.t.Fatal(err)
	}
	return v.report
}

func (h *house) whole() Report {
	h.t.Helper()
	r := h.prove("")
	if !r.Whole() {
		h.t.Fatal(r.Problem)
	}
	return r
}

func (h *house) flush() {
	h.t.Helper()
	if err := h.Flush(context.Background()); err != nil {
		h.t.Fatal(err)
	}
}

func TestWhole(t *testing.T) {
	both(t, Options{CheckpointSize: 64}, func(h *house) {
		if r := h.whole(); r.Entries != 0 || r.Tail != 0 {
			h.t.Errorf("empty: %+v", r)
		}
		h.act(100)
		if r := h.whole(); r.Entries != 0 || r.Tail != 100 {
			h.t.Errorf("tail: %+v", r)
		}
		h.flush()
		h.act(600)
		h.flush()
		h.act(9)
		r, err := h.Verify(context.Background(), actor(1), VerifyOptions{})
		if err != nil || !r.Whole() || r.Entries != 700 || r.Tail != 9 || r.Checkpoints < 2 {
			h.t.Errorf("%+v, %v", r, err)
		}
		// The next process goes on where this one stopped.
		next := h.restarted()
		next.must(`UPDATE audit_head SET until_at = 0`)
		next.flush()
		if r := next.whole(); r.Entries != 710 || r.Tail != 0 {
			h.t.Errorf("%+v", r)
		}
	})
}

func TestEntries(t *testing.T) {
	both(t, Options{}, func(h *house) {
		ctx := context.Background()
		h.act(230)
		h.flush()
		h.act(20)
		count := func(f Filter) (n int, refused int) {
			seen := map[string]bool{}
			f.Limit = 7
			for {
				page, err := h.Entries(ctx, actor(1), f)
				if err != nil {
					h.t.Fatal(err)
				}
				for _, item := range page.Items {
					if item.Action == ActionRead {
						continue // the reading of the log itself
					}
					if seen[item.ID] {
						h.t.Fatalf("%s came twice", item.ID)
					}
					seen[item.ID] = true
					n++
					if item.Outcome == gate.Refused {
						refused++
					}
				}
				if page.Next == "" {
					return n, refused
				}
				f.Next = page.Next
			}
		}
		// Each step of reading adds an entry to the tail, so the tail is put into
		// the tree first; what is new is of ActionRead.
		h.flush()
		for name, c := range map[string]struct {
			f       Filter
			n, refs int
		}{
			"action":          {Filter{Action: actionWrite}, 100, 0},
			"refused":         {Filter{Outcome: gate.Refused}, 50, 50},
			"actor":           {Filter{Actor: "staff3", Action: actionRefuse}, 6, 6},
			"other encounter": {Filter{Subject: "enc10-2"}, 2, 0},
			"record":          {Filter{Subject: "rec10"}, 17, 4},
			"nothing":         {Filter{Subject: "nobody"}, 0, 0},
		} {
			if n, refs := count(c.f); n != c.n || refs != c.refs {
				h.t.Errorf("%s: %d entries, %d refused; want %d, %d", name, n, refs, c.n, c.refs)
			}
		}
		if _, err := h.Entries(ctx, actor(1), Filter{Next: "x"}); err == nil {
			h.t.Error("a bad next page was taken")
		}
	})
}

func TestEntriesInTheTail(t *testing.T) {
	both(t, Options{}, func(h *house) {
		h.act(10)
		page, err := h.Entries(context.Background(), actor(1), Filter{Subject: "enc5-1"})
		if err != nil || len(page.Items) != 1 || page.Items[0].Position != -1 || len(page.Items[0].Subjects) != 4 {
			h.t.Errorf("%+v, %v", page, err)
		}
		if page.Items[0].Reason != "coverage for a colleague" || page.Items[0].Actor.Roles[1] != "technician" {
			h.t.Errorf("%+v", page.Items[0])
		}
	})
}

func TestProofs(t *testing.T) {
	both(t, Options{CheckpointSize: 1}, func(h *house) {
		ctx := context.Background()
		h.act(40)
		h.flush()
		h.act(60)
		page, err := h.Entries(ctx, actor(1), Filter{Action: actionWrite, Limit: 500})
		if err != nil {
			h.t.Fatal(err)
		}
		if _, err := h.Proof(ctx, actor(1), page.Items[0].ID); !errors.Is(err, ErrNotSigned) {
			h.t.Errorf("an entry of the tail: %v", err)
		}
		h.flush()
		other := open(h.t, func(o ...gatetest.Option) *gate.Gate { return gatetest.Open(h.t, o...) }, Options{})
		for _, item := range page.Items {
			p, err := h.Proof(ctx, actor(1), item.ID)
			if err != nil {
				h.t.Fatal(err)
			}
			if err := p.Check(h.PublicKey()); err != nil {
				h.t.Error(err)
			}
			if err := p.Check(other.PublicKey()); err == nil {
				h.t.Error("proved by another log's key")
			}
			p.Leaf[len(p.Leaf)-1] ^= 1
			if err := p.Check(h.PublicKey()); err == nil {
				h.t.Error("a changed entry was proved")
			}
		}
		if _, err := h.Proof(ctx, actor(1), "nothing"); !errors.Is(err, ErrNoEntry) {
			h.t.Errorf("no entry: %v", err)
		}
		p, err := h.ConsistencyProof(ctx, actor(1), 1)
		if err != nil || p.Old.Size >= p.New.Size {
			h.t.Errorf("%+v, %v", p, err)
		}
		if len(p.Path) > 0 {
			p.Path[0][0] ^= 1
			if err := p.Check(h.PublicKey()); err == nil {
				h.t.Error("a changed proof of consistency holds")
			}
		}
		if _, err := h.ConsistencyProof(ctx, actor(1), 99); err == nil {
			h.t.Error("proved the continuation of a checkpoint that is none")
		}
		c, err := h.Newest(ctx, actor(1))
		if err != nil || !strings.HasPrefix(c.Note, noteOrigin) {
			h.t.Errorf("%+v, %v", c, err)
		}
		found := Item{}
		err = h.gate.Read(ctx, actor(1), actionLook, gate.Department(), func(tx *gate.Tx) (err error) {
			found, err = Find(ctx, tx, page.Items[0].ID)
			return err
		})
		if err != nil || found.ID != page.Items[0].ID || found.Detail["edition"] != "FY2026" {
			h.t.Errorf("%+v, %v", found, err)
		}
	})
}

// An entry that cannot be written refuses the action.
func TestFailingLogRefuses(t *testing.T) {
	both(t, Options{}, func(h *house) {
		ctx := context.Background()
		h.act(3)
		h.must(`CREATE TABLE test_fact (n BIGINT)`)
		h.must(`ALTER TABLE audit_tail RENAME TO audit_tail_gone`)
		err := h.gate.Change(ctx, actor(1), actionWrite, gate.Record("r"), func(tx *gate.Tx) error {
			_, err := tx.Exec(ctx, `INSERT INTO test_fact (n) VALUES (1)`)
			return err
		})
		if err == nil {
			h.t.Error("done without an entry")
		}
		if err := h.gate.Read(ctx, actor(1), actionLook, gate.Record("r"), func(*gate.Tx) error { return nil }); err == nil {
			h.t.Error("read without an entry")
		}
		h.must(`ALTER TABLE audit_tail_gone RENAME TO audit_tail`)
		var n int64
		if err := h.quietly(func(tx *gate.Tx) error { return tx.QueryRow(ctx, `SELECT COUNT(*) FROM test_fact`).Scan(&n) }); err != nil || n != 0 {
			h.t.Errorf("%d facts, %v", n, err)
		}
		h.act(5)
		h.flush()
		h.whole()
	})
}

// A subject may not smuggle a line into another entry's list.
func TestSubjectsAreOneLine(t *testing.T) {
	h := open(t, func(o ...gatetest.Option) *gate.Gate { return gatetest.Open(t, o...) }, Options{})
	err := h.gate.Read(context.Background(), actor(1), actionLook, gate.Record("r"), func(tx *gate.Tx) error {
		return tx.About(context.Background(), gate.Record("r\tx\ny"))
	})
	if err == nil {
		t.Error("taken")
	}
}
