package incoming

import (
	"context"
	"fmt"

	"chartroom/internal/gate"
	"chartroom/internal/scan"
	"chartroom/internal/work"
)

// Waiting is a scan of which pages wait to be indexed.
type Waiting struct {
	Item    work.Item
	Scan    scan.Scan
	Waiting int  // pages that wait
	Drafted bool // the actor typed something for it
}

// WaitingPage is one page of the list of scans that wait.
type WaitingPage struct {
	Rows []Waiting
	Next string // cursor, "" after the last
}

// scansAtOnce is how many scans one page of the list shows.
const scansAtOnce = 100

// Waiting lists the scans to index, the most pressing first, as the queue of the
// work lists has them.
func (s *Service) Waiting(ctx context.Context, actor gate.Actor, after string) (WaitingPage, error) {
	var out WaitingPage
	err := s.gate.Read(ctx, actor, ActionRead, gate.Department(), func(tx *gate.Tx) error {
		page, err := s.work.ListTx(ctx, tx, work.Filter{Queue: work.Indexing, Show: work.Remaining, Limit: scansAtOnce, After: after})
		if err != nil {
			return err
		}
		out = WaitingPage{Rows: make([]Waiting, 0, len(page.Items)), Next: page.Next}
		for _, it := range page.Items {
			w, err := s.waiting(ctx, tx, it)
			if err != nil {
				return err
			}
			out.Rows = append(out.Rows, w)
		}
		return nil
	})
	if err != nil {
		return WaitingPage{}, fmt.Errorf("scans to index: %w", err)
	}
	return out, nil
}

func (s *Service) waiting(ctx context.Context, tx *gate.Tx, it work.Item) (w Waiting, err error) {
	w.Item = it
	if w.Scan, _, err = s.scan.ScanTx(ctx, tx, it.Key); err != nil {
		return w, err
	}
	where, err := pagesOf(ctx, tx, it.Key)
	if err != nil {
		return w, err
	}
	w.Waiting = w.Scan.Pages - len(where)
	draft, err := s.draftTx(ctx, tx, it.Key)
	w.Drafted = draft != ""
	return w, err
}

// Next is the scan to index after one, "" for none: the most pressing that nobody
// else has. That the list may not be seen only means that there is no next.
func (s *Service) Next(ctx context.Context, actor gate.Actor, but string) string {
	next := ""
	err := s.gate.Read(ctx, actor, ActionRead, gate.Department(), func(tx *gate.Tx) (err error) {
		next, err = s.nextTx(ctx, tx, but)
		return err
	})
	if err != nil {
		return ""
	}
	return next
}

func (s *Service) nextTx(ctx context.Context, tx *gate.Tx, but string) (string, error) {
	page, err := s.work.ListTx(ctx, tx, work.Filter{Queue: work.Indexing, Limit: scansAtOnce})
	if err != nil {
		return "", fmt.Errorf("next scan: %w", err)
	}
	// The one after this in the list, so that a scan that was passed over does not
	// come back at once; else the first.
	first, passed := "", false
	for _, it := range page.Items {
		if it.Key == but {
			passed = true
			continue
		}
		if it.Holder != "" && it.Holder != tx.Actor().ID {
			continue
		}
		if passed {
			return it.Key, nil
		}
		if first == "" {
			first = it.Key
		}
	}
	return first, nil
}
