package server

import (
	"errors"
	"net"
	"net/http"
	"sync"
	"time"

	"chartroom/internal/access"
	"chartroom/internal/gate"
)

// sessionToken is the token of the browser's cookie, "" where there is none.
func sessionToken(r *http.Request) string {
	if c, err := r.Cookie(sessionCookie); err == nil {
		return c.Value
	}
	return ""
}

// address is where a request comes from, without its port, for the lock-out.
func address(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}

// signInFault is the status and the text of a failed sign-in.
func (s *Server) signInFault(ctx context, err error) (int, string) {
	var locked *access.LockedOutError
	switch {
	case errors.As(err, &locked):
		return http.StatusTooManyRequests, "Too many attempts failed. Try again after " +
			locked.Until.In(s.opt.Zone).Format("15:04:05") + "."
	case errors.Is(err, access.ErrSignIn), errors.Is(err, access.ErrNoSession):
		return http.StatusUnauthorized, "That name and password do not go together."
	default:
		f := s.faultOf(ctx, err)
		return f.status, f.text
	}
}

// namesFor is how long the names of the staff are remembered.
const namesFor = time.Minute

// names remembers who works here, so that pages can say names in place of ids.
type names struct {
	mu   sync.Mutex
	read time.Time
	by   map[string]access.Staff
}

// staffByID gives a member of staff; the zero Staff for programs, the system,
// and where the list cannot be read: a page then shows the id.
func (s *Server) staffByID(ctx context, id string) access.Staff {
	n := &s.names
	n.mu.Lock()
	defer n.mu.Unlock()
	if p, ok := n.by[id]; ok && s.opt.Now().Sub(n.read) < namesFor {
		return p
	}
	if s.opt.Now().Sub(n.read) >= namesFor {
		all, err := s.dept.Access.Staff(ctx, access.Console())
		if err != nil {
			return access.Staff{}
		}
		n.read, n.by = s.opt.Now(), map[string]access.Staff{}
		for _, p := range all {
			n.by[p.ID] = p
		}
	}
	return n.by[id]
}

// nameOf is the name of an actor as pages show it.
func (s *Server) nameOf(ctx context, id string) string {
	if p := s.staffByID(ctx, id); p.Name != "" {
		return p.Name
	}
	return id
}

// accountOf is the sign-in name of an actor.
func (s *Server) accountOf(ctx context, a gate.Actor) string { return s.staffByID(ctx, a.ID).Login }

// forget makes the next page read the staff anew.
func (n *names) forget() {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.read = time.Time{}
}

// fromForm reads a day of a form as its first moment, zero for none.
func fromForm(day string, zone *time.Location) time.Time {
	at, err := time.ParseInLocation(time.DateOnly, day, zone)
	if err != nil {
		return time.Time{}
	}
	return at
}
