package intake

import (
	"cmp"
	"context"
	"fmt"
	"strconv"
	"strings"

	"chartroom/internal/chart"
	"chartroom/internal/gate"
	"chartroom/internal/identity"
	"chartroom/internal/seal"
	"chartroom/wire/fhir"
)

// unit is a FHIR message, or a part of a large one, that was read outside the
// transaction: its bytes, its facts, and what is to be looked up inside.
type unit struct {
	envelope
	source   string // of ids without an address
	batch    chart.Batch
	patients []incoming
	refs     map[string][]identity.Key // placeholder -> what its record is known by
	ids      map[string]string         // placeholder -> id alone, where it was given with no address or another one
	names    map[string]chart.Author   // reference -> practitioner, their role, or a place
	result   Result
	paths    map[string]bool // places of resources accepted so far
	scanned  []*scannedDocument
	links    []patientLink
	unlinked []patientLink // of links, those of which a patient is not known yet
}

// incoming is a Patient resource: the placeholder its facts stand under, and the
// keys that decide which record it is.
type incoming struct {
	placeholder string
	keys        []identity.Key
	id          string // of the resource
	path        string
	name        chart.Name
	birth       string
}

// blocked are placeholders whose id another patient has, for the rest of a run:
// nothing that names them may reach that patient's record.
type blocked map[string]bool

func newUnit(opt Options, kind string) *unit {
	return &unit{
		source:   opt.Source,
		envelope: envelope{id: gate.NewID(), channel: opt.Channel, format: FormatFHIR, kind: kind, head: sealedHead{Source: opt.Source}},
		refs:     map[string][]identity.Key{}, ids: map[string]string{}, names: map[string]chart.Author{}, paths: map[string]bool{},
	}
}

// resourcePath names a resource in its message: which entry or line it is, and
// which bytes of the message it has, "entry[12]#10234+1588".
func (u *unit) resourcePath(word string, e *fhir.Entry, base int64) string {
	var b [64]byte
	out := append(b[:0], word...)
	out = append(out, '[')
	out = strconv.AppendInt(out, int64(e.Number), 10)
	out = append(out, "]#"...)
	out = strconv.AppendInt(out, e.Resource.Offset()-base, 10)
	out = append(out, '+')
	out = strconv.AppendInt(out, int64(len(e.Resource.Raw)), 10)
	return string(out)
}

// Span finds the bytes of a place that names them, "entry[12]#10234+1588", in
// its message.
func Span(raw []byte, path string) ([]byte, bool) {
	_, span, ok := strings.Cut(path, "#")
	if !ok {
		return nil, false
	}
	from, length, ok := strings.Cut(span, "+")
	if !ok {
		return nil, false
	}
	a, errA := strconv.Atoi(from)
	n, errN := strconv.Atoi(length)
	if errA != nil || errN != nil || a < 0 || n < 0 || a > len(raw) || n > len(raw)-a {
		return nil, false
	}
	return raw[a : a+n], true
}

// add maps one entry. base is the offset of the message's first byte.
func (s *Service) add(u *unit, word string, e *fhir.Entry, base int64) {
	if e.Resource == nil {
		u.result.reject(word+"["+strconv.Itoa(e.Number)+"]", "the entry has no resource: "+cmp.Or(clean(e.Method), "no request")+" is not carried out")
		return
	}
	path := u.resourcePath(word, e, base)
	fm := fhirMapping{s: s, u: u, path: path, scope: scopeOf(u.source, e.FullURL)}
	if err := fm.resource(e); err != nil {
		u.result.reject(shortPlace(path), reasonOf(err))
		return
	}
	u.paths[path] = true
	u.result.Received++
	u.result.Accepted++
}

// shortPlace is a place without its span of bytes.
func shortPlace(path string) string {
	place, _, _ := strings.Cut(path, "#")
	return place
}

// take stores a unit inside an action: message, records and facts. Facts about
// patients who are not known yet come back as waiting.
func (s *Service) take(ctx context.Context, tx *gate.Tx, u *unit, not blocked) (Result, *chart.Batch, error) {
	result := u.result
	result.Rejections = append([]Rejection(nil), u.result.Rejections...)
	before, err := s.repeatOf(ctx, tx, &u.envelope)
	if err != nil {
		return Result{}, nil, err
	}
	if before != "" {
		result.Repeated = result.Accepted
		return result, nil, nil
	}
	if err := tx.About(ctx, gate.Subject{Kind: subjectMessage, ID: u.id}); err != nil {
		return Result{}, nil, err
	}
	records, err := s.records(ctx, tx, u, not)
	if err != nil {
		return Result{}, nil, err
	}
	bound, waiting := u.batch.Bound(func(p string) (string, bool) {
		if p == "" {
			return "", true
		}
		r := records[p]
		return r, r != ""
	})
	overlaid, waiting := waiting.Bound(func(p string) (string, bool) { return p, not[p] })
	done, err := s.chart.StoreTx(ctx, tx, bound)
	if err != nil {
		return Result{}, nil, err
	}
	if err := s.keepScans(ctx, tx, u, records, done.Refused); err != nil {
		return Result{}, nil, err
	}
	for _, p := range overlaid.Paths() {
		done.Refused = append(done.Refused, chart.Refusal{Path: p, Why: whyOverlay})
	}
	var unlinkable []chart.Refusal
	if unlinkable, u.unlinked, err = s.linkPatients(ctx, tx, u, u.links, records); err != nil {
		return Result{}, nil, err
	}
	refused := result.refuse(append(done.Refused, unlinkable...))
	if err := s.keep(ctx, tx, &u.envelope, result.Accepted, result.Rejected); err != nil {
		return Result{}, nil, err
	}
	if err := s.trouble(ctx, tx, &u.envelope, result.Accepted, result.Rejections); err != nil {
		return Result{}, nil, err
	}
	if done.Added+done.Changed == 0 && done.Unchanged > 0 && waiting.Len() == 0 {
		result.Repeated = result.Accepted
	}
	tx.Detail("resources", strconv.Itoa(result.Received))
	if refused > 0 {
		tx.Detail("refused", strconv.Itoa(refused))
	}
	return result, waiting, nil
}

// refuse moves what the chart refused from accepted to rejected, each resource
// once.
func (r *Result) refuse(refused []chart.Refusal) int {
	seen := map[string]bool{}
	for _, f := range refused {
		if seen[f.Path] {
			continue
		}
		seen[f.Path] = true
		r.Received--
		r.Accepted--
		r.reject(shortPlace(f.Path), f.Why)
	}
	return len(seen)
}

// whyOverlay is the reason of what would write one patient over another.
const whyOverlay = "another patient has this id: name and birth date differ; name the source"

// records finds the record of each placeholder; those that are not known are
// missing from the answer. Patients of the unit get records here.
func (s *Service) records(ctx context.Context, tx *gate.Tx, u *unit, not blocked) (map[string]string, error) {
	records := map[string]string{}
	for _, p := range u.patients {
		before, err := s.identity.RecordOf(ctx, tx, p.keys)
		if err != nil {
			return nil, err
		}
		other := false
		if before != "" {
			if other, err = s.overlays(ctx, tx, before, p); err != nil {
				return nil, err
			}
		}
		if other {
			not[p.placeholder] = true
			continue
		}
		record, _, err := s.recordFor(ctx, tx, p.keys, u.id)
		if err != nil {
			return nil, err
		}
		records[p.placeholder] = record
	}
	for placeholder, keys := range u.refs {
		if records[placeholder] != "" || not[placeholder] {
			continue
		}
		record, err := s.identity.RecordOf(ctx, tx, keys)
		if err != nil {
			return nil, err
		}
		if record != "" {
			records[placeholder] = record
		}
	}
	return records, nil
}

// overlays reports whether the patient is plainly another than the one whose
// record it would go to: both the family name and the whole birth date differ.
// A correction changes one of them.
func (s *Service) overlays(ctx context.Context, tx *gate.Tx, record string, p incoming) (bool, error) {
	now, err := s.chart.KnownPatient(ctx, tx, record)
	if err != nil || now.Number == 0 {
		return false, err
	}
	names := now.Name.Family != "" && p.name.Family != "" && seal.Fold(now.Name.Family) != seal.Fold(p.name.Family)
	births := len(now.BirthDate) == len("2006-01-02") && len(p.birth) == len(now.BirthDate) && now.BirthDate != p.birth
	return names && births, nil
}

// scopeOf says which ids mean the same: those of one server, by the base of the
// entry's fullUrl, or of one source.
func scopeOf(source, fullURL string) string {
	if strings.HasPrefix(fullURL, "http://") || strings.HasPrefix(fullURL, "https://") {
		parts := strings.Split(fullURL, "/")
		if len(parts) > 4 {
			return strings.Join(parts[:len(parts)-2], "/")
		}
	}
	return source
}

// globalID reports whether an id is the same thing wherever it stands: a UUID.
func globalID(id string) bool {
	if len(id) != 36 {
		return false
	}
	for i, c := range []byte(id) {
		dash := i == 8 || i == 13 || i == 18 || i == 23
		hex := c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F'
		if dash != (c == '-') || !dash && !hex {
			return false
		}
	}
	return true
}

// name is what a resource is known by: its UUID alone, or scope, type and id.
func refName(scope, typ, id string) string {
	if globalID(id) {
		return "uuid\x00" + strings.ToLower(id)
	}
	return scope + "\x00" + typ + "\x00" + id
}

// targetName is the name of what a reference points to; "" if it names nothing
// that can be found. typ is the type wanted.
func targetName(scope string, t fhir.Target, typ string) string {
	switch t.Kind {
	case fhir.Relative:
		if t.Type != typ {
			return ""
		}
		return refName(scope, typ, t.ID)
	case fhir.Absolute:
		if t.Type != typ {
			return ""
		}
		return refName(strings.TrimSuffix(t.URL, "/"+t.Type+"/"+t.ID), typ, t.ID)
	case fhir.URN:
		if id, ok := strings.CutPrefix(t.URL, "urn:uuid:"); ok {
			return refName("", typ, id)
		}
		return "urn\x00" + t.URL
	default:
		return ""
	}
}

func reasonOf(err error) string {
	var p *problem
	if asError(err, &p) {
		return p.why
	}
	var f *fhir.Error
	if asError(err, &f) {
		return strings.TrimSpace(f.Path + " " + f.Reason)
	}
	return "it cannot be read"
}

// problem is a resource that cannot be taken in; its text holds no patient data.
type problem struct{ why string }

func (p *problem) Error() string { return p.why }

func problemf(format string, args ...any) error { return &problem{fmt.Sprintf(format, args...)} }
