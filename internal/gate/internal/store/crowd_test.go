package store

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"
)

func TestCrowdLearns(t *testing.T) {
	ctx := context.Background()
	c := newCrowd(8)
	for range 100 {
		if err := c.enter(ctx); err != nil {
			t.Fatal(err)
		}
		c.leave(true)
	}
	if err := c.enter(ctx); err != nil {
		t.Fatal(err)
	}
	// Down to one: nobody enters while somebody is inside.
	short, cancel := context.WithTimeoutCause(ctx, 10*time.Millisecond, errFault)
	defer cancel()
	if err := c.enter(short); !errors.Is(err, errFault) {
		t.Errorf("error %v", err)
	}
	c.leave(false)
	for range 2000 {
		if err := c.enter(ctx); err != nil {
			t.Fatal(err)
		}
		c.leave(false)
	}
	for range 8 { // up to the most
		if err := c.enter(ctx); err != nil {
			t.Fatal(err)
		}
	}
	if c.inside != 8 || int(c.limit) != 8 {
		t.Errorf("%d inside, limit %v", c.inside, c.limit)
	}
}

func TestCrowdLosesNobody(t *testing.T) {
	c := newCrowd(4)
	var mu sync.Mutex
	var wg sync.WaitGroup
	inside, most := 0, 0
	for i := range 500 {
		wg.Go(func() {
			ctx, cancel := context.WithTimeout(context.Background(), time.Duration(i%50)*100*time.Microsecond)
			defer cancel()
			if c.enter(ctx) != nil {
				return
			}
			mu.Lock()
			inside++
			most = max(most, inside)
			mu.Unlock()
			time.Sleep(10 * time.Microsecond)
			mu.Lock()
			inside--
			mu.Unlock()
			c.leave(i%7 == 0)
		})
	}
	wg.Wait()
	if c.inside != 0 || len(c.waiting) != 0 || most > 4 {
		t.Errorf("%d inside, %d waiting, %d at most", c.inside, len(c.waiting), most)
	}
}
