package store

import (
	"bytes"
	"runtime"
	"strconv"
	"sync"
)

// inside remembers which goroutines are running an action, so that one that
// enters the gate again is told so instead of waiting for itself.
type inside struct{ goroutines sync.Map }

// enter notes that this goroutine runs an action. It returns false if it does
// already.
func (i *inside) enter() (leave func(), ok bool) {
	id := goroutine()
	if _, loaded := i.goroutines.LoadOrStore(id, struct{}{}); loaded {
		return nil, false
	}
	return func() { i.goroutines.Delete(id) }, true
}

// nested says whether this goroutine is running an action.
func (i *inside) nested() bool {
	_, yes := i.goroutines.Load(goroutine())
	return yes
}

// goroutine gives the number of this goroutine. The runtime tells it in the
// first line of a stack trace alone: "goroutine 18 [running]:".
func goroutine() uint64 {
	var buf [40]byte
	line := buf[:runtime.Stack(buf[:], false)]
	line = bytes.TrimPrefix(line, []byte("goroutine "))
	if end := bytes.IndexByte(line, ' '); end > 0 {
		line = line[:end]
	}
	n, err := strconv.ParseUint(string(line), 10, 64)
	if err != nil {
		return 0
	}
	return n
}
