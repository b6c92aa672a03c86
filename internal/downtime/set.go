package downtime

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"chartroom/internal/chart"
	"chartroom/internal/gate"
)

// MaxCharts is how many charts an emergency set holds at most.
const MaxCharts = 200

// The bounds of what one chart of a set shows.
const (
	setDocuments = 8
	setResults   = 30
)

// Set is an emergency set: what is needed to go on treating patients on paper.
type Set struct {
	At       time.Time
	Charts   []Extract
	Withheld int // charts that the policy does not show the reader
}

// Extract is one chart of a set.
type Extract struct {
	Banner      chart.Banner
	Encounter   chart.Encounter // under way, else the newest; zero where there is none
	Diagnoses   []chart.Fact
	Medications []chart.Fact
	Results     []chart.Fact     // the newest
	Documents   []chart.Document // with their texts: the newest of each type that matters, and the newest notes
}

// Set reads an emergency set of charts. Errors: ErrNothing, ErrMany.
func (s *Service) Set(ctx context.Context, actor gate.Actor, records []string) (Set, error) {
	records = slices.Compact(slices.Sorted(slices.Values(records)))
	switch {
	case len(records) == 0:
		return Set{}, ErrNothing
	case len(records) > MaxCharts:
		return Set{}, ErrMany
	}
	var set Set
	err := s.gate.Read(ctx, actor, ActionSet, gate.Department(), func(tx *gate.Tx) error {
		set = Set{At: tx.Now()}
		for _, record := range records {
			shown, err := tx.AboutIf(ctx, gate.Record(record))
			if err != nil {
				return fmt.Errorf("chart: %w", err)
			}
			if !shown {
				set.Withheld++
				continue
			}
			extract, err := s.extract(ctx, tx, record)
			if err != nil {
				return err
			}
			set.Charts = append(set.Charts, extract)
		}
		tx.Detail("charts", strconv.Itoa(len(set.Charts)))
		return nil
	})
	if err != nil {
		return Set{}, fmt.Errorf("emergency set: %w", err)
	}
	slices.SortStableFunc(set.Charts, func(a, b Extract) int {
		if c := strings.Compare(a.Encounter.Unit, b.Encounter.Unit); c != 0 {
			return c
		}
		return strings.Compare(a.Banner.Patient.Name.Family, b.Banner.Patient.Name.Family)
	})
	return set, nil
}

func (s *Service) extract(ctx context.Context, tx *gate.Tx, record string) (Extract, error) {
	page, err := s.chart.ChartTx(ctx, tx, record)
	if err != nil {
		return Extract{}, err
	}
	x := Extract{Banner: page.Banner}
	for _, e := range page.Encounters { // newest first
		if e.Withdrawn || e.Status == "cancelled" {
			continue
		}
		if x.Encounter.ID == "" || e.End.IsZero() && !x.Encounter.End.IsZero() {
			x.Encounter = e
		}
	}
	for _, f := range page.Facts { // newest first
		switch {
		case f.Withdrawn:
		case f.Kind == chart.Diagnosis:
			x.Diagnoses = append(x.Diagnoses, f)
		case f.Kind == chart.Medication:
			x.Medications = append(x.Medications, f)
		case f.Kind == chart.Result && len(x.Results) < setResults:
			x.Results = append(x.Results, f)
		}
	}
	for _, d := range needed(page.Documents, x.Encounter.ID) {
		doc, err := s.chart.DocumentTx(ctx, tx, d.ID, 0)
		if err != nil {
			return Extract{}, err
		}
		x.Documents = append(x.Documents, doc)
	}
	return x, nil
}

// needed chooses the documents of a set, newest first as they are given: one of
// each type, those of the encounter before others, and then more of the newest.
func needed(all []chart.Document, encounter string) []chart.Document {
	var chosen []chart.Document
	take := func(want func(chart.Document) bool) {
		for _, d := range all {
			known := slices.ContainsFunc(chosen, func(c chart.Document) bool { return c.ID == d.ID })
			if !d.Withdrawn && !known && len(chosen) < setDocuments && want(d) {
				chosen = append(chosen, d)
			}
		}
	}
	newType := func(d chart.Document) bool {
		return !slices.ContainsFunc(chosen, func(c chart.Document) bool { return strings.EqualFold(c.Type, d.Type) })
	}
	take(func(d chart.Document) bool { return d.Encounter == encounter && newType(d) })
	take(func(d chart.Document) bool { return d.Encounter == encounter })
	take(newType)
	return chosen
}
