package deficiency

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"chartroom/internal/chart"
	"chartroom/internal/deficiency/rules"
	"chartroom/internal/gate"
	"chartroom/internal/seal"
)

// Filter narrows the figures and the lists behind them. Zero fields do not narrow.
// Summary narrows by Unit alone.
type Filter struct {
	Unit      string
	Rule      string // id: "C05"
	Severity  rules.Severity
	Clinician string    // keyed hash, as Summary gives it; NoClinician for those that wait for nobody
	From, To  time.Time // open since [From, To)
	Limit     int       // of a list: 1 to 200; 0 takes 50
	After     string    // of a list: cursor of the page before
}

// NoClinician narrows a list to findings that no clinician settles.
const NoClinician = "none"

// Count is one figure with what it counts.
type Count struct {
	Value string `json:"value"` // a rule's id, a severity, a clinician's token, a unit
	Name  string `json:"name"`  // in words
	N     int    `json:"n"`
}

// Age is how many findings have been open for so long.
type Age struct {
	Name     string    `json:"name"`
	From, To time.Time `json:"-"` // open since [From, To): what Filter takes; zero is open-ended
	N        int       `json:"n"`
}

// Standing is how the records of the department, or of a unit, stand.
type Standing struct {
	Open        int     `json:"open"`         // open findings
	ByRule      []Count `json:"by_rule"`      // most first
	BySeverity  []Count `json:"by_severity"`  // gravest first
	ByClinician []Count `json:"by_clinician"` // most first
	ByUnit      []Count `json:"by_unit"`      // of the whole department only; most first
	Ages        []Age   `json:"ages"`         // youngest first

	Records int `json:"records"` // records analysed, of the whole department only
	Clean   int `json:"clean"`   // of these, without an open finding
	Waiting int `json:"waiting"` // records changed and not yet analysed; at most 1,000 are counted

	Discharges   int     `json:"discharges"`    // stays and visits that ended in the 12 months before
	WithFindings int     `json:"with_findings"` // of these, with an open finding
	Rate         float64 `json:"rate"`          // of these with an open finding, per 100

	Delinquent      int      `json:"delinquent"`       // inpatient records not complete 30 days after discharge
	AverageMonthly  float64  `json:"average_monthly"`  // inpatient discharges a month, of the 12 months before this one
	DelinquencyRate float64  `json:"delinquency_rate"` // delinquent records per 100 average monthly discharges
	Units           []string `json:"units"`            // to narrow by
}

// Summary gives the figures, from counters: it takes the same time at any size of the
// department. It tells of no patient.
func (s *Service) Summary(ctx context.Context, actor gate.Actor, f Filter) (Standing, error) {
	var out Standing
	err := s.gate.Read(ctx, actor, ActionList, gate.Department(), func(tx *gate.Tx) (err error) {
		out, err = s.summaryTx(ctx, tx, f)
		return err
	})
	if err != nil {
		return Standing{}, fmt.Errorf("how the records stand: %w", err)
	}
	return out, nil
}

func (s *Service) summaryTx(ctx context.Context, tx *gate.Tx, f Filter) (Standing, error) { //nolint:cyclop,gocyclo // one case a kind of counter
	counters, err := readTallies(ctx, tx, f.Unit)
	if err != nil {
		return Standing{}, err
	}
	names, err := s.clinicians(ctx, tx)
	if err != nil {
		return Standing{}, err
	}
	out := Standing{ByRule: []Count{}, BySeverity: []Count{}, ByClinician: []Count{}, ByUnit: []Count{}, Ages: ages(tx.Now())}
	first, last := monthsBack(tx.Now(), 12), monthsBack(tx.Now(), 1)
	monthly := 0
	for _, c := range counters {
		switch c.kind {
		case byRule:
			rule, _ := s.Rule(c.value)
			out.ByRule = append(out.ByRule, Count{c.value, rule.Title(), c.n})
		case bySeverity:
			out.Open += c.n
			out.BySeverity = append(out.BySeverity, Count{c.value, c.value, c.n})
		case byClinician:
			out.ByClinician = append(out.ByClinician, clinicianCount(c, names))
		case bySince:
			out.age(c)
		case recordsSeen:
			if c.value == "all" {
				out.Records = c.n
			} else {
				out.Clean = c.n
			}
		case discharges:
			if c.value >= first {
				out.Discharges += c.n
			}
		case inpatients:
			if c.value >= first && c.value <= last {
				monthly += c.n
			}
		case withFindings:
			if c.value >= first {
				out.WithFindings += c.n
			}
		case delinquents:
			out.Delinquent += c.n
		}
	}
	out.rates(monthly)
	byMost := func(a, b Count) int { return cmp.Or(b.N-a.N, strings.Compare(a.Value, b.Value)) }
	slices.SortFunc(out.ByRule, byMost)
	slices.SortFunc(out.ByClinician, byMost)
	slices.SortFunc(out.BySeverity, func(a, b Count) int { return weight(rules.Severity(a.Value)) - weight(rules.Severity(b.Value)) })
	if err := tx.QueryRow(ctx, sqlWaiting, tx.Now().UnixMicro()).Scan(&out.Waiting); err != nil {
		return Standing{}, fmt.Errorf("records that wait: %w", err)
	}
	if f.Unit == "" {
		if out.ByUnit, err = readByUnit(ctx, tx); err != nil {
			return Standing{}, err
		}
	}
	out.Units, err = readUnits(ctx, tx)
	return out, err
}

func (out *Standing) rates(monthly int) {
	if out.Discharges > 0 {
		out.Rate = 100 * float64(out.WithFindings) / float64(out.Discharges)
	}
	out.AverageMonthly = float64(monthly) / 12
	if out.AverageMonthly > 0 {
		out.DelinquencyRate = 100 * float64(out.Delinquent) / out.AverageMonthly
	}
}

func clinicianCount(c counter, names map[string]string) Count {
	if c.value == "" {
		return Count{NoClinician, "nobody in particular", c.n}
	}
	name := names[c.value]
	if name == "" {
		name = "a clinician without a name"
	}
	return Count{c.value, name, c.n}
}

// ages are the bands of how long findings have been open.
func ages(now time.Time) []Age {
	bands := []struct {
		name string
		days int // up to
	}{{"up to 7 days", 7}, {"8 to 14 days", 14}, {"15 to 30 days", 30}, {"31 to 60 days", 60}, {"61 to 90 days", 90}, {"more than 90 days", 0}}
	today := now.UTC().Truncate(day)
	out := make([]Age, 0, len(bands))
	to := time.Time{}
	for _, b := range bands {
		a := Age{Name: b.name, To: to}
		if b.days > 0 {
			a.From = today.AddDate(0, 0, -b.days)
			to = a.From
		}
		out = append(out, a)
	}
	return out
}

// age counts the findings open since one day into their band.
func (out *Standing) age(c counter) {
	days, err := strconv.ParseInt(c.value, 10, 64)
	if err != nil {
		return
	}
	since := time.Unix(days*int64(day/time.Second), 0).UTC()
	for i := range out.Ages {
		a := &out.Ages[i]
		if (a.From.IsZero() || !since.Before(a.From)) && (a.To.IsZero() || since.Before(a.To)) {
			a.N += c.n
			return
		}
	}
}

type counter struct {
	kind, value string
	n           int
}

func readTallies(ctx context.Context, tx *gate.Tx, unit string) ([]counter, error) {
	all, err := gate.Collect(ctx, tx, func(r gate.Row, c *counter) error { return r.Scan(&c.kind, &c.value, &c.n) }, sqlTallies, unit)
	if err != nil {
		return nil, fmt.Errorf("read counters: %w", err)
	}
	return all, nil
}

func readByUnit(ctx context.Context, tx *gate.Tx) ([]Count, error) {
	rows, err := tx.Query(ctx, sqlByUnit)
	if err != nil {
		return nil, fmt.Errorf("read counters: %w", err)
	}
	defer func() { _ = rows.Close() }()
	all := []Count{}
	for rows.Next() {
		var c Count
		if err := rows.Scan(&c.Value, &c.N); err != nil {
			return nil, fmt.Errorf("read counters: %w", err)
		}
		if c.Name = c.Value; c.N > 0 {
			all = append(all, c)
		}
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("read counters: %w", err)
	}
	return all, nil
}

func readUnits(ctx context.Context, tx *gate.Tx) ([]string, error) {
	rows, err := tx.Query(ctx, sqlUnits)
	if err != nil {
		return nil, fmt.Errorf("read units: %w", err)
	}
	defer func() { _ = rows.Close() }()
	all := []string{}
	for rows.Next() {
		var u string
		if err := rows.Scan(&u); err != nil {
			return nil, fmt.Errorf("read units: %w", err)
		}
		all = append(all, u)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("read units: %w", err)
	}
	return all, nil
}

// clinicians opens the names of the clinicians that findings wait for.
func (s *Service) clinicians(ctx context.Context, tx *gate.Tx) (map[string]string, error) {
	sealed, err := readClinicians(ctx, tx)
	if err != nil {
		return nil, err
	}
	out := map[string]string{}
	if len(sealed) == 0 {
		return out, nil
	}
	key, err := s.ring.Key(ctx, tx, chart.DepartmentOwner)
	if err != nil {
		return nil, fmt.Errorf("key of the department: %w", err)
	}
	for token, name := range sealed {
		plain, err := key.Open(name, seal.Place("deficiency_clinician", "sealed", token, 1))
		if err != nil {
			return nil, fmt.Errorf("open the name of a clinician: %w", err)
		}
		out[token] = string(plain)
	}
	return out, nil
}

func readClinicians(ctx context.Context, tx *gate.Tx) (map[string][]byte, error) {
	rows, err := tx.Query(ctx, sqlClinicians)
	if err != nil {
		return nil, fmt.Errorf("read clinicians: %w", err)
	}
	defer func() { _ = rows.Close() }()
	sealed := map[string][]byte{}
	for rows.Next() {
		var token string
		var name []byte
		if err := rows.Scan(&token, &name); err != nil {
			return nil, fmt.Errorf("read clinicians: %w", err)
		}
		sealed[token] = name
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("read clinicians: %w", err)
	}
	return sealed, nil
}
