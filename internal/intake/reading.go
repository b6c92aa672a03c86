package intake

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"chartroom/wire/fhir"
	"chartroom/wire/hl7v2"
)

// The sizes of what is stored in one action. A bundle up to unitBytes is one
// message and one action; a larger one, and lines of NDJSON, go in parts, and
// importing the file again finishes what was interrupted.
const (
	unitBytes     = 8 << 20
	unitResources = 2_000
	lineBytes     = 2 << 20 // of NDJSON
	hl7AtOnce     = 64
)

func newBytes(raw []byte) io.Reader { return bytes.NewReader(raw) }

// read reads a piece and hands over what it holds.
func (r *run) read(ctx context.Context, p *piece, out chan<- work) {
	send := func(w work) bool {
		w.file, w.prefix = p.file, p.prefix
		select {
		case out <- w:
			return true
		case <-ctx.Done():
			return false
		}
	}
	defer send(work{finished: true})
	reject := func(place, reason string) bool { return send(work{rejected: &Rejection{Place: place, Reason: reason}}) }
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
		err = r.readHL7(src, p, send, reject)
	case FormatText:
		err = r.readNote(src, p, send, reject)
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

func (r *run) readHL7(src io.Reader, p *piece, send func(work) bool, reject func(place, reason string) bool) error {
	reader := hl7v2.NewReader(src, hl7v2.Options{})
	var ready []*hl7Message
	flush := func() bool {
		if len(ready) == 0 {
			return true
		}
		w := work{messages: ready}
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
			if !send(work{notice: &Rejection{Place: hl7Place(e), Reason: e.Reason}}) {
				return nil
			}
			continue
		case errors.As(err, &e):
			if !flush() || !reject(hl7Place(e), e.Reason) {
				return nil
			}
			continue
		case err != nil:
			flush()
			return err //nolint:wrapcheck // a fault of the source, told as it is
		}
		x.place = fmt.Sprintf("message %d", m.Number())
		x.head.File = p.name
		if ready = append(ready, x); len(ready) == hl7AtOnce && !flush() {
			return nil
		}
	}
}

// hl7Place is an error's place without its reason.
func hl7Place(e *hl7v2.Error) string {
	at := *e
	at.Reason, at.Code = "", 0
	return strings.ReplaceAll(at.Error(), ":  (", " (")
}

func (r *run) readNote(src io.Reader, p *piece, send func(work) bool, reject func(place, reason string) bool) error {
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
	send(work{note: n})
	return nil
}

// entries is what fhir.Reader and fhir.NDJSONReader have in common.
type entries interface {
	Next() (*fhir.Entry, error)
}

// readFHIR reads a bundle, a resource or NDJSON in units whose bytes, put one
// after the other, are the file.
func (r *run) readFHIR(src io.Reader, p *piece, send func(work) bool) error {
	rec := &recorder{src: src}
	word, kind, limit := "entry", "Bundle", unitBytes
	var reader entries = fhir.NewReader(rec, fhir.Options{})
	if p.format == "ndjson" {
		word, kind, limit = "line", "NDJSON", lineBytes
		reader = fhir.NewNDJSONReader(rec, fhir.Options{})
	}
	u := newUnit(r.opt, kind)
	names := u.names
	base, end, first := int64(0), int64(0), 1
	cut := func(upTo int64) bool {
		u.raw = rec.take(upTo - base)
		u.repeat = u.source + "\x00" + string(u.raw)
		u.place = fmt.Sprintf("%s %d", word, first)
		u.head.File = p.name
		u.pack()
		if len(u.raw) == 0 {
			return true
		}
		return send(work{unit: u})
	}
	for {
		e, err := reader.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		var bad *fhir.Error
		switch {
		case errors.As(err, &bad):
			u.result.reject(fhirPlace(bad, word), bad.Reason)
			continue
		case err != nil:
			cut(rec.offset())
			return err //nolint:wrapcheck // a fault of the source, told as it is
		}
		if e.Resource != nil {
			end = e.Resource.Offset() + int64(len(e.Resource.Raw))
			if kind == "Bundle" && word == "entry" && e.FullURL == "" && e.Number == 1 && base == 0 && e.Offset == e.Resource.Offset() {
				u.kind = e.Resource.Type // a resource that stands alone
			}
		}
		r.s.add(u, word, e, base)
		if end-base < int64(limit) && u.result.Received < unitResources {
			continue
		}
		if word == "entry" && end-base < int64(limit) {
			continue // a bundle is one action unless it is large
		}
		if !cut(end) {
			return nil
		}
		base, first = end, e.Number+1
		u = newUnit(r.opt, kind)
		u.names = names
	}
	if u.result.Received == 0 && base == 0 {
		send(work{notice: &Rejection{Place: "file", Reason: "it holds no resource"}})
	}
	cut(rec.offset())
	return nil
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
