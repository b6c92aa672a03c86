package incoming

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"chartroom/internal/seal"
)

// Discharge is one line of a discharge list.
type Discharge struct {
	Account string `json:"a,omitempty"`
	MRN     string `json:"m,omitempty"`
	Name    string `json:"n,omitempty"`
	Day     string `json:"d,omitempty"` // YYYY-MM-DD
	Unit    string `json:"u,omitempty"`
}

// Rejected is a line of a list that could not be used. It repeats nothing of it.
type Rejected struct {
	Line int    `json:"line"` // from 1
	Why  string `json:"why"`
}

// MaxLines bounds a discharge list.
const MaxLines = 5000

// columns are the headings by which a column is known, folded, without spaces.
var columns = [][]string{
	{"account", "accountnumber", "acct", "acctno", "accountno", "visit", "visitnumber", "encounter", "encounternumber", "csn", "fin", "har"},
	{"mrn", "mr", "medicalrecordnumber", "recordnumber", "mrnumber", "unitnumber", "record"},
	{"name", "patient", "patientname"},
	{"discharged", "dischargedate", "date", "discharge", "dischdate", "dcdate", "enddate", "dischargedat", "ended"},
	{"unit", "nursingunit", "location", "ward", "floor", "department", "service"},
}

// ParseDischarges reads a discharge list: CSV, semicolons, bars or tabs, with a
// row of headings or in the order account, MRN, name, date, unit. Each line is
// accepted or rejected with its number; the two add up to the lines that are not
// empty.
func ParseDischarges(text string, now time.Time) (accepted []Discharge, rejected []Rejected, err error) {
	text = strings.TrimPrefix(strings.ToValidUTF8(text, "\uFFFD"), "\uFEFF")
	first, _, _ := strings.Cut(strings.TrimLeft(text, "\r\n"), "\n")
	r := csv.NewReader(strings.NewReader(text))
	r.Comma, r.FieldsPerRecord, r.LazyQuotes, r.TrimLeadingSpace = separator(first), -1, true, true
	at := []int{0, 1, 2, 3, 4}
	for n := 0; ; n++ {
		row, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, nil, fmt.Errorf("%w: the list cannot be read as a table", ErrBadInput)
		}
		line, _ := r.FieldPos(0)
		if n == 0 {
			if heads, ok := headings(row); ok {
				at = heads
				continue
			}
		}
		if len(accepted)+len(rejected) == MaxLines {
			return nil, nil, fmt.Errorf("%w: a list has at most %d lines", ErrBadInput, MaxLines)
		}
		d, why := dischargeOf(row, at, now)
		if why != "" {
			rejected = append(rejected, Rejected{line, why})
			continue
		}
		accepted = append(accepted, d)
	}
	if len(accepted)+len(rejected) == 0 {
		return nil, nil, fmt.Errorf("%w: the list is empty", ErrBadInput)
	}
	return accepted, rejected, nil
}

func separator(line string) rune {
	best, most := ',', 0
	for _, c := range []rune{'\t', ';', '|', ','} {
		if n := strings.Count(line, string(c)); n > most {
			best, most = c, n
		}
	}
	return best
}

// headings finds which column holds what; false where the row is data.
func headings(row []string) (at []int, ok bool) {
	at = []int{-1, -1, -1, -1, -1}
	known := 0
	for i, cell := range row {
		if digits(cell) > 0 { // "MRN0012345" is a number, not a heading
			continue
		}
		word := strings.Map(func(r rune) rune {
			if r >= 'a' && r <= 'z' {
				return r
			}
			return -1
		}, strings.ToLower(cell))
		for c, names := range columns {
			if at[c] < 0 && slices.Contains(names, word) {
				at[c] = i
				known++
				break
			}
		}
	}
	return at, known >= 2
}

func dischargeOf(row []string, at []int, now time.Time) (Discharge, string) {
	cell := func(c int) string {
		if at[c] < 0 || at[c] >= len(row) {
			return ""
		}
		return tidy(row[at[c]])
	}
	d := Discharge{Account: cell(0), MRN: cell(1), Name: cell(2), Unit: cell(4)}
	for _, text := range []string{d.Account, d.MRN, d.Name, d.Unit} {
		if len(text) > maxTyped {
			return d, "a field is longer than a list would have"
		}
	}
	day := cell(3)
	if day == "" {
		return d, "no discharge date"
	}
	dates := datesOf(0, day, now)
	if len(dates) == 0 {
		return d, "the discharge date is no date of the calendar"
	}
	d.Day = dates[0].value
	if d.Account == "" && d.MRN == "" && len(seal.Words(d.Name)) < 2 {
		return d, "neither account number, record number nor full name"
	}
	return d, ""
}

// LineState says what a line of a list came to.
type LineState string

// The states of a line. Unlisted is of encounters that ended on the days of the
// list and are not on it.
const (
	LineHere       LineState = "here"       // the encounter and its documents are here
	LineIncomplete LineState = "incomplete" // the encounter is here, documents are missing
	LineDiffers    LineState = "differs"    // the encounter is here and ended on another day, or has not ended
	LineAbsent     LineState = "absent"     // no such encounter
	LineTwice      LineState = "twice"      // the encounter is on the list before
	LineUnlisted   LineState = "unlisted"
)

// Counts of a reconciliation. Lines = Here + Incomplete + Differs + Absent +
// Twice. Encounters are those that lines found (OnList) and the stays of the days
// that none did (Unlisted), each once.
type Counts struct {
	Lines, Here, Incomplete, Differs, Absent, Twice int
	Encounters, OnList, Unlisted                    int
	Open                                            int // lines to be looked at that nobody has settled
}

// stay is an encounter as lines are held against it.
type stay struct {
	id, record, number, mrn string
	unit                    string
	names                   []string // folded words of the patient's names
	family                  []string // of these, the words of the family name
	day                     string   // it ended on, "" while it has not
	ofDays                  bool     // it ended on the days of the list
	missing                 []string
}

// verdict is what a line came to.
type verdict struct {
	state LineState
	stay  int // index, -1 for none
}

// hold holds lines against stays: by account number, then by record number and
// day, then by name and day, then by record number alone where that leaves one
// choice. A stay answers one line; further lines for it are LineTwice. It returns
// a verdict for each line, and the stays of the days that no line names.
func hold(lines []Discharge, stays []stay) (verdicts []verdict, unlisted []int) {
	verdicts = make([]verdict, len(lines))
	taken := map[int]bool{}
	for i := range verdicts {
		verdicts[i] = verdict{LineAbsent, -1}
	}
	give := func(i, at int) {
		if taken[at] {
			verdicts[i] = verdict{LineTwice, at}
			return
		}
		taken[at] = true
		verdicts[i] = verdict{stateOf(lines[i], stays[at]), at}
	}
	for _, fits := range []func(Discharge, stay) bool{byAccount, byNumberAndDay, byNameAndDay, byNumber} {
		for i, l := range lines {
			if verdicts[i].stay >= 0 {
				continue
			}
			if at := choose(l, stays, taken, fits); at >= 0 {
				give(i, at)
			}
		}
	}
	for at := range stays {
		if stays[at].ofDays && !taken[at] {
			unlisted = append(unlisted, at)
		}
	}
	return verdicts, unlisted
}

// choose finds the stay that fits a line: one that is free before one that is
// taken.
func choose(l Discharge, stays []stay, taken map[int]bool, fits func(Discharge, stay) bool) int {
	used := -1
	for at, s := range stays {
		if !fits(l, s) {
			continue
		}
		if !taken[at] {
			return at
		}
		used = at
	}
	return used
}

func byAccount(l Discharge, s stay) bool {
	return l.Account != "" && s.number != "" && sameNumber(l.Account, s.number)
}

func byNumberAndDay(l Discharge, s stay) bool {
	return l.MRN != "" && s.mrn != "" && s.day == l.Day && sameNumber(l.MRN, s.mrn)
}

func byNameAndDay(l Discharge, s stay) bool {
	if l.MRN != "" && s.mrn != "" && !sameNumber(l.MRN, s.mrn) {
		return false // the same name, another patient
	}
	words := seal.Words(l.Name)
	return s.day == l.Day && len(words) > 1 && overlap(words, s.family) &&
		!slices.ContainsFunc(words, func(w string) bool { return len(w) > 1 && !slices.Contains(s.names, w) })
}

// byNumber is for encounters that ended on another day, or not yet.
func byNumber(l Discharge, s stay) bool {
	return l.MRN != "" && l.Account == "" && s.mrn != "" && sameNumber(l.MRN, s.mrn) && near(l.Day, s.day)
}

// near: no day, or within a week.
func near(a, b string) bool {
	if b == "" {
		return true
	}
	x, errA := time.Parse(time.DateOnly, a)
	y, errB := time.Parse(time.DateOnly, b)
	return errA == nil && errB == nil && x.Sub(y).Abs() <= 7*24*time.Hour
}

func stateOf(l Discharge, s stay) LineState {
	switch {
	case s.day != l.Day:
		return LineDiffers
	case len(s.missing) > 0:
		return LineIncomplete
	}
	return LineHere
}
