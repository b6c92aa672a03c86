package intake

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"chartroom/wire/fhir"
	"chartroom/wire/hl7v2"
)

// The sizes of what is stored in one action. A bundle up to unitBytes is one
// message and one action; a larger one, and lines of NDJSON, go in parts, and
// importing the file again finishes what was interrupted.
const (
	unitBytes     = 8 << 20
	unitResources = 500
	lineBytes     = 2 << 20 // of NDJSON
	hl7AtOnce     = 64
)

func newBytes(raw []byte) io.Reader { return bytes.NewReader(raw) }

// read reads a piece and hands over what it holds.
func (r *run) read(ctx context.Context, p *piece, out chan<- portion) {
	send := func(w portion) bool {
		w.file, w.prefix = p.file, p.prefix
		if w.unit != nil && r.s.readScans(ctx, w.unit) != nil {
			return false // the import was ended
		}
		select {
		case out <- w:
			return true
		case <-ctx.Done():
			return false
		}
	}
	defer send(portion{finished: true})
	reject := func(place, reason string) bool {
		return send(portion{rejected: &Rejection{Place: place, Reason: reason}})
	}
	if p.format == "" {
		reject("file", p.why)
		return
	}
	src, err := p.open()
	if err != nil {
		reject("file", faultOf(err))
		return
	}
	switch p.format {
	case FormatHL7:
		err = r.readHL7(src, p, send)
	case FormatText:
		err = r.readNote(src, p, send, reject)
	case FormatScan:
		err = r.readScan(ctx, src, p, send)
	case FormatCCDA:
		err = r.readCCDA(ctx, src, p, send)
	case FormatCSV:
		err = r.readCSV(src, p, send)
	default:
		err = r.readFHIR(src, p, send)
	}
	if err != nil {
		reject("file", faultOf(err))
	}
	if err := src.Close(); err != nil && ctx.Err() == nil {
		reject("file", "it cannot be closed: "+faultOf(err))
	}
}

func (r *run) readHL7(src io.Reader, p *piece, send func(portion) bool) error {
	reader := hl7v2.NewReader(src, hl7v2.Options{})
	var ready []*hl7Message
	flush := func() bool {
		if len(ready) == 0 {
			return true
		}
		w := portion{messages: ready}
		ready = nil
		return send(w)
	}
	for {
		m, err := reader.Next()
		if errors.Is(err, io.EOF) {
			flush()
			return nil
		}
		var x *hl7Message
		if err == nil {
			x, err = r.s.readHL7(m, r.opt.Channel)
		}
		var e *hl7v2.Error
		switch {
		case errors.As(err, &e) && e.Message == 0 && (e.Name == "BTS" || e.Name == "FTS"):
			if !send(portion{notice: &Rejection{Place: hl7Place(e), Reason: e.Reason}}) {
				return nil
			}
			continue
		case errors.As(err, &e):
			lost := portion{rejected: &Rejection{Place: hl7Place(e), Reason: e.Reason}}
			if raw := refusedBytes(reader, m); raw != nil {
				lost.refused = unreadable(FormatHL7, r.opt.Channel, "", fmt.Sprintf("message %d", e.Message), p.name, raw)
			}
			if !flush() || !send(lost) {
				return nil
			}
			continue
		case err != nil:
			flush()
			return err // a fault of the source, told as it is
		}
		x.place = fmt.Sprintf("message %d", m.Number())
		x.head.File = p.name
		if ready = append(ready, x); len(ready) == hl7AtOnce && !flush() {
			return nil
		}
	}
}

// refusedBytes are those of a message that could not be used: m where it was read
// and is of no use here, else what the reader kept.
func refusedBytes(reader *hl7v2.Reader, m *hl7v2.Message) []byte {
	if m != nil {
		return m.Raw()
	}
	return reader.Refused()
}

// hl7Place is an error's place without its reason.
func hl7Place(e *hl7v2.Error) string {
	at := *e
	at.Reason, at.Code = "", 0
	return strings.ReplaceAll(at.Error(), ":  (", " (")
}

func (r *run) readNote(src io.Reader, p *piece, send func(portion) bool, reject func(place, reason string) bool) error {
	n, err := r.s.readNote(src, r.opt.Channel)
	var bad *problem
	switch {
	case errors.As(err, &bad):
		reject("note", bad.why)
		return nil
	case err != nil:
		return err
	}
	n.place, n.head.File = "note", p.name
	send(portion{one: n})
	return nil
}

func (r *run) readCCDA(ctx context.Context, src io.Reader, p *piece, send func(portion) bool) error {
	x, err := r.s.readCCDA(ctx, src, r.opt.Channel)
	if x != nil {
		x.place, x.head.File = documentPlace, p.name
	}
	var no *refusal
	switch {
	case errors.As(err, &no):
		w := portion{rejected: &Rejection{Place: no.path, Reason: no.why}}
		if x != nil {
			w.refused = &x.envelope
		}
		send(w)
		return nil
	case err != nil:
		return err
	}
	send(portion{one: x})
	return nil
}

// entries is what fhir.Reader and fhir.NDJSONReader have in common.
type entries interface {
	Next() (*fhir.Entry, error)
}

// readFHIR reads a bundle, a resource or NDJSON in units whose bytes, put one
// after the other, are the file.
func (r *run) readFHIR(src io.Reader, p *piece, send func(portion) bool) error {
	rec := &recorder{src: src}
	f := &fhirFile{r: r, p: p, rec: rec, send: send, word: "entry", kind: "Bundle", limit: unitBytes, first: 1}
	f.reader = fhir.NewReader(rec, fhir.Options{})
	if p.format == "ndjson" {
		f.word, f.kind, f.limit = "line", "NDJSON", lineBytes
		f.reader = fhir.NewNDJSONReader(rec, fhir.Options{})
	}
	f.unit = newUnit(r.opt, f.kind)
	for {
		e, err := f.reader.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if bad, ok := errors.AsType[*fhir.Error](err); ok {
			f.unit.result.reject(fhirPlace(bad, f.word), bad.Reason)
			continue
		}
		if err != nil {
			f.cut(rec.offset())
			return err // a fault of the source, told as it is
		}
		if !f.take(e) {
			return nil
		}
	}
	if f.unit.result.Received == 0 && f.base == 0 {
		send(portion{notice: &Rejection{Place: "file", Reason: "it holds no resource"}})
	}
	f.cut(rec.offset())
	return nil
}

// fhirFile is the state of one readFHIR.
type fhirFile struct {
	r          *run
	p          *piece
	rec        *recorder
	reader     entries
	send       func(portion) bool
	word, kind string
	limit      int64
	unit       *unit
	base       int64 // offset of the unit's first byte
	first      int   // number of its first entry or line
}

// ownKinds are the resource types that stand in the clear as the kind of a message;
// what else calls itself a type may be anything.
var ownKinds = []string{
	"Patient", "Encounter", "Condition", "Procedure", "Observation", "DiagnosticReport", "DocumentReference", "Composition",
	"MedicationRequest", "MedicationStatement", "MedicationAdministration", "AllergyIntolerance", "Immunization", "Coverage",
	"Practitioner", "Organization", "Location", "PractitionerRole", "Claim", "ExplanationOfBenefit", "CarePlan", "CareTeam",
}

func kindOfResource(resourceType string) string {
	if slices.Contains(ownKinds, resourceType) {
		return resourceType
	}
	return "Resource"
}

// take adds an entry and hands the unit over when it is large enough. A bundle
// is one unit unless it is large.
func (f *fhirFile) take(e *fhir.Entry) bool {
	alone := f.word == "entry" && e.Resource != nil && e.FullURL == "" && e.Number == 1 && f.base == 0 && e.Offset == e.Resource.Offset()
	if alone {
		f.unit.kind = kindOfResource(e.Resource.Type)
	}
	f.r.s.add(f.unit, f.word, e, f.base)
	if e.Resource == nil {
		return true
	}
	end := e.Resource.Offset() + int64(len(e.Resource.Raw))
	many := f.word == "line" && f.unit.result.Received >= unitResources
	if end-f.base < f.limit && !many {
		return true
	}
	if !f.cut(end) {
		return false
	}
	names := f.unit.names
	f.base, f.first, f.unit = end, e.Number+1, newUnit(f.r.opt, f.kind)
	f.unit.names = names
	return true
}

// cut ends the unit before the byte upTo and hands it over.
func (f *fhirFile) cut(upTo int64) bool {
	u := f.unit
	u.raw = f.rec.take(upTo - f.base)
	u.repeat = u.source + "\x00" + string(u.raw)
	u.place = fmt.Sprintf("%s %d", f.word, f.first)
	u.head.File = f.p.name
	if len(u.raw) == 0 {
		return true
	}
	u.pack()
	return f.send(portion{unit: u})
}

// fhirPlace is where an error is, without its reason.
func fhirPlace(e *fhir.Error, word string) string {
	place := "file"
	if e.Entry > 0 {
		place = fmt.Sprintf("%s[%d]", word, e.Entry)
	}
	if e.Path != "" {
		place += " " + e.Path
	}
	return fmt.Sprintf("%s (line %d, offset %d)", place, e.Line, e.Offset)
}

// recorder keeps the bytes that were read and not yet taken.
type recorder struct {
	src  io.Reader
	kept []byte
	base int64 // offset of kept[0]
}

func (r *recorder) Read(p []byte) (int, error) {
	n, err := r.src.Read(p)
	if len(r.kept)+n > maxKept {
		return 0, errTooLong
	}
	r.kept = append(r.kept, p[:n]...)
	return n, err //nolint:wrapcheck // a reader hands on its source's error as it is
}

// maxKept bounds what is read without a resource coming to its end.
const maxKept = 192 << 20

var errTooLong = errors.New("a resource or line has no end within the limit")

// offset is how many bytes were read so far.
func (r *recorder) offset() int64 { return r.base + int64(len(r.kept)) }

// take gives the next n bytes that were kept.
func (r *recorder) take(n int64) []byte {
	n = min(n, int64(len(r.kept)))
	taken := bytes.Clone(r.kept[:n])
	r.kept = append(r.kept[:0], r.kept[n:]...)
	r.base += n
	return taken
}
