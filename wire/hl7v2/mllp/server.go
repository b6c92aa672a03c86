package mllp

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"time"
)

// Handler answers messages.
type Handler interface {
	// HandleMessage returns the acknowledgement of a message; the Server frames
	// and sends it. No bytes mean that none is to be sent. An error ends the
	// connection without an answer, so that the sender sends again. ctx ends
	// when the time to drain is over.
	HandleMessage(ctx context.Context, peer net.Addr, message []byte) (answer []byte, err error)
	// HandleTrouble is told of what could not be taken for a message. It may
	// return a refusal to be sent for a frame that was too large.
	HandleTrouble(ctx context.Context, peer net.Addr, trouble *FrameError) (answer []byte)
}

// Server accepts connections and has their messages answered. The zero value
// with a Handler is ready for use.
type Server struct {
	Handler Handler
	// MaxMessage is the largest message in bytes; 0 means
	// hl7v2.DefaultMaxMessage.
	MaxMessage int
	// MaxConns is how many connections are served at a time; further ones wait
	// to be accepted. 0 means DefaultMaxConns.
	MaxConns int
	// IdleTimeout ends a connection on which no whole message came for so long;
	// 0 means never: interfaces are quiet at night.
	IdleTimeout time.Duration
	// StallTimeout ends a connection that began a message and then sent nothing
	// for so long, so that half-open connections do not take the place of others;
	// 0 means DefaultStallTimeout.
	StallTimeout time.Duration
	// WriteTimeout ends a connection that does not take an answer for so long;
	// 0 means DefaultWriteTimeout.
	WriteTimeout time.Duration
	// DrainTimeout is how long messages being handled may go on after Serve was
	// told to stop; 0 means DefaultDrainTimeout.
	DrainTimeout time.Duration
}

// Defaults of a Server.
const (
	DefaultMaxConns     = 256
	DefaultStallTimeout = time.Minute
	DefaultWriteTimeout = 30 * time.Second
	DefaultDrainTimeout = 20 * time.Second
)

// longAgo as a deadline ends reads and writes at once.
var longAgo = time.Unix(1, 0)

// Serve accepts connections from l until ctx ends, or l fails for good. It
// then closes l, lets messages that are being handled be answered, closes all
// connections and returns; nil if ctx was the cause.
func (s *Server) Serve(ctx context.Context, l net.Listener) error {
	stopAccepting := context.AfterFunc(ctx, func() { _ = l.Close() })
	defer stopAccepting()
	defer func() { _ = l.Close() }()

	work, abandon := context.WithCancel(context.WithoutCancel(ctx))
	defer abandon()
	reads, stopReading := context.WithCancel(context.WithoutCancel(ctx))
	defer stopReading()

	var conns sync.WaitGroup
	slots := make(chan struct{}, cmp.Or(s.MaxConns, DefaultMaxConns))
	err := s.accept(ctx, l, slots, func(c net.Conn) {
		conns.Go(func() {
			defer func() { <-slots }()
			s.serveConn(work, reads, c)
		})
	})
	stopReading()
	timer := time.AfterFunc(cmp.Or(s.DrainTimeout, DefaultDrainTimeout), abandon)
	defer timer.Stop()
	conns.Wait()
	return err
}

// maxAcceptFailures is how often in a row accepting may fail, as it does when
// the process has too many files open.
const maxAcceptFailures = 100

func (s *Server) accept(ctx context.Context, l net.Listener, slots chan struct{}, start func(net.Conn)) error {
	failures := 0
	for {
		select {
		case slots <- struct{}{}:
		case <-ctx.Done():
			return nil
		}
		c, err := l.Accept()
		if err == nil {
			failures = 0
			start(c)
			continue
		}
		<-slots
		if ctx.Err() != nil {
			return nil //nolint:nilerr // l was closed because Serve is to end
		}
		failures++
		if errors.Is(err, net.ErrClosed) || failures > maxAcceptFailures {
			return fmt.Errorf("mllp: accepting connections: %w", err)
		}
		select {
		case <-time.After(50 * time.Millisecond):
		case <-ctx.Done():
			return nil
		}
	}
}

// serveConn answers the messages of one connection. reads ends when no further
// message is to be read, work when handling is to be given up.
func (s *Server) serveConn(work, reads context.Context, c net.Conn) {
	defer func() { _ = c.Close() }()
	noMore := context.AfterFunc(reads, func() { _ = c.SetReadDeadline(longAgo) })
	defer noMore()
	giveUp := context.AfterFunc(work, func() { _ = c.Close() })
	defer giveUp()

	steady := &steadyReader{conn: c, stall: cmp.Or(s.StallTimeout, DefaultStallTimeout)}
	frames := NewReader(steady, s.MaxMessage)
	steady.frames = frames
	for reads.Err() == nil {
		message, err := s.read(frames, c)
		var answer []byte
		var trouble *FrameError
		switch {
		case errors.As(err, &trouble):
			answer = s.Handler.HandleTrouble(work, c.RemoteAddr(), trouble)
		case err != nil:
			return
		default:
			if answer, err = s.Handler.HandleMessage(work, c.RemoteAddr(), message); err != nil {
				return
			}
		}
		if len(answer) > 0 && s.write(c, answer) != nil {
			return
		}
	}
}

// steadyReader reads a connection and closes it when it stalls within a frame.
type steadyReader struct {
	conn   net.Conn
	frames *Reader
	stall  time.Duration
}

// Read reads from the connection.
func (r *steadyReader) Read(p []byte) (int, error) {
	if r.frames.within {
		timer := time.AfterFunc(r.stall, func() { _ = r.conn.Close() })
		defer timer.Stop()
	}
	return r.conn.Read(p) //nolint:wrapcheck // a Reader hands on what it gets
}

func (s *Server) read(frames *Reader, c io.Closer) ([]byte, error) {
	if s.IdleTimeout > 0 {
		timer := time.AfterFunc(s.IdleTimeout, func() { _ = c.Close() })
		defer timer.Stop()
	}
	return frames.ReadFrame()
}

func (s *Server) write(c net.Conn, answer []byte) error {
	timer := time.AfterFunc(cmp.Or(s.WriteTimeout, DefaultWriteTimeout), func() { _ = c.Close() })
	defer timer.Stop()
	return WriteFrame(c, answer)
}
