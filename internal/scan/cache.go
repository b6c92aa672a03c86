package scan

import (
	"container/list"
	"sync"
)

// cache keeps bytes in memory, those used last longest, within a bound. What it
// gives out is not to be changed.
type cache[K comparable] struct {
	mu    sync.Mutex
	bound int
	used  int
	byKey map[K]*list.Element
	order *list.List // used last first
}

type cached[K comparable] struct {
	key   K
	bytes []byte
}

func newCache[K comparable](bound int) *cache[K] {
	return &cache[K]{bound: bound, byKey: map[K]*list.Element{}, order: list.New()}
}

// get gives what is kept under a key, nil for nothing.
func (c *cache[K]) get(key K) []byte {
	c.mu.Lock()
	defer c.mu.Unlock()
	e, ok := c.byKey[key]
	if !ok {
		return nil
	}
	c.order.MoveToFront(e)
	kept, ok := e.Value.(cached[K])
	if !ok {
		return nil
	}
	return kept.bytes
}

// put keeps bytes under a key; more than half the bound is not kept.
func (c *cache[K]) put(key K, b []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, ok := c.byKey[key]; ok || len(b) > c.bound/2 {
		return
	}
	c.byKey[key] = c.order.PushFront(cached[K]{key, b})
	c.used += len(b)
	for c.used > c.bound {
		last := c.order.Back()
		kept, ok := c.order.Remove(last).(cached[K])
		if !ok {
			return
		}
		delete(c.byKey, kept.key)
		c.used -= len(kept.bytes)
	}
}
