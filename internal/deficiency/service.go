package deficiency

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"sync/atomic"
	"time"

	"chartroom/internal/chart"
	"chartroom/internal/deficiency/rules"
	"chartroom/internal/gate"
	"chartroom/internal/identity"
	"chartroom/internal/seal"
	"chartroom/internal/work"
)

// The actions of this package, as the policy names them.
const (
	ActionRead    gate.Action = "deficiency.read"    // the findings of a record
	ActionList    gate.Action = "deficiency.list"    // how the records stand, and the lists behind each figure
	ActionWaive   gate.Action = "deficiency.waive"   // say that a finding does not hold, or take that back
	ActionAsk     gate.Action = "deficiency.ask"     // ask whoever is to settle a finding
	ActionAnalyse gate.Action = "deficiency.analyse" // Chartroom's own analysis of records that changed
	ActionLook    gate.Action = "deficiency.look"    // its look whether there are any
)

// The errors callers look for. Their text names no patient.
var (
	ErrNotFound = errors.New("there is no such finding")
	ErrReason   = errors.New("a finding is waived with a reason")
	ErrState    = errors.New("the finding is not open any more")
	ErrBadInput = errors.New("the request is not usable")
)

// Service is the door of the analysis. It is safe for concurrent use.
type Service struct {
	gate     *gate.Gate
	ring     *seal.Ring
	chart    *chart.Service
	identity *identity.Service
	work     *work.Service
	engine   *rules.Engine
	broken   error // why there is no engine: a table of the rules that cannot be read
	settings atomic.Pointer[rules.Settings]
	worker   *gate.Worker
}

// New makes the door from the doors it stands on. Have the chart and the identity map
// tell it of changes (Watch, Linked) and let Run work.
func New(g *gate.Gate, r *seal.Ring, c *chart.Service, w *work.Service) *Service {
	s := &Service{gate: g, ring: r, chart: c, identity: identity.New(g, r), work: w}
	s.worker = gate.NewWorker(poll, gather, s.CatchUp)
	s.engine, s.broken = rules.New()
	settings := rules.Defaults()
	s.settings.Store(&settings)
	return s
}

// Rules lists the rules of the analysis.
func (s *Service) Rules() []rules.Rule { return rules.All() }

// Rule gives a rule by its id.
func (s *Service) Rule(id string) (rules.Rule, bool) {
	for _, r := range rules.All() {
		if r.ID == id {
			return r, true
		}
	}
	return rules.Rule{}, false
}

// Settings are the thresholds the analysis works with.
func (s *Service) Settings() rules.Settings { return *s.settings.Load() }

// Configure sets the thresholds. Records are looked at by them when they next change
// or a clock runs out; MarkAll has all of them looked at.
func (s *Service) Configure(settings rules.Settings) { s.settings.Store(&settings) }

// SettingsFile is the name of the file of thresholds in the folder of a department.
const SettingsFile = "deficiency.json"

// ConfigureFrom sets the thresholds of a file; where there is none the defaults stay.
func (s *Service) ConfigureFrom(file string) error {
	f, err := os.Open(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("settings of the analysis: %w", err)
	}
	settings, err := ReadSettings(f)
	if err := errors.Join(err, f.Close()); err != nil {
		return err
	}
	s.Configure(settings)
	return nil
}

// ReadSettings reads thresholds from JSON, {"summary_days": 14, "progress_gap": 2}:
// what is not named keeps its default. Unknown names are an error.
func ReadSettings(r io.Reader) (rules.Settings, error) {
	out := rules.Defaults()
	var in map[string]float64
	if err := json.NewDecoder(r).Decode(&in); err != nil {
		return out, fmt.Errorf("settings of the analysis: %w", err)
	}
	durations := map[string]struct {
		unit time.Duration
		to   *time.Duration
	}{
		"history_hours": {time.Hour, &out.HistoryWithin}, "history_old_days": {day, &out.HistoryOld}, "summary_days": {day, &out.SummaryWithin},
		"complete_days": {day, &out.CompleteWithin}, "sign_hours": {time.Hour, &out.SignWithin}, "operative_hours": {time.Hour, &out.OperativeWithin},
		"pathology_days": {day, &out.PathologyWithin}, "visit_note_days": {day, &out.VisitNoteWithin}, "order_sign_hours": {time.Hour, &out.OrderSignWithin},
		"order_before_days": {day, &out.OrderBefore}, "facility_visit_days": {day, &out.VisitEvery}, "facility_visit_later_days": {day, &out.VisitEveryLater},
		"placeholder_days": {day, &out.PlaceholderAfter}, "open_days": {day, &out.OpenAfter}, "open_silent_days": {day, &out.OpenSilent},
		"outside_before_hours": {time.Hour, &out.OutsideBefore}, "outside_after_days": {day, &out.OutsideAfter},
	}
	for name, v := range in {
		if v <= 0 {
			return out, fmt.Errorf("settings of the analysis: %s must be more than 0", name)
		}
		d, ok := durations[name]
		switch {
		case ok:
			*d.to = time.Duration(v * float64(d.unit))
		case name == "progress_gap":
			out.ProgressGap = int(v)
		case name == "assessment_day":
			out.AssessmentDay = int(v)
		case name == "copied_share":
			out.CopiedShare = v
		case name == "weight_change":
			out.WeightChange = v
		case name == "medicare_age":
			out.MedicareAge = int(v)
		default:
			return out, fmt.Errorf("settings of the analysis: there is no %s", name)
		}
	}
	return out, nil
}

const day = 24 * time.Hour

// Watch marks the records that an action stored something of. It is for wiring: give
// it to chart.Service.Watch.
func (s *Service) Watch(ctx context.Context, tx *gate.Tx, news []chart.News) error {
	last := ""
	var marked map[string]bool
	for _, n := range news {
		if n.Record == "" || n.Record == last || n.Kind == string(chart.Other) || marked[n.Record] {
			continue
		}
		if last != "" {
			if marked == nil {
				marked = map[string]bool{}
			}
			marked[last] = true
		}
		last = n.Record
		if err := mark(ctx, tx, n.Record); err != nil {
			return err
		}
	}
	if last != "" {
		tx.OnCommit(s.worker.Wake)
	}
	return nil
}

// Linked marks the records that a link or its undoing gave another person. It is for
// wiring: give it to identity.Service.Watch.
func (s *Service) Linked(ctx context.Context, tx *gate.Tx, records []string) error {
	for _, r := range records {
		if err := mark(ctx, tx, r); err != nil {
			return err
		}
	}
	tx.OnCommit(s.worker.Wake)
	return nil
}

// poll is how often the list is looked at when nobody wakes the analysis: a clock may
// have run out, or another process stored something.
const poll = time.Minute

// gather is how long the analysis waits for more after it was woken: what comes in
// comes in batches, and a record is looked at once it is quiet.
const gather = time.Second

// Run analyses records as they change and as clocks run out, until ctx ends. What
// fails is told to report, and tried again.
func (s *Service) Run(ctx context.Context, report func(error)) { s.worker.Run(ctx, report) }

// CatchUp analyses all records that are due.
func (s *Service) CatchUp(ctx context.Context) error {
	for {
		due := 0
		err := s.gate.Read(ctx, analyst(), ActionLook, gate.Department(), func(tx *gate.Tx) error {
			return tx.QueryRow(ctx, sqlDueCount, tx.Now().UnixMicro()).Scan(&due)
		})
		if err != nil {
			return fmt.Errorf("deficiency analysis: %w", err)
		}
		if due == 0 {
			return nil
		}
		n, err := s.some(ctx)
		if err != nil {
			return fmt.Errorf("deficiency analysis: %w", err)
		}
		if n == 0 {
			return nil
		}
	}
}

// AnalyseNow looks at the records given, or at all that are due where none is, without
// waiting for the worker.
func (s *Service) AnalyseNow(ctx context.Context, records ...string) error {
	if len(records) > 0 {
		err := s.gate.Change(ctx, analyst(), ActionAnalyse, gate.Department(), func(tx *gate.Tx) error {
			for _, r := range records {
				if err := mark(ctx, tx, r); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return fmt.Errorf("deficiency analysis: %w", err)
		}
	}
	return s.CatchUp(ctx)
}

// MarkAll has every record looked at again, as after a change of the settings.
func (s *Service) MarkAll(ctx context.Context, actor gate.Actor) error {
	err := s.gate.Change(ctx, actor, ActionAnalyse, gate.Department(), func(tx *gate.Tx) error {
		if _, err := tx.Exec(ctx, sqlMarkAll, tx.Now().UnixMicro()); err != nil {
			return fmt.Errorf("mark records: %w", err)
		}
		tx.OnCommit(s.worker.Wake)
		return nil
	})
	if err != nil {
		return fmt.Errorf("deficiency analysis: %w", err)
	}
	return nil
}

// analyst is who the analysis acts as.
func analyst() gate.Actor {
	return gate.Actor{ID: "deficiency", Kind: gate.System, Name: "Deficiency analysis"}
}
