package seal

// Inside the package: the cache is nobody else's business.

import (
	"fmt"
	"testing"
)

func TestCache(t *testing.T) {
	c := newCache(3)
	key := func(owner string, versions int) *Key {
		return &Key{owner: owner, versions: make([]*subkeys, versions)}
	}
	for i := range 3 {
		c.put(fmt.Sprint(i), key(fmt.Sprint(i), 1))
	}
	if c.get("0") == nil { // now used last
		t.Fatal("0 is gone")
	}
	c.put("3", key("3", 1))
	if c.get("1") != nil || c.get("0") == nil || c.get("2") == nil || c.get("3") == nil {
		t.Error("not the one used longest ago gave way")
	}
	// A reader that was slow must not put an older state over a newer one.
	c.put("3", key("3", 2))
	c.put("3", key("3", 1))
	if n := len(c.get("3").versions); n != 2 {
		t.Errorf("%d versions", n)
	}
	c.drop("3")
	c.drop("3")
	if c.get("3") != nil || c.order.Len() != 2 || len(c.keys) != 2 {
		t.Error("dropped, and still there")
	}
}
