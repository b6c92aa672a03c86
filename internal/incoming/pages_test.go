package incoming_test

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"chartroom/internal/chart"
	"chartroom/internal/gate"
	"chartroom/internal/gate/gatetest"
	"chartroom/internal/incoming"
	"chartroom/internal/scan"
)

// TestNoPageIsLostOrShownTwice plays random sequences of what people do at the
// desk and holds the records against the paper after each: every page of every
// scan is waiting, set aside, or a sheet of exactly one document that stands, and
// the bytes received are as they were.
func TestNoPageIsLostOrShownTwice(t *testing.T) {
	r := newRoom(t, gatetest.Open(t))
	other := r.stay(t, r.amos.record, "E-2001", stayEnds.AddDate(0, 2, 0))
	rapid.Check(t, func(rt *rapid.T) {
		p := &play{room: r, t: t, rt: rt, places: []patient{r.amos, r.odalys, {r.amos.record, other}}}
		for range rapid.IntRange(1, 3).Draw(rt, "scans") {
			p.receive(rapid.IntRange(1, 4).Draw(rt, "pages"))
		}
		p.check("at first")
		for step := range rapid.IntRange(1, 14).Draw(rt, "steps") {
			what := rapid.SampledFrom([]string{"index", "index", "aside", "back", "arrange", "split", "join", "move", "move", "undo", "unindex"}).Draw(rt, "step")
			p.do(what)
			p.check(fmt.Sprintf("after step %d, %s", step, what))
		}
	})
}

// play is one sequence, with what should be where.
type play struct {
	*room
	t      *testing.T
	rt     *rapid.T
	places []patient
	scans  []scan.Scan
	raw    map[string][]byte
	docs   []string
	moves  []string
}

func (p *play) must(err error) {
	if err != nil && !errors.Is(err, incoming.ErrBadInput) && !errors.Is(err, incoming.ErrStale) && !errors.Is(err, incoming.ErrTaken) && !errors.Is(err, incoming.ErrReason) {
		p.rt.Fatalf("%v", err)
	}
}

// receive keeps a scan of pages without words.
func (p *play) receive(pages int) {
	made++
	raw := picture(p.t, made)
	if pages > 1 {
		raw = pdfOf(p.t, make([]string, pages))
	}
	kept, _, err := p.desk.Keep(p.t.Context(), p.actor, "", "", raw)
	if err != nil {
		p.rt.Fatal(err)
	}
	if p.raw == nil {
		p.raw = map[string][]byte{}
	}
	p.scans, p.raw[kept.ID] = append(p.scans, kept), raw
}

func picture(t *testing.T, shade int) []byte {
	t.Helper()
	img := image.NewGray(image.Rect(0, 0, 16, 16))
	for i := range 16 {
		img.SetGray(i, shade%16, color.Gray{Y: uint8(shade / 16 * 7)})
	}
	var out bytes.Buffer
	if err := png.Encode(&out, img); err != nil {
		t.Fatal(err)
	}
	return append(out.Bytes(), []byte(fmt.Sprint(shade))...) // behind the end of the picture: no two are the same
}

// where gives the state of every page as the desk says.
func (p *play) where() map[string]string {
	out := map[string]string{}
	for _, sc := range p.scans {
		desk, err := p.desk.Desk(p.t.Context(), p.actor, sc.ID)
		if err != nil {
			p.rt.Fatal(err)
		}
		for _, pg := range desk.Pages {
			out[fmt.Sprint(sc.ID, "/", pg.Number)] = pg.State + pg.Document
		}
	}
	return out
}

func (p *play) pagesThat(state string) []incoming.PageRef {
	var out []incoming.PageRef
	where := p.where()
	for _, sc := range p.scans {
		for n := 1; n <= sc.Pages; n++ {
			if where[fmt.Sprint(sc.ID, "/", n)] == state {
				out = append(out, incoming.PageRef{Scan: sc.ID, Page: n, Turn: rapid.SampledFrom([]int{0, 90, 180, 270}).Draw(p.rt, "turn")})
			}
		}
	}
	return out
}

func (p *play) some(pages []incoming.PageRef) []incoming.PageRef {
	if len(pages) == 0 {
		return nil
	}
	pages = rapid.Permutation(pages).Draw(p.rt, "order")
	return pages[:rapid.IntRange(1, len(pages)).Draw(p.rt, "how many")]
}

func (p *play) doc() (chart.Document, bool) {
	if len(p.docs) == 0 {
		return chart.Document{}, false
	}
	d := p.document(p.t, rapid.SampledFrom(p.docs).Draw(p.rt, "document"))
	return d, len(d.Sheets) > 0
}

func (p *play) do(what string) {
	ctx, who := p.t.Context(), p.actor
	place := rapid.SampledFrom(p.places).Draw(p.rt, "place")
	switch what {
	case "index":
		all := p.pagesThat("waiting")
		if some := p.some(all); len(some) > 0 {
			out, err := p.desk.Index(ctx, who, incoming.Indexing{Pages: some, Record: place.record, Encounter: place.stay, Type: "consent"})
			p.must(err)
			p.docs = append(p.docs, out.Document)
		}
	case "aside":
		if some := p.some(p.pagesThat("waiting")); len(some) > 0 {
			_, err := p.desk.SetAside(ctx, who, some, rapid.Bool().Draw(p.rt, "refused"))
			p.must(err)
		}
	case "back":
		if some := p.some(append(p.pagesThat("blank"), p.pagesThat("refused")...)); len(some) > 0 {
			_, err := p.desk.PutBack(ctx, who, some)
			p.must(err)
		}
	case "undo":
		if len(p.moves) > 0 {
			p.must(p.desk.Undo(ctx, who, rapid.SampledFrom(p.moves).Draw(p.rt, "move"), ""))
		}
	default:
		d, ok := p.doc()
		if !ok {
			return
		}
		p.change(what, d, place)
	}
}

func (p *play) change(what string, d chart.Document, place patient) {
	ctx, who := p.t.Context(), p.actor
	switch what {
	case "arrange":
		var want []incoming.PageRef
		for _, s := range d.Sheets {
			want = append(want, incoming.PageRef{Scan: s.Scan, Page: s.Page, Turn: 90})
		}
		p.must(p.desk.Arrange(ctx, who, d.ID, d.Number, p.some(want), "order"))
	case "split":
		made, err := p.desk.Split(ctx, who, d.ID, d.Number, rapid.IntRange(0, len(d.Sheets)).Draw(p.rt, "at"), "", "")
		p.must(err)
		if err == nil {
			p.docs = append(p.docs, made)
		}
	case "join":
		if o, ok := p.doc(); ok {
			p.must(p.desk.Join(ctx, who, d.ID, d.Number, o.ID, o.Number, ""))
		}
	case "move":
		var sheets []int
		if rapid.Bool().Draw(p.rt, "some sheets") {
			sheets = []int{rapid.IntRange(0, len(d.Sheets)-1).Draw(p.rt, "sheet")}
		}
		m, err := p.desk.Move(ctx, who, incoming.Moving{
			Document: d.ID, Number: d.Number, Sheets: sheets, Record: place.record, Encounter: place.stay, Reason: "wrong encounter was chosen",
		})
		p.must(err)
		if err == nil {
			p.docs, p.moves = append(p.docs, m.To.Document), append(p.moves, m.ID)
		}
	case "unindex":
		_, err := p.desk.Unindex(ctx, who, d.ID, d.Number, "not this one")
		p.must(err)
	}
}

// check holds the documents against the paper.
func (p *play) check(when string) {
	shown := map[string]string{}
	for _, id := range p.docs {
		if id == "" {
			continue
		}
		d := p.document(p.t, id)
		if d.Withdrawn {
			continue
		}
		if len(d.Sheets) == 0 {
			p.rt.Fatalf("%s: a document that stands shows nothing", when)
		}
		for _, s := range d.Sheets {
			key := fmt.Sprint(s.Scan, "/", s.Page)
			if other, twice := shown[key]; twice {
				p.rt.Fatalf("%s: page %s is in %s and %s", when, key, other, id)
			}
			shown[key] = id
		}
	}
	for key, state := range p.where() {
		doc, in := shown[key]
		if in && state != "shown"+doc || !in && !slices.Contains([]string{"waiting", "blank", "refused"}, state) {
			p.rt.Fatalf("%s: page %s is in document %q, and the desk says %q", when, key, doc, state)
		}
	}
	for _, sc := range p.scans {
		_, raw, err := p.room.scans.Original(p.t.Context(), p.actor, sc.ID)
		if err != nil || !bytes.Equal(raw, p.raw[sc.ID]) {
			p.rt.Fatalf("%s: the bytes of a scan changed: %v", when, err)
		}
		_, pages, err := p.room.scans.Scan(p.t.Context(), p.actor, sc.ID)
		if err != nil {
			p.rt.Fatal(err)
		}
		for _, pg := range pages {
			if doc := shown[fmt.Sprint(sc.ID, "/", pg.Number)]; pg.Owner.Document != doc {
				p.rt.Fatalf("%s: page %d belongs to document %q, and %q shows it", when, pg.Number, pg.Owner.Document, doc)
			}
		}
	}
}

// TestTwoPeopleAtOneScan: of two who index the same page, one is told that it is
// taken.
func TestTwoPeopleAtOneScan(t *testing.T) {
	gatetest.Both(t, func(t *testing.T, g *gate.Gate) {
		r := newRoom(t, g)
		sc := r.keep(t, "")
		done := make(chan error, 8)
		for range 8 {
			go func() {
				_, err := r.desk.Index(t.Context(), r.actor, incoming.Indexing{Pages: refs(sc.ID, 1), Record: r.amos.record, Encounter: r.amos.stay, Type: "consent"})
				done <- err
			}()
		}
		won := 0
		for range 8 {
			switch err := <-done; {
			case err == nil:
				won++
			case !errors.Is(err, incoming.ErrTaken):
				t.Error(err)
			}
		}
		if won != 1 {
			t.Errorf("%d of 8 indexed the page", won)
		}
	})
}
