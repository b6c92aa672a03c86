package coding

import (
	"context"
	"fmt"
	"time"

	"chartroom/internal/chart"
	"chartroom/internal/gate"
	worklist "chartroom/internal/work"
)

// Why says why an encounter is on the list of work.
type Why string

// The reasons, the most pressing first.
const (
	WhyReopened Why = "reopened"
	WhyNewText  Why = "new document"
	WhyStarted  Why = "started"
	WhyUncoded  Why = "not coded"
	WhyNoText   Why = "no document yet"
)

// How an item of the list was settled.
const (
	howFinal       = "final"
	howProvisional = "provisionally final"
	howNotEnded    = "the encounter has not ended"
	howWithdrawn   = "the encounter was withdrawn"
)

// priority is how pressing a reason is: what was final once may have been billed,
// and without a document there is nothing to read.
func (y Why) priority() int {
	switch y {
	case WhyReopened, WhyNewText:
		return 2
	case WhyNoText:
		return 4
	default:
		return 3
	}
}

// Columns are what the list of work shows of an encounter's coding.
type Columns struct {
	State   State  `json:"state"`
	Texts   int    `json:"texts"`
	Codes   int    `json:"codes"`
	Offered int    `json:"offered"` // suggestions not decided on
	Coder   string `json:"coder"`   // actor who changed it last, "" nobody yet
}

// ColumnsTx gives the columns of encounters inside the action that lists them,
// which has asked the policy about each.
func (s *Service) ColumnsTx(ctx context.Context, tx *gate.Tx, encounters []string) (map[string]Columns, error) {
	rows, err := progressOf(ctx, tx, encounters)
	if err != nil {
		return nil, err
	}
	columns := make(map[string]Columns, len(rows))
	for _, r := range rows {
		c := Columns{State: State(r.state), Texts: r.texts, Codes: r.diagnoses + r.procedures, Offered: r.offered, Coder: r.coder}
		if r.state == "" {
			c.State = Open
		}
		columns[r.encounter] = c
	}
	return columns, nil
}

// Watch keeps the list of work up with the chart: an encounter that has ended is
// to be coded, and one that is final has work in it again when a document comes.
// It is a chart.Watcher.
func (s *Service) Watch(ctx context.Context, tx *gate.Tx, news []chart.News) error {
	texts := map[string]int{}
	for _, n := range news {
		if n.Kind == "document" && n.Encounter != "" && !n.Withdrawn {
			texts[n.Encounter]++
		}
	}
	var fresh []worklist.Want
	var known []string
	met := map[string]bool{} // encounters that were dealt with
	for _, n := range news {
		if n.Kind != "encounter" || met[n.ID] {
			continue
		}
		met[n.ID] = true
		if n.Number > 1 {
			known = append(known, n.ID)
			continue
		}
		if n.Withdrawn || n.End.IsZero() {
			continue
		}
		r := progress{
			encounter: n.ID, record: n.Record, setting: string(n.Setting), unit: n.Unit, end: n.End.UnixMicro(),
			arrived: tx.Now().UnixMicro(), texts: texts[n.ID],
		}
		fresh = append(fresh, r.want())
	}
	for _, n := range news {
		if n.Kind == "document" && n.Encounter != "" && !met[n.Encounter] {
			met[n.Encounter] = true
			known = append(known, n.Encounter)
		}
	}
	if err := s.lists.PutNewTx(ctx, tx, fresh); err != nil {
		return fmt.Errorf("list of work: %w", err)
	}
	return s.restate(ctx, tx, known)
}

// restate brings the items of encounters up to how their coding stands.
func (s *Service) restate(ctx context.Context, tx *gate.Tx, encounters []string) error {
	rows, err := progressOf(ctx, tx, encounters)
	if err != nil {
		return err
	}
	for _, r := range rows {
		why, how := r.why()
		if why == "" {
			err = s.lists.SettleTx(ctx, tx, worklist.Coding, r.encounter, how)
		} else {
			err = s.lists.PutTx(ctx, tx, r.want())
		}
		if err != nil {
			return fmt.Errorf("list of work: %w", err)
		}
	}
	return nil
}

// progress is how the coding of an encounter stands, as the store has it; times
// are microseconds.
type progress struct {
	encounter, record, setting, unit string
	end, arrived                     int64
	texts, read                      int // documents there are, and those the coding rests on
	withdrawn                        int
	state, coder                     string
	diagnoses, procedures, offered   int
	finalisations                    int
}

// why says what is to be done about the encounter's coding, or, where nothing is,
// how that came.
func (r progress) why() (why Why, how string) {
	switch final := r.state == string(Final) || r.state == string(Provisional); {
	case r.withdrawn != 0:
		return "", howWithdrawn
	case r.end == 0:
		return "", howNotEnded
	case final && r.texts > r.read:
		return WhyNewText, ""
	case r.state == string(Provisional):
		return "", howProvisional
	case final:
		return "", howFinal
	case r.finalisations > 0:
		return WhyReopened, ""
	case r.diagnoses+r.procedures > 0:
		return WhyStarted, ""
	case r.texts == 0:
		return WhyNoText, ""
	default:
		return WhyUncoded, ""
	}
}

// want is the item of an encounter that is to be coded. Its clock runs from the
// end of the encounter, or from when its record came in where that was later.
func (r progress) want() worklist.Want {
	why, _ := r.why()
	return worklist.Want{
		Queue: worklist.Coding, Key: r.encounter, Record: r.record, Encounter: r.encounter, Kind: r.setting, Unit: r.unit,
		Reason: string(why), Priority: why.priority(), Since: time.UnixMicro(r.end), From: time.UnixMicro(max(r.end, r.arrived)),
		Open: "/coding/" + r.encounter,
	}
}

// progressAtOnce is how many encounters sqlProgress takes.
const progressAtOnce = 16

// progressOf reads how the coding of encounters stands.
func progressOf(ctx context.Context, tx *gate.Tx, encounters []string) ([]progress, error) {
	var all []progress
	for len(encounters) > 0 {
		group := encounters[:min(progressAtOnce, len(encounters))]
		encounters = encounters[len(group):]
		args := make([]any, progressAtOnce)
		for i := range args {
			args[i] = group[min(i, len(group)-1)] // filled up with the last
		}
		rows, err := someProgress(ctx, tx, args)
		if err != nil {
			return nil, err
		}
		all = append(all, rows...)
	}
	return all, nil
}

func someProgress(ctx context.Context, tx *gate.Tx, args []any) ([]progress, error) {
	found, err := gate.Collect(ctx, tx, func(from gate.Row, r *progress) error {
		return from.Scan(&r.encounter, &r.record, &r.setting, &r.unit, &r.end, &r.texts, &r.withdrawn, &r.state, &r.diagnoses,
			&r.procedures, &r.offered, &r.read, &r.coder, &r.finalisations, &r.arrived)
	}, sqlProgress, args...)
	if err != nil {
		return nil, fmt.Errorf("how coding stands: %w", err)
	}
	return found, nil
}
