package downtime

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"time"

	"chartroom/internal/access"
	"chartroom/internal/audit"
	"chartroom/internal/chart"
	"chartroom/internal/gate"
	"chartroom/internal/seal"
)

// The actions of this package, as the policy names them.
const (
	ActionBegin gate.Action = "downtime.begin"
	ActionEnd   gate.Action = "downtime.end"
	ActionLook  gate.Action = "downtime.look" // Chartroom's own look at the mode
	ActionList  gate.Action = "downtime.list"
	ActionSet   gate.Action = "downtime.set" // an emergency set of charts
)

// Poll is how soon the other processes of a department follow.
const Poll = 2 * time.Second

// The errors a caller looks for. Their text names no patient.
var (
	ErrReason  = errors.New("a downtime needs a reason")
	ErrOn      = errors.New("the department is read-only already")
	ErrOff     = errors.New("the department is not read-only")
	ErrNothing = errors.New("choose at least one chart")
	ErrMany    = errors.New("an emergency set holds at most 200 charts")
)

const (
	sqlOpen  = `SELECT id, began_at, began_by FROM downtime WHERE ended_at = 0`
	sqlBegin = `INSERT INTO downtime (id, began_at, began_by, began_entry, ended_at, ended_by, ended_entry, reason)
		VALUES ($1, $2, $3, $4, 0, '', '', $5)`
	sqlEnd  = `UPDATE downtime SET ended_at = $1, ended_by = $2, ended_entry = $3 WHERE ended_at = 0`
	sqlPast = `SELECT id, began_at, began_by, ended_at, ended_by, reason FROM downtime ORDER BY began_at DESC LIMIT 50`
)

// Mode says whether the department is read-only.
type Mode struct {
	On    bool
	ID    string
	Since time.Time
	By    string // actor who turned it on
}

// Past is one downtime, ended or not.
type Past struct {
	Mode

	Ended   time.Time // zero while it is under way
	EndedBy string
	Reason  string
}

// Service is the door of the downtime. It is safe for concurrent use.
type Service struct {
	gate  *gate.Gate
	ring  *seal.Ring
	chart *chart.Service
	mode  atomic.Pointer[Mode]
}

// New makes the door from the doors it stands on. Follow brings it up to date.
func New(g *gate.Gate, r *seal.Ring, c *chart.Service) *Service {
	s := &Service{gate: g, ring: r, chart: c}
	s.mode.Store(&Mode{})
	return s
}

// allowed are the changes taken while the department is read-only.
func allowed() []gate.Action {
	return []gate.Action{
		ActionBegin, ActionEnd, audit.ActionSequence, access.ActionSignIn, access.ActionSignOut, access.ActionSession, access.ActionBreakGlass,
	}
}

// Now is the mode as this process knows it; at most Poll old.
func (s *Service) Now() Mode { return *s.mode.Load() }

// watcher is who looks at the mode for Chartroom itself.
func watcher() gate.Actor { return gate.Actor{ID: "downtime", Kind: gate.System, Name: "Downtime"} }

// Follow reads the mode from the database and has the gate of this process follow
// it.
func (s *Service) Follow(ctx context.Context) error {
	var now Mode
	err := s.gate.Read(ctx, watcher(), ActionLook, gate.Department(), func(tx *gate.Tx) (err error) {
		now, err = open(ctx, tx)
		return err
	})
	if err != nil {
		return fmt.Errorf("downtime: %w", err)
	}
	s.become(now)
	return nil
}

// Run follows the mode until ctx ends.
func (s *Service) Run(ctx context.Context, report func(error)) {
	gate.NewWorker(Poll, 0, s.Follow).Run(ctx, report)
}

func (s *Service) become(now Mode) {
	s.mode.Store(&now)
	if now.On {
		s.gate.ReadOnly(allowed()...)
	} else {
		s.gate.Writable()
	}
}

func open(ctx context.Context, tx *gate.Tx) (Mode, error) {
	var m Mode
	var at int64
	err := tx.QueryRow(ctx, sqlOpen).Scan(&m.ID, &at, &m.By)
	if errors.Is(err, sql.ErrNoRows) {
		return Mode{}, nil
	}
	if err != nil {
		return Mode{}, fmt.Errorf("read the mode: %w", err)
	}
	m.On, m.Since = true, time.UnixMicro(at).UTC()
	return m, nil
}

// Begin makes the department read-only. Errors: ErrReason, ErrOn.
func (s *Service) Begin(ctx context.Context, actor gate.Actor, reason string) error {
	if strings.TrimSpace(reason) == "" {
		return ErrReason
	}
	var now Mode
	err := s.gate.Change(ctx, actor, ActionBegin, gate.Department(), func(tx *gate.Tx) error {
		before, err := open(ctx, tx)
		if err != nil {
			return err
		}
		if before.On {
			return ErrOn
		}
		now = Mode{On: true, ID: gate.NewID(), Since: tx.Now(), By: tx.Actor().ID}
		key, err := s.key(ctx, tx)
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, sqlBegin, now.ID, now.Since.UnixMicro(), now.By, tx.EntryID(), key.Seal([]byte(reason), place(now.ID)))
		if err != nil {
			return fmt.Errorf("turn it on: %w", err)
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("downtime: %w", err)
	}
	s.become(now)
	return nil
}

func place(id string) string { return seal.Place("downtime", "reason", id, 1) }

// key is the department's, made when it is first needed.
func (s *Service) key(ctx context.Context, tx *gate.Tx) (*seal.Key, error) {
	key, err := s.ring.KeyOrNew(ctx, tx, chart.DepartmentOwner)
	if err != nil {
		return nil, fmt.Errorf("key of the department: %w", err)
	}
	return key, nil
}

// End lets the department write again. Error: ErrOff.
func (s *Service) End(ctx context.Context, actor gate.Actor) error {
	err := s.gate.Change(ctx, actor, ActionEnd, gate.Department(), func(tx *gate.Tx) error {
		ended, err := tx.Exec(ctx, sqlEnd, tx.Now().UnixMicro(), tx.Actor().ID, tx.EntryID())
		if err != nil {
			return fmt.Errorf("turn it off: %w", err)
		}
		if n, err := ended.RowsAffected(); err != nil || n == 0 {
			return errors.Join(err, ErrOff)
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("downtime: %w", err)
	}
	s.become(Mode{})
	return nil
}

// List reads the downtimes there were, newest first.
func (s *Service) List(ctx context.Context, actor gate.Actor) ([]Past, error) {
	var all []Past
	err := s.gate.Read(ctx, actor, ActionList, gate.Department(), func(tx *gate.Tx) error {
		found, sealed, err := pastRows(ctx, tx)
		if err != nil || len(found) == 0 {
			all = nil
			return err
		}
		key, err := s.ring.Key(ctx, tx, chart.DepartmentOwner)
		if err != nil {
			return fmt.Errorf("key of the department: %w", err)
		}
		for i := range found {
			plain, err := key.Open(sealed[i], place(found[i].ID))
			if err != nil {
				return fmt.Errorf("reason: %w", err)
			}
			found[i].Reason = string(plain)
		}
		all = found
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("downtimes: %w", err)
	}
	return all, nil
}

func pastRows(ctx context.Context, tx *gate.Tx) (found []Past, sealed [][]byte, err error) {
	rows, err := tx.Query(ctx, sqlPast)
	if err != nil {
		return nil, nil, fmt.Errorf("read downtimes: %w", err)
	}
	defer rows.Close() //nolint:errcheck // rows.Err is looked at below
	for rows.Next() {
		var p Past
		var began, ended int64
		var reason []byte
		if err := rows.Scan(&p.ID, &began, &p.By, &ended, &p.EndedBy, &reason); err != nil {
			return nil, nil, fmt.Errorf("read downtimes: %w", err)
		}
		p.Since, p.On = time.UnixMicro(began).UTC(), ended == 0
		if ended > 0 {
			p.Ended = time.UnixMicro(ended).UTC()
		}
		found, sealed = append(found, p), append(sealed, reason)
	}
	if err := rows.Err(); err != nil {
		return nil, nil, fmt.Errorf("read downtimes: %w", err)
	}
	return found, sealed, nil
}
