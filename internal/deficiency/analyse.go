package deficiency

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"chartroom/internal/chart"
	"chartroom/internal/deficiency/rules"
	"chartroom/internal/gate"
	"chartroom/internal/work"
)

// batch is how many records one round of the analysis takes: few enough that the
// change that stores what it found holds up nobody.
const batch = 25

// person is everything of one person, with what the rules found in it.
type person struct {
	records  []string
	marks    map[string]int64 // of the records that were due
	cs       *rules.Case
	versions map[string]int // newest number of everything, by id
	report   rules.Report
}

// some analyses the next records that are due and says how many it dealt with. They are
// read and judged outside of the change that stores the findings; a record that
// changed meanwhile is left for the next round.
func (s *Service) some(ctx context.Context) (int, error) {
	if s.broken != nil {
		return 0, s.broken
	}
	var people []*person
	err := s.gate.Read(ctx, analyst(), ActionAnalyse, gate.Department(), func(tx *gate.Tx) error {
		due, err := readDue(ctx, tx, batch)
		if err != nil {
			return err
		}
		people, err = s.gatherTx(ctx, tx, due)
		tx.Detail("records", strconv.Itoa(len(due)))
		return err
	})
	if err != nil || len(people) == 0 {
		return 0, err
	}
	for _, p := range people {
		p.report = s.engine.Analyse(p.cs)
	}
	err = s.gate.Change(ctx, analyst(), ActionAnalyse, gate.Department(), func(tx *gate.Tx) error {
		opened, settled := 0, 0
		for _, p := range people {
			o, n, err := s.storeTx(ctx, tx, p)
			if err != nil {
				return err
			}
			opened, settled = opened+o, settled+n
		}
		tx.Detail("opened", strconv.Itoa(opened))
		tx.Detail("settled", strconv.Itoa(settled))
		return nil
	})
	return len(people), err
}

// gatherTx reads the persons whose records are due.
func (s *Service) gatherTx(ctx context.Context, tx *gate.Tx, due []dueRecord) ([]*person, error) {
	var people []*person
	for _, d := range due {
		known := slices.IndexFunc(people, func(p *person) bool { return slices.Contains(p.records, d.record) })
		if known >= 0 {
			people[known].marks[d.record] = d.mark
			continue
		}
		page, err := s.chart.WholeTx(ctx, tx, d.record)
		if err != nil {
			return nil, fmt.Errorf("record %s: %w", d.record, err)
		}
		p := personOf(page, tx.Now(), s.Settings())
		p.marks[d.record] = d.mark
		people = append(people, p)
	}
	for _, p := range people { // the marks of records that were not due themselves
		for _, r := range p.records {
			if _, ok := p.marks[r]; ok {
				continue
			}
			m, _, _, err := readMark(ctx, tx, r)
			if err != nil {
				return nil, err
			}
			p.marks[r] = m
		}
	}
	return people, nil
}

// personOf makes the case of a person's chart.
func personOf(page *chart.Page, now time.Time, settings rules.Settings) *person {
	p := &person{records: page.Banner.Records, marks: map[string]int64{}, versions: map[string]int{}}
	cs := &rules.Case{Now: now, Settings: settings, Coverages: page.Banner.Coverages, Encounters: page.Encounters, Documents: page.Documents}
	for _, reg := range append([]chart.Patient{page.Banner.Patient}, page.Banner.Others...) {
		if reg.Number > 0 {
			cs.Registrations = append(cs.Registrations, reg)
			p.versions[reg.ID] = reg.Number
		}
	}
	cs.Facts = append(append(cs.Facts, page.Facts...), page.Banner.Allergies...)
	for _, f := range cs.Facts {
		p.versions[f.ID] = f.Number
	}
	for _, e := range cs.Encounters {
		p.versions[e.ID] = e.Version.Number
	}
	for _, c := range cs.Coverages {
		p.versions[c.ID] = c.Number
	}
	p.cs = cs
	return p
}

// unit is the unit of an encounter as clear columns have it.
func (p *person) unit(encounter string) string {
	for _, e := range p.cs.Encounters {
		if e.ID == encounter {
			return gate.ClearText(e.Unit, 80)
		}
	}
	return ""
}

// storeTx brings the stored findings of a person to what the analysis found.
func (s *Service) storeTx(ctx context.Context, tx *gate.Tx, p *person) (opened, settled int, err error) {
	var stored []row
	before := map[string]int{} // open findings by record, as counted
	for _, r := range p.records {
		m, analysed, n, err := readMark(ctx, tx, r)
		if err != nil {
			return 0, 0, err
		}
		if m != p.marks[r] {
			return 0, 0, nil // it changed meanwhile, and is due again
		}
		before[r] = n
		if analysed == 0 {
			before[r] = -1
		}
	}
	for _, r := range p.records {
		if err := tx.About(ctx, gate.Record(r)); err != nil {
			return 0, 0, err
		}
		rows, err := readRows(ctx, tx, sqlOfRecord, r)
		if err != nil {
			return 0, 0, err
		}
		stored = append(stored, rows...)
	}
	t := tally{}
	found, opened, err := s.openAll(ctx, tx, t, p, stored)
	if err != nil {
		return 0, 0, err
	}
	for _, old := range stored {
		if found[string(old.cause)] || old.state == Settled {
			continue
		}
		if err := s.settleTx(ctx, tx, t, old); err != nil {
			return 0, 0, err
		}
		settled++
	}
	if err := s.staysTx(ctx, tx, t, p); err != nil {
		return 0, 0, err
	}
	return opened, settled, s.analysedTx(ctx, tx, t, p, before)
}

// openAll stores what an analysis found and what is not stored like that yet. It
// gives the causes that it found.
func (s *Service) openAll(ctx context.Context, tx *gate.Tx, t tally, p *person, stored []row) (found map[string]bool, opened int, err error) {
	found = map[string]bool{}
	for _, f := range p.report.Findings {
		n, err := s.prepare(ctx, tx, p, f)
		if err != nil {
			return nil, 0, err
		}
		found[string(n.row.cause)] = true
		i := slices.IndexFunc(stored, func(r row) bool { return bytes.Equal(r.cause, n.row.cause) && r.record == n.row.record })
		if i < 0 {
			err = s.openTx(ctx, tx, t, nil, n)
			opened++
		} else if stored[i].changed(n.row) {
			err = s.openTx(ctx, tx, t, &stored[i], n)
		}
		if err != nil {
			return nil, 0, err
		}
	}
	return found, opened, nil
}

// changed says whether a stored finding gives way to what was found now: one that was
// settled always, one open or waived when what it rests on is another.
func (r row) changed(now row) bool {
	if r.state == Settled {
		return true
	}
	return !bytes.Equal(r.rests, now.rests) || r.state == Open && (r.due != now.due || r.clinician != now.clinician || r.unit != now.unit)
}

// openTx stores a finding as open, as a new one or as the next version of old.
func (s *Service) openTx(ctx context.Context, tx *gate.Tx, t tally, old *row, n fresh) error {
	r := n.row
	r.id, r.number = tx.NewID(), 1
	if old != nil {
		r.id, r.number = old.id, old.number+1
		if old.state == Open {
			t.finding(*old, -1)
			before, err := s.open(ctx, tx, *old)
			if err != nil {
				return err
			}
			n.content.AskedAt, n.content.AskedBy = gate.Micros(before.AskedAt), before.AskedBy
		}
	}
	if err := s.seal(ctx, tx, &r, n.content); err != nil {
		return err
	}
	if err := r.put(ctx, tx); err != nil {
		return err
	}
	t.finding(r, 1)
	if err := s.knowClinician(ctx, tx, r.clinician, n.content.Clinician); err != nil {
		return err
	}
	return s.putWork(ctx, tx, r)
}

// putWork puts the item of work of an open finding.
func (s *Service) putWork(ctx context.Context, tx *gate.Tx, r row) error {
	rule, _ := s.Rule(r.rule)
	want := work.Want{
		Queue: work.Deficiency, Key: r.id, Record: r.record, Encounter: r.encounter, Kind: rule.Name, Unit: r.unit, Reason: rule.Title(),
		Priority: priority(rules.Severity(r.severity)), Since: gate.Moment(r.since), Due: gate.Moment(r.due), Rule: gate.ClearText(rule.Citation, 120),
		Open: "/chart/" + r.record + "#finding-" + r.id,
	}
	if err := s.work.PutTx(ctx, tx, want); err != nil {
		return fmt.Errorf("item of work of a finding: %w", err)
	}
	return nil
}

func priority(s rules.Severity) int {
	switch s {
	case rules.Error:
		return 2
	case rules.Warning:
		return 3
	case rules.Info:
	}
	return 5
}

// settleTx stores that a finding is no longer found.
func (s *Service) settleTx(ctx context.Context, tx *gate.Tx, t tally, old row) error {
	f, err := s.open(ctx, tx, old)
	if err != nil {
		return err
	}
	if old.state == Open {
		t.finding(old, -1)
	}
	next := old
	next.number++
	next.state = Settled
	if err := s.seal(ctx, tx, &next, f.content()); err != nil {
		return err
	}
	if err := next.put(ctx, tx); err != nil {
		return err
	}
	if err := s.work.SettleTx(ctx, tx, work.Deficiency, old.id, "no longer found"); err != nil {
		return fmt.Errorf("item of work of a finding: %w", err)
	}
	return nil
}

func (f Finding) content() content {
	return content{
		Says: f.Says, Absent: f.Absent, Evidence: f.Evidence, Documents: f.Documents, Facts: f.Facts, Clinician: f.Clinician, Reason: f.Reason,
		AskedAt: gate.Micros(f.AskedAt), AskedBy: f.AskedBy,
	}
}
