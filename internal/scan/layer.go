package scan

import (
	"context"
	"fmt"
)

// layerPages bounds how many pages of a file are read while somebody waits; the
// others are read in the background.
const layerPages = 200

// ReadLayer reads the text layer of the first pages of a PDF that is about to be
// kept, so that a document can be made of it at once; what it finds is kept with
// the paper. Pages without a text layer, and images, are left to the background.
// It gives one PageText a page of the paper.
func (s *Service) ReadLayer(ctx context.Context, p *Paper) ([]PageText, error) {
	all := make([]PageText, p.Pages)
	for i, size := range p.sizes {
		all[i] = PageText{Page: Page{Scan: p.ID, Number: i + 1, State: Pending, Width: size.w, Height: size.h}}
	}
	if p.Media != PDF {
		return all, nil
	}
	if p.layer == nil {
		p.layer = map[int]pageWords{}
		for n := 1; n <= min(p.Pages, layerPages); n++ {
			words, err := s.engine.pdfText(ctx, p.own, func() ([]byte, error) { return p.raw, nil }, n)
			if ctx.Err() != nil {
				return nil, fmt.Errorf("read the words of a scan: %w", ctx.Err())
			}
			if err == nil && len(words.list) >= fewWords {
				p.layer[n] = words
			}
		}
	}
	for n, words := range p.layer {
		at := &all[n-1]
		at.State, at.Turn, at.Words, at.Text, at.List = Text, words.turn, len(words.list), words.text, words.list
	}
	return all, nil
}
