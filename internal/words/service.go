package words

import (
	"context"
	"encoding/binary"
	"fmt"
	"time"

	"chartroom/internal/chart"
	"chartroom/internal/gate"
	"chartroom/internal/seal"
)

// The actions of this package, as the policy names them.
const (
	ActionSearch gate.Action = "document.search" // documents by their words
	ActionIndex  gate.Action = "words.index"     // Chartroom's own reading of new documents
	ActionLook   gate.Action = "words.look"      // its look whether there are any
)

// Service is the door of the word index. It is safe for concurrent use.
type Service struct {
	gate   *gate.Gate
	ring   *seal.Ring
	chart  *chart.Service
	worker *gate.Worker
}

// New makes the door and has the chart tell it of documents. Run indexes them.
func New(g *gate.Gate, r *seal.Ring, c *chart.Service) *Service {
	s := &Service{gate: g, ring: r, chart: c}
	s.worker = gate.NewWorker(poll, gather, s.CatchUp)
	c.Watch(s.watch)
	return s
}

// watch queues documents in the transaction that stores them.
func (s *Service) watch(ctx context.Context, tx *gate.Tx, news []chart.News) error {
	some := false
	for _, n := range news {
		if n.Kind != "document" {
			continue
		}
		some = true
		if _, err := tx.Later(ctx, sqlPutDue, n.ID, n.Number, n.Record); err != nil {
			return fmt.Errorf("queue document for the word index: %w", err)
		}
	}
	if some {
		tx.OnCommit(s.worker.Wake)
	}
	return nil
}

// poll is how often the queue is looked at when nobody wakes the indexer: another
// process may have stored documents.
const poll = 30 * time.Second

// gather is how long the indexer waits for more after it was woken: documents that
// come together are cheaper together.
const gather = 300 * time.Millisecond

// Run indexes what is queued until ctx ends. A step that failed is tried again
// with the next waking; report is told of it, nil tells nobody.
func (s *Service) Run(ctx context.Context, report func(error)) { s.worker.Run(ctx, report) }

// CatchUp indexes all that is queued and merges what is due to be merged.
func (s *Service) CatchUp(ctx context.Context) error {
	for {
		var due int
		err := s.gate.Read(ctx, indexer(), ActionLook, gate.Department(), func(tx *gate.Tx) error {
			return tx.QueryRow(ctx, sqlDueCount).Scan(&due)
		})
		if err != nil {
			return fmt.Errorf("word index: %w", err)
		}
		if due == 0 {
			return nil
		}
		n, err := s.indexSome(ctx)
		if err != nil {
			return fmt.Errorf("word index: %w", err)
		}
		if err := s.mergeDue(ctx); err != nil {
			return fmt.Errorf("word index: %w", err)
		}
		if n == 0 {
			return nil
		}
	}
}

// tokens are the numbers that words have in the index: the beginning of their
// keyed hashes. Two words with the same one cost a document opened in vain.
func (s *Service) tokens(stems []string) []int64 {
	terms := make([]seal.Term, len(stems))
	for i, w := range stems {
		terms[i] = seal.Term{Kind: seal.TextWord, Value: w}
	}
	hashes := s.ring.Tokens(terms)
	out := make([]int64, len(hashes))
	for i, h := range hashes {
		out[i] = int64(binary.BigEndian.Uint64(h)) //nolint:gosec // any 64 bits will do
	}
	return out
}

func indexer() gate.Actor { return gate.Actor{ID: "words", Kind: gate.System, Name: "Word index"} }
