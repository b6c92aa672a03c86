package rules_test

import (
	"testing"

	"chartroom/internal/deficiency/rules"
	"chartroom/internal/incoming"
)

// TestTypesOfTheDeskAreKnown: every type of document that the incoming desk offers is
// one the analysis knows, or paper that was indexed would count as missing.
func TestTypesOfTheDeskAreKnown(t *testing.T) {
	e, err := rules.New()
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range incoming.Kinds() {
		if e.KindOfType(k.Name) == "" {
			t.Errorf("documents.txt has no kind for %q", k.Name)
		}
	}
}
