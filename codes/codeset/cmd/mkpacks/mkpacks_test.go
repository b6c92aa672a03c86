package main

import (
	"fmt"
	"strings"
	"testing"

	"chartroom/codes/codeset/internal/compile"
)

func TestProcedureIndexLines(t *testing.T) {
	rows := []compile.IndexRow{{Kind: compile.IndexProcedures, Title: "Supplement"}}
	rows = indexLines(rows, "Bladder **0TUB**\nIntestine\n\tLarge **0DUE**\n\t\tLeft **0DUG**\nsee Replacement")
	rows = indexLines(rows, "(continued)\nIntestine (continued)\n\tSmall **0DU8**\nEye see Repair, Eye **08Q**\nNerve use Vagus Nerve")
	want := []string{
		"0 Supplement  see Replacement", "1 Bladder 0TUB", "1 Intestine", "2 Large 0DUE", "3 Left 0DUG",
		"2 Small 0DU8", "1 Eye 08Q see Repair, Eye", "1 Nerve  see Vagus Nerve",
	}
	var got []string
	for _, r := range rows {
		line := fmt.Sprintf("%d %s %s", r.Depth, r.Title, r.Code)
		if r.See != "" {
			line += " see " + r.See
		}
		got = append(got, strings.TrimSpace(line))
	}
	if strings.Join(got, "|") != strings.Join(want, "|") {
		t.Errorf("\n got %q\nwant %q", got, want)
	}
}

func TestDifferenceNamesTheValue(t *testing.T) {
	cases := []struct{ a, b, want string }{
		{"Computerized Tomography (CT Scan) of Brain using High Osmolar Contrast", "Computerized Tomography (CT Scan) of Brain", "High Osmolar Contrast"},
		{"CT of Brain using Low Osmolar Contrast, Unenhanced and Enhanced", "CT of Brain using Low Osmolar Contrast", "Unenhanced and Enhanced"},
		{"Drainage of Liver, Open Approach", "Drainage of Liver, Percutaneous Approach", "Open"},
		{"Same", "Same", ""},
	}
	for _, c := range cases {
		if got := difference(c.a, c.b); got != c.want {
			t.Errorf("difference(%q, %q) = %q, want %q", c.a, c.b, got, c.want)
		}
	}
}

func TestAxisNamesAreReadAndWidened(t *testing.T) {
	tree := &pcsTree{labels: map[compile.LabelRow]bool{
		{Context: "027", Axis: 4, Value: '0', Text: "Coronary Artery, One Artery"}:        true,
		{Context: "02B", Axis: 4, Value: '5', Text: "Atrial Septum"}:                      true,
		{Context: "027", Axis: 6, Value: '4', Text: "Intraluminal Device, Drug- eluting"}: true,
	}}
	codes := map[string]bool{"0270346": true, "02753ZZ": true, "X2A5312": true}
	names, err := newAxisNames(tree, map[string]string{}, codes)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		code string
		axis int
		want string
	}{
		{"0270346", 1, "Medical and Surgical"}, {"0270346", 4, "Coronary Artery, One Artery"}, {"0270346", 5, "Percutaneous"},
		{"0270346", 6, "Intraluminal Device, Drug-eluting"}, {"0270346", 7, ""}, {"02753ZZ", 4, "Atrial Septum"}, {"02753ZZ", 6, "None"},
		{"X2A5312", 2, "Cardiovascular System"}, {"X2A5312", 3, "Assistance"}, {"X2A5312", 4, ""}, {"X2A5312", 7, "New Technology Group 2"},
	} {
		if got := names.name(c.code, c.axis); got != c.want {
			t.Errorf("%s axis %d is %q, want %q", c.code, c.axis, got, c.want)
		}
	}
	if got := names.title("0270346"); !strings.Contains(got, "Qualifier 6 (not named in the sources)") {
		t.Errorf("a name that no source has must be shown as its character: %q", got)
	}
}

func TestListedCodes(t *testing.T) {
	got := listedCodes("1\nA00-A09\nA00\nA00.0\r\n\nT36.0X1A\n")
	if strings.Join(got, " ") != "A00 A000 T360X1A" {
		t.Errorf("%v", got)
	}
}

func TestBrokenDatabaseIsRefused(t *testing.T) {
	for _, data := range [][]byte{nil, make([]byte, 100), make([]byte, 3*lmdbPage), []byte(strings.Repeat("\xff", 4*lmdbPage))} {
		if v, err := lmdbValue(data, "key"); err == nil {
			t.Errorf("%d bytes give %d", len(data), len(v))
		}
	}
}

func TestMissingPackageIsNamed(t *testing.T) {
	err := run([]string{"-in", t.TempDir(), "-out", t.TempDir()}, &strings.Builder{})
	if err == nil || !strings.Contains(err.Error(), "simple-icd-10-cm 1.4.0") {
		t.Errorf("%v", err)
	}
	if err := run(nil, &strings.Builder{}); err == nil {
		t.Error("-in may not be missing")
	}
}

func FuzzLMDB(f *testing.F) {
	f.Add(make([]byte, 3*lmdbPage))
	f.Fuzz(func(_ *testing.T, data []byte) {
		_, _ = lmdbValue(data, "key") // any answer but a panic
	})
}
