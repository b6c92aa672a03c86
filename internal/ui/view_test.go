package ui_test

import (
	"testing"
	"time"

	"chartroom/internal/ui"
)

func TestPlural(t *testing.T) {
	for _, c := range []struct {
		n    int
		noun string
		want string
	}{
		{1, "encounter", "1 encounter"}, {0, "encounter", "0 encounters"}, {12, "day", "12 days"}, {2, "entry", "2 entries"}, {12345, "record", "12,345 records"},
	} {
		if got := ui.Plural(c.n, c.noun); got != c.want {
			t.Errorf("Plural(%d, %q) is %q, not %q", c.n, c.noun, got, c.want)
		}
	}
}

func TestThousands(t *testing.T) {
	for n, want := range map[int]string{0: "0", 999: "999", 1000: "1,000", 1234567: "1,234,567", -45678: "-45,678", -100: "-100"} {
		if got := ui.Thousands(n); got != want {
			t.Errorf("Thousands(%d) is %q, not %q", n, got, want)
		}
	}
}

// TestClock counts calendar days of the facility, also where a clock was put
// forward or back between.
func TestClock(t *testing.T) {
	zone, err := time.LoadLocation("America/New_York")
	if err != nil {
		t.Fatal(err)
	}
	z := ui.Zone{Location: zone}
	at := func(s string) time.Time {
		m, err := time.ParseInLocation("2006-01-02 15:04", s, zone)
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	for _, c := range []struct {
		due, now   string
		want       string
		late, soon bool
	}{
		{"2026-09-30 23:50", "2026-09-30 00:10", "due today", false, true},
		{"2026-10-01 00:10", "2026-09-30 23:50", "due tomorrow", false, true},
		{"2026-09-29 23:59", "2026-09-30 00:01", "1 day late", true, false},
		{"2026-09-20 08:00", "2026-09-30 08:00", "10 days late", true, false},
		{"2026-03-09 00:30", "2026-03-07 23:30", "in 2 days", false, false}, // an hour is missing on the 8th
		{"2026-11-02 23:30", "2026-10-31 00:30", "in 2 days", false, false}, // one is there twice on the 1st
		{"2024-03-01 12:00", "2024-02-28 12:00", "in 2 days", false, false}, // leap day
	} {
		got, late, soon := z.Clock(at(c.due), at(c.now))
		if got != c.want || late != c.late || soon != c.soon {
			t.Errorf("due %s at %s: %q, late %v, soon %v", c.due, c.now, got, late, soon)
		}
	}
	if got, _, _ := z.Clock(time.Time{}, at("2026-09-30 12:00")); got != "" {
		t.Errorf("no due date gives %q", got)
	}
}
