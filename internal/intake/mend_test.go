package intake_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"chartroom/internal/chart"
	"chartroom/internal/intake"
	"chartroom/internal/work"
)

// broken is an admission whose patient's segment cannot be read.
func broken(control, mrn string) string {
	return strings.Replace(admit(control, mrn), "PID|", "pid|", 1)
}

func (d *department) troubles(settled bool) []intake.Trouble {
	d.t.Helper()
	page, err := d.intake.Troubles(d.ctx, d.actor, settled, "", 0)
	if err != nil {
		d.t.Fatal(err)
	}
	return page.Rows
}

// items are the keys in the queue of the interfaces.
func (d *department) items() []string {
	d.t.Helper()
	page, err := d.work.List(d.ctx, d.actor, work.Filter{Queue: work.Interface}, nil)
	if err != nil {
		d.t.Fatal(err)
	}
	keys := []string{}
	for _, item := range page.Items {
		keys = append(keys, item.Key)
	}
	return keys
}

func (d *department) encounters() int {
	d.t.Helper()
	page, err := d.chart.Encounters(d.ctx, d.actor, chart.EncounterFilter{})
	if err != nil {
		d.t.Fatal(err)
	}
	return len(page.Rows)
}

// TestRefusedIsKeptAndMended: a message refused over MLLP is kept byte for byte,
// stands on the list with its reason, and is settled by a corrected copy.
func TestRefusedIsKeptAndMended(t *testing.T) {
	onBoth(t, func(d *department) {
		c := d.dial(d.listen())
		sent := broken("M1", "500")
		if _, err := c.Send(d.ctx, []byte(sent)); err != nil {
			t.Fatal(err)
		}
		open := d.troubles(false)
		if len(open) != 1 || len(open[0].Reasons) != 1 || open[0].Reasons[0].Reason == "" || open[0].Message.ControlID != "M1" {
			t.Fatalf("on the list: %+v", open)
		}
		id := open[0].Message.ID
		if keys := d.items(); len(keys) != 1 || keys[0] != id {
			t.Fatalf("work: %v", keys)
		}
		if err := d.intake.SaveMend(d.ctx, d.actor, id, "half typed"); err != nil {
			t.Fatal(err)
		}
		_, raw, draft, err := d.intake.TroubleOf(d.ctx, d.actor, id)
		if err != nil || string(raw) != sent || draft != "half typed" {
			t.Fatalf("kept %q, draft %q, %v", raw, draft, err)
		}
		if _, err := d.intake.Mend(d.ctx, d.actor, id, []byte(strings.ReplaceAll(sent, "\r", "\r\n")), "why"); !errors.Is(err, intake.ErrUnchanged) {
			t.Errorf("nothing changed but line ends: %v", err)
		}
		if _, err := d.intake.Mend(d.ctx, d.actor, id, []byte("x"), " "); !errors.Is(err, intake.ErrReason) {
			t.Errorf("without a reason: %v", err)
		}
		worse, err := d.intake.Mend(d.ctx, d.actor, id, []byte(strings.Replace(sent, "pid|", "p|", 1)), "a try")
		if err != nil || worse.Rejected != 1 || len(d.troubles(false)) != 1 || len(d.items()) != 1 {
			t.Fatalf("a copy that is refused as well: %+v, %v; %d open", worse, err, len(d.troubles(false)))
		}
		mended := []byte(strings.ReplaceAll(strings.Replace(sent, "pid|", "PID|", 1), "\r", "\r\n"))
		res, err := d.intake.Mend(d.ctx, d.actor, id, mended, "Segment name in small letters")
		if err != nil || res.Accepted != 1 || res.Rejected != 0 {
			t.Fatalf("mended: %+v, %v", res, err)
		}
		done := d.troubles(true)
		if len(d.troubles(false)) != 0 || len(d.items()) != 0 || len(done) != 1 ||
			done[0].State != intake.Mended || done[0].Reason != "Segment name in small letters" || done[0].ClosedBy != d.actor.ID {
			t.Fatalf("settled: %+v", done)
		}
		if d.encounters() != 1 {
			t.Errorf("%d encounters", d.encounters())
		}
		if _, raw, err := d.intake.Open(d.ctx, d.actor, id); err != nil || string(raw) != sent {
			t.Errorf("the original changed: %v", err)
		}
		if _, err := d.intake.Mend(d.ctx, d.actor, id, mended, "again"); !errors.Is(err, intake.ErrNotOpen) {
			t.Errorf("mended twice: %v", err)
		}
	})
}

// TestReplayWhenThePatientHasCome: resources whose patient was not known are
// taken in by sending the same bytes again once the patient is here.
func TestReplayWhenThePatientHasCome(t *testing.T) {
	onBoth(t, func(d *department) {
		late := `{"resourceType":"Condition","id":"c1","subject":{"reference":"Patient/p9"},"code":{"text":"Asthma"}}`
		res := d.text("late.ndjson", late+"\n")
		if res.Rejected != 1 {
			t.Fatalf("%+v", res)
		}
		open := d.troubles(false)
		if len(open) != 1 || len(open[0].Reasons) != 1 || open[0].Errors != 1 {
			t.Fatalf("on the list: %+v", open)
		}
		id := open[0].Message.ID
		if res, err := d.intake.Replay(d.ctx, d.actor, id); err != nil || res.Rejected != 1 || len(d.troubles(false)) != 1 {
			t.Fatalf("replayed too early: %+v, %v", res, err)
		}
		d.text("patient.ndjson", `{"resourceType":"Patient","id":"p9","name":[{"family":"Quill","given":["Marta"]}],"birthDate":"1961-02-03"}`+"\n")
		if res, err := d.intake.Replay(d.ctx, d.actor, id); err != nil || res.Rejected != 0 || res.Accepted != 1 {
			t.Fatalf("replayed: %+v, %v", res, err)
		}
		if done := d.troubles(true); len(done) != 1 || done[0].State != intake.Replayed || len(d.items()) != 0 {
			t.Errorf("settled: %+v", done)
		}
	})
}

func TestDismissAndReopen(t *testing.T) {
	onBoth(t, func(d *department) {
		res := d.text("two.hl7", broken("D1", "600")+broken("D2", "601")+admit("D3", "602"))
		if res.Received != 3 || res.Rejected != 2 {
			t.Fatalf("%+v", res)
		}
		open := d.troubles(false)
		if len(open) != 2 || len(d.items()) != 2 {
			t.Fatalf("%d open, %d items", len(open), len(d.items()))
		}
		id := open[0].Message.ID
		if err := d.intake.Dismiss(d.ctx, d.actor, id, ""); !errors.Is(err, intake.ErrReason) {
			t.Errorf("without a reason: %v", err)
		}
		if err := d.intake.Dismiss(d.ctx, d.actor, id, "Test message of the sender"); err != nil {
			t.Fatal(err)
		}
		if len(d.troubles(false)) != 1 || len(d.items()) != 1 {
			t.Error("dismissed, and still on the lists")
		}
		if err := d.intake.Reopen(d.ctx, d.actor, id); err != nil {
			t.Fatal(err)
		}
		if len(d.troubles(false)) != 2 || len(d.items()) != 2 {
			t.Error("reopened, and not on the lists")
		}
		if err := d.intake.Reopen(d.ctx, d.actor, id); !errors.Is(err, intake.ErrNotOpen) {
			t.Errorf("reopened twice: %v", err)
		}
		if err := d.intake.Dismiss(d.ctx, d.actor, "nosuch", "x"); !errors.Is(err, intake.ErrNotFound) {
			t.Errorf("unknown: %v", err)
		}
		counts, err := d.intake.TroubleCounts(d.ctx, d.actor)
		if err != nil || counts[intake.FormatHL7][intake.TroubleOpen] != 2 {
			t.Errorf("%v, %v", counts, err)
		}
		_, raw, _, err := d.intake.TroubleOf(d.ctx, d.actor, id)
		if err != nil || !bytes.Contains(raw, []byte("pid|")) {
			t.Errorf("kept %q, %v", raw, err)
		}
	})
}
