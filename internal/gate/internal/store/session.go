package store

import (
	"context"
	"database/sql"
	"fmt"
)

// maxPrepared bounds the statements kept prepared on one connection. The
// project's queries are constants, a few hundred in all.
const maxPrepared = 512

// session is a connection and the statements prepared on it. One goroutine
// uses it at a time.
type session struct {
	conn     *sql.Conn
	prepared map[string]*sql.Stmt
}

func newSession(ctx context.Context, db *sql.DB) (*session, error) {
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, fmt.Errorf("connecting to the database: %w", err)
	}
	return &session{conn: conn, prepared: map[string]*sql.Stmt{}}, nil
}

func (s *session) prepare(ctx context.Context, query string) (*sql.Stmt, error) {
	if stmt, ok := s.prepared[query]; ok {
		return stmt, nil
	}
	if len(s.prepared) >= maxPrepared {
		s.forget()
	}
	stmt, err := s.conn.PrepareContext(ctx, query)
	if err != nil {
		return nil, fmt.Errorf("preparing a statement: %w", err)
	}
	s.prepared[query] = stmt
	return stmt, nil
}

// exec runs a statement of the store itself.
func (s *session) exec(ctx context.Context, query string) error {
	stmt, err := s.prepare(ctx, query)
	if err != nil {
		return err
	}
	_, err = stmt.ExecContext(ctx)
	return err
}

func (s *session) forget() {
	for query, stmt := range s.prepared {
		_ = stmt.Close() // a statement that does not close cannot be helped; the connection will
		delete(s.prepared, query)
	}
}

func (s *session) close() error {
	s.forget()
	return s.conn.Close()
}
