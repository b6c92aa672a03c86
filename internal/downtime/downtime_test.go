package downtime_test

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"chartroom/internal/chart"
	"chartroom/internal/downtime"
	"chartroom/internal/gate"
	"chartroom/internal/gate/gatetest"
	"chartroom/internal/identity"
	"chartroom/internal/seal"
)

type department struct {
	t     *testing.T
	ctx   context.Context
	gate  *gate.Gate
	chart *chart.Service
	down  *downtime.Service
	actor gate.Actor
}

func open(t *testing.T, g *gate.Gate) *department {
	t.Helper()
	ring, err := seal.OpenRing(seal.File(filepath.Join(t.TempDir(), seal.KeyFile)))
	if err != nil {
		t.Fatal(err)
	}
	c := chart.New(g, ring, identity.New(g, ring))
	return &department{t, t.Context(), g, c, downtime.New(g, ring, c), gatetest.Actor()}
}

func (d *department) register(number, family string) (string, error) {
	d.t.Helper()
	p, _, err := d.chart.Register(d.ctx, d.actor, chart.Patient{
		Name: chart.Name{Family: family, Given: "Marta"}, BirthDate: "1950-02-03", Sex: "female",
		Identifiers: []chart.Identifier{{Kind: "MR", Assigner: "HOSP", Value: number}},
	})
	return p.Record, err
}

// TestReadOnlyMode: it begins with a reason, refuses changes, lets people read,
// survives a second process, and ends.
func TestReadOnlyMode(t *testing.T) {
	gatetest.Both(t, func(t *testing.T, g *gate.Gate) {
		d := open(t, g)
		record, err := d.register("1", "Quill")
		if err != nil {
			t.Fatal(err)
		}
		if err := d.down.Begin(d.ctx, d.actor, " "); !errors.Is(err, downtime.ErrReason) {
			t.Errorf("without a reason: %v", err)
		}
		if err := d.down.End(d.ctx, d.actor); !errors.Is(err, downtime.ErrOff) {
			t.Errorf("ended before it began: %v", err)
		}
		if err := d.down.Begin(d.ctx, d.actor, "The storage is replaced"); err != nil {
			t.Fatal(err)
		}
		if now := d.down.Now(); !now.On || now.By != d.actor.ID || now.Since.IsZero() {
			t.Errorf("mode: %+v", now)
		}
		if _, err := d.register("2", "Ferris"); !errors.Is(err, gate.ErrReadOnly) {
			t.Errorf("a change: %v", err)
		}
		if _, err := d.chart.Chart(d.ctx, d.actor, record); err != nil {
			t.Errorf("a read: %v", err)
		}
		if err := d.down.Begin(d.ctx, d.actor, "again"); !errors.Is(err, downtime.ErrOn) {
			t.Errorf("begun twice: %v", err)
		}
		g.Writable() // as a process that has not heard of it yet
		if err := d.down.Follow(d.ctx); err != nil {
			t.Fatal(err)
		}
		if _, err := d.register("2", "Ferris"); !errors.Is(err, gate.ErrReadOnly) {
			t.Errorf("a change in another process: %v", err)
		}
		if err := d.down.End(d.ctx, d.actor); err != nil {
			t.Fatal(err)
		}
		if _, err := d.register("2", "Ferris"); err != nil {
			t.Errorf("afterwards: %v", err)
		}
		past, err := d.down.List(d.ctx, d.actor)
		if err != nil || len(past) != 1 || past[0].On || past[0].Reason != "The storage is replaced" || past[0].Ended.Before(past[0].Since) {
			t.Errorf("%+v, %v", past, err)
		}
	})
}

func TestEmergencySet(t *testing.T) {
	gatetest.Both(t, func(t *testing.T, g *gate.Gate) {
		d := open(t, g)
		one, err := d.register("1", "Quill")
		if err != nil {
			t.Fatal(err)
		}
		two, err := d.register("2", "Ferris")
		if err != nil {
			t.Fatal(err)
		}
		day := func(n int) time.Time { return time.Date(2026, 9, n, 8, 0, 0, 0, time.UTC) }
		v := func(id string) chart.Version { return chart.Version{ID: id, Record: one, Encounter: "e2"} }
		var b chart.Batch
		b.AddEncounter(chart.Encounter{Version: chart.Version{ID: "e1", Record: one}, Setting: chart.Outpatient, Status: "finished", Start: day(20), End: day(21)})
		b.AddEncounter(chart.Encounter{Version: chart.Version{ID: "e2", Record: one}, Setting: chart.Inpatient, Status: "in-progress", Unit: "3 West", Start: day(10)})
		b.AddFact(chart.Fact{Version: v("m1"), Kind: chart.Medication, Display: "Warfarin 5 mg", Effective: day(11)})
		b.AddFact(chart.Fact{Version: v("a1"), Kind: chart.Allergy, Display: "Penicillin"})
		for i := range 12 {
			b.AddDocument(chart.Document{Version: v("n" + string(rune('a'+i))), Type: "progress note", WrittenAt: day(11 + i), Signed: true, Text: "day " + string(rune('a'+i))})
		}
		b.AddDocument(chart.Document{Version: v("hp"), Type: "history and physical", WrittenAt: day(10), Signed: true, Text: "admitted"})
		err = g.Change(d.ctx, d.actor, "test.store", gate.Department(), func(tx *gate.Tx) error {
			_, err := d.chart.StoreTx(d.ctx, tx, &b)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		set, err := d.down.Set(d.ctx, d.actor, []string{one, two, one})
		if err != nil || len(set.Charts) != 2 {
			t.Fatalf("%d charts, %v", len(set.Charts), err)
		}
		x := set.Charts[1] // by unit: the one without comes first
		if x.Encounter.ID != "e2" || len(x.Medications) != 1 || len(x.Banner.Allergies) != 1 || len(x.Documents) != 8 {
			t.Fatalf("encounter %s, %d medications, %d allergies, %d documents", x.Encounter.ID, len(x.Medications), len(x.Banner.Allergies), len(x.Documents))
		}
		if x.Documents[0].Text != "day l" || !slices.ContainsFunc(x.Documents, func(doc chart.Document) bool { return doc.Text == "admitted" }) {
			t.Errorf("documents: %v", x.Documents)
		}
		var listed []string
		for _, e := range gatetest.Entries(t, g) {
			if e.Action == downtime.ActionSet {
				for _, s := range e.Subjects {
					listed = append(listed, s.Record)
				}
			}
		}
		if !slices.Contains(listed, one) || !slices.Contains(listed, two) {
			t.Errorf("on the log: %s", strings.Join(listed, " "))
		}
		if _, err := d.down.Set(d.ctx, d.actor, nil); !errors.Is(err, downtime.ErrNothing) {
			t.Errorf("none: %v", err)
		}
		if _, err := d.down.Set(d.ctx, d.actor, make([]string, 1)); err == nil {
			t.Error("a record that is none was taken")
		}
	})
}
