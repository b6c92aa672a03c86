package hl7v2

import (
	"errors"
	"time"
)

// Precision is how much of a timestamp was given.
type Precision uint8

// The precisions, from none to fractions of a second.
const (
	NoTime Precision = iota
	Year
	Month
	Day
	Hour
	Minute
	Second
	Fraction
)

// String returns the precision's name in lower case.
func (p Precision) String() string {
	if p > Fraction {
		return "unknown"
	}
	return [...]string{"none", "year", "month", "day", "hour", "minute", "second", "fraction"}[p]
}

// Timestamp is a point in time as a message gives it:
// YYYY[MM[DD[HH[MM[SS[.S[S[S[S]]]]]]]]][+/-ZZZZ] (HL7 v2 data types TS, DTM, DT).
type Timestamp struct {
	// Time holds what was given, the rest at its lowest value. Without an
	// offset it is the wall clock of the sender, placed in UTC: see In.
	Time      time.Time
	Precision Precision
	// Zoned says that the message gave an offset from UTC.
	Zoned bool
}

// IsZero reports whether no time was given.
func (t Timestamp) IsZero() bool { return t.Precision == NoTime }

// In returns the instant, reading a time that came without an offset as wall
// clock of loc.
func (t Timestamp) In(loc *time.Location) time.Time {
	if t.Zoned || t.IsZero() {
		return t.Time
	}
	y, m, d := t.Time.Date()
	hh, mm, ss := t.Time.Clock()
	return time.Date(y, m, d, hh, mm, ss, t.Time.Nanosecond(), loc)
}

// String returns the timestamp as a message would hold it.
func (t Timestamp) String() string {
	layouts := [...]string{"", "2006", "200601", "20060102", "2006010215", "200601021504", "20060102150405", "20060102150405.0000"}
	if t.Precision > Fraction || t.IsZero() {
		return ""
	}
	out := t.Time.Format(layouts[t.Precision])
	if t.Zoned {
		out += t.Time.Format("-0700")
	}
	return out
}

// ErrTimestamp is returned for text that is no timestamp.
var ErrTimestamp = errors.New("hl7v2: not a timestamp YYYY[MM[DD[HH[MM[SS[.SSSS]]]]]][+/-ZZZZ]")

// ParseTimestamp reads a timestamp of any precision, with or without offset.
// Empty text gives the zero Timestamp.
func ParseTimestamp(text string) (Timestamp, error) {
	if text == "" {
		return Timestamp{}, nil
	}
	body, offset, zoned, ok := cutOffset(text)
	if !ok {
		return Timestamp{}, ErrTimestamp
	}
	whole, nanos, fraction, ok := cutFraction(body)
	if !ok {
		return Timestamp{}, ErrTimestamp
	}
	n := len(whole)
	if n < 4 || n > 14 || n%2 != 0 {
		return Timestamp{}, ErrTimestamp
	}
	part := [6]int{0, 1, 1, 0, 0, 0}
	precision := NoTime
	for i, at := range [...][2]int{{0, 4}, {4, 6}, {6, 8}, {8, 10}, {10, 12}, {12, 14}} {
		if n < at[1] {
			break
		}
		value, ok := digits(whole[at[0]:at[1]])
		if !ok {
			return Timestamp{}, ErrTimestamp
		}
		part[i] = value
		precision++
	}
	if fraction {
		if precision != Second {
			return Timestamp{}, ErrTimestamp
		}
		precision = Fraction
	}
	return buildTimestamp(part, nanos, precision, offset, zoned)
}

func buildTimestamp(part [6]int, nanos int, precision Precision, offset int, zoned bool) (Timestamp, error) {
	loc := time.UTC
	if zoned && offset != 0 {
		loc = time.FixedZone("", offset)
	}
	if !validDay(part[0], part[1], part[2]) || !validClock(part[3], part[4], part[5]) {
		return Timestamp{}, ErrTimestamp
	}
	t := time.Date(part[0], time.Month(part[1]), part[2], part[3], part[4], part[5], nanos, loc)
	return Timestamp{Time: t, Precision: precision, Zoned: zoned}, nil
}

func validDay(year, month, day int) bool {
	if year == 0 || month < 1 || month > 12 || day < 1 {
		return false
	}
	return day <= time.Date(year, time.Month(month)+1, 0, 0, 0, 0, 0, time.UTC).Day()
}

// validClock takes 24:00:00 and a 60th second, which name the next instant:
// senders do write them.
func validClock(hour, minute, second int) bool {
	if hour == 24 {
		return minute == 0 && second == 0
	}
	return hour < 24 && minute < 60 && second <= 60
}

// cutOffset takes the offset, in seconds east of UTC, from the end.
func cutOffset(text string) (body string, offset int, zoned, ok bool) {
	i := len(text) - 5
	if i < 0 || text[i] != '+' && text[i] != '-' {
		return text, 0, false, true
	}
	hours, ok1 := digits(text[i+1 : i+3])
	minutes, ok2 := digits(text[i+3:])
	if !ok1 || !ok2 || hours > 14 || minutes > 59 {
		return "", 0, false, false
	}
	offset = hours*3600 + minutes*60
	if text[i] == '-' {
		offset = -offset
	}
	return text[:i], offset, true, true
}

// cutFraction takes the fraction of a second, up to nine digits, from the end.
func cutFraction(text string) (whole string, nanos int, found, ok bool) {
	for i := range len(text) {
		if text[i] != '.' {
			continue
		}
		tail := text[i+1:]
		if len(tail) == 0 || len(tail) > 9 {
			return "", 0, false, false
		}
		nanos, ok = digits(tail)
		for range 9 - len(tail) {
			nanos *= 10
		}
		return text[:i], nanos, true, ok
	}
	return text, 0, false, true
}

func digits(text string) (int, bool) {
	n := 0
	for i := range len(text) {
		if text[i] < '0' || text[i] > '9' {
			return 0, false
		}
		n = n*10 + int(text[i]-'0')
	}
	return n, true
}
