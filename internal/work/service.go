package work

import (
	"sync"
	"time"

	"chartroom/internal/gate"
	"chartroom/internal/seal"
)

// Service is the door of the work lists. It is safe for concurrent use.
type Service struct {
	gate     *gate.Gate
	ring     *seal.Ring
	calendar Calendar
	policy   gate.Policy // nil: nobody is asked what others may see
	counts   counted
	handing  func() func() // takes the right to hand out, and gives it back
	values   noted
}

// Option sets what a Service works with.
type Option func(*Service)

// In says where the department is: due dates count in its time zone. Without it
// they count in UTC; federal holidays are off either way.
func In(zone *time.Location) Option {
	return func(s *Service) { s.calendar.Zone = zone }
}

// Asking has Assign ask the policy whether the person that work is given to may
// see its record.
func Asking(policy gate.Policy) Option {
	return func(s *Service) { s.policy = policy }
}

// InTurn has one process hand out one item at a time. On PostgreSQL those who ask
// at once would all reach for the same item, and all but one begin anew; SQLite
// has them in turn anyway.
func InTurn() Option {
	var turn sync.Mutex
	return func(s *Service) {
		s.handing = func() func() {
			turn.Lock()
			return turn.Unlock
		}
	}
}

// New makes the door from the gate and the keys.
func New(g *gate.Gate, r *seal.Ring, options ...Option) *Service {
	s := &Service{
		gate: g, ring: r, calendar: Calendar{Off: FederalHolidays()},
		handing: func() func() { return func() {} },
	}
	for _, o := range options {
		o(s)
	}
	return s
}
