package downtime

import (
	"chartroom/internal/chart"
	"chartroom/internal/gate"
)

// Service is the door of the downtime. It is safe for concurrent use.
type Service struct {
	gate  *gate.Gate
	chart *chart.Service
}

// New makes the door from the doors it stands on.
func New(g *gate.Gate, c *chart.Service) *Service { return &Service{gate: g, chart: c} }
