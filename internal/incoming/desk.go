package incoming

import (
	"context"
	"fmt"
	"slices"

	"chartroom/internal/chart"
	"chartroom/internal/gate"
	"chartroom/internal/scan"
)

// Desk is what the page of one scan shows.
type Desk struct {
	Scan    scan.Scan
	Pages   []DeskPage
	Marks   []int // pages at which another patient begins, as their words say
	Reading Reading
	Draft   string // what the actor was typing, "" for nothing
	Next    string // a scan that waits after this one, "" for none
}

// DeskPage is one page of the scan at the desk.
type DeskPage struct {
	scan.Page
	State    string // "waiting", "shown", "blank" or "refused"
	Document string // that shows it
}

// Reading is what the words of some pages say: whom they name, and what kind of
// paper they are.
type Reading struct {
	Pages      []int
	Named      []Named
	Proposal   Proposal
	Encounters []chart.Encounter // of the patient named first, newest first
	Encounter  string            // the one proposed, "" for none
	Pending    int               // pages whose words nobody has looked for yet
	Marks      []int             // of ReadPages: pages at which another patient begins
}

// pageWaits is the state of a page that nobody has placed.
const pageWaits = "waiting"

// Desk reads the page of one scan: its pages, where each is, and what the words
// of the first document among those that wait say.
func (s *Service) Desk(ctx context.Context, actor gate.Actor, id string) (*Desk, error) {
	var desk *Desk
	err := s.gate.Read(ctx, actor, ActionRead, gate.Subject{Kind: scan.SubjectScan, ID: id}, func(tx *gate.Tx) error {
		desk = &Desk{}
		sc, pages, err := s.scan.ScanTx(ctx, tx, id)
		if err != nil {
			return err
		}
		desk.Scan = sc
		where, err := pagesOf(ctx, tx, id)
		if err != nil {
			return err
		}
		var waiting []int
		for _, p := range pages {
			dp := DeskPage{Page: p, State: pageWaits}
			if at, ok := where[p.Number]; ok {
				dp.State, dp.Document = at.state, at.document
			} else if p.Owner.Document != "" {
				dp.State, dp.Document = pageShown, p.Owner.Document
			}
			if dp.State == pageWaits {
				waiting = append(waiting, p.Number)
			}
			desk.Pages = append(desk.Pages, dp)
		}
		if desk.Draft, err = s.draftTx(ctx, tx, id); err != nil {
			return err
		}
		if desk.Next, err = s.nextTx(ctx, tx, id); err != nil || len(waiting) == 0 {
			return err
		}
		return s.lookAt(ctx, tx, desk, waiting)
	})
	if err != nil {
		return nil, fmt.Errorf("desk: %w", err)
	}
	return desk, nil
}

// maxLooked is how many pages the desk looks at when a scan is opened: a long one
// is to be seen at once. ReadPages looks at the others.
const maxLooked = 120

// lookAt reads the first pages that wait: where another patient begins, and the first
// document among them.
func (s *Service) lookAt(ctx context.Context, tx *gate.Tx, desk *Desk, waiting []int) error {
	words, pending, err := s.wordsOf(ctx, tx, desk.Scan.ID, waiting[:min(maxLooked, len(waiting))])
	if err != nil {
		return err
	}
	named, err := s.namedTx(ctx, tx, words)
	if err != nil {
		return err
	}
	desk.Marks = marksOf(named, words)
	first := words
	if len(desk.Marks) > 0 {
		at := slices.IndexFunc(words, func(pg pageWords) bool { return pg.page == desk.Marks[0] })
		first = words[:at]
		if named, err = s.namedTx(ctx, tx, first); err != nil {
			return err
		}
	}
	desk.Reading, err = s.readingOf(ctx, tx, first, named)
	desk.Reading.Pending = pending
	return err
}

// ReadPages reads what the words of some pages of a scan say: after a mark was
// set, what they say of the next document.
func (s *Service) ReadPages(ctx context.Context, actor gate.Actor, id string, pages []int) (Reading, error) {
	var out Reading
	err := s.gate.Read(ctx, actor, ActionRead, gate.Subject{Kind: scan.SubjectScan, ID: id}, func(tx *gate.Tx) error {
		words, pending, err := s.wordsOf(ctx, tx, id, pages)
		if err != nil {
			return err
		}
		named, err := s.namedTx(ctx, tx, words)
		if err != nil {
			return err
		}
		out, err = s.readingOf(ctx, tx, words, named)
		out.Pending, out.Marks = pending, marksOf(named, words)
		return err
	})
	if err != nil {
		return Reading{}, fmt.Errorf("read pages: %w", err)
	}
	return out, nil
}

func (s *Service) wordsOf(ctx context.Context, tx *gate.Tx, id string, pages []int) (words []pageWords, pending int, err error) {
	if len(pages) == 0 {
		return nil, 0, nil
	}
	list, err := s.scan.WordsTx(ctx, tx, id, slices.Min(pages), slices.Max(pages))
	if err != nil {
		return nil, 0, err
	}
	byNumber := map[int]scan.PageText{}
	for _, t := range list {
		byNumber[t.Number] = t
	}
	for _, n := range pages {
		t, ok := byNumber[n]
		if !ok {
			continue
		}
		if t.State == scan.Pending {
			pending++
		}
		words = append(words, readPage(n, t.Text, tx.Now()))
	}
	return words, pending, nil
}

func (s *Service) readingOf(ctx context.Context, tx *gate.Tx, words []pageWords, named []Named) (Reading, error) {
	r := Reading{Named: named, Proposal: propose(words)}
	for _, pg := range words {
		r.Pages = append(r.Pages, pg.page)
	}
	if len(named) == 0 {
		return r, nil
	}
	var err error
	if r.Encounters, err = s.encountersTx(ctx, tx, named[0].Patient.Record); err != nil {
		return Reading{}, err
	}
	r.Encounter = encounterAt(r.Encounters, r.Proposal.Date, s.zone)
	return r, nil
}

// maxEncounters bounds the list of a patient's encounters to choose from.
const maxEncounters = 100

func (s *Service) encountersTx(ctx context.Context, tx *gate.Tx, record string) ([]chart.Encounter, error) {
	page, err := s.chart.EncountersTx(ctx, tx, chart.EncounterFilter{Record: record, Limit: maxEncounters})
	if err != nil {
		return nil, err
	}
	out := make([]chart.Encounter, 0, len(page.Rows))
	for _, r := range page.Rows {
		out = append(out, r.Encounter)
	}
	return out, nil
}

// Encounters lists the encounters of a record to choose from, and the one that a
// day falls into.
func (s *Service) Encounters(ctx context.Context, actor gate.Actor, record, day string) (all []chart.Encounter, proposed string, err error) {
	err = s.gate.Read(ctx, actor, ActionRead, gate.Record(record), func(tx *gate.Tx) (err error) {
		all, err = s.encountersTx(ctx, tx, record)
		return err
	})
	if err != nil {
		return nil, "", fmt.Errorf("encounters: %w", err)
	}
	return all, encounterAt(all, day, s.zone), nil
}
