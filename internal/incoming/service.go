package incoming

import (
	"chartroom/internal/chart"
	"chartroom/internal/gate"
	"chartroom/internal/scan"
	"chartroom/internal/seal"
	"chartroom/internal/work"
)

// Service is the door of the desk. It is safe for concurrent use.
type Service struct {
	gate  *gate.Gate
	ring  *seal.Ring
	chart *chart.Service
	scan  *scan.Service
	work  *work.Service
}

// New makes the door from the doors it stands on.
func New(g *gate.Gate, r *seal.Ring, c *chart.Service, sc *scan.Service, w *work.Service) *Service {
	return &Service{gate: g, ring: r, chart: c, scan: sc, work: w}
}
