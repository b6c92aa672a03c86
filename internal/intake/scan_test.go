package intake_test

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"image"
	"image/png"
	"strings"
	"testing"

	"codeberg.org/go-pdf/fpdf"

	"chartroom/internal/chart"
	"chartroom/internal/gate/gatetest"
	"chartroom/internal/intake"
	"chartroom/internal/work"
)

// scannedPDF is a PDF of invented pages.
func scannedPDF(tb testing.TB, pages ...string) []byte {
	tb.Helper()
	p := fpdf.New("P", "pt", "Letter", "")
	p.SetFont("Helvetica", "", 12)
	for _, text := range pages {
		p.AddPage()
		p.MultiCell(0, 16, text, "", "L", false)
	}
	var out bytes.Buffer
	if err := p.Output(&out); err != nil {
		tb.Fatal(err)
	}
	return out.Bytes()
}

func scannedPNG(tb testing.TB) []byte {
	tb.Helper()
	var out bytes.Buffer
	if err := png.Encode(&out, image.NewGray(image.Rect(0, 0, 60, 80))); err != nil {
		tb.Fatal(err)
	}
	return out.Bytes()
}

func TestAScanIsKeptAndListedToBeIndexed(t *testing.T) {
	onBoth(t, func(d *department) {
		raw := scannedPDF(t, "Consent of Odalys Quillfeather to anesthesia", "Second page of the consent form")
		r := d.text("consent.pdf", string(raw))
		if r.Received != 1 || r.Accepted != 1 || r.Repeated != 0 {
			t.Fatalf("%+v", r)
		}
		if again := d.text("renamed.pdf", string(raw)); again.Accepted != 1 || again.Repeated != 1 {
			t.Errorf("the same bytes again: %+v", again)
		}
		posted, err := d.intake.Receive(d.ctx, d.actor, "page.png", bytes.NewReader(scannedPNG(t)))
		if err != nil || posted.Accepted != 1 {
			t.Errorf("posted: %+v, %v", posted, err)
		}
		list, err := d.intake.Messages(d.ctx, d.actor, "", 10)
		if err != nil || len(list) != 2 || list[1].Format != intake.FormatScan || list[1].Kind != "PDF" || list[1].Size != int64(len(raw)) {
			t.Fatalf("messages %+v: %v", list, err)
		}
		m, back, err := d.intake.Open(d.ctx, d.actor, list[1].ID)
		if err != nil || !bytes.Equal(back, raw) || m.File != "consent.pdf" {
			t.Errorf("the message has %d bytes of %d, file %q: %v", len(back), len(raw), m.File, err)
		}
		items, err := d.work.List(d.ctx, d.actor, work.Filter{Queue: work.Indexing}, nil)
		if err != nil || len(items.Items) != 2 {
			t.Fatalf("items of work %+v: %v", items, err)
		}
		for _, it := range items.Items {
			sc, pages, err := d.scan.Scan(d.ctx, d.actor, it.Key)
			if err != nil || it.Open != "/incoming/"+sc.ID || it.Reason != "scan to index" || len(pages) != sc.Pages {
				t.Errorf("item %+v of scan %+v: %v", it, sc, err)
			}
		}
	})
}

func TestAScanThatIsRefusedIsKeptWithItsReason(t *testing.T) {
	d := open(t, gatetest.Open(t))
	whole := scannedPDF(t, "x")
	for name, c := range map[string]struct{ raw, why string }{
		"broken.pdf": {string(whole[:200]), "damaged"},
		"letter.pdf": {"Dear colleague", "it is called application/pdf, but"},
		"photo.gif":  {"GIF89a" + strings.Repeat("\x00", 20), "a GIF image"},
		"phone.heic": {"\x00\x00\x00\x18ftypheic\x00\x00", "a HEIC photograph"},
	} {
		r := d.text(name, c.raw)
		if r.Rejected != 1 || !strings.Contains(r.Rejections[0].Reason, c.why) {
			t.Errorf("%s: %+v, want %q", name, r, c.why)
		}
	}
	list, err := d.intake.Messages(d.ctx, d.actor, "", 10)
	if err != nil || len(list) != 1 || list[0].Status != "rejected" {
		t.Fatalf("what was kept of them: %+v, %v", list, err)
	}
	if _, raw, err := d.intake.Open(d.ctx, d.actor, list[0].ID); err != nil || !bytes.Equal(raw, whole[:200]) {
		t.Errorf("the broken file comes back as %d bytes: %v", len(raw), err)
	}
}

func TestAnAttachedScanBecomesADocumentOfSheets(t *testing.T) {
	onBoth(t, func(d *department) {
		pdf := scannedPDF(t, "Operative report of an appendectomy, first page of two", "The appendix was removed; second page of the report")
		bundle := attachedBundle("application/pdf", pdf)
		if r := d.text("bundle.json", bundle); r.Accepted != 2 || len(r.Notices) != 0 {
			t.Fatalf("%+v", r)
		}
		doc := d.quillfeather()
		if doc.Type != "operative note" || doc.MediaType != "application/pdf" || len(doc.Sheets) != 2 {
			t.Fatalf("%+v", doc)
		}
		for i, sh := range doc.Sheets {
			words := doc.Text[sh.Start:sh.End]
			if want := []string{"first page of two", "second page of the report"}[i]; sh.Page != i+1 || !strings.Contains(words, want) {
				t.Errorf("sheet %+v stands for %q, want %q", sh, words, want)
			}
		}
		sc, pages, err := d.scan.Scan(d.ctx, d.actor, doc.Sheets[0].Scan)
		if err != nil || sc.Pages != 2 || sc.Pending != 0 || pages[1].Owner.Record != doc.Record || pages[1].Owner.Document != doc.ID {
			t.Errorf("the scan is %+v with pages %+v: %v", sc, pages, err)
		}
		if _, raw, err := d.scan.Original(d.ctx, d.actor, sc.ID); err != nil || !bytes.Equal(raw, pdf) {
			t.Errorf("the bytes come back as %d of %d: %v", len(raw), len(pdf), err)
		}
		// The same resource in another bundle changes nothing.
		d.text("again.json", bundle+"\n")
		if again := d.quillfeather(); again.Number != 1 || again.Sheets[0] != doc.Sheets[0] {
			t.Errorf("come again, the document is %+v", again)
		}
	})
}

func TestAnAttachedScanThatCannotBeReadLeavesTheDocument(t *testing.T) {
	d := open(t, gatetest.Open(t))
	r := d.text("bundle.json", attachedBundle("application/pdf", []byte("%PDF-1.4 and then nothing")))
	if r.Accepted != 2 || len(r.Notices) != 1 || !strings.Contains(r.Notices[0].Reason, "damaged") {
		t.Fatalf("%+v", r)
	}
	if doc := d.quillfeather(); len(doc.Sheets) != 0 || doc.MediaType != "application/pdf" {
		t.Errorf("%+v", doc)
	}
}

// attachedBundle is a bundle of an invented patient and a document with these bytes.
func attachedBundle(media string, raw []byte) string {
	return fmt.Sprintf(`{"resourceType":"Bundle","type":"collection","entry":[
 {"fullUrl":"urn:uuid:0d1f7c52-33aa-4c1f-9f5f-1f0f6a7b8c01","resource":{"resourceType":"Patient","id":"q1",
  "identifier":[{"type":{"coding":[{"code":"MR"}]},"system":"urn:oid:2.16.840.1.113883.19.5","value":"7700415"}],
  "name":[{"family":"Quillfeather","given":["Odalys"]}],"birthDate":"1961-03-09","gender":"female"}},
 {"fullUrl":"urn:uuid:0d1f7c52-33aa-4c1f-9f5f-1f0f6a7b8c02","resource":{"resourceType":"DocumentReference","id":"d1","status":"current",
  "type":{"coding":[{"system":"http://loinc.org","code":"11504-8"}]},
  "subject":{"reference":"urn:uuid:0d1f7c52-33aa-4c1f-9f5f-1f0f6a7b8c01"},"date":"2026-09-02T10:00:00Z",
  "content":[{"attachment":{"contentType":%q,"data":%q}}]}}]}`, media, base64.StdEncoding.EncodeToString(raw))
}

// quillfeather reads the one document of the one patient.
func (d *department) quillfeather() chart.Document {
	d.t.Helper()
	hits, err := d.chart.Search(d.ctx, d.actor, chart.Query{Name: "Quillfeather"})
	if err != nil || len(hits) != 1 {
		d.t.Fatalf("%d patients: %v", len(hits), err)
	}
	page, err := d.chart.Chart(d.ctx, d.actor, hits[0].Patient.Record)
	if err != nil || len(page.Documents) != 1 {
		d.t.Fatalf("documents: %v", err)
	}
	doc, err := d.chart.Document(d.ctx, d.actor, page.Documents[0].ID, 0)
	if err != nil {
		d.t.Fatal(err)
	}
	return doc
}
