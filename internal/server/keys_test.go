package server_test

import (
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"chartroom/internal/access"
	"chartroom/internal/app"
	"chartroom/internal/audit"
	"chartroom/internal/seal"
)

// TestWrongKeysOpenNothing takes the master keys away, puts others in their
// place, and lets others read them. Each is refused in words that say what to do,
// and with the right keys all is as it was.
func TestWrongKeysOpenNothing(t *testing.T) {
	r := openRoom(t)
	before := r.counts()
	r.close()
	file := filepath.Join(r.dir, seal.KeyFile)
	right, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	fresh, err := seal.NewKeys()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name  string
		spoil func() error
		says  string
	}{
		{"other keys", func() error { return os.WriteFile(file, fresh, 0o600) }, "not the ones this database was sealed with"},
		{"other keys from the environment", func() error { return nil }, "not the ones this database was sealed with"},
		{"no keys", func() error { return os.Remove(file) }, "are missing"},
		{"half of the keys", func() error { return os.WriteFile(file, right[:len(right)/2], 0o600) }, "master"},
		{"no keys at all in it", func() error { return os.WriteFile(file, nil, 0o600) }, "master"},
		{"keys that others may read", func() error { return errors.Join(os.WriteFile(file, right, 0o600), os.Chmod(file, 0o644)) }, "chmod 600"},
	} {
		if err := c.spoil(); err != nil {
			t.Fatal(err)
		}
		getenv := func(string) string { return "" }
		if strings.Contains(c.name, "environment") {
			getenv = func(name string) string { return map[string]string{seal.KeyVariable: string(fresh)}[name] }
		}
		d, err := app.Open(t.Context(), app.Config{Dir: r.dir, Source: "north", Getenv: getenv})
		if err == nil {
			t.Errorf("%s: the department opens", c.name)
			_ = d.Close()
			continue
		}
		if !strings.Contains(err.Error(), c.says) || strings.Contains(err.Error(), string(right[:20])) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	if err := errors.Join(os.Remove(file), os.WriteFile(file, right, 0o600)); err != nil {
		t.Fatal(err)
	}
	r.dept, err = app.Open(t.Context(), app.Config{Dir: r.dir, Source: "north"})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = r.dept.Close() }()
	if after := r.counts(); !equal(before, after) {
		t.Errorf("something was written: %v, then %v", before, after)
	}
	if report, err := r.dept.Audit.Verify(t.Context(), access.Console(), audit.VerifyOptions{}); err != nil || !report.Whole() {
		t.Errorf("the log: %+v, %v", report, err)
	}
	if _, err := r.dept.Chart.Chart(t.Context(), r.programActor(), r.record); err != nil {
		t.Errorf("the chart: %v", err)
	}
}

// TestKeyFileIsPrivate looks at the modes of what a department makes.
func TestKeyFileIsPrivate(t *testing.T) {
	r := openRoom(t)
	entries, err := os.ReadDir(r.dir)
	if err != nil || len(entries) < 3 {
		t.Fatalf("files %v, %v", entries, err)
	}
	for _, e := range entries {
		if info, err := e.Info(); err != nil || info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s: %v, %v", e.Name(), info.Mode(), err)
		}
	}
	if info, err := os.Stat(r.dir); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("the folder: %v, %v", info.Mode(), err)
	}
}

// TestRotationWhileServing rotates the master key three times from a second
// process' point of view while the server answers. No request fails, and the
// former key is gone from the file.
func TestRotationWhileServing(t *testing.T) {
	r := openRoom(t)
	file := filepath.Join(r.dir, seal.KeyFile)
	first, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	stop := make(chan struct{})
	var clients sync.WaitGroup
	for client := range 3 {
		clients.Go(func() {
			for n := 0; ; n++ {
				select {
				case <-stop:
					return
				default:
				}
				body := fmt.Sprintf(`{"type":"progress","text":"client %d, note %d"}`, client, n)
				if w := r.do(http.MethodPost, "/api/v1/encounters/"+r.encounter+"/notes", jsonType, []byte(body), withToken(r.program)); w.Code != http.StatusCreated {
					t.Errorf("note: %d %.100s", w.Code, w.Body.String())
				}
				admitted := strings.ReplaceAll(strings.Replace(roomMessage, "|C1|", fmt.Sprintf("|R%d-%d|", client, n), 1), roomNumber, fmt.Sprintf("7%d%05d", client, n))
				if w := r.do(http.MethodPost, "/api/v1/intake", "", []byte(admitted), withToken(r.program)); w.Code != http.StatusOK {
					t.Errorf("intake: %d %.200s", w.Code, w.Body.String())
				}
				if w := r.do(http.MethodGet, "/api/v1/encounters?limit=20", "", nil, withToken(r.program)); w.Code != http.StatusOK {
					t.Errorf("list: %d %.100s", w.Code, w.Body.String())
				}
			}
		})
	}
	other, err := app.Open(t.Context(), app.Config{Dir: r.dir, Source: "north"})
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		report, err := other.Ring.Rotate(t.Context(), other.Gate, access.Console())
		if err != nil || report.Rewrapped == 0 {
			t.Errorf("rotation: %+v, %v", report, err)
		}
	}
	close(stop)
	clients.Wait()
	if err := other.Close(); err != nil {
		t.Error(err)
	}
	last, err := os.ReadFile(file)
	if err != nil || string(last) == string(first) {
		t.Errorf("the keys are the former ones, %v", err)
	}
	if report, err := r.dept.Audit.Verify(t.Context(), access.Console(), audit.VerifyOptions{}); err != nil || !report.Whole() {
		t.Errorf("the log: %+v, %v", report, err)
	}
	r.alive()
}
