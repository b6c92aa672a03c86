package fhir_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"chartroom/wire/fhir"
)

func seeds(f *testing.F) {
	f.Helper()
	f.Add([]byte(`{"resourceType":"Bundle","type":"batch","entry":[{"resource":{"resourceType":"Patient","gender":"\u00e4\ud83d\ude00"}},{"request":{"method":"DELETE"}}],"total":2}`))
	f.Add([]byte(`{"entry":[{"resource":{"resourceType":"Observation","valueQuantity":{"value":-1.5e-3}}}],"resourceType":"Bundle"}`))
	f.Add([]byte(`{"resourceType":"Composition","section":[{"text":{"div":"<div>a<br/>b &lt; c<!-- x --></div>"},"section":[{"entry":[null]}]}]} {"resourceType":"List","entry":[]}`))
	f.Add([]byte("{\"resourceType\":\"MedicationRequest\",\"contained\":[{\"id\":\"m\"}],\"medicationReference\":{\"reference\":\"#m\"}}\n{\"a\":[1,true,false,null]}\n"))
}

// FuzzReader reads any bytes as a document, whole and byte by byte: no panic,
// the same entries both ways, every resource's bytes those of the stream and,
// alone, the same resource.
func FuzzReader(f *testing.F) {
	seeds(f)
	opts := fhir.Options{MaxResource: 1 << 16}
	f.Fuzz(func(t *testing.T, doc []byte) {
		whole := fhir.NewReader(bytes.NewReader(doc), opts)
		split := fhir.NewReader(iotest.OneByteReader(bytes.NewReader(doc)), opts)
		for range len(doc) + 2 {
			a, errA := whole.Next()
			b, errB := split.Next()
			if (errA == nil) != (errB == nil) || errA != nil && errA.Error() != errB.Error() {
				t.Fatalf("whole %v, byte by byte %v", errA, errB)
			}
			if errors.Is(errA, io.EOF) {
				return
			}
			if checkPlace(t, errA); errA != nil || a.Resource == nil {
				continue
			}
			if !bytes.Equal(a.Resource.Raw, b.Resource.Raw) {
				t.Fatal("whole and byte by byte give two resources")
			}
			// Bytes of a document that was put together from parts are not looked for.
			if at := a.Resource.Offset(); at > int64(len(doc)) || !bytes.HasPrefix(doc[at:], a.Resource.Raw) {
				t.Fatalf("bytes at %d are not those of the document", at)
			}
			if !json.Valid(a.Resource.Raw) {
				t.Fatal("accepted, but another JSON reader refuses it")
			}
			checkPlace(t, readTyped(a.Resource))
			if _, err := fhir.ParseResource(a.Resource.Raw, opts); err != nil {
				t.Fatalf("alone it is refused: %v", err)
			}
		}
		t.Fatal("the reader does not come to an end")
	})
}

// FuzzNDJSON reads any bytes as lines.
func FuzzNDJSON(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, doc []byte) {
		r := fhir.NewNDJSONReader(bytes.NewReader(doc), fhir.Options{MaxResource: 1 << 16})
		good := 0
		for {
			e, err := r.Next()
			if errors.Is(err, io.EOF) {
				break
			}
			if checkPlace(t, err); err != nil {
				continue
			}
			good++
			if !bytes.HasPrefix(doc[e.Resource.Offset():], e.Resource.Raw) {
				t.Fatal("bytes are not those of the stream")
			}
			checkPlace(t, readTyped(e.Resource))
		}
		if lines := bytes.Count(doc, []byte{'\n'}) + 1; good > lines {
			t.Fatalf("%d resources of %d lines", good, lines)
		}
	})
}

// checkPlace sees that an error names its place.
func checkPlace(t *testing.T, err error) {
	t.Helper()
	var place *fhir.Error
	if err != nil && (!errors.As(err, &place) || place.Line < 1) {
		t.Fatalf("error %v names no place", err)
	}
}

// FuzzTexts reads any text as a date, a reference and a narrative.
func FuzzTexts(f *testing.F) {
	for _, s := range []string{"2026-09-30T10:15:00.123-05:00", "2026", "Patient/1/_history/2", "Patient?identifier=a|b", "urn:uuid:1", "<p>a &amp; <b>b</b></p><!--"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if d, err := fhir.ParseDateTime(s); err == nil {
			if back, err := fhir.ParseDateTime(d.String()); err != nil || !back.Time.Equal(d.Time) || back.Precision > d.Precision {
				t.Errorf("%q is written as %q and read as %+v (%v)", s, d, back, err)
			}
		}
		_, _ = fhir.Reference{Reference: s}.Target()
		if plain := (fhir.Narrative{Div: s}).Plain(); strings.Contains(plain, "\n\n\n") {
			t.Errorf("%q reads %q", s, plain)
		}
	})
}
