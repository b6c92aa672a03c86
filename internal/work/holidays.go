package work

import "time"

// Holiday is a day off that comes every year. Month and Day give a fixed date;
// with Nth set it is the Nth weekday of the month, the last one for -1.
type Holiday struct {
	Name    string
	Month   time.Month
	Day     int
	Nth     int
	Weekday time.Weekday
	Since   int  // first year, 0 for always
	Moves   bool // on a Saturday it is kept the Friday before, on a Sunday the Monday after
}

// FederalHolidays are the legal public holidays of the United States: 5 U.S.C.
// 6103(a), on the days that 6103(b) and Executive Order 11582 move them to.
func FederalHolidays() []Holiday {
	return []Holiday{
		{Name: "New Year's Day", Month: time.January, Day: 1, Moves: true},
		{Name: "Birthday of Martin Luther King, Jr.", Month: time.January, Nth: 3, Weekday: time.Monday, Since: 1986},
		{Name: "Washington's Birthday", Month: time.February, Nth: 3, Weekday: time.Monday},
		{Name: "Memorial Day", Month: time.May, Nth: -1, Weekday: time.Monday},
		{Name: "Juneteenth National Independence Day", Month: time.June, Day: 19, Since: 2021, Moves: true},
		{Name: "Independence Day", Month: time.July, Day: 4, Moves: true},
		{Name: "Labor Day", Month: time.September, Nth: 1, Weekday: time.Monday},
		{Name: "Columbus Day", Month: time.October, Nth: 2, Weekday: time.Monday},
		{Name: "Veterans Day", Month: time.November, Day: 11, Moves: true},
		{Name: "Thanksgiving Day", Month: time.November, Nth: 4, Weekday: time.Thursday},
		{Name: "Christmas Day", Month: time.December, Day: 25, Moves: true},
	}
}

// on says whether the holiday is kept on a day.
func (h Holiday) on(d day) bool {
	// New Year's Day can be kept on 31 December of the year before.
	return h.kept(d.year) == d || h.kept(d.year+1) == d
}

// kept is the day on which the holiday of a year is kept; the zero day where
// there is none yet.
func (h Holiday) kept(year int) day {
	if year < h.Since {
		return day{}
	}
	if h.Nth != 0 {
		return h.nth(year)
	}
	d := day{year, h.Month, h.Day}
	if !h.Moves {
		return d
	}
	switch d.weekday() {
	case time.Saturday:
		return d.plus(-1)
	case time.Sunday:
		return d.plus(1)
	default:
		return d
	}
}

func (h Holiday) nth(year int) day {
	if h.Nth < 0 {
		last := dayOf(time.Date(year, h.Month+1, 0, 12, 0, 0, 0, time.UTC))
		return last.plus(-(int(last.weekday()-h.Weekday+7) % 7) + 7*(h.Nth+1))
	}
	first := day{year, h.Month, 1}
	return first.plus(int(h.Weekday-first.weekday()+7)%7 + 7*(h.Nth-1))
}
