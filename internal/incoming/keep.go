package incoming

import (
	"context"
	"fmt"

	"chartroom/internal/gate"
	"chartroom/internal/scan"
	"chartroom/internal/work"
)

// Keep puts a file in at the desk: it is kept as a scan, and its pages wait to be
// indexed. Bytes that are here already are the scan they were, and nothing else
// happens. What is no scan is a *scan.RefusedError.
func (s *Service) Keep(ctx context.Context, actor gate.Actor, name, media string, raw []byte) (kept scan.Scan, repeated bool, err error) {
	paper, err := s.scan.Read(ctx, name, media, raw)
	if err != nil {
		return scan.Scan{}, false, err
	}
	err = s.gate.Change(ctx, actor, ActionIndex, gate.Department(), func(tx *gate.Tx) (err error) {
		kept, repeated, err = s.scan.KeepTx(ctx, tx, paper, "", scan.Owner{})
		if err != nil || repeated {
			return err
		}
		return s.work.PutTx(ctx, tx, work.Want{
			Queue: work.Indexing, Key: kept.ID, Reason: "scan to index", Since: tx.Now(), Open: "/incoming/" + kept.ID,
		})
	})
	if err != nil {
		return scan.Scan{}, false, fmt.Errorf("keep a scan: %w", err)
	}
	return kept, repeated, nil
}
