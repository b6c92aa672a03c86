package codeset

import (
	"fmt"
	"strings"
	"testing"
)

func TestReferences(t *testing.T) {
	cases := []struct{ text, want string }{
		{"diabetes mellitus due to underlying condition (E08.-)", "E08"},
		{"insulin (Z79.4)", "Z79.4"},
		{"certain conditions originating in the perinatal period (P00-P96)", "P00-P96"},
		{"complications of pregnancy (O00-O9A)", "O00-O9A"},
		{"congenital malformations (Q00-QA0)", "Q00-QA0"},
		{"heart failure (I50.-), cardiac arrest (I46.-)", "I50 I46"},
		{"drug, if applicable, to identify (T36-T50 with fifth or sixth character 5)", "T36-T50"},
		{"pressure ulcer (L89.-)", "L89"},
		{"gestational diabetes (O24.4-)", "O24.4"},
		{"secondary malignant neoplasm (C77-C79)", "C77-C79"},
		{"sequelae (I69.0-I69.9)", "I69.0-I69.9"},
		{"neuroendocrine tumors (C7A.-, C7B.-)", "C7A C7B"},
		{"level T4, HIV-1, COVID-19", ""},
		{"type A10X is no code", ""},
		{"(i.e. E05.8, E07.0, E16-E31, E34.-) may be used", "E05.8 E07.0 E16-E31 E34"},
		{"fracture, open S72.001B", "S72.001B"},
		{"", ""},
	}
	for _, c := range cases {
		var got []string
		for _, r := range References(c.text) {
			got = append(got, r.String())
		}
		if s := strings.Join(got, " "); s != c.want {
			t.Errorf("References(%q) = %q, want %q", c.text, s, c.want)
		}
	}
}

func TestRangeContains(t *testing.T) {
	r := Range{From: "E08", To: "E13"}
	for code, want := range map[string]bool{"E08": true, "e11.65": true, "E13.9": true, "E07.9": false, "E14": false, "E1": false, "": false} {
		if r.Contains(code) != want {
			t.Errorf("%v contains %q: %v", r, code, !want)
		}
	}
	sub := Range{From: "I50", To: "I50"}
	if !sub.Contains("I50.22") || sub.Contains("I51") {
		t.Error("I50.- is everything below I50 and nothing else")
	}
}

func ExampleReferences() {
	for _, r := range References("type 2 diabetes mellitus (E11.-), gestational diabetes (O24.4-)") {
		fmt.Println(r, r.Contains("E11.65"))
	}
	// Output:
	// E11 true
	// O24.4 false
}

func FuzzReferences(f *testing.F) {
	for _, s := range []string{"(E08-E13)", "A00.", "A00.-", "Z99-", "QA0-Q00", "\xff A00", "A00-A00-A00"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, r := range References(text) {
			if r.From == "" || r.To < r.From {
				t.Fatalf("%q gives %v", text, r)
			}
		}
	})
}
