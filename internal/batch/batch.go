// Package batch runs a function over JSON Lines: one object in, one object out,
// in the same order, on every core.
//
// What always holds: each line is answered or refused, never dropped; lines
// read = answered + refused; memory does not grow with the length of the input.
package batch

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"sync"
)

// The errors that decide an exit status other than 0 and 1.
var (
	ErrRefused = errors.New("some lines were refused")
	ErrInvalid = errors.New("the input is not valid")
)

// MaxLine is the longest line accepted, in bytes; a longer one is refused by
// itself, and the run goes on.
const MaxLine = 64 << 20

// Error is a refusal of one line.
type Error struct {
	Code    string `json:"code"` // short and stable: "bad-json", "no-text" …
	Message string `json:"message"`
}

func (e *Error) Error() string { return e.Code + ": " + e.Message }

// Refuse makes the Error a Func returns for a line it cannot use.
func Refuse(code, format string, args ...any) *Error {
	return &Error{Code: code, Message: fmt.Sprintf(format, args...)}
}

// Func answers one line. The value returned is written as one JSON object. Any
// error refuses the line; its text must name the place and no patient.
type Func func(ctx context.Context, line []byte) (any, error)

// Summary counts what a run did.
type Summary struct{ Read, Answered, Refused int }

// Options of a run.
type Options struct {
	Jobs   int       // workers; 0 means one a core
	Stderr io.Writer // where the closing summary goes; nil for none
}

// Run reads lines from in, answers them with fn on several cores and writes the
// answers to out in the order of the lines. It returns ErrRefused if a line was
// refused, and another error if the run itself could not go on. When ctx ends, or
// out takes no more, Run returns without waiting for in: a read from a terminal or
// a pipe may never end. The reading goroutine then ends with that read.
func Run(ctx context.Context, in io.Reader, out io.Writer, opt Options, fn Func) (Summary, error) {
	jobs := opt.Jobs
	if jobs <= 0 {
		jobs = runtime.GOMAXPROCS(0)
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()

	work := make(chan *task)
	order := make(chan *task, 4*jobs)
	var workers sync.WaitGroup
	for range jobs {
		workers.Go(func() { answerAll(ctx, work, fn) })
	}
	readErr := make(chan error, 1)
	go func() {
		readErr <- feed(ctx, in, work, order)
		close(order)
	}()

	summary, err := drain(ctx, order, out)
	if err == nil {
		err = <-readErr // the reader closed order, so it has ended
	}
	cancel()
	workers.Wait()
	if opt.Stderr != nil {
		_, _ = fmt.Fprintf(opt.Stderr, "%d lines read: %d answered, %d refused\n", summary.Read, summary.Answered, summary.Refused)
	}
	if err != nil {
		return summary, err
	}
	if summary.Refused > 0 {
		return summary, ErrRefused
	}
	return summary, nil
}

// answerAll is one worker.
func answerAll(ctx context.Context, work <-chan *task, fn Func) {
	for {
		select {
		case <-ctx.Done():
			return
		case t := <-work:
			t.answer, t.refused = answer(ctx, t.line, t.tooLong, fn)
			close(t.done)
		}
	}
}

type task struct {
	line    []byte
	tooLong bool
	answer  []byte
	refused bool
	done    chan struct{}
}

// feed hands each line to a worker and, in the same order, to the writer. A
// byte order mark before the first line is left out, and so are blank lines.
func feed(ctx context.Context, in io.Reader, work, order chan<- *task) error {
	r := bufio.NewReaderSize(in, 1<<20)
	if mark, _ := r.Peek(len(byteOrderMark)); string(mark) == byteOrderMark {
		_, _ = r.Discard(len(byteOrderMark)) // they are buffered already
	}
	for {
		line, tooLong, err := readLine(r)
		if len(bytes.TrimSpace(line)) > 0 || tooLong {
			t := &task{line: line, tooLong: tooLong, done: make(chan struct{})}
			for _, to := range []chan<- *task{work, order} {
				select {
				case <-ctx.Done():
					return interrupted(ctx)
				case to <- t:
				}
			}
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("read input: %w", err)
		}
	}
}

const byteOrderMark = "\ufeff"

func interrupted(ctx context.Context) error {
	return fmt.Errorf("interrupted: %w", context.Cause(ctx))
}

// readLine returns the next line; one longer than MaxLine comes cut to its
// first 64 kB with tooLong set.
func readLine(r *bufio.Reader) (line []byte, tooLong bool, err error) {
	for {
		part, err := r.ReadSlice('\n')
		if !tooLong {
			line = append(line, part...)
		}
		if len(line) > MaxLine {
			line, tooLong = line[:1<<16:1<<16], true
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return line, tooLong, err //nolint:wrapcheck // io.EOF is looked for by the caller
		}
	}
}

// drain writes answers in order until there are no more.
func drain(ctx context.Context, order <-chan *task, out io.Writer) (Summary, error) {
	var s Summary
	w := bufio.NewWriterSize(out, 1<<16)
	for {
		t, err := next(ctx, order)
		if err != nil || t == nil {
			return s, errors.Join(err, flush(w))
		}
		s.Read++
		if t.refused {
			s.Refused++
		} else {
			s.Answered++
		}
		if _, err := w.Write(t.answer); err != nil {
			return s, fmt.Errorf("write answer: %w", err)
		}
		if len(order) == 0 { // nothing waits: let a reader at the other end of the pipe go on
			if err := flush(w); err != nil {
				return s, err
			}
		}
	}
}

func flush(w *bufio.Writer) error {
	if err := w.Flush(); err != nil {
		return fmt.Errorf("write answer: %w", err)
	}
	return nil
}

// next gives the next task that is done, nil after the last. An answer worked out
// after ctx ended is none: it may only say so.
func next(ctx context.Context, order <-chan *task) (*task, error) {
	select {
	case <-ctx.Done():
		return nil, interrupted(ctx)
	case t, more := <-order:
		if !more {
			return nil, nil //nolint:nilnil // the end of the input is no fault
		}
		select {
		case <-ctx.Done():
		case <-t.done:
		}
		if ctx.Err() != nil {
			return nil, interrupted(ctx)
		}
		return t, nil
	}
}

// answer runs fn on a line and encodes what it returns, or its refusal.
func answer(ctx context.Context, line []byte, tooLong bool, fn Func) (encoded []byte, refused bool) {
	if tooLong {
		return encodeRefusal(line, Refuse("too-long", "line is longer than %d bytes", MaxLine)), true
	}
	value, err := call(ctx, line, fn)
	if err != nil {
		return encodeRefusal(line, err), true
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(value); err != nil {
		return encodeRefusal(line, err), true
	}
	return b.Bytes(), false
}

// call turns a panic of fn into a refusal of that line alone: one bad line must
// not take the others with it.
func call(ctx context.Context, line []byte, fn Func) (value any, err error) {
	defer func() {
		if p := recover(); p != nil {
			value, err = nil, Refuse("internal", "the line could not be worked out; this is a fault of the program")
		}
	}()
	return fn(ctx, line)
}

// Open opens a batch command's FILE: a path, or "-" for stdin.
func Open(file string, stdin io.Reader) (io.ReadCloser, error) {
	if file == "-" || file == "" {
		return io.NopCloser(stdin), nil
	}
	f, err := os.Open(file)
	if err != nil {
		return nil, err //nolint:wrapcheck // names the file and what is wrong
	}
	return f, nil
}
