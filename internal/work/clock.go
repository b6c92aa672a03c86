package work

import (
	"slices"
	"time"
)

// Rule says by when something must be done: so many days or hours from an event.
//
// Hours are elapsed hours, whatever the clocks on the wall do meanwhile. Days
// are counted on the calendar of the facility: the day of the event is day 0,
// and the due moment shows the same time of day, or is the last of that day.
type Rule struct {
	Citation string // of the law or by-law, "42 CFR 482.24(c)(4)(vii)"; "" for a target of the department
	What     string // in words: "record complete within 30 days of discharge"
	From     string // the event: "discharge", "request received"
	Hours    int
	Days     int
	Working  bool // count working days only
	EndOfDay bool // due with the end of the last day
	Roll     bool // a last day that is no working day moves to the next that is
	Extend   Extension
}

// Extension says how far a due date may be moved. The zero value: not at all.
type Extension struct {
	Days    int  // at most so many at a time
	Times   int  // so often
	Working bool // counted in working days
}

// Calendar is where and when a facility works. The zero value is UTC without
// holidays, with Saturday and Sunday off.
type Calendar struct {
	Zone *time.Location
	Off  []Holiday // days off besides Saturday and Sunday
}

func (c Calendar) zone() *time.Location {
	if c.Zone == nil {
		return time.UTC
	}
	return c.Zone
}

// day is a day of the calendar, without a time zone.
type day struct {
	year  int
	month time.Month
	day   int
}

func dayOf(t time.Time) day {
	y, m, d := t.Date()
	return day{y, m, d}
}

func (d day) plus(n int) day {
	return dayOf(time.Date(d.year, d.month, d.day+n, 12, 0, 0, 0, time.UTC))
}

func (d day) weekday() time.Weekday {
	return time.Date(d.year, d.month, d.day, 12, 0, 0, 0, time.UTC).Weekday()
}

// works says whether a day is a working day.
func (c Calendar) works(d day) bool {
	if w := d.weekday(); w == time.Saturday || w == time.Sunday {
		return false
	}
	return !slices.ContainsFunc(c.Off, func(h Holiday) bool { return h.on(d) })
}

// after gives the day n days, or working days, after d.
func (c Calendar) after(d day, n int, working bool) day {
	if !working {
		return d.plus(n)
	}
	for n > 0 {
		if d = d.plus(1); c.works(d) {
			n--
		}
	}
	return d
}

// roll gives d, or the next working day where d is none.
func (c Calendar) roll(d day) day {
	for !c.works(d) {
		d = d.plus(1)
	}
	return d
}

// Due is the last moment at which what the rule asks for is in time, counted
// from the event.
func (r Rule) Due(from time.Time, c Calendar) time.Time {
	if r.Hours > 0 {
		return from.Add(time.Duration(r.Hours) * time.Hour).UTC()
	}
	return r.on(c.after(dayOf(from.In(c.zone())), r.Days, r.Working), from, c)
}

// Extended moves a due moment on by days: the same time of day, so many days
// later. It is for a number of days that the rule's Extension allows.
func (r Rule) Extended(due time.Time, days int, c Calendar) time.Time {
	return r.on(c.after(dayOf(due.In(c.zone())), days, r.Extend.Working), due, c)
}

// on is the due moment of the last day: its end, or the time of day of like.
func (r Rule) on(last day, like time.Time, c Calendar) time.Time {
	if r.Roll {
		last = c.roll(last)
	}
	if r.EndOfDay {
		return begin(last.plus(1), c.zone()).Add(-time.Microsecond).UTC()
	}
	return moment(last, clockOf(like.In(c.zone())), c.zone()).UTC()
}

// clockOf is what the clock on the wall shows at t, as time since midnight.
func clockOf(t time.Time) time.Duration {
	h, m, s := t.Clock()
	return time.Duration(h)*time.Hour + time.Duration(m)*time.Minute + time.Duration(s)*time.Second + time.Duration(t.Nanosecond())
}

// begin is the first moment of a day. Where the clocks are put forward at
// midnight, that is not 0:00; where they are put back over it, it comes twice.
func begin(d day, zone *time.Location) time.Time {
	all := readings(d, 0, zone)
	return slices.MinFunc(all, time.Time.Compare)
}

// moment is when the clock of a day has come past a time for good: the later of
// two where it shows it twice, and the moment of the change where it skips it. So
// a due moment never comes early because the clocks change.
func moment(d day, clock time.Duration, zone *time.Location) time.Time {
	all := readings(d, clock, zone)
	return slices.MaxFunc(all, time.Time.Compare)
}

// readings are the moments at which the clock shows a time on a day: one, two,
// or, where it shows it never, the moment at which it is put over it.
func readings(d day, clock time.Duration, zone *time.Location) []time.Time {
	wall := time.Date(d.year, d.month, d.day, 0, 0, 0, 0, time.UTC).Add(clock)
	near := wall.In(zone)
	var found []time.Time
	// Clocks are never more than a day and some hours from UTC, so the offsets
	// that can count are those in force two days around.
	for at := near.Add(-48 * time.Hour); ; {
		_, offset := at.Zone()
		t := wall.Add(-time.Duration(offset) * time.Second).In(zone)
		if _, o := t.Zone(); o == offset && !slices.ContainsFunc(found, t.Equal) {
			found = append(found, t)
		}
		_, end := at.ZoneBounds()
		if end.IsZero() || end.After(near.Add(48*time.Hour)) {
			break
		}
		at = end
	}
	if len(found) > 0 {
		return found
	}
	return []time.Time{change(wall, near, zone)}
}

// change is the moment at which the clock is put over a time that it never shows.
func change(wall, near time.Time, zone *time.Location) time.Time {
	at := near.Add(-48 * time.Hour)
	for {
		_, end := at.ZoneBounds()
		if end.IsZero() || end.After(near.Add(48*time.Hour)) {
			return near // cannot be: a time is skipped by a change alone
		}
		_, before := end.Add(-time.Nanosecond).In(zone).Zone()
		_, after := end.In(zone).Zone()
		first := wall.Add(-time.Duration(before) * time.Second) // as if the clock had gone on
		if after > before && !first.Before(end) && wall.Add(-time.Duration(after)*time.Second).Before(end) {
			return end
		}
		at = end
	}
}
