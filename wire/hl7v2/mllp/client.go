package mllp

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"

	"chartroom/wire/hl7v2"
)

// Client sends messages over one connection and waits for the answer of each.
// It may be used by many goroutines; messages go out one at a time.
type Client struct {
	mu     sync.Mutex
	conn   net.Conn
	frames *Reader
	broken error
}

// NewClient returns a Client of a connection, which it owns from then on.
func NewClient(conn net.Conn) *Client {
	return &Client{conn: conn, frames: NewReader(conn, 0)}
}

// ErrBroken is returned once a Client failed: it cannot be known which message
// a later answer would belong to. Connect again and send again.
var ErrBroken = errors.New("mllp: the connection failed before")

// Send sends a message and returns its acknowledgement, whose MSA-2 is the
// MSH-10 of the message. After an error the message may or may not have been
// received.
func (c *Client) Send(ctx context.Context, message []byte) (*hl7v2.Message, error) {
	header, ok := hl7v2.PeekHeader(message)
	if !ok {
		return nil, errors.New("mllp: the message has no MSH segment")
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.broken != nil {
		return nil, fmt.Errorf("%w: %w", ErrBroken, c.broken)
	}
	ack, err := c.exchange(ctx, message, header.ControlID)
	if err != nil {
		c.broken = err
	}
	return ack, err
}

func (c *Client) exchange(ctx context.Context, message []byte, controlID string) (*hl7v2.Message, error) {
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("mllp: sending: %w", err)
	}
	stop := context.AfterFunc(ctx, func() { _ = c.conn.SetDeadline(longAgo) })
	defer func() {
		if !stop() { // the deadline is set, or about to be
			c.broken = ctx.Err()
		}
	}()
	because := func(err error) error {
		if cause := ctx.Err(); cause != nil {
			return fmt.Errorf("mllp: sending: %w", cause)
		}
		return err
	}
	if err := WriteFrame(c.conn, message); err != nil {
		return nil, because(err)
	}
	frame, err := c.frames.ReadFrame()
	if err != nil {
		return nil, because(fmt.Errorf("mllp: waiting for the answer: %w", err))
	}
	ack, err := hl7v2.Parse(frame, hl7v2.Options{})
	if err != nil {
		return nil, fmt.Errorf("mllp: the answer: %w", err)
	}
	_, answered, err := hl7v2.ReadAck(ack)
	if err != nil {
		return nil, fmt.Errorf("mllp: the answer: %w", err)
	}
	if answered != controlID {
		return nil, errors.New("mllp: the answer is to another message")
	}
	return ack, nil
}

// Close closes the connection.
func (c *Client) Close() error {
	if err := c.conn.Close(); err != nil {
		return fmt.Errorf("mllp: closing: %w", err)
	}
	return nil
}
