package seal

import (
	"container/list"
	"sync"
)

// cache keeps the unwrapped keys used last.
type cache struct {
	mu    sync.Mutex
	size  int
	order *list.List // front: used last; values are *Key
	keys  map[string]*list.Element
}

func newCache(size int) *cache {
	return &cache{size: size, order: list.New(), keys: make(map[string]*list.Element)}
}

func (c *cache) get(owner string) *Key {
	c.mu.Lock()
	defer c.mu.Unlock()
	e, ok := c.keys[owner]
	if !ok {
		return nil
	}
	c.order.MoveToFront(e)
	return keyOf(e)
}

// put keeps k, unless a key of more versions is kept already.
func (c *cache) put(owner string, k *Key) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if e, ok := c.keys[owner]; ok {
		if len(keyOf(e).versions) <= len(k.versions) {
			e.Value = k
		}
		c.order.MoveToFront(e)
		return
	}
	c.keys[owner] = c.order.PushFront(k)
	if c.order.Len() > c.size {
		last := c.order.Back()
		c.order.Remove(last)
		delete(c.keys, keyOf(last).owner)
	}
}

func (c *cache) drop(owner string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if e, ok := c.keys[owner]; ok {
		c.order.Remove(e)
		delete(c.keys, owner)
	}
}

func keyOf(e *list.Element) *Key {
	k, _ := e.Value.(*Key) // the list holds nothing else
	return k
}
