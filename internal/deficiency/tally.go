package deficiency

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"chartroom/internal/chart"
	"chartroom/internal/gate"
	"chartroom/internal/seal"
)

// The kinds of counter.
const (
	byRule       = "rule"       // open findings
	bySeverity   = "severity"   // open findings
	byClinician  = "clinician"  // open findings; value is the keyed hash
	bySince      = "since"      // open findings; value is the day, counted from 1970
	discharges   = "discharges" // stays and visits that ended; value is the month
	inpatients   = "inpatients" // of these, inpatient stays: what delinquency is measured by
	withFindings = "stays"      // of these, with an open finding; value is the month
	delinquents  = "delinquent" // inpatient stays whose record is delinquent; value is the month of discharge
	recordsSeen  = "records"    // records analysed; value "all" or "clean"
)

// tally collects changes of counters within an action.
type tally map[tallyKey]int

type tallyKey struct{ unit, kind, value string }

// add counts for a unit and for the whole department.
func (t tally) add(unit, kind, value string, n int) {
	t[tallyKey{"", kind, value}] += n
	if unit != "" {
		t[tallyKey{unit, kind, value}] += n
	}
}

// finding counts an open finding, or takes it back with -1.
func (t tally) finding(r row, n int) {
	t.add(r.unit, byRule, r.rule, n)
	t.add(r.unit, bySeverity, r.severity, n)
	t.add(r.unit, byClinician, r.clinician, n)
	t.add(r.unit, bySince, strconv.FormatInt(r.since/day.Microseconds(), 10), n)
}

// write stores the changes, in a fixed order so that two actions do not wait for each
// other in a ring.
func (t tally) write(ctx context.Context, tx *gate.Tx) error {
	keys := slices.SortedFunc(maps.Keys(t), func(a, b tallyKey) int {
		if c := strings.Compare(a.unit, b.unit); c != 0 {
			return c
		}
		if c := strings.Compare(a.kind, b.kind); c != 0 {
			return c
		}
		return strings.Compare(a.value, b.value)
	})
	for _, k := range keys {
		if t[k] == 0 {
			continue
		}
		if _, err := tx.Later(ctx, sqlAddTally, k.unit, k.kind, k.value, t[k]); err != nil {
			return fmt.Errorf("count findings: %w", err)
		}
	}
	return nil
}

func readMark(ctx context.Context, tx *gate.Tx, record string) (m, analysed int64, findings int, err error) {
	err = tx.QueryRow(ctx, sqlMarkOf, record).Scan(&m, &analysed, &findings)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, 0, 0, nil
	}
	if err != nil {
		return 0, 0, 0, fmt.Errorf("mark of a record: %w", err)
	}
	return m, analysed, findings, nil
}

// analysedTx takes the marks of a person's records away and notes when they are to be
// looked at again. before is how many findings were counted for each, -1 for a record
// seen for the first time.
func (s *Service) analysedTx(ctx context.Context, tx *gate.Tx, t tally, p *person, before map[string]int) error {
	again := int64(never)
	if !p.report.Again.IsZero() {
		again = p.report.Again.UnixMicro()
	}
	for _, r := range p.records {
		n, err := s.openOf(ctx, tx, r)
		if err != nil {
			return err
		}
		if before[r] < 0 {
			t.add("", recordsSeen, "all", 1)
		}
		t.add("", recordsSeen, "clean", clean(n)-clean(before[r]))
		if _, err := tx.Exec(ctx, sqlFirstSeen, r, again); err != nil {
			return fmt.Errorf("note an analysis: %w", err)
		}
		if _, err := tx.Exec(ctx, sqlAnalysed, again, tx.Now().UnixMicro(), n, r, p.marks[r]); err != nil {
			return fmt.Errorf("note an analysis: %w", err)
		}
	}
	return t.write(ctx, tx)
}

// clean is 1 for a record with no open finding. A record never seen (-1) is not clean.
func clean(findings int) int {
	if findings == 0 {
		return 1
	}
	return 0
}

// openOf counts the open findings of a record.
func (s *Service) openOf(ctx context.Context, tx *gate.Tx, record string) (int, error) {
	rows, err := readRows(ctx, tx, sqlOfRecord, record)
	if err != nil {
		return 0, err
	}
	n := 0
	for _, r := range rows {
		if r.state == Open {
			n++
		}
	}
	return n, nil
}

// stay is a stay that ended, as the counters know it.
type stay struct {
	encounter, unit, setting, month string
	findings, delinquent            int
}

func (t tally) stay(v stay, n int) {
	t.add(v.unit, discharges, v.month, n)
	if v.setting == string(chart.Inpatient) {
		t.add(v.unit, inpatients, v.month, n)
	}
	if v.findings > 0 {
		t.add(v.unit, withFindings, v.month, n)
	}
	if v.delinquent > 0 {
		t.add(v.unit, delinquents, v.month, n)
	}
}

// staysTx brings the counted stays of a person to what there is now.
func (s *Service) staysTx(ctx context.Context, tx *gate.Tx, t tally, p *person) error {
	now := map[string]stay{}
	owner := map[string]string{}
	open, late, err := s.openByStay(ctx, tx, p)
	if err != nil {
		return err
	}
	for _, e := range p.cs.Encounters {
		if e.Withdrawn || e.End.IsZero() || e.Status == "cancelled" || e.Status == "planned" {
			continue
		}
		now[e.ID] = stay{
			encounter: e.ID, unit: gate.ClearText(e.Unit, 80), setting: gate.ClearText(string(e.Setting), 40), month: e.End.Format("2006-01"),
			findings: open[e.ID], delinquent: late[e.ID],
		}
		owner[e.ID] = e.Record
	}
	for _, r := range p.records {
		counted, err := readStays(ctx, tx, r)
		if err != nil {
			return err
		}
		for _, old := range counted {
			next, there := now[old.encounter]
			if there && next == old {
				delete(now, old.encounter)
				continue
			}
			t.stay(old, -1)
			if !there {
				if _, err := tx.Exec(ctx, sqlDropStay, old.encounter); err != nil {
					return fmt.Errorf("count stays: %w", err)
				}
			}
		}
	}
	for _, id := range slices.Sorted(maps.Keys(now)) {
		v := now[id]
		t.stay(v, 1)
		if _, err := tx.Exec(ctx, sqlPutStay, v.encounter, owner[id], v.unit, v.setting, v.month, v.findings, v.delinquent); err != nil {
			return fmt.Errorf("count stays: %w", err)
		}
	}
	return nil
}

// openByStay counts the open findings of a person by encounter, and those that say
// that the record is delinquent.
func (s *Service) openByStay(ctx context.Context, tx *gate.Tx, p *person) (open, late map[string]int, err error) {
	open, late = map[string]int{}, map[string]int{}
	for _, r := range p.records {
		rows, err := readRows(ctx, tx, sqlOfRecord, r)
		if err != nil {
			return nil, nil, err
		}
		for _, f := range rows {
			if f.state != Open || f.encounter == "" {
				continue
			}
			open[f.encounter]++
			if f.rule == delinquency {
				late[f.encounter] = 1
			}
		}
	}
	return open, late, nil
}

// delinquency is the rule that says that a record is delinquent.
const delinquency = "C17"

func readStays(ctx context.Context, tx *gate.Tx, record string) ([]stay, error) {
	all, err := gate.Collect(ctx, tx, func(r gate.Row, v *stay) error {
		return r.Scan(&v.encounter, &v.unit, &v.setting, &v.month, &v.findings, &v.delinquent)
	}, sqlStaysOf, record)
	if err != nil {
		return nil, fmt.Errorf("counted stays: %w", err)
	}
	return all, nil
}

// knowClinician keeps the name of a clinician that findings wait for.
func (s *Service) knowClinician(ctx context.Context, tx *gate.Tx, token string, a chart.Author) error {
	if token == "" || a.Name == "" {
		return nil
	}
	var n int
	if err := tx.QueryRow(ctx, sqlOneClinician, token).Scan(&n); err != nil {
		return fmt.Errorf("clinician of a finding: %w", err)
	}
	if n > 0 {
		return nil
	}
	key, err := s.ring.KeyOrNew(ctx, tx, chart.DepartmentOwner)
	if err != nil {
		return fmt.Errorf("key of the department: %w", err)
	}
	if _, err := tx.Exec(ctx, sqlPutClinician, token, key.Seal([]byte(a.Name), seal.Place("deficiency_clinician", "sealed", token, 1))); err != nil {
		return fmt.Errorf("clinician of a finding: %w", err)
	}
	return nil
}

// monthsBack is the month that lies n months before an instant.
func monthsBack(at time.Time, n int) string {
	return time.Date(at.Year(), at.Month()-time.Month(n), 1, 0, 0, 0, 0, time.UTC).Format("2006-01")
}
