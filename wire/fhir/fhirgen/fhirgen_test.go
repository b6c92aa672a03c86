package fhirgen_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"testing"

	"chartroom/wire/fhir"
	"chartroom/wire/fhir/fhirgen"
)

func TestSameSeedSameBytes(t *testing.T) {
	a, _ := fhirgen.New(7, 0).Bundle()
	b, _ := fhirgen.New(7, 0).Bundle()
	c, _ := fhirgen.New(8, 0).Bundle()
	if !bytes.Equal(a, b) {
		t.Error("the same seed gave two Bundles")
	}
	if bytes.Equal(a, c) {
		t.Error("two seeds gave the same Bundle")
	}
}

// TestBundlesAreWhole reads Bundles back: the entries are as many as was said,
// every reference points to an entry, and no date lies behind the last day.
func TestBundlesAreWhole(t *testing.T) {
	g := fhirgen.New(1, 0)
	total, size := 0, 0
	kinds := map[string]int{}
	for range 50 {
		bundle, want := g.Bundle()
		size += len(bundle)
		r := fhir.NewReader(bytes.NewReader(bundle), fhir.Options{})
		urls := map[string]bool{}
		var entries []*fhir.Entry
		for {
			e, err := r.Next()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			urls[e.FullURL] = true
			kinds[e.Resource.Type]++
			entries = append(entries, e)
		}
		if len(entries) != want {
			t.Fatalf("%d entries, want %d", len(entries), want)
		}
		total += want
		for _, e := range entries {
			checkEntry(t, e, urls)
		}
	}
	t.Logf("%d resources in 50 Bundles, %d bytes each: %v", total, size/total, kinds)
	if share := float64(kinds["Observation"]) / float64(total); share < .35 || share > .65 {
		t.Errorf("%.0f %% are observations, want about half", 100*share)
	}
}

func checkEntry(t *testing.T, e *fhir.Entry, urls map[string]bool) {
	t.Helper()
	g, err := e.Resource.Generic()
	if err != nil {
		t.Fatal(err)
	}
	for _, ref := range []fhir.Reference{g.Subject, g.Encounter} {
		target, err := ref.Target()
		if err != nil || target.Kind == fhir.URN && !urls[target.URL] {
			t.Errorf("%s refers to what is not in the Bundle (%v)", e.Resource.Type, err)
		}
	}
	if g.Date.String() > "2026-10" {
		t.Errorf("%s is of %s, want no later than 2026-09-30", e.Resource.Type, g.Date)
	}
}

func TestNDJSON(t *testing.T) {
	lines, want := fhirgen.New(3, 4).NDJSON()
	r := fhir.NewNDJSONReader(bytes.NewReader(lines), fhir.Options{})
	got := 0
	for {
		_, err := r.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		got++
	}
	if got != want {
		t.Errorf("%d lines, want %d", got, want)
	}
}

func ExampleGenerator_Bundle() {
	bundle, entries := fhirgen.New(1, 2).Bundle()
	r := fhir.NewReader(bytes.NewReader(bundle), fhir.Options{})
	first, err := r.Next()
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(first.Resource.Type, entries > 10)
	// Output: Patient true
}
