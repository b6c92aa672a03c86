package store

import (
	"runtime"
	"slices"
	"sync"
)

// A function that enters the gate again from inside an action would wait for
// itself: on SQLite for the one writer, on PostgreSQL for rows it has locked
// itself. Every function of an action is called by the one call in perform, so
// whoever finds that call on its own stack is inside an action. That costs less
// than a microsecond, and needs no number of the goroutine, which Go hides.

// perform calls fn, and is a frame that nested can find.
//
//go:noinline
func perform(fn func(*Tx) error, t *Tx) error {
	err := fn(t)
	return err
}

// insidePerform gives the return address of the call in perform.
var insidePerform = sync.OnceValue(func() uintptr {
	var pc [1]uintptr
	_ = perform(func(*Tx) error {
		runtime.Callers(2, pc[:]) // 0 is Callers, 1 this function, 2 its caller
		return nil
	}, nil)
	return pc[0]
})

// nested says whether this goroutine is running an action.
func nested() bool {
	mark := insidePerform()
	var pcs [64]uintptr
	for skip := 2; ; skip += len(pcs) {
		n := runtime.Callers(skip, pcs[:])
		if slices.Contains(pcs[:n], mark) {
			return true
		}
		if n < len(pcs) {
			return false
		}
	}
}
