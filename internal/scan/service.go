package scan

import (
	"context"
	"fmt"
	"runtime"
	"strconv"
	"sync"

	"chartroom/internal/gate"
	"chartroom/internal/seal"
)

// Options are the settings of a Service; zero values give the defaults.
type Options struct {
	// Tesseract is the program that reads words from images: a path, "" to look
	// for "tesseract" among the programs installed, "-" for none.
	Tesseract string
}

// Service is the door of the scans. It is safe for concurrent use.
type Service struct {
	gate      *gate.Gate
	ring      *seal.Ring
	tesseract string // "" for none
	engine    *engine
	drawn     *cache[drawnKey] // pages as PNG
	files     *cache[string]   // bytes of TIFF, PNG and JPEG files
	seats     chan struct{}    // of those who decode images
	buffers   buffers
	worker    *gate.Worker

	mu       sync.Mutex
	watchers []Watcher
}

// What is kept in memory, in bytes.
const (
	drawnMemory = 64 << 20
	filesMemory = 128 << 20
)

// New makes the door from the gate and the keys.
func New(g *gate.Gate, r *seal.Ring, o Options) *Service {
	s := &Service{
		gate: g, ring: r, tesseract: findTesseract(o.Tesseract), engine: newEngine(),
		drawn: newCache[drawnKey](drawnMemory), files: newCache[string](filesMemory),
		seats: make(chan struct{}, max(2, runtime.NumCPU()/2)),
	}
	s.worker = gate.NewWorker(lookEvery, 0, s.ReadWaiting)
	return s
}

// Close gives back what drawing holds in memory.
func (s *Service) Close() { s.engine.close() }

// Keep stores a scan put in by hand, in an action of its own. Bytes that are here
// already give the scan they are, with repeated true.
func (s *Service) Keep(ctx context.Context, actor gate.Actor, name, mediaType string, raw []byte) (kept Scan, repeated bool, err error) {
	p, err := s.Read(ctx, name, mediaType, raw)
	if err != nil {
		return Scan{}, false, err
	}
	if err := s.Prepare(p); err != nil {
		return Scan{}, false, err
	}
	for range keepTries {
		err = s.gate.Change(ctx, actor, ActionKeep, subject(p.ID), func(tx *gate.Tx) (err error) {
			kept, repeated, err = s.KeepTx(ctx, tx, p, "", Owner{})
			tx.Detail("pages", strconv.Itoa(p.Pages))
			return err
		})
		if err == nil || !gate.IsUnique(err) {
			break
		}
	}
	if err != nil {
		return Scan{}, false, fmt.Errorf("keep a scan: %w", err)
	}
	return kept, repeated, nil
}

// keepTries is how often a scan is stored that collided with the same bytes coming
// in beside it: the next time it finds them.
const keepTries = 3

// subject is a scan as the gate knows it.
func subject(id string) gate.Subject { return gate.Subject{Kind: SubjectScan, ID: id} }

// Scan reads what is known of a scan and its pages, without words, in one action.
// Pages that belong to records closed to the actor are left out.
func (s *Service) Scan(ctx context.Context, actor gate.Actor, id string) (Scan, []Page, error) {
	var sc Scan
	var pages []Page
	err := s.gate.Read(ctx, actor, ActionRead, subject(id), func(tx *gate.Tx) (err error) {
		sc, pages, err = s.ScanTx(ctx, tx, id)
		return err
	})
	if err != nil {
		return Scan{}, nil, fmt.Errorf("scan: %w", err)
	}
	return sc, pages, nil
}

// ScanTx is Scan inside another action.
func (s *Service) ScanTx(ctx context.Context, tx *gate.Tx, id string) (Scan, []Page, error) {
	sc, err := s.headTx(ctx, tx, id)
	if err != nil {
		return Scan{}, nil, err
	}
	all, err := pagesTx(ctx, tx, id, 1, sc.Pages)
	if err != nil {
		return Scan{}, nil, err
	}
	open := map[Owner]bool{}
	var pages []Page
	for _, p := range all {
		ok, asked := open[p.Owner]
		if !asked {
			if ok, err = s.aboutIf(ctx, tx, p.Owner); err != nil {
				return Scan{}, nil, err
			}
			open[p.Owner] = ok
		}
		if ok {
			pages = append(pages, p)
		}
	}
	if len(pages) == 0 && len(all) > 0 {
		return Scan{}, nil, s.aboutOwners(ctx, tx, []Owner{all[0].Owner}, false)
	}
	return sc, pages, nil
}

// subjectsOf are what the policy is asked about a page: its document, encounter
// and record, or the department while it is nobody's.
func subjectsOf(o Owner) []gate.Subject {
	if o.Record == "" {
		return []gate.Subject{gate.Department()}
	}
	all := []gate.Subject{gate.Record(o.Record)}
	if o.Encounter != "" {
		all = append(all, gate.Encounter(o.Record, o.Encounter))
	}
	if o.Document != "" {
		all = append(all, gate.Subject{Kind: "document", ID: o.Document, Record: o.Record})
	}
	return all
}

func (s *Service) aboutIf(ctx context.Context, tx *gate.Tx, o Owner) (bool, error) {
	for _, about := range subjectsOf(o) {
		ok, err := tx.AboutIf(ctx, about)
		if err != nil || !ok {
			return false, err
		}
	}
	return true, nil
}

// aboutOwners asks the policy about each owner once; skip leaves out nobody.
func (s *Service) aboutOwners(ctx context.Context, tx *gate.Tx, owners []Owner, skip bool) error {
	asked := map[Owner]bool{}
	for _, o := range owners {
		if asked[o] || skip && o.Record == "" {
			continue
		}
		asked[o] = true
		for _, about := range subjectsOf(o) {
			if err := tx.About(ctx, about); err != nil {
				return err
			}
		}
	}
	return nil
}

// openPages reads pages and asks about whose they are.
func (s *Service) openPages(ctx context.Context, tx *gate.Tx, id string, from, last int) ([]Page, error) {
	pages, err := pagesTx(ctx, tx, id, from, last)
	if err != nil {
		return nil, err
	}
	if len(pages) == 0 {
		return nil, ErrNotFound
	}
	owners := make([]Owner, len(pages))
	for i, p := range pages {
		owners[i] = p.Owner
	}
	return pages, s.aboutOwners(ctx, tx, owners, false)
}

// Words reads what is written on a page and where, in one action. While the page
// is Pending there are none.
func (s *Service) Words(ctx context.Context, actor gate.Actor, scan string, page int) (PageText, error) {
	var all []PageText
	err := s.gate.Read(ctx, actor, ActionRead, subject(scan), func(tx *gate.Tx) (err error) {
		all, err = s.WordsTx(ctx, tx, scan, page, page)
		return err
	})
	if err != nil {
		return PageText{}, fmt.Errorf("words of a page: %w", err)
	}
	return all[0], nil
}

// WordsTx reads what is written on pages from to last (counted from 1; last 0 is
// the last page) inside another action, in order; there is at least one.
func (s *Service) WordsTx(ctx context.Context, tx *gate.Tx, scan string, from, last int) ([]PageText, error) {
	if last == 0 {
		last = MaxPages
	}
	pages, err := s.openPages(ctx, tx, scan, from, last)
	if err != nil {
		return nil, err
	}
	texts, err := s.textsTx(ctx, tx, scan, from, last)
	if err != nil {
		return nil, err
	}
	all := make([]PageText, len(pages))
	for i, p := range pages {
		all[i] = PageText{Page: p, Text: texts[p.Number].Text, List: texts[p.Number].List}
	}
	return all, nil
}

// Original reads the bytes exactly as they were received. Whoever opens them opens
// all pages, so what closes one of their records closes the bytes.
func (s *Service) Original(ctx context.Context, actor gate.Actor, id string) (Scan, []byte, error) {
	var sc Scan
	var raw []byte
	err := s.gate.Read(ctx, actor, ActionRead, subject(id), func(tx *gate.Tx) (err error) {
		sc, raw, err = s.OriginalTx(ctx, tx, id)
		return err
	})
	if err != nil {
		return Scan{}, nil, fmt.Errorf("bytes of a scan: %w", err)
	}
	return sc, raw, nil
}

// OriginalTx is Original inside another action.
func (s *Service) OriginalTx(ctx context.Context, tx *gate.Tx, id string) (Scan, []byte, error) {
	sc, err := s.headTx(ctx, tx, id)
	if err != nil {
		return Scan{}, nil, err
	}
	if _, err := s.openPages(ctx, tx, id, 1, sc.Pages); err != nil {
		return Scan{}, nil, err
	}
	raw, err := s.bytesTx(ctx, tx, sc)
	return sc, raw, err
}

// OfMessageTx gives the id of the scan that an intake message brought as a file,
// "" for none.
func (s *Service) OfMessageTx(ctx context.Context, tx *gate.Tx, message string) (string, error) {
	rows, err := tx.Query(ctx, sqlScanMessage, message)
	if err != nil {
		return "", fmt.Errorf("scan of a message: %w", err)
	}
	defer func() { _ = rows.Close() }()
	id := ""
	for rows.Next() {
		if err := rows.Scan(&id); err != nil {
			return "", fmt.Errorf("scan of a message: %w", err)
		}
	}
	if err := rows.Err(); err != nil {
		return "", fmt.Errorf("scan of a message: %w", err)
	}
	return id, nil
}

// AssignTx says whom a page belongs to from now on; a zero owner takes it back.
// The latest holds: what protects that record protects the page's image, words
// and, with all other pages, the file's bytes. Both the former and the new record
// are among the action's subjects.
func (s *Service) AssignTx(ctx context.Context, tx *gate.Tx, scan string, page int, owner Owner) error {
	pages, err := pagesTx(ctx, tx, scan, page, page)
	if err != nil {
		return err
	}
	if len(pages) == 0 {
		return ErrNotFound
	}
	if err := s.aboutOwners(ctx, tx, []Owner{pages[0].Owner, owner}, true); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, sqlAssign, owner.Record, owner.Encounter, owner.Document, scan, page); err != nil {
		return fmt.Errorf("assign a page: %w", err)
	}
	return nil
}

// News says that the words of pages were read that belong to a document.
type News struct {
	Scan     string
	Page     int
	Record   string
	Document string
}

// Watcher is told of words read, in the transaction that stores them.
type Watcher func(ctx context.Context, tx *gate.Tx, news []News) error

// Watch has w told of words that are read of pages which were assigned to a
// document before. It is for wiring: call it before Run.
func (s *Service) Watch(w Watcher) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.watchers = append(s.watchers, w)
}
