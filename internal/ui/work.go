package ui

import "time"

// Work is the list of work as the page shows it.
type Work struct {
	Rows     []WorkRow
	Total    string // "41 to do", in words
	Late     int
	Filter   WorkFilter
	Units    []string
	Next     string // address of the next page, "" after the last
	CSV      string // address of what is shown, as CSV
	MayStart bool
}

// WorkFilter is what the list is narrowed to; each field is the value of its
// control.
type WorkFilter struct{ State, Setting, Unit, Mine string }

// WorkRow is one encounter to be coded.
type WorkRow struct {
	Encounter string
	Record    string
	Number    string
	Patient   string
	MRN       string
	Setting   string
	Unit      string
	Service   string
	Ended     string
	Due       string // day
	Clock     string // "3 days late", "due today", "in 2 days"
	Late      bool
	Soon      bool
	Why       string
	State     string
	Codes     int
	Offered   int
	Texts     int
	Coder     string
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
	case n == 0:
		return "due today", false, true
	case n == 1:
		return "due tomorrow", false, true
	default:
		return "in " + Plural(n, "day"), false, false
	}
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

// Settings are the choices of a setting filter.
var Settings = []string{"inpatient", "outpatient", "emergency", "professional", "nursing_facility"}
