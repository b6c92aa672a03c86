package store

import (
	"fmt"
	"runtime"
	"runtime/debug"
)

// PanicError is the error of an action whose function panicked. Its text leaves the
// value out unless the runtime made it, for it may hold patient data.
type PanicError struct {
	Value any
	Stack []byte
}

func newPanic(value any) *PanicError { return &PanicError{Value: value, Stack: debug.Stack()} }

func (p *PanicError) Error() string {
	if e, ok := p.Value.(runtime.Error); ok {
		return "the action panicked: " + e.Error()
	}
	return fmt.Sprintf("the action panicked with a value of type %T", p.Value)
}
