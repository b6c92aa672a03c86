package scan

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"image"
	"runtime"
	"strconv"
	"sync"
	"time"

	"chartroom/internal/gate"
	"chartroom/internal/seal"
)

// How the words of pages are read in the background.
const (
	leaseLasts = 5 * time.Minute  // a process that does not renew it has ended
	lookEvery  = 30 * time.Second // for scans that other processes kept
	storeEvery = 2 * time.Second
	storePages = 64 // or so many pages at once
	maxTries   = 3  // of a scan whose reading ends the process each time
)

// reader is the actor of the background.
func reader() gate.Actor {
	return gate.Actor{ID: "scan-reader", Kind: gate.System, Name: "Reading of scans"}
}

// Run reads the words of pages that wait, until ctx ends. One process may have
// one; several processes on one database share the work. What fails is told to
// report and tried again after a while.
func (s *Service) Run(ctx context.Context, report func(error)) { s.worker.Run(ctx, report) }

// ReadWaiting reads the words of all pages that wait now.
func (s *Service) ReadWaiting(ctx context.Context) error {
	for {
		more, err := s.readNext(ctx)
		if err != nil || !more {
			return err
		}
	}
}

// job is a scan whose pages are being read.
type job struct {
	scan  Scan
	key   *seal.Key
	raw   []byte
	pages []Page // that wait
}

// readNext takes the next scan that has pages waiting and reads them; more says
// whether there was one.
func (s *Service) readNext(ctx context.Context) (more bool, err error) {
	var id string
	err = s.gate.Read(ctx, reader(), ActionLook, gate.Department(), func(tx *gate.Tx) error {
		id = ""
		err := tx.QueryRow(ctx, sqlLook, tx.Now().UnixMicro()).Scan(&id)
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return fmt.Errorf("look for pages to read: %w", err)
		}
		return nil
	})
	if err != nil || id == "" {
		return false, err
	}
	j, err := s.claim(ctx, id)
	if err != nil || j == nil {
		return err == nil, err
	}
	return true, s.readPages(ctx, j)
}

// claim takes a scan in hand; nil where another has it.
func (s *Service) claim(ctx context.Context, id string) (*job, error) {
	var j *job
	err := s.gate.Change(ctx, reader(), ActionText, subject(id), func(tx *gate.Tx) error {
		j = nil
		now := tx.Now()
		taken, err := tx.Exec(ctx, sqlClaim, now.Add(leaseLasts).UnixMicro(), id, now.UnixMicro())
		if err != nil {
			return fmt.Errorf("take a scan in hand: %w", err)
		}
		n, err := taken.RowsAffected()
		if err != nil {
			return fmt.Errorf("take a scan in hand: %w", err)
		}
		if n == 0 {
			return nil
		}
		next := &job{}
		if next.scan, err = s.headTx(ctx, tx, id); err != nil {
			return err
		}
		if next.key, err = s.ring.Key(ctx, tx, id); err != nil {
			return fmt.Errorf("key of the scan: %w", err)
		}
		if next.raw, err = s.bytesTx(ctx, tx, next.scan); err != nil {
			return err
		}
		all, err := pagesTx(ctx, tx, id, 1, next.scan.Pages)
		if err != nil {
			return err
		}
		for _, p := range all {
			if p.State == Pending {
				next.pages = append(next.pages, p)
			}
		}
		if next.pages, err = s.passOver(ctx, tx, next.pages, id); err != nil {
			return err
		}
		j = next
		return nil
	})
	return j, err
}

// passOver gives up the first page of a scan that was tried too often: reading it
// seems to end the process.
func (s *Service) passOver(ctx context.Context, tx *gate.Tx, pages []Page, id string) ([]Page, error) {
	var tries int
	if err := tx.QueryRow(ctx, sqlTries, id).Scan(&tries); err != nil {
		return nil, fmt.Errorf("tries of a scan: %w", err)
	}
	if tries <= maxTries || len(pages) == 0 {
		return pages, nil
	}
	if _, err := tx.Exec(ctx, sqlPutWords, string(None), 0, 0, nil, id, pages[0].Number); err != nil {
		return nil, fmt.Errorf("give up a page: %w", err)
	}
	if _, err := tx.Exec(ctx, sqlRenew, 1, tx.Now().Add(leaseLasts).UnixMicro(), id); err != nil {
		return nil, fmt.Errorf("give up a page: %w", err)
	}
	tx.Detail("given-up", strconv.Itoa(pages[0].Number))
	return pages[1:], nil
}

// readPage is a page that was read.
type readPage struct {
	number int
	state  State
	words  pageWords
}

// readPages reads the pages of a job, some side by side, and stores them as they
// come. A reader that is stopped in order lets go of the scan, so that the next
// one need not wait for the lease to end.
func (s *Service) readPages(whole context.Context, j *job) error {
	ctx, stop := context.WithCancel(whole)
	defer stop()
	todo := make(chan Page)
	done := make(chan readPage, storePages)
	var readers sync.WaitGroup
	for range max(1, runtime.GOMAXPROCS(0)/2) {
		readers.Go(func() {
			for p := range todo {
				done <- s.readPage(ctx, j, p)
			}
		})
	}
	go func() {
		defer close(done)
		defer readers.Wait()
		defer close(todo)
		for _, p := range j.pages {
			select {
			case todo <- p:
			case <-ctx.Done():
				return
			}
		}
	}()
	err := s.storeRead(ctx, stop, j, done)
	for range done {
		continue // lets the readers end
	}
	if err == nil || whole.Err() != nil {
		err = errors.Join(err, s.letGo(context.WithoutCancel(whole), j.scan.ID))
	}
	return err
}

// storeRead stores what was read, several pages an action.
func (s *Service) storeRead(ctx context.Context, stop func(), j *job, done <-chan readPage) error {
	tick := time.NewTicker(storeEvery)
	defer tick.Stop()
	var ready []readPage
	flush := func() error {
		if len(ready) == 0 {
			return nil
		}
		err := s.storeWords(ctx, j, ready)
		ready = nil
		return err
	}
	for {
		var full bool
		select {
		case r, open := <-done:
			if !open {
				return flush()
			}
			if ctx.Err() != nil {
				continue // a page that was cut off is none that has no words
			}
			ready = append(ready, r)
			full = len(ready) >= storePages
		case <-tick.C:
			full = true
		}
		if full {
			if err := flush(); err != nil {
				stop()
				return err
			}
		}
	}
}

// readPage reads the words of one page: its text layer, else its image.
func (s *Service) readPage(ctx context.Context, j *job, p Page) readPage {
	at := sheet{id: j.scan.ID, media: j.scan.Media, page: p.Number, size: size{p.Width, p.Height}, raw: j.raw}
	out := readPage{number: p.Number, state: None}
	if at.media == PDF {
		words, err := s.engine.pdfText(ctx, at.id, at.load, at.page)
		if err == nil && len(words.list) > 0 {
			out.state, out.words = Text, words
		}
		if err != nil || len(words.list) >= fewWords {
			return out
		}
	}
	if s.tesseract == "" {
		return out
	}
	img, err := s.draw(ctx, at, ocrWidth, 0)
	if err != nil {
		return out
	}
	words, err := s.ocr(ctx, asGray(img))
	if err == nil && len(words.list) > len(out.words.list) {
		out.state, out.words = OCR, words
	}
	return out
}

// asGray gives an image without its colours.
func asGray(img image.Image) *image.Gray {
	if g := grayed(img); g != nil {
		return g
	}
	b := img.Bounds()
	out := image.NewGray(image.Rect(0, 0, b.Dx(), b.Dy()))
	if m, ok := img.(*image.RGBA); ok {
		for y := range b.Dy() {
			row, to := m.Pix[y*m.Stride:], out.Pix[y*out.Stride:]
			for x := range b.Dx() {
				// The weights of ITU-R BT.601.
				to[x] = byte((299*int(row[4*x]) + 587*int(row[4*x+1]) + 114*int(row[4*x+2])) / 1000) //nolint:gosec // a mean of bytes
			}
		}
		return out
	}
	for y := range b.Dy() {
		for x := range b.Dx() {
			out.Set(x, y, img.At(b.Min.X+x, b.Min.Y+y))
		}
	}
	return out
}

// storeWords stores what was read on pages and tells those who watch.
func (s *Service) storeWords(ctx context.Context, j *job, ready []readPage) error {
	sealed := make([][]byte, len(ready))
	for i, r := range ready {
		if r.state == None {
			continue
		}
		var err error
		if sealed[i], err = sealWords(j.key, j.scan.ID, r.number, r.words); err != nil {
			return err
		}
	}
	err := s.gate.Change(ctx, reader(), ActionText, subject(j.scan.ID), func(tx *gate.Tx) error {
		for i, r := range ready {
			var body any
			if sealed[i] != nil {
				body = sealed[i]
			}
			_, err := tx.Later(ctx, sqlPutWords, string(r.state), r.words.turn, len(r.words.list), body, j.scan.ID, r.number)
			if err != nil {
				return fmt.Errorf("store the words of a page: %w", err)
			}
		}
		if _, err := tx.Exec(ctx, sqlRenew, len(ready), tx.Now().Add(leaseLasts).UnixMicro(), j.scan.ID); err != nil {
			return fmt.Errorf("store the words of a page: %w", err)
		}
		tx.Detail("pages", strconv.Itoa(len(ready)))
		return s.tell(ctx, tx, j.scan.ID, ready)
	})
	if err != nil {
		return fmt.Errorf("store the words of pages: %w", err)
	}
	return nil
}

// tell tells those who watch of the pages that belong to documents.
func (s *Service) tell(ctx context.Context, tx *gate.Tx, id string, ready []readPage) error {
	s.mu.Lock()
	watchers := s.watchers
	s.mu.Unlock()
	if len(watchers) == 0 {
		return nil
	}
	read := map[int]bool{}
	from, last := MaxPages, 1
	for _, r := range ready {
		if r.state != None {
			read[r.number] = true
		}
		from, last = min(from, r.number), max(last, r.number)
	}
	news, err := newsOf(ctx, tx, id, from, last, read)
	if err != nil || len(news) == 0 {
		return err
	}
	for _, w := range watchers {
		if err := w(ctx, tx, news); err != nil {
			return err
		}
	}
	return nil
}

func newsOf(ctx context.Context, tx *gate.Tx, id string, from, last int, read map[int]bool) ([]News, error) {
	rows, err := tx.Query(ctx, sqlOwnersFor, id, from, last)
	if err != nil {
		return nil, fmt.Errorf("whose pages were read: %w", err)
	}
	defer func() { _ = rows.Close() }()
	var news []News
	for rows.Next() {
		n := News{Scan: id}
		if err := rows.Scan(&n.Page, &n.Record, &n.Document); err != nil {
			return nil, fmt.Errorf("whose pages were read: %w", err)
		}
		if read[n.Page] {
			news = append(news, n)
		}
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("whose pages were read: %w", err)
	}
	return news, nil
}

// letGo ends the lease on a scan.
func (s *Service) letGo(ctx context.Context, id string) error {
	err := s.gate.Change(ctx, reader(), ActionText, subject(id), func(tx *gate.Tx) error {
		_, err := tx.Exec(ctx, sqlLetGo, id)
		return err
	})
	if err != nil {
		return fmt.Errorf("let a scan go: %w", err)
	}
	return nil
}
