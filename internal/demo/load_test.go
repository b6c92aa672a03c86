package demo_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"chartroom/internal/access"
	"chartroom/internal/app"
	"chartroom/internal/audit"
	"chartroom/internal/chart"
	"chartroom/internal/coding"
	"chartroom/internal/demo"
	"chartroom/internal/demo/charts"
	"chartroom/internal/gate"
)

// TestLoad makes the whole demo department and looks at what arrived.
func TestLoad(t *testing.T) {
	place, err := time.LoadLocation(demo.Zone)
	if err != nil {
		t.Fatal(err)
	}
	d, err := app.Open(t.Context(), app.Config{Dir: t.TempDir(), Zone: place, Source: "demo"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	})
	const crowd = 25
	signIns, err := demo.Load(t.Context(), d.Demo(), demo.Options{Patients: crowd})
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
	report, err := d.Audit.Verify(t.Context(), access.Console(), audit.VerifyOptions{})
	if err != nil || !report.Whole() {
		t.Errorf("the audit log: %+v, %v", report, err)
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
		e, ok := encounters[c.Encounter.Number]
		if !ok {
			t.Errorf("%s did not arrive", c.ID)
			continue
		}
		if e.Attending.ID != c.Encounter.Attending.NPI || e.Unit != c.Encounter.Unit || e.Zone != demo.Zone {
			t.Errorf("%s: attending %q, unit %q, zone %q", c.ID, e.Attending.ID, e.Unit, e.Zone)
		}
		if want := c.Category.Setting(); c.Category != charts.Emergency && string(e.Setting) != want {
			t.Errorf("%s: setting %q, want %q", c.ID, e.Setting, want)
		}
		documents, err := d.Chart.Documents(t.Context(), reader, e.ID)
		if err != nil {
			t.Fatal(err)
		}
		same(t, c, documents)
	}
}

func same(t *testing.T, c charts.Chart, got []chart.Document) {
	t.Helper()
	byText := map[string]chart.Document{}
	for _, d := range got {
		byText[d.Text] = d
	}
	if len(byText) != len(c.Documents) {
		t.Errorf("%s: %d documents arrived of %d", c.ID, len(byText), len(c.Documents))
	}
	for _, want := range c.Documents {
		d, ok := byText[want.Text]
		if !ok || d.Author.Role != want.Role || d.Author.Name != want.Author || d.Signed != want.Signed || d.Title != want.Type {
			t.Errorf("%s: %s by %s, %s (signed %v) arrived as %s by %s, %s (signed %v)", c.ID,
				want.Type, want.Author, want.Role, want.Signed, d.Title, d.Author.Name, d.Author.Role, d.Signed)
		}
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
	for _, row := range hits.Rows {
		_, err := d.Chart.Chart(t.Context(), surgeon, row.Encounter.Record)
		_, denied := errors.AsType[*gate.Denied](err)
		switch attended := slices.Contains(people[i].Providers, row.Encounter.Attending.ID); {
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
	final, err := d.Coding.Worklist(t.Context(), reader, coding.WorkFilter{State: "final"})
	if err != nil || len(final.Items) == 0 {
		t.Fatalf("no coding is final: %v", err)
	}
	session, err := d.Coding.Session(t.Context(), reader, final.Items[0].Encounter.ID)
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
	todo, err := d.Coding.Worklist(t.Context(), reader, coding.WorkFilter{Limit: 500})
	if err != nil {
		t.Fatal(err)
	}
	reopened := 0
	for _, item := range todo.Items {
		if item.Why == coding.WhyReopened {
			reopened++
		}
	}
	if reopened != 1 {
		t.Errorf("%d codings are reopened", reopened)
	}
}
