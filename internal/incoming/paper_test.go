package incoming_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"pgregory.net/rapid"

	"chartroom/internal/gate"
	"chartroom/internal/gate/gatetest"
	"chartroom/internal/incoming"
	"chartroom/internal/work"
)

func tomorrow() string { return time.Now().UTC().AddDate(0, 0, 1).Format(time.DateOnly) }

func TestAVolumeGoesOutAndComesBack(t *testing.T) {
	gatetest.Both(t, func(t *testing.T, g *gate.Gate) {
		r := newRoom(t, g)
		v, err := r.desk.AddVolume(t.Context(), r.actor, r.amos.record, "2019 to 2021", "Shelf 12 B")
		if err != nil || v.Number != 1 {
			t.Fatalf("%+v: %v", v, err)
		}
		if v, err = r.desk.Ask(t.Context(), r.actor, v.ID, v.Version, "Dr. Maddox", "clinic"); err != nil {
			t.Fatal(err)
		}
		if items := r.open(t, work.Paper); len(items) != 1 || items[0].Reason != "volume requested" {
			t.Errorf("work %+v", items)
		}
		stale := v.Version
		if v, err = r.desk.SignOut(t.Context(), r.actor, v.ID, v.Version, "dr. maddox", "clinic", tomorrow()); err != nil {
			t.Fatal(err)
		}
		if !v.AskedAt.IsZero() || v.State != incoming.PaperOut {
			t.Errorf("signed out: %+v", v)
		}
		if _, err := r.desk.SignOut(t.Context(), r.actor, v.ID, stale, "Release", "", tomorrow()); !errors.Is(err, incoming.ErrStale) {
			t.Errorf("signed out twice: %v", err)
		}
		if items := r.open(t, work.Paper); len(items) != 1 || items[0].Reason != "volume signed out" {
			t.Errorf("work %+v", items)
		}
		if v, err = r.desk.Return(t.Context(), r.actor, v.ID, v.Version, ""); err != nil || v.Place != "Shelf 12 B" {
			t.Fatalf("%+v: %v", v, err)
		}
		found, err := r.desk.VolumeByBarcode(t.Context(), r.actor, " "+v.Barcode+" ")
		if err != nil || found.ID != v.ID {
			t.Errorf("by its barcode: %+v, %v", found, err)
		}
		_, history, err := r.desk.Volume(t.Context(), r.actor, v.ID)
		if err != nil || len(history) != 4 || history[2].Kind != incoming.PaperSignedOut || history[2].Text != "dr. maddox · clinic" {
			t.Errorf("history %+v: %v", history, err)
		}
		if len(r.open(t, work.Paper)) != 0 {
			t.Error("work is left of a volume that is in")
		}
	})
}

// TestAVolumeIsInOnePlace plays random steps by several people: a step on what
// they saw last either is the next in its history or changes nothing.
func TestAVolumeIsInOnePlace(t *testing.T) {
	r := newRoom(t, gatetest.Open(t))
	rapid.Check(t, func(t *rapid.T) {
		ctx := context.Background()
		v, err := r.desk.AddVolume(ctx, r.actor, r.odalys.record, "", "Shelf 1")
		if err != nil {
			t.Fatal(err)
		}
		steps := 1
		for range rapid.IntRange(1, 12).Draw(t, "steps") {
			seen := rapid.SampledFrom([]int{v.Version, v.Version, v.Version - 1}).Draw(t, "version seen")
			var next incoming.Volume
			switch rapid.SampledFrom([]string{"out", "in", "place", "ask", "unask", "miss"}).Draw(t, "step") {
			case "out":
				next, err = r.desk.SignOut(ctx, r.actor, v.ID, seen, "Release", "", tomorrow())
			case "in":
				next, err = r.desk.Return(ctx, r.actor, v.ID, seen, "Shelf 2")
			case "place":
				next, err = r.desk.Place(ctx, r.actor, v.ID, seen, "Shelf 3", "")
			case "ask":
				next, err = r.desk.Ask(ctx, r.actor, v.ID, seen, "Clinic", "")
			case "unask":
				next, err = r.desk.Unask(ctx, r.actor, v.ID, seen)
			default:
				next, err = r.desk.Miss(ctx, r.actor, v.ID, seen)
			}
			if err == nil {
				if seen != v.Version {
					t.Fatal("a step on an old version was taken")
				}
				v, steps = next, steps+1
			}
			now, history, err := r.desk.Volume(ctx, r.actor, v.ID)
			if err != nil || now.State != v.State || now.Place != v.Place || now.To != v.To || len(history) != steps || now.Version != steps {
				t.Fatalf("%+v with %d of %d steps, not %+v: %v", now, len(history), steps, v, err)
			}
			if (now.State == incoming.PaperOut) != (now.To != "" && !now.Due.IsZero() && now.State != incoming.PaperLost) && now.State != incoming.PaperLost {
				t.Fatalf("out to %q until %v in state %s", now.To, now.Due, now.State)
			}
		}
	})
}
