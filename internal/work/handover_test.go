package work

import (
	"errors"
	"slices"
	"testing"
	"time"

	"chartroom/internal/gate"
	"chartroom/internal/gate/gatetest"
)

// TestShiftIsHandedOver follows a note from its first letter to its readers.
func TestShiftIsHandedOver(t *testing.T) {
	c := newClock()
	gatetest.Both(t, func(t *testing.T, g *gate.Gate) {
		h := furnish(t, g, c)
		ctx, author, reader := t.Context(), h.people[0], h.people[1]
		h.put(t, Want{Queue: Coding, Key: "a", Reason: "not coded"})
		h.put(t, Want{Queue: Coding, Key: "b", Reason: "not coded"})
		h.put(t, Want{Queue: Deficiency, Key: "c", Reason: "missing", Due: c.now().Add(-time.Hour)})
		h.domain(t, func(tx *gate.Tx) error { return h.SettleTx(ctx, tx, Coding, "b", "final") })
		ids := map[string]string{}
		for id, r := range h.rows(t) {
			ids[r.key] = id
		}
		if _, err := h.Skip(ctx, author, c.now().Add(time.Hour), SkipReasons()[2], ids["a"]); err != nil {
			t.Fatal(err)
		}
		v, err := h.SaveDraft(ctx, author, 0, "The scanner", nil)
		if err != nil || v != 1 {
			t.Fatal(v, err)
		}
		if _, err := h.SaveDraft(ctx, author, 0, "from another tab", nil); !errors.Is(err, ErrStale) {
			t.Errorf("a stale draft was saved: %v", err)
		}
		if v, err = h.Mention(ctx, author, ids["a"], ids["c"]); err != nil || v != 2 {
			t.Fatal(v, err)
		}
		if ho, err := h.HandOver(ctx, reader, nil); err != nil || ho.Draft != nil || ho.Last != nil {
			t.Errorf("somebody else sees a draft: %+v, %v", ho, err)
		}
		ho, err := h.HandOver(ctx, author, nil)
		if err != nil || ho.Draft == nil || ho.Draft.Text != "The scanner" || len(ho.Draft.Mentioned) != 2 {
			t.Fatalf("%+v, %v", ho.Draft, err)
		}
		if _, err := h.Sign(ctx, author, v, "  ", nil); !errors.Is(err, ErrBadInput) {
			t.Errorf("an empty note was signed: %v", err)
		}
		n, err := h.Sign(ctx, author, v, "The scanner is mended.", []string{ids["a"], ids["c"]})
		if err != nil {
			t.Fatal(err)
		}
		coding := n.Figures.Queues[slices.IndexFunc(n.Figures.Queues, func(q QueueFigures) bool { return q.Queue == Coding })]
		if coding.Done != 1 || coding.Open != 1 || coding.Skipped != 1 || len(coding.SkippedBy) != 1 || coding.SkippedBy[0].Reason != SkipReasons()[2] {
			t.Errorf("figures %+v", coding)
		}
		if err := h.MarkRead(ctx, reader, n.ID); err != nil {
			t.Fatal(err)
		}
		c.add(time.Minute)
		if err := h.MarkRead(ctx, reader, n.ID); err != nil { // the first time counts
			t.Fatal(err)
		}
		got, err := h.Note(ctx, reader, n.ID, nil)
		if err != nil || got.Text != "The scanner is mended." || !got.Signed() || !got.ReadBy(reader.ID) || got.ReadBy("person-2") ||
			len(got.Reads) != 1 || got.Reads[0].At.After(c.at.Add(-time.Minute)) || len(got.Mentioned) != 2 || got.Figures.Queues[0].Done != n.Figures.Queues[0].Done {
			t.Errorf("%+v, %v", got, err)
		}
		if last, err := h.LastNote(ctx, reader, nil); err != nil || last.ID != n.ID {
			t.Errorf("%+v, %v", last, err)
		}
		// The next shift begins where this one was signed.
		if next, err := h.SaveDraft(ctx, author, 0, "Later", nil); err != nil || next != 1 {
			t.Errorf("a new draft: %d, %v", next, err)
		}
		if later, err := h.HandOver(ctx, author, nil); err != nil || !later.Figures.From.Equal(n.SignedAt) {
			t.Errorf("the shift is counted from %v, %v", later.Figures.From, err)
		}
	}, ticking(c))
}

// TestFiltersAreKept: by name, one's own and the team's.
func TestFiltersAreKept(t *testing.T) {
	c := newClock()
	gatetest.Both(t, func(t *testing.T, g *gate.Gate) {
		h := furnish(t, g, c)
		ctx, me, other := t.Context(), h.people[0], h.people[1]
		f := Filter{Queue: Coding, Unit: "4 West", Overdue: true, From: c.now().Truncate(time.Second), After: "place"}
		saved, err := h.SaveFilter(ctx, me, "  late   stays ", f, false)
		if err != nil || saved.Name != "late stays" {
			t.Fatal(saved, err)
		}
		f.After = ""
		if got, err := h.SavedFilter(ctx, me, saved.ID); err != nil || got.Filter != f {
			t.Errorf("%+v, %v", got, err)
		}
		if _, err := h.SavedFilter(ctx, other, saved.ID); !errors.Is(err, ErrNotFound) {
			t.Errorf("another's filter: %v", err)
		}
		again, err := h.SaveFilter(ctx, me, "late stays", Filter{Queue: Coding}, true)
		if err != nil {
			t.Fatal(err)
		}
		desk, err := h.Desk(ctx, other, Filter{}, nil)
		if err != nil || len(desk.Filters) != 1 || desk.Filters[0].ID != again.ID {
			t.Errorf("%+v, %v", desk.Filters, err)
		}
		if err := h.DropFilter(ctx, other, again.ID); !errors.Is(err, ErrNotFound) {
			t.Errorf("another's filter was dropped: %v", err)
		}
		if err := h.DropFilter(ctx, me, again.ID); err != nil {
			t.Error(err)
		}
		for _, name := range []string{"", "two\nlines\x00", string(make([]byte, 100))} {
			if _, err := h.SaveFilter(ctx, me, name, Filter{}, false); err == nil && name != "two\nlines\x00" {
				t.Errorf("a filter was saved as %q", name)
			}
		}
	}, ticking(c))
}

// TestToday lists what one did oneself, and nobody else's.
func TestToday(t *testing.T) {
	c := newClock()
	c.add(12 * time.Hour) // 02:00 UTC: still the evening of the day before in Chicago
	h := furnish(t, gatetest.Open(t, ticking(c)), c)
	ctx, me := t.Context(), h.people[0]
	h.put(t, Want{Queue: Coding, Key: "a", Record: "r1", Reason: "not coded"})
	item, err := h.Next(ctx, me, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.Release(ctx, me, item.ID); err != nil {
		t.Fatal(err)
	}
	if err := h.gate.Change(ctx, me, actionDomain, gate.Department(), func(tx *gate.Tx) error { return h.SettleTx(ctx, tx, Coding, "a", "final") }); err != nil {
		t.Fatal(err)
	}
	today, err := h.Today(ctx, me, c.now(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if today.Done != 1 || len(today.Steps) != 3 || today.Steps[2].Kind != HandedOut || today.From.In(h.calendar.Zone).Format(time.DateOnly) != "2026-09-30" {
		t.Errorf("%+v", today)
	}
	if other, err := h.Today(ctx, h.people[1], c.now(), nil); err != nil || len(other.Steps) != 0 {
		t.Errorf("%+v, %v", other.Steps, err)
	}
	c.add(24 * time.Hour)
	if tomorrow, err := h.Today(ctx, me, c.now(), nil); err != nil || len(tomorrow.Steps) != 0 {
		t.Errorf("%+v, %v", tomorrow.Steps, err)
	}
}
