package incoming_test

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"chartroom/internal/incoming"
	"chartroom/internal/testenv"
)

// TestThePageKnowsTheSameKinds compares the list of types in the browser's module
// with the server's.
func TestThePageKnowsTheSameKinds(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(testenv.ModuleRoot(t), "internal", "ui", "static", "js", "incoming", "kinds.js"))
	if err != nil {
		t.Fatal(err)
	}
	found := regexp.MustCompile(`\{ name: "([^"]+)", short: "([^"]+)" \}`).FindAllStringSubmatch(string(text), -1)
	kinds := incoming.Kinds()
	if len(found) != len(kinds) {
		t.Fatalf("the page has %d kinds, the server %d", len(found), len(kinds))
	}
	for i, k := range kinds {
		if found[i][1] != k.Name || found[i][2] != k.Short {
			t.Errorf("kind %d is %q, %q on the page, not %q, %q", i, found[i][1], found[i][2], k.Name, k.Short)
		}
	}
}
