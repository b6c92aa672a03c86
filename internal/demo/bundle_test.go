package demo_test

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"

	"chartroom/internal/demo"
	"chartroom/internal/demo/charts"
)

// resources are the resources of a chart's bundle as JSON, by type.
func resources(t *testing.T, c charts.Chart) map[string][]string {
	t.Helper()
	raw, err := demo.Bundle(c)
	if err != nil {
		t.Fatal(err)
	}
	var b struct {
		Entry []struct {
			Resource json.RawMessage `json:"resource"`
		} `json:"entry"`
	}
	if err := json.Unmarshal(raw, &b); err != nil {
		t.Fatal(err)
	}
	out := map[string][]string{}
	for _, e := range b.Entry {
		var r struct {
			Type string `json:"resourceType"`
		}
		if err := json.Unmarshal(e.Resource, &r); err != nil {
			t.Fatal(err)
		}
		out[r.Type] = append(out[r.Type], string(e.Resource))
	}
	return out
}

// What the rules of deficiency analysis rest on must be in what the interface
// sends, or not in it.
func TestBundleCarriesWhatTheRulesNeed(t *testing.T) {
	all, err := charts.All()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		chart, kind, holds string
		want               int // resources of the kind that hold it
	}{
		{"p06", "Patient", `"deceasedDateTime":"2026-08-11"`, 1},
		{"p06", "Patient", `Димитрова`, 1},
		{"p09", "Coverage", `"period":{"end":"2026-03-31","start":"2025-01-01"}`, 1},
		{"p09", "Encounter", `"status":"finished"`, 2},
		{"p10", "Coverage", `"order":1`, 2},
		{"p11", "ServiceRequest", `telephone order, read back; not authenticated`, 1},
		{"p11", "DocumentReference", `2062-09-24T09:20:00`, 1},
		{"p12", "Condition", `Gestational diabetes mellitus`, 1},
		{"p12", "Condition", `"encounter"`, 2},
		{"p12", "DocumentReference", `"creation":"2026-06-22T10:20:00-04:00"`, 1},
		{"p12", "DocumentReference", `"date":"2026-06-21T08:35:00-04:00"`, 1},
		{"p13", "DocumentReference", `"creation"`, 8}, // one of nine is undated
		{"p13", "DocumentReference", `"date"`, 8},
		{"p14", "Procedure", `"performedDateTime":"2026-08-26T09:00:00-04:00"`, 1},
		{"p15", "Encounter", `dischargeDisposition`, 1},
		{"p17", "Encounter", `"status":"cancelled"`, 1},
		{"p17", "Encounter", `"status":"in-progress"`, 1},
		{"c07", "DocumentReference", `"docStatus":"preliminary"`, 1},
		{"c07", "ServiceRequest", `complete blood count`, 1},
		{"d02b", "Encounter", ``, 0},
		{"d02b", "Patient", `MB0092790`, 1},
		{"c06", "MedicationRequest", `"note":[{"text":"home medication"}]`, 2},
	} {
		i := slices.IndexFunc(all, func(a charts.Chart) bool { return strings.HasPrefix(a.ID, c.chart) })
		if i < 0 {
			t.Fatalf("there is no chart %s", c.chart)
		}
		got := 0
		for _, r := range resources(t, all[i])[c.kind] {
			if strings.Contains(r, c.holds) {
				got++
			}
		}
		if got != c.want {
			t.Errorf("%s: %d of %s hold %q, want %d", c.chart, got, c.kind, c.holds, c.want)
		}
	}
}

// What was planted, and the gold, stay outside the department.
func TestBundleKeepsSecrets(t *testing.T) {
	all, err := charts.All()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range all {
		raw, err := demo.Bundle(c)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range c.Planted {
			if strings.Contains(string(raw), p.What) {
				t.Errorf("%s: the bundle says %q", c.ID, p.What)
			}
		}
		for _, g := range slices.Concat(c.Gold.Diagnoses, c.Gold.Procedures) {
			if strings.Contains(string(raw), `"`+g.Code+`"`) {
				t.Errorf("%s: the bundle holds the gold code %s", c.ID, g.Code)
			}
		}
	}
}

// Every reference of every bundle leads to a resource of it.
func TestBundleReferencesLead(t *testing.T) {
	all, err := charts.All()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range all {
		ids, refs := map[string]bool{}, map[string]bool{}
		for kind, list := range resources(t, c) {
			for _, r := range list {
				var v map[string]any
				if err := json.Unmarshal([]byte(r), &v); err != nil {
					t.Fatal(err)
				}
				id, _ := v["id"].(string)
				ids[kind+"/"+id] = true
				collect(v, refs)
			}
		}
		for _, r := range slices.Sorted(maps.Keys(refs)) {
			if !ids[r] {
				t.Errorf("%s: %s is in no entry", c.ID, r)
			}
		}
	}
}

func collect(v any, refs map[string]bool) {
	switch v := v.(type) {
	case map[string]any:
		if r, ok := v["reference"].(string); ok {
			refs[r] = true
		}
		for _, x := range v {
			collect(x, refs)
		}
	case []any:
		for _, x := range v {
			collect(x, refs)
		}
	}
}
