package incoming

// Inside the package: the pure parts, how a line is read and held against stays.

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"chartroom/internal/chart"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

var today = time.Date(2026, 9, 30, 12, 0, 0, 0, time.UTC)

func TestParseDischarges(t *testing.T) {
	for _, c := range []struct {
		name, text string
		want       []Discharge
		rejected   []Rejected
	}{
		{"headings in any order", "Unit,Discharge Date,Patient Name,MRN,Account Number\n4W,03/14/2026,\"Quillfeather, Amos\",MB0012345,E-1001\n",
			[]Discharge{{"E-1001", "MB0012345", "Quillfeather, Amos", "2026-03-14", "4W"}}, nil},
		{"pasted from a spreadsheet, without headings", "E-1001\tMB0012345\tQuillfeather, Amos\t2026-03-14 10:15\t4 West\r\n",
			[]Discharge{{"E-1001", "MB0012345", "Quillfeather, Amos", "2026-03-14", "4 West"}}, nil},
		{"semicolons and a byte order mark", "\uFEFFacct;mrn;date\nE-1;MB1;14 Mar 2026\n", []Discharge{{Account: "E-1", MRN: "MB1", Day: "2026-03-14"}}, nil},
		{"numbers that begin like headings", "ACCT99017,MRN9948177,\"Quillfeather, Amos\",03/14/2026\n",
			[]Discharge{{Account: "ACCT99017", MRN: "MRN9948177", Name: "Quillfeather, Amos", Day: "2026-03-14"}}, nil},
		{"a day that is none", "acct;mrn;date\nE-1;MB1;2026-02-30\nE-2;MB2;2026-02-28\n", []Discharge{{Account: "E-2", MRN: "MB2", Day: "2026-02-28"}},
			[]Rejected{{2, "the discharge date is no date of the calendar"}}},
		{"nobody", "acct,mrn,name,date\n,,Amos,2026-03-14\n,,,\n", nil,
			[]Rejected{{2, "neither account number, record number nor full name"}, {3, "no discharge date"}}},
	} {
		got, rejected, err := ParseDischarges(c.text, today)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s: %s", c.name, diff)
		}
		if diff := cmp.Diff(c.rejected, rejected); diff != "" {
			t.Errorf("%s: %s", c.name, diff)
		}
	}
	for _, bad := range []string{"", "\n\n", "account,mrn\n", strings.Repeat("E-1,MB1,A B,2026-03-14\n", MaxLines+1)} {
		if _, _, err := ParseDischarges(bad, today); err == nil {
			t.Errorf("a list of %d bytes was taken", len(bad))
		}
	}
}

func FuzzParseDischarges(f *testing.F) {
	f.Add("Account,MRN,Name,Discharged\nE-1,MB1,\"A, B\",03/14/2026\n")
	f.Add("E-1\tMB1\tA B\t2026-02-30\t4 West\n\"")
	f.Fuzz(func(t *testing.T, text string) {
		accepted, rejected, err := ParseDischarges(text, today)
		if err != nil {
			return
		}
		if len(accepted)+len(rejected) == 0 || len(accepted)+len(rejected) > MaxLines {
			t.Errorf("%d accepted, %d rejected", len(accepted), len(rejected))
		}
		for _, d := range accepted {
			if _, err := time.Parse(time.DateOnly, d.Day); err != nil {
				t.Errorf("accepted the day %q", d.Day)
			}
		}
	})
}

// TestCountsAddUp: whatever the list and the records, every line comes to one
// state, and every encounter of the days is on the list or not.
func TestCountsAddUp(t *testing.T) {
	days := []string{"2026-03-13", "2026-03-14", "2026-03-15"}
	number := rapid.SampledFrom([]string{"", "1", "2", "3", "4"})
	rapid.Check(t, func(t *rapid.T) {
		var lines []Discharge
		for range rapid.IntRange(0, 8).Draw(t, "lines") {
			d := Discharge{Account: number.Draw(t, "account"), MRN: number.Draw(t, "mrn"), Day: rapid.SampledFrom(days).Draw(t, "day")}
			if who := number.Draw(t, "name"); who != "" {
				d.Name = "Family" + who + ", Given"
			}
			lines = append(lines, d)
		}
		var stays []stay
		for i := range rapid.IntRange(0, 8).Draw(t, "stays") {
			who := number.Draw(t, "who")
			s := stay{
				id: fmt.Sprint("s", i), number: number.Draw(t, "number"), mrn: who, family: []string{"family" + who}, names: []string{"family" + who, "given"},
				day: rapid.SampledFrom(append(days, "")).Draw(t, "ended"), ofDays: rapid.Bool().Draw(t, "of the days"),
			}
			if rapid.Bool().Draw(t, "incomplete") {
				s.missing = []string{"discharge summary"}
			}
			stays = append(stays, s)
		}
		verdicts, unlisted := hold(lines, stays)
		asked := make([]Line, 0, len(lines))
		for i, d := range lines {
			asked = append(asked, Line{Number: i + 1, Discharge: d})
		}
		held := judged(asked, verdicts, stays)
		for n, at := range unlisted {
			held = append(held, stays[at].line(len(lines)+n+1, chart.Name{}))
		}
		c := countLines(held)
		if c.Lines != len(lines) || c.Lines != c.Here+c.Incomplete+c.Differs+c.Absent+c.Twice {
			t.Fatalf("lines do not add up: %+v", c)
		}
		found, first := map[int]bool{}, 0
		for i, v := range verdicts {
			if v.stay < 0 != (v.state == LineAbsent) {
				t.Fatalf("line %d is %s with stay %d", i, v.state, v.stay)
			}
			if v.stay >= 0 {
				found[v.stay] = true
				if v.state != LineTwice {
					first++
				}
			}
		}
		if first != len(found) {
			t.Fatalf("%d stays were found, %d times first", len(found), first)
		}
		for at, s := range stays {
			listed := found[at]
			isUnlisted := false
			for _, u := range unlisted {
				isUnlisted = isUnlisted || u == at
			}
			if s.ofDays && listed == isUnlisted || isUnlisted && !s.ofDays {
				t.Fatalf("stay %d: found %v, not on the list %v", at, listed, isUnlisted)
			}
		}
		if c.Encounters != len(found)+len(unlisted) || c.Encounters != c.OnList+c.Unlisted {
			t.Fatalf("encounters do not add up: %+v", c)
		}
	})
}

// TestHoldByAnyWordOfTheFamilyName: lists leave out particles, and second family names.
func TestHoldByAnyWordOfTheFamilyName(t *testing.T) {
	stays := []stay{{family: []string{"de", "la", "cruz"}, names: []string{"de", "la", "cruz", "maria"}, day: "2026-03-14"}}
	for name, want := range map[string]LineState{
		"de la Cruz, Maria": LineHere, "Cruz, Maria": LineHere, "De La Cruz": LineHere, "Maria": LineAbsent, "Cruz, Marta": LineAbsent,
	} {
		verdicts, _ := hold([]Discharge{{Name: name, Day: "2026-03-14"}}, stays)
		if verdicts[0].state != want {
			t.Errorf("%s is %s, not %s", name, verdicts[0].state, want)
		}
	}
}

func TestHold(t *testing.T) {
	s := func(number, mrn, family, day string, missing ...string) stay {
		return stay{number: number, mrn: mrn, family: []string{family}, names: []string{family, "amos"}, day: day, ofDays: true, missing: missing}
	}
	stays := []stay{
		s("E-1001", "MB001", "quill", "2026-03-14"), s("E-1002", "MB002", "bright", "2026-03-14", "discharge summary"),
		s("E-1003", "MB003", "quill", "2026-03-14"), s("E-1004", "MB004", "stone", "2026-03-15"), s("E-1005", "MB005", "field", "2026-03-14"),
	}
	lines := []Discharge{
		{Account: "e1001", Day: "2026-03-14"},
		{MRN: "MB-002", Day: "2026-03-14"},
		{Name: "Quill, Amos", Day: "2026-03-14"},
		{Account: "E-1004", Day: "2026-03-14"},
		{Account: "E-1001", MRN: "MB001", Day: "2026-03-14"},
		{Account: "E-9999", MRN: "MB999", Name: "Nobody, Here", Day: "2026-03-14"},
	}
	verdicts, unlisted := hold(lines, stays)
	want := []verdict{{LineHere, 0}, {LineIncomplete, 1}, {LineHere, 2}, {LineDiffers, 3}, {LineTwice, 0}, {LineAbsent, -1}}
	for i, v := range verdicts {
		if v != want[i] {
			t.Errorf("line %d: %+v, not %+v", i+1, v, want[i])
		}
	}
	if len(unlisted) != 1 || unlisted[0] != 4 {
		t.Errorf("not on the list: %v", unlisted)
	}
}
