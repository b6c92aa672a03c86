package codeset

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
)

func day(text string) time.Time {
	t, err := time.Parse(time.DateOnly, text)
	if err != nil {
		panic(err) // a mistake in the test itself
	}
	return t
}

// on returns the edition of a day, or ends the test.
func on(tb testing.TB, sys System, date string) *Set {
	tb.Helper()
	set, err := Embedded().On(sys, day(date))
	if err != nil {
		tb.Fatal(err)
	}
	return set
}

func TestEditionFollowsTheDay(t *testing.T) {
	lib := Embedded()
	cases := []struct {
		sys  System
		day  string
		want string
	}{
		{ICD10CM, "2024-10-01", "FY2025"},
		{ICD10CM, "2025-09-30", "FY2025"},
		{ICD10CM, "2025-10-01", "FY2026"},
		{ICD10CM, "2026-09-30", "FY2026"},
	}
	for _, c := range cases {
		set, err := lib.On(c.sys, day(c.day))
		if err != nil {
			t.Errorf("%s on %s: %v", c.sys, c.day, err)
			continue
		}
		if set.Edition().Name != c.want {
			t.Errorf("%s on %s is %s, want %s", c.sys, c.day, set.Edition().Name, c.want)
		}
	}
	for _, d := range []string{"2026-10-01", "2026-11-22", "2015-09-30"} {
		_, err := lib.On(ICD10CM, day(d))
		var missing *NoEditionError
		if !errors.As(err, &missing) || missing.System != ICD10CM {
			t.Fatalf("on %s: %v, want a NoEditionError", d, err)
		}
		if d > "2026" && missing.Newest.Name != "FY2026" {
			t.Errorf("on %s the newest edition is said to be %q", d, missing.Newest.Name)
		}
	}
	if _, err := lib.On(HCPCS, day("2026-01-01")); err == nil {
		t.Error("there is no edition of HCPCS in the program, and On gave one")
	}
}

func TestDayIsACalendarDay(t *testing.T) {
	east := time.FixedZone("east", 10*3600)
	late := time.Date(2025, 9, 30, 23, 59, 0, 0, east)
	set, err := Embedded().On(ICD10CM, late)
	if err != nil || set.Edition().Name != "FY2025" {
		t.Errorf("23:59 on September 30 belongs to the old year: %v, %v", set.Edition(), err)
	}
}

func TestCode(t *testing.T) {
	set := on(t, ICD10CM, "2026-09-30")
	cases := []struct {
		ask, code, title string
		billable         bool
	}{
		{"E11.65", "E11.65", "Type 2 diabetes mellitus with hyperglycemia", true},
		{"e1165", "E11.65", "Type 2 diabetes mellitus with hyperglycemia", true},
		{" I10 ", "I10", "Essential (primary) hypertension", true},
		{"E11", "E11", "Type 2 diabetes mellitus", false},
		{"E11.-", "E11", "Type 2 diabetes mellitus", false},
		{"S72.001A", "S72.001A", "Fracture of unspecified part of neck of right femur, initial encounter for closed fracture", true},
		{"T36.0X1A", "T36.0X1A", "Poisoning by penicillins, accidental (unintentional), initial encounter", true},
		{"E08.3211", "E08.3211", "Diabetes mellitus due to underlying condition with mild nonproliferative diabetic retinopathy with macular edema, right eye", true},
	}
	for _, c := range cases {
		got, ok := set.Code(c.ask)
		if !ok || got != (Code{c.code, c.title, c.billable}) {
			t.Errorf("Code(%q) = %+v, %v", c.ask, got, ok)
		}
	}
	for _, bad := range []string{"", "E", "E1", "E11.651", "ZZZ", "E11.65.", "\x00", strings.Repeat("E", 100), "02703DZ"} {
		if got, ok := set.Code(bad); ok && bad != "E11.65." {
			t.Errorf("Code(%q) = %+v", bad, got)
		}
	}
}

func TestHierarchy(t *testing.T) {
	set := on(t, ICD10CM, "2026-09-30")
	names := func(codes []Code) string {
		var out []string
		for _, c := range codes {
			out = append(out, c.Code)
		}
		return strings.Join(out, " ")
	}
	if got := names(set.Ancestors("E11.65")); got != "E11.6 E11 E08-E13 E00-E89" {
		t.Errorf("ancestors of E11.65: %s", got)
	}
	if got := names(set.Ancestors("E08-E13")); got != "E00-E89" {
		t.Errorf("ancestors of E08-E13: %s", got)
	}
	if got := names(set.Children("E11.6")); got != "E11.61 E11.62 E11.63 E11.64 E11.65 E11.69" {
		t.Errorf("children of E11.6: %s", got)
	}
	if got := names(set.Children("T36.0X1")); got != "T36.0X1A T36.0X1D T36.0X1S" {
		t.Errorf("children of T36.0X1: %s", got)
	}
	if got := names(set.Children("I10-I1A")); !strings.HasPrefix(got, "I10 I11 I12 I13 I15 I16") {
		t.Errorf("children of I10-I1A: %s", got)
	}
	if got := len(set.Chapters()); got != 22 {
		t.Errorf("%d chapters, want 22", got)
	}
	// Every code is reached once from the chapters down.
	seen := map[string]int{}
	var walk func(c Code)
	walk = func(c Code) {
		seen[c.Code]++
		for _, child := range set.Children(c.Code) {
			walk(child)
		}
	}
	for _, c := range set.Chapters() {
		for _, child := range set.Children(c.Code) {
			walk(child)
		}
	}
	for i := range set.Len() {
		if c := set.At(i).Code; seen[c] != 1 {
			t.Errorf("%s is reached %d times from the chapters", c, seen[c])
			return
		}
	}
}

func TestNotes(t *testing.T) {
	set := on(t, ICD10CM, "2026-09-30")
	find := func(code string, kind NoteKind, at, word string) *Note {
		for _, n := range set.Notes(code) {
			if n.Kind == kind && n.At == at && strings.Contains(n.Text, word) {
				return &n
			}
		}
		t.Errorf("%s has no note %q at %s with %q", code, kind, at, word)
		return &Note{}
	}
	if n := find("E11.65", UseAdditional, "E11", "insulin (Z79.4)"); len(n.Refs) != 1 || !n.Refs[0].Contains("Z79.4") {
		t.Errorf("use additional insulin refers to %v", n.Refs)
	}
	if n := find("E11.65", Excludes1, "E11", "E08"); n.Edition != "FY2026" {
		t.Errorf("the note is of %q", n.Edition)
	}
	find("I11.0", UseAdditional, "I11.0", "I50.-")
	find("I10", Includes, "I10", "high blood pressure")
	find("E11.9", Includes, "E11", "diabetes NOS")
	find("F02.80", CodeFirst, "F02", "underlying physiological condition")
	find("B20", Includes, "B20", "AIDS")
	find("I50.9", InclusionTerm, "I50.9", "Congestive heart failure NOS")
	for _, n := range set.Notes("S72.001A") {
		if n.Kind == InclusionTerm {
			t.Errorf("S72.001A inherits an inclusion term from %s", n.At)
		}
	}
	if len(set.Notes("E08-E13"))+len(set.Notes("C00-D49")) == 0 {
		t.Error("sections and chapters have no notes")
	}
}

func TestSeventhCharacters(t *testing.T) {
	set := on(t, ICD10CM, "2026-09-30")
	got := set.SeventhCharacters("S72.001")
	if len(got) != 16 || got[0] != (Choice{"A", "initial encounter for closed fracture"}) {
		t.Errorf("S72.001: %v", got)
	}
	if got := set.SeventhCharacters("E11.321"); len(got) != 4 || got[0].Meaning != "right eye" {
		t.Errorf("E11.321: %v", got)
	}
	if got := set.SeventhCharacters("I10"); got != nil {
		t.Errorf("I10: %v", got)
	}
}

func TestCodeAllocatesOnlyTheAnswer(t *testing.T) {
	set := on(t, ICD10CM, "2026-09-30")
	allocs := testing.AllocsPerRun(100, func() { set.Code("E11.65") })
	if allocs > 4 {
		t.Errorf("Code allocates %.0f times", allocs)
	}
}

func BenchmarkCode(b *testing.B) {
	set := on(b, ICD10CM, "2026-09-30")
	codes := make([]string, 1000)
	for i := range codes {
		codes[i] = set.At(i * 97 % set.Len()).Code
	}
	b.ResetTimer()
	for i := range b.N {
		if _, ok := set.Code(codes[i%len(codes)]); !ok {
			b.Fatal(codes[i%len(codes)])
		}
	}
}

func ExampleSet_Code() {
	set, err := Embedded().On(ICD10CM, time.Date(2026, 3, 14, 0, 0, 0, 0, time.UTC))
	if err != nil {
		fmt.Println(err)
		return
	}
	c, _ := set.Code("e1165")
	fmt.Println(c.Code, c.Title, c.Billable)
	// Output: E11.65 Type 2 diabetes mellitus with hyperglycemia true
}
