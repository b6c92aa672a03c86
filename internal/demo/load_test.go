package demo_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"chartroom/internal/access"
	"chartroom/internal/app"
	"chartroom/internal/audit"
	"chartroom/internal/chart"
	"chartroom/internal/coding"
	"chartroom/internal/demo"
	"chartroom/internal/demo/charts"
	"chartroom/internal/demo/crowd"
	"chartroom/internal/gate"
	"chartroom/internal/work"
)

// TestLoad makes the whole demo department and looks at what arrived.
func TestLoad(t *testing.T) {
	place, err := time.LoadLocation(demo.Zone)
	if err != nil {
		t.Fatal(err)
	}
	d, err := app.Open(t.Context(), app.Config{Dir: t.TempDir(), Zone: place, Source: "demo", Now: morning(place), Hash: access.HashCost{Time: 1, Memory: 64, Threads: 1}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	})
	const further = 60
	signIns, err := demo.Load(t.Context(), d.Demo(), demo.Options{Patients: further})
	if err != nil {
		t.Fatal(err)
	}
	staffed(t, d, signIns)
	all, err := charts.All()
	if err != nil {
		t.Fatal(err)
	}
	arrived(t, d, all)
	worked(t, d)
	ownPatients(t, d)
	if err := d.Deficiency.CatchUp(t.Context()); err != nil { // with the crowd
		t.Fatal(err)
	}
	for p := range crowd.People(2026, further) {
		all = append(all, p.Chart())
	}
	analysed(t, d, all)
	joined(t, d)
	handedOver(t, d)
	report, err := d.Audit.Verify(t.Context(), access.Console(), audit.VerifyOptions{})
	if err != nil || !report.Whole() {
		t.Errorf("the audit log: %+v, %v", report, err)
	}
}

// morning is a clock that begins on the demo's morning.
func morning(place *time.Location) func() time.Time {
	m, began := charts.Morning(), time.Now()
	at := time.Date(m.Year(), m.Month(), m.Day(), m.Hour(), m.Minute(), 0, 0, place)
	return func() time.Time { return at.Add(time.Since(began)) }
}

// registration finds the registration of a chart by its number.
func registration(t *testing.T, d *app.Department, mrn string) chart.Patient {
	t.Helper()
	hits, err := d.Chart.Search(t.Context(), anyCoder(t, d), chart.Query{Number: mrn})
	if err != nil || len(hits) == 0 {
		t.Fatalf("%s is not found: %v", mrn, err)
	}
	return hits[0].Patient
}

// analysed: what was planted in the charts stands among the findings of the
// records as they came in, and nothing else.
func analysed(t *testing.T, d *app.Department, all []charts.Chart) {
	t.Helper()
	reader := anyCoder(t, d)
	for _, c := range all {
		record := registration(t, d, c.Patient.MRN).Record
		findings, err := d.Deficiency.Findings(t.Context(), reader, record)
		if err != nil {
			t.Fatalf("%s: %v", c.ID, err)
		}
		page, err := d.Chart.Chart(t.Context(), reader, record)
		if err != nil {
			t.Fatalf("%s: %v", c.ID, err)
		}
		scanned := map[string]bool{} // indexed beside what the interface sent, one of them under the wrong patient
		for _, doc := range page.Documents {
			scanned[doc.ID] = len(doc.Sheets) > 0
		}
		found := map[string]bool{}
		for _, f := range findings {
			found[f.Rule.ID] = true
			if slices.ContainsFunc(f.Documents, func(id string) bool { return scanned[id] }) {
				continue
			}
			if !c.Has(f.Rule.ID) {
				t.Errorf("%s: %s is found and not planted: %s", c.ID, f.Rule.ID, f.Says)
			}
		}
		for _, p := range c.Planted {
			if !found[p.Rule] {
				t.Errorf("%s: %s is planted and not found: %s", c.ID, p.Rule, p.What)
			}
		}
	}
}

// joined: the two records that the patient index joined are one person's, those
// of the other doubles are not.
func joined(t *testing.T, d *app.Department) {
	t.Helper()
	person := map[string]string{}
	for _, mrn := range []string{"MB0092319", "MB0092901", "MB0092017", "MB0092644"} {
		person[mrn] = registration(t, d, mrn).Person
	}
	if person["MB0092319"] != person["MB0092901"] || person["MB0092017"] == person["MB0092644"] {
		t.Errorf("persons by record number: %v", person)
	}
}

// handedOver: the evening shift has left a note that leads to work.
func handedOver(t *testing.T, d *app.Department) {
	t.Helper()
	h, err := d.Work.HandOver(t.Context(), anyCoder(t, d), nil)
	if err != nil || h.Last == nil || h.Last.Text == "" || len(h.Last.Mentioned) == 0 {
		t.Errorf("hand-over %+v, %v", h.Last, err)
	}
}

// anyCoder is somebody that may read charts and codings.
func anyCoder(t *testing.T, d *app.Department) gate.Actor {
	t.Helper()
	people, err := d.Access.Staff(t.Context(), access.Console())
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range people {
		if slices.Contains(p.Roles, access.Coder) {
			return p.Actor()
		}
	}
	t.Fatal("there is no coder")
	return gate.Actor{}
}

// staffed: somebody of every role can sign in.
func staffed(t *testing.T, d *app.Department, signIns []demo.SignIn) {
	t.Helper()
	have := map[access.Role]bool{}
	for _, in := range signIns {
		session, err := d.Access.SignIn(t.Context(), in.Login, in.Password, "192.0.2.1")
		if err != nil {
			t.Fatalf("%s: %v", in.Login, err)
		}
		for _, r := range session.Actor.Roles {
			have[access.Role(r)] = true
		}
	}
	for _, r := range access.Roles() {
		if !have[r] {
			t.Errorf("nobody is a %s", r)
		}
	}
}

// arrived: every chart came in whole: each document with its text, its author's
// role and whether it is signed, each encounter in its setting.
func arrived(t *testing.T, d *app.Department, all []charts.Chart) {
	t.Helper()
	reader := anyCoder(t, d)
	encounters := map[string]chart.Encounter{}
	for after := ""; ; {
		page, err := d.Chart.Encounters(t.Context(), reader, chart.EncounterFilter{Limit: 20, After: after})
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range page.Rows {
			encounters[row.Encounter.Number] = row.Encounter
		}
		if after = page.Next; after == "" {
			break
		}
	}
	for _, c := range all {
		if c.Category == charts.Registration {
			continue
		}
		for i, want := range c.Encounters() {
			e, ok := encounters[want.Number]
			if !ok {
				t.Errorf("%s: encounter %s did not arrive", c.ID, want.Number)
				continue
			}
			encounterArrived(t, c.ID, want, e)
			documents, err := d.Chart.Documents(t.Context(), reader, e.ID)
			if err != nil {
				t.Fatal(err)
			}
			same(t, c, i, documents)
		}
	}
}

func encounterArrived(t *testing.T, id string, want charts.Encounter, e chart.Encounter) {
	t.Helper()
	if e.Attending.ID != want.Attending.NPI || e.Unit != want.Unit || e.Zone != demo.Zone {
		t.Errorf("%s: attending %q, unit %q, zone %q", id, e.Attending.ID, e.Unit, e.Zone)
	}
	if setting := want.Category.Setting(); want.Category != charts.Emergency && string(e.Setting) != setting {
		t.Errorf("%s: setting %q, want %q", id, e.Setting, setting)
	}
	if want.Status != "" && e.Status != want.Status {
		t.Errorf("%s: status %q, want %q", id, e.Status, want.Status)
	}
}

// same: the documents of one encounter arrived, each as often as it was sent,
// with the times of writing and signing.
func same(t *testing.T, c charts.Chart, stay int, got []chart.Document) {
	t.Helper()
	place, err := time.LoadLocation(demo.Zone)
	if err != nil {
		t.Fatal(err)
	}
	clock := func(at time.Time, place *time.Location) string {
		if at.IsZero() {
			return ""
		}
		return at.In(place).Format("2006-01-02 15:04")
	}
	var sent, came []string
	for _, d := range c.Documents {
		if d.Stay == stay {
			sent = append(sent, fmt.Sprintf("%s by %s, %s, %q signed %v %q\n%s", d.Type, d.Author, d.Role, clock(d.Time, time.UTC), d.Signed, clock(d.SignedAt, time.UTC), d.Text))
		}
	}
	for _, d := range got {
		if len(d.Sheets) > 0 { // a scan that was indexed beside what the interface sent
			continue
		}
		came = append(came, fmt.Sprintf("%s by %s, %s, %q signed %v %q\n%s", d.Title, d.Author.Name, d.Author.Role, clock(d.WrittenAt, place), d.Signed, clock(d.SignedAt, place), d.Text))
	}
	slices.Sort(sent)
	slices.Sort(came)
	if d := cmp.Diff(sent, came); d != "" {
		t.Errorf("%s: documents (-sent +came):\n%s", c.ID, d)
	}
}

// ownPatients: a clinician opens the charts of patients they attended, and of
// nobody else.
func ownPatients(t *testing.T, d *app.Department) {
	t.Helper()
	people, err := d.Access.Staff(t.Context(), access.Console())
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(people, func(p access.Staff) bool { return p.Login == "dachterberg" })
	surgeon := people[i].Actor()
	mine, others := 0, 0
	hits, err := d.Chart.Encounters(t.Context(), anyCoder(t, d), chart.EncounterFilter{Limit: 500})
	if err != nil {
		t.Fatal(err)
	}
	attends := map[string]bool{} // record
	for _, row := range hits.Rows {
		if slices.Contains(people[i].Providers, row.Encounter.Attending.ID) {
			attends[row.Encounter.Record] = true
		}
	}
	for _, row := range hits.Rows {
		_, err := d.Chart.Chart(t.Context(), surgeon, row.Encounter.Record)
		_, denied := errors.AsType[*gate.Denied](err)
		switch attended := attends[row.Encounter.Record]; {
		case err == nil && attended:
			mine++
		case denied && !attended:
			others++
		default:
			t.Errorf("attended %v: %v", attended, err)
		}
	}
	if mine == 0 || others == 0 {
		t.Errorf("%d own patients, %d of others", mine, others)
	}
}

// worked: one coding is final, one reopened, and a final code leads back to the
// message that brought its words.
func worked(t *testing.T, d *app.Department) {
	t.Helper()
	reader := anyCoder(t, d)
	final, err := d.Work.List(t.Context(), reader, work.Filter{Queue: work.Coding, Show: work.Finished}, nil)
	if err != nil || len(final.Items) == 0 {
		t.Fatalf("no coding is final: %v", err)
	}
	session, err := d.Coding.Session(t.Context(), reader, final.Items[0].Encounter)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range append(session.Diagnoses, session.Procedures...) {
		trace, err := d.Coding.Trace(t.Context(), reader, session.Encounter, c.ID)
		if err != nil {
			t.Fatal(err)
		}
		for _, trail := range trace.Trails {
			if trail.Origin.Message == "" || trail.Origin.MessageEntry == "" || trail.Quote.Words == "" {
				t.Errorf("%s does not lead back to a message: %+v", c.Code, trail.Origin)
			}
		}
		if len(trace.Trails) == 0 {
			t.Errorf("%s rests on no words", c.Code)
		}
	}
	todo, err := d.Work.List(t.Context(), reader, work.Filter{Queue: work.Coding, Limit: 500}, nil)
	if err != nil {
		t.Fatal(err)
	}
	reopened := 0
	for _, item := range todo.Items {
		if item.Reason == string(coding.WhyReopened) {
			reopened++
		}
	}
	if reopened != 1 {
		t.Errorf("%d codings are reopened", reopened)
	}
}
