package access

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"chartroom/internal/gate"
)

const (
	sqlAddSession = `INSERT INTO access_session (hash, id, staff, made_at, used_at, expires_at, locked)
VALUES ($1, $2, $3, $4, $4, $5, 0)`
	sqlReadSession = `SELECT s.id, s.used_at, s.expires_at, s.locked, p.id, p.name, p.roles, p.active
FROM access_session s JOIN access_staff p ON p.id = s.staff WHERE s.hash = $1`
	sqlUseSession        = `UPDATE access_session SET used_at = $1 WHERE hash = $2`
	sqlLockSession       = `UPDATE access_session SET locked = $1, used_at = $2 WHERE hash = $3`
	sqlDropSession       = `DELETE FROM access_session WHERE hash = $1`
	sqlDropOtherSessions = `DELETE FROM access_session WHERE staff = $1 AND id <> $2`
	sqlPruneSessions     = `DELETE FROM access_session WHERE expires_at < $1`
	sqlSessionsOf        = `SELECT id, made_at, used_at, expires_at, locked FROM access_session WHERE staff = $1 ORDER BY made_at DESC`
)

// keepUp is how often the last use of a session or token is written down.
const keepUp = time.Minute

// Session is a sign-in. Token is the secret to put into the browser's cookie; it
// is given out once, by SignIn.
type Session struct {
	ID      string
	Token   string
	Actor   gate.Actor
	MadeAt  time.Time
	UsedAt  time.Time
	Expires time.Time // at the latest; earlier when idle
	Locked  bool
}

// open makes a session in the transaction of its sign-in.
func (s *Service) open(ctx context.Context, tx *gate.Tx, staff string) (Session, error) {
	p, err := staffByID(ctx, tx, staff)
	if err != nil {
		return Session{}, err
	}
	token, hash := newSecret("")
	session := Session{ID: gate.NewID(), Token: token, MadeAt: tx.Now(), UsedAt: tx.Now(), Expires: tx.Now().Add(s.options.Absolute)}
	session.Actor = p.Actor()
	session.Actor.Session = session.ID
	tx.Detail("session", session.ID)
	if _, err := tx.Exec(ctx, sqlPruneSessions, tx.Now().UnixMicro()); err != nil {
		return Session{}, fmt.Errorf("access: drop ended sessions: %w", err)
	}
	_, err = tx.Exec(ctx, sqlAddSession, hash[:], session.ID, staff, tx.Now().UnixMicro(), session.Expires.UnixMicro())
	if err != nil {
		return Session{}, fmt.Errorf("access: open a session: %w", err)
	}
	return session, nil
}

// Session gives the actor of a session token. Errors: ErrNoSession (unknown,
// ended, idle for too long, switched off), ErrLocked.
func (s *Service) Session(ctx context.Context, token string) (gate.Actor, error) {
	hash := hashSecret(token)
	if a, ok := s.memory.get(hash); ok && a.Kind == gate.Person { // a token's secret opens nothing here
		return a, nil
	}
	session, err := s.find(ctx, hash)
	if err != nil {
		return gate.Actor{}, err
	}
	if session.Locked {
		return gate.Actor{}, ErrLocked
	}
	now := s.options.Now()
	if now.Sub(session.UsedAt) > min(keepUp, s.options.Idle/4) {
		err := s.gate.Change(ctx, door(), ActionSession, gate.Department(), func(tx *gate.Tx) error {
			_, err := tx.Exec(ctx, sqlUseSession, tx.Now().UnixMicro(), hash[:])
			return err
		})
		if err != nil {
			return gate.Actor{}, fmt.Errorf("access: keep a session up: %w", err)
		}
	}
	s.memory.put(hash, session.Actor, session.Expires)
	return session.Actor, nil
}

// find reads a session that has not ended, locked or not.
func (s *Service) find(ctx context.Context, hash [32]byte) (Session, error) {
	var session Session
	err := s.gate.Read(ctx, door(), ActionSession, gate.Department(), func(tx *gate.Tx) error {
		var p Staff
		var used, expires, locked, active int64
		var roles string
		err := tx.QueryRow(ctx, sqlReadSession, hash[:]).
			Scan(&session.ID, &used, &expires, &locked, &p.ID, &p.Name, &roles, &active)
		if errors.Is(err, sql.ErrNoRows) {
			return ErrNoSession
		}
		if err != nil {
			return fmt.Errorf("access: look up a session: %w", err)
		}
		p.Roles = splitRoles(roles)
		session.Actor = p.Actor()
		session.Actor.Session = session.ID
		session.UsedAt, session.Expires = time.UnixMicro(used).UTC(), time.UnixMicro(expires).UTC()
		session.Locked = locked == 1
		if active == 0 || !tx.Now().Before(session.Expires) || tx.Now().Sub(session.UsedAt) > s.options.Idle {
			return ErrNoSession
		}
		return nil
	})
	return session, err
}

// Lock locks the screen of a session: until Unlock it opens nothing.
func (s *Service) Lock(ctx context.Context, token string) error {
	hash := hashSecret(token)
	session, err := s.find(ctx, hash)
	if err != nil {
		return err
	}
	return s.setLock(ctx, session.Actor, ActionSignOut, hash, true)
}

func (s *Service) setLock(ctx context.Context, actor gate.Actor, action gate.Action, hash [32]byte, locked bool) error {
	return s.gate.Change(ctx, actor, action, gate.Department(), func(tx *gate.Tx) error {
		tx.Detail("screen", map[bool]string{true: "locked", false: "unlocked"}[locked])
		tx.OnCommit(func() { s.memory.drop(hash) })
		if _, err := tx.Exec(ctx, sqlLockSession, asInt(locked), tx.Now().UnixMicro(), hash[:]); err != nil {
			return fmt.Errorf("access: lock a screen: %w", err)
		}
		return nil
	})
}

// Unlock opens a locked screen with the password. Errors as SignIn, ErrNoSession.
func (s *Service) Unlock(ctx context.Context, token, password, address string) error {
	hash := hashSecret(token)
	session, err := s.find(ctx, hash)
	if err != nil {
		return err
	}
	if _, err := s.prove(ctx, session.Actor.ID, password, address); err != nil {
		return err
	}
	return s.setLock(ctx, door(), ActionSignIn, hash, false)
}

// ChangePassword lets a person who is signed in choose a new password. All their
// other sessions end. Errors as SignIn, and what is wrong with the new password
// in words for the person.
func (s *Service) ChangePassword(ctx context.Context, actor gate.Actor, old, password, address string) error {
	login, err := s.prove(ctx, actor.ID, old, address)
	if err != nil {
		return err
	}
	if err := CheckPassword(password, login); err != nil {
		return err
	}
	hash, err := s.hash(ctx, password)
	if err != nil {
		return err
	}
	about := gate.Subject{Kind: "staff", ID: actor.ID}
	return s.gate.Change(ctx, door(), ActionSignIn, about, func(tx *gate.Tx) error {
		tx.Detail("result", "password changed")
		tx.OnCommit(s.memory.clear)
		if _, err := tx.Exec(ctx, sqlSetPassword, hash, tx.Now().UnixMicro(), actor.ID); err != nil {
			return fmt.Errorf("access: set a password: %w", err)
		}
		if _, err := tx.Exec(ctx, sqlDropOtherSessions, actor.ID, actor.Session); err != nil {
			return fmt.Errorf("access: end all other sessions: %w", err)
		}
		return nil
	})
}

// prove checks the password of somebody who is known, as SignIn does: failures are
// counted and lock. It gives their sign-in name.
func (s *Service) prove(ctx context.Context, staff, password, address string) (login string, err error) {
	var stored string
	var until time.Time
	about := gate.Subject{Kind: "staff", ID: staff}
	err = s.gate.Read(ctx, door(), ActionSession, about, func(tx *gate.Tx) (err error) {
		err = tx.QueryRow(ctx, sqlPasswordOf, staff).Scan(&login, &stored)
		if errors.Is(err, sql.ErrNoRows) {
			return ErrNoStaff
		}
		if err != nil {
			return fmt.Errorf("access: look up an account: %w", err)
		}
		until, err = s.lockedUntil(ctx, tx, login, address)
		return err
	})
	if err != nil {
		return "", err
	}
	if !until.IsZero() {
		return "", &LockedOutError{Until: until}
	}
	good, _, err := s.verify(ctx, password, stored)
	if err != nil || good {
		return login, err
	}
	err = s.gate.Change(ctx, door(), ActionSignIn, about, func(tx *gate.Tx) error {
		tx.Detail("result", "failed")
		return s.countFailure(ctx, tx, login, address)
	})
	return "", errors.Join(ErrSignIn, err)
}

// SignOut ends a session. Ending one that has ended is no error.
func (s *Service) SignOut(ctx context.Context, token string) error {
	hash := hashSecret(token)
	session, err := s.find(ctx, hash)
	if errors.Is(err, ErrNoSession) {
		return nil
	}
	if err != nil {
		return err
	}
	return s.gate.Change(ctx, session.Actor, ActionSignOut, gate.Department(), func(tx *gate.Tx) error {
		tx.OnCommit(func() { s.memory.drop(hash) })
		if _, err := tx.Exec(ctx, sqlDropSession, hash[:]); err != nil {
			return fmt.Errorf("access: end a session: %w", err)
		}
		return nil
	})
}

// SignOutEverywhere ends all sessions of the actor.
func (s *Service) SignOutEverywhere(ctx context.Context, actor gate.Actor) error {
	about := gate.Subject{Kind: "staff", ID: actor.ID}
	return s.gate.Change(ctx, actor, ActionSignOut, about, func(tx *gate.Tx) error {
		tx.Detail("where", "everywhere")
		tx.OnCommit(s.memory.clear)
		if _, err := tx.Exec(ctx, sqlDropSessionsOf, actor.ID); err != nil {
			return fmt.Errorf("access: end all sessions: %w", err)
		}
		return nil
	})
}

// Sessions lists the actor's own sessions, the newest first.
func (s *Service) Sessions(ctx context.Context, actor gate.Actor) ([]Session, error) {
	var all []Session
	err := s.gate.Read(ctx, door(), ActionSession, gate.Department(), func(tx *gate.Tx) (err error) {
		all = nil
		rows, err := tx.Query(ctx, sqlSessionsOf, actor.ID)
		if err != nil {
			return fmt.Errorf("access: list sessions: %w", err)
		}
		defer func() { err = errors.Join(err, rows.Close()) }()
		for rows.Next() {
			var made, used, expires, locked int64
			session := Session{Actor: actor}
			if err := rows.Scan(&session.ID, &made, &used, &expires, &locked); err != nil {
				return fmt.Errorf("access: list sessions: %w", err)
			}
			session.MadeAt, session.UsedAt = time.UnixMicro(made).UTC(), time.UnixMicro(used).UTC()
			session.Expires, session.Locked = time.UnixMicro(expires).UTC(), locked == 1
			all = append(all, session)
		}
		return rows.Err()
	})
	return all, err
}
