package store

import (
	"context"
	"errors"
	"sync"
)

// pool keeps connections for actions that run at the same time.
type pool struct {
	connect func(context.Context) (*conn, error)
	seats   chan struct{} // one for each connection in use
	closing chan struct{}

	mu     sync.Mutex
	idle   []*conn
	closed bool
}

func newPool(size int, connect func(context.Context) (*conn, error)) *pool {
	return &pool{connect: connect, seats: make(chan struct{}, size), closing: make(chan struct{})}
}

// with runs use on a connection. A connection that use says is not fit to be
// used again, or that it panics on, is thrown away.
func (p *pool) with(ctx context.Context, use func(*conn) (fit bool, err error)) error {
	select { // both may be ready below, and one of them is taken by chance
	case <-p.closing:
		return ErrClosed
	case <-ctx.Done():
		return givenUp(ctx)
	default:
	}
	select {
	case p.seats <- struct{}{}:
	case <-p.closing:
		return ErrClosed
	case <-ctx.Done():
		return givenUp(ctx)
	}
	defer func() { <-p.seats }()
	c, err := p.take(ctx)
	if err != nil {
		return err
	}
	fit := false
	defer func() { p.give(c, fit) }()
	fit, err = use(c)
	return err
}

func (p *pool) take(ctx context.Context) (*conn, error) {
	p.mu.Lock()
	if n := len(p.idle); n > 0 {
		c := p.idle[n-1]
		p.idle = p.idle[:n-1]
		p.mu.Unlock()
		return c, nil
	}
	p.mu.Unlock()
	return p.connect(ctx)
}

func (p *pool) give(c *conn, fit bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !fit {
		_ = c.close() // it is being thrown away
		return
	}
	p.idle = append(p.idle, c)
}

// drop closes the connections that nobody uses, so that new ones are opened.
func (p *pool) drop() error {
	p.mu.Lock()
	idle := p.idle
	p.idle = nil
	p.mu.Unlock()
	var errs []error
	for _, c := range idle {
		errs = append(errs, c.close())
	}
	return errors.Join(errs...)
}

// close waits for the actions that run, then closes all connections.
func (p *pool) close() error {
	p.mu.Lock()
	already := p.closed
	p.closed = true
	p.mu.Unlock()
	if already {
		return nil
	}
	close(p.closing)
	for range cap(p.seats) {
		p.seats <- struct{}{}
	}
	return p.drop()
}
