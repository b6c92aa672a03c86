package mllp

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"

	"chartroom/wire/hl7v2"
)

// The bytes of a frame.
const (
	startBlock     = 0x0b
	endBlock       = 0x1c
	carriageReturn = 0x0d
)

// FrameError is trouble with the framing. It ends neither the stream nor the
// Reader, unless it is ErrTruncated at the end of the stream.
type FrameError struct {
	Kind   error // ErrJunk, ErrTooLarge or ErrTruncated
	Offset int64 // where in the stream
	Bytes  int64 // how many bytes are concerned
	// Head is the first line of the frame if there is one: the MSH segment,
	// so that a refusal can name what it answers.
	Head []byte
}

// The kinds of FrameError.
var (
	ErrJunk      = errors.New("bytes outside of any frame")
	ErrTooLarge  = errors.New("frame is larger than the limit")
	ErrTruncated = errors.New("frame was not ended")
)

// Error returns kind, offset and size.
func (e *FrameError) Error() string {
	return fmt.Sprintf("mllp: %v (%d bytes at offset %d)", e.Kind, e.Bytes, e.Offset)
}

// Unwrap returns the kind.
func (e *FrameError) Unwrap() error { return e.Kind }

// Reader reads frames.
type Reader struct {
	src    *bufio.Reader
	limit  int
	offset int64
	next   []byte // a frame that was found behind one that was not ended
	at     int64  // where next begins
	within bool   // a frame has begun and not ended
}

// NewReader returns a Reader of src. limit is the largest message in bytes; 0
// means hl7v2.DefaultMaxMessage.
func NewReader(src io.Reader, limit int) *Reader {
	if limit <= 0 {
		limit = hl7v2.DefaultMaxMessage
	}
	return &Reader{src: bufio.NewReaderSize(src, 16<<10), limit: limit}
}

// Offset returns how many bytes of the stream were gone over.
func (r *Reader) Offset() int64 { return r.offset }

// ReadFrame returns the next message without its frame; the bytes are the
// caller's. A [*FrameError] concerns one frame or what stands between two, and
// ReadFrame may be called again. At the end of the stream it returns io.EOF.
func (r *Reader) ReadFrame() ([]byte, error) {
	if r.next != nil {
		frame := r.next
		r.next = nil
		return r.unnest(frame, r.at)
	}
	if err := r.seek(); err != nil {
		return nil, err
	}
	return r.body()
}

// seek goes to the first byte behind the next start byte. Line ends between
// frames are no junk: the CR behind an end byte is one of them.
func (r *Reader) seek() error {
	junk := FrameError{Kind: ErrJunk}
	for {
		c, err := r.src.ReadByte()
		if err != nil {
			if junk.Bytes > 0 {
				return &junk
			}
			return wrap(err)
		}
		switch {
		case c == startBlock && junk.Bytes > 0:
			if err := r.src.UnreadByte(); err != nil {
				return wrap(err)
			}
			return &junk
		case c == startBlock:
			r.offset++
			return nil
		case c != carriageReturn && c != '\n' || junk.Bytes > 0:
			if junk.Bytes == 0 {
				junk.Offset = r.offset
			}
			junk.Bytes++
		}
		r.offset++
	}
}

// body reads up to the end byte. The CR that belongs behind it is left to seek,
// so that an answer need not wait for it.
func (r *Reader) body() ([]byte, error) {
	start := r.offset
	r.within = true
	defer func() { r.within = false }()
	var frame []byte
	for {
		piece, err := r.src.ReadSlice(endBlock)
		r.offset += int64(len(piece))
		ended := err == nil
		if ended {
			piece = piece[:len(piece)-1]
		}
		if room := r.limit + 1 - len(frame); room > 0 {
			frame = append(frame, piece[:min(len(piece), room)]...)
		}
		switch {
		case ended && len(frame) > r.limit:
			return nil, &FrameError{Kind: ErrTooLarge, Offset: start, Bytes: r.offset - start - 1, Head: head(frame)}
		case ended:
			return r.unnest(frame, start)
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case errors.Is(err, io.EOF):
			return nil, &FrameError{Kind: ErrTruncated, Offset: start, Bytes: r.offset - start, Head: head(frame)}
		default:
			return nil, wrap(err)
		}
	}
}

// restart is what stands where a sender gave a frame up and began again.
var restart = []byte("\x0bMSH")

// unnest sees to a frame that holds the beginning of another.
func (r *Reader) unnest(frame []byte, start int64) ([]byte, error) {
	i := bytes.Index(frame, restart)
	if i < 0 {
		return frame, nil
	}
	r.next, r.at = frame[i+1:], start+int64(i)+1
	return nil, &FrameError{Kind: ErrTruncated, Offset: start, Bytes: int64(i), Head: head(frame[:i])}
}

// maxHead is how much of a refused frame is kept to find its MSH segment in.
const maxHead = 4 << 10

func head(frame []byte) []byte {
	frame = frame[:min(len(frame), maxHead)]
	if i := bytes.IndexAny(frame, "\r\n"); i >= 0 {
		frame = frame[:i]
	}
	return bytes.Clone(frame)
}

func wrap(err error) error {
	if errors.Is(err, io.EOF) {
		return io.EOF
	}
	return fmt.Errorf("mllp: reading a frame: %w", err)
}

// AppendFrame appends a message in its frame. A message that holds a start or
// end byte cannot be framed.
func AppendFrame(dst, message []byte) ([]byte, error) {
	if bytes.IndexByte(message, endBlock) >= 0 || bytes.IndexByte(message, startBlock) >= 0 {
		return dst, errors.New("mllp: the message holds a start or end byte")
	}
	dst = append(dst, startBlock)
	dst = append(dst, message...)
	return append(dst, endBlock, carriageReturn), nil
}

// WriteFrame writes a message in its frame, in one call of Write.
func WriteFrame(w io.Writer, message []byte) error {
	frame, err := AppendFrame(make([]byte, 0, len(message)+3), message)
	if err != nil {
		return err
	}
	if _, err := w.Write(frame); err != nil {
		return fmt.Errorf("mllp: writing a frame: %w", err)
	}
	return nil
}
