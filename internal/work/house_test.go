package work

import (
	"fmt"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"chartroom/internal/gate"
	"chartroom/internal/gate/gatetest"
	"chartroom/internal/seal"
)

const actionDomain = gate.Action("test.domain")

// clock is a clock that a test moves.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func newClock() *clock { return &clock{at: time.Date(2026, 9, 30, 14, 0, 0, 0, time.UTC)} }

// now moves on a little with every look, so that no two actions are at one time.
func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(time.Microsecond)
	return c.at
}

func (c *clock) add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

// house is a department with nothing but its lists of work and people.
type house struct {
	*Service

	clock  *clock
	people []gate.Actor
}

const sqlTestStaff = `INSERT INTO access_staff (id, login, name, roles, units, providers, standing, active, password, made_at, changed_at, entry)
	VALUES ($1, $1, $1, $2, '', '', $3, 1, '', 0, 0, '')`

// furnish makes the lists of work on a gate, with three technicians, of whom the
// first may finish codes, a supervisor, and a coder.
func furnish(tb testing.TB, g *gate.Gate, c *clock) *house {
	tb.Helper()
	ring, err := seal.OpenRing(seal.File(filepath.Join(tb.TempDir(), seal.KeyFile)))
	if err != nil {
		tb.Fatal(err)
	}
	zone, err := time.LoadLocation("America/Chicago")
	if err != nil {
		tb.Fatal(err)
	}
	h := &house{Service: New(g, ring, In(zone)), clock: c}
	roles := []string{"technician", "technician", "technician", "supervisor", "coder"}
	for i, role := range roles {
		h.people = append(h.people, gate.Actor{ID: fmt.Sprintf("person-%d", i), Kind: gate.Person, Roles: []string{role}})
	}
	err = g.Change(tb.Context(), gatetest.Actor(), actionDomain, gate.Department(), func(tx *gate.Tx) error {
		for i, p := range h.people {
			standing := `{}`
			if i == 0 {
				standing = `{"privileges":{"final-coding":""}}`
			}
			if _, err := tx.Exec(tb.Context(), sqlTestStaff, p.ID, roles[i], standing); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		tb.Fatal(err)
	}
	return h
}

func ticking(c *clock) gatetest.Option { return func(g *gate.Config) { g.Now = c.now } }

// domain runs an action of some domain.
func (h *house) domain(tb testing.TB, fn func(tx *gate.Tx) error) {
	tb.Helper()
	if err := h.gate.Change(tb.Context(), gatetest.Actor(), actionDomain, gate.Department(), fn); err != nil {
		tb.Fatal(err)
	}
}

func (h *house) put(tb testing.TB, w Want) {
	tb.Helper()
	h.domain(tb, func(tx *gate.Tx) error { return h.PutTx(tb.Context(), tx, w) })
}

const sqlAllItems = `SELECT ` + itemColumns + ` FROM work_item ORDER BY id`

// rows reads every item there ever was, as the store has it.
func (h *house) rows(tb testing.TB) map[string]row {
	tb.Helper()
	all := map[string]row{}
	err := h.gate.Read(tb.Context(), gatetest.Actor(), actionDomain, gate.Department(), func(tx *gate.Tx) error {
		found, err := rowsOf(tb.Context(), tx, sqlAllItems)
		for _, r := range found {
			all[r.id] = r
		}
		return err
	})
	if err != nil {
		tb.Fatal(err)
	}
	return all
}

const sqlAllEvents = `SELECT ` + eventColumns + ` FROM work_event ORDER BY item, version`

// whole fails the test where the story that the events tell is not whole: each
// change follows the one before, the last is how the item is, nobody took what
// another had, and what is settled stays so.
func (h *house) whole(tb testing.TB) {
	tb.Helper()
	var events []event
	err := h.gate.Read(tb.Context(), gatetest.Actor(), actionDomain, gate.Department(), func(tx *gate.Tx) (err error) {
		events, err = eventsOf(tb.Context(), tx, sqlAllEvents)
		return err
	})
	if err != nil {
		tb.Fatal(err)
	}
	items := h.rows(tb)
	last := map[string]event{}
	for _, e := range events {
		before, seen := last[e.item]
		switch {
		case seen && (e.version != before.version+1 || e.was != before.became):
			tb.Errorf("item %s: version %d does not follow %d", e.item, e.version, before.version)
		case !seen && e.version != 2:
			tb.Errorf("item %s: its first change is version %d", e.item, e.version)
		case e.was.SettledAt != 0:
			tb.Errorf("item %s: changed after it was settled", e.item)
		}
		took := e.became.Holder != "" && e.became.Holder != e.was.Holder
		if k := Kind(e.kind); (k == Taken || k == HandedOut) && took && e.was.Holder != "" && e.was.HeldUntil > e.at {
			tb.Errorf("item %s: %s took it while %s had it", e.item, e.became.Holder, e.was.Holder)
		}
		last[e.item] = e
	}
	open := map[string]bool{}
	for id, r := range items {
		if e, changed := last[id]; changed && (e.became != r.standing() || e.version != r.version) || !changed && r.version != 1 {
			tb.Errorf("item %s is not what its last change made of it", id)
		}
		if r.settledAt > 0 {
			continue
		}
		if key := r.queue + " " + r.key; open[key] {
			tb.Errorf("two open items are about %s", key)
		} else {
			open[key] = true
		}
	}
}

// addUp fails the test where the counts are not those of the items.
func (h *house) addUp(tb testing.TB, who gate.Actor) {
	tb.Helper()
	counts, err := h.Counts(tb.Context(), who)
	if err != nil {
		tb.Fatal(err)
	}
	now := h.clock.now().UnixMicro()
	want := map[Queue]Count{}
	for _, r := range h.rows(tb) {
		if r.settledAt > 0 {
			continue
		}
		c := want[Queue(r.queue)]
		c.Open++
		if r.due < now {
			c.Overdue++
		}
		stands := r.free(now)
		if stands.skippedUntil > 0 {
			c.Skipped++
		}
		if stands.holder == who.ID || stands.holder == "" && stands.assignee == who.ID {
			c.Mine++
		}
		want[Queue(r.queue)] = c
	}
	for _, c := range counts {
		w := want[c.Queue]
		sum := 0
		for _, n := range c.Ages {
			sum += n
		}
		if c.Open != w.Open || c.Overdue != w.Overdue || c.Skipped != w.Skipped || c.Mine != w.Mine || sum != c.Open {
			tb.Errorf("%s: counted %+v, there are %+v", c.Queue, c, w)
		}
	}
}
