package access

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"sync"

	"chartroom/internal/gate"
)

// setUpCode is the one-time code with which the first administrator is made. It
// lives in this process only: who reads its console has the host.
type setUpCode struct {
	mu    sync.Mutex
	code  string
	tries int
}

const (
	maxSetUpTries = 10
	codeDigits    = "23456789abcdefghjkmnpqrstuvwxyz"
	codeLength    = 20 // of 31 digits: 99 bits

	sqlNoteSetUp = `INSERT INTO access_fact (name, value) VALUES ('set-up', $1)`
)

// FirstRun says whether nobody works here yet.
func (s *Service) FirstRun(ctx context.Context) (bool, error) {
	first := false
	err := s.gate.Read(ctx, console(), ActionSession, gate.Department(), func(tx *gate.Tx) error {
		var one int64
		err := tx.QueryRow(ctx, sqlStaffExists).Scan(&one)
		first = errors.Is(err, sql.ErrNoRows)
		if err != nil && !first {
			return fmt.Errorf("read the staff: %w", err)
		}
		return nil
	})
	if err != nil {
		return false, fmt.Errorf("access: look whether the department is set up: %w", err)
	}
	return first, nil
}

// SetUpCode gives the code that SetUp asks for, to be printed on the console:
// four groups of five. It is the same as long as the process lives.
func (s *Service) SetUpCode() string {
	s.setUp.mu.Lock()
	defer s.setUp.mu.Unlock()
	if s.setUp.code == "" {
		s.setUp.code = drawCode()
	}
	c := s.setUp.code
	return c[:5] + "-" + c[5:10] + "-" + c[10:15] + "-" + c[15:]
}

func drawCode() string {
	var code strings.Builder
	var b [1]byte
	for code.Len() < codeLength {
		_, _ = rand.Read(b[:]) // never fails: crypto/rand ends the program instead
		// Above the last whole multiple the digits would not be equally likely.
		if n := int(b[0]); n < 256-256%len(codeDigits) {
			code.WriteByte(codeDigits[n%len(codeDigits)])
		}
	}
	return code.String()
}

// SetUp makes the first administrator of an empty department. Errors: ErrSetUpCode,
// ErrSetUpDone, and what is wrong with n in words for the person.
func (s *Service) SetUp(ctx context.Context, code string, n NewStaff) (Staff, error) {
	if err := s.setUp.check(code); err != nil {
		return Staff{}, err
	}
	n.Roles = []Role{Administrator}
	person, err := s.add(ctx, console(), ActionSetUp, n, func(tx *gate.Tx) error {
		var one int64
		err := tx.QueryRow(ctx, sqlStaffExists).Scan(&one)
		if err == nil {
			return ErrSetUpDone
		}
		if !errors.Is(err, sql.ErrNoRows) {
			return fmt.Errorf("access: look whether the department is set up: %w", err)
		}
		if _, err := tx.Exec(ctx, sqlNoteSetUp, tx.EntryID()); err != nil {
			return errors.Join(ErrSetUpDone, err)
		}
		return nil
	})
	if err == nil {
		s.setUp.spend()
	}
	return person, err
}

func (c *setUpCode) check(given string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.tries++; c.code == "" || c.tries > maxSetUpTries {
		return ErrSetUpCode
	}
	given = strings.ToLower(strings.NewReplacer("-", "", " ", "").Replace(given))
	if subtle.ConstantTimeCompare([]byte(given), []byte(c.code)) != 1 {
		return ErrSetUpCode
	}
	c.tries = 0
	return nil
}

// spend makes the code worthless once it was used.
func (c *setUpCode) spend() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.code, c.tries = "", maxSetUpTries
}
