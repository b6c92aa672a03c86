package incoming

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"time"

	"chartroom/internal/chart"
	"chartroom/internal/gate"
	"chartroom/internal/seal"
)

// stays are the encounters that lines are held against: the stays that ended on
// the days of the list, and other encounters of the patients it names.
func (s *Service) stays(ctx context.Context, tx *gate.Tx, first, last string, lines []Discharge) ([]stay, error) {
	from, _, err := s.day(first)
	if err != nil {
		return nil, err
	}
	_, to, err := s.day(last)
	if err != nil {
		return nil, err
	}
	rows, withheld, err := s.chart.EndedTx(ctx, tx, from, to, maxStays)
	if err != nil {
		return nil, err
	}
	if withheld > 0 {
		tx.Detail("withheld", strconv.Itoa(withheld))
	}
	var all []stay
	have := map[string]bool{}
	add := func(e chart.Encounter, name chart.Name, mrn string, ofDays bool) error {
		if have[e.ID] || e.Withdrawn {
			return nil
		}
		have[e.ID] = true
		st := stay{id: e.ID, record: e.Record, number: e.Number, mrn: mrn, unit: e.Unit, family: seal.Words(name.Family), ofDays: ofDays}
		st.names = slices.Concat(st.family, seal.Words(name.Given), seal.Words(name.Middle))
		if !e.End.IsZero() {
			st.day = e.End.In(s.zone).Format(time.DateOnly)
		}
		missing, err := s.missing(ctx, tx, e)
		st.missing = missing
		all = append(all, st)
		return err
	}
	for _, r := range rows {
		if err := add(r.Encounter, r.PatientName, r.MRN, isStay(r.Encounter)); err != nil {
			return nil, err
		}
	}
	known := map[string]bool{"": true}
	for _, st := range all {
		known[st.mrn] = true
	}
	for _, l := range lines {
		if known[l.MRN] {
			continue
		}
		known[l.MRN] = true
		if err := s.others(ctx, tx, l.MRN, add); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// others adds the encounters, of whatever day, of the patients with a number.
func (s *Service) others(ctx context.Context, tx *gate.Tx, number string, add func(chart.Encounter, chart.Name, string, bool) error) error {
	hits, err := s.chart.SearchTx(ctx, tx, chart.Query{Number: number, Limit: 5})
	if errors.Is(err, chart.ErrInvalid) { // nothing of it can be searched for
		return nil
	}
	if err != nil {
		return err
	}
	for _, h := range hits {
		encounters, err := s.encountersTx(ctx, tx, h.Patient.Record)
		if err != nil {
			return err
		}
		for _, e := range encounters {
			if err := add(e, h.Patient.Name, h.Patient.RecordNumber(), false); err != nil {
				return err
			}
		}
	}
	return nil
}

// isStay: a discharge list is of patients who stayed.
func isStay(e chart.Encounter) bool {
	return e.Setting == chart.Inpatient || e.Setting == chart.NursingFacility
}

// missing names the documents that an encounter lacks.
func (s *Service) missing(ctx context.Context, tx *gate.Tx, e chart.Encounter) ([]string, error) {
	docs, err := s.chart.DocumentsTx(ctx, tx, e.ID)
	if err != nil {
		return nil, err
	}
	if len(docs) == 0 {
		return []string{"any document"}, nil
	}
	if e.Setting != chart.Inpatient {
		return nil, nil
	}
	var out []string
	for _, want := range required {
		if !slices.ContainsFunc(docs, func(d chart.Document) bool { return isKind(d.Type, want) }) {
			out = append(out, want)
		}
	}
	return out, nil
}

// isKind says whether a document of a type can stand for a required one.
func isKind(have, want string) bool {
	have, want = seal.Fold(have), seal.Fold(want)
	if have == want {
		return true
	}
	k, ok := kindNamed(want)
	return ok && slices.ContainsFunc(k.heads, func(h string) bool { return len(have) >= len(h) && have[:len(h)] == h })
}
