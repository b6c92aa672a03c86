package ccda_test

import (
	"bytes"
	"compress/flate"
	"encoding/base64"
	"encoding/xml"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"chartroom/wire/ccda"
)

func packZeros(t *testing.T, n int) string {
	t.Helper()
	var b bytes.Buffer
	w, err := flate.NewWriter(&b, flate.BestCompression)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.CopyN(w, zeros{}, int64(n)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return base64.StdEncoding.EncodeToString(b.Bytes())
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

// FuzzParse varies documents: what is read is in its bounds, and what encoding/xml
// cannot read is refused here too.
func FuzzParse(f *testing.F) {
	files, err := filepath.Glob("testdata/*.case")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		for i, c := range strings.Split(string(text), "\n== ") {
			if _, body, ok := strings.Cut(c, "\n"); ok && i > 0 {
				sent, _, _ := strings.Cut(body, "\n--\n")
				f.Add([]byte(whole(sent)))
			}
		}
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		d, err := ccda.Parse(raw, ccda.Options{MaxBytes: 1 << 20})
		if err != nil {
			var bad *ccda.Error
			if !errors.As(err, &bad) || bad.Reason == "" || bad.Line < 0 {
				t.Fatalf("%v", err)
			}
			return
		}
		if !utf8.ValidString(d.Text) {
			t.Error("the text is not UTF-8")
		}
		end := 0
		for _, s := range d.Sections {
			if s.Start < end || s.End < s.Start || s.End > len(d.Text) {
				t.Errorf("section %d-%d of %d", s.Start, s.End, len(d.Text))
			}
			end = s.End
		}
		for e := range d.Entries() {
			start, length, ok := e.Span()
			if ok && (start < 0 || start+length > len(raw) || raw[start] != '<') {
				t.Errorf("span %d+%d of %d", start, length, len(raw))
			}
			if e.Path() == "" || e.Line() < 1 {
				t.Errorf("place %q, line %d", e.Path(), e.Line())
			}
		}
		if bytes.HasPrefix(raw, []byte("<")) && !bytes.HasPrefix(raw, []byte("<?")) {
			stdlib(t, raw)
		}
	})
}

// stdlib reads the tokens with encoding/xml, which has to agree that the document
// is well formed. It is stricter with names beyond ASCII.
func stdlib(t *testing.T, raw []byte) {
	t.Helper()
	for _, c := range raw {
		if c >= utf8.RuneSelf {
			return
		}
	}
	d := xml.NewDecoder(bytes.NewReader(raw))
	for {
		_, err := d.Token()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			t.Errorf("read here, and not by encoding/xml: %v", err)
			return
		}
	}
}
