package access

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"chartroom/internal/gate"
)

const (
	//nolint:gosec // a query, no credential
	sqlAddToken = `INSERT INTO access_token (id, hash, name, role, made_at, made_by, expires_at, used_at, revoked_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, 0, 0)`
	//nolint:gosec // a query, no credential
	sqlReadToken = `SELECT id, name, role, expires_at, used_at, revoked_at FROM access_token WHERE hash = $1`
	//nolint:gosec // a query, no credential
	sqlListTokens  = `SELECT id, name, role, made_at, made_by, expires_at, used_at, revoked_at FROM access_token ORDER BY made_at DESC, id`
	sqlUseToken    = `UPDATE access_token SET used_at = $1 WHERE id = $2`
	sqlRevokeToken = `UPDATE access_token SET revoked_at = $1 WHERE id = $2 AND revoked_at = 0`
)

// secretPrefix lets people and leak scanners tell an API token when they see one.
const secretPrefix = "chartroom_"

// Token is an API token, without its secret.
type Token struct {
	ID      string
	Name    string
	Role    Role // ProgramRole where it was given none
	MadeAt  time.Time
	MadeBy  string
	Expires time.Time // zero: does not expire
	UsedAt  time.Time // to the minute; zero: never
	Revoked time.Time // zero: not revoked
}

// CreateToken makes an API token and gives its secret, once. role is "" for a
// program that may read and write every encounter; expires is zero for one that
// does not end.
func (s *Service) CreateToken(ctx context.Context, actor gate.Actor, name string, role Role, expires time.Time) (secret string, t Token, err error) {
	if name = strings.TrimSpace(name); name == "" {
		return "", Token{}, errors.New("access: a token needs a name, so that the log can be read")
	}
	switch role {
	case "", ProgramRole:
		role = ProgramRole
	default:
		if role, err = ParseRole(string(role)); err != nil {
			return "", Token{}, err
		}
	}
	secret, hash := newSecret(secretPrefix)
	t = Token{ID: gate.NewID(), Name: name, Role: role, MadeBy: actor.ID, Expires: expires}
	err = s.gate.Change(ctx, actor, ActionTokenCreate, gate.Subject{Kind: "token", ID: t.ID}, func(tx *gate.Tx) error {
		t.MadeAt = tx.Now()
		tx.Detail("role", string(role))
		_, err := tx.Exec(ctx, sqlAddToken, t.ID, hash[:], name, string(role), tx.Now().UnixMicro(), actor.ID, gate.Micros(expires))
		if err != nil {
			return fmt.Errorf("access: create a token: %w", err)
		}
		return nil
	})
	if err != nil {
		return "", Token{}, err
	}
	return secret, t, nil
}

// ByToken gives the actor of an API token's secret, or ErrNoToken.
func (s *Service) ByToken(ctx context.Context, secret string) (gate.Actor, error) {
	if !strings.HasPrefix(secret, secretPrefix) { // such as that of a session
		return gate.Actor{}, ErrNoToken
	}
	hash := hashSecret(secret)
	if a, ok := s.memory.get(hash); ok {
		return a, nil
	}
	var t Token
	err := s.gate.Read(ctx, door(), ActionSession, gate.Department(), func(tx *gate.Tx) error {
		var expires, used, revoked int64
		err := tx.QueryRow(ctx, sqlReadToken, hash[:]).Scan(&t.ID, &t.Name, &t.Role, &expires, &used, &revoked)
		if errors.Is(err, sql.ErrNoRows) {
			return ErrNoToken
		}
		if err != nil {
			return fmt.Errorf("access: look up a token: %w", err)
		}
		t.Expires, t.UsedAt = gate.Moment(expires), gate.Moment(used)
		if revoked != 0 || !t.Expires.IsZero() && !tx.Now().Before(t.Expires) {
			return ErrNoToken
		}
		return nil
	})
	if err != nil {
		return gate.Actor{}, err
	}
	if err := s.noteUse(ctx, t); err != nil {
		return gate.Actor{}, err
	}
	a := gate.Actor{ID: t.ID, Kind: gate.Program, Name: t.Name, Roles: []string{string(t.Role)}}
	until := t.Expires
	if until.IsZero() {
		until = s.options.Now().Add(sessionMemory)
	}
	s.memory.put(hash, a, until)
	return a, nil
}

// tokenUse keeps one request at a time writing down that a token was used.
type tokenUse struct {
	mu   sync.Mutex
	last map[string]time.Time
}

func (s *Service) noteUse(ctx context.Context, t Token) error {
	now := s.options.Now()
	s.tokens.mu.Lock()
	if s.tokens.last == nil {
		s.tokens.last = map[string]time.Time{}
	}
	fresh := now.Sub(t.UsedAt) <= keepUp || now.Sub(s.tokens.last[t.ID]) <= keepUp
	if !fresh {
		s.tokens.last[t.ID] = now
	}
	s.tokens.mu.Unlock()
	if fresh {
		return nil
	}
	err := s.gate.Change(ctx, door(), ActionSession, gate.Department(), func(tx *gate.Tx) error {
		_, err := tx.Exec(ctx, sqlUseToken, tx.Now().UnixMicro(), t.ID)
		return err
	})
	if err != nil {
		return fmt.Errorf("access: note the use of a token: %w", err)
	}
	return nil
}

// Tokens lists the API tokens, the newest first.
func (s *Service) Tokens(ctx context.Context, actor gate.Actor) ([]Token, error) {
	var all []Token
	err := s.gate.Read(ctx, actor, ActionTokenList, gate.Department(), func(tx *gate.Tx) (err error) {
		all = nil
		rows, err := tx.Query(ctx, sqlListTokens)
		if err != nil {
			return fmt.Errorf("access: list tokens: %w", err)
		}
		defer func() { err = errors.Join(err, rows.Close()) }()
		for rows.Next() {
			var t Token
			var made, expires, used, revoked int64
			if err := rows.Scan(&t.ID, &t.Name, &t.Role, &made, &t.MadeBy, &expires, &used, &revoked); err != nil {
				return fmt.Errorf("access: list tokens: %w", err)
			}
			t.MadeAt, t.Expires, t.UsedAt, t.Revoked = gate.Moment(made), gate.Moment(expires), gate.Moment(used), gate.Moment(revoked)
			all = append(all, t)
		}
		return rows.Err()
	})
	return all, err
}

// RevokeToken makes a token worthless, in every process within sessionMemory.
func (s *Service) RevokeToken(ctx context.Context, actor gate.Actor, id string) error {
	return s.gate.Change(ctx, actor, ActionTokenRevoke, gate.Subject{Kind: "token", ID: id}, func(tx *gate.Tx) error {
		tx.OnCommit(s.memory.clear)
		res, err := tx.Exec(ctx, sqlRevokeToken, tx.Now().UnixMicro(), id)
		if err != nil {
			return fmt.Errorf("access: revoke a token: %w", err)
		}
		if n, err := res.RowsAffected(); err == nil && n == 0 {
			return ErrNoToken
		}
		return nil
	})
}
