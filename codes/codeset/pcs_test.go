package codeset

import (
	"strings"
	"testing"
)

func TestPCSEditions(t *testing.T) {
	want := map[string]int{"2024-10-01": 78948, "2025-04-01": 78986, "2025-10-01": 79115, "2026-04-01": 79193}
	for _, e := range Embedded().Editions(ICD10PCS) {
		if want[e.Release] != e.Billable {
			t.Errorf("%s: %d codes, want %d", e.Release, e.Billable, want[e.Release])
		}
		delete(want, e.Release)
	}
	if len(want) > 0 {
		t.Errorf("missing %v", want)
	}
	if on(t, ICD10PCS, "2026-03-31").Edition().Release != "2025-10-01" || on(t, ICD10PCS, "2026-04-01").Edition().Release != "2026-04-01" {
		t.Error("the April update begins on April 1")
	}
}

func TestPCSCode(t *testing.T) {
	set := on(t, ICD10PCS, "2026-05-01")
	c, ok := set.Code("02703dz")
	if !ok || c.Code != "02703DZ" || c.Title != "Dilation of Coronary Artery, One Artery with Intraluminal Device, Percutaneous Approach" || !c.Billable {
		t.Errorf("%+v %v", c, ok)
	}
	if _, ok := set.Code("0270"); ok {
		t.Error("0270 is no code")
	}
}

// The builder offers, from the first character to the last, only values that
// lead to a code, and all of them.
func TestBuildLeadsToEveryCode(t *testing.T) {
	set := on(t, ICD10PCS, "2026-05-01")
	axes := []string{"Section", "Body System", "Operation", "Body Part", "Approach", "Device", "Qualifier"}
	prefix := ""
	for _, char := range "02703DZ" {
		axis, next := set.Build(prefix)
		if axis != axes[len(prefix)] {
			t.Errorf("after %q comes %q", prefix, axis)
		}
		found := false
		for _, c := range next {
			found = found || c.Char == string(char) && c.Meaning != ""
		}
		if !found {
			t.Errorf("after %q, %c is not offered with a name", prefix, char)
		}
		prefix += string(char)
	}
	count := 0
	var walk func(prefix string)
	walk = func(prefix string) {
		if len(prefix) == 7 {
			count++
			return
		}
		_, next := set.Build(prefix)
		for _, c := range next {
			walk(prefix + c.Char)
		}
	}
	for _, section := range []string{"0D", "3", "B2", "X2"} {
		walk(section)
	}
	want := 0
	for i := range set.Len() {
		for _, section := range []string{"0D", "3", "B2", "X2"} {
			if strings.HasPrefix(set.At(i).Code, section) {
				want++
			}
		}
	}
	if count != want {
		t.Errorf("the builder reaches %d codes of %d", count, want)
	}
	for _, bad := range []string{"02703DZ", "IO", "99", "\x00"} {
		if axis, next := set.Build(bad); axis != "" || next != nil {
			t.Errorf("Build(%q) = %q, %v", bad, axis, next)
		}
	}
}

func TestTable(t *testing.T) {
	set := on(t, ICD10PCS, "2026-05-01")
	table, ok := set.Table("0270")
	if !ok || table.Prefix != "027" || table.Fixed[2].Meaning != "Dilation" || !strings.Contains(table.Definition, "Expanding an orifice") {
		t.Fatalf("%+v %v", table, ok)
	}
	codes := map[string]bool{}
	for _, row := range table.Rows {
		for _, a := range row.Values[0] {
			for _, b := range row.Values[1] {
				for _, c := range row.Values[2] {
					for _, d := range row.Values[3] {
						code := "027" + a.Char + b.Char + c.Char + d.Char
						if codes[code] {
							t.Errorf("%s stands in two rows", code)
						}
						codes[code] = true
						if _, ok := set.Code(code); !ok {
							t.Errorf("the table allows %s", code)
						}
					}
				}
			}
		}
	}
	for i := range set.Len() {
		if c := set.At(i).Code; strings.HasPrefix(c, "027") && !codes[c] {
			t.Errorf("the table does not allow %s", c)
		}
	}
	if _, ok := set.Table("02"); ok {
		t.Error("two characters name no table")
	}
	if _, ok := on(t, ICD10CM, "2026-05-01").Table("E11"); ok {
		t.Error("ICD-10-CM has no tables")
	}
}

func TestPCSHierarchyAndAxes(t *testing.T) {
	set := on(t, ICD10PCS, "2026-05-01")
	up := set.Ancestors("02703DZ")
	if len(up) != 6 || up[3].Code != "027" || up[3].Title != "Dilation" || up[5].Title != "Medical and Surgical" {
		t.Errorf("%v", up)
	}
	if got := set.Ancestors("ZZZ"); got != nil {
		t.Errorf("%v", got)
	}
	if got := len(set.Chapters()); got != 17 {
		t.Errorf("%d sections, want 17", got)
	}
	if axis, value := set.Axis("02703DZ", 5); axis != "Approach" || value.Meaning != "Percutaneous" {
		t.Errorf("%s %v", axis, value)
	}
	if d := set.Definition("0", 3, "B"); !strings.Contains(d, "portion of a body part") {
		t.Errorf("Excision: %q", d)
	}
	if d := set.Definition("0", 5, "Open"); !strings.Contains(d, "Cutting through the skin") {
		t.Errorf("Open: %q", d)
	}
	if set.Sex("0UT90ZZ") != FemaleOnly || set.Sex("0VT00ZZ") != MaleOnly || set.Sex("02703DZ") != AnySex {
		t.Error("the sex of procedures")
	}
}

// Titles put together here are marked, and say so where a name is missing.
func TestMadeTitlesAreMarked(t *testing.T) {
	set := on(t, ICD10PCS, "2026-05-01")
	made := 0
	for i := range set.Len() {
		c := set.At(i)
		if set.TitleDerived(c.Code) {
			made++
		} else if strings.Contains(c.Title, "not named in the sources") {
			t.Errorf("%+v is not marked", c)
		}
		if c.Title == "" {
			t.Errorf("%s has no title", c.Code)
		}
	}
	if made == 0 || made > 400 {
		t.Errorf("%d titles were put together", made)
	}
}
