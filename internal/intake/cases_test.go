package intake_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"chartroom/internal/chart"
	"chartroom/internal/gate/gatetest"
)

var update = flag.Bool("update", false, "write what comes out into the case files")

// TestCases reads testdata/*.case. A case is a title line "== title", what is
// sent, a line "--", and the charts that it must give. Blocks of one case are
// parted by a line "++": each is a file of its own, imported in order.
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
				d := open(t, gatetest.Open(t))
				got := d.play(sent)
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

// play imports what a case sends and writes the charts that come of it.
func (d *department) play(sent string) string {
	d.t.Helper()
	var b strings.Builder
	for i, content := range strings.Split(sent, "\n++\n") {
		res := d.text(fmt.Sprintf("case%d.txt", i), content+"\n")
		for _, r := range res.Rejections {
			fmt.Fprintf(&b, "rejected %s: %s\n", r.Place, r.Reason)
		}
		for _, n := range res.Notices {
			fmt.Fprintf(&b, "notice %s: %s\n", n.Place, n.Reason)
		}
		if res.Repeated > 0 {
			fmt.Fprintf(&b, "repeated %d\n", res.Repeated)
		}
	}
	shown := map[string]bool{}
	hits, err := d.chart.Search(d.ctx, d.actor, chart.Query{Name: "quill", Limit: 100})
	if err != nil {
		d.t.Fatal(err)
	}
	for _, h := range hits {
		page, err := d.chart.Chart(d.ctx, d.actor, h.Patient.Record)
		if err != nil {
			d.t.Fatal(err)
		}
		if shown[page.Banner.Person] {
			continue
		}
		shown[page.Banner.Person] = true
		d.writePage(&b, page)
	}
	return b.String()
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

func at(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format("2006-01-02T15:04")
}

func (d *department) writePage(b *strings.Builder, page *chart.Page) {
	d.t.Helper()
	for i, p := range append([]chart.Patient{page.Banner.Patient}, page.Banner.Others...) {
		word := "patient"
		if i > 0 {
			word = "same patient"
		}
		line(b, word, p.Name.Family+", "+p.Name.Given, p.BirthDate, p.Sex, strings.Join(p.Phones, " "), p.Deceased, fmt.Sprintf("v%d %s", p.Number, p.Reason))
		for _, id := range p.Identifiers {
			line(b, "  "+id.Kind, id.Assigner, id.Value)
		}
		for _, a := range p.Address {
			line(b, "  "+strings.Join(a.Line, ", "), a.City, a.State, a.Postcode)
		}
	}
	for _, c := range page.Banner.Coverages {
		line(b, "coverage", c.Payer, c.Plan, c.Member, c.Group, c.From)
	}
	for _, f := range page.Banner.Allergies {
		line(b, "allergy", f.Code, f.Display, f.Value, f.Flag)
	}
	for _, e := range page.Encounters {
		line(b, "encounter", e.Number, string(e.Setting), e.Status, e.Unit, e.Service, at(e.Start), at(e.End), e.Disposition, e.Attending.Name, e.ReasonText, fmt.Sprintf("v%d %s", e.Version.Number, e.Reason))
	}
	for _, f := range page.Facts {
		line(b, string(f.Kind), f.Code, f.Display, f.Value, f.Range, f.Flag, f.Status, at(f.Effective), f.Author.Name, f.Author.Role, f.Note, withdrawn(f.Version), f.Source.Path)
	}
	for _, doc := range page.Documents {
		full, err := d.chart.Document(d.ctx, d.actor, doc.ID, 0)
		if err != nil {
			d.t.Fatal(err)
		}
		signed := "unsigned"
		if full.Signed {
			signed = "signed " + at(full.SignedAt)
		}
		line(b, "document", full.Type, full.Title, full.Author.Name, full.Author.Role, at(full.WrittenAt), strings.TrimSpace(signed), full.MediaType, fmt.Sprintf("v%d", full.Number), withdrawn(full.Version))
		for l := range strings.SplitSeq(strings.TrimRight(full.Text, "\n"), "\n") {
			b.WriteString("  > " + l + "\n")
		}
	}
}

func withdrawn(v chart.Version) string {
	if v.Withdrawn {
		return "withdrawn"
	}
	return ""
}
