package ui

import "chartroom/stats/figure"

// Order is the page that says how accurate and in order the records are.
type Order struct {
	Unit  string
	Units []string
	Tiles []OrderTile

	ByRule, ByUnit, ByClinician figure.Figure
	BySeverity                  figure.Figure
	Ages                        figure.Figure
	Work                        figure.Figure // nil for those who do not work from lists
	Misfiled                    figure.Figure
	Note                        string // what must be known to read it: records waiting to be analysed
}

// OrderTile is one figure with what it means and the cases behind it.
type OrderTile struct {
	Value, Name, Note, Path string
	Bad                     bool
}

// OrderCases is the list behind a figure.
type OrderCases struct {
	Title    string
	Rows     []OrderCase
	Next     string // address of the next page
	CSV      string
	Withheld int
}

// OrderCase is one open finding.
type OrderCase struct {
	Path, Patient, MRN, Rule, Name, Severity, Says, Unit, Clinician, Since, Due, Clock string
	Late                                                                               bool
}
