// Package fhirgen makes FHIR R4 transaction Bundles of the shape that the
// Synthea patient generator writes, with invented patients, for benchmarks and
// load tests.
//
// What always holds: the same seed gives the same bytes; names, numbers and
// notes are invented and drawn from small lists in this package; no date lies
// behind 2026-09-30. The mix of resource types follows Synthea's (half of them
// observations) with a note, a DocumentReference in base64, for each encounter.
package fhirgen

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"time"
)

// Generator makes one Bundle after another, each of one patient.
type Generator struct {
	rnd        *rand.Rand
	encounters int
	patients   int
	out        []byte
	count      int
}

// New returns a Generator. encounters is how many encounters a patient has on
// average; 0 means 12, which makes about 150 resources and 190 kB a Bundle.
func New(seed uint64, encounters int) *Generator {
	if encounters <= 0 {
		encounters = 12
	}
	return &Generator{rnd: rand.New(rand.NewPCG(seed, 0x43686172)), encounters: encounters} //nolint:gosec // invented data, to be repeated
}

// lastDay is the day on which all records end.
var lastDay = time.Date(2026, 9, 30, 0, 0, 0, 0, time.UTC)

// Bundle returns the next patient's transaction Bundle, without white space, and
// how many entries it has.
func (g *Generator) Bundle() (bundle []byte, entries int) {
	g.out = append(g.out[:0], `{"resourceType":"Bundle","type":"transaction","entry":[`...)
	g.count = 0
	g.patient()
	g.out = append(g.out, `]}`...)
	return bytes.Clone(g.out), g.count
}

// Indented returns the next Bundle laid out over lines as Synthea writes it.
func (g *Generator) Indented() (bundle []byte, entries int) {
	compact, entries := g.Bundle()
	var out bytes.Buffer
	if err := json.Indent(&out, compact, "", "  "); err != nil {
		return compact, entries // the generator writes JSON, so this is not met
	}
	return out.Bytes(), entries
}

// NDJSON returns the next patient's resources one a line, and how many.
func (g *Generator) NDJSON() (lines []byte, resources int) {
	bundle, entries := g.Bundle()
	var read struct {
		Entry []struct{ Resource json.RawMessage }
	}
	if err := json.Unmarshal(bundle, &read); err != nil {
		return nil, 0
	}
	for _, e := range read.Entry {
		lines = append(append(lines, e.Resource...), '\n')
	}
	return lines, entries
}

// uuid returns an identifier that only the seed decides.
func (g *Generator) uuid() string {
	a, b := g.rnd.Uint64(), g.rnd.Uint64()
	return fmt.Sprintf("%08x-%04x-4%03x-8%03x-%012x", a>>32, a>>16&0xffff, a&0xfff, b>>52, b&0xffffffffffff)
}

func (g *Generator) pick(from []string) string { return from[g.rnd.IntN(len(from))] }

func (g *Generator) term(from []term) term { return from[g.rnd.IntN(len(from))] }

// entry appends an entry whose resource body (without type and id) is given.
func (g *Generator) entry(typ, id, body string) {
	if g.count > 0 {
		g.out = append(g.out, ',')
	}
	g.count++
	g.out = fmt.Appendf(g.out,
		`{"fullUrl":"urn:uuid:%s","resource":{"resourceType":"%s","id":"%s",%s},"request":{"method":"POST","url":"%s"}}`,
		id, typ, id, body, typ)
}

// coded returns a CodeableConcept.
func coded(t term) string {
	return fmt.Sprintf(`{"coding":[{"system":"%s","code":"%s","display":"%s"}],"text":"%s"}`, t.system, t.code, t.words, t.words)
}

func ref(id string) string { return `{"reference":"urn:uuid:` + id + `"}` }

func stamp(t time.Time) string { return t.Format("2006-01-02T15:04:05-07:00") }
