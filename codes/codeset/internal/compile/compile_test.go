package compile

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"chartroom/codes/codeset/internal/pack"
)

var update = flag.Bool("update", false, "write the golden files anew")

// small compiles the hand-made edition.
func small(tb testing.TB) *Content {
	tb.Helper()
	tab, err := ReadTabular(strings.NewReader(smallTabular))
	if err != nil {
		tb.Fatal(err)
	}
	rows, err := FillSeventh(tab, smallCodes)
	if err != nil {
		tb.Fatal(err)
	}
	return &Content{
		Manifest: pack.Manifest{System: "icd10cm", Name: "FY2031", Release: "2030-10-01", From: "2030-10-01", To: "2031-09-30",
			Sources: []pack.Source{{Package: "invented", Version: "1", File: "small.xml"}}},
		Codes: rows, Groups: tab.Groups, Homes: tab.Homes, Notes: tab.Notes, Sevenths: tab.Sevenths,
		Index: DeriveIndex(tab, rows),
	}
}

func TestTabular(t *testing.T) {
	tab, err := ReadTabular(strings.NewReader(smallTabular))
	if err != nil {
		t.Fatal(err)
	}
	var groups []string
	for _, g := range tab.Groups {
		groups = append(groups, fmt.Sprintf("%s %s <%d", g.ID, g.Title, g.Parent))
	}
	want := "A00-B99 Diseases of invented organs <-1|A00-B49 Outer section <0|A00-A09 Diseases of gizzard <1|B20-B20 Grit <0"
	if got := strings.Join(groups, "|"); got != want {
		t.Errorf("groups\n got %s\nwant %s", got, want)
	}
	if len(tab.Nodes) != 8 || tab.Version != "2031" {
		t.Errorf("%d codes of %q", len(tab.Nodes), tab.Version)
	}
	notes := map[string]int{}
	for _, n := range tab.Notes {
		notes[fmt.Sprintf("%s %d", n.Owner, n.Kind)]++
		if n.Text == "" {
			t.Error("an empty note was kept")
		}
	}
	for key, n := range map[string]int{"A00-B99 1": 1, "A00-B99 4": 1, "A00 3": 1, "A00 6": 2, "A000 2": 1, "A01 8": 1, "A01 5": 1, "B20-B20 0": 1, "B20 1": 1} {
		if notes[key] != n {
			t.Errorf("notes %q: %d, want %d", key, notes[key], n)
		}
	}
	if len(tab.Sevenths) != 2 || tab.Sevenths[1].Char != 'S' {
		t.Errorf("seventh characters: %v", tab.Sevenths)
	}
}

func TestSeventhCharacterTitles(t *testing.T) {
	c := small(t)
	titles := map[string]string{}
	billable := 0
	for _, r := range c.Codes {
		titles[r.Code] = r.Title
		if r.Flags&Billable != 0 {
			billable++
		}
	}
	if got := titles["A010XXA"]; got != "Displaced fracture of wishbone, initial encounter for closed fracture" {
		t.Errorf("A010XXA: %q", got)
	}
	if got := titles["A011XXS"]; got != "Other fracture of wishbone, sequela" {
		t.Errorf("A011XXS: %q", got)
	}
	if billable != 7 {
		t.Errorf("%d billable codes, want 7", billable)
	}
	tab, err := ReadTabular(strings.NewReader(smallTabular))
	if err != nil {
		t.Fatal(err)
	}
	for _, bad := range []string{"A02", "A011XXZ", "A000XXA"} {
		if _, err := FillSeventh(tab, append([]string{bad}, smallCodes...)); err == nil || !strings.Contains(err.Error(), bad) {
			t.Errorf("%s is not in the list: %v", bad, err)
		}
	}
}

// The same input compiles to the same bytes, today and on the day the golden
// file was made.
func TestCompilingIsDeterministic(t *testing.T) {
	first, err := small(t).Encode()
	if err != nil {
		t.Fatal(err)
	}
	for range 5 {
		again, err := small(t).Encode()
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(first, again) {
			t.Fatal("the same content compiles to other bytes")
		}
	}
	golden := filepath.Join("testdata", "small.pack")
	if *update {
		if err := os.WriteFile(golden, first, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(first, want) {
		t.Error("the pack differs from testdata/small.pack; if the format changed, raise its version and run with -update")
	}
}

func TestIndexFile(t *testing.T) {
	x, err := ReadIndex(strings.NewReader(smallIndex))
	if err != nil {
		t.Fatal(err)
	}
	if x.Kind != IndexDiseases || x.Main != 2 || len(x.Rows) != 5 {
		t.Fatalf("kind %d, %d main terms, %d rows", x.Kind, x.Main, len(x.Rows))
	}
	acute := x.Rows[2]
	if acute.Title != "acute NEC" || acute.Depth != 2 || acute.NonEssential[0] != "sudden" || acute.Code != "A00.0" {
		t.Errorf("acute: %+v", acute)
	}
	if f := x.Rows[0]; len(f.NonEssential) != 2 || f.Code != "R50.9" {
		t.Errorf("fever: %+v", f)
	}
	if f := x.Rows[3]; f.See != "Molt, fever" || f.SeeAlso != "Grit" || x.Rows[1].Manif != "B20" {
		t.Errorf("feather: %+v", f)
	}
	n, err := ReadIndex(strings.NewReader(smallNeoplasm))
	if err != nil {
		t.Fatal(err)
	}
	if n.Kind != IndexNeoplasm || n.Rows[0].Cells != [6]string{"C80.1", "", "", "", "", "D49.9"} || n.Rows[1].Cells[0] != "C16.-" || n.Rows[1].Cells[1] != "" {
		t.Errorf("table of neoplasms: %+v", n.Rows)
	}
}

func TestProcedureFiles(t *testing.T) {
	tab, err := ReadPCSTables(strings.NewReader(smallTables))
	if err != nil {
		t.Fatal(err)
	}
	if len(tab.Tables) != 1 || tab.Tables[0].Values != [4]string{"01", "03", "Z", "Z"} || tab.Definitions[0].Text != "Making wider" {
		t.Errorf("%+v %+v", tab.Tables, tab.Definitions)
	}
	x, err := ReadPCSIndex(strings.NewReader(smallPCSIndex))
	if err != nil {
		t.Fatal(err)
	}
	if r := x.Index[0]; len(x.Index) != 4 || r.See != "Dilation, Heart" || r.Code != "027" || x.Index[1].Depth != 1 || x.Index[3].See != "One" {
		t.Errorf("%+v", x.Index)
	}
}

func TestDerivedIndex(t *testing.T) {
	tab := &TabularFile{Nodes: []CodeRow{
		{Code: "J44", Title: "Other chronic obstructive pulmonary disease"},
		{Code: "J449", Title: "Chronic obstructive pulmonary disease, unspecified"},
		{Code: "E1165", Title: "Type 2 diabetes mellitus with hyperglycemia"},
		{Code: "I50", Title: "Heart failure"},
		{Code: "I509", Title: "Heart failure, unspecified"},
		{Code: "C509", Title: "Malignant neoplasm of breast of unspecified site"},
		{Code: "Z6837", Title: "Body mass index [BMI] 37.0-37.9, adult"},
		{Code: "R296", Title: "Repeated falls"},
		{Code: "A419", Title: "Sepsis, unspecified organism"},
		{Code: "W11", Title: "Fall on and from ladder"},
		{Code: "T360X1", Title: "Poisoning by penicillins, accidental (unintentional)"},
	}, Notes: []NoteRow{{Owner: "I509", Kind: noteInclusionTerm, Text: "Congestive heart failure NOS"}}}
	rows := []CodeRow{{Code: "J449", Flags: Billable}, {Code: "E1165", Flags: Billable}, {Code: "I509", Flags: Billable}, {Code: "C509", Flags: Billable}, {Code: "A419", Flags: Billable}, {Code: "W11XXXA", Flags: Billable}}
	paths := map[string]string{}
	var stack []string
	for _, r := range DeriveIndex(tab, rows) {
		stack = append(stack[:r.Depth], r.Title)
		paths[strings.ToLower(strings.Join(stack, " > "))] = r.Code + r.Cells[0]
	}
	for path, code := range map[string]string{
		"disease > pulmonary > obstructive > chronic":                 "J44.9",
		"disease > pulmonary > obstructive > chronic > specified nec": "J44.-",
		"diabetes > type 2 > with hyperglycemia":                      "E11.65",
		"failure > heart":                                             "I50.9",
		"failure > heart > congestive":                                "I50.9",
		"neoplasm, neoplastic > breast":                               "C50.9",
		"sepsis":                                                      "A41.9",
		"penicillins":                                                 "T36.0X1-",
	} {
		if got, ok := paths[path]; !ok || got != code {
			t.Errorf("%s leads to %q, want %q", path, got, code)
		}
	}
	if t.Failed() {
		t.Log(paths)
	}
}
