package hl7v2_test

import (
	"bytes"
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

	"chartroom/wire/hl7v2"
)

// oneCase is a case of a case file: what stands before and behind its "--".
type oneCase struct {
	name        string
	input, want []string
}

func readCases(t *testing.T, path string) []oneCase {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var cases []oneCase
	behind := false
	for line := range strings.Lines(string(content)) {
		line = strings.TrimSuffix(line, "\n")
		name, begins := strings.CutPrefix(line, "== ")
		switch {
		case begins:
			cases = append(cases, oneCase{name: name})
			behind = false
		case len(cases) == 0:
		case line == "--":
			behind = true
		case behind:
			if line != "" {
				cases[len(cases)-1].want = append(cases[len(cases)-1].want, line)
			}
		default:
			cases[len(cases)-1].input = append(cases[len(cases)-1].input, line)
		}
	}
	if len(cases) == 0 {
		t.Fatalf("%s has no case", path)
	}
	return cases
}

var namedByte = regexp.MustCompile(`<(CR|LF|VT|FS|[0-9A-F]{2})>`)

// unname puts bytes in the place of their names.
func unname(t *testing.T, text string) string {
	t.Helper()
	return namedByte.ReplaceAllStringFunc(text, func(name string) string {
		name = strings.Trim(name, "<>")
		if c, ok := map[string]string{"CR": "\r", "LF": "\n", "VT": "\x0b", "FS": "\x1c"}[name]; ok {
			return c
		}
		b, err := hex.DecodeString(name)
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	})
}

func TestValues(t *testing.T) {
	for _, c := range readCases(t, "testdata/values.case") {
		t.Run(c.name, func(t *testing.T) {
			input := unname(t, strings.Join(c.input, "\n"))
			for _, end := range []string{"\r", "\n", "\r\n"} {
				m, err := hl7v2.Parse([]byte(strings.ReplaceAll(input, "\n", end)), hl7v2.Options{})
				if words, refused := strings.CutPrefix(c.want[0], "error "); refused {
					if err == nil || end != "\r\n" && !strings.Contains(err.Error(), words) {
						t.Errorf("error %v, want %q", err, words)
					}
					continue
				}
				if err != nil {
					t.Fatal(err)
				}
				for _, want := range c.want {
					checkValue(t, m, want)
				}
			}
		})
	}
}

func checkValue(t *testing.T, m *hl7v2.Message, want string) {
	t.Helper()
	path, state, _ := strings.Cut(want, " ")
	v, err := m.At(path)
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	got := v.State().String()
	if v.Valued() {
		got = "= " + strings.ReplaceAll(v.String(), "\n", `\n`)
	}
	if got != state {
		t.Errorf("%s %s, want %s", path, got, state)
	}
	p, err := hl7v2.ParsePath(path)
	if err != nil {
		t.Fatal(err)
	}
	if back, err := hl7v2.ParsePath(p.String()); err != nil || back != p {
		t.Errorf("path %s written as %s is read as %+v (%v)", path, p, back, err)
	}
}

func TestStreams(t *testing.T) {
	for _, c := range readCases(t, "testdata/streams.case") {
		t.Run(c.name, func(t *testing.T) {
			stream := unname(t, strings.Join(c.input, ""))
			if diff := cmp.Diff(c.want, describe(strings.NewReader(stream))); diff != "" {
				t.Errorf("read (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(c.want, describe(iotest.OneByteReader(strings.NewReader(stream)))); diff != "" {
				t.Errorf("read byte by byte (-want +got):\n%s", diff)
			}
		})
	}
}

func describe(src io.Reader) []string {
	var got []string
	var last *hl7v2.Message
	r := hl7v2.NewReader(src, hl7v2.Options{})
	for {
		m, err := r.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			text := err.Error()
			// Batch errors may name line and offset or not, as the case wants.
			got, last = append(got, "error "+text), nil
			continue
		}
		h := m.Header()
		got = append(got, fmt.Sprintf("%d %s %s line %d offset %d", m.Number(), h.Name(), h.ControlID, m.Line(), m.Offset()))
		last = m
	}
	if last != nil {
		names := "segments"
		for s := range last.Segments() {
			names += " " + s.Name()
		}
		got = append(got, names)
	}
	return got
}

// TestLargestMessage has messages around the limit, and what comes behind one
// that is larger.
func TestLargestMessage(t *testing.T) {
	const limit = 200
	build := func(size int) string {
		m := "MSH|^~\\&|A|B|C|D|1999||ADT^A01|C1|P|2.3\rNTE|1||"
		return m + strings.Repeat("x", size-len(m)-1) + "\r"
	}
	for _, c := range []struct {
		size int
		good bool
	}{{limit - 1, true}, {limit, true}, {limit + 1, false}, {1 << 20, false}} {
		stream := build(c.size) + build(100)
		r := hl7v2.NewReader(strings.NewReader(stream), hl7v2.Options{MaxMessage: limit})
		_, err := r.Next()
		if (err == nil) != c.good {
			t.Errorf("message of %d bytes with limit %d: error %v", c.size, limit, err)
		}
		next, err := r.Next()
		if err != nil {
			t.Fatalf("message behind one of %d bytes: %v", c.size, err)
		}
		if next.Number() != 2 || next.Offset() != int64(c.size) || len(next.Raw()) != 100 {
			t.Errorf("message behind one of %d bytes: number %d, offset %d, %d bytes", c.size, next.Number(), next.Offset(), len(next.Raw()))
		}
		if _, err := r.Next(); !errors.Is(err, io.EOF) {
			t.Errorf("at the end: %v", err)
		}
	}
}

// TestHostileMessages has messages that must be refused, and others that must
// not take long or much.
func TestHostileMessages(t *testing.T) {
	header := "MSH|^~\\&|A|B|C|D|1999||ADT^A01|C1|P|2.3\r"
	for name, m := range map[string]string{
		"many fields":   header + "PID" + strings.Repeat("|", 1<<20),
		"many segments": header + strings.Repeat("ZZZ\r", hl7v2.MaxSegments+1),
	} {
		if _, err := hl7v2.Parse([]byte(m), hl7v2.Options{}); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	for name, m := range map[string]string{
		"many repetitions":     header + "NTE|1||" + strings.Repeat("~", 4<<20),
		"many escapes":         header + "NTE|1||" + strings.Repeat("\\", 4<<20),
		"many bad dates":       header + "PID|1\r" + strings.Repeat("OBX|||||||||||||||x\rOBR|||||||x\r", 90_000),
		"many components":      header + "OBX|1|CE|" + strings.Repeat("^", 4<<20),
		"one field of letters": header + "NTE|1||" + strings.Repeat("x", 8<<20),
	} {
		parsed, err := hl7v2.Parse([]byte(m), hl7v2.Options{})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if _, err := hl7v2.ReadPatients(parsed); err != nil && len(err.Error()) > 1<<16 {
			t.Errorf("%s: an error of %d bytes", name, len(err.Error()))
		}
		for s := range parsed.Segments() {
			_, _, _ = hl7v2.ReadNTE(s), s.Field(3).CWE(), s.Field(3).String()
		}
	}
	long := strings.NewReader(strings.Repeat("x", 64<<20))
	r := hl7v2.NewReader(long, hl7v2.Options{MaxMessage: 1 << 10})
	if _, err := r.Next(); err == nil {
		t.Error("a line of 64 MB: accepted")
	}
}

// TestSourceFails gives the error of the source on, once and for good.
func TestSourceFails(t *testing.T) {
	broken := errors.New("line down")
	src := io.MultiReader(strings.NewReader("MSH|^~\\&|A\rPID|1\r"), iotest.ErrReader(broken))
	r := hl7v2.NewReader(src, hl7v2.Options{})
	for range 2 {
		if _, err := r.Next(); !errors.Is(err, broken) {
			t.Errorf("error %v, want that of the source: the message may be cut off", err)
		}
	}
}

func TestParseOneMessageOnly(t *testing.T) {
	two := []byte("MSH|^~\\&|A\x1c\rMSH|^~\\&|B\x1c\r")
	if _, err := hl7v2.Parse(two, hl7v2.Options{}); err == nil {
		t.Error("bytes behind the end of the message are accepted")
	}
	framed := []byte("\x0bMSH|^~\\&|A\r\x1c\r")
	m, err := hl7v2.Parse(framed, hl7v2.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(m.Raw(), []byte("MSH|^~\\&|A\r")) || m.Offset() != 1 {
		t.Errorf("raw %q at %d", m.Raw(), m.Offset())
	}
}

func TestParsePath(t *testing.T) {
	for _, bad := range []string{"", "PID", "PID-", "PID-0", "PID-x", "PID-3.", "PID-3.0", "PID-3(", "PID-3()", "PID-3(0)",
		"PID-3(1", "PID-3.1.2.3", "PIDX-3", "pid-3", "PID(2-3", "PID()-3", "PID-3 ", "PID.3", "PID-1234567"} {
		if p, err := hl7v2.ParsePath(bad); err == nil {
			t.Errorf("%q is read as %+v", bad, p)
		}
	}
}
