package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"
)

// readers is the pool of connections that can only read. Each keeps its own
// prepared statements.
type readers struct {
	db    *sql.DB
	seats chan struct{} // one for each connection in use

	mu     sync.Mutex
	idle   []*session
	closed bool
}

func newReaders(db *sql.DB, size int) *readers {
	db.SetMaxOpenConns(size)
	db.SetMaxIdleConns(size)
	return &readers{db: db, seats: make(chan struct{}, size)}
}

func (r *readers) do(ctx context.Context, fn func(*Tx) error) error {
	select {
	case r.seats <- struct{}{}:
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	defer func() { <-r.seats }()
	s, err := r.take(ctx)
	if err != nil {
		return err
	}
	err, usable := readOn(ctx, s, fn)
	r.give(s, usable)
	return err
}

// readOn runs fn in a transaction on s, and says whether s can be used again.
func readOn(ctx context.Context, s *session, fn func(*Tx) error) (err error, usable bool) {
	calm := context.WithoutCancel(ctx)
	if err := s.exec(calm, "BEGIN"); err != nil {
		return fmt.Errorf("starting a read: %w", err), false
	}
	t := &Tx{s: s, readOnly: true}
	defer func() {
		t.ended = true
		if end := s.exec(calm, "ROLLBACK"); end != nil {
			usable = false
		}
	}()
	return t.run(fn), true
}

func (r *readers) take(ctx context.Context) (*session, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return nil, ErrClosed
	}
	if n := len(r.idle); n > 0 {
		s := r.idle[n-1]
		r.idle = r.idle[:n-1]
		return s, nil
	}
	return newSession(ctx, r.db)
}

func (r *readers) give(s *session, usable bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !usable || r.closed {
		_ = s.close() // it is being thrown away
		return
	}
	r.idle = append(r.idle, s)
}

func (r *readers) close() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return nil
	}
	r.closed = true
	var errs []error
	for _, s := range r.idle {
		errs = append(errs, s.close())
	}
	r.idle = nil
	return errors.Join(append(errs, r.db.Close())...)
}
