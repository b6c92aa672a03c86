package app_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"chartroom/internal/app"
	"chartroom/internal/seal"
)

// TestMissingKeysAreNotReplaced: opening a department without its keys must not
// make new ones in their place.
func TestMissingKeysAreNotReplaced(t *testing.T) {
	dir := t.TempDir()
	keys := filepath.Join(dir, seal.KeyFile)
	open := func() error {
		d, err := app.Open(t.Context(), app.Config{Dir: dir})
		if err == nil {
			err = d.Close()
		}
		return err
	}
	if err := open(); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(keys, keys+".away"); err != nil {
		t.Fatal(err)
	}
	if err := open(); err == nil || !strings.Contains(err.Error(), "missing") {
		t.Fatalf("opened without its keys: %v", err)
	}
	if _, err := os.Stat(keys); err == nil {
		t.Error("new keys stand where the right ones belong")
	}
	if err := os.Rename(keys+".away", keys); err != nil {
		t.Fatal(err)
	}
	if err := open(); err != nil {
		t.Errorf("with its keys back: %v", err)
	}
}
