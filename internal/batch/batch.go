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
// refused, and another error if the run itself could not go on.
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
		workers.Go(func() {
			for t := range work {
				t.answer, t.refused = answer(ctx, t.line, t.tooLong, fn)
				close(t.done)
			}
		})
	}
	var readErr error
	go func() {
		defer close(order)
		defer close(work)
		readErr = feed(ctx, in, work, order)
	}()

	summary, err := drain(order, out)
	cancel()
	for range order { // let the reader end before its error is looked at
	}
	workers.Wait()
	if err == nil {
		err = readErr
	}
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

type task struct {
	line    []byte
	tooLong bool
	answer  []byte
	refused bool
	done    chan struct{}
}

// feed hands each line to a worker and, in the same order, to the writer.
func feed(ctx context.Context, in io.Reader, work, order chan<- *task) error {
	r := bufio.NewReaderSize(in, 1<<20)
	for {
		line, tooLong, err := readLine(r)
		if len(bytes.TrimSpace(line)) > 0 || tooLong {
			t := &task{line: line, tooLong: tooLong, done: make(chan struct{})}
			select {
			case <-ctx.Done():
				return fmt.Errorf("run: %w", context.Cause(ctx))
			case work <- t:
			}
			select {
			case <-ctx.Done():
				return fmt.Errorf("run: %w", context.Cause(ctx))
			case order <- t:
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
func drain(order <-chan *task, out io.Writer) (Summary, error) {
	var s Summary
	w := bufio.NewWriterSize(out, 1<<16)
	for t := range order {
		<-t.done
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
			if err := w.Flush(); err != nil {
				return s, fmt.Errorf("write answer: %w", err)
			}
		}
	}
	if err := w.Flush(); err != nil {
		return s, fmt.Errorf("write answer: %w", err)
	}
	return s, nil
}

// answer runs fn on a line and encodes what it returns, or its refusal.
func answer(ctx context.Context, line []byte, tooLong bool, fn Func) (encoded []byte, refused bool) {
	if tooLong {
		return encodeRefusal(nil, Refuse("too-long", "line is longer than %d bytes", MaxLine)), true
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

func encodeRefusal(line []byte, err error) []byte {
	var known *Error
	if !errors.As(err, &known) {
		known = &Error{Code: "refused", Message: err.Error()}
	}
	var head struct {
		ID json.RawMessage `json:"id"`
	}
	_ = json.Unmarshal(line, &head) // a line that is no object has no id to echo
	if len(head.ID) == 0 {
		head.ID = json.RawMessage("null")
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(struct {
		ID    json.RawMessage `json:"id"`
		Error *Error          `json:"error"`
	}{head.ID, known})
	return b.Bytes()
}

// Decode reads a line into v; unknown fields are ignored. A line that is no
// JSON object of that shape is refused with the place of the fault.
func Decode(line []byte, v any) error {
	err := json.Unmarshal(line, v)
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &syntax):
		return Refuse("bad-json", "not JSON at byte %d", syntax.Offset)
	case errors.As(err, &kind):
		return Refuse("bad-field", "field %q at byte %d: %s where %s is wanted", kind.Field, kind.Offset, kind.Value, kind.Type)
	default:
		return Refuse("bad-json", "not a JSON object of the expected shape")
	}
}

// Open opens a batch command's FILE: a path, or "-" for stdin.
func Open(file string, stdin io.Reader) (io.ReadCloser, error) {
	if file == "-" || file == "" {
		return io.NopCloser(stdin), nil
	}
	f, err := os.Open(file)
	if err != nil {
		return nil, fmt.Errorf("open input: %w", err)
	}
	return f, nil
}
