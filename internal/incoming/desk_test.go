package incoming_test

import (
	"bytes"
	"context"
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"codeberg.org/go-pdf/fpdf"

	"chartroom/internal/chart"
	"chartroom/internal/gate"
	"chartroom/internal/gate/gatetest"
	"chartroom/internal/identity"
	"chartroom/internal/incoming"
	"chartroom/internal/scan"
	"chartroom/internal/seal"
	"chartroom/internal/work"
)

// room is a small department with two patients, each with one stay that ended.
type room struct {
	desk   *incoming.Service
	chart  *chart.Service
	scans  *scan.Service
	work   *work.Service
	gate   *gate.Gate
	actor  gate.Actor
	amos   patient
	odalys patient
}

type patient struct{ record, stay string }

func newRoom(tb testing.TB, g *gate.Gate) *room {
	tb.Helper()
	ring, err := seal.OpenRing(seal.File(filepath.Join(tb.TempDir(), seal.KeyFile)))
	if err != nil {
		tb.Fatal(err)
	}
	r := &room{gate: g, actor: gate.Actor{ID: "tech-1", Kind: gate.Person, Name: "Test Technician", Roles: []string{"technician"}}}
	r.chart = chart.New(g, ring, identity.New(g, ring))
	r.scans = scan.New(g, ring, scan.Options{Tesseract: "-"})
	r.work = work.New(g, ring)
	tb.Cleanup(r.scans.Close)
	r.desk = incoming.New(g, ring, r.chart, r.scans, r.work, incoming.Options{})
	r.scans.Watch(r.desk.WordsRead)
	r.amos = r.register(tb, "Quillfeather", "Amos", "1950-05-05", "MB0012345", "E-1001")
	r.odalys = r.register(tb, "Brightwell", "Odalys", "1961-03-09", "MB0054321", "E-1002")
	return r
}

var stayEnds = time.Date(2026, 3, 14, 15, 0, 0, 0, time.UTC)

func (r *room) register(tb testing.TB, family, given, born, mrn, account string) patient {
	tb.Helper()
	p, _, err := r.chart.Register(tb.Context(), r.actor, chart.Patient{
		Name: chart.Name{Family: family, Given: given}, BirthDate: born, Sex: "unknown",
		Identifiers: []chart.Identifier{{Kind: "MR", Assigner: "TEST", Value: mrn}},
	})
	if err != nil {
		tb.Fatal(err)
	}
	return patient{p.Record, r.stay(tb, p.Record, account, stayEnds)}
}

func (r *room) stay(tb testing.TB, record, account string, end time.Time) string {
	tb.Helper()
	id := gate.NewID()
	var b chart.Batch
	b.AddEncounter(chart.Encounter{
		Version: chart.Version{ID: id, Record: record}, Number: account, Setting: chart.Inpatient, Status: "finished",
		Unit: "4 West", Start: end.AddDate(0, 0, -4), End: end, Attending: chart.Author{ID: "1112223334", Name: "Ines Maddox, MD", Role: "attending"},
	})
	err := r.gate.Change(tb.Context(), r.actor, chart.ActionNote, gate.Record(record), func(tx *gate.Tx) error {
		_, err := r.chart.StoreTx(tb.Context(), tx, &b)
		return err
	})
	if err != nil {
		tb.Fatal(err)
	}
	return id
}

const (
	amosPage = "MARROW BAY HOSPITAL\nOPERATIVE REPORT\nPatient: Quillfeather, Amos   MRN: MB0012345\nDOB: 05/05/1950\n" +
		"Date of operation: 03/11/2026\nSurgeon: Ines Maddox, MD\n\nLaparoscopic cholecystectomy.\nElectronically signed by: Ines Maddox, MD\n"
	odalysPage = "MARROW BAY HOSPITAL\nPROGRESS NOTE\nName: Odalys Brightwell  DOB 03/09/1961\nMRN MB0054321\nDate: 03/12/2026\n\nComfortable overnight.\n"
	nobodyPage = "continued: page two\nno further findings\nform 0000 0000-0000 MRN: 00000 Name: - . DOB 02/30/1950\n"
)

// keep makes a scan of pages with a text layer and has its words read.
func (r *room) keep(tb testing.TB, pages ...string) scan.Scan {
	tb.Helper()
	kept, _, err := r.desk.Keep(tb.Context(), r.actor, "paper.pdf", scan.PDF, pdfOf(tb, pages))
	if err != nil {
		tb.Fatal(err)
	}
	if err := r.scans.ReadWaiting(tb.Context()); err != nil {
		tb.Fatal(err)
	}
	return kept
}

var made int

func pdfOf(tb testing.TB, pages []string) []byte {
	tb.Helper()
	made++ // no two files of a test are the same
	p := fpdf.New("P", "pt", "Letter", "")
	p.SetFont("Helvetica", "", 12)
	p.SetTitle(strings.Repeat("x", made), false)
	for _, text := range pages {
		p.AddPage()
		if text != "" {
			p.MultiCell(0, 16, text, "", "L", false)
		}
	}
	var out bytes.Buffer
	if err := p.Output(&out); err != nil {
		tb.Fatal(err)
	}
	return out.Bytes()
}

func refs(id string, pages ...int) []incoming.PageRef {
	var out []incoming.PageRef
	for _, p := range pages {
		out = append(out, incoming.PageRef{Scan: id, Page: p})
	}
	return out
}

func (r *room) open(tb testing.TB, q work.Queue) []work.Item {
	tb.Helper()
	page, err := r.work.List(tb.Context(), r.actor, work.Filter{Queue: q, Show: work.Remaining, Limit: 500}, nil)
	if err != nil {
		tb.Fatal(err)
	}
	return page.Items
}

func (r *room) document(tb testing.TB, id string) chart.Document {
	tb.Helper()
	d, err := r.chart.Document(tb.Context(), r.actor, id, 0)
	if err != nil {
		tb.Fatal(err)
	}
	return d
}

func TestTheDeskProposesWhatThePaperSays(t *testing.T) {
	gatetest.Both(t, func(t *testing.T, g *gate.Gate) {
		r := newRoom(t, g)
		sc := r.keep(t, amosPage, nobodyPage)
		desk, err := r.desk.Desk(t.Context(), r.actor, sc.ID)
		if err != nil {
			t.Fatal(err)
		}
		got := desk.Reading
		if len(got.Named) != 1 || got.Named[0].Patient.Record != r.amos.record || !got.Named[0].Surely {
			t.Fatalf("named %+v", got.Named)
		}
		p := got.Proposal
		if got.Encounter != r.amos.stay || p.Type != "operative report" || p.Date != "2026-03-11" || p.Author != "Ines Maddox, MD" || !p.Signed {
			t.Errorf("proposed %q, %+v", got.Encounter, p)
		}
		if len(desk.Marks) != 0 || len(desk.Pages) != 2 || desk.Pages[1].State != "waiting" {
			t.Errorf("marks %v, pages %+v", desk.Marks, desk.Pages)
		}
		if items := r.open(t, work.Indexing); len(items) != 1 || items[0].Key != sc.ID || items[0].Open != "/incoming/"+sc.ID {
			t.Errorf("work %+v", items)
		}
		out, err := r.desk.Index(t.Context(), r.actor, incoming.Indexing{
			Pages: []incoming.PageRef{{Scan: sc.ID, Page: 1, Turn: 180}, {Scan: sc.ID, Page: 2}}, Record: r.amos.record, Encounter: got.Encounter,
			Type: "op", Date: p.Date, Author: p.Author, Signed: p.Signed,
		})
		if err != nil {
			t.Fatal(err)
		}
		d := r.document(t, out.Document)
		if d.Type != "operative report" || !d.Signed || d.Author.ID != "1112223334" || d.Encounter != r.amos.stay || len(d.Sheets) != 2 || d.Sheets[0].Turn != 180 {
			t.Errorf("stored %+v", d)
		}
		if words := d.Text[d.Sheets[1].Start:d.Sheets[1].End]; !strings.Contains(words, "no further findings") {
			t.Errorf("the second sheet says %q", words)
		}
		if out.Left != 0 || len(r.open(t, work.Indexing)) != 0 {
			t.Errorf("%d pages left, work %v", out.Left, r.open(t, work.Indexing))
		}
		_, pages, err := r.scans.Scan(t.Context(), r.actor, sc.ID)
		if err != nil || pages[0].Owner != (scan.Owner{Record: r.amos.record, Encounter: r.amos.stay, Document: out.Document}) {
			t.Errorf("the page is %+v's: %v", pages[0].Owner, err)
		}
	})
}

func TestAnotherPatientIsConfirmedWithAReason(t *testing.T) {
	r := newRoom(t, gatetest.Open(t))
	sc := r.keep(t, odalysPage)
	in := incoming.Indexing{Pages: refs(sc.ID, 1), Record: r.amos.record, Encounter: r.amos.stay, Type: "progress note"}
	if _, err := r.desk.Index(t.Context(), r.actor, in); !errors.Is(err, incoming.ErrOtherPatient) {
		t.Fatalf("a page of another patient was taken: %v", err)
	}
	in.Confirm = "Sister of the patient, named as the informant"
	if _, err := r.desk.Index(t.Context(), r.actor, in); err != nil {
		t.Fatal(err)
	}
}

func TestTwoPatientsInOneFileAreParted(t *testing.T) {
	r := newRoom(t, gatetest.Open(t))
	sc := r.keep(t, amosPage, nobodyPage, odalysPage, nobodyPage)
	desk, err := r.desk.Desk(t.Context(), r.actor, sc.ID)
	if err != nil {
		t.Fatal(err)
	}
	if len(desk.Marks) != 1 || desk.Marks[0] != 3 || len(desk.Reading.Pages) != 2 || desk.Reading.Named[0].Patient.Record != r.amos.record {
		t.Fatalf("marks %v, first document %v of %+v", desk.Marks, desk.Reading.Pages, desk.Reading.Named)
	}
	if _, err := r.desk.Index(t.Context(), r.actor, incoming.Indexing{
		Pages: refs(sc.ID, 1, 2, 3), Record: r.amos.record, Encounter: r.amos.stay, Type: "operative report",
	}); !errors.Is(err, incoming.ErrOtherPatient) {
		t.Errorf("pages of two patients were taken together: %v", err)
	}
	first, err := r.desk.Index(t.Context(), r.actor, incoming.Indexing{
		Pages: refs(sc.ID, 1, 2), Record: r.amos.record, Encounter: r.amos.stay, Type: "operative report",
	})
	if err != nil || first.Left != 2 {
		t.Fatalf("left %d: %v", first.Left, err)
	}
	if len(r.open(t, work.Indexing)) != 1 {
		t.Error("a scan with pages that wait left the list of work")
	}
	second, err := r.desk.ReadPages(t.Context(), r.actor, sc.ID, []int{3, 4})
	if err != nil || second.Named[0].Patient.Record != r.odalys.record || second.Proposal.Type != "progress note" || second.Encounter != r.odalys.stay {
		t.Errorf("second document: %+v, %v", second, err)
	}
	if _, err := r.desk.Index(t.Context(), r.actor, incoming.Indexing{
		Pages: refs(sc.ID, 2, 3), Record: r.odalys.record, Encounter: r.odalys.stay, Type: "progress note",
	}); !errors.Is(err, incoming.ErrTaken) {
		t.Errorf("a page was taken twice: %v", err)
	}
}

func TestAMisfileMovesWithItsTraceAndComesBack(t *testing.T) {
	gatetest.Both(t, func(t *testing.T, g *gate.Gate) {
		r := newRoom(t, g)
		sc := r.keep(t, odalysPage, nobodyPage)
		out, err := r.desk.Index(t.Context(), r.actor, incoming.Indexing{
			Pages: refs(sc.ID, 1, 2), Record: r.amos.record, Encounter: r.amos.stay, Type: "progress note", Confirm: "hurry",
		})
		if err != nil {
			t.Fatal(err)
		}
		mover := gate.Actor{ID: "tech-2", Kind: gate.Person, Name: "Other Technician", Roles: []string{"technician"}}
		m, err := r.desk.Move(t.Context(), mover, incoming.Moving{
			Document: out.Document, Number: 1, Record: r.odalys.record, Encounter: r.odalys.stay, Reason: incoming.MoveReasons()[0], Note: "named on page 1",
		})
		if err != nil {
			t.Fatal(err)
		}
		if was := r.document(t, out.Document); !was.Withdrawn || was.Number != 2 || was.Record != r.amos.record {
			t.Errorf("where it lay: %+v", was.Version)
		}
		now := r.document(t, m.To.Document)
		if now.Withdrawn || now.Record != r.odalys.record || now.Encounter != r.odalys.stay || len(now.Sheets) != 2 {
			t.Errorf("where it lies: %+v", now.Version)
		}
		entries := gatetest.Entries(t, g)
		about := map[string]bool{}
		for _, e := range entries {
			if e.Action == incoming.ActionMove {
				for _, s := range e.Subjects {
					about[s.Record] = true
				}
			}
		}
		if !about[r.amos.record] || !about[r.odalys.record] {
			t.Error("the entry does not list both records")
		}
		list, err := r.desk.Misfiles(t.Context(), r.actor, incoming.MisfileFilter{Filer: r.actor.ID})
		if err != nil || len(list.Rows) != 1 {
			t.Fatalf("misfiles %+v: %v", list, err)
		}
		row := list.Rows[0]
		if row.From.Patient.Name.Family != "Quillfeather" || row.To.Patient.Name.Family != "Brightwell" || row.FiledBy != "tech-1" || row.MovedBy != "tech-2" || row.Note != "named on page 1" {
			t.Errorf("row %+v", row)
		}
		if len(list.Filers) != 1 || list.Filers[0].Actor != "tech-1" || list.Filers[0].Misfiled != 1 || list.Filers[0].Indexed != 1 {
			t.Errorf("filers %+v", list.Filers)
		}
		moved := 0
		for _, it := range r.open(t, work.Coding) {
			if it.Reason == "document moved" {
				moved++
			}
		}
		if moved != 2 {
			t.Errorf("%d coders were told", moved)
		}
		if err := r.desk.Undo(t.Context(), mover, m.ID, ""); err != nil {
			t.Fatal(err)
		}
		back := r.document(t, out.Document)
		if back.Withdrawn || back.Number != 3 || len(back.Sheets) != 2 || !r.document(t, m.To.Document).Withdrawn {
			t.Errorf("after undo: %+v", back.Version)
		}
		if err := r.desk.Undo(t.Context(), mover, m.ID, ""); !errors.Is(err, incoming.ErrStale) {
			t.Errorf("undone twice: %v", err)
		}
	})
}

func TestSomeSheetsMove(t *testing.T) {
	r := newRoom(t, gatetest.Open(t))
	sc := r.keep(t, amosPage, odalysPage, nobodyPage)
	out, err := r.desk.Index(t.Context(), r.actor, incoming.Indexing{
		Pages: refs(sc.ID, 1, 2, 3), Record: r.amos.record, Encounter: r.amos.stay, Type: "operative report", Confirm: "not looked at",
	})
	if err != nil {
		t.Fatal(err)
	}
	m, err := r.desk.Move(t.Context(), r.actor, incoming.Moving{
		Document: out.Document, Number: 1, Sheets: []int{1}, Record: r.odalys.record, Encounter: r.odalys.stay, Type: "progress note",
		Reason: "two patients in one scan",
	})
	if err != nil {
		t.Fatal(err)
	}
	stays, went := r.document(t, out.Document), r.document(t, m.To.Document)
	if stays.Withdrawn || len(stays.Sheets) != 2 || strings.Contains(stays.Text, "Brightwell") || m.Whole {
		t.Errorf("what stayed: %+v", stays)
	}
	if len(went.Sheets) != 1 || went.Type != "progress note" || !strings.Contains(went.Text, "Brightwell") || strings.Contains(went.Text, "Quillfeather") {
		t.Errorf("what went: %+v", went)
	}
	if err := r.desk.Undo(t.Context(), r.actor, m.ID, "wrong page"); err != nil {
		t.Fatal(err)
	}
	if back := r.document(t, out.Document); len(back.Sheets) != 3 || back.Sheets[1].Page != 2 {
		t.Errorf("after undo %+v", back.Sheets)
	}
}

func TestDraftsAreTheActorsOwn(t *testing.T) {
	r := newRoom(t, gatetest.Open(t))
	sc := r.keep(t, amosPage)
	if err := r.desk.SaveDraft(t.Context(), r.actor, sc.ID, `{"type":"oper"}`); err != nil {
		t.Fatal(err)
	}
	draft := func(actor gate.Actor) string {
		desk, err := r.desk.Desk(t.Context(), actor, sc.ID)
		if err != nil {
			t.Fatal(err)
		}
		return desk.Draft
	}
	if got := draft(r.actor); got != `{"type":"oper"}` {
		t.Errorf("draft %q", got)
	}
	if got := draft(gate.Actor{ID: "tech-2", Kind: gate.Person, Roles: []string{"technician"}}); got != "" {
		t.Errorf("somebody else sees %q", got)
	}
	if _, err := r.desk.Index(t.Context(), r.actor, incoming.Indexing{Pages: refs(sc.ID, 1), Record: r.amos.record, Encounter: r.amos.stay, Type: "consent"}); err != nil {
		t.Fatal(err)
	}
	if got := draft(r.actor); got != "" {
		t.Errorf("the draft of an indexed scan: %q", got)
	}
}

func TestTakenBackPagesWaitAgain(t *testing.T) {
	r := newRoom(t, gatetest.Open(t))
	sc := r.keep(t, amosPage, "")
	out, err := r.desk.Index(t.Context(), r.actor, incoming.Indexing{
		Pages: refs(sc.ID, 1), Blank: refs(sc.ID, 2), Record: r.amos.record, Encounter: r.amos.stay, Type: "consent",
	})
	if err != nil || out.Left != 0 {
		t.Fatalf("left %d: %v", out.Left, err)
	}
	if _, err := r.desk.Unindex(t.Context(), r.actor, out.Document, 1, ""); !errors.Is(err, incoming.ErrReason) {
		t.Errorf("taken back without a reason: %v", err)
	}
	if _, err := r.desk.Unindex(t.Context(), r.actor, out.Document, 1, "wrong type and day"); err != nil {
		t.Fatal(err)
	}
	if items := r.open(t, work.Indexing); len(items) != 1 {
		t.Errorf("work %+v", items)
	}
	if left, err := r.desk.PutBack(context.Background(), r.actor, refs(sc.ID, 2)); err != nil || left != 2 {
		t.Errorf("%d pages wait: %v", left, err)
	}
}
