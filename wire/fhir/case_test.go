package fhir_test

import (
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"chartroom/wire/fhir"
)

type oneCase struct {
	name  string
	input string
	want  []string
}

func readCases(t *testing.T, path string) []oneCase {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	parts := strings.Split("\n"+string(content), "\n== ")
	var cases []oneCase
	for _, part := range parts[1:] {
		head, want, ok := strings.Cut(part, "\n--\n")
		name, input, _ := strings.Cut(head, "\n")
		if !ok {
			t.Fatalf("case %q has no line of two hyphens", name)
		}
		c := oneCase{name: name, input: unname(t, input)}
		for line := range strings.Lines(want) {
			if line = strings.TrimSpace(line); line != "" {
				c.want = append(c.want, line)
			}
		}
		cases = append(cases, c)
	}
	if len(cases) == 0 {
		t.Fatalf("%s has no case", path)
	}
	return cases
}

var namedByte = regexp.MustCompile(`<[0-9A-F]{2}>`)

func unname(t *testing.T, text string) string {
	t.Helper()
	return namedByte.ReplaceAllStringFunc(text, func(name string) string {
		b, err := hex.DecodeString(strings.Trim(name, "<>"))
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	})
}

func TestDocuments(t *testing.T) {
	for _, c := range readCases(t, "testdata/documents.case") {
		t.Run(c.name, func(t *testing.T) {
			checkLines(t, c.want, describe(t, c.input, strings.NewReader(c.input)))
			checkLines(t, c.want, describe(t, c.input, iotest.OneByteReader(strings.NewReader(c.input))))
		})
	}
}

// checkLines compares; a wanted error may leave out line and offset.
func checkLines(t *testing.T, want, got []string) {
	t.Helper()
	for i := range min(len(want), len(got)) {
		if strings.HasPrefix(want[i], "error ") && strings.HasPrefix(got[i], want[i]+" (line ") {
			got[i] = want[i]
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("read (-want +got):\n%s", diff)
	}
}

func describe(t *testing.T, input string, src io.Reader) []string {
	t.Helper()
	var got []string
	r := fhir.NewReader(src, fhir.Options{})
	for {
		e, err := r.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			got = append(got, "error "+err.Error())
			continue
		}
		line := fmt.Sprint(e.Number)
		if e.Resource == nil {
			line += " nothing"
		} else {
			line += " " + strings.TrimSpace(e.Resource.Type+" "+e.Resource.ID)
		}
		for _, part := range []string{e.FullURL, e.Method, e.URL} {
			if part != "" {
				line += " " + part
			}
		}
		if e.Resource != nil {
			line += fmt.Sprintf(" line %d offset %d", e.Resource.Line(), e.Resource.Offset())
			if raw := string(e.Resource.Raw); !strings.HasPrefix(input[e.Resource.Offset():], raw) {
				t.Errorf("entry %d: bytes %q are not those received", e.Number, raw)
			}
		}
		got = append(got, line)
	}
	if b, ok := r.Bundle(); ok {
		got = append(got, "bundle "+b.Type)
	}
	return got
}

func TestDepth(t *testing.T) {
	nested := func(n int) string {
		return `{"resourceType":"Basic","a":` + strings.Repeat("[", n) + strings.Repeat("]", n) + `}`
	}
	if _, err := fhir.ParseResource([]byte(nested(fhir.MaxDepth-1)), fhir.Options{}); err != nil {
		t.Errorf("as deep as can be: %v", err)
	}
	for _, n := range []int{fhir.MaxDepth, 1000, 1_000_000} {
		_, err := fhir.ParseResource([]byte(nested(n)), fhir.Options{})
		if err == nil || !strings.Contains(err.Error(), "nested too deeply") {
			t.Errorf("%d deep: error %v", n, err)
		}
		_, err = fhir.NewReader(strings.NewReader(nested(n)), fhir.Options{}).Next()
		if err == nil || !strings.Contains(err.Error(), "nested too deeply") {
			t.Errorf("%d deep, streamed: error %v", n, err)
		}
	}
}

func TestLargestResource(t *testing.T) {
	build := func(size int) string {
		frame := `{"resourceType":"Basic","a":""}`
		return frame[:len(frame)-2] + strings.Repeat("x", size-len(frame)) + `"}`
	}
	const limit = 300
	opts := fhir.Options{MaxResource: limit}
	for _, size := range []int{limit - 1, limit, limit + 1, 1 << 20} {
		_, err := fhir.ParseResource([]byte(build(size)), opts)
		if (err == nil) != (size <= limit) {
			t.Errorf("resource of %d bytes: error %v", size, err)
		}
		bundle := `{"resourceType":"Bundle","type":"batch","entry":[{"resource":` + build(size) + `},{"resource":` + build(100) + `}]}`
		r := fhir.NewReader(strings.NewReader(bundle), opts)
		if _, err := r.Next(); (err == nil) != (size+len(`{"resource":}`) <= limit) {
			t.Errorf("entry of %d bytes: error %v", size, err)
		}
		if e, err := r.Next(); err != nil || e.Number != 2 {
			t.Errorf("entry behind one of %d bytes: %v", size, err)
		}
		lines := fhir.NewNDJSONReader(strings.NewReader(build(size)+"\r\n"+build(100)), opts)
		if _, err := lines.Next(); (err == nil) != (size <= limit) {
			t.Errorf("line of %d bytes: error %v", size, err)
		}
		if e, err := lines.Next(); err != nil || e.Number != 2 || e.Line != 2 {
			t.Errorf("line behind one of %d bytes: %v", size, err)
		}
	}
}

// TestManyValues is refused before it takes much memory.
func TestManyValues(t *testing.T) {
	many := `{"resourceType":"Basic","a":[` + strings.Repeat("1,", fhir.MaxValues) + `1]}`
	if _, err := fhir.ParseResource([]byte(many), fhir.Options{}); err == nil || !strings.Contains(err.Error(), "too many values") {
		t.Errorf("error %v", err)
	}
}

// TestManyKeys has more keys than are compared one with another.
func TestManyKeys(t *testing.T) {
	var b strings.Builder
	b.WriteString(`{"resourceType":"Basic"`)
	for i := range 50_000 {
		fmt.Fprintf(&b, `,"k%d":1`, i)
	}
	if _, err := fhir.ParseResource([]byte(b.String()+"}"), fhir.Options{}); err != nil {
		t.Error(err)
	}
	if _, err := fhir.ParseResource([]byte(b.String()+`,"k7":1}`), fhir.Options{}); err == nil {
		t.Error("a key that stands twice among many is accepted")
	}
}

func TestNDJSON(t *testing.T) {
	input := "\xef\xbb\xbf{\"resourceType\":\"Patient\",\"id\":\"a\"}\r\n\n  \n{\"resourceType\":\"Patient\"\n{\"resourceType\":\"Patient\",\"id\":\"b\"} x\n{\"resourceType\":\"Patient\",\"id\":\"c\"}"
	r := fhir.NewNDJSONReader(iotest.OneByteReader(strings.NewReader(input)), fhir.Options{})
	var got []string
	for {
		e, err := r.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			got = append(got, err.Error())
			continue
		}
		got = append(got, fmt.Sprintf("%d %s offset %d", e.Number, e.Resource.ID, e.Offset))
	}
	want := []string{"1 a offset 3",
		"fhir: entry 4: want comma or end of object (line 4, offset 69)",
		"fhir: entry 5: bytes follow the end of the document (line 5, offset 106)",
		"6 c offset 108"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("lines (-want +got):\n%s", diff)
	}
}

func TestSourceFails(t *testing.T) {
	broken := errors.New("disk")
	for _, begin := range []string{"", `{"resourceType":"Pat`, `{"resourceType":"Bundle","entry":[{"resource":{`, `{"resourceType":"Bundle","entry":[`} {
		src := func() io.Reader { return io.MultiReader(strings.NewReader(begin), iotest.ErrReader(broken)) }
		if _, err := fhir.NewReader(src(), fhir.Options{}).Next(); !errors.Is(err, broken) {
			t.Errorf("%q: error %v, want that of the source", begin, err)
		}
		if _, err := fhir.NewNDJSONReader(src(), fhir.Options{}).Next(); !errors.Is(err, broken) {
			t.Errorf("%q as lines: error %v, want that of the source", begin, err)
		}
	}
}
