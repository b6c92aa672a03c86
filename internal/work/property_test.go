package work

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"chartroom/internal/gate"
	"chartroom/internal/gate/gatetest"
)

// TestAnyDaysWork plays random days of several people and checks after each step
// that no item is lost, none is held by two, undo is exact and counts add up.
func TestAnyDaysWork(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		c := newClock()
		d := &dayOfWork{t: t, rt: rt, house: furnish(t, gatetest.Open(t, ticking(c)), c), open: map[string]bool{}, before: map[string]map[string]row{}}
		rt.Repeat(map[string]func(*rapid.T){
			"put": d.putOne, "settle": d.settleOne, "next": d.next, "claim": d.claim, "release": d.release, "assign": d.assign,
			"skip": d.skip, "extend": d.extend, "priority": d.prioritise, "undo": d.undo, "later": d.later, "": d.check,
		})
		d.whole(t)
		for _, p := range d.people {
			d.addUp(t, p)
		}
	})
}

// dayOfWork is the department under test, with what is known of it.
type dayOfWork struct {
	*house

	t      *testing.T
	rt     *rapid.T
	open   map[string]bool           // keys put and not settled
	before map[string]map[string]row // by deed: its items before it
	deeds  []struct{ who, deed string }
}

func (d *dayOfWork) person(rt *rapid.T) gate.Actor {
	return rapid.SampledFrom(d.people).Draw(rt, "person")
}

func (d *dayOfWork) some(rt *rapid.T) []string {
	ids := slices.Sorted(maps.Keys(d.rows(d.t)))
	if len(ids) == 0 {
		rt.Skip("no items yet")
	}
	return rapid.SliceOfNDistinct(rapid.SampledFrom(ids), 1, min(5, len(ids)), rapid.ID).Draw(rt, "items")
}

func (d *dayOfWork) putOne(rt *rapid.T) {
	key := fmt.Sprint(rapid.IntRange(0, 11).Draw(rt, "key"))
	w := Want{
		Queue: rapid.SampledFrom([]Queue{Coding, Deficiency}).Draw(rt, "queue"), Key: key, Reason: rapid.SampledFrom([]string{"one", "two"}).Draw(rt, "reason"),
		Priority: rapid.IntRange(0, 5).Draw(rt, "priority"), Since: d.clock.now().Add(-time.Duration(rapid.IntRange(0, 900).Draw(rt, "hours ago")) * time.Hour),
		Skill: rapid.SampledFrom([]string{"", "", "final-coding"}).Draw(rt, "skill"),
	}
	d.put(d.t, w)
	d.open[string(w.Queue)+" "+key] = true
}

func (d *dayOfWork) settleOne(rt *rapid.T) {
	if len(d.open) == 0 {
		rt.Skip("nothing is open")
	}
	name := rapid.SampledFrom(slices.Sorted(maps.Keys(d.open))).Draw(rt, "item")
	var q, key string
	_, _ = fmt.Sscan(name, &q, &key)
	d.domain(d.t, func(tx *gate.Tx) error { return d.SettleTx(d.t.Context(), tx, Queue(q), key, "done") })
	delete(d.open, name)
}

func (d *dayOfWork) later(rt *rapid.T) {
	d.clock.add(time.Duration(rapid.IntRange(1, 90).Draw(rt, "minutes")) * time.Minute)
}

// did keeps what was before a deed, for its undoing.
func (d *dayOfWork) did(rt *rapid.T, who gate.Actor, before map[string]row, o Outcome, err error) {
	if err != nil {
		if !isRefusal(err) {
			rt.Fatalf("%v", err)
		}
		if after := d.rows(d.t); !maps.Equal(before, after) {
			rt.Fatalf("a refused action changed something")
		}
		return
	}
	after := d.rows(d.t)
	changed := map[string]row{}
	for id, r := range after {
		if r != before[id] {
			changed[id] = before[id]
		}
	}
	if len(changed) == 0 {
		return
	}
	for _, left := range o.Left {
		if _, ok := changed[left.ID]; ok {
			rt.Fatalf("an item that was left was changed")
		}
	}
	d.before[o.Deed] = changed
	d.deeds = append(d.deeds, struct{ who, deed string }{who.ID, o.Deed})
}

func (d *dayOfWork) next(rt *rapid.T) {
	who, before := d.person(rt), d.rows(d.t)
	item, err := d.Next(d.t.Context(), who, nil)
	now := d.clock.now().UnixMicro()
	if errors.Is(err, ErrNoWork) {
		for _, r := range before {
			if stands := r.free(now); r.settledAt == 0 && r.skill == "" && stands.skippedUntil == 0 && stands.holder == "" && stands.assignee == "" {
				rt.Fatalf("nothing was handed out, and %s is free", r.id)
			}
		}
		return
	}
	if err != nil {
		rt.Fatalf("%v", err)
	}
	was := before[item.ID].free(now)
	if was.holder != "" && was.holder != who.ID || was.holder == "" && was.assignee != "" && was.assignee != who.ID {
		rt.Fatalf("%s was handed what %s has", who.ID, was.holder+was.assignee)
	}
	if was.skill != "" && who.ID != d.people[0].ID {
		rt.Fatalf("%s was handed what asks for %s", who.ID, was.skill)
	}
	if was.holder == "" && was.assignee == "" {
		for _, r := range before {
			if stands := r.free(now); r.settledAt == 0 && stands.skippedUntil == 0 && stands.holder == "" && stands.assignee == "" && r.skill == "" && byUrgency(r, before[item.ID]) < 0 {
				rt.Fatalf("%s is more pressing than what was handed out", r.id)
			}
		}
	}
	if item.Holder != who.ID || !item.HeldUntil.After(d.clock.at) {
		rt.Fatalf("handed out to %q until %v", item.Holder, item.HeldUntil)
	}
	if was.holder == "" {
		d.deeds = append(d.deeds, struct{ who, deed string }{who.ID, d.lastDeed(rt, who)})
		d.before[d.deeds[len(d.deeds)-1].deed] = map[string]row{item.ID: before[item.ID]}
	}
}

// lastDeed is the deed that undo would take back now.
func (d *dayOfWork) lastDeed(rt *rapid.T, who gate.Actor) string {
	var id, kind string
	err := d.gate.Read(d.t.Context(), who, actionDomain, gate.Department(), func(tx *gate.Tx) error {
		return tx.QueryRow(d.t.Context(), sqlLastDeed, who.ID, int64(0)).Scan(&id, &kind)
	})
	if err != nil {
		rt.Fatalf("%v", err)
	}
	return id
}

func (d *dayOfWork) claim(rt *rapid.T) {
	who, items, before := d.person(rt), d.some(rt), d.rows(d.t)
	o, err := d.Claim(d.t.Context(), who, items...)
	for _, it := range o.Changed {
		if it.Holder != who.ID {
			rt.Fatalf("claimed, and %q has it", it.Holder)
		}
	}
	d.did(rt, who, before, o, err)
}

func (d *dayOfWork) release(rt *rapid.T) {
	who, items, before := d.person(rt), d.some(rt), d.rows(d.t)
	o, err := d.Release(d.t.Context(), who, items...)
	d.did(rt, who, before, o, err)
}

func (d *dayOfWork) assign(rt *rapid.T) {
	to := rapid.SampledFrom([]string{"person-0", "person-1", "person-4", "", "stranger"}).Draw(rt, "to")
	items, before := d.some(rt), d.rows(d.t)
	o, err := d.Assign(d.t.Context(), d.people[3], to, items...)
	for _, it := range o.Changed {
		if it.Assignee != to || it.Skill != "" && to != "person-0" && to != "" || to == "stranger" || to == "person-4" && it.Queue == Deficiency {
			rt.Fatalf("%s was given %+v", to, it)
		}
	}
	d.did(rt, d.people[3], before, o, err)
}

func (d *dayOfWork) skip(rt *rapid.T) {
	who, items, before := d.person(rt), d.some(rt), d.rows(d.t)
	until := d.clock.now().Add(time.Duration(rapid.IntRange(1, 48).Draw(rt, "hours")) * time.Hour)
	o, err := d.Skip(d.t.Context(), who, until, SkipReasons()[0], items...)
	d.did(rt, who, before, o, err)
}

func (d *dayOfWork) extend(rt *rapid.T) {
	who, items, before := d.person(rt), d.some(rt), d.rows(d.t)
	o, err := d.Extend(d.t.Context(), who, rapid.IntRange(1, 9).Draw(rt, "days"), ExtendReasons()[0], items...)
	for _, it := range o.Changed {
		if e := it.Clock().Extend; it.Extensions > e.Times || it.Queue == Deficiency || it.Due.Sub(it.FirstDue) > time.Duration(e.Times*e.Days*24+1)*time.Hour {
			rt.Fatalf("extended beyond its rule: %+v", it)
		}
	}
	d.did(rt, who, before, o, err)
}

func (d *dayOfWork) prioritise(rt *rapid.T) {
	items, before := d.some(rt), d.rows(d.t)
	o, err := d.SetPriority(d.t.Context(), d.people[3], rapid.IntRange(1, 5).Draw(rt, "priority"), items...)
	d.did(rt, d.people[3], before, o, err)
}

// undo takes back a deed: what nobody touched since is exactly as it was.
func (d *dayOfWork) undo(rt *rapid.T) {
	who, now := d.person(rt), d.rows(d.t)
	o, err := d.Undo(d.t.Context(), who)
	if errors.Is(err, ErrNothing) {
		return // also where the deed was of the day before
	}
	if err != nil {
		rt.Fatalf("%v", err)
	}
	i := len(d.deeds) - 1
	for i >= 0 && d.deeds[i].who != who.ID {
		i--
	}
	if i < 0 {
		rt.Fatalf("something was undone that %s did not do", who.ID)
	}
	deed := d.deeds[i].deed
	d.deeds = slices.Delete(d.deeds, i, i+1)
	after := d.rows(d.t)
	for id, was := range d.before[deed] {
		left := slices.ContainsFunc(o.Left, func(r Refusal) bool { return r.ID == id })
		if now[id].version != was.version+1 {
			continue // changed since: what of it was put back is checked by the chain of events
		}
		want := was
		want.version = was.version + 2
		if left || after[id] != want {
			rt.Fatalf("undone (left: %v):\n%+v\nis not\n%+v", left, after[id], want)
		}
	}
	for id, r := range after {
		if _, part := d.before[deed][id]; !part && r != now[id] {
			rt.Fatalf("undo changed an item that was no part of what it takes back")
		}
	}
}

// check: every key that is open has one open item, and no other is open.
func (d *dayOfWork) check(rt *rapid.T) {
	open := map[string]bool{}
	for _, r := range d.rows(d.t) {
		if r.settledAt == 0 {
			if open[r.queue+" "+r.key] {
				rt.Fatalf("%s %s is open twice", r.queue, r.key)
			}
			open[r.queue+" "+r.key] = true
		}
	}
	if !maps.Equal(open, d.open) {
		rt.Fatalf("open are %v, not %v", open, d.open)
	}
	who := d.people[1]
	sizes := map[Show]int{}
	for _, show := range []Show{ToDo, PutAside, Remaining, ShowHeld} {
		page, err := d.List(d.t.Context(), who, Filter{Show: show, Limit: 500}, nil)
		if err != nil {
			rt.Fatalf("%v", err)
		}
		sizes[show] = len(page.Items)
	}
	if sizes[ToDo]+sizes[PutAside] != sizes[Remaining] || sizes[Remaining] != len(open) || sizes[ShowHeld] > sizes[ToDo] {
		rt.Fatalf("the lists have %v items, and %d are open", sizes, len(open))
	}
}

// TestMorningRush has several people take work at once, on both engines, while a
// domain puts and settles.
func TestMorningRush(t *testing.T) {
	const items, rounds = 120, 60
	c := newClock()
	gatetest.Both(t, func(t *testing.T, g *gate.Gate) {
		h := furnish(t, g, c)
		h.domain(t, func(tx *gate.Tx) error {
			var wants []Want
			for i := range items {
				wants = append(wants, Want{Queue: Coding, Key: fmt.Sprint(i), Reason: "not coded", Priority: 1 + i%5})
			}
			return h.PutNewTx(t.Context(), tx, wants)
		})
		var wg sync.WaitGroup
		for n, who := range h.people {
			wg.Go(func() {
				for i := range rounds {
					if err := h.anything(t, who, n+i*7); err != nil && !isRefusal(err) && !errors.Is(err, ErrNoWork) && !errors.Is(err, ErrNothing) && !errors.Is(err, gate.ErrBusy) {
						t.Errorf("%s: %v", who.ID, err)
					}
				}
			})
		}
		wg.Go(func() {
			for i := range rounds {
				err := g.Change(t.Context(), gatetest.Actor(), actionDomain, gate.Department(), func(tx *gate.Tx) error {
					if i%2 == 0 {
						return h.SettleTx(t.Context(), tx, Coding, fmt.Sprint(i), "final")
					}
					return h.PutTx(t.Context(), tx, Want{Queue: Coding, Key: fmt.Sprint(i - 1), Reason: "reopened"})
				})
				if err != nil && !errors.Is(err, gate.ErrBusy) {
					t.Errorf("domain: %v", err)
				}
			}
		})
		wg.Wait()
		h.whole(t)
		for _, who := range h.people {
			h.addUp(t, who)
		}
		if n := len(h.rows(t)); n < items {
			t.Errorf("%d items are left of %d", n, items)
		}
	}, ticking(c))
}

// anything does one of the things that people do.
func (h *house) anything(t *testing.T, who gate.Actor, n int) error {
	ctx := t.Context()
	page, err := h.List(ctx, who, Filter{Limit: 5}, nil)
	if err != nil {
		return err
	}
	var ids []string
	for _, it := range page.Items {
		ids = append(ids, it.ID)
	}
	switch {
	case n%5 < 3 || len(ids) == 0:
		_, err = h.Next(ctx, who, nil)
	case n%5 == 3:
		_, err = h.Claim(ctx, who, ids...)
	case n%3 == 0:
		_, err = h.Undo(ctx, who)
	case n%3 == 1:
		_, err = h.Skip(ctx, who, h.clock.now().Add(time.Hour), SkipReasons()[1], ids[0])
	default:
		_, err = h.Release(ctx, who, ids...)
	}
	return err
}

// TestNextGivesEachItemOnce: at the beginning of a shift everybody asks at once.
func TestNextGivesEachItemOnce(t *testing.T) {
	const items = 60
	c := newClock()
	gatetest.Both(t, func(t *testing.T, g *gate.Gate) {
		h := furnish(t, g, c)
		h.domain(t, func(tx *gate.Tx) error {
			for i := range items {
				if err := h.PutTx(t.Context(), tx, Want{Queue: Coding, Key: fmt.Sprint(i), Reason: "not coded"}); err != nil {
					return err
				}
			}
			return nil
		})
		var mu sync.Mutex
		given := map[string]string{}
		var wg sync.WaitGroup
		for _, who := range h.people {
			wg.Go(func() {
				var mine []string
				for {
					item, err := h.Next(t.Context(), who, []Queue{Coding}, mine...)
					if errors.Is(err, gate.ErrBusy) {
						continue
					}
					if errors.Is(err, ErrNoWork) {
						return
					}
					if err != nil {
						t.Error(err)
						return
					}
					mine = append(mine, item.ID)
					mu.Lock()
					if other, twice := given[item.ID]; twice {
						t.Errorf("%s and %s were given the same item", other, who.ID)
					}
					given[item.ID] = who.ID
					mu.Unlock()
				}
			})
		}
		wg.Wait()
		if len(given) != items {
			t.Errorf("%d of %d items were handed out", len(given), items)
		}
		h.whole(t)
	}, ticking(c))
}
