package access

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"chartroom/internal/gate"
)

// Lock-out: after so many failures in a row each further one doubles a delay in
// which nothing is tried. Half an hour without a failure forgets them.
const (
	accountTries = 5
	addressTries = 20 // an address may be a whole ward behind one router
	firstDelay   = time.Second
	longestDelay = 15 * time.Minute
	forgetAfter  = 30 * time.Minute
)

const (
	sqlReadAttempt = `SELECT failures, last_at, until_at FROM access_attempt WHERE who = $1`
	sqlPutAttempt  = `INSERT INTO access_attempt (who, failures, last_at, until_at) VALUES ($1, $2, $3, $4)
ON CONFLICT (who) DO UPDATE SET failures = $2, last_at = $3, until_at = $4`
	sqlDropAttempt  = `DELETE FROM access_attempt WHERE who = $1`
	sqlPruneAttempt = `DELETE FROM access_attempt WHERE last_at < $1 AND until_at < $1`
)

// A LockedOutError says that too many sign-ins failed.
type LockedOutError struct{ Until time.Time }

func (e *LockedOutError) Error() string {
	return "access: too many failed sign-ins; try again after " + e.Until.UTC().Format("15:04:05") + " UTC"
}

// SignIn signs somebody in. address is where they come from, for the lock-out.
// Errors: ErrSignIn, whatever of name and password was wrong; *LockedOutError.
func (s *Service) SignIn(ctx context.Context, login, password, address string) (Session, error) {
	login = foldLogin(login)
	if len(login) > maxLogin || !printable(login) {
		login = "" // nobody has it, and a database need not keep it
	}
	found, err := s.lookUp(ctx, login, address)
	if err != nil {
		return Session{}, err
	}
	// Outside any transaction: it takes a tenth of a second.
	stored := found.password
	if !found.active {
		stored = ""
	}
	good, cost, err := s.verify(ctx, password, stored)
	if err != nil {
		return Session{}, err
	}
	again := ""
	if good && cost != s.options.Hash {
		if again, err = s.hash(ctx, password); err != nil {
			return Session{}, err
		}
	}
	try := attempt{login: login, address: address, found: found, good: good, again: again}
	err = s.gate.Change(ctx, door(), ActionSignIn, found.subject(), func(tx *gate.Tx) error {
		return s.enter(ctx, tx, &try)
	})
	if err != nil {
		return Session{}, err
	}
	return try.session, try.failed
}

// attempt is a sign-in whose password was checked.
type attempt struct {
	login, address string
	found          candidate
	good           bool
	again          string // hash at today's cost, "" where the stored one has it

	session Session
	failed  error // why it did not succeed; what it changed stands all the same
}

// enter opens a session, or counts a failure.
func (s *Service) enter(ctx context.Context, tx *gate.Tx, a *attempt) error {
	a.session, a.failed = Session{}, nil
	now, err := readCandidate(ctx, tx, a.login)
	if err != nil {
		return err
	}
	// Between look-up and now the password may have been changed, the account
	// switched off, or others failed.
	if until, err := s.lockedUntil(ctx, tx, a.login, a.address); err != nil || !until.IsZero() {
		a.failed = &LockedOutError{Until: until}
		tx.Detail("result", "locked out")
		return err
	}
	if !a.good || !now.active || now.password != a.found.password {
		a.failed = ErrSignIn
		tx.Detail("result", "failed")
		return s.countFailure(ctx, tx, a.login, a.address)
	}
	tx.Detail("result", "signed in")
	if _, err := tx.Exec(ctx, sqlDropAttempt, s.attemptKey("account", a.login)); err != nil {
		return fmt.Errorf("access: forget failed sign-ins: %w", err)
	}
	if a.again != "" {
		if _, err := tx.Exec(ctx, sqlSetPassword, a.again, tx.Now().UnixMicro(), now.id); err != nil {
			return fmt.Errorf("access: hash a password anew: %w", err)
		}
	}
	a.session, err = s.open(ctx, tx, now.id)
	return err
}

// candidate is who might be signing in.
type candidate struct {
	id, password string
	active       bool
}

// subject is whom the attempt is about; a name nobody has is not written down,
// because people type passwords there.
func (c candidate) subject() gate.Subject {
	if c.id == "" {
		return gate.Subject{Kind: "staff", ID: "unknown"}
	}
	return gate.Subject{Kind: "staff", ID: c.id}
}

func readCandidate(ctx context.Context, tx *gate.Tx, login string) (candidate, error) {
	var c candidate
	var active int64
	err := tx.QueryRow(ctx, sqlStaffByLogin, login).Scan(&c.id, &c.password, &active)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return c, fmt.Errorf("access: look up a sign-in name: %w", err)
	}
	c.active = active == 1
	return c, nil
}

// lookUp finds the account, unless it or the address is locked out.
func (s *Service) lookUp(ctx context.Context, login, address string) (candidate, error) {
	var c candidate
	var until time.Time
	err := s.gate.Read(ctx, door(), ActionSession, gate.Department(), func(tx *gate.Tx) (err error) {
		if until, err = s.lockedUntil(ctx, tx, login, address); err != nil || !until.IsZero() {
			return err
		}
		c, err = readCandidate(ctx, tx, login)
		return err
	})
	if err != nil {
		return c, err
	}
	if !until.IsZero() {
		return c, &LockedOutError{Until: until}
	}
	return c, nil
}

// attemptKey is the keyed token of an account name or an address: neither is
// written down.
func (s *Service) attemptKey(kind, value string) []byte {
	return s.ring.Token("sign-in."+kind, value)
}

// attempts are the failures in a row of an account or an address.
type attempts struct {
	failures    int64
	last, until time.Time
}

func readAttempts(ctx context.Context, tx *gate.Tx, who []byte) (attempts, error) {
	var a attempts
	var last, until int64
	err := tx.QueryRow(ctx, sqlReadAttempt, who).Scan(&a.failures, &last, &until)
	if errors.Is(err, sql.ErrNoRows) {
		return attempts{}, nil
	}
	if err != nil {
		return attempts{}, fmt.Errorf("access: read failed sign-ins: %w", err)
	}
	a.last, a.until = time.UnixMicro(last).UTC(), time.UnixMicro(until).UTC()
	return a, nil
}

// lockedUntil gives the end of the lock-out, zero where there is none.
func (s *Service) lockedUntil(ctx context.Context, tx *gate.Tx, login, address string) (time.Time, error) {
	var latest time.Time
	for kind, value := range map[string]string{"account": login, "address": address} {
		a, err := readAttempts(ctx, tx, s.attemptKey(kind, value))
		if err != nil {
			return time.Time{}, err
		}
		if a.until.After(tx.Now()) && a.until.After(latest) {
			latest = a.until
		}
	}
	return latest, nil
}

// countFailure counts a failed sign-in for the account, known or not, and the
// address.
func (s *Service) countFailure(ctx context.Context, tx *gate.Tx, login, address string) error {
	for _, c := range []struct {
		kind, value string
		tries       int64
	}{{"account", login, accountTries}, {"address", address, addressTries}} {
		who := s.attemptKey(c.kind, c.value)
		a, err := readAttempts(ctx, tx, who)
		if err != nil {
			return err
		}
		if tx.Now().Sub(a.last) > forgetAfter {
			a = attempts{}
		}
		a.failures++
		until := tx.Now().Add(delayAfter(a.failures - c.tries))
		if _, err := tx.Exec(ctx, sqlPutAttempt, who, a.failures, tx.Now().UnixMicro(), until.UnixMicro()); err != nil {
			return fmt.Errorf("access: count a failed sign-in: %w", err)
		}
	}
	old := tx.Now().Add(-2 * forgetAfter).UnixMicro()
	if _, err := tx.Exec(ctx, sqlPruneAttempt, old); err != nil {
		return fmt.Errorf("access: forget old failed sign-ins: %w", err)
	}
	return nil
}

// delayAfter is the delay after the nth failure beyond those that are free.
func delayAfter(n int64) time.Duration {
	if n < 0 {
		return 0
	}
	if n >= 10 {
		return longestDelay
	}
	return min(firstDelay<<n, longestDelay)
}
