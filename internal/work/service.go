package work

import (
	"chartroom/internal/gate"
	"chartroom/internal/seal"
)

// Service is the door of the work lists. It is safe for concurrent use.
type Service struct {
	gate *gate.Gate
	ring *seal.Ring
}

// New makes the door from the gate and the keys.
func New(g *gate.Gate, r *seal.Ring) *Service { return &Service{gate: g, ring: r} }
