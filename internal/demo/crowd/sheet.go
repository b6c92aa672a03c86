package crowd

import (
	"slices"
	"time"

	"chartroom/internal/demo/charts"
)

// scenario is one reason for a visit, with the texts it gives. The language of
// the texts is expand's.
type scenario struct {
	name     string
	category charts.Category
	unit     string
	kind     string // type of the provider's document
	by       []clinician
	from, to int    // ages
	sex      string // "" for both
	rare     int    // percent of draws that are thrown away
	hours    [2]int // shortest and longest stay; zero for a visit of less than four hours
	drugs    []string
	labs     []lab
	note     string  // written at the end
	more     []sheet // what else a sound record holds
}

// sheet is a further document of a scenario.
type sheet struct {
	kind string
	by   []clinician // nobody: who wrote the note
	at   int         // minutes after the beginning; with every, after midnight
	days int         // added to at
	when moment
	text string
}

// moment says from when a sheet's time counts.
type moment int

const (
	fromStart  moment = iota
	everyDay          // each whole day between the first and the last
	everyMonth        // each thirtieth day
)

// lab is a result of the first hour, with the panel it is ordered by.
type lab struct {
	panel, name string
	low, high   int // of the value, in tenths
	unit, usual string
	flag        string
}

// draw writes the documents of a visit in order of time.
func (m maker) draw(s scenario, by clinician, e charts.Encounter, fill blanks) []charts.Document {
	var out []charts.Document
	for _, sh := range s.more {
		who := by
		if len(sh.by) > 0 {
			who = pick(m, sh.by)
		}
		first := len(out)
		for _, at := range sh.times(e) {
			d := m.document(sh.kind, who, at, sh.text, fill)
			for slices.ContainsFunc(out[first:], func(o charts.Document) bool { return o.Text == d.Text }) { // a copy would be a fault
				d = m.document(sh.kind, who, at, sh.text, fill)
			}
			out = append(out, d)
		}
	}
	out = append(out, m.document(s.kind, by, s.noteAt(e), s.note, fill))
	inTime(out)
	return out
}

// noteAt is when the main note was written: before an inpatient leaves, when an
// operation is over, and at the end of any other visit.
func (s scenario) noteAt(e charts.Encounter) time.Time {
	switch {
	case s.category == charts.Surgery:
		return e.Discharge.Add(-40 * time.Minute)
	case s.hours[1] > 0:
		return e.Discharge.Add(-50 * time.Minute)
	}
	return e.Discharge
}

// times are when the sheet is written in an encounter.
func (sh sheet) times(e charts.Encounter) []time.Time {
	if sh.when == fromStart {
		return []time.Time{e.Admit.AddDate(0, 0, sh.days).Add(time.Duration(sh.at) * time.Minute)}
	}
	step := 1
	if sh.when == everyMonth {
		step = 30
	}
	midnight := e.Admit.Truncate(24 * time.Hour)
	var out []time.Time
	for at := midnight.AddDate(0, 0, step); at.AddDate(0, 0, 1).Before(e.Discharge); at = at.AddDate(0, 0, step) {
		out = append(out, at.Add(time.Duration(sh.at)*time.Minute))
	}
	return out
}

// inTime sorts a few documents by time, those of one minute as they stand.
func inTime(docs []charts.Document) {
	for i := 1; i < len(docs); i++ {
		for j := i; j > 0 && docs[j].Time.Before(docs[j-1].Time); j-- {
			docs[j], docs[j-1] = docs[j-1], docs[j]
		}
	}
}

func (m maker) document(kind string, by clinician, at time.Time, text string, fill blanks) charts.Document {
	return charts.Document{
		Type: kind, Author: by.name, Role: by.role, Time: at, Signed: true, SignedAt: at, Text: m.expand(text, fill),
	}
}

// results are the first laboratory values of a visit with their orders.
func (m maker) results(s scenario, by clinician, start time.Time) ([]charts.Order, []charts.Result) {
	var orders []charts.Order
	var results []charts.Result
	for _, l := range s.labs {
		if len(orders) == 0 || orders[len(orders)-1].What != l.panel {
			orders = append(orders, charts.Order{Time: start.Add(8 * time.Minute), What: l.panel, By: by.name})
		}
		results = append(results, charts.Result{
			Time: start.Add(25 * time.Minute), Name: l.name, Value: tenths(m.between(l.low, l.high)), Unit: l.unit, Reference: l.usual, Flag: l.flag,
		})
	}
	return orders, results
}

func tenths(n int) string { return padded(n/10, 1) + "." + padded(n%10, 1) }
