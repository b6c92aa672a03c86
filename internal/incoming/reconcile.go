package incoming

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"chartroom/internal/chart"
	"chartroom/internal/gate"
	"chartroom/internal/work"
)

// SettleReasons are how a line of a list can be settled by hand.
func SettleReasons() []string {
	return []string{
		"the list was wrong", "the admission was cancelled", "it belongs to another facility", "the documents were asked for",
		"the record was found", "the registration was corrected",
	}
}

// required are the documents without which a stay that ended is not complete
// (42 CFR 482.24(c)(4)(i) and (vii)); any encounter has at least one document.
var required = []string{"history and physical", "discharge summary"}

// maxStays bounds the encounters that one list is held against.
const maxStays = 10000

// Reconcile holds a discharge list against the records received and keeps what it
// came to. rejected is how many lines of it could not be used.
func (s *Service) Reconcile(ctx context.Context, actor gate.Actor, lines []Discharge, rejected int) (*List, error) {
	if len(lines) == 0 || len(lines) > MaxLines {
		return nil, fmt.Errorf("%w: a list has 1 to %d lines", ErrBadInput, MaxLines)
	}
	l := List{ID: gate.NewID(), Source: "list", Rejected: rejected, FirstDay: lines[0].Day, LastDay: lines[0].Day}
	for _, d := range lines {
		l.FirstDay, l.LastDay = min(l.FirstDay, d.Day), max(l.LastDay, d.Day)
	}
	return s.keepList(ctx, actor, l, lines)
}

// ReconcileDay holds the encounters that ended on a day against the documents
// received for them: a list where no list came.
func (s *Service) ReconcileDay(ctx context.Context, actor gate.Actor, day string) (*List, error) {
	if _, _, err := s.day(day); err != nil {
		return nil, err
	}
	l := List{ID: gate.NewID(), Source: "encounters", FirstDay: day, LastDay: day}
	var lines []Discharge
	err := s.gate.Read(ctx, actor, ActionReconcile, gate.Department(), func(tx *gate.Tx) error {
		lines = nil
		stays, err := s.stays(ctx, tx, l.FirstDay, l.LastDay, nil)
		if err != nil {
			return err
		}
		for _, st := range stays {
			p, err := s.chart.PatientTx(ctx, tx, st.record)
			if err != nil {
				return err
			}
			lines = append(lines, Discharge{Account: st.number, MRN: st.mrn, Name: p.Name.Family + ", " + p.Name.Given, Day: day, Unit: st.unit})
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("reconcile a day: %w", err)
	}
	if len(lines) == 0 {
		return nil, fmt.Errorf("%w: no stay ended on that day", ErrBadInput)
	}
	return s.keepList(ctx, actor, l, lines)
}

func (s *Service) keepList(ctx context.Context, actor gate.Actor, l List, discharges []Discharge) (*List, error) {
	fresh := make([]Line, 0, len(discharges))
	for i, d := range discharges {
		fresh = append(fresh, Line{Number: i + 1, Discharge: d})
	}
	held, err := s.holdUp(ctx, actor, l, fresh)
	if err != nil {
		return nil, fmt.Errorf("reconcile: %w", err)
	}
	err = s.gate.Change(ctx, actor, ActionReconcile, gate.Subject{Kind: "discharge list", ID: l.ID}, func(tx *gate.Tx) error {
		l.MadeAt, l.MadeBy, l.MatchedAt = tx.Now(), actor.ID, tx.Now()
		_, err := tx.Exec(ctx, sqlListPut, l.ID, l.Source, l.FirstDay, l.LastDay, gate.Micros(l.MadeAt), l.MadeBy, tx.EntryID(), gate.Micros(l.MatchedAt), l.Rejected)
		if err != nil {
			return fmt.Errorf("write the list: %w", err)
		}
		return s.write(ctx, tx, l, held, nil)
	})
	if err != nil {
		return nil, fmt.Errorf("reconcile: %w", err)
	}
	l.Lines, l.Counts = held, countLines(held)
	return &l, nil
}

// Rematch holds a list against the records as they are now. Lines that were
// settled by hand stay so, and lines of records closed to the actor as they are.
func (s *Service) Rematch(ctx context.Context, actor gate.Actor, id string) (*List, error) {
	l, err := s.List(ctx, actor, id)
	if err != nil {
		return nil, err
	}
	var asked []Line
	for _, line := range l.Lines {
		if line.State != LineUnlisted {
			asked = append(asked, line)
		}
	}
	held, err := s.holdUp(ctx, actor, *l, asked)
	if err != nil {
		return nil, fmt.Errorf("match again: %w", err)
	}
	settled := map[string]Line{} // unlisted encounters settled by hand
	for _, line := range l.Lines {
		if line.State == LineUnlisted && !line.SettledAt.IsZero() {
			settled[line.Encounter] = line
		}
	}
	for i := range held {
		if was, ok := settled[held[i].Encounter]; ok && held[i].State == LineUnlisted {
			held[i].SettledAt, held[i].SettledBy, held[i].How = was.SettledAt, was.SettledBy, was.How
		}
	}
	err = s.gate.Change(ctx, actor, ActionReconcile, gate.Subject{Kind: "discharge list", ID: id}, func(tx *gate.Tx) error {
		l.MatchedAt = tx.Now()
		if _, err := tx.Exec(ctx, sqlListMatched, gate.Micros(l.MatchedAt), id); err != nil {
			return fmt.Errorf("write the list: %w", err)
		}
		return s.write(ctx, tx, *l, held, l.Lines)
	})
	if err != nil {
		return nil, fmt.Errorf("match again: %w", err)
	}
	l.Lines, l.Counts = held, countLines(slices.Concat(held, l.closed))
	return l, nil
}

// holdUp works out what lines come to, in a read of its own: it may open many
// records, and changes wait for nobody.
func (s *Service) holdUp(ctx context.Context, actor gate.Actor, l List, lines []Line) (held []Line, err error) {
	asked := make([]Discharge, 0, len(lines))
	for _, line := range lines {
		asked = append(asked, line.Discharge)
	}
	err = s.gate.Read(ctx, actor, ActionReconcile, gate.Department(), func(tx *gate.Tx) error {
		stays, err := s.stays(ctx, tx, l.FirstDay, l.LastDay, asked)
		if err != nil {
			return err
		}
		verdicts, unlisted := hold(asked, stays)
		held = judged(lines, verdicts, stays)
		last := 0
		for _, line := range slices.Concat(lines, l.closed) {
			last = max(last, line.Number)
		}
		for n, at := range unlisted {
			st := stays[at]
			p, err := s.chart.PatientTx(ctx, tx, st.record)
			if err != nil {
				return err
			}
			held = append(held, st.line(last+n+1, p.Name))
		}
		return nil
	})
	return held, err
}

// judged are lines with what each came to.
func judged(lines []Line, verdicts []verdict, stays []stay) []Line {
	held := slices.Clone(lines)
	for i, v := range verdicts {
		held[i].State, held[i].Record, held[i].Encounter, held[i].Missing, held[i].HereDay = v.state, "", "", nil, ""
		if v.stay >= 0 {
			st := stays[v.stay]
			held[i].Record, held[i].Encounter, held[i].HereDay, held[i].Missing = st.record, st.id, st.day, st.missing
		}
	}
	return held
}

// line is the line of a stay that is not on the list.
func (st stay) line(number int, name chart.Name) Line {
	return Line{
		Number: number, State: LineUnlisted, Record: st.record, Encounter: st.id, HereDay: st.day, Missing: st.missing,
		Discharge: Discharge{Account: st.number, MRN: st.mrn, Name: name.Family + ", " + name.Given, Day: st.day, Unit: st.unit},
	}
}

// write stores what lines came to, and puts and settles their work.
func (s *Service) write(ctx context.Context, tx *gate.Tx, l List, held, before []Line) error {
	key, err := s.deskKey(ctx, tx)
	if err != nil {
		return err
	}
	stands, kept := map[string]bool{}, map[int]bool{}
	for _, line := range held {
		kept[line.Number] = true
		if line.Open() {
			stands[workKey(l.ID, line)] = true
		}
	}
	for _, line := range before {
		if k := workKey(l.ID, line); line.Open() && !stands[k] {
			if err := s.work.SettleTx(ctx, tx, work.Reconcile, k, "found on matching again"); err != nil {
				return fmt.Errorf("work of a list: %w", err)
			}
		}
		if !kept[line.Number] {
			if _, err := tx.Later(ctx, sqlLineDrop, l.ID, line.Number); err != nil {
				return fmt.Errorf("drop a line: %w", err)
			}
		}
	}
	for _, line := range held {
		if line.Record != "" {
			if err := tx.About(ctx, gate.Record(line.Record)); err != nil {
				return err
			}
		}
		if err := putLine(ctx, tx, key, l.ID, line); err != nil {
			return err
		}
		if !line.Open() {
			continue
		}
		if err := s.work.PutTx(ctx, tx, s.want(l, line)); err != nil {
			return fmt.Errorf("work of a list: %w", err)
		}
	}
	c := countLines(slices.Concat(held, l.closed))
	for name, n := range map[string]int{"lines": c.Lines, "here": c.Here, "open": c.Open} {
		tx.Detail(name, strconv.Itoa(n))
	}
	return nil
}

// workKey names the work of a line. That of an encounter which is not on the list
// goes by the encounter, for its number may change.
func workKey(list string, l Line) string {
	if l.State == LineUnlisted {
		return list + "/" + l.Encounter
	}
	return list + "/" + strconv.Itoa(l.Number)
}

var lineReasons = map[LineState]string{
	LineIncomplete: "documents missing after discharge", LineDiffers: "discharge dates differ", LineAbsent: "discharge without an encounter",
	LineUnlisted: "encounter not on the discharge list",
}

func (s *Service) want(l List, line Line) work.Want {
	since, _, err := s.day(line.Discharge.Day)
	if err != nil {
		since = l.MadeAt
	}
	return work.Want{
		Queue: work.Reconcile, Key: workKey(l.ID, line), Record: line.Record, Encounter: line.Encounter, Reason: lineReasons[line.State],
		Since: since, Open: "/incoming/discharges/" + l.ID,
	}
}

// List reads a list with what each line came to. Lines of records closed to the
// actor are left out; the counts are those of the whole list.
func (s *Service) List(ctx context.Context, actor gate.Actor, id string) (*List, error) {
	var l *List
	err := s.gate.Read(ctx, actor, ActionReconcile, gate.Subject{Kind: "discharge list", ID: id}, func(tx *gate.Tx) (err error) {
		l, err = s.listTx(ctx, tx, id)
		if err != nil {
			return err
		}
		var shown []Line
		for _, line := range l.Lines {
			open := true
			if line.Record != "" {
				if open, err = tx.AboutIf(ctx, gate.Record(line.Record)); err != nil {
					return err
				}
			}
			if open {
				shown = append(shown, line)
			} else {
				l.closed = append(l.closed, line)
			}
		}
		l.Lines = shown
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("discharge list: %w", err)
	}
	return l, nil
}

func (s *Service) listTx(ctx context.Context, tx *gate.Tx, id string) (*List, error) {
	all, err := readLists(ctx, tx, sqlList, id)
	if err != nil {
		return nil, err
	}
	if len(all) == 0 {
		return nil, ErrNotFound
	}
	l := &all[0]
	key, err := s.ring.Key(ctx, tx, deskOwner)
	if err != nil {
		return nil, fmt.Errorf("key of the desk: %w", err)
	}
	l.Lines, err = readLines(ctx, tx, key, id)
	l.Counts = countLines(l.Lines)
	return l, err
}

// maxLists is how many lists are shown, the newest first.
const maxLists = 60

// Lists gives the lists, newest first, each with its counts and without lines.
func (s *Service) Lists(ctx context.Context, actor gate.Actor) ([]List, error) {
	var all []List
	err := s.gate.Read(ctx, actor, ActionReconcile, gate.Department(), func(tx *gate.Tx) (err error) {
		if all, err = readLists(ctx, tx, sqlLists, maxLists); err != nil || len(all) == 0 {
			return err
		}
		for i := range all {
			l, err := s.listTx(ctx, tx, all[i].ID)
			if err != nil {
				return err
			}
			all[i].Counts = l.Counts
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("discharge lists: %w", err)
	}
	return all, nil
}

// Settle settles a line by hand; how is one of SettleReasons.
func (s *Service) Settle(ctx context.Context, actor gate.Actor, id string, number int, how string) error {
	if !slices.Contains(SettleReasons(), how) {
		return fmt.Errorf("%w: choose how the line was settled", ErrReason)
	}
	return s.mark(ctx, actor, id, number, func(tx *gate.Tx, line *Line) error {
		if !line.Open() {
			return fmt.Errorf("%w: the line is settled", ErrStale)
		}
		line.SettledAt, line.SettledBy, line.How = tx.Now(), actor.ID, how
		return s.work.SettleTx(ctx, tx, work.Reconcile, workKey(id, *line), how)
	})
}

// Reopen takes back that a line was settled by hand.
func (s *Service) Reopen(ctx context.Context, actor gate.Actor, id string, number int) error {
	return s.mark(ctx, actor, id, number, func(tx *gate.Tx, line *Line) error {
		if line.SettledAt.IsZero() {
			return fmt.Errorf("%w: the line is open", ErrStale)
		}
		line.SettledAt, line.SettledBy, line.How = time.Time{}, "", ""
		return s.work.PutTx(ctx, tx, s.want(List{ID: id, MadeAt: tx.Now()}, *line))
	})
}

func (s *Service) mark(ctx context.Context, actor gate.Actor, id string, number int, do func(*gate.Tx, *Line) error) error {
	err := s.gate.Change(ctx, actor, ActionReconcile, gate.Subject{Kind: "discharge list", ID: id}, func(tx *gate.Tx) error {
		l, err := s.listTx(ctx, tx, id)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(l.Lines, func(line Line) bool { return line.Number == number })
		if i < 0 {
			return ErrNotFound
		}
		line := l.Lines[i]
		if line.Record != "" {
			if err := tx.About(ctx, gate.Record(line.Record)); err != nil {
				return err
			}
		}
		if err := do(tx, &line); err != nil {
			return err
		}
		return settleLine(ctx, tx, id, line)
	})
	if err != nil {
		return fmt.Errorf("settle a line: %w", err)
	}
	return nil
}
