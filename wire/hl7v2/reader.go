package hl7v2

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
)

// Reader reads one message after another from a file or stream. Messages may
// follow each other directly, stand in batches (FHS, BHS, BTS, FTS), or be in
// MLLP frames. Memory is bounded by the largest message.
type Reader struct {
	src      io.Reader
	opts     Options
	buf      []byte
	start    int   // first byte of the message being gathered
	pos      int   // first byte not gone over
	base     int64 // offset of buf[0] in the stream
	line     int   // line number at pos
	count    int   // messages begun
	ends     lineEnds
	eof      bool
	err      error // what src returned, for good
	skipping bool  // after a message that was too large: until the next header
	midLine  bool  // pos stands within a line whose beginning was dropped
	batch    batchCount
	refused  []byte
}

// batchCount is what trailers are compared with.
type batchCount struct {
	open     bool
	messages int // since BHS
	batches  int // since FHS
}

// NewReader returns a Reader of src.
func NewReader(src io.Reader, opts Options) *Reader {
	return &Reader{src: src, opts: opts, line: 1}
}

// Count returns how many messages were begun so far, refused ones included.
func (r *Reader) Count() int { return r.count }

// Next returns the next message, whose bytes are its own. At the end it returns
// io.EOF. An [*Error] means that one message, or some text between messages,
// cannot be used; Next may be called again and goes on behind it. Any other
// error comes from the source and is final.
func (r *Reader) Next() (*Message, error) {
	r.refused = nil
	var junk *Error
	for {
		text, next, err := r.readLine()
		if err != nil {
			if junk != nil {
				return nil, junk
			}
			return nil, err
		}
		frame := len(text) - len(trimFrame(text))
		text = text[frame:]
		kind := boundary(text)
		if r.midLine {
			kind = ""
		}
		if kind != "" && junk != nil {
			return nil, junk
		}
		if kind == "MSH" {
			r.pos += frame
			return r.message()
		}
		at := place{line: r.line, offset: r.base + int64(r.pos+frame)}
		var trouble *Error
		switch {
		case kind != "":
			trouble = r.envelope(kind, text, at)
			r.skipping = false
		case !r.skipping && !r.midLine && junk == nil && len(bytes.Trim(text, " \t\x1c\x1a")) > 0:
			junk = &Error{Code: CodeSegmentSequence, Line: at.line, Offset: at.offset,
				Reason: "text outside of any message: no MSH segment stands before it"}
		}
		r.consume(next)
		r.start = r.pos
		if trouble != nil {
			return nil, trouble
		}
	}
}

// boundary returns the name of a header or trailer segment that ends the
// message before it, or "".
func boundary(text []byte) string {
	if len(text) < 3 {
		return ""
	}
	for _, name := range [...]string{"MSH", "BHS", "BTS", "FHS", "FTS"} {
		if string(text[:3]) == name && (len(text) == 3 || usableDelimiter(text[3])) {
			return name
		}
	}
	return ""
}

// message gathers the lines of one message; pos stands on the M of its MSH.
func (r *Reader) message() (*Message, error) {
	r.start = r.pos
	r.skipping = false
	r.count++
	r.batch.messages++
	at := place{number: r.count, line: r.line, offset: r.base + int64(r.start)}
	for first := true; ; first = false {
		text, next, err := r.readLine()
		if errors.Is(err, errTooLong) {
			return nil, r.tooLarge(at)
		}
		if err != nil && !errors.Is(err, io.EOF) {
			return nil, err
		}
		if err != nil || !first && boundary(trimFrame(text)) != "" {
			break
		}
		if i := bytes.IndexByte(text, endBlock); i >= 0 {
			raw := bytes.Clone(r.buf[r.start : r.pos+i])
			if i+1 == len(text) {
				r.consume(next)
			} else {
				r.pos += i + 1
			}
			r.start = r.pos
			return r.parse(raw, at)
		}
		r.consume(next)
		if r.pos-r.start > r.opts.maxMessage() {
			return nil, r.tooLarge(at)
		}
	}
	raw := bytes.Clone(r.buf[r.start:r.pos])
	r.start = r.pos
	return r.parse(raw, at)
}

// parse reads one message and keeps its bytes if it cannot be used.
func (r *Reader) parse(raw []byte, at place) (*Message, error) {
	m, err := parse(raw, at, r.opts)
	if err != nil {
		r.refused = raw
	}
	return m, err
}

// Refused returns the bytes of the message that the newest error of Next was
// about; nil where that error was about something else or the message was larger
// than the limit.
func (r *Reader) Refused() []byte { return r.refused }

func (r *Reader) tooLarge(at place) error {
	r.skipping = true
	r.start = r.pos
	return &Error{Code: CodeDataType, Message: at.number, Line: at.line, Offset: at.offset,
		Reason: "message is larger than the limit of " + strconv.Itoa(r.opts.maxMessage()) + " bytes"}
}

// envelope reads a batch or file header or trailer and compares its count.
func (r *Reader) envelope(kind string, text []byte, at place) *Error {
	trouble := func(reason string) *Error {
		return &Error{Code: CodeSegmentSequence, Name: kind, Line: at.line, Offset: at.offset, Reason: reason}
	}
	switch kind {
	case "FHS":
		r.batch = batchCount{}
	case "BHS":
		r.batch.messages, r.batch.open = 0, true
		r.batch.batches++
	case "BTS":
		if !r.batch.open {
			return trouble("batch trailer without a batch header")
		}
		r.batch.open = false
		if n, ok := trailerCount(text); ok && n != r.batch.messages {
			return trouble(fmt.Sprintf("batch trailer says %d messages, the batch has %d", n, r.batch.messages))
		}
	case "FTS":
		if n, ok := trailerCount(text); ok && n != r.batch.batches {
			return trouble(fmt.Sprintf("file trailer says %d batches, the file has %d", n, r.batch.batches))
		}
	}
	return nil
}

// trailerCount reads field 1 of a trailer, which is optional.
func trailerCount(text []byte) (int, bool) {
	if len(text) < 5 {
		return 0, false
	}
	field, _, _ := bytes.Cut(text[4:], text[3:4])
	n, err := strconv.Atoi(string(bytes.TrimSpace(field)))
	return n, err == nil
}

// errTooLong says that a line does not fit into a message.
var errTooLong = errors.New("line too long")

// readLine returns the line at pos without its end, and where the next begins,
// both as they lie in buf now. While no message is being gathered (start ==
// pos), the beginning of a line that is too long is dropped.
func (r *Reader) readLine() (text []byte, next int, err error) {
	for {
		end, next := r.ends.find(r.buf, r.pos)
		found := end < next
		switch {
		case found && (next < len(r.buf) || r.eof || r.buf[next-1] == '\n'):
			return r.buf[r.pos:end], next, nil
		case r.eof && r.pos < len(r.buf):
			return r.buf[r.pos:], len(r.buf), nil
		case r.eof:
			return nil, 0, r.err
		}
		if len(r.buf)-r.start > r.opts.maxMessage()+chunk {
			if r.start < r.pos || !r.skipping && !r.midLine && boundary(trimFrame(r.buf[r.pos:])) != "" {
				return nil, 0, errTooLong
			}
			r.pos, r.start, r.midLine = end, end, true // a CR that may be half of a line end is kept
		}
		r.fill()
	}
}

// consume goes on to the next line.
func (r *Reader) consume(next int) {
	r.pos = next
	r.line++
	r.midLine = false
}

// chunk is how much is asked of the source at once.
const chunk = 64 << 10

// fill drops what lies before start and reads more.
func (r *Reader) fill() {
	if r.start > 0 {
		n := copy(r.buf, r.buf[r.start:])
		r.buf = r.buf[:n]
		r.base += int64(r.start)
		r.pos -= r.start
		r.start = 0
	}
	if cap(r.buf)-len(r.buf) < chunk {
		grown := make([]byte, len(r.buf), 2*cap(r.buf)+2*chunk)
		copy(grown, r.buf)
		r.buf = grown
	}
	for range 100 {
		n, err := r.src.Read(r.buf[len(r.buf):cap(r.buf)])
		r.buf = r.buf[:len(r.buf)+n]
		if err != nil {
			r.eof, r.err = true, err
			if !errors.Is(err, io.EOF) {
				r.err = fmt.Errorf("hl7v2: reading messages: %w", err)
			}
			return
		}
		if n > 0 {
			return
		}
	}
	r.eof, r.err = true, io.ErrNoProgress
}
