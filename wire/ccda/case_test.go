package ccda_test

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"chartroom/wire/ccda"
)

var update = flag.Bool("update", false, "write what comes out into the case files")

// TestCases reads testdata/*.case. A case is a title line "== title", a document,
// a line "--", and what is read of it. What stands before the first tag "<" of a
// case is put around it: "body:" gives sections a header, "entry:" an entry a
// section too.
func TestCases(t *testing.T) {
	files, err := filepath.Glob("testdata/*.case")
	if err != nil || len(files) == 0 {
		t.Fatalf("no case files: %v", err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var out strings.Builder
		for i, c := range strings.Split("\n"+string(text), "\n== ") {
			if i == 0 {
				out.WriteString(strings.TrimPrefix(c, "\n"))
				continue
			}
			title, body, _ := strings.Cut(c, "\n")
			sent, want, _ := strings.Cut(body, "\n--\n")
			t.Run(title, func(t *testing.T) {
				got := read(whole(sent))
				if diff := cmp.Diff(strings.TrimSpace(want), strings.TrimSpace(got)); diff != "" && !*update {
					t.Errorf("%s: %s (-want +got):\n%s", file, title, diff)
				}
				fmt.Fprintf(&out, "\n== %s\n%s\n--\n%s\n", title, sent, strings.TrimSpace(got))
			})
		}
		if *update {
			if err := os.WriteFile(file, []byte(out.String()), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
}

const (
	header = `<ClinicalDocument xmlns="urn:hl7-org:v3" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:sdtc="urn:hl7-org:sdtc"><id root="1.2.3" extension="D1"/><effectiveTime value="20260901"/>`
	target = `<recordTarget><patientRole><id root="1.2.3.4" extension="100"/><patient><name><given>Marta</given><family>Quill</family></name></patient></patientRole></recordTarget>`
)

// whole puts the short form of a case into a document.
func whole(sent string) string {
	if body, ok := strings.CutPrefix(sent, "body:\n"); ok {
		return header + target + "<component><structuredBody>" + body + "</structuredBody></component></ClinicalDocument>"
	}
	if entry, ok := strings.CutPrefix(sent, "entry:\n"); ok {
		return header + target + "<component><structuredBody><component><section>" + entry + "</section></component></structuredBody></component></ClinicalDocument>"
	}
	if head, ok := strings.CutPrefix(sent, "head:\n"); ok {
		return header + head + "</ClinicalDocument>"
	}
	return sent
}

func line(b *strings.Builder, words ...string) {
	var said []string
	for _, w := range words {
		if w = strings.TrimRight(w, " "); w != "" {
			said = append(said, w)
		}
	}
	b.WriteString(strings.Join(said, " | ") + "\n")
}

// read writes all that is read of a document.
func read(sent string) string {
	d, err := ccda.Parse([]byte(sent), ccda.Options{})
	if bad, ok := errors.AsType[*ccda.Error](err); ok {
		return "refused " + bad.Error()
	}
	var b strings.Builder
	head(&b, d)
	for _, s := range d.Sections {
		line(&b, strings.Repeat("  ", s.Depth)+"section", s.Code.Code, s.Title, s.Null, s.Subject, fmt.Sprintf("%d-%d", s.Start, s.End))
		for l := range strings.SplitSeq(strings.TrimSuffix(d.Text[s.Start:s.End], "\n"), "\n") {
			b.WriteString("  > " + strings.ReplaceAll(l, "\t", " → ") + "\n")
		}
	}
	for e := range d.Entries() {
		entry(&b, e)
	}
	if a := d.Attachment; a != nil {
		line(&b, "attachment", a.MediaType, a.Reference, fmt.Sprintf("%q", a.Data), a.Fault)
	}
	for _, f := range d.Faults() {
		line(&b, "fault "+f.Error())
	}
	return b.String()
}

func head(b *strings.Builder, d *ccda.Document) {
	line(b, "document", d.ID.Root+" "+d.ID.Extension, d.Code.Code, d.Title, d.Written.String(), d.Confidentiality.Code)
	if !d.SetID.IsZero() {
		line(b, "set", d.SetID.Root+" "+d.SetID.Extension, d.Version)
	}
	for _, p := range d.Patients {
		line(b, "patient", p.Birth.String(), p.Sex, p.Race.Words(), p.Ethnicity.Words(), p.Marital.Words(), p.Language, dead(p), p.Organization.Name)
		for _, n := range p.Names {
			line(b, "  name", n.Use, n.String(), n.Callme, n.Birth)
		}
		for _, id := range p.IDs {
			line(b, "  id", id.Root, id.Extension, id.Null)
		}
		for _, a := range p.Addresses {
			line(b, "  address", a.Use, strings.Join(a.Lines, ", "), a.City, a.State, a.Postcode, a.Country, a.To.String())
		}
		for _, t := range p.Telecoms {
			line(b, "  telecom", t.Scheme, t.Value, t.Use)
		}
	}
	for _, p := range d.Authors {
		person(b, "author", p)
	}
	person(b, "legal", d.Legal)
	for _, p := range d.Authenticators {
		person(b, "authenticator", p)
	}
	if d.Custodian.Name != "" {
		line(b, "custodian", d.Custodian.Name)
	}
	for _, s := range d.Services {
		line(b, "service", s.Class, s.Code.Words(), s.Time.Low.String(), s.Time.High.String())
		for _, p := range s.Performers {
			person(b, "  performer", p)
		}
	}
	if e := d.Encounter; e != nil {
		id := ccda.II{}
		if len(e.IDs) > 0 {
			id = e.IDs[0]
		}
		line(b, "encounter", id.Root+" "+id.Extension, e.Code.Words(), e.Time.Start().String(), e.Time.High.String(), e.Disposition.Code, e.Location, e.Facility.Name)
		person(b, "  responsible", e.Responsible)
		person(b, "  attending", e.Attending)
	}
	for _, r := range d.Related {
		line(b, "related", r.Type, r.ID.Root+" "+r.ID.Extension, r.SetID.Extension, r.VersionNum)
	}
	for _, o := range d.Orders {
		line(b, "order", o.Root+" "+o.Extension)
	}
}

func dead(p ccda.Patient) string {
	if p.Dead {
		return "dead " + p.Death.String()
	}
	return ""
}

func person(b *strings.Builder, word string, p ccda.Person) {
	if !p.IsZero() {
		line(b, word, p.Name.String(), p.NPI(), p.Role.Words(), p.Organization, p.Device, p.Time.String(), p.Signed)
	}
}

func entry(b *strings.Builder, e *ccda.Entry) {
	not := ""
	if e.Negated {
		not = "NOT"
	}
	line(b, string(e.Kind), not, e.Code.Code, e.Code.Words(), e.Value, e.Dose, e.Range, e.Flag, strings.Join(e.Reactions, "; "), e.Status, e.Context, e.Subject, e.Mood,
		e.Time.Start().String(), e.Time.High.String(), e.Panel.Words(), e.Performer.Name.String(), e.Note, e.Member, e.Group, e.Plan, e.Null,
		strings.TrimPrefix(e.Path(), "/ClinicalDocument/component/structuredBody"))
}
