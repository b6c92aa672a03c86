package coding_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"chartroom/codes/coder"
	"chartroom/codes/codeset"
	"chartroom/internal/chart"
	"chartroom/internal/coding"
	"chartroom/internal/gate"
	"chartroom/internal/gate/gatetest"
	"chartroom/internal/identity"
	"chartroom/internal/seal"
	"chartroom/internal/work"
)

// desk is a small department with one stay to code.
type desk struct {
	coding    *coding.Service
	lists     *work.Service
	chart     *chart.Service
	gate      *gate.Gate
	actor     gate.Actor
	encounter string
	summary   chart.Document
}

const dischargeSummary = `DISCHARGE DIAGNOSES:
1. Acute on chronic systolic heart failure.
2. Type 2 diabetes mellitus with hyperglycemia.

HOSPITAL COURSE: He was diuresed with furosemide. No chest pain. Pneumonia was ruled out.
`

// newDesk registers an invented patient with one stay that ended on a day.
func newDesk(t *testing.T, g *gate.Gate, setting chart.Setting, end time.Time) *desk {
	t.Helper()
	ring, err := seal.OpenRing(seal.File(t.TempDir() + "/keys"))
	if err != nil {
		t.Fatal(err)
	}
	ids := identity.New(g, ring)
	charts := chart.New(g, ring, ids)
	library := codeset.Embedded()
	d := &desk{
		lists: work.New(g, ring), chart: charts, gate: g,
		actor: gate.Actor{ID: "coder-1", Kind: gate.Person, Name: "Test Coder", Roles: []string{"coder"}},
	}
	d.coding = coding.New(g, ring, charts, d.lists, library, coder.New(library))
	charts.Watch(d.coding.Watch)
	p, _, err := charts.Register(t.Context(), d.actor, chart.Patient{
		Name: chart.Name{Family: "Quillfeather", Given: "Amos"}, BirthDate: "1950-05-05", Sex: "male",
		Identifiers: []chart.Identifier{{Kind: "MR", Assigner: "TEST", Value: "T-1"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	d.encounter = gate.NewID()
	var b chart.Batch
	b.AddEncounter(chart.Encounter{
		Version: chart.Version{ID: d.encounter, Record: p.Record}, Number: "E-1", Setting: setting, Status: "finished",
		Unit: "4 West", Start: end.AddDate(0, 0, -4), End: end, Attending: chart.Author{Name: "Dr. Test", Role: "attending"},
	})
	err = g.Change(t.Context(), d.actor, chart.ActionNote, gate.Record(p.Record), func(tx *gate.Tx) error {
		_, err := charts.StoreTx(t.Context(), tx, &b)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	d.summary = d.note(t, "discharge summary", "attending physician", dischargeSummary)
	return d
}

func (d *desk) note(t *testing.T, kind, role, text string) chart.Document {
	t.Helper()
	doc, err := d.chart.AddNote(t.Context(), d.actor, d.encounter, chart.Note{
		Type: kind, Text: text, Author: chart.Author{Name: "Dr. Test", Role: role}, Signed: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

func (d *desk) passage(t *testing.T, words string) []coding.Passage {
	t.Helper()
	at := strings.Index(d.summary.Text, words)
	if at < 0 {
		t.Fatalf("the summary has no %q", words)
	}
	return []coding.Passage{{Document: d.summary.ID, Version: d.summary.Number, Start: at, End: at + len(words)}}
}

func discharged() time.Time { return time.Date(2026, 3, 14, 15, 0, 0, 0, time.UTC) }

func must(t *testing.T) func(coding.Session, error) coding.Session {
	t.Helper()
	return func(s coding.Session, err error) coding.Session {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
}

func codesOf(list []coding.Assigned) string {
	var out []string
	for _, c := range list {
		out = append(out, c.Code)
	}
	return strings.Join(out, " ")
}

// TestFromNoteToFinalCode plays the main job on both engines.
func TestFromNoteToFinalCode(t *testing.T) {
	gatetest.Both(t, func(t *testing.T, g *gate.Gate) {
		d := newDesk(t, g, chart.Inpatient, discharged())
		ctx, ok := t.Context(), must(t)

		s := ok(d.coding.Start(ctx, d.actor, d.encounter))
		if s.State != coding.Open || s.Editions[0].Name != "FY2026" || s.Provisional {
			t.Fatalf("started as %s with %+v", s.State, s.Editions)
		}
		i := slices.IndexFunc(s.Suggestions, func(g coding.Suggestion) bool { return g.Code == "I50.23" })
		if i < 0 {
			t.Fatalf("I50.23 is not among the %d suggestions", len(s.Suggestions))
		}
		for _, g := range s.Suggestions {
			if strings.HasPrefix(g.Code, "J18") {
				t.Errorf("%s is suggested although pneumonia was ruled out", g.Code)
			}
		}
		words, err := d.chart.Words(ctx, d.actor, s.Suggestions[i].Evidence[0])
		if err != nil || !strings.Contains(strings.ToLower(words.Words), "heart failure") {
			t.Errorf("evidence %q, %v", words.Words, err)
		}
		s = ok(d.coding.Accept(ctx, d.actor, d.encounter, s.Revision, s.Suggestions[i].ID, coding.End, "Y"))
		s = ok(d.coding.Add(ctx, d.actor, d.encounter, s.Revision, coding.Addition{
			System: codeset.ICD10CM, Code: "e1165", POA: "Y", Position: coding.End,
			Why: []string{"Diabetes", "type 2", "with", "hyperglycemia"}, Passages: d.passage(t, "Type 2 diabetes mellitus with hyperglycemia"),
		}))
		if got := codesOf(s.Diagnoses); got != "I50.23 E11.65" {
			t.Fatalf("diagnoses %q", got)
		}
		s = ok(d.coding.Finalise(ctx, d.actor, d.encounter, s.Revision, false))
		if s.State != coding.Final {
			t.Fatalf("state %s, findings %+v", s.State, s.Findings)
		}
		final, err := d.coding.FinalCodes(ctx, d.actor, d.encounter)
		if err != nil || len(final) != 2 || final[0].Code != "I50.23" || final[0].Edition != "FY2026" || final[0].Provisional {
			t.Errorf("final codes %+v, %v", final, err)
		}
		trace, err := d.coding.Trace(ctx, d.actor, d.encounter, s.Diagnoses[1].ID)
		if err != nil {
			t.Fatal(err)
		}
		if len(trace.Trails) != 1 || trace.Trails[0].Quote.Words != "Type 2 diabetes mellitus with hyperglycemia" {
			t.Errorf("trails %+v", trace.Trails)
		}
		if len(trace.Entries) < 3 { // assigned, made final, the note stored
			t.Errorf("audit entries %v", trace.Entries)
		}
		if _, err := d.coding.Remove(ctx, d.actor, d.encounter, s.Revision, s.Diagnoses[0].ID); !errors.Is(err, coding.ErrNotOpen) {
			t.Errorf("a final coding was changed: %v", err)
		}
	})
}

func TestReopeningSupersedesAndKeeps(t *testing.T) {
	d := newDesk(t, gatetest.Open(t), chart.Inpatient, discharged())
	ctx, ok := t.Context(), must(t)
	s := ok(d.coding.Start(ctx, d.actor, d.encounter))
	s = ok(d.addHeartFailure(ctx, t, s))
	s = ok(d.coding.Finalise(ctx, d.actor, d.encounter, s.Revision, false))
	if _, err := d.coding.Reopen(ctx, d.actor, d.encounter, s.Revision, " "); !errors.Is(err, coding.ErrBadInput) {
		t.Errorf("reopened without a reason: %v", err)
	}
	s = ok(d.coding.Reopen(ctx, d.actor, d.encounter, s.Revision, "query answered"))
	if s.State != coding.Open || len(s.Finalised) != 1 || !s.Finalised[0].Superseded {
		t.Errorf("after reopening: %s %+v", s.State, s.Finalised)
	}
	if final, err := d.coding.FinalCodes(ctx, d.actor, d.encounter); err != nil || len(final) != 0 {
		t.Errorf("final codes while open: %v, %v", final, err)
	}
	s = ok(d.coding.Finalise(ctx, d.actor, d.encounter, s.Revision, false))
	if final, err := d.coding.FinalCodes(ctx, d.actor, d.encounter); err != nil || len(final) != 1 || final[0].Finalisation != 2 {
		t.Errorf("final codes %+v, %v", final, err)
	}
	events, err := d.coding.History(ctx, d.actor, d.encounter)
	if err != nil || len(events) != s.Revision {
		t.Errorf("%d events for revision %d, %v", len(events), s.Revision, err)
	}
}

func (d *desk) addHeartFailure(ctx context.Context, t *testing.T, s coding.Session) (coding.Session, error) {
	t.Helper()
	return d.coding.Add(ctx, d.actor, d.encounter, s.Revision, coding.Addition{
		System: codeset.ICD10CM, Code: "I50.23", POA: "Y", Position: coding.End, Passages: d.passage(t, "Acute on chronic systolic heart failure"),
	})
}

func TestNobodyOverwritesAnother(t *testing.T) {
	gatetest.Both(t, func(t *testing.T, g *gate.Gate) {
		d := newDesk(t, g, chart.Inpatient, discharged())
		ctx, ok := t.Context(), must(t)
		s := ok(d.coding.Start(ctx, d.actor, d.encounter))
		const writers = 8
		results := make(chan error, writers)
		for range writers {
			go func() {
				_, err := d.addHeartFailure(ctx, t, s)
				results <- err
			}()
		}
		won := 0
		for range writers {
			switch err := <-results; {
			case err == nil:
				won++
			case !errors.Is(err, coding.ErrStale):
				t.Errorf("the loser got %v", err)
			}
		}
		if won != 1 {
			t.Errorf("%d of %d writers on one revision won", won, writers)
		}
	})
}

func TestFindingsBlock(t *testing.T) {
	d := newDesk(t, gatetest.Open(t), chart.Inpatient, discharged())
	ctx, ok := t.Context(), must(t)
	s := ok(d.coding.Start(ctx, d.actor, d.encounter))
	s = ok(d.coding.Add(ctx, d.actor, d.encounter, s.Revision, coding.Addition{
		System: codeset.ICD10CM, Code: "I50.23", Position: coding.End, Passages: d.passage(t, "heart failure"),
	}))
	if _, err := d.coding.Finalise(ctx, d.actor, d.encounter, s.Revision, false); !errors.Is(err, coding.ErrBlocked) {
		t.Fatalf("made final without present on admission: %v", err)
	}
	s = ok(d.coding.SetPOA(ctx, d.actor, d.encounter, s.Revision, s.Diagnoses[0].ID, "y"))
	s = ok(d.coding.Finalise(ctx, d.actor, d.encounter, s.Revision, false))
	if s.State != coding.Final {
		t.Errorf("state %s", s.State)
	}
}

func TestWaivingAnExcludes1(t *testing.T) {
	d := newDesk(t, gatetest.Open(t), chart.Outpatient, discharged())
	ctx, ok := t.Context(), must(t)
	s := ok(d.coding.Start(ctx, d.actor, d.encounter))
	for _, code := range []string{"E11.9", "E10.9"} {
		s = ok(d.coding.Add(ctx, d.actor, d.encounter, s.Revision, coding.Addition{
			System: codeset.ICD10CM, Code: code, Position: coding.End, Passages: d.passage(t, "diabetes"),
		}))
	}
	if len(s.Findings) != 1 || !s.Findings[0].Waivable {
		t.Fatalf("findings %+v", s.Findings)
	}
	s = ok(d.coding.Waive(ctx, d.actor, d.encounter, s.Revision, s.Findings[0].Key, "documented as unrelated by the endocrinologist"))
	if !s.Findings[0].Waived || s.Findings[0].Reason == "" {
		t.Errorf("findings %+v", s.Findings)
	}
	s = ok(d.coding.Undo(ctx, d.actor, d.encounter, s.Revision))
	if s.Findings[0].Waived {
		t.Error("undo left the finding overruled")
	}
}

// TestADayWithoutAnEdition: fiscal year 2027 began on 2026-10-01 and no edition
// of it is installed.
func TestADayWithoutAnEdition(t *testing.T) {
	d := newDesk(t, gatetest.Open(t), chart.Inpatient, time.Date(2026, 10, 3, 12, 0, 0, 0, time.UTC))
	ctx, ok := t.Context(), must(t)
	s := ok(d.coding.Start(ctx, d.actor, d.encounter))
	if !s.Provisional || s.Editions[0].Name != "FY2026" {
		t.Fatalf("provisional %v with %+v", s.Provisional, s.Editions)
	}
	s = ok(d.addHeartFailure(ctx, t, s))
	if _, err := d.coding.Finalise(ctx, d.actor, d.encounter, s.Revision, false); !errors.Is(err, coding.ErrNoEdition) {
		t.Fatalf("made final in full without an edition: %v", err)
	}
	s = ok(d.coding.Finalise(ctx, d.actor, d.encounter, s.Revision, true))
	final, err := d.coding.FinalCodes(ctx, d.actor, d.encounter)
	if err != nil || s.State != coding.Provisional || len(final) != 1 || !final[0].Provisional {
		t.Errorf("state %s, final %+v, %v", s.State, final, err)
	}
}

// TestTheFacilitysDayChoosesTheEdition: a discharge on the evening of
// 30 September in Maine is 1 October in UTC.
func TestTheFacilitysDayChoosesTheEdition(t *testing.T) {
	evening := time.Date(2026, 10, 1, 1, 30, 0, 0, time.UTC)
	d := newDesk(t, gatetest.Open(t), chart.Inpatient, evening)
	enc, err := d.chart.Encounter(t.Context(), d.actor, d.encounter)
	if err != nil {
		t.Fatal(err)
	}
	enc.Zone = "America/New_York"
	if _, err := d.chart.Correct(t.Context(), d.actor, enc, "facility time zone"); err != nil {
		t.Fatal(err)
	}
	s := must(t)(d.coding.Start(t.Context(), d.actor, d.encounter))
	if s.Date != "2026-09-30" || s.Provisional {
		t.Errorf("date %s, provisional %v", s.Date, s.Provisional)
	}
}

func TestANewDocumentIsReadAndDecisionsStay(t *testing.T) {
	d := newDesk(t, gatetest.Open(t), chart.Inpatient, discharged())
	ctx, ok := t.Context(), must(t)
	s := ok(d.coding.Start(ctx, d.actor, d.encounter))
	first := s.Suggestions[0]
	s = ok(d.coding.Reject(ctx, d.actor, d.encounter, s.Revision, first.ID, "not treated during the stay"))
	before := len(s.Suggestions)
	d.note(t, "progress note", "attending physician", "ASSESSMENT: Acute blood loss anemia, transfused two units.")
	s = ok(d.coding.Start(ctx, d.actor, d.encounter))
	if len(s.Documents) != 2 || len(s.Suggestions) <= before {
		t.Errorf("%d documents read, %d suggestions after %d", len(s.Documents), len(s.Suggestions), before)
	}
	i := slices.IndexFunc(s.Suggestions, func(g coding.Suggestion) bool { return g.Code == first.Code })
	if i < 0 || s.Suggestions[i].Fate != coding.Rejected {
		t.Errorf("%s was rejected and is %+v", first.Code, s.Suggestions[max(i, 0)].Fate)
	}
	again := ok(d.coding.Start(ctx, d.actor, d.encounter))
	if again.Revision != s.Revision {
		t.Error("reading the same documents again made another event")
	}
}

func TestDraftsSurvive(t *testing.T) {
	d := newDesk(t, gatetest.Open(t), chart.Inpatient, discharged())
	ctx := t.Context()
	if err := d.coding.SaveDraft(ctx, d.actor, d.encounter, "reject", "because the echo"); err != nil {
		t.Fatal(err)
	}
	if err := d.coding.SaveDraft(ctx, d.actor, d.encounter, "reject", "because the echocardiogram"); err != nil {
		t.Fatal(err)
	}
	drafts, err := d.coding.Drafts(ctx, d.actor, d.encounter)
	if err != nil || drafts["reject"] != "because the echocardiogram" {
		t.Errorf("drafts %v, %v", drafts, err)
	}
	other := d.actor
	other.ID = "coder-2"
	if drafts, err := d.coding.Drafts(ctx, other, d.encounter); err != nil || len(drafts) != 0 {
		t.Errorf("another coder sees %v, %v", drafts, err)
	}
	if err := d.coding.SaveDraft(ctx, d.actor, d.encounter, "reject", ""); err != nil {
		t.Fatal(err)
	}
	if drafts, err := d.coding.Drafts(ctx, d.actor, d.encounter); err != nil || len(drafts) != 0 {
		t.Errorf("drafts %v, %v", drafts, err)
	}
}

// TestListOfWork follows one encounter through its reasons.
func TestListOfWork(t *testing.T) {
	gatetest.Both(t, func(t *testing.T, g *gate.Gate) {
		d := newDesk(t, g, chart.Inpatient, discharged())
		ctx, ok := t.Context(), must(t)
		list := func(f work.Filter) work.Item {
			t.Helper()
			f.Queue = work.Coding
			page, err := d.lists.List(ctx, d.actor, f, nil)
			if err != nil {
				t.Fatal(err)
			}
			if len(page.Items) == 0 {
				return work.Item{}
			}
			return page.Items[0]
		}
		why := func(f work.Filter) coding.Why { t.Helper(); return coding.Why(list(f).Reason) }
		first := list(work.Filter{})
		if first.Reason != string(coding.WhyUncoded) || first.Overdue || first.Open != "/coding/"+d.encounter || first.Unit != "4 West" {
			t.Errorf("first %+v", first)
		}
		if !first.Since.Equal(discharged()) || !first.Due.After(discharged().AddDate(0, 0, 4)) {
			t.Errorf("the clock runs from %v to %v", first.Since, first.Due)
		}
		s := ok(d.coding.Start(ctx, d.actor, d.encounter))
		s = ok(d.addHeartFailure(ctx, t, s))
		if item := list(work.Filter{Who: work.Me}); item.Reason != string(coding.WhyStarted) || item.Holder != d.actor.ID {
			t.Errorf("started %+v", item)
		}
		s = ok(d.coding.Finalise(ctx, d.actor, d.encounter, s.Revision, false))
		if got := why(work.Filter{Show: work.Remaining}); got != "" {
			t.Errorf("final is still to do: %s", got)
		}
		if item := list(work.Filter{Show: work.Finished}); item.How != "final" || item.SettledBy != d.actor.ID || item.SettledAt.IsZero() {
			t.Errorf("final %+v", item)
		}
		d.note(t, "pathology report", "pathologist", "FINAL DIAGNOSIS: adenocarcinoma.")
		if got := why(work.Filter{}); got != coding.WhyNewText {
			t.Errorf("a document after final: %q", got)
		}
		ok(d.coding.Reopen(ctx, d.actor, d.encounter, s.Revision, "late pathology"))
		if got := why(work.Filter{}); got != coding.WhyReopened {
			t.Errorf("reopened %q", got)
		}
	})
}

// TestListFollowsTheChart: what is not ended, or withdrawn, is not to be coded.
func TestListFollowsTheChart(t *testing.T) {
	gatetest.Both(t, func(t *testing.T, g *gate.Gate) {
		d := newDesk(t, g, chart.Outpatient, discharged())
		ctx := t.Context()
		open := func() int {
			t.Helper()
			page, err := d.lists.List(ctx, d.actor, work.Filter{Show: work.Remaining}, nil)
			if err != nil {
				t.Fatal(err)
			}
			return len(page.Items)
		}
		enc, err := d.chart.Encounter(ctx, d.actor, d.encounter)
		if err != nil || open() != 1 {
			t.Fatalf("%d to do, %v", open(), err)
		}
		ended := enc.End
		correct := func(reason string) {
			t.Helper()
			rev, err := d.chart.Correct(ctx, d.actor, enc, reason)
			if err != nil {
				t.Fatal(err)
			}
			enc = *rev.Encounter
		}
		enc.End = time.Time{}
		correct("the patient is still here")
		if n := open(); n != 0 {
			t.Errorf("%d to do, and the encounter has not ended", n)
		}
		enc.End = ended
		correct("discharged after all")
		if n := open(); n != 1 {
			t.Errorf("%d to do after the discharge", n)
		}
		if _, err := d.chart.Withdraw(ctx, d.actor, enc.ID, enc.Version.Number, "entered in error"); err != nil {
			t.Fatal(err)
		}
		if n := open(); n != 0 {
			t.Errorf("%d to do, and the encounter was withdrawn", n)
		}
	})
}

func TestBadChangesAreRefused(t *testing.T) {
	d := newDesk(t, gatetest.Open(t), chart.Inpatient, discharged())
	ctx, ok := t.Context(), must(t)
	s := ok(d.coding.Start(ctx, d.actor, d.encounter))
	add := func(a coding.Addition) error {
		_, err := d.coding.Add(ctx, d.actor, d.encounter, s.Revision, a)
		return err
	}
	end := len(d.summary.Text)
	cases := []struct {
		name string
		err  error
		want error
	}{
		{"unknown code", add(coding.Addition{System: codeset.ICD10CM, Code: "Z99.999"}), coding.ErrBadInput},
		{"category", add(coding.Addition{System: codeset.ICD10CM, Code: "I50"}), coding.ErrBadInput},
		{"passage beyond the text", add(coding.Addition{System: codeset.ICD10CM, Code: "I10",
			Passages: []coding.Passage{{Document: d.summary.ID, Version: 1, Start: end, End: end + 5}}}), chart.ErrSpan},
		{"passage of another document", add(coding.Addition{System: codeset.ICD10CM, Code: "I10",
			Passages: []coding.Passage{{Document: "nowhere", Version: 1, Start: 0, End: 5}}}), coding.ErrBadInput},
		{"unknown suggestion", second(d.coding.Accept(ctx, d.actor, d.encounter, s.Revision, "none", 0, "")), coding.ErrNotFound},
		{"rejection without reason", second(d.coding.Reject(ctx, d.actor, d.encounter, s.Revision, s.Suggestions[0].ID, "")), coding.ErrBadInput},
		{"unknown code to remove", second(d.coding.Remove(ctx, d.actor, d.encounter, s.Revision, "none")), coding.ErrNotFound},
		{"indicator", second(d.coding.SetPOA(ctx, d.actor, d.encounter, s.Revision, "none", "Q")), coding.ErrBadInput},
		{"stale revision", second(d.coding.Undo(ctx, d.actor, d.encounter, s.Revision+7)), coding.ErrStale},
		{"nothing to undo", second(d.coding.Undo(ctx, d.actor, d.encounter, s.Revision)), coding.ErrNothing},
		{"reopen what is open", second(d.coding.Reopen(ctx, d.actor, d.encounter, s.Revision, "why")), coding.ErrNotFinal},
		{"no such encounter", second(d.coding.Session(ctx, d.actor, "none")), chart.ErrNotFound},
	}
	for _, c := range cases {
		if !errors.Is(c.err, c.want) {
			t.Errorf("%s: %v, want %v", c.name, c.err, c.want)
		}
	}
	if now := ok(d.coding.Session(ctx, d.actor, d.encounter)); now.Revision != s.Revision || len(now.Diagnoses) != 0 {
		t.Errorf("a refused change left something: %+v", now)
	}
}

func second(_ coding.Session, err error) error { return err }
