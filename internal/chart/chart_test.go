package chart_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"chartroom/internal/chart"
	"chartroom/internal/gate"
	"chartroom/internal/gate/gatetest"
	"chartroom/internal/identity"
	"chartroom/internal/seal"
)

// department is what the tests of this package work with.
type department struct {
	t     *testing.T
	ctx   context.Context
	gate  *gate.Gate
	ring  *seal.Ring
	chart *chart.Service
	actor gate.Actor
}

func onBoth(t *testing.T, test func(d *department)) {
	t.Helper()
	gatetest.Both(t, func(t *testing.T, g *gate.Gate) { test(open(t, g)) })
}

func open(t *testing.T, g *gate.Gate) *department {
	t.Helper()
	ring, err := seal.OpenRing(seal.File(t.TempDir() + "/" + seal.KeyFile))
	if err != nil {
		t.Fatal(err)
	}
	id := identity.New(g, ring)
	return &department{t, t.Context(), g, ring, chart.New(g, ring, id), gatetest.Actor()}
}

func (d *department) register(p chart.Patient) chart.Patient {
	d.t.Helper()
	stored, _, err := d.chart.Register(d.ctx, d.actor, p)
	if err != nil {
		d.t.Fatal(err)
	}
	return stored
}

func (d *department) store(b *chart.Batch) chart.Stored {
	d.t.Helper()
	var done chart.Stored
	err := d.gate.Change(d.ctx, d.actor, "test.store", gate.Department(), func(tx *gate.Tx) (err error) {
		done, err = d.chart.StoreTx(d.ctx, tx, b)
		return err
	})
	if err != nil {
		d.t.Fatal(err)
	}
	return done
}

// visit stores a finished outpatient visit and returns its id.
func (d *department) visit(record string, start time.Time) string {
	d.t.Helper()
	id := gate.NewID()
	var b chart.Batch
	b.AddEncounter(chart.Encounter{
		Version: chart.Version{ID: id, Record: record}, Setting: chart.Outpatient, Status: "finished", Unit: "CLINIC",
		Start: start, End: start.Add(time.Hour),
	})
	d.store(&b)
	return id
}

func marta() chart.Patient {
	return chart.Patient{
		Name: chart.Name{Family: "Quillfeather", Given: "Marta", Middle: "Ilse"}, BirthDate: "1961-02-03", Sex: "female",
		Identifiers: []chart.Identifier{{Kind: "MR", Assigner: "HOSP", Value: "00471123"}, {Kind: "SS", Value: "900-55-1234"}},
		Phones:      []string{"(555) 010-7788"},
		Address:     []chart.Address{{Line: []string{"12 Larkspur Way"}, City: "Fernhollow", State: "VT", Postcode: "05999"}},
		Email:       "marta@example.org",
	}
}

var noon = time.Date(2026, 9, 1, 12, 0, 0, 0, time.UTC)

func TestRegistrationIsReadAsItWasWritten(t *testing.T) {
	onBoth(t, func(d *department) {
		in := marta()
		stored := d.register(in)
		page, err := d.chart.Chart(d.ctx, d.actor, stored.Record)
		if err != nil {
			t.Fatal(err)
		}
		got := page.Banner.Patient
		got.Version, got.Person = chart.Version{}, ""
		if diff := cmp.Diff(in, got); diff != "" {
			t.Errorf("patient (-written +read):\n%s", diff)
		}
		if page.Banner.Person == "" || stored.Number != 1 || stored.Source.Entry == "" || stored.RecordedBy != d.actor.ID {
			t.Errorf("version or person is missing: %+v", stored.Version)
		}
	})
}

func TestSameNumberIsSameRecord(t *testing.T) {
	onBoth(t, func(d *department) {
		first := d.register(marta())
		again := marta()
		again.Name.Given = "M."
		second, known, err := d.chart.Register(d.ctx, d.actor, again)
		if err != nil || !known || second.Record != first.Record || second.Name.Given != "Marta" {
			t.Errorf("known %v, record %s and %s, err %v", known, first.Record, second.Record, err)
		}
		elsewhere := marta()
		elsewhere.Identifiers[0].Assigner = "OTHER"
		third, known, err := d.chart.Register(d.ctx, d.actor, elsewhere)
		if err != nil || known || third.Record == first.Record {
			t.Errorf("the same number by another assigner: known %v, err %v", known, err)
		}
	})
}

func TestNotesAndEncounterList(t *testing.T) {
	onBoth(t, func(d *department) {
		record := d.register(marta()).Record
		var ids []string
		for i := range 5 {
			ids = append(ids, d.visit(record, noon.Add(time.Duration(i)*time.Hour)))
		}
		doc, err := d.chart.AddNote(d.ctx, d.actor, ids[1], chart.Note{Type: "progress", Text: "Doing well.", Signed: true})
		if err != nil {
			t.Fatal(err)
		}
		if doc.Number != 1 || !doc.Signed || doc.Text != "Doing well." || doc.Record != record || doc.Encounter != ids[1] {
			t.Errorf("stored note: %+v", doc)
		}
		if _, err := d.chart.AddNote(d.ctx, d.actor, ids[2], chart.Note{Type: "progress", Text: "Draft."}); err != nil {
			t.Fatal(err)
		}
		if _, err := d.chart.AddNote(d.ctx, d.actor, "no such", chart.Note{Type: "progress", Text: "x"}); !errors.Is(err, chart.ErrNotFound) {
			t.Errorf("note on no encounter: %v", err)
		}
		docs, err := d.chart.Documents(d.ctx, d.actor, ids[1])
		if err != nil || len(docs) != 1 || docs[0].Text != "Doing well." {
			t.Errorf("documents: %+v, %v", docs, err)
		}
		cases := []struct {
			name   string
			filter chart.EncounterFilter
			want   int
		}{
			{"all", chart.EncounterFilter{}, 5},
			{"without text", chart.EncounterFilter{Texts: chart.NoText}, 3},
			{"unsigned", chart.EncounterFilter{Texts: chart.Unsigned}, 1},
			{"signed", chart.EncounterFilter{Texts: chart.Signed}, 1},
			{"from", chart.EncounterFilter{From: noon.Add(2 * time.Hour)}, 3},
			{"to", chart.EncounterFilter{To: noon.Add(2 * time.Hour)}, 2},
			{"unit", chart.EncounterFilter{Unit: "CLINIC", Setting: chart.Outpatient, Status: "finished"}, 5},
			{"other unit", chart.EncounterFilter{Unit: "ICU"}, 0},
			{"record", chart.EncounterFilter{Record: record}, 5},
		}
		for _, c := range cases {
			page, err := d.chart.Encounters(d.ctx, d.actor, c.filter)
			if err != nil || len(page.Rows) != c.want {
				t.Errorf("%s: %d rows, want %d, %v", c.name, len(page.Rows), c.want, err)
			}
		}
	})
}

func TestEncounterPagesShowEachOnce(t *testing.T) {
	onBoth(t, func(d *department) {
		record := d.register(marta()).Record
		want := map[string]bool{}
		for range 7 {
			want[d.visit(record, noon)] = true // all at the same instant
		}
		filter := chart.EncounterFilter{Limit: 3}
		pages := 0
		for {
			page, err := d.chart.Encounters(d.ctx, d.actor, filter)
			if err != nil {
				t.Fatal(err)
			}
			pages++
			for _, row := range page.Rows {
				if !want[row.Encounter.ID] {
					t.Errorf("encounter shown twice")
				}
				delete(want, row.Encounter.ID)
				if row.PatientName.Family != "Quillfeather" || row.MRN != "00471123" {
					t.Errorf("row: %+v", row)
				}
			}
			if filter.After = page.Next; page.Next == "" {
				break
			}
		}
		if pages != 3 || len(want) != 0 {
			t.Errorf("%d pages, %d not shown", pages, len(want))
		}
		for _, bad := range []string{"x", "!!", "AAAA", strings.Repeat("A", 400)} {
			if _, err := d.chart.Encounters(d.ctx, d.actor, chart.EncounterFilter{After: bad}); !errors.Is(err, chart.ErrInvalid) {
				t.Errorf("cursor %q: %v", bad, err)
			}
		}
	})
}

func TestCorrectAndWithdrawKeepHistory(t *testing.T) {
	onBoth(t, func(d *department) {
		record := d.register(marta()).Record
		enc := d.visit(record, noon)
		doc, err := d.chart.AddNote(d.ctx, d.actor, enc, chart.Note{Type: "progress", Text: "Left knee."})
		if err != nil {
			t.Fatal(err)
		}
		next := doc
		next.Text = "Right knee."
		if _, err := d.chart.Correct(d.ctx, d.actor, next, " "); !errors.Is(err, chart.ErrReason) {
			t.Errorf("without reason: %v", err)
		}
		rev, err := d.chart.Correct(d.ctx, d.actor, next, "wrong side")
		if err != nil || rev.Version.Number != 2 || rev.Version.Reason != "wrong side" || rev.Document.Text != "Right knee." {
			t.Fatalf("corrected: %+v, %v", rev.Version, err)
		}
		if _, err := d.chart.Correct(d.ctx, d.actor, next, "again"); !errors.Is(err, chart.ErrStale) {
			t.Errorf("correcting a version that is not the newest: %v", err)
		}
		if _, err := d.chart.Withdraw(d.ctx, d.actor, doc.ID, 2, "wrong patient"); err != nil {
			t.Fatal(err)
		}
		history, err := d.chart.History(d.ctx, d.actor, doc.ID)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, h := range history {
			got = append(got, h.Document.Text+"/"+h.Version.Reason)
		}
		if diff := cmp.Diff([]string{"Left knee./", "Right knee./wrong side", "Right knee./wrong patient"}, got); diff != "" {
			t.Errorf("history (-want +got):\n%s", diff)
		}
		if !history[2].Version.Withdrawn {
			t.Error("the newest version is not marked withdrawn")
		}
		docs, err := d.chart.Documents(d.ctx, d.actor, enc)
		if err != nil || len(docs) != 0 {
			t.Errorf("a withdrawn document is still among those of the encounter: %v, %v", docs, err)
		}
		old, err := d.chart.Document(d.ctx, d.actor, doc.ID, 1)
		if err != nil || old.Text != "Left knee." {
			t.Errorf("version 1: %+v, %v", old, err)
		}
	})
}

func TestFactsDoNotCrossPatients(t *testing.T) {
	onBoth(t, func(d *department) {
		one := d.register(marta()).Record
		other := marta()
		other.Identifiers[0].Value = "00999999"
		two := d.register(other).Record
		enc := d.visit(one, noon)
		var b chart.Batch
		b.AddFact(chart.Fact{Version: chart.Version{ID: "f1", Record: one}, Kind: chart.Diagnosis, Code: "I10"})
		d.store(&b)

		var cross chart.Batch
		cross.AddFact(chart.Fact{Version: chart.Version{ID: "f1", Record: two, Source: chart.Source{Path: "a"}}, Kind: chart.Diagnosis, Code: "I10"})
		cross.AddFact(chart.Fact{Version: chart.Version{Record: two, Encounter: enc, Source: chart.Source{Path: "b"}}, Kind: chart.Result, Code: "K"})
		cross.AddFact(chart.Fact{Version: chart.Version{Record: two, Source: chart.Source{Path: "c"}}, Kind: chart.Result, Code: "K"})
		done := d.store(&cross)
		if done.Added != 1 || len(done.Refused) != 2 || done.Refused[0].Path != "a" || done.Refused[1].Path != "b" {
			t.Errorf("stored: %+v", done)
		}
	})
}

func TestSameContentMakesNoVersion(t *testing.T) {
	onBoth(t, func(d *department) {
		record := d.register(marta()).Record
		fact := chart.Fact{Version: chart.Version{ID: "f2", Record: record}, Kind: chart.Diagnosis, Code: "I10", Display: "hypertension"}
		steps := []struct {
			code                      string
			added, changed, unchanged int
		}{{"I10", 1, 0, 0}, {"I10", 0, 0, 1}, {"I11", 0, 1, 0}, {"I10", 0, 1, 0}}
		for i, step := range steps {
			fact.Code = step.code
			var b chart.Batch
			b.AddFact(fact)
			done := d.store(&b)
			if done.Added != step.added || done.Changed != step.changed || done.Unchanged != step.unchanged {
				t.Errorf("step %d: %+v", i, done)
			}
		}
		history, err := d.chart.History(d.ctx, d.actor, "f2")
		if err != nil || len(history) != 3 {
			t.Errorf("%d versions, %v", len(history), err)
		}
	})
}

func TestSearch(t *testing.T) {
	onBoth(t, func(d *department) {
		d.register(marta())
		other := chart.Patient{
			Name: chart.Name{Family: "O'Brannagh-Smythe", Given: "José"}, BirthDate: "1980-12-31",
			Aliases:     []chart.Name{{Family: "Wintergreenwoods"}},
			Identifiers: []chart.Identifier{{Kind: "MR", Assigner: "HOSP", Value: "77"}}, Phones: []string{"+1 555 010 4242"},
		}
		d.register(other)
		cases := []struct {
			query chart.Query
			want  string // family names, in order
		}{
			{chart.Query{Name: "quillfeather"}, "Quillfeather"},
			{chart.Query{Name: "QUI"}, "Quillfeather"},
			{chart.Query{Name: "quillfeathers"}, ""},
			{chart.Query{Name: "marta quill"}, "Quillfeather"},
			{chart.Query{Name: "jose"}, "O'Brannagh-Smythe"},
			{chart.Query{Name: "Smythe, José"}, "O'Brannagh-Smythe"},
			{chart.Query{Name: "wintergreenw"}, "O'Brannagh-Smythe"},
			{chart.Query{Name: "wintergreenx"}, ""},
			{chart.Query{Name: "quilfeather"}, ""},
			{chart.Query{Name: "quilfeather", Sounds: true}, "Quillfeather"},
			{chart.Query{BirthDate: "1961-02-03"}, "Quillfeather"},
			{chart.Query{BirthDate: "1961-02-04"}, ""},
			{chart.Query{Number: "471123"}, "Quillfeather"},
			{chart.Query{Number: "900551234"}, "Quillfeather"},
			{chart.Query{Phone: "555-010-4242"}, "O'Brannagh-Smythe"},
			{chart.Query{Name: "marta", BirthDate: "1980-12-31"}, ""},
		}
		for _, c := range cases {
			hits, err := d.chart.Search(d.ctx, d.actor, c.query)
			var got []string
			for _, h := range hits {
				got = append(got, h.Patient.Name.Family)
			}
			if err != nil || strings.Join(got, " ") != c.want {
				t.Errorf("%+v: %v, %v; want %q", c.query, got, err, c.want)
			}
		}
		if _, err := d.chart.Search(d.ctx, d.actor, chart.Query{Name: " "}); !errors.Is(err, chart.ErrInvalid) {
			t.Errorf("empty query: %v", err)
		}
	})
}

func TestEvidence(t *testing.T) {
	onBoth(t, func(d *department) {
		record := d.register(marta()).Record
		enc := d.visit(record, noon)
		text := "Ménière's disease of the left ear."
		doc, err := d.chart.AddNote(d.ctx, d.actor, enc, chart.Note{Type: "clinic note", Text: text})
		if err != nil {
			t.Fatal(err)
		}
		end := strings.Index(text, " of")
		ev, err := d.chart.Cite(d.ctx, d.actor, doc.ID, 1, 0, end)
		if err != nil {
			t.Fatal(err)
		}
		trail, err := d.chart.Trace(d.ctx, d.actor, ev)
		if err != nil || trail.Quote.Words != "Ménière's disease" || trail.Origin.Entry == "" || trail.Origin.Message != "" {
			t.Errorf("trace: %+v, %v", trail, err)
		}
		spans := [][2]int{{0, 2}, {2, 4}, {-1, 3}, {4, 4}, {5, 4}, {0, len(text) + 1}}
		for _, s := range spans {
			if _, err := d.chart.Cite(d.ctx, d.actor, doc.ID, 1, s[0], s[1]); !errors.Is(err, chart.ErrSpan) {
				t.Errorf("span %v: %v", s, err)
			}
		}
		moved := ev
		moved.End -= 2
		if _, err := d.chart.Words(d.ctx, d.actor, moved); !errors.Is(err, chart.ErrChanged) {
			t.Errorf("moved span: %v", err)
		}
		gone := ev
		gone.Version = 9
		if _, err := d.chart.Words(d.ctx, d.actor, gone); !errors.Is(err, chart.ErrNotFound) {
			t.Errorf("version that does not exist: %v", err)
		}
		next := doc
		next.Text = "Tinnitus. " + text
		if _, err := d.chart.Correct(d.ctx, d.actor, next, "added"); err != nil {
			t.Fatal(err)
		}
		q, err := d.chart.Words(d.ctx, d.actor, ev)
		if err != nil || q.Words != "Ménière's disease" || q.Newest != 2 {
			t.Errorf("evidence in a superseded version: %q, newest %d, %v", q.Words, q.Newest, err)
		}
	})
}

func TestBadNotes(t *testing.T) {
	onBoth(t, func(d *department) {
		enc := d.visit(d.register(marta()).Record, noon)
		for _, n := range []chart.Note{
			{Type: "progress"}, {Type: "progress", Text: " \n"}, {Text: "x"}, {Type: "progress", Text: "a\x00b"},
			{Type: "progress", Text: "\xff"}, {Type: "progress", Text: strings.Repeat("x", chart.MaxText+1)},
		} {
			if _, err := d.chart.AddNote(d.ctx, d.actor, enc, n); !errors.Is(err, chart.ErrInvalid) {
				t.Errorf("type %q, %d bytes: %v", n.Type, len(n.Text), err)
			}
		}
	})
}

func TestYearsOld(t *testing.T) {
	for _, c := range []struct {
		born, at string
		want     int
	}{
		{"1950-05-05", "2026-05-04", 75},
		{"1950-05-05", "2026-05-05", 76},
		{"2024-02-29", "2025-02-28", 0}, // a birthday in a year without it comes on March 1
		{"2024-02-29", "2025-03-01", 1},
		{"2026-09-30", "2026-09-30", 0},
	} {
		born, errBorn := time.Parse(time.DateOnly, c.born)
		at, errAt := time.Parse(time.DateOnly, c.at)
		if got := chart.YearsOld(born, at); got != c.want || errBorn != nil || errAt != nil {
			t.Errorf("born %s, on %s: %d years, not %d", c.born, c.at, got, c.want)
		}
	}
}
