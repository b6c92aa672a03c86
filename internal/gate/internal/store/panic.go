package store

import (
	"fmt"
	"runtime"
	"runtime/debug"
)

// Panic is the error of an action whose function panicked. Its text leaves the
// value out unless the runtime made it, for it may hold patient data.
type Panic struct {
	Value any
	Stack []byte
}

func newPanic(value any) *Panic { return &Panic{Value: value, Stack: debug.Stack()} }

func (p *Panic) Error() string {
	if e, ok := p.Value.(runtime.Error); ok {
		return "the action panicked: " + e.Error()
	}
	return fmt.Sprintf("the action panicked with a value of type %T", p.Value)
}
