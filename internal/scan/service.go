package scan

import (
	"context"

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
	gate    *gate.Gate
	ring    *seal.Ring
	options Options
}

// New makes the door from the gate and the keys.
func New(g *gate.Gate, r *seal.Ring, o Options) *Service {
	return &Service{gate: g, ring: r, options: o}
}

// Paper is a file that was looked at and found fit to be kept: see Read.
type Paper struct {
	ID    string // of the scan it will be; may be set to an id that its sender's own names give
	Name  string
	Media string
	Pages int

	raw []byte
}

// Read looks at a file: what it is, whether it can be opened, how many pages it
// has. It goes by the bytes; mediaType and name only make its refusals clearer. It
// is done outside of any action. What is not to be kept is a *RefusedError.
func (s *Service) Read(ctx context.Context, name, mediaType string, raw []byte) (*Paper, error) {
	return nil, &RefusedError{Why: "scans are not read yet"}
}

// Keep stores a scan put in by hand, in an action of its own. Bytes that are here
// already give the scan they are, with repeated true.
func (s *Service) Keep(ctx context.Context, actor gate.Actor, name, mediaType string, raw []byte) (kept Scan, repeated bool, err error) {
	return Scan{}, false, ErrNotFound
}

// KeepTx is Keep inside another action. message is the intake message that brought
// it, "" for none; owner is whose it is, zero for nobody's yet. Of nobody's scans
// equal bytes are one scan; of a record's, equal bytes for that record.
func (s *Service) KeepTx(ctx context.Context, tx *gate.Tx, p *Paper, message string, owner Owner) (kept Scan, repeated bool, err error) {
	return Scan{}, false, ErrNotFound
}

// Scan reads what is known of a scan and its pages, without words, in one action.
// Pages that belong to records closed to the actor are left out.
func (s *Service) Scan(ctx context.Context, actor gate.Actor, id string) (Scan, []Page, error) {
	return Scan{}, nil, ErrNotFound
}

// ScanTx is Scan inside another action.
func (s *Service) ScanTx(ctx context.Context, tx *gate.Tx, id string) (Scan, []Page, error) {
	return Scan{}, nil, ErrNotFound
}

// Image draws a page as a PNG, width pixels wide (1 to MaxWidth; 0 takes 1200)
// after it was turned clockwise by turn (0, 90, 180, 270), in one action.
func (s *Service) Image(ctx context.Context, actor gate.Actor, scan string, page, width, turn int) ([]byte, error) {
	return nil, ErrNotFound
}

// Words reads what is written on a page and where, in one action. While the page
// is Pending there are none.
func (s *Service) Words(ctx context.Context, actor gate.Actor, scan string, page int) (PageText, error) {
	return PageText{}, ErrNotFound
}

// WordsTx reads what is written on pages from to last (counted from 1; last 0 is
// the last page) inside another action, in order.
func (s *Service) WordsTx(ctx context.Context, tx *gate.Tx, scan string, from, last int) ([]PageText, error) {
	return nil, ErrNotFound
}

// Original reads the bytes exactly as they were received. Whoever opens them opens
// all pages, so what closes one of their records closes the bytes.
func (s *Service) Original(ctx context.Context, actor gate.Actor, id string) (Scan, []byte, error) {
	return Scan{}, nil, ErrNotFound
}

// OriginalTx is Original inside another action.
func (s *Service) OriginalTx(ctx context.Context, tx *gate.Tx, id string) (Scan, []byte, error) {
	return Scan{}, nil, ErrNotFound
}

// AssignTx says whom a page belongs to from now on; a zero owner takes it back.
// The latest holds: what protects that record protects the page's image, words
// and, with all other pages, the file's bytes. Both the former and the new record
// are among the action's subjects.
func (s *Service) AssignTx(ctx context.Context, tx *gate.Tx, scan string, page int, owner Owner) error {
	return ErrNotFound
}

// News says that the words of pages were read that belong to a document.
type News struct {
	Scan     string
	Page     int
	Document string
	Record   string
}

// Watcher is told of words read, in the transaction that stores them.
type Watcher func(ctx context.Context, tx *gate.Tx, news []News) error

// Watch has w told of words that are read of pages which were assigned to a
// document before. It is for wiring: call it before Run.
func (s *Service) Watch(w Watcher) {}

// Run reads the words of pages that wait, until ctx ends. One process may have
// one; several processes on one database share the work.
func (s *Service) Run(ctx context.Context) error { return nil }
