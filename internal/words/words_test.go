package words_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"chartroom/internal/chart"
	"chartroom/internal/gate"
	"chartroom/internal/gate/gatetest"
	"chartroom/internal/identity"
	"chartroom/internal/seal"
	"chartroom/internal/words"
)

type department struct {
	tb    testing.TB
	ctx   context.Context
	gate  *gate.Gate
	chart *chart.Service
	words *words.Service
	actor gate.Actor
}

func open(tb testing.TB, g *gate.Gate, dir string) *department {
	tb.Helper()
	ring, err := seal.OpenRing(seal.File(filepath.Join(dir, seal.KeyFile)))
	if err != nil {
		tb.Fatal(err)
	}
	c := chart.New(g, ring, identity.New(g, ring))
	return &department{tb, tb.Context(), g, c, words.New(g, ring, c), gatetest.Actor()}
}

// patient registers somebody and gives the record.
func (d *department) patient(number string) string {
	d.tb.Helper()
	p, _, err := d.chart.Register(d.ctx, d.actor, chart.Patient{
		Name: chart.Name{Family: "Quill", Given: "Marta"}, BirthDate: "1950-02-03", Sex: "female",
		Identifiers: []chart.Identifier{{Kind: "MR", Assigner: "HOSP", Value: number}},
	})
	if err != nil {
		d.tb.Fatal(err)
	}
	return p.Record
}

// write stores documents in one action.
func (d *department) write(docs ...chart.Document) {
	d.tb.Helper()
	err := d.gate.Change(d.ctx, d.actor, "test.store", gate.Department(), func(tx *gate.Tx) error {
		var b chart.Batch
		for _, doc := range docs {
			b.AddDocument(doc)
		}
		_, err := d.chart.StoreTx(d.ctx, tx, &b)
		return err
	})
	if err != nil {
		d.tb.Fatal(err)
	}
}

func note(record, id, text string) chart.Document {
	return chart.Document{
		Version: chart.Version{ID: id, Record: record}, Type: "progress note", Title: "Progress note",
		WrittenAt: time.Date(2026, 5, 1, 9, 0, 0, 0, time.UTC), Signed: true, MediaType: "text/plain", Text: text,
	}
}

func (d *department) index() {
	d.tb.Helper()
	if err := d.words.CatchUp(d.ctx); err != nil {
		d.tb.Fatal(err)
	}
}

// find gives the words of each hit, in order of the hits.
func (d *department) find(q words.Query) []string {
	d.tb.Helper()
	var out []string
	for {
		page, err := d.words.Search(d.ctx, d.actor, q)
		if err != nil {
			d.tb.Fatal(err)
		}
		for _, h := range page.Hits {
			var said []string
			for _, m := range h.Marks {
				said = append(said, h.Document.Text[m.Start:m.End])
			}
			out = append(out, h.Document.ID+": "+strings.Join(said, "|"))
		}
		if page.Next == "" {
			return out
		}
		q.After = page.Next
	}
}

func TestFindsByWords(t *testing.T) {
	gatetest.Both(t, func(t *testing.T, g *gate.Gate) {
		d := open(t, g, t.TempDir())
		one, two := d.patient("1"), d.patient("2")
		d.write(note(one, "a", "Closed fracture of the left hip after a fall. Patient's daughter present."),
			note(one, "b", "Hip fractures are common. No fever."))
		d.write(note(two, "c", "Die Hüfte ist gebrochen, Straße nass. Left knee pain, hip normal."))
		if page, err := d.words.Search(d.ctx, d.actor, words.Query{Words: "fracture"}); err != nil || len(page.Hits) != 0 || page.Behind != 3 {
			t.Fatalf("before indexing: %d hits, %d behind, %v", len(page.Hits), page.Behind, err)
		}
		d.index()
		for _, c := range []struct {
			query words.Query
			want  []string
		}{
			{words.Query{Words: "fracture"}, []string{"b: fractures", "a: fracture"}},
			{words.Query{Words: "FRACTURED hip"}, []string{"b: Hip|fractures", "a: fracture|hip"}},
			{words.Query{Words: `"left hip"`}, []string{"a: left hip"}},
			{words.Query{Words: `"left hip`}, []string{"c: Left|hip", "a: left|hip"}}, // a mark without its pair
			{words.Query{Words: `"fracture of the left hip" fall`}, []string{"a: fracture of the left hip|fall"}},
			{words.Query{Words: "hufte strasse"}, []string{"c: Hüfte|Straße"}},
			{words.Query{Words: "patients daughter"}, []string{"a: Patient's|daughter"}},
			{words.Query{Words: "progress fever"}, []string{"b: fever"}}, // one word in the title
			{words.Query{Words: "hip", Record: two}, []string{"c: hip"}},
			{words.Query{Words: "hip", Type: "operative note"}, nil},
			{words.Query{Words: "hip", From: time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)}, nil},
			{words.Query{Words: "hip", Limit: 1}, []string{"c: hip", "b: Hip", "a: hip"}},
			{words.Query{Words: "pneumonia"}, nil},
		} {
			if got := d.find(c.query); !slices.Equal(got, c.want) {
				t.Errorf("%+v: %q, want %q", c.query, got, c.want)
			}
		}
		for _, bad := range []string{"", "the of", "a b 3", `""`, "--"} {
			if _, err := d.words.Search(d.ctx, d.actor, words.Query{Words: bad}); !errors.Is(err, words.ErrQuery) {
				t.Errorf("%q: %v", bad, err)
			}
		}
		if _, err := d.words.Search(d.ctx, d.actor, words.Query{Words: "hip", After: "x"}); !errors.Is(err, chart.ErrInvalid) {
			t.Errorf("a cursor that is none: %v", err)
		}
	})
}

// TestNewVersionsReplace: after a correction the new words find the document and
// the old ones do not; what is withdrawn is not found.
func TestNewVersionsReplace(t *testing.T) {
	gatetest.Both(t, func(t *testing.T, g *gate.Gate) {
		d := open(t, g, t.TempDir())
		one := d.patient("1")
		d.write(note(one, "a", "Pneumonia of the right lung"), note(one, "b", "Asthma"))
		d.index()
		doc, err := d.chart.Document(d.ctx, d.actor, "a", 0)
		if err != nil {
			t.Fatal(err)
		}
		doc.Text = "Pneumothorax of the right lung"
		if _, err := d.chart.Correct(d.ctx, d.actor, doc, "Dictation misheard"); err != nil {
			t.Fatal(err)
		}
		// Between the correction and its indexing the old words propose a text that
		// has them no more.
		if got := d.find(words.Query{Words: "pneumonia"}); got != nil {
			t.Errorf("the old words, before indexing: %q", got)
		}
		d.index()
		if got := d.find(words.Query{Words: "pneumothorax"}); len(got) != 1 {
			t.Errorf("the new words: %q", got)
		}
		if got := d.find(words.Query{Words: "pneumonia"}); got != nil {
			t.Errorf("the old words: %q", got)
		}
		if _, err := d.chart.Withdraw(d.ctx, d.actor, "b", 1, "Entered in error"); err != nil {
			t.Fatal(err)
		}
		if got := d.find(words.Query{Words: "asthma"}); got != nil {
			t.Errorf("withdrawn, not indexed yet: %q", got)
		}
		d.index()
		if got := d.find(words.Query{Words: "asthma"}); got != nil {
			t.Errorf("withdrawn: %q", got)
		}
	})
}

// TestAgainstReading compares the index, over many segments and merges, with
// reading every text.
func TestAgainstReading(t *testing.T) {
	vocabulary := strings.Fields("lung liver kidney spleen tumor margin node benign malignant left right upper lower acute chronic")
	rapid.Check(t, func(rt *rapid.T) {
		g := gatetest.Open(t)
		d := open(t, g, t.TempDir())
		record := d.patient("1")
		texts := map[string][]string{}
		for seg := range rapid.IntRange(1, 20).Draw(rt, "segments") {
			for range rapid.IntRange(1, 3).Draw(rt, "documents") {
				id := fmt.Sprintf("d%d", rapid.IntRange(0, 30).Draw(rt, "id"))
				texts[id] = rapid.SliceOfN(rapid.SampledFrom(vocabulary), 0, 8).Draw(rt, "text")
				d.write(note(record, id, strings.Join(texts[id], " ")))
			}
			if seg%2 == 0 || rapid.Bool().Draw(rt, "index") {
				d.index()
			}
		}
		d.index()
		for range 5 {
			wanted := rapid.SliceOfN(rapid.SampledFrom(vocabulary), 1, 3).Draw(rt, "query")
			var want []string
			for id, text := range texts {
				if !slices.ContainsFunc(wanted, func(w string) bool { return !slices.Contains(text, w) }) {
					want = append(want, id)
				}
			}
			var got []string
			for _, hit := range d.find(words.Query{Words: strings.Join(wanted, " "), Limit: 3}) {
				id, _, _ := strings.Cut(hit, ":")
				got = append(got, id)
			}
			slices.Sort(want)
			slices.Sort(got)
			if !slices.Equal(got, want) {
				rt.Fatalf("%v: found %v, reading finds %v", wanted, got, want)
			}
		}
		if err := g.Close(); err != nil {
			rt.Fatal(err)
		}
	})
}

// TestWithheldDocumentsAreNotShown: what the policy closes is neither shown nor
// said to have been opened, and what was searched for stands nowhere.
func TestWithheldDocumentsAreNotShown(t *testing.T) {
	dir := t.TempDir()
	var closed string
	g := gatetest.Open(t, func(c *gate.Config) { c.Policy = policy{closed: &closed} })
	d := open(t, g, dir)
	one, two := d.patient("1"), d.patient("2")
	d.write(note(one, "a", "sarcoma"), note(two, "b", "sarcoma"))
	d.index()
	closed = one
	if got := d.find(words.Query{Words: "sarcoma"}); !slices.Equal(got, []string{"b: sarcoma"}) {
		t.Errorf("found %q", got)
	}
	for _, e := range gatetest.Entries(t, g) {
		if e.Action == words.ActionSearch && slices.ContainsFunc(e.Subjects, func(s gate.Subject) bool { return s.Record == one }) {
			t.Error("the search is said to have opened the closed record")
		}
		if strings.Contains(fmt.Sprint(e), "sarcoma") {
			t.Error("what was searched for stands in an audit entry")
		}
	}
}

// policy closes one record to searches.
type policy struct{ closed *string }

// Decide refuses searches about the closed record.
func (p policy) Decide(_ context.Context, _ *gate.Tx, r gate.Request) error {
	if r.Action == words.ActionSearch && r.Subject.Record != "" && r.Subject.Record == *p.closed {
		return &gate.Denied{Request: r, Why: "closed"}
	}
	return nil
}

func TestExcerpt(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.String().Draw(t, "text")
		var marks []words.Mark
		if len(text) > 0 {
			start := rapid.IntRange(0, len(text)-1).Draw(t, "start")
			marks = []words.Mark{{Start: start, End: rapid.IntRange(start, len(text)).Draw(t, "end")}}
		}
		size := rapid.IntRange(1, 50).Draw(t, "size")
		part, within := words.Excerpt(text, marks, size)
		if !strings.Contains(text, part) || len(part) > size+8 {
			t.Fatalf("%q of %q", part, text)
		}
		for _, m := range within {
			if m.Start < 0 || m.End > len(part) || part[m.Start:m.End] != text[marks[0].Start:marks[0].End] {
				t.Fatalf("mark %v of %q", m, part)
			}
		}
	})
}
