package ui

import (
	"chartroom/internal/work"
	"chartroom/stats/figure"
)

// Work is the page My work: the queues, and the list of the one that is chosen.
type Work struct {
	Queues  []WorkQueue
	Queue   string // the chosen one, "" all
	Title   string // of the chosen one
	What    string // what lies in it
	Rows    []WorkRow
	Total   string // "41 items, 3 late", in words
	Filter  WorkFilter
	Values  work.Values
	People  []Option // whom work can be given to, for the filter and for assigning
	Saved   []WorkSaved
	Own     []string      // names of the queue's own columns
	Next    string        // address of the next page, "" after the last
	CSV     string        // address of what is shown, as CSV
	Ages    figure.Figure // how old the open work is
	MayTake bool          // claim, skip, extend
	MayGive bool          // assign, set priorities
	Query   string
}

// WorkQueue is a queue as the list of queues shows it.
type WorkQueue struct {
	Name    string
	Path    string
	Current bool
	Open    int
	Overdue int
	Mine    int
	Skipped int
}

// WorkFilter is what the list is narrowed to; each field is the value of its
// control.
type WorkFilter struct {
	Show, Who, Kind, Unit, Reason, Overdue, From, To string
	Saved                                            string // id of the saved filter that is shown, "" for none
}

// Narrow says whether anything but the queue is chosen.
func (f WorkFilter) Narrow() bool { f.Saved = ""; return f != WorkFilter{} }

// WorkSaved is a filter with a name.
type WorkSaved struct {
	ID, Name, Path string
	Own, Shared    bool
	Current        bool
	By             string
}

// WorkRow is one item of the list.
type WorkRow struct {
	ID        string
	Open      string // address of the page where it is done
	Patient   string // name, or what the item is where it is of no patient
	MRN       string
	Number    string // account
	Kind      string
	Unit      string
	Since     string // day
	SinceAt   string // to the minute, for the CSV
	Due       string // to the minute
	Clock     string // "3 days late", "due today", "in 2 days"
	Late      bool
	Soon      bool
	Reason    string
	Rule      string // in words, with its citation
	Explain   string // the whole of it, for the strip beneath the list
	Priority  int
	Who       string
	Mine      bool
	State     string
	Queue     string // title
	Own       []string
	Done      bool
	SkipUntil string
}

// HandOverView is the hand-over as pages show it.
type HandOverView struct {
	ID        string
	Author    string
	From      string
	SignedAt  string
	Text      string
	Mentioned []WorkRow
	Withheld  int
	Figures   []FiguresRow
	Total     FiguresRow
	Reads     []ReadingRow
	Read      bool // by whoever looks
	Own       bool // written by whoever looks
	Version   int
}

// FiguresRow are the figures of one queue in a shift.
type FiguresRow struct {
	Queue                        string
	Done, Open, Overdue, Skipped int
	Why                          string // reasons for what is put off
}

// ReadingRow says who read a note and when.
type ReadingRow struct{ By, At string }

// TodayView is what a person touched today.
type TodayView struct {
	Day     string
	Done    int
	Steps   []TodayStep
	Records []TodayRecord
	More    bool
}

// TodayStep is one change of an item.
type TodayStep struct {
	At, What, Reason, Entry string
	Row                     WorkRow
}

// TodayRecord is a record that was opened or changed.
type TodayRecord struct {
	Record, Encounter, Patient, MRN, Number, Last, Did string
}
