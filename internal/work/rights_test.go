package work

import (
	"context"
	"errors"
	"slices"
	"testing"

	"chartroom/internal/access"
	"chartroom/internal/gate"
	"chartroom/internal/gate/gatetest"
)

// strict is a gate with the policy that Chartroom comes with; the test's own
// actions are permitted.
type strict struct{ *access.Policy }

func (p strict) Decide(ctx context.Context, tx *gate.Tx, req gate.Request) error {
	if req.Action == actionDomain || req.Actor.ID == gatetest.Actor().ID {
		return nil
	}
	return p.Policy.Decide(ctx, tx, req)
}

func underPolicy(t *testing.T) (gatetest.Option, strict) {
	t.Helper()
	policy, err := access.NewPolicy(nil)
	if err != nil {
		t.Fatal(err)
	}
	s := strict{policy}
	return func(c *gate.Config) { c.Policy = s }, s
}

// TestQueuesAreThoseOfThePolicy: who works on a queue by its definition may do so
// by the policy, and nobody else takes work from it.
func TestQueuesAreThoseOfThePolicy(t *testing.T) {
	option, _ := underPolicy(t)
	c := newClock()
	h := furnish(t, gatetest.Open(t, option, ticking(c)), c)
	h.domain(t, func(tx *gate.Tx) error {
		for _, role := range access.Roles() {
			if _, err := tx.Exec(t.Context(), sqlTestStaff, "as-"+string(role), string(role), `{}`); err != nil {
				return err
			}
		}
		return nil
	})
	for _, d := range Queues() {
		for _, role := range access.Roles() {
			who := gate.Actor{ID: "as-" + string(role), Kind: gate.Person, Roles: []string{string(role)}}
			err := h.gate.Read(t.Context(), who, ActionClaim, d.Queue.Subject(), func(*gate.Tx) error { return nil })
			if works := slices.Contains(d.Roles, role); works != (err == nil) {
				t.Errorf("%s works on %s: %v, by the policy: %v", role, d.Queue, works, err)
			}
			_, err = h.List(t.Context(), who, Filter{Queue: d.Queue}, nil)
			if slices.Contains(d.Roles, role) && err != nil {
				t.Errorf("%s works on %s and may not see it: %v", role, d.Queue, err)
			}
		}
	}
}

// TestProtectedItemsAreNotShown: an item of a record that is closed to somebody
// is not listed, handed out, claimed or assigned to them.
func TestProtectedItemsAreNotShown(t *testing.T) {
	option, policy := underPolicy(t)
	c := newClock()
	h := furnish(t, gatetest.Open(t, option, ticking(c)), c)
	h.policy = policy
	ctx := t.Context()
	h.put(t, Want{Queue: Coding, Key: "e1", Record: "r1", Encounter: "e1", Reason: "not coded", Priority: 1})
	h.put(t, Want{Queue: Coding, Key: "e2", Record: "r2", Encounter: "e2", Reason: "not coded"})
	h.domain(t, func(tx *gate.Tx) error {
		_, err := tx.Exec(ctx, `INSERT INTO access_label (record, subject, kind, value) VALUES ('r1', '', 'sensitivity', 'vip')`)
		return err
	})
	tech := h.people[1]
	page, err := h.List(ctx, tech, Filter{Queue: Coding}, nil)
	if err != nil || len(page.Items) != 1 || page.Withheld != 1 || page.Items[0].Record != "r2" {
		t.Errorf("%+v, %v", page, err)
	}
	var closed string
	for id, r := range h.rows(t) {
		if r.record == "r1" {
			closed = id
		}
	}
	if _, err := h.Claim(ctx, tech, closed); !errors.Is(err, ErrNotFound) {
		t.Errorf("a closed item was claimed: %v", err)
	}
	if _, err := h.History(ctx, tech, closed); !errors.Is(err, ErrNotFound) {
		t.Errorf("the history of a closed item: %v", err)
	}
	item, err := h.Next(ctx, tech, nil)
	if err != nil || item.Record != "r2" {
		t.Errorf("handed out %+v, %v", item, err)
	}
	// A supervisor who may see it cannot give it to somebody who may not.
	h.domain(t, func(tx *gate.Tx) error {
		_, err := tx.Exec(ctx, `UPDATE access_staff SET standing = '{"privileges":{"vip":""}}' WHERE id = 'person-3'`)
		return err
	})
	if _, err := h.Assign(ctx, h.people[3], tech.ID, closed); !errors.Is(err, ErrUnskilled) {
		t.Errorf("assigned to somebody whom the policy refuses it: %v", err)
	}
	if _, err := h.Assign(ctx, h.people[3], h.people[3].ID, closed); err != nil {
		t.Errorf("assigned to oneself: %v", err)
	}
	if _, err := h.Assign(ctx, tech, tech.ID, item.ID); err == nil {
		t.Error("a technician assigned work")
	}
}

// TestBounds: what a rule, a reason or a number does not allow is refused.
func TestBounds(t *testing.T) {
	c := newClock()
	h := furnish(t, gatetest.Open(t, ticking(c)), c)
	ctx, who := t.Context(), h.people[0]
	h.put(t, Want{Queue: Coding, Key: "a", Reason: "not coded"})
	h.put(t, Want{Queue: Deficiency, Key: "b", Reason: "missing"})
	h.put(t, Want{Queue: Registration, Key: "c", Reason: "request", Rule: "45 CFR 164.524(b)(2)"})
	ids := map[string]string{}
	for id, r := range h.rows(t) {
		ids[r.key] = id
	}
	late, _ := h.List(ctx, who, Filter{Queue: Registration}, nil)
	first := late.Items[0].Due
	extend := func(key string, days int) error {
		_, err := h.Extend(ctx, who, days, ExtendReasons()[0], ids[key])
		return err
	}
	for name, got := range map[string]struct{ err, want error }{
		"a reason of one's own":       {second(h.Skip(ctx, who, c.now().AddDate(0, 0, 1), "the patient Mr X is away", ids["a"])), ErrBadInput},
		"put off into the past":       {second(h.Skip(ctx, who, c.now().AddDate(0, 0, -1), SkipReasons()[0], ids["a"])), ErrBadInput},
		"put off for ever":            {second(h.Skip(ctx, who, c.now().AddDate(1, 0, 0), SkipReasons()[0], ids["a"])), ErrBadInput},
		"too long":                    {extend("a", 8), ErrExtension},
		"no extension in the rule":    {extend("b", 1), ErrExtension},
		"no days":                     {extend("a", 0), ErrBadInput},
		"priority 0":                  {second(h.SetPriority(ctx, who, 0, ids["a"])), ErrBadInput},
		"nothing chosen":              {second(h.Claim(ctx, who)), ErrBadInput},
		"no such item":                {second(h.Claim(ctx, who, "nothing")), ErrNotFound},
		"assigned to a stranger":      {second(h.Assign(ctx, h.people[3], "stranger", ids["a"])), ErrUnskilled},
		"assigned without the role":   {second(h.Assign(ctx, h.people[3], "person-4", ids["b"])), ErrUnskilled},
		"undone without having done":  {second(h.Undo(ctx, h.people[2])), ErrNothing},
		"a queue that there is not":   {errOf(h.Next(ctx, who, []Queue{"laundry"})), ErrBadInput},
		"a list that there is not":    {errOf(h.List(ctx, who, Filter{Show: "all of it"}, nil)), ErrBadInput},
		"a place that there is not":   {errOf(h.List(ctx, who, Filter{After: "xyz"}, nil)), ErrBadInput},
		"nothing in that queue":       {errOf(h.Next(ctx, who, []Queue{Identity})), ErrNoWork},
		"a claim of what another has": {errors.Join(second(h.Claim(ctx, h.people[1], ids["a"])), second(h.Claim(ctx, h.people[2], ids["a"]))), ErrHeld},
	} {
		if !errors.Is(got.err, got.want) {
			t.Errorf("%s: %v, want %v", name, got.err, got.want)
		}
	}
	// 30 days and once 30 more (45 CFR 164.524(b)(2)), to the end of the day there.
	if err := extend("c", 30); err != nil {
		t.Error(err)
	}
	if err := extend("c", 1); !errors.Is(err, ErrExtension) {
		t.Errorf("extended twice: %v", err)
	}
	now, err := h.List(ctx, who, Filter{Queue: Registration}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if got := now.Items[0]; got.Extensions != 1 || !got.FirstDue.Equal(first) || got.Due.In(h.calendar.Zone).Format("2006-01-02 15:04") != "2026-11-29 23:59" {
		t.Errorf("due %v, first %v", got.Due.In(h.calendar.Zone), first)
	}
}

func second(_ Outcome, err error) error { return err }

func errOf[T any](_ T, err error) error { return err }
