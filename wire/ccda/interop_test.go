package ccda_test

import (
	"archive/zip"
	"errors"
	"io"
	"strings"
	"testing"

	"chartroom/internal/testenv"
	"chartroom/wire/ccda"
)

// TestGivenDocuments reads the documents that are given for testing: each is read
// or refused, and what is read has its places in order.
func TestGivenDocuments(t *testing.T) {
	for _, c := range []struct {
		path            []string
		read, fragments int
		other           int // not well formed
	}{
		{[]string{"interop", "ms-fhir-converter", "ccda.zip"}, 23, 0, 0},
		{[]string{"interop", "ccda-examples-hl7", "examples.zip"}, 25, 417, 5},
	} {
		archive, err := zip.OpenReader(testenv.Data(t, c.path...))
		if err != nil {
			t.Fatal(err)
		}
		defer archive.Close()
		var read, fragments, other, entries int
		for _, m := range archive.File {
			if m.FileInfo().IsDir() {
				continue
			}
			r, err := m.Open()
			if err != nil {
				t.Fatal(err)
			}
			raw, err := io.ReadAll(r)
			if err != nil {
				t.Fatal(err)
			}
			d, err := ccda.Parse(raw, ccda.Options{})
			var bad *ccda.Error
			switch {
			case errors.As(err, &bad) && strings.Contains(bad.Reason, "fragment"):
				fragments++
				continue
			case errors.As(err, &bad):
				other++
				continue
			case err != nil:
				t.Fatal(err)
			}
			read++
			for e := range d.Entries() {
				entries++
				start, length, ok := e.Span()
				if !ok || !strings.HasPrefix(string(raw[start:start+length]), "<") || !strings.HasSuffix(string(raw[start:start+length]), ">") {
					t.Errorf("%s: %s has span %d+%d", m.Name, e.Path(), start, length)
				}
			}
		}
		t.Logf("%s: read %d, fragments %d, not well formed %d, entries %d", c.path[1], read, fragments, other, entries)
		if read != c.read || fragments != c.fragments || other != c.other {
			t.Errorf("read %d, fragments %d, other %d; want %d, %d, %d", read, fragments, other, c.read, c.fragments, c.other)
		}
	}
}
