package masters

import "chartroom/internal/gate"

// Service is the door of the masters. It is safe for concurrent use.
type Service struct {
	gate *gate.Gate
}

// New makes the door from the gate.
func New(g *gate.Gate) *Service { return &Service{gate: g} }
