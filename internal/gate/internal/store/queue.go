package store

import (
	"context"
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

// Turns between processes. SQLite has whoever waits for the database look again
// every 100 ms, and a queue that never runs empty lets go of it for less than one:
// another process could look for as long as it has patience and never get a turn.
const (
	unbroken = 3 * time.Second        // of writing, after which there is a break
	breakFor = 110 * time.Millisecond // in which everybody who waits looks once
)

// errExit is the error of a change whose function ended its goroutine.
var errExit = errors.New("the action ended its goroutine (runtime.Goexit, which t.FailNow calls)")

// job is a change that waits for its turn and its answer.
type job struct {
	ctx  context.Context //nolint:containedctx // of the caller, who waits
	fn   func(*Tx) error
	err  error
	done chan struct{}
}

func (j *job) answer(err error) {
	j.err = err
	close(j.done)
}

// writer owns the one connection that writes, and runs changes in the order
// they came, many to a commit.
type writer struct {
	house   *house
	connect func(context.Context) (*conn, error)
	jobs    chan *job
	ended   chan struct{} // closed when the queue has run empty for good

	mu     sync.RWMutex // held for reading while a job is put in the queue
	closed bool

	// Only the writer's goroutine touches these.
	c       *conn     // nil after a transaction was lost
	current *job      // the change that runs
	ran     []*job    // the changes that wait for the commit
	since   time.Time // of the writing without a break
	ceased  time.Time // end of the last batch
}

func startWriter(h *house, c *conn, connect func(context.Context) (*conn, error)) *writer {
	w := &writer{house: h, connect: connect, c: c, jobs: make(chan *job, queueLength), ended: make(chan struct{})}
	go w.loop()
	return w
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
		return givenUp(j.ctx)
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
	if w.c == nil {
		return nil
	}
	return w.c.close()
}

func (w *writer) loop() {
	finished := false
	defer func() {
		if !finished {
			w.abandon()
			go w.loop()
		}
	}()
	for first := range w.jobs {
		w.giveTurn()
		w.batch(first)
		w.ceased = time.Now()
	}
	finished = true
	close(w.ended)
}

// giveTurn leaves the database to other processes for a moment, where this one has
// not for long.
func (w *writer) giveTurn() {
	switch now := time.Now(); {
	case now.Sub(w.ceased) > breakFor:
		w.since = now
	case now.Sub(w.since) > unbroken:
		time.Sleep(breakFor)
		w.since = time.Now()
	}
}

// abandon ends a batch in which a function ended the goroutine it ran on.
func (w *writer) abandon() {
	j := w.current
	w.current = nil
	lost := w.undo()
	j.answer(errExit)
	w.end(lost)
}

// batch runs first and whatever else waits, commits once, and answers all.
func (w *writer) batch(first *job) {
	if err := w.begin(); err != nil {
		first.answer(err)
		return
	}
	started := time.Now()
	for j := first; j != nil; j = w.next(started) {
		if j.ctx.Err() != nil {
			j.answer(givenUp(j.ctx))
			continue
		}
		if lost := w.run(j); lost != nil {
			w.end(lost)
			return
		}
	}
	w.end(nil)
}

// next gives the next waiting change, or nil when the batch is full or the
// queue is empty.
func (w *writer) next(started time.Time) *job {
	if len(w.ran) >= batchChanges || time.Since(started) >= batchTime {
		return nil
	}
	select {
	case j := <-w.jobs:
		return j // nil when the queue was closed and is empty
	default:
		return nil
	}
}

// run runs a change in a savepoint. A change that failed is undone and answered
// at once; the others live on. It returns an error where the whole transaction
// was lost.
func (w *writer) run(j *job) (lost error) {
	if err := w.c.control(context.Background(), "SAVEPOINT change"); err != nil {
		j.answer(notSaved(err))
		return err
	}
	t := &Tx{c: w.c, house: w.house}
	w.current = j
	err := t.run(j.fn)
	w.current = nil
	if err != nil {
		lost = w.undo()
		j.answer(err)
		return lost
	}
	if err := w.c.control(context.Background(), "RELEASE change"); err != nil {
		j.answer(notSaved(err))
		return err
	}
	w.ran = append(w.ran, j)
	return nil
}

// undo takes back the change that ran last, and that one alone. It fails where
// SQLite, out of disk or memory, took back the whole transaction.
func (w *writer) undo() error {
	if err := w.c.control(context.Background(), "ROLLBACK TO change"); err != nil {
		return err
	}
	return w.c.control(context.Background(), "RELEASE change")
}

func (w *writer) begin() error {
	ctx := context.Background()
	if w.c == nil {
		c, err := w.connect(ctx)
		if err != nil {
			return notSaved(err)
		}
		w.c = c
	}
	if err := w.c.control(ctx, "BEGIN IMMEDIATE"); err != nil {
		w.drop()
		return notSaved(err)
	}
	return nil
}

// end commits and answers the changes of the batch. lost says that there is
// nothing to commit any more.
func (w *writer) end(lost error) {
	err := lost
	if err == nil {
		err = w.c.control(context.Background(), "COMMIT")
	}
	if err != nil {
		err = notSaved(err)
		w.drop()
	}
	for i, j := range w.ran {
		j.answer(err)
		w.ran[i] = nil
	}
	w.ran = w.ran[:0]
}

// drop throws the connection away, and with it whatever state a failure left it
// in. The next batch opens a new one, or is refused if that fails.
func (w *writer) drop() {
	_ = w.c.control(context.Background(), "ROLLBACK") // there may be no transaction left
	_ = w.c.close()                                   // its error is the one at hand
	w.c = nil
}

func notSaved(err error) error { return fmt.Errorf("not saved: %w", err) }
