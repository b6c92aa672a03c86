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
	Waiting int // pages that wait
	Drafted bool
}

// WaitingPage is one page of the list of scans that wait.
type WaitingPage struct {
	Rows []Waiting
	Next string // cursor, "" after the last
}

// Waiting lists the scans to index, the most pressing first, as the queue of the
// work lists has them.
func (s *Service) Waiting(ctx context.Context, actor gate.Actor, after string) (WaitingPage, error) {
	var out WaitingPage
	page, err := s.work.List(ctx, actor, work.Filter{Queue: work.Indexing, Show: work.Remaining, Limit: 100, After: after}, func(ctx context.Context, tx *gate.Tx, items []work.Item) error {
		out.Rows = make([]Waiting, 0, len(items))
		for _, it := range items {
			w := Waiting{Item: it}
			var err error
			if w.Scan, _, err = s.scan.ScanTx(ctx, tx, it.Key); err != nil {
				return err
			}
			where, err := pagesOf(ctx, tx, it.Key)
			if err != nil {
				return err
			}
			w.Waiting = w.Scan.Pages - len(where)
			draft, err := s.draftTx(ctx, tx, it.Key)
			if err != nil {
				return err
			}
			w.Drafted = draft != ""
			out.Rows = append(out.Rows, w)
		}
		return nil
	})
	if err != nil {
		return WaitingPage{}, fmt.Errorf("scans to index: %w", err)
	}
	out.Next = page.Next
	return out, nil
}

// Next is the scan to index after one, "" for none. That the list may not be seen
// only means that there is no next.
func (s *Service) Next(ctx context.Context, actor gate.Actor, but string) string {
	page, err := s.work.List(ctx, actor, work.Filter{Queue: work.Indexing, Limit: 20}, nil)
	if err != nil {
		return ""
	}
	for _, it := range page.Items {
		if it.Key != but && (it.Holder == "" || it.Holder == actor.ID) {
			return it.Key
		}
	}
	return ""
}
