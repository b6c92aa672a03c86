package store

import (
	"context"
	"sync"
)

// crowd decides how many changes run on PostgreSQL at the same time.
//
// Serializable transactions that touch neighbouring rows collide, one of them
// is undone and runs again, and with many at once most of the work is done in
// vain: storing messages from eight clients, half of it. How many can run side
// by side without getting in each other's way depends on what they do, so it is
// learnt as networks learn it: one more after a number of changes that did not
// collide, half as many after one that did.
type crowd struct {
	mu      sync.Mutex
	limit   float64 // how many may be inside
	most    float64
	inside  int
	waiting []chan struct{} // in the order they came
}

// growth is how much a change that did not collide adds to the limit.
const growth = 1.0 / 64

func newCrowd(most int) *crowd { return &crowd{limit: min(4, float64(most)), most: float64(most)} }

// enter waits for its turn.
func (c *crowd) enter(ctx context.Context) error {
	c.mu.Lock()
	if c.inside < int(c.limit) && len(c.waiting) == 0 {
		c.inside++
		c.mu.Unlock()
		return nil
	}
	turn := make(chan struct{})
	c.waiting = append(c.waiting, turn)
	c.mu.Unlock()
	select {
	case <-turn:
		return nil
	case <-ctx.Done():
		c.giveUp(turn)
		return givenUp(ctx)
	}
}

// giveUp takes a turn out of the queue, or passes it on if it came meanwhile.
func (c *crowd) giveUp(turn chan struct{}) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for i, w := range c.waiting {
		if w == turn {
			c.waiting = append(c.waiting[:i], c.waiting[i+1:]...)
			return
		}
	}
	c.inside--
	c.admit()
}

// leave makes room, and learns.
func (c *crowd) leave(collided bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if collided {
		c.limit = max(1, c.limit/2)
	} else {
		c.limit = min(c.most, c.limit+growth)
	}
	c.inside--
	c.admit()
}

func (c *crowd) admit() {
	for len(c.waiting) > 0 && c.inside < int(c.limit) {
		close(c.waiting[0])
		c.waiting = c.waiting[1:]
		c.inside++
	}
}
