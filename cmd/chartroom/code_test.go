package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"chartroom/internal/batch"
)

// batchRun runs a command over lines and returns its answers.
func batchRun(t *testing.T, lines string, args ...string) ([]map[string]any, error) {
	t.Helper()
	var out, errs bytes.Buffer
	err := run(t.Context(), args, strings.NewReader(lines), &out, &errs)
	var answers []map[string]any
	for line := range strings.SplitSeq(strings.TrimSpace(out.String()), "\n") {
		var a map[string]any
		if jerr := json.Unmarshal([]byte(line), &a); jerr != nil {
			t.Fatalf("answer %q: %v (%s)", line, jerr, errs.String())
		}
		answers = append(answers, a)
	}
	return answers, err
}

func TestCodeSuggest(t *testing.T) {
	lines := `{"id":"a","text":"ASSESSMENT: COPD exacerbation"}` + "\n" +
		`{"id":7,"documents":[{"type":"progress note","author_role":"physician","text":"Gout."},{"text":"Hypertension."}],"date":"20260301"}` + "\n"
	answers, err := batchRun(t, lines, "code", "suggest")
	if err != nil {
		t.Fatal(err)
	}
	if len(answers) != 2 || answers[0]["id"] != "a" || answers[1]["id"] != float64(7) {
		t.Fatalf("ids and order: %v", answers)
	}
	first := answers[0]["codes"].([]any)[0].(map[string]any)
	if first["system"] != "icd10cm" || first["code"] != "J44.1" {
		t.Errorf("first code: %v", first)
	}
	span := first["evidence"].([]any)[0].(map[string]any)
	if _, has := span["document"]; has || span["start"] != float64(12) || span["end"] != float64(29) {
		t.Errorf("evidence of a text: %v", span)
	}
	for _, c := range answers[1]["codes"].([]any) {
		if _, has := c.(map[string]any)["evidence"].([]any)[0].(map[string]any)["document"]; !has {
			t.Errorf("evidence of a record names its document: %v", c)
		}
	}
}

func TestCodeSuggestRefusesLines(t *testing.T) {
	lines := strings.Join([]string{
		`{"id":1,"text":"a \xff b"}`, `{"id":2}`, `{"id":3,"text":"x","setting":"spa"}`, `{"id":4,"text":"x","date":"yesterday"}`,
		`{"id":5,"text":"x","date":"1999-01-01"}`, `{"id":6,"text":5}`, `not json`, `{"id":8,"text":"Gout."}`,
	}, "\n")
	lines = strings.Replace(lines, `\xff`, "\xff", 1)
	answers, err := batchRun(t, lines, "code", "suggest", "--jobs", "1")
	if !errors.Is(err, batch.ErrRefused) {
		t.Fatalf("got %v, want ErrRefused", err)
	}
	want := []string{"bad-text", "no-text", "bad-setting", "bad-date", "no-edition", "bad-field", "bad-json", ""}
	if len(answers) != len(want) {
		t.Fatalf("%d answers to %d lines", len(answers), len(want))
	}
	for i, a := range answers {
		got := ""
		if e, ok := a["error"].(map[string]any); ok {
			got, _ = e["code"].(string)
		}
		if got != want[i] {
			t.Errorf("line %d: %q, want %q: %v", i+1, got, want[i], a)
		}
	}
}

func TestCodeLookup(t *testing.T) {
	answers, err := batchRun(t, `{"id":"t","term":"acute appendicitis"}`+"\n", "code", "lookup", "--limit", "3")
	if err != nil {
		t.Fatal(err)
	}
	hits := answers[0]["hits"].([]any)
	if len(hits) == 0 || len(hits) > 3 {
		t.Fatalf("%d hits", len(hits))
	}
	if code := hits[0].(map[string]any)["code"].(string); !strings.HasPrefix(code, "K35") {
		t.Errorf("first hit %s", code)
	}
}
