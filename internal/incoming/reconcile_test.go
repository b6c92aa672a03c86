package incoming_test

import (
	"context"
	"errors"
	"testing"

	"chartroom/internal/chart"
	"chartroom/internal/gate"
	"chartroom/internal/gate/gatetest"
	"chartroom/internal/incoming"
	"chartroom/internal/work"
)

func (r *room) note(t *testing.T, encounter, kind string) {
	t.Helper()
	if _, err := r.chart.AddNote(t.Context(), r.actor, encounter, chart.Note{Type: kind, Text: "As written.", Signed: true}); err != nil {
		t.Fatal(err)
	}
}

func TestADischargeListIsHeldAgainstTheRecords(t *testing.T) {
	gatetest.Both(t, func(t *testing.T, g *gate.Gate) {
		r := newRoom(t, g)
		r.note(t, r.amos.stay, "history and physical")
		r.note(t, r.amos.stay, "discharge summary")
		r.stay(t, r.odalys.record, "E-1003", stayEnds)
		day := "2026-03-14"
		l, err := r.desk.Reconcile(t.Context(), r.actor, []incoming.Discharge{
			{Account: "E-1001", MRN: "MB0012345", Name: "Quillfeather, Amos", Day: day},
			{Account: "E-1002", MRN: "MB0054321", Name: "Brightwell, Odalys", Day: day},
			{Account: "E-7777", MRN: "MB0099999", Name: "Nobody, Known", Day: day},
		}, 1)
		if err != nil {
			t.Fatal(err)
		}
		want := incoming.Counts{Lines: 3, Here: 1, Incomplete: 1, Absent: 1, Encounters: 3, OnList: 2, Unlisted: 1, Open: 3}
		if l.Counts != want || l.Rejected != 1 {
			t.Errorf("counts %+v, not %+v", l.Counts, want)
		}
		if items := r.open(t, work.Reconcile); len(items) != 3 {
			t.Errorf("work %+v", items)
		}

		// The documents come in; the list is matched again, and its work settled.
		r.note(t, r.odalys.stay, "history and physical")
		r.note(t, r.odalys.stay, "discharge summary")
		if l, err = r.desk.Rematch(t.Context(), r.actor, l.ID); err != nil {
			t.Fatal(err)
		}
		if l.Counts.Here != 2 || l.Counts.Incomplete != 0 || len(r.open(t, work.Reconcile)) != 2 {
			t.Errorf("matched again: %+v, %d to do", l.Counts, len(r.open(t, work.Reconcile)))
		}

		// What remains is settled by hand, and opened again.
		for _, line := range l.Lines {
			if line.Open() {
				if err := r.desk.Settle(t.Context(), r.actor, l.ID, line.Number, "nonsense"); !errors.Is(err, incoming.ErrReason) {
					t.Errorf("settled for no reason: %v", err)
				}
				if err := r.desk.Settle(t.Context(), r.actor, l.ID, line.Number, incoming.SettleReasons()[0]); err != nil {
					t.Fatal(err)
				}
			}
		}
		again, err := r.desk.Rematch(t.Context(), r.actor, l.ID)
		if err != nil || again.Counts.Open != 0 || len(r.open(t, work.Reconcile)) != 0 {
			t.Errorf("settled by hand: %+v, %v", again.Counts, err)
		}
		if err := r.desk.Reopen(t.Context(), r.actor, l.ID, 3); err != nil || len(r.open(t, work.Reconcile)) != 1 {
			t.Errorf("reopened: %v, %d to do", err, len(r.open(t, work.Reconcile)))
		}
		lists, err := r.desk.Lists(t.Context(), r.actor)
		if err != nil || len(lists) != 1 || lists[0].Counts.Lines != 3 {
			t.Errorf("lists %+v: %v", lists, err)
		}
	})
}

func TestADayWithoutAList(t *testing.T) {
	r := newRoom(t, gatetest.Open(t))
	l, err := r.desk.ReconcileDay(t.Context(), r.actor, "2026-03-14")
	if err != nil || l.Counts.Lines != 2 || l.Counts.Incomplete != 2 || l.Counts.Unlisted != 0 {
		t.Errorf("%+v: %v", l, err)
	}
	if _, err := r.desk.ReconcileDay(t.Context(), r.actor, "2026-02-30"); !errors.Is(err, incoming.ErrBadInput) {
		t.Errorf("a day that is none: %v", err)
	}
}

// closing is a policy that closes one record, once it is named.
type closing struct{ record string }

func (c *closing) Decide(_ context.Context, _ *gate.Tx, req gate.Request) error {
	if c.record != "" && req.Subject.Record == c.record {
		return &gate.Denied{Request: req, Why: "closed"}
	}
	return nil
}

// TestAListKeepsTheLinesOfClosedRecords: whoever may not see a record sees the counts
// of the whole list, and matches the other lines again without losing any.
func TestAListKeepsTheLinesOfClosedRecords(t *testing.T) {
	policy := &closing{}
	gatetest.Both(t, func(t *testing.T, g *gate.Gate) {
		policy.record = ""
		r := newRoom(t, g)
		other := r.register(t, "Harrowgate", "Ness", "1944-11-02", "MB0077777", "E-1004")
		day := "2026-03-14"
		made, err := r.desk.Reconcile(t.Context(), r.actor, []incoming.Discharge{
			{Account: "E-1001", MRN: "MB0012345", Name: "Quillfeather, Amos", Day: day},
			{Account: "E-1002", MRN: "MB0054321", Name: "Brightwell, Odalys", Day: day},
			{Account: "E-7777", MRN: "MB0099999", Name: "Nobody, Known", Day: day},
		}, 0)
		if err != nil {
			t.Fatal(err)
		}
		policy.record = r.amos.record // the first line, so that the others would move up
		seen, err := r.desk.List(t.Context(), r.actor, made.ID)
		if err != nil || len(seen.Lines) != 3 || seen.Counts != made.Counts {
			t.Errorf("%d lines shown, counts %+v, not %+v: %v", len(seen.Lines), seen.Counts, made.Counts, err)
		}
		again, err := r.desk.Rematch(t.Context(), r.actor, made.ID)
		if err != nil || again.Counts != made.Counts {
			t.Errorf("matched again: counts %+v, not %+v: %v", again.Counts, made.Counts, err)
		}
		policy.record = ""
		whole, err := r.desk.List(t.Context(), r.actor, made.ID)
		if err != nil {
			t.Fatal(err)
		}
		encounters := map[int]string{1: r.amos.stay, 2: r.odalys.stay, 3: "", 4: other.stay}
		if len(whole.Lines) != len(encounters) {
			t.Fatalf("%d lines are kept: %+v", len(whole.Lines), whole.Lines)
		}
		for _, line := range whole.Lines {
			if line.Encounter != encounters[line.Number] {
				t.Errorf("line %d is of encounter %q, not %q", line.Number, line.Encounter, encounters[line.Number])
			}
		}
	}, func(c *gate.Config) { c.Policy = policy })
}
