package chart

import (
	"context"
	"fmt"
	"unicode/utf8"

	"chartroom/internal/gate"
)

// WholeTx is ChartTx with the texts of all documents: everything there is of the
// person whose record it is, for an analysis of it inside another domain's action.
// Each record's texts come with one query.
func (s *Service) WholeTx(ctx context.Context, tx *gate.Tx, record string) (*Page, error) {
	page, err := s.pageTx(ctx, tx, record)
	if err != nil {
		return nil, err
	}
	at := make(map[string]*Document, len(page.Documents))
	for i := range page.Documents {
		at[page.Documents[i].ID] = &page.Documents[i]
	}
	for _, r := range page.Banner.Records {
		bodies, err := readBodies(ctx, tx, r)
		if err != nil {
			return nil, err
		}
		if len(bodies) == 0 {
			continue
		}
		key, err := s.ring.Key(ctx, tx, r)
		if err != nil {
			return nil, fmt.Errorf("key of the record: %w", err)
		}
		for _, b := range bodies {
			doc := at[b.id]
			if doc == nil || doc.Number != b.number {
				continue
			}
			text, err := key.Open(b.sealed, place("body", b.id, b.number))
			if err != nil {
				return nil, fmt.Errorf("open text of document %s: %w", b.id, err)
			}
			if !utf8.Valid(text) {
				return nil, fmt.Errorf("text of document %s: %w", b.id, ErrInvalid)
			}
			doc.Text = string(text)
		}
	}
	return page, nil
}
