package batch_test

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"chartroom/internal/batch"
)

func TestDecode(t *testing.T) {
	type part struct {
		Code string `json:"code"`
	}
	type object struct {
		ID    any     `json:"id"`
		Text  *string `json:"text"`
		Age   *int    `json:"age"`
		Parts []part  `json:"parts"`
	}
	cases := []struct{ line, refusal string }{
		{`{"id":1,"text":"x","age":2,"parts":[{"code":"a"}],"more":{}}`, ""},
		{`{"id":null}`, ""},
		{` {"id":1} ` + "\r\n", ""},
		{`{"id":1,"TEXT":5,"Age":"x","pArts":null}`, ""}, // other fields, in another case
		{`{}`, "no-id: the object has no id"},
		{`{"ID":1}`, "no-id: the object has no id"},
		{`[{"id":1}]`, "bad-json: the line is not a JSON object: it does not begin with {"},
		{`{"id":1`, "bad-json: not JSON at byte 7 of the line"},
		{`{"id":1}}`, "bad-json: not JSON at byte 9 of the line"},
		{`{"id":1,"text":7}`, "bad-field: text at byte 16 of the line is a number where a string is wanted"},
		{`{"id":1,"age":"Quillfeather"}`, "bad-field: age at byte 28 of the line is a string where a whole number is wanted"},
		{`{"id":1,"age":19580211.5}`, "bad-field: age at byte 24 of the line is a number where a whole number is wanted"},
		{`{"id":1,"parts":{}}`, "bad-field: parts at byte 17 of the line is an object where a list is wanted"},
		{`{"id":1,"parts":[true]}`, "bad-field: parts at byte 21 of the line is true or false where an object is wanted"},
		{`{"id":1,"parts":[{"code":[]}]}`, "bad-field: parts.code at byte 26 of the line is a list where a string is wanted"},
		{"{\"id\":1,\"text\":\"a\x80\"}", "bad-text: not UTF-8 at byte 17 of the line"},
		{"{\"id\":1,\x00}", "bad-json: NUL character at byte 8 of the line"},
		{`{"id":1,"more":` + strings.Repeat("[", 10_001) + `}`, "bad-json: nested too deeply at byte 10015 of the line"},
	}
	for _, c := range cases {
		var v object
		got := ""
		if err := batch.Decode([]byte(c.line), &v); err != nil {
			got = err.Error()
		}
		if got != c.refusal {
			t.Errorf("%.60s\n got %s\nwant %s", c.line, got, c.refusal)
		}
		if got == "" && (v.Text != nil && *v.Text != "x" || v.Age != nil && *v.Age != 2) {
			t.Errorf("%.60s: a field of another name was taken: %+v", c.line, v)
		}
	}
}

// TestRunEndsThoughTheInputDoesNot interrupts a run that waits for its input, and
// closes the output of another.
func TestRunEndsThoughTheInputDoesNot(t *testing.T) {
	in, feed := io.Pipe() // nobody ever closes it
	ctx, interrupt := context.WithCancel(t.Context())
	defer interrupt()
	answered := make(chan struct{})
	out := writer(func(p []byte) (int, error) {
		close(answered)
		return len(p), nil
	})
	go func() {
		_, _ = io.WriteString(feed, "{\"id\":1,\"n\":1}\n")
		<-answered
		interrupt()
	}()
	summary, err := within(ctx, t, in, out)
	if !errors.Is(err, context.Canceled) || summary != (batch.Summary{Read: 1, Answered: 1}) {
		t.Errorf("%+v, %v", summary, err)
	}

	in, feed = io.Pipe()
	go func() { _, _ = io.WriteString(feed, "{\"id\":1,\"n\":1}\n") }()
	if _, err := within(t.Context(), t, in, failing{}); err == nil || !strings.Contains(err.Error(), "pipe closed") {
		t.Errorf("%v", err)
	}
}

type writer func([]byte) (int, error)

func (w writer) Write(p []byte) (int, error) { return w(p) }

func within(ctx context.Context, t *testing.T, in io.Reader, out io.Writer) (batch.Summary, error) {
	t.Helper()
	type result struct {
		summary batch.Summary
		err     error
	}
	done := make(chan result, 1)
	go func() {
		s, err := batch.Run(ctx, in, out, batch.Options{}, double)
		done <- result{s, err}
	}()
	select {
	case r := <-done:
		return r.summary, r.err
	case <-time.After(30 * time.Second):
		t.Fatal("the run does not end")
		return batch.Summary{}, nil
	}
}

// TestRunStopsAnsweringWhenInterrupted sees that no line is refused because the
// run was: what is written is whole.
func TestRunStopsAnsweringWhenInterrupted(t *testing.T) {
	ctx, interrupt := context.WithCancel(t.Context())
	defer interrupt()
	var out strings.Builder
	summary, err := batch.Run(ctx, strings.NewReader(strings.Repeat("{\"id\":1,\"n\":1}\n", 1000)), &out, batch.Options{Jobs: 4},
		func(ctx context.Context, _ []byte) (any, error) {
			interrupt()
			<-ctx.Done()
			return nil, ctx.Err()
		})
	if !errors.Is(err, context.Canceled) || summary != (batch.Summary{}) || out.Len() != 0 {
		t.Errorf("%+v, %v, %q", summary, err, out.String())
	}
}
