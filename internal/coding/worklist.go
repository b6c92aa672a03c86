package coding

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"chartroom/internal/chart"
	"chartroom/internal/gate"
)

// Why says why an encounter is on the list of work.
type Why string

// The reasons, the most pressing first.
const (
	WhyReopened  Why = "reopened"
	WhyNewText   Why = "new document"
	WhyStarted   Why = "started"
	WhyUncoded   Why = "not coded"
	WhyNoText    Why = "no document yet"
	WhyCompleted Why = "final"
)

// CodingDays is how long after the encounter's end coding is due, or after its
// record came in where that was later. There is no national rule; bills are held
// three days and coding takes two to four.
const CodingDays = 4

// WorkFilter narrows the list of work. Zero fields do not narrow.
type WorkFilter struct {
	State   string // "" to do, "final", "all"
	Setting chart.Setting
	Unit    string
	Mine    bool // what the actor worked on last
	Limit   int  // 1 to 500; 0 takes 50
	After   string
	Units   bool // list the units as well, for the filter
}

// WorkItem is one encounter on the list of work.
type WorkItem struct {
	Encounter   chart.Encounter `json:"encounter"`
	Patient     chart.Patient   `json:"-"` // name and number, for the page
	Why         Why             `json:"why"`
	Since       time.Time       `json:"since"` // end of the encounter
	Due         time.Time       `json:"due"`
	Overdue     bool            `json:"overdue"`
	State       State           `json:"state"`
	Diagnoses   int             `json:"diagnoses"`
	Procedures  int             `json:"procedures"`
	Offered     int             `json:"offered"` // suggestions not decided on
	Texts       int             `json:"texts"`
	Coder       string          `json:"coder"` // actor id, "" nobody yet
	FinalisedAt time.Time       `json:"finalised_at"`
}

// WorkPage is one page of the list, the longest due first.
type WorkPage struct {
	Items []WorkItem `json:"items"`
	Next  string     `json:"next"` // cursor; "" after the last
	Units []string   `json:"units,omitempty"`
}

// The list: encounters that ended, with where their coding stands. Oldest end
// first, so that what is due longest leads.
const sqlWorklist = `SELECT e.id, e.record, e.end_at, e.texts, COALESCE(c.state, ''), COALESCE(c.diagnoses, 0),
	COALESCE(c.procedures, 0), COALESCE(c.offered, 0), COALESCE(c.texts, 0), COALESCE(c.coder, ''), COALESCE(c.finalised_at, 0),
	COALESCE((SELECT MAX(f.finalisation) FROM final_code f WHERE f.coding = c.id), 0),
	COALESCE((SELECT MIN(v.recorded_at) FROM fact v WHERE v.id = e.id), 0)
	FROM encounter e LEFT JOIN coding c ON c.encounter = e.id
	WHERE e.withdrawn = 0 AND e.end_at > 0`

// Worklist lists encounters by what is to be done about their coding.
func (s *Service) Worklist(ctx context.Context, actor gate.Actor, f WorkFilter) (WorkPage, error) {
	var page WorkPage
	err := s.gate.Read(ctx, actor, ActionWorklist, gate.Department(), func(tx *gate.Tx) (err error) {
		page, err = s.worklist(ctx, tx, f)
		return err
	})
	if err != nil {
		return WorkPage{}, fmt.Errorf("list of work: %w", err)
	}
	return page, nil
}

func (s *Service) worklist(ctx context.Context, tx *gate.Tx, f WorkFilter) (WorkPage, error) {
	query, args, limit, err := f.query(tx.Actor().ID)
	if err != nil {
		return WorkPage{}, err
	}
	found, err := workRows(ctx, tx, query, args)
	if err != nil {
		return WorkPage{}, err
	}
	page := WorkPage{Items: []WorkItem{}}
	if len(found) > limit {
		found = found[:limit]
		last := found[limit-1]
		page.Next = chart.Cursor(last.end, last.encounter)
	}
	withheld := 0 // records that the policy refuses to the reader
	for _, r := range found {
		shown, err := tx.AboutIf(ctx, gate.Encounter(r.record, r.encounter))
		if err != nil {
			return WorkPage{}, fmt.Errorf("read list of work: %w", err)
		}
		if !shown {
			withheld++
			continue
		}
		item, err := s.item(ctx, tx, r)
		if err != nil {
			return WorkPage{}, err
		}
		page.Items = append(page.Items, item)
	}
	tx.Detail("rows", strconv.Itoa(len(page.Items)))
	if withheld > 0 {
		tx.Detail("withheld", strconv.Itoa(withheld))
	}
	if f.Units {
		page.Units, err = s.chart.UnitsTx(ctx, tx)
	}
	return page, err
}

// workRow is a row of the list as the store has it.
type workRow struct {
	encounter, record              string
	end, arrived, finalised        int64 // microseconds
	texts, read                    int
	state, coder                   string
	diagnoses, procedures, offered int
	finalisations                  int
}

func workRows(ctx context.Context, tx *gate.Tx, query string, args []any) ([]workRow, error) {
	rows, err := tx.Query(ctx, query, args...)
	if err != nil {
		return nil, fmt.Errorf("read list of work: %w", err)
	}
	defer rows.Close() //nolint:errcheck // rows.Err is looked at below
	var found []workRow
	for rows.Next() {
		var r workRow
		if err := rows.Scan(&r.encounter, &r.record, &r.end, &r.texts, &r.state, &r.diagnoses, &r.procedures, &r.offered,
			&r.read, &r.coder, &r.finalised, &r.finalisations, &r.arrived); err != nil {
			return nil, fmt.Errorf("read list of work: %w", err)
		}
		found = append(found, r)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("read list of work: %w", err)
	}
	return found, nil
}

// item opens a row for the page. EncounterTx lists the record among the
// action's subjects, and asks the policy about it.
func (s *Service) item(ctx context.Context, tx *gate.Tx, r workRow) (WorkItem, error) {
	enc, err := s.chart.EncounterTx(ctx, tx, r.encounter)
	if err != nil {
		return WorkItem{}, err
	}
	patient, err := s.chart.PatientTx(ctx, tx, r.record)
	if err != nil {
		return WorkItem{}, err
	}
	item := WorkItem{
		Encounter: enc, Patient: patient, Why: r.why(), Since: enc.End, Due: r.due(), State: State(r.state),
		Diagnoses: r.diagnoses, Procedures: r.procedures, Offered: r.offered, Texts: r.texts, Coder: r.coder,
	}
	if r.state == "" {
		item.State = Open
	}
	item.Overdue = item.State == Open && tx.Now().After(item.Due)
	if r.finalised > 0 {
		item.FinalisedAt = time.UnixMicro(r.finalised).UTC()
	}
	return item, nil
}

func (r workRow) due() time.Time {
	return time.UnixMicro(max(r.end, r.arrived)).UTC().AddDate(0, 0, CodingDays)
}

func (r workRow) why() Why {
	switch {
	case r.state == string(Final) || r.state == string(Provisional):
		if r.texts > r.read {
			return WhyNewText
		}
		return WhyCompleted
	case r.finalisations > 0:
		return WhyReopened
	case r.diagnoses+r.procedures > 0:
		return WhyStarted
	case r.texts == 0:
		return WhyNoText
	default:
		return WhyUncoded
	}
}

// query builds the list's statement: one fixed frame, one condition a filter.
func (f WorkFilter) query(actor string) (query string, args []any, limit int, err error) {
	limit = f.Limit
	if limit <= 0 || limit > 500 {
		limit = 50
	}
	var b strings.Builder
	b.WriteString(sqlWorklist)
	add := func(condition string, value any) {
		args = append(args, value)
		b.WriteString(" AND " + strings.ReplaceAll(condition, "?", "$"+strconv.Itoa(len(args))))
	}
	switch f.State {
	case "":
		// Final again has work in it when a document came after it was read.
		b.WriteString(" AND (c.state IS NULL OR c.state = 'open' OR e.texts > c.texts)")
	case "final":
		b.WriteString(" AND c.state IN ('final', 'provisional')")
	case "all":
	default:
		return "", nil, 0, fmt.Errorf("%w: state of work", ErrBadInput)
	}
	if f.Setting != "" {
		add("e.setting = ?", string(f.Setting))
	}
	if f.Unit != "" {
		add("e.unit = ?", f.Unit)
	}
	if f.Mine {
		add("c.coder = ?", actor)
	}
	if f.After != "" {
		end, id, err := chart.ReadCursor(f.After)
		if err != nil {
			return "", nil, 0, fmt.Errorf("%w: %w", ErrBadInput, err)
		}
		args = append(args, end, id)
		at := "$" + strconv.Itoa(len(args)-1)
		b.WriteString(" AND (e.end_at > " + at + " OR (e.end_at = " + at + " AND e.id > $" + strconv.Itoa(len(args)) + "))")
	}
	args = append(args, limit+1)
	b.WriteString(" ORDER BY e.end_at, e.id LIMIT $" + strconv.Itoa(len(args)))
	return b.String(), args, limit, nil
}
