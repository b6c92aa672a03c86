package fhir_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"testing"

	"chartroom/wire/fhir"
	"chartroom/wire/fhir/fhirgen"
)

// bundles returns invented Bundles of Synthea's shape, about 20 MB.
func bundles(b *testing.B, indented bool) (all [][]byte, resources int) {
	b.Helper()
	g := fhirgen.New(1, 0)
	for range 100 {
		next := g.Bundle
		if indented {
			next = g.Indented
		}
		bundle, n := next()
		all = append(all, bundle)
		resources += n
	}
	return all, resources
}

func total(all [][]byte) int64 {
	n := 0
	for _, one := range all {
		n += len(one)
	}
	return int64(n)
}

// BenchmarkReadBundles streams Bundles and reads every resource as its type,
// on one core: what import does with them.
func BenchmarkReadBundles(b *testing.B) {
	for _, form := range []struct {
		name     string
		indented bool
	}{{"compact", false}, {"indented", true}} {
		b.Run(form.name, func(b *testing.B) {
			all, resources := bundles(b, form.indented)
			b.SetBytes(total(all))
			b.ReportAllocs()
			for b.Loop() {
				for _, bundle := range all {
					drain(b, fhir.NewReader(bytes.NewReader(bundle), fhir.Options{}), true)
				}
			}
			b.ReportMetric(float64(resources)*float64(b.N)/b.Elapsed().Seconds(), "resources/s")
		})
	}
}

// BenchmarkIndexBundles streams Bundles without typed reading: every document
// is checked whole all the same.
func BenchmarkIndexBundles(b *testing.B) {
	all, resources := bundles(b, false)
	b.SetBytes(total(all))
	for b.Loop() {
		for _, bundle := range all {
			drain(b, fhir.NewReader(bytes.NewReader(bundle), fhir.Options{}), false)
		}
	}
	b.ReportMetric(float64(resources)*float64(b.N)/b.Elapsed().Seconds(), "resources/s")
}

// BenchmarkReadNDJSON reads bulk data, every resource as its type.
func BenchmarkReadNDJSON(b *testing.B) {
	g := fhirgen.New(1, 0)
	var lines []byte
	resources := 0
	for range 50 {
		more, n := g.NDJSON()
		lines = append(lines, more...)
		resources += n
	}
	b.SetBytes(int64(len(lines)))
	for b.Loop() {
		drain(b, fhir.NewNDJSONReader(bytes.NewReader(lines), fhir.Options{}), true)
	}
	b.ReportMetric(float64(resources)*float64(b.N)/b.Elapsed().Seconds(), "resources/s")
}

func drain(b *testing.B, r entryReader, typed bool) {
	b.Helper()
	for {
		e, err := r.Next()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			b.Fatal(err)
		}
		if typed {
			if err := readTypedOnly(e.Resource); err != nil {
				b.Fatal(err)
			}
		}
	}
}

// BenchmarkPeerEncodingJSON does the least of the same with the standard
// library: entries as they come, of each resource type, id and references.
func BenchmarkPeerEncodingJSON(b *testing.B) {
	all, resources := bundles(b, false)
	b.SetBytes(total(all))
	for b.Loop() {
		for _, bundle := range all {
			var read struct {
				Entry []struct {
					FullURL  string          `json:"fullUrl"`
					Resource json.RawMessage `json:"resource"`
				} `json:"entry"`
			}
			if err := json.Unmarshal(bundle, &read); err != nil {
				b.Fatal(err)
			}
			for _, e := range read.Entry {
				var r struct {
					ResourceType, ID            string
					Subject, Patient, Encounter fhir.Reference
					Code                        fhir.CodeableConcept
				}
				if err := json.Unmarshal(e.Resource, &r); err != nil {
					// Encounter is a list in claims; that is not what is measured.
					if _, ok := errors.AsType[*json.UnmarshalTypeError](err); !ok {
						b.Fatal(err)
					}
				}
			}
		}
	}
	b.ReportMetric(float64(resources)*float64(b.N)/b.Elapsed().Seconds(), "resources/s")
}
