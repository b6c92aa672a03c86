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
// learnt: a change that did not collide makes a little room, one that did takes
// three times as much away. So it settles where one run in four is in vain. Fewer
// would leave the server idle while changes wait for the network, more would keep
// it busy with what is undone.
type crowd struct {
	mu      sync.Mutex
	limit   float64 // how many may be inside
	most    float64
	inside  int
	waiting []chan struct{} // in the order they came
}

// What a run adds to the limit if it did not collide, and takes away if it did.
const (
	room   = 1.0 / 16
	crush  = 3 * room
	atOnce = 4 // to begin with
)

func newCrowd(most int) *crowd { return &crowd{limit: min(atOnce, float64(most)), most: float64(most)} }

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
		c.limit = max(1, c.limit-crush)
	} else {
		c.limit = min(c.most, c.limit+room)
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
