package fhir

import (
	"errors"
	"time"
)

// Precision is how much of a date was given.
type Precision uint8

// The precisions, from none to fractions of a second.
const (
	NoTime Precision = iota
	Year
	Month
	Day
	Minute // not of the standard, which wants seconds, but met in practice
	Second
	Fraction
)

// DateTime is a date, dateTime or instant with the precision it came with.
type DateTime struct {
	// Time holds what was given, the rest at its lowest value. Without an offset
	// it is placed in UTC: see In.
	Time      time.Time
	Precision Precision
	Zoned     bool // an offset from UTC was given
}

// NewDateTime returns a DateTime of t to the second, with its offset.
func NewDateTime(t time.Time) DateTime {
	return DateTime{Time: t.Truncate(time.Second), Precision: Second, Zoned: true}
}

// NewDate returns a DateTime of the day of t.
func NewDate(t time.Time) DateTime {
	y, m, d := t.Date()
	return DateTime{Time: time.Date(y, m, d, 0, 0, 0, 0, time.UTC), Precision: Day}
}

// IsZero reports whether no date was given.
func (d DateTime) IsZero() bool { return d.Precision == NoTime }

// In returns the instant, reading a date that came without an offset as wall
// clock of loc.
func (d DateTime) In(loc *time.Location) time.Time {
	if d.Zoned || d.IsZero() {
		return d.Time
	}
	y, m, day := d.Time.Date()
	hh, mm, ss := d.Time.Clock()
	return time.Date(y, m, day, hh, mm, ss, d.Time.Nanosecond(), loc)
}

// String returns the date in the form of the standard.
func (d DateTime) String() string {
	if d.IsZero() || d.Precision > Fraction {
		return ""
	}
	layout := [...]string{"", "2006", "2006-01", "2006-01-02", "2006-01-02T15:04", "2006-01-02T15:04:05",
		"2006-01-02T15:04:05.999999999"}[d.Precision]
	if d.Zoned && d.Precision > Day {
		layout += "Z07:00"
	}
	return d.Time.Format(layout)
}

// MarshalText writes the date as String does.
func (d DateTime) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// ErrDateTime is returned for text that is no date.
var ErrDateTime = errors.New("fhir: not a date YYYY[-MM[-DD[Thh:mm:ss[.sss](Z|+hh:mm|-hh:mm)]]]")

// ParseDateTime reads a date of any precision.
func ParseDateTime(s string) (DateTime, error) {
	var part [6]int
	part[1], part[2] = 1, 1
	var ok bool
	if part[0], ok = cut(&s, 4, 0); !ok || part[0] == 0 {
		return DateTime{}, ErrDateTime
	}
	d := DateTime{Precision: Year}
	for i := 1; i <= 2 && s != ""; i++ {
		if part[i], ok = cut(&s, 2, '-'); !ok {
			return DateTime{}, ErrDateTime
		}
		d.Precision++
	}
	nanos, loc := 0, time.UTC
	if s != "" {
		if d.Precision != Day {
			return DateTime{}, ErrDateTime
		}
		if nanos, loc, ok = cutClock(&d, s, &part); !ok {
			return DateTime{}, ErrDateTime
		}
	}
	d.Time = time.Date(part[0], time.Month(part[1]), part[2], part[3], part[4], min(part[5], 59), nanos, loc)
	y, m, day := d.Time.Date()
	if y != part[0] || int(m) != part[1] || day != part[2] || part[3] > 23 || part[4] > 59 || part[5] > 60 {
		return DateTime{}, ErrDateTime
	}
	return d, nil
}

// cutClock reads Thh:mm[:ss[.fff]][zone].
func cutClock(d *DateTime, s string, part *[6]int) (nanos int, loc *time.Location, ok bool) {
	if part[3], ok = cut(&s, 2, 'T'); !ok {
		return 0, nil, false
	}
	if part[4], ok = cut(&s, 2, ':'); !ok {
		return 0, nil, false
	}
	d.Precision = Minute
	if s != "" && s[0] == ':' {
		if part[5], ok = cut(&s, 2, ':'); !ok {
			return 0, nil, false
		}
		d.Precision = Second
		if s != "" && s[0] == '.' {
			d.Precision = Fraction
			if nanos, ok = cutFraction(&s); !ok {
				return 0, nil, false
			}
		}
	}
	if s == "" {
		return nanos, time.UTC, true
	}
	d.Zoned = true
	loc, ok = zone(s)
	return nanos, loc, ok
}

func cutFraction(s *string) (nanos int, ok bool) {
	text := (*s)[1:]
	n, scale := 0, 100_000_000
	for n < len(text) && text[n] >= '0' && text[n] <= '9' {
		nanos += int(text[n]-'0') * scale
		scale /= 10
		n++
	}
	*s = text[n:]
	return nanos, n > 0
}

func zone(s string) (*time.Location, bool) {
	if s == "Z" {
		return time.UTC, true
	}
	sign := 1
	switch s[0] {
	case '+':
	case '-':
		sign = -1
	default:
		return nil, false
	}
	hours, ok1 := cut(&s, 2, s[0])
	minutes, ok2 := cut(&s, 2, ':')
	if !ok1 || !ok2 || s != "" || hours > 14 || minutes > 59 {
		return nil, false
	}
	if hours == 0 && minutes == 0 {
		return time.UTC, true
	}
	return time.FixedZone("", sign*(hours*3600+minutes*60)), true
}

// cut takes a separator (0 for none) and n digits from the front of s.
func cut(s *string, n int, sep byte) (int, bool) {
	t := *s
	if sep != 0 {
		if t == "" || t[0] != sep {
			return 0, false
		}
		t = t[1:]
	}
	if len(t) < n {
		return 0, false
	}
	value := 0
	for _, c := range []byte(t[:n]) {
		if c < '0' || c > '9' {
			return 0, false
		}
		value = value*10 + int(c-'0')
	}
	*s = t[n:]
	return value, true
}

func (r *reading) date(c cursor) DateTime {
	if !r.want(c, text) {
		return DateTime{}
	}
	d, err := ParseDateTime(nodeText(c.d.text, c.d.nodes[c.i]))
	if err != nil {
		r.fail(c, "not a date YYYY[-MM[-DD[Thh:mm:ss[.sss](Z|+hh:mm|-hh:mm)]]]")
	}
	return d
}
