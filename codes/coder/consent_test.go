package coder_test

import (
	"testing"

	"chartroom/codes/coder"
	"chartroom/codes/codeset"
)

// TestConsentStatesNothing: the risks and the operation of a consent are not
// coded; the same words of a discharge summary are.
func TestConsentStatesNothing(t *testing.T) {
	engine := coder.New(codeset.Embedded())
	const text = "DIAGNOSES:\n1. Pneumonia\n2. Pulmonary embolism\n"
	for kind, want := range map[string]bool{"informed consent": false, "discharge summary": true} {
		got, err := engine.Suggest(t.Context(), coder.Encounter{
			Age: 60, Documents: []coder.Document{{Type: kind, AuthorRole: "physician", Signed: true, Text: text}},
		}, coder.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if (len(got.Codes) > 0) != want {
			t.Errorf("%s: %d codes", kind, len(got.Codes))
		}
	}
}
