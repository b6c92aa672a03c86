package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"
	"time"
)

// Bounds of a batch: how many changes share a commit, and how long the first of
// them may wait for the others. Both keep the wait short; more gives no speed.
const (
	batchChanges = 512
	batchTime    = 25 * time.Millisecond
	queueLength  = 1024
)

// job is a change that waits for its turn and its answer.
type job struct {
	ctx  context.Context
	fn   func(*Tx) error
	err  error
	done chan struct{}
}

// writer owns the one connection that writes, and runs changes in the order
// they came, many to a commit.
type writer struct {
	db     *sql.DB
	engine engine
	inside *inside
	jobs   chan *job
	ended  chan struct{} // closed when the goroutine has finished

	mu     sync.RWMutex // held for reading while a job is put in the queue
	closed bool

	s *session // only the writer's goroutine touches it; nil after a failed commit
}

func startWriter(ctx context.Context, db *sql.DB, e engine, in *inside) (*writer, error) {
	w := &writer{db: db, engine: e, inside: in, jobs: make(chan *job, queueLength), ended: make(chan struct{})}
	var err error
	if w.s, err = newSession(ctx, db); err != nil {
		return nil, err
	}
	go w.loop()
	return w, nil
}

// do queues a change and waits for its answer.
func (w *writer) do(ctx context.Context, fn func(*Tx) error) error {
	j := &job{ctx: ctx, fn: fn, done: make(chan struct{})}
	if err := w.enqueue(j); err != nil {
		return err
	}
	<-j.done
	return j.err
}

func (w *writer) enqueue(j *job) error {
	w.mu.RLock()
	defer w.mu.RUnlock()
	if w.closed {
		return ErrClosed
	}
	select {
	case w.jobs <- j:
		return nil
	case <-j.ctx.Done():
		return context.Cause(j.ctx)
	}
}

// close lets the queue run empty, then closes the connection.
func (w *writer) close() error {
	w.mu.Lock()
	already := w.closed
	w.closed = true
	w.mu.Unlock()
	if already {
		return nil
	}
	close(w.jobs)
	<-w.ended
	if w.s != nil {
		return errors.Join(w.s.close(), w.db.Close())
	}
	return w.db.Close()
}

func (w *writer) loop() {
	defer close(w.ended)
	leave, _ := w.inside.enter()
	defer leave()
	for first := range w.jobs {
		w.batch(first)
	}
}

// batch runs first and whatever else waits, commits once, and answers all.
func (w *writer) batch(first *job) {
	ran := make([]*job, 0, 16)
	err := w.begin()
	if err != nil {
		answer([]*job{first}, err)
		return
	}
	started := time.Now()
	for j := first; j != nil; j = w.next(len(ran), started) {
		if err := context.Cause(j.ctx); err != nil {
			answer([]*job{j}, err)
			continue
		}
		kept, lost := w.runOne(j)
		if kept {
			ran = append(ran, j)
		}
		if lost != nil {
			w.reopen()
			answer(ran, lost)
			return
		}
	}
	answer(ran, w.commit())
}

// next gives the next waiting change, or nil when the batch is full or the
// queue is empty.
func (w *writer) next(ran int, started time.Time) *job {
	if ran >= batchChanges || time.Since(started) >= batchTime {
		return nil
	}
	select {
	case j := <-w.jobs:
		return j // nil when the queue was closed and is empty
	default:
		return nil
	}
}

// runOne runs a change in a savepoint. It says whether the change waits for the
// commit, and with lost, that the transaction is gone with all changes in it.
func (w *writer) runOne(j *job) (kept bool, lost error) {
	ctx := context.Background()
	if err := w.s.exec(ctx, "SAVEPOINT change"); err != nil {
		return true, fmt.Errorf("starting a change: %w", err)
	}
	t := &Tx{s: w.s}
	err := t.run(j.fn)
	if err == nil {
		if err = w.s.exec(ctx, "RELEASE change"); err == nil {
			return true, nil
		}
		return true, fmt.Errorf("ending a change: %w", err)
	}
	if undo := w.undo(ctx); undo != nil {
		answer([]*job{j}, err)
		return false, fmt.Errorf("the transaction was lost: %w", undo)
	}
	answer([]*job{j}, err)
	return false, nil
}

func (w *writer) undo(ctx context.Context) error {
	if err := w.s.exec(ctx, "ROLLBACK TO change"); err != nil {
		return err
	}
	return w.s.exec(ctx, "RELEASE change")
}

func (w *writer) begin() error {
	ctx := context.Background()
	if w.s == nil {
		s, err := newSession(ctx, w.db)
		if err != nil {
			return err
		}
		w.s = s
	}
	if err := w.s.exec(ctx, "BEGIN IMMEDIATE"); err != nil {
		w.reopen()
		return fmt.Errorf("starting a transaction: %w", err)
	}
	return nil
}

func (w *writer) commit() error {
	if err := w.s.exec(context.Background(), "COMMIT"); err != nil {
		w.reopen()
		return fmt.Errorf("not saved, the commit failed: %w", err)
	}
	return nil
}

// reopen throws the connection away, and with it whatever state it was left
// in. The next batch opens a new one.
func (w *writer) reopen() {
	_ = w.s.exec(context.Background(), "ROLLBACK") // there may be no transaction left
	w.s.forget()
	_ = w.s.conn.Raw(func(any) error { return errBadConn }) // makes database/sql drop the connection
	_ = w.s.close()
	w.s = nil
}

func answer(jobs []*job, err error) {
	for _, j := range jobs {
		j.err = err
		close(j.done)
	}
}
