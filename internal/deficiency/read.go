package deficiency

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"chartroom/internal/chart"
	"chartroom/internal/deficiency/rules"
	"chartroom/internal/gate"
	"chartroom/internal/work"
)

// Findings reads the findings of the person whose record it is, in one action: open
// ones first, the gravest first, then those waived; settled ones are left out.
func (s *Service) Findings(ctx context.Context, actor gate.Actor, record string) ([]Finding, error) {
	var all []Finding
	err := s.gate.Read(ctx, actor, ActionRead, gate.Record(record), func(tx *gate.Tx) (err error) {
		all, err = s.FindingsTx(ctx, tx, record)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("findings of a record: %w", err)
	}
	return all, nil
}

// FindingsTx is Findings inside another domain's action.
func (s *Service) FindingsTx(ctx context.Context, tx *gate.Tx, record string) ([]Finding, error) {
	_, records, err := s.identity.PersonOf(ctx, tx, record)
	if err != nil {
		return nil, fmt.Errorf("person of the record: %w", err)
	}
	var all []Finding
	for _, r := range records {
		if err := tx.About(ctx, gate.Record(r)); err != nil {
			return nil, err
		}
		rows, err := readRows(ctx, tx, sqlOfRecord, r)
		if err != nil {
			return nil, err
		}
		for _, row := range rows {
			if row.state == Settled {
				continue
			}
			f, err := s.open(ctx, tx, row)
			if err != nil {
				return nil, err
			}
			if err := s.quote(ctx, tx, &f); err != nil {
				return nil, err
			}
			all = append(all, f)
		}
	}
	slices.SortStableFunc(all, func(a, b Finding) int {
		return cmp.Or(strings.Compare(string(a.State), string(b.State)), weight(a.Severity)-weight(b.Severity), a.Since.Compare(b.Since), strings.Compare(a.ID, b.ID))
	})
	return all, nil
}

// quote opens the words a finding shows. Documents the policy refuses refuse the action.
func (s *Service) quote(ctx context.Context, tx *gate.Tx, f *Finding) error {
	for _, ev := range f.Evidence {
		q, err := s.chart.WordsTx(ctx, tx, ev)
		if errors.Is(err, chart.ErrChanged) || errors.Is(err, chart.ErrSpan) {
			f.Quotes = append(f.Quotes, Quote{Evidence: ev, Changed: true})
			continue
		}
		if err != nil {
			return fmt.Errorf("words of a finding: %w", err)
		}
		title := q.Document.Title
		if title == "" {
			title = q.Document.Type
		}
		f.Quotes = append(f.Quotes, Quote{Evidence: ev, Title: title, Written: q.Document.WrittenAt, Words: q.Words})
	}
	return nil
}

func weight(s rules.Severity) int {
	switch s {
	case rules.Error:
		return 0
	case rules.Warning:
		return 1
	case rules.Info:
	}
	return 2
}

// History reads all versions of a finding, oldest first.
func (s *Service) History(ctx context.Context, actor gate.Actor, id string) ([]Finding, error) {
	var all []Finding
	err := s.gate.Read(ctx, actor, ActionRead, gate.Subject{Kind: "finding", ID: id}, func(tx *gate.Tx) error {
		rows, err := readRows(ctx, tx, sqlVersions, id)
		if err != nil {
			return err
		}
		if len(rows) == 0 {
			return ErrNotFound
		}
		if err := tx.About(ctx, gate.Record(rows[0].record)); err != nil {
			return err
		}
		all = nil
		for _, r := range rows {
			f, err := s.open(ctx, tx, r)
			if err != nil {
				return err
			}
			all = append(all, f)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("history of a finding: %w", err)
	}
	return all, nil
}

// maxReasonText is the longest reason for waiving a finding, in bytes.
const maxReasonText = 500

// Waive says that an open finding does not hold, with a reason in words. It comes back
// when what it rests on changes. record is that whose page it was waived from; it must
// be the finding's, or of the same person. Errors: ErrNotFound, ErrReason, ErrState.
func (s *Service) Waive(ctx context.Context, actor gate.Actor, record, id, reason string) (Finding, error) {
	reason = strings.TrimSpace(reason)
	if reason == "" || len(reason) > maxReasonText || !utf8.ValidString(reason) || strings.ContainsFunc(reason, unicode.IsControl) {
		return Finding{}, fmt.Errorf("%w of one line, at most %d characters", ErrReason, maxReasonText)
	}
	return s.turn(ctx, actor, record, id, Open, Waived, reason)
}

// Restore takes a waiver back: the finding is open again until the next analysis
// settles it.
func (s *Service) Restore(ctx context.Context, actor gate.Actor, record, id string) (Finding, error) {
	return s.turn(ctx, actor, record, id, Waived, Open, "")
}

// Ask notes that whoever is to settle an open finding was asked to, as often as that is
// done; the finding's history keeps when and by whom.
func (s *Service) Ask(ctx context.Context, actor gate.Actor, record, id string) (Finding, error) {
	var out Finding
	err := s.gate.Change(ctx, actor, ActionAsk, gate.Record(record), func(tx *gate.Tx) error {
		old, err := s.newest(ctx, tx, record, id)
		if err != nil {
			return err
		}
		if old.state != Open {
			return ErrState
		}
		f, err := s.open(ctx, tx, old)
		if err != nil {
			return err
		}
		f.AskedAt, f.AskedBy = tx.Now(), tx.Actor().ID
		next := old
		next.number++
		if err := s.seal(ctx, tx, &next, f.content()); err != nil {
			return err
		}
		tx.Detail("rule", old.rule)
		f.Number = next.number
		out = f
		return next.put(ctx, tx)
	})
	if err != nil {
		return Finding{}, fmt.Errorf("ask about a finding: %w", err)
	}
	return out, nil
}

// newest reads the newest version of a finding of the person whose record it is, and
// lists its record among the action's subjects.
func (s *Service) newest(ctx context.Context, tx *gate.Tx, record, id string) (row, error) {
	rows, err := readRows(ctx, tx, sqlNewest, id)
	if err != nil {
		return row{}, err
	}
	if len(rows) == 0 {
		return row{}, ErrNotFound
	}
	old := rows[0]
	if old.record != record {
		same, err := s.identity.SamePerson(ctx, tx, old.record, record)
		if err != nil {
			return row{}, fmt.Errorf("person of the record: %w", err)
		}
		if !same {
			return row{}, ErrNotFound
		}
	}
	return old, tx.About(ctx, gate.Record(old.record))
}

// turn stores the next version of a finding in another state.
func (s *Service) turn(ctx context.Context, actor gate.Actor, record, id string, from, to State, reason string) (Finding, error) {
	var out Finding
	err := s.gate.Change(ctx, actor, ActionWaive, gate.Record(record), func(tx *gate.Tx) error {
		old, err := s.newest(ctx, tx, record, id)
		if err != nil {
			return err
		}
		if old.state != from {
			return ErrState
		}
		tx.Detail("rule", old.rule)
		tx.Detail("state", string(to))
		out, err = s.turnTx(ctx, tx, old, to, reason)
		return err
	})
	if err != nil {
		return Finding{}, fmt.Errorf("waive a finding: %w", err)
	}
	return out, nil
}

func (s *Service) turnTx(ctx context.Context, tx *gate.Tx, old row, to State, reason string) (Finding, error) {
	f, err := s.open(ctx, tx, old)
	if err != nil {
		return Finding{}, err
	}
	f.Reason = reason
	next := old
	next.number++
	next.state = to
	if err := s.seal(ctx, tx, &next, f.content()); err != nil {
		return Finding{}, err
	}
	if err := next.put(ctx, tx); err != nil {
		return Finding{}, err
	}
	t, n := tally{}, 1
	if to == Waived {
		n = -1
	}
	t.finding(next, n)
	if err := s.recount(ctx, tx, t, next, n); err != nil {
		return Finding{}, err
	}
	if to == Waived {
		err = s.work.SettleTx(ctx, tx, work.Deficiency, next.id, "waived")
	} else {
		err = s.putWork(ctx, tx, next)
	}
	if err != nil {
		return Finding{}, fmt.Errorf("item of work of a finding: %w", err)
	}
	return s.open(ctx, tx, row{
		id: next.id, number: next.number, record: next.record, encounter: next.encounter, rule: next.rule, severity: next.severity, state: next.state,
		unit: next.unit, clinician: next.clinician, since: next.since, due: next.due, recordedAt: tx.Now().UnixMicro(), recordedBy: tx.Actor().ID,
		entry: tx.EntryID(), cause: next.cause, rests: next.rests, sealed: next.sealed,
	})
}

// recount brings the counters of a record and its stay to one finding more or fewer.
func (s *Service) recount(ctx context.Context, tx *gate.Tx, t tally, r row, n int) error {
	_, _, findings, err := readMark(ctx, tx, r.record)
	if err != nil {
		return err
	}
	t.add("", recordsSeen, "clean", clean(findings+n)-clean(findings))
	if _, err := tx.Exec(ctx, sqlFewer, n, r.record); err != nil {
		return fmt.Errorf("count findings: %w", err)
	}
	stays, err := readStays(ctx, tx, r.record)
	if err != nil {
		return err
	}
	for _, v := range stays {
		if v.encounter != r.encounter {
			continue
		}
		t.stay(v, -1)
		v.findings += n
		if r.rule == delinquency {
			v.delinquent = max(0, n)
		}
		t.stay(v, 1)
		if _, err := tx.Exec(ctx, sqlPutStay, v.encounter, r.record, v.unit, v.setting, v.month, v.findings, v.delinquent); err != nil {
			return fmt.Errorf("count stays: %w", err)
		}
	}
	return t.write(ctx, tx)
}
