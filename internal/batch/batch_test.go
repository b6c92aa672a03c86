package batch_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"chartroom/internal/batch"
)

type line struct {
	ID int `json:"id"`
	N  int `json:"n"`
}

func double(_ context.Context, b []byte) (any, error) {
	var l line
	if err := batch.Decode(b, &l); err != nil {
		return nil, err
	}
	switch l.N {
	case 13:
		return nil, batch.Refuse("unlucky", "n is %d", l.N)
	case 666:
		panic("boom")
	}
	return line{ID: l.ID, N: 2 * l.N}, nil
}

func TestRunKeepsOrderAndCounts(t *testing.T) {
	var in, want bytes.Buffer
	for i := range 5000 {
		fmt.Fprintf(&in, "{\"id\":%d,\"n\":%d}\n", i, i%10)
		fmt.Fprintf(&want, "{\"id\":%d,\"n\":%d}\n", i, 2*(i%10))
	}
	var out, sum bytes.Buffer
	s, err := batch.Run(t.Context(), &in, &out, batch.Options{Jobs: 7, Stderr: &sum}, double)
	if err != nil {
		t.Fatal(err)
	}
	if s != (batch.Summary{Read: 5000, Answered: 5000}) || out.String() != want.String() {
		t.Errorf("summary %+v, output differs: %v", s, out.String() != want.String())
	}
	if got := sum.String(); got != "5000 lines read: 5000 answered, 0 refused\n" {
		t.Errorf("summary line %q", got)
	}
}

func TestRunRefusesLinesAndGoesOn(t *testing.T) {
	in := strings.Join([]string{
		`{"id":1,"n":13}`, `{"id":2,"n":2}`, `{"id":3,"n":"x"}`, `{"id":"four",`, `[]`, ``, `  `, `{"id":7,"n":666}`, `{"id":8,"n":8}`,
	}, "\n")
	var out bytes.Buffer
	s, err := batch.Run(t.Context(), strings.NewReader(in), &out, batch.Options{}, double)
	if !errors.Is(err, batch.ErrRefused) {
		t.Errorf("error %v", err)
	}
	if s != (batch.Summary{Read: 7, Answered: 2, Refused: 5}) {
		t.Errorf("summary %+v", s)
	}
	var codes []string
	dec := json.NewDecoder(&out)
	for dec.More() {
		var a struct {
			ID    any
			Error *batch.Error
		}
		if err := dec.Decode(&a); err != nil {
			t.Fatal(err)
		}
		if a.Error != nil {
			codes = append(codes, fmt.Sprintf("%v %s", a.ID, a.Error.Code))
		}
	}
	want := "1 unlucky,3 bad-field,four bad-json,<nil> bad-json,7 internal"
	if got := strings.Join(codes, ","); got != want {
		t.Errorf("refusals %s, want %s", got, want)
	}
}

func TestRunReportsAReaderThatFails(t *testing.T) {
	bad := io.MultiReader(strings.NewReader("{\"id\":1,\"n\":1}\n"), iotest.ErrReader(errors.New("disk on fire")))
	s, err := batch.Run(t.Context(), bad, io.Discard, batch.Options{}, double)
	if err == nil || !strings.Contains(err.Error(), "disk on fire") {
		t.Errorf("error %v", err)
	}
	if s.Read != 1 {
		t.Errorf("summary %+v", s)
	}
}

func TestRunStopsWhenOutputFails(t *testing.T) {
	in := strings.Repeat("{\"id\":1,\"n\":1}\n", 100000)
	_, err := batch.Run(t.Context(), strings.NewReader(in), failing{}, batch.Options{}, double)
	if err == nil || errors.Is(err, batch.ErrRefused) {
		t.Errorf("error %v", err)
	}
}

type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, errors.New("pipe closed") }

func BenchmarkRun(b *testing.B) {
	in := strings.Repeat("{\"id\":1,\"n\":1}\n", b.N)
	if _, err := batch.Run(b.Context(), strings.NewReader(in), io.Discard, batch.Options{}, double); err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "lines/s")
}
