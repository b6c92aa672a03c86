package work

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// TestClockCases reads the table of cases.
func TestClockCases(t *testing.T) {
	file, err := os.Open(filepath.Join("testdata", "clock.case"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	lines := bufio.NewScanner(file)
	n := 0
	for number := 1; lines.Scan(); number++ {
		line, _, _ := strings.Cut(lines.Text(), "#")
		if strings.TrimSpace(line) == "" {
			continue
		}
		n++
		fields := strings.Split(line, "|")
		if len(fields) != 5 {
			t.Fatalf("line %d has %d fields", number, len(fields))
		}
		for i := range fields {
			fields[i] = strings.TrimSpace(fields[i])
		}
		zone, err := time.LoadLocation(fields[1])
		if err != nil {
			t.Fatalf("line %d: %v", number, err)
		}
		rule, extensions := readRule(t, fields[0])
		c := Calendar{Zone: zone, Off: FederalHolidays()}
		got := rule.Due(readMoment(t, fields[2], zone), c)
		for _, days := range extensions {
			got = rule.Extended(got, days, c)
		}
		if rule.EndOfDay {
			got = got.Truncate(time.Minute)
		}
		if want := readMoment(t, fields[3], zone); !got.Equal(want) {
			t.Errorf("line %d, %s from %s in %s: due %s, not %s: %s", number, fields[0], fields[2], fields[1],
				got.In(zone).Format("2006-01-02 15:04:05 -0700"), want.In(zone).Format("2006-01-02 15:04 -0700"), fields[4])
		}
	}
	if n < 30 {
		t.Errorf("only %d cases were read", n)
	}
}

func readRule(t *testing.T, text string) (Rule, []int) {
	t.Helper()
	var r Rule
	var extensions []int
	words := strings.Fields(text)
	n, err := strconv.Atoi(words[0])
	if err != nil {
		t.Fatalf("rule %q: %v", text, err)
	}
	for i := 1; i < len(words); i++ {
		switch words[i] {
		case "hours":
			r.Hours = n
		case "day", "days":
			r.Days = n
		case "working":
			r.Working = true
		case "end":
			r.EndOfDay = true
		case "roll":
			r.Roll = true
		case "+":
			i++
			more, err := strconv.Atoi(words[i])
			if err != nil {
				t.Fatalf("rule %q: %v", text, err)
			}
			extensions = append(extensions, more)
		default:
			t.Fatalf("rule %q: what is %q?", text, words[i])
		}
	}
	return r, extensions
}

func readMoment(t *testing.T, text string, zone *time.Location) time.Time {
	t.Helper()
	at, err := time.Parse("2006-01-02 15:04 -0700", text)
	if err != nil {
		at, err = time.ParseInLocation("2006-01-02 15:04", text, zone)
	}
	if err != nil {
		t.Fatal(err)
	}
	return at
}

// slowDue works a due moment out the long way: it walks the minutes of the last
// day as the clock on the wall shows them. It is right for whole minutes.
func slowDue(r Rule, from time.Time, c Calendar) time.Time {
	if r.Hours > 0 {
		return from.Add(time.Duration(r.Hours) * time.Hour)
	}
	works := func(date string) bool {
		at, _ := time.Parse(time.DateOnly, date)
		return c.works(dayOf(at))
	}
	next := func(date string) string {
		at, _ := time.Parse(time.DateOnly, date)
		return at.Add(24 * time.Hour).Format(time.DateOnly)
	}
	date := from.In(c.Zone).Format(time.DateOnly)
	for left := r.Days; left > 0; {
		date = next(date)
		if !r.Working || works(date) {
			left--
		}
	}
	for r.Roll && !works(date) {
		date = next(date)
	}
	noon, _ := time.Parse(time.DateOnly, date)
	clock := from.In(c.Zone).Format("15:04")
	var last, end time.Time
	for at := noon.Add(-40 * time.Hour); at.Before(noon.Add(64 * time.Hour)); at = at.Add(time.Minute) {
		wall := at.In(c.Zone)
		if wall.Format(time.DateOnly) > date && end.IsZero() {
			end = at
		}
		if wall.Format(time.DateOnly) == date && wall.Format("15:04") <= clock {
			last = at
		}
	}
	if r.EndOfDay {
		return end.Add(-time.Microsecond)
	}
	if last.In(c.Zone).Format("15:04") == clock {
		return last
	}
	return last.Add(time.Minute) // the clock was put over that time
}

// TestClockAgreesWithTheLongWay compares the clock with a slow one, on days on
// which and around which clocks change, and any other.
func TestClockAgreesWithTheLongWay(t *testing.T) {
	zones := []string{"America/New_York", "America/Chicago", "America/Phoenix", "Pacific/Honolulu", "America/Havana", "Europe/Lisbon", "Australia/Lord_Howe", "Asia/Kathmandu", "America/Sao_Paulo", "UTC"}
	changes := []string{"2026-03-08", "2026-11-01", "2027-03-14", "2027-11-07", "2028-02-29", "2026-12-31", "2018-11-04", "2018-02-18", "2026-04-05", "2026-10-04", "2026-03-29"}
	rapid.Check(t, func(rt *rapid.T) {
		zone, err := time.LoadLocation(rapid.SampledFrom(zones).Draw(rt, "zone"))
		if err != nil {
			rt.Fatal(err)
		}
		r := Rule{
			Days: rapid.IntRange(0, 45).Draw(rt, "days"), Working: rapid.Bool().Draw(rt, "working"),
			EndOfDay: rapid.Bool().Draw(rt, "end of day"), Roll: rapid.Bool().Draw(rt, "roll"),
		}
		around, err := time.Parse(time.DateOnly, rapid.SampledFrom(changes).Draw(rt, "around"))
		if err != nil {
			rt.Fatal(err)
		}
		from := around.Add(time.Duration(rapid.IntRange(-60*24*60, 2*24*60).Draw(rt, "minutes")) * time.Minute)
		if rapid.Bool().Draw(rt, "onto the change") {
			r.Working, r.Roll = false, false
			from = around.AddDate(0, 0, -r.Days).Add(time.Duration(rapid.IntRange(0, 30*60).Draw(rt, "minute")) * time.Minute)
		}
		c := Calendar{Zone: zone, Off: FederalHolidays()}
		if got, want := r.Due(from, c), slowDue(r, from, c); !got.Equal(want) {
			rt.Fatalf("%+v from %s: %s, the long way %s", r, from.In(zone), got.In(zone), want.In(zone))
		}
	})
}

// TestDueNeverComesEarlier: more days are never less time, and a due moment is
// never before its event.
func TestDueNeverComesEarlier(t *testing.T) {
	zone, err := time.LoadLocation("America/New_York")
	if err != nil {
		t.Fatal(err)
	}
	c := Calendar{Zone: zone, Off: FederalHolidays()}
	rapid.Check(t, func(rt *rapid.T) {
		from := time.Unix(rapid.Int64Range(1_700_000_000, 1_900_000_000).Draw(rt, "from"), 0)
		days := rapid.IntRange(0, 90).Draw(rt, "days")
		r := Rule{Days: days, EndOfDay: rapid.Bool().Draw(rt, "end"), Working: rapid.Bool().Draw(rt, "working")}
		more := r
		more.Days++
		if r.Due(from, c).Before(from) || !more.Due(from, c).After(r.Due(from, c)) {
			rt.Fatalf("%+v from %s: %s, a day more: %s", r, from, r.Due(from, c), more.Due(from, c))
		}
	})
}

func TestFederalHolidays(t *testing.T) {
	// Days on which federal offices were or will be closed, as published by the
	// Office of Personnel Management.
	published := map[int]string{
		2021: "01-01 01-18 02-15 05-31 06-18 07-05 09-06 10-11 11-11 11-25 12-24 12-31",
		2024: "01-01 01-15 02-19 05-27 06-19 07-04 09-02 10-14 11-11 11-28 12-25",
		2026: "01-01 01-19 02-16 05-25 06-19 07-03 09-07 10-12 11-11 11-26 12-25",
	}
	for year, want := range published {
		var got []string
		for d := (day{year, time.January, 1}); d.year == year; d = d.plus(1) {
			for _, h := range FederalHolidays() {
				if h.on(d) {
					got = append(got, fmt.Sprintf("%02d-%02d", d.month, d.day))
				}
			}
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%d: %v, not %s", year, got, want)
		}
	}
}

func ExampleRule_Due() {
	zone, err := time.LoadLocation("America/Chicago")
	if err != nil {
		fmt.Println(err)
		return
	}
	discharged := time.Date(2026, 9, 14, 10, 30, 0, 0, zone)
	complete := Rule{Citation: "42 CFR 482.24(c)(4)(vii)", Days: 30, EndOfDay: true}
	fmt.Println(complete.Due(discharged, Calendar{Zone: zone}).In(zone).Format("2006-01-02 15:04"))
	// Output: 2026-10-14 23:59
}
