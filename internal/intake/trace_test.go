package intake_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"chartroom/internal/chart"
	"chartroom/internal/gate"
	"chartroom/internal/gate/gatetest"
	"chartroom/internal/intake"
)

// TestTraceToTheMessage walks from words to the bytes that brought them, for
// each format.
func TestTraceToTheMessage(t *testing.T) {
	note := "Record-Number: 100\nAssigner: NORTH\nType: progress note\n\nKnee is better.\n"
	register := "MSH|^~\\&|REG|NORTH|CR|HIM|20260901120000||ADT^A04|1|P|2.5.1\rPID|1||100^^^NORTH^MR||Quill^Marta\r"
	cases := []struct{ name, file, content, words, place string }{
		{"HL7 v2", "a.hl7", "MSH|^~\\&|DICT|NORTH|CR|HIM|20260901120000||MDM^T02|7|P|2.5.1\rPID|1||100^^^NORTH^MR||Quill^Marta\rTXA|1|PR|TX|20260901|||||1^A|||D1|||||AU\rOBX|1|TX|||Knee is better.\r", "Knee", "TXA[1]"},
		{"FHIR", "a.json", `{"resourceType":"Bundle","type":"batch","entry":[{"resource":{"resourceType":"Patient","id":"p","name":[{"family":"Quill"}]}},{"resource":{"resourceType":"DocumentReference","id":"d","status":"current","subject":{"reference":"Patient/p"},"content":[{"attachment":{"contentType":"text/plain","data":"S25lZSBpcyBiZXR0ZXIu"}}]}}]}`, "better", "entry[2]"},
		{"NDJSON", "a.ndjson", `{"resourceType":"Patient","id":"p","name":[{"family":"Quill"}]}` + "\n" + `{"resourceType":"DocumentReference","id":"d","status":"current","subject":{"reference":"Patient/p"},"content":[{"attachment":{"contentType":"text/plain","data":"S25lZSBpcyBiZXR0ZXIu"}}]}` + "\n", "Knee is", "line[2]"},
		{"note", "a.txt", note, "Knee", "text"},
		{"C-CDA", "a.xml", `<ClinicalDocument xmlns="urn:hl7-org:v3"><id root="1"/><title>Note</title><recordTarget><patientRole><id root="NORTH" extension="100"/><patient><name><family>Quill</family></name></patient></patientRole></recordTarget><component><structuredBody><component><section><title>Knee</title><text>It is better.</text></section></component></structuredBody></component></ClinicalDocument>`, "better", "/ClinicalDocument"},
		{"CSV", "a.csv", "record_number,assigner,type,text\n100,NORTH,progress note,Knee is better.\n", "Knee is", "row[2]"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			d := open(t, gatetest.Open(t))
			d.text("r.hl7", register)
			if got := d.text(c.file, c.content); got.Rejected != 0 {
				t.Fatalf("%+v", got)
			}
			doc := d.onlyDocument()
			start := strings.Index(doc.Text, c.words)
			ev, err := d.chart.Cite(d.ctx, d.actor, doc.ID, doc.Number, start, start+len(c.words))
			if err != nil {
				t.Fatal(err)
			}
			trail, err := d.chart.Trace(d.ctx, d.actor, ev)
			if err != nil {
				t.Fatal(err)
			}
			o := trail.Origin
			if trail.Quote.Words != c.words || !strings.HasPrefix(o.Path, c.place) || o.Entry == "" || o.MessageEntry == "" || o.Received == 0 {
				t.Errorf("trail: words %q, origin %+v", trail.Quote.Words, o)
			}
			head, raw, err := d.intake.Open(d.ctx, d.actor, o.Message)
			if err != nil || string(raw) != c.content || head.Size != int64(len(raw)) {
				t.Errorf("bytes of the message: %q, %+v, %v", raw, head, err)
			}
			if part, ok := intake.Span(raw, o.Path); ok && !bytes.Contains(part, []byte(`"DocumentReference"`)) && !bytes.Contains(part, []byte("Knee")) {
				t.Errorf("place %s has %q", o.Path, part)
			}
			known := map[string]bool{}
			for _, e := range gatetest.Entries(t, d.gate) {
				known[e.ID] = true
			}
			if !known[o.Entry] || !known[o.MessageEntry] {
				t.Error("an audit entry of the trail is not on the log")
			}
		})
	}
}

func (d *department) onlyDocument() chart.Document {
	d.t.Helper()
	hits, err := d.chart.Search(d.ctx, d.actor, chart.Query{Name: "quill"})
	if err != nil {
		d.t.Fatal(err)
	}
	var docs []chart.Document
	for _, h := range hits {
		page, err := d.chart.Chart(d.ctx, d.actor, h.Patient.Record)
		if err != nil {
			d.t.Fatal(err)
		}
		docs = append(docs, page.Documents...)
	}
	if len(docs) != 1 {
		d.t.Fatalf("%d documents", len(docs))
	}
	doc, err := d.chart.Document(d.ctx, d.actor, docs[0].ID, 0)
	if err != nil {
		d.t.Fatal(err)
	}
	return doc
}

// TestPartsAreTheFile imports a file in many parts and puts them together again.
func TestPartsAreTheFile(t *testing.T) {
	d := open(t, gatetest.Open(t))
	var b strings.Builder
	for b.Len() < 5<<20 {
		b.WriteString(`{"resourceType":"Patient","name":[{"family":"Quill","given":["` + gate.NewID() + `"]}],"note":"` + strings.Repeat("x", 2_000) + "\"}\r\n")
	}
	d.text("a.ndjson", b.String())
	messages, err := d.intake.Messages(d.ctx, d.actor, "", 100)
	if err != nil || len(messages) < 3 {
		t.Fatalf("%d parts, %v", len(messages), err)
	}
	var whole []byte
	for _, m := range slices.Backward(messages) {
		_, raw, err := d.intake.Open(d.ctx, d.actor, m.ID)
		if err != nil {
			t.Fatal(err)
		}
		whole = append(whole, raw...)
	}
	if string(whole) != b.String() {
		t.Errorf("the parts have %d bytes, the file %d", len(whole), b.Len())
	}
}

// TestRefusedByThePolicy imports with a policy that says no.
func TestRefusedByThePolicy(t *testing.T) {
	d := open(t, gatetest.Open(t, func(c *gate.Config) { c.Policy = gatetest.Refuse{intake.ActionReceive} }))
	_, err := d.intake.Receive(d.ctx, d.actor, "a.json", strings.NewReader(patientOf))
	if _, ok := errors.AsType[*gate.Denied](err); !ok {
		t.Errorf("%v", err)
	}
	if n := d.counts(); n != [3]int{} {
		t.Errorf("stored %v", n)
	}
}

// TestAuditFailsClosed imports while no entry can be written.
func TestAuditFailsClosed(t *testing.T) {
	recorder := &gatetest.Recorder{}
	d := open(t, gatetest.Open(t, func(c *gate.Config) { c.Recorder = recorder }))
	recorder.FailWith(errors.New("no room"))
	if _, err := d.intake.Receive(d.ctx, d.actor, "a.json", strings.NewReader(patientOf)); err == nil {
		t.Error("stored without an entry")
	}
	recorder.FailWith(nil)
	if n := d.counts(); n != [3]int{} {
		t.Errorf("stored %v", n)
	}
}

// TestInterruptedImportIsFinished stops an import in the middle and runs it
// again: nothing is missing, nothing is there twice.
func TestInterruptedImportIsFinished(t *testing.T) {
	d := open(t, gatetest.Open(t))
	folder, resources, _ := bundles(t, 12, false)
	ctx, stop := context.WithCancel(t.Context())
	files := 0
	err := d.intake.Import(ctx, d.actor, []string{folder}, intake.Options{}, func(intake.FileResult) error {
		if files++; files == 5 {
			stop()
		}
		return nil
	})
	if err == nil || files >= 12 {
		t.Fatalf("it was not interrupted: %d files, %v", files, err)
	}
	got := sum(d.files(folder))
	if got.Accepted != resources || got.Rejected != 0 || got.Repeated == 0 || got.Repeated == resources {
		t.Errorf("of %d: %+v", resources, got)
	}
	before := d.counts()
	if again := sum(d.files(folder)); again.Repeated != resources {
		t.Errorf("the third time: %+v", again)
	}
	if after := d.counts(); after != before {
		t.Errorf("stored %v, before %v", after, before)
	}
}

func ExampleSpan() {
	message := []byte(`{"entry":[{"resource":{"resourceType":"Patient"}}]}`)
	part, ok := intake.Span(message, "entry[1]#22+26")
	fmt.Println(string(part), ok)
	// Output: {"resourceType":"Patient"} true
}
