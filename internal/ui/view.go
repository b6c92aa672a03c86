package ui

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Frame is what the frame around every page needs.
type Frame struct {
	Title       string // of the browser window; never patient data
	Room        string // address of the room that is current: "/work"
	Theme       string // "light", "dark" or "" to follow the system
	User        string // name of the person signed in
	Account     string // sign-in name
	Roles       []string
	Rooms       []Room
	Views       []Room // lists inside the rooms, for "go to"
	Script      string // ES module of the page: "js/coding/desk.js"; "" for none beside app.js
	ReadOnly    string // what the bar says while the department is read-only; "" for nothing
	IdleSeconds int    // until the page locks itself
	Wide        bool   // the page fills the window and scrolls in its panes
}

// Room is one entry of the bar at the top.
type Room struct{ Name, Path string }

// Zone is the time zone that pages show times in.
type Zone struct{ *time.Location }

// Date writes a day, "" for none.
func (z Zone) Date(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.In(z.Location).Format("2006-01-02")
}

// Minute writes a moment to the minute, "" for none.
func (z Zone) Minute(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.In(z.Location).Format("2006-01-02 15:04")
}

// Clock says how far a due moment is from now, in whole days of a zone.
func (z Zone) Clock(due, now time.Time) (text string, late, soon bool) {
	if due.IsZero() {
		return "", false, false
	}
	day := func(t time.Time) int {
		y, m, d := t.In(z.Location).Date()
		return int(time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Unix() / 86400)
	}
	switch n := day(due) - day(now); {
	case n < 0:
		return Plural(-n, "day") + " late", true, false
	case n == 0 && due.Before(now):
		return "late since " + due.In(z.Location).Format("15:04"), true, false
	case n == 0:
		return "due today", false, true
	case n == 1:
		return "due tomorrow", false, true
	default:
		return "in " + Plural(n, "day"), false, false
	}
}

// Plural writes a count with its noun: "1 encounter", "12 encounters".
func Plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	if strings.HasSuffix(noun, "y") && !strings.HasSuffix(noun, "ay") {
		return fmt.Sprintf("%s %sies", Thousands(n), strings.TrimSuffix(noun, "y"))
	}
	return fmt.Sprintf("%s %ss", Thousands(n), noun)
}

// Thousands writes a whole number with separators.
func Thousands(n int) string {
	s := strconv.Itoa(n)
	neg := strings.HasPrefix(s, "-")
	s = strings.TrimPrefix(s, "-")
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	if neg {
		return "-" + s
	}
	return s
}

// Upper1 writes the first letter of a term as a capital, for the start of a
// cell or heading.
func Upper1(s string) string {
	if s == "" || s[0] < 'a' || s[0] > 'z' {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

// SettingName writes a setting as tables show it.
func SettingName(setting string) string {
	switch setting {
	case "nursing_facility":
		return "Nursing facility"
	case "":
		return ""
	default:
		return Upper1(setting)
	}
}

func current(is bool) string {
	if is {
		return "page"
	}
	return "false"
}

// DemoSignIn is a sign-in of the demo department, shown on its sign-in page.
type DemoSignIn struct{ Name, Password, Role string }

// FirstPerson is what was typed into the set-up form.
type FirstPerson struct{ Code, Login, Name string }
