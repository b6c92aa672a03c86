package rules

import (
	"strconv"
	"strings"
	"time"
)

var months = map[string]time.Month{
	"january": 1, "jan": 1, "february": 2, "feb": 2, "march": 3, "mar": 3, "april": 4, "apr": 4, "may": 5, "june": 6, "jun": 6, "july": 7, "jul": 7,
	"august": 8, "aug": 8, "september": 9, "sep": 9, "sept": 9, "october": 10, "oct": 10, "november": 11, "nov": 11, "december": 12, "dec": 12,
}

// dateAt reads a whole date that begins at word i: 02/03/2026 (month first),
// 2026-02-03, February 3, 2026 or 3 February 2026. to is the word after it.
func (t *text) dateAt(i int) (date time.Time, to int, ok bool) {
	if i+2 >= len(t.tokens) {
		return time.Time{}, 0, false
	}
	a, b, c := t.tokens[i], t.tokens[i+1], t.tokens[i+2]
	if m, named := months[a.word]; named {
		return whole(c.word, int(m), number(b.word), i)
	}
	if m, named := months[b.word]; named {
		return whole(c.word, int(m), number(a.word), i)
	}
	if (a.after == '/' || a.after == '-') && a.after == b.after {
		if len(a.word) == 4 {
			return whole(a.word, number(b.word), number(c.word), i)
		}
		return whole(c.word, number(a.word), number(b.word), i)
	}
	return time.Time{}, 0, false
}

func number(s string) int {
	if s == "" || !digit(s[0]) {
		return -1
	}
	n, err := strconv.Atoi(s)
	if err != nil {
		return -1
	}
	return n
}

func whole(year string, month, dayOf, i int) (time.Time, int, bool) {
	y := number(year)
	if len(year) == 2 && y >= 0 {
		if y += 2000; y > 2040 {
			y -= 100
		}
	}
	d := time.Date(y, time.Month(month), dayOf, 0, 0, 0, 0, time.UTC)
	if y < 1850 || y > 2150 || month < 1 || month > 12 || d.Day() != dayOf {
		return time.Time{}, 0, false
	}
	return d, i + 3, true
}

// clockAt reads a time of day at word i: 14:05, 0915.
func (t *text) clockAt(i int) (hour, minute int, ok bool) {
	w := t.word(i)
	h, m, cut := strings.Cut(w, ":")
	if !cut {
		if len(w) != 4 {
			return 0, 0, false
		}
		h, m = w[:2], w[2:]
	}
	hour, minute = number(h), number(m)
	return hour, minute, hour >= 0 && hour < 24 && minute >= 0 && minute < 60 && len(m) == 2
}

// parseNumber reads the number a value begins with ("4,310 g" is 4310), and what
// follows it.
func parseNumber(s string) (value float64, rest string, ok bool) {
	s = strings.TrimLeft(s, " <>=~")
	n := 0
	for n < len(s) && (digit(s[n]) || s[n] == '.' || s[n] == ',' || n == 0 && s[n] == '-') {
		n++
	}
	digits := strings.TrimRight(strings.ReplaceAll(s[:n], ",", ""), ".")
	value, err := strconv.ParseFloat(digits, 64)
	return value, strings.TrimSpace(s[n:]), err == nil
}
