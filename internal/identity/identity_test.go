package identity_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"chartroom/internal/gate"
	"chartroom/internal/gate/gatetest"
	"chartroom/internal/identity"
	"chartroom/internal/seal"
)

type index struct {
	t      testing.TB
	ctx    context.Context
	gate   *gate.Gate
	ring   *seal.Ring
	people *identity.Service
	actor  gate.Actor
}

func open(tb testing.TB, g *gate.Gate) *index {
	tb.Helper()
	ring, err := seal.OpenRing(seal.File(filepath.Join(tb.TempDir(), seal.KeyFile)))
	if err != nil {
		tb.Fatal(err)
	}
	return &index{tb, context.Background(), g, ring, identity.New(g, ring), gatetest.Actor()}
}

// born makes records named r0, r1 …
func (x *index) born(prefix string, n int) []string {
	x.t.Helper()
	var records []string
	err := x.gate.Change(x.ctx, x.actor, "test.born", gate.Department(), func(tx *gate.Tx) error {
		records = nil
		for i := range n {
			r := fmt.Sprintf("%s%d", prefix, i)
			if err := x.people.Born(x.ctx, tx, r, ""); err != nil {
				return err
			}
			if _, err := x.ring.NewRecordKey(x.ctx, tx, r); err != nil {
				return err
			}
			records = append(records, r)
		}
		return nil
	})
	if err != nil {
		x.t.Fatal(err)
	}
	return records
}

func (x *index) link(survivor, subsumed string) string {
	x.t.Helper()
	l, err := x.people.Link(x.ctx, x.actor, survivor, subsumed, "same person")
	if err != nil {
		x.t.Fatal(err)
	}
	return l.ID
}

func (x *index) unlink(id string) {
	x.t.Helper()
	if _, err := x.people.Unlink(x.ctx, x.actor, id, "was wrong"); err != nil {
		x.t.Fatal(err)
	}
}

// groups writes which records are of one person: "r0 r1 | r2".
func (x *index) groups(records []string) string {
	x.t.Helper()
	var groups []string
	err := x.gate.Read(x.ctx, x.actor, "test.read", gate.Department(), func(tx *gate.Tx) error {
		groups = nil
		for _, r := range records {
			_, with, err := x.people.PersonOf(x.ctx, tx, r)
			if err != nil {
				return err
			}
			with = slices.DeleteFunc(with, func(w string) bool { return !slices.Contains(records, w) })
			if g := strings.Join(with, " "); !slices.Contains(groups, g) {
				groups = append(groups, g)
			}
		}
		return nil
	})
	if err != nil {
		x.t.Fatal(err)
	}
	return strings.Join(groups, " | ")
}

func (x *index) person(record string) string {
	x.t.Helper()
	var person string
	err := x.gate.Read(x.ctx, x.actor, "test.read", gate.Department(), func(tx *gate.Tx) (err error) {
		person, _, err = x.people.PersonOf(x.ctx, tx, record)
		return err
	})
	if err != nil {
		x.t.Fatal(err)
	}
	return person
}

func TestLinkAndUnlink(t *testing.T) {
	gatetest.Both(t, func(t *testing.T, g *gate.Gate) {
		x := open(t, g)
		r := x.born("r", 4)
		check := func(when, want string) {
			t.Helper()
			if got := x.groups(r); got != want {
				t.Errorf("%s: %s, want %s", when, got, want)
			}
		}
		check("at first", "r0 | r1 | r2 | r3")
		before := x.person("r2")
		one := x.link("r1", "r2")
		check("r2 into r1", "r0 | r1 r2 | r3")
		if x.person("r2") != x.person("r1") {
			t.Error("the person is not the survivor's")
		}
		two := x.link("r0", "r1")
		check("r1 with r2 into r0", "r0 r1 r2 | r3")
		x.link("r2", "r3")
		check("r3 into r2", "r0 r1 r2 r3")
		x.unlink(one)
		check("undone the first", "r0 r1 | r2 r3")
		if x.person("r2") != before {
			t.Error("the person of r2 is not the one it had before the link")
		}
		x.unlink(two)
		check("undone the second", "r0 | r1 | r2 r3")
		x.link("r1", "r2")
		check("linked again", "r0 | r1 r2 r3")
	})
}

func TestWhatCannotBeLinked(t *testing.T) {
	gatetest.Both(t, func(t *testing.T, g *gate.Gate) {
		x := open(t, g)
		x.born("r", 3)
		first := x.link("r0", "r1")
		cases := []struct {
			survivor, subsumed, reason string
			want                       error
		}{
			{"r0", "r0", "x", identity.ErrSelf},
			{"r0", "r1", "x", identity.ErrLinked},
			{"r1", "r0", "x", identity.ErrLinked},
			{"r0", "nobody", "x", identity.ErrNotFound},
			{"nobody", "r0", "x", identity.ErrNotFound},
			{"r0", "r2", " ", identity.ErrReason},
		}
		for _, c := range cases {
			if _, err := x.people.Link(x.ctx, x.actor, c.survivor, c.subsumed, c.reason); !errors.Is(err, c.want) {
				t.Errorf("%s into %s: %v, want %v", c.subsumed, c.survivor, err, c.want)
			}
		}
		if _, err := x.people.Unlink(x.ctx, x.actor, "no link", "x"); !errors.Is(err, identity.ErrNotFound) {
			t.Errorf("undo of no link: %v", err)
		}
		if _, err := x.people.Unlink(x.ctx, x.actor, first, ""); !errors.Is(err, identity.ErrReason) {
			t.Errorf("undo without reason: %v", err)
		}
		x.unlink(first)
		if _, err := x.people.Unlink(x.ctx, x.actor, first, "x"); !errors.Is(err, identity.ErrUndone) {
			t.Errorf("undo twice: %v", err)
		}
	})
}

func TestHistoryOfTheMap(t *testing.T) {
	gatetest.Both(t, func(t *testing.T, g *gate.Gate) {
		x := open(t, g)
		x.born("r", 2)
		own := x.person("r1")
		link := x.link("r0", "r1")
		x.unlink(link)
		intervals, links, err := x.people.History(x.ctx, x.actor, "r1")
		if err != nil || len(intervals) != 3 || len(links) != 1 {
			t.Fatalf("%d intervals, %d links, %v", len(intervals), len(links), err)
		}
		for i, v := range intervals {
			if v.Number != i+1 || v.Actor != x.actor.ID || v.Entry == "" || (i > 0 && v.Link != link) {
				t.Errorf("interval %d: %+v", i, v)
			}
			if last := i == len(intervals)-1; v.Until.IsZero() != last || !last && !v.Until.Equal(intervals[i+1].Since) {
				t.Errorf("interval %d does not end where the next begins", i)
			}
		}
		if intervals[0].Person != own || intervals[1].Person == own || intervals[2].Person != own {
			t.Error("the person did not change and come back")
		}
		l := links[0]
		if !l.Undone || l.Reason != "same person" || l.UndoneReason != "was wrong" || l.MadeEntry == "" || l.UndoneEntry == "" {
			t.Errorf("link: %+v", l)
		}
	})
}

// TestUndoIsExact makes and undoes links at random: the map is always what the
// links that stand alone would have made.
func TestUndoIsExact(t *testing.T) {
	x := open(t, gatetest.Open(t))
	round := 0
	rapid.Check(t, func(rt *rapid.T) {
		round++
		const n = 6
		r := x.born(fmt.Sprintf("x%d-", round), n)
		type made struct {
			id   string
			a, b int
		}
		var standing []made
		for range rapid.IntRange(1, 12).Draw(rt, "steps") {
			if len(standing) > 0 && rapid.Bool().Draw(rt, "undo") {
				i := rapid.IntRange(0, len(standing)-1).Draw(rt, "which")
				x.unlink(standing[i].id)
				standing = slices.Delete(standing, i, i+1)
				continue
			}
			a, b := rapid.IntRange(0, n-1).Draw(rt, "survivor"), rapid.IntRange(0, n-1).Draw(rt, "subsumed")
			l, err := x.people.Link(x.ctx, x.actor, r[a], r[b], "x")
			switch {
			case err == nil:
				standing = append(standing, made{l.ID, a, b})
			case !errors.Is(err, identity.ErrSelf) && !errors.Is(err, identity.ErrLinked):
				rt.Fatal(err)
			}
		}
		// What the standing links join, by a union of sets.
		set := make([]int, n)
		for i := range set {
			set[i] = i
		}
		for _, m := range standing {
			from, to := set[m.b], set[m.a]
			for i := range set {
				if set[i] == from {
					set[i] = to
				}
			}
		}
		var want []string
		for i := range n {
			var with []string
			for j := range n {
				if set[j] == set[i] {
					with = append(with, r[j])
				}
			}
			if g := strings.Join(with, " "); !slices.Contains(want, g) {
				want = append(want, g)
			}
		}
		if got := x.groups(r); got != strings.Join(want, " | ") {
			rt.Fatalf("%s, want %s", got, strings.Join(want, " | "))
		}
		// The person of each group is the first person of the survivor's side.
		for i := range n {
			if set[i] != i && x.person(r[i]) != x.person(r[set[i]]) {
				rt.Fatalf("%s does not have the person of %s", r[i], r[set[i]])
			}
		}
	})
}

func TestNumbers(t *testing.T) {
	gatetest.Both(t, func(t *testing.T, g *gate.Gate) {
		x := open(t, g)
		x.born("r", 2)
		key := func(assigner, value string) identity.Key {
			return identity.Key{Kind: "MR", Assigner: assigner, Value: value}
		}
		err := x.gate.Change(x.ctx, x.actor, "test.number", gate.Department(), func(tx *gate.Tx) error {
			if err := x.people.Number(x.ctx, tx, "r0", []identity.Key{key("NORTH", "100")}); err != nil {
				return err
			}
			// A number that is taken stays where it is.
			return x.people.Number(x.ctx, tx, "r1", []identity.Key{key("NORTH", "100"), key("SOUTH", "100")})
		})
		if err != nil {
			t.Fatal(err)
		}
		cases := []struct {
			key  identity.Key
			want string
		}{
			{key("NORTH", "100"), "r0"}, {key("north", " 100 "), "r0"}, {key("SOUTH", "100"), "r1"},
			{key("NORTH", "0100"), ""}, {key("", "100"), ""}, {identity.Key{Kind: "id", Assigner: "NORTH", Value: "100"}, ""},
		}
		err = x.gate.Read(x.ctx, x.actor, "test.read", gate.Department(), func(tx *gate.Tx) error {
			for _, c := range cases {
				got, err := x.people.RecordOf(x.ctx, tx, []identity.Key{c.key})
				if err != nil {
					return err
				}
				if got != c.want {
					t.Errorf("%+v: %q, want %q", c.key, got, c.want)
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}
