package intake

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"chartroom/internal/chart"
	"chartroom/internal/gate"
	"chartroom/internal/seal"
	"chartroom/internal/work"
)

// ActionMend is mending, replaying and dismissing what an interface brought.
const ActionMend gate.Action = "intake.mend"

// channelMend is the channel of copies that a person corrected, and of replays.
const channelMend = "mend"

// MaxMended is the largest message that is mended by hand, in bytes.
const MaxMended = 256 << 10

// The errors of this part. Their text names no patient.
var (
	ErrNotOpen   = errors.New("this message is settled already")
	ErrReason    = errors.New("a reason is needed")
	ErrTooLarge  = errors.New("the message is too large to be mended by hand")
	ErrUnchanged = errors.New("nothing was changed")
)

const (
	sqlTroubleHead = `SELECT t.message, t.since, t.state, t.errors, t.run, t.closed_at, t.closed_by, t.entry, t.reason FROM message_trouble t`
	sqlTrouble     = sqlTroubleHead + ` WHERE t.message = $1`
	sqlTroubles    = sqlTroubleHead + ` WHERE t.state = $1 AND (t.since > $2 OR (t.since = $3 AND t.message > $4)) ORDER BY t.since, t.message LIMIT $5`
	sqlTroublesNot = sqlTroubleHead + ` WHERE t.state <> $1 AND (t.since < $2 OR (t.since = $3 AND t.message < $4)) ORDER BY t.since DESC, t.message DESC LIMIT $5`
	sqlErrors      = `SELECT place, reason FROM message_error WHERE message = $1 ORDER BY position`
	sqlClose       = `UPDATE message_trouble SET state = $1, run = $2, closed_at = $3, closed_by = $4, entry = $5, reason = $6
		WHERE message = $7 AND state = $8`
	sqlTroubleCounts = `SELECT format, state, COUNT(*) FROM message_trouble GROUP BY format, state ORDER BY format, state`
	sqlPutMendDraft  = `INSERT INTO message_draft (actor, message, body, updated_at) VALUES ($1, $2, $3, $4)
		ON CONFLICT (actor, message) DO UPDATE SET body = excluded.body, updated_at = excluded.updated_at`
	sqlMendDraft     = `SELECT body FROM message_draft WHERE actor = $1 AND message = $2`
	sqlDropMendDraft = `DELETE FROM message_draft WHERE message = $1`
)

// TroublePage is one page of what was refused.
type TroublePage struct {
	Rows []Trouble
	Next string // cursor, "" after the last
}

// Troubles lists messages of which something was refused: the open ones, oldest
// first, or with settled those that are settled, newest first.
func (s *Service) Troubles(ctx context.Context, actor gate.Actor, settled bool, after string, limit int) (TroublePage, error) {
	if limit <= 0 || limit > 200 {
		limit = 50
	}
	query, at, id := sqlTroubles, int64(0), ""
	if settled {
		query, at = sqlTroublesNot, int64(1)<<62
	}
	if after != "" {
		var err error
		if at, id, err = chart.ReadCursor(after); err != nil {
			return TroublePage{}, fmt.Errorf("what was refused: %w", err)
		}
	}
	var page TroublePage
	err := s.gate.Read(ctx, actor, ActionList, gate.Department(), func(tx *gate.Tx) error {
		page = TroublePage{}
		found, err := s.troubles(ctx, tx, query, string(TroubleOpen), at, at, id, limit+1)
		if err != nil {
			return err
		}
		if len(found) > limit {
			found = found[:limit]
			last := found[limit-1]
			page.Next = chart.Cursor(last.since, last.Message.ID)
		}
		for _, f := range found {
			page.Rows = append(page.Rows, f.Trouble)
		}
		tx.Detail("rows", strconv.Itoa(len(found)))
		return nil
	})
	if err != nil {
		return TroublePage{}, fmt.Errorf("what was refused: %w", err)
	}
	return page, nil
}

// TroubleOf reads one message of which something was refused, with its bytes as
// they came and what the actor was typing to mend it ("" for nothing).
func (s *Service) TroubleOf(ctx context.Context, actor gate.Actor, message string) (t Trouble, raw []byte, draft string, err error) {
	err = s.gate.Read(ctx, actor, ActionRead, gate.Subject{Kind: subjectMessage, ID: message}, func(tx *gate.Tx) error {
		found, err := s.troubles(ctx, tx, sqlTrouble, message)
		if err != nil {
			return err
		}
		if len(found) == 0 {
			return ErrNotFound
		}
		t = found[0].Trouble
		if _, raw, err = s.OpenTx(ctx, tx, message); err != nil {
			return err
		}
		draft, err = s.mendDraft(ctx, tx, message)
		return err
	})
	if err != nil {
		return Trouble{}, nil, "", fmt.Errorf("refused message: %w", err)
	}
	return t, raw, draft, nil
}

type troubleRow struct {
	Trouble

	since  int64
	reason []byte
}

func (s *Service) troubles(ctx context.Context, tx *gate.Tx, query string, args ...any) ([]troubleRow, error) {
	found, err := troubleRows(ctx, tx, query, args...)
	if err != nil {
		return nil, err
	}
	for i := range found {
		f := &found[i]
		heads, err := s.heads(ctx, tx, sqlMessage, f.Message.ID)
		if err != nil {
			return nil, err
		}
		if len(heads) > 0 {
			f.Message = heads[0]
		}
		if f.Reasons, err = readErrors(ctx, tx, f.Message.ID); err != nil {
			return nil, err
		}
		if f.reason == nil {
			continue
		}
		key, err := s.ring.Key(ctx, tx, f.Message.ID)
		if err != nil {
			return nil, fmt.Errorf("key of the message: %w", err)
		}
		plain, err := key.Open(f.reason, seal.Place("message_trouble", "reason", f.Message.ID, 1))
		if err != nil {
			return nil, fmt.Errorf("reason of message %s: %w", f.Message.ID, err)
		}
		f.Reason = string(plain)
	}
	return found, nil
}

func troubleRows(ctx context.Context, tx *gate.Tx, query string, args ...any) ([]troubleRow, error) {
	rows, err := tx.Query(ctx, query, args...)
	if err != nil {
		return nil, fmt.Errorf("what was refused: %w", err)
	}
	defer rows.Close() //nolint:errcheck // rows.Err is looked at below
	var found []troubleRow
	for rows.Next() {
		var f troubleRow
		var closed int64
		if err := rows.Scan(&f.Message.ID, &f.since, &f.State, &f.Errors, &f.Run, &closed, &f.ClosedBy, &f.Entry, &f.reason); err != nil {
			return nil, fmt.Errorf("what was refused: %w", err)
		}
		if closed > 0 {
			f.ClosedAt = time.UnixMicro(closed).UTC()
		}
		found = append(found, f)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("what was refused: %w", err)
	}
	return found, nil
}

func readErrors(ctx context.Context, tx *gate.Tx, message string) ([]Rejection, error) {
	rows, err := tx.Query(ctx, sqlErrors, message)
	if err != nil {
		return nil, fmt.Errorf("what was refused: %w", err)
	}
	defer rows.Close() //nolint:errcheck // rows.Err is looked at below
	var all []Rejection
	for rows.Next() {
		var r Rejection
		if err := rows.Scan(&r.Place, &r.Reason); err != nil {
			return nil, fmt.Errorf("what was refused: %w", err)
		}
		all = append(all, r)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("what was refused: %w", err)
	}
	return all, nil
}

// TroubleCounts counts messages of which something was refused by format and
// state.
func (s *Service) TroubleCounts(ctx context.Context, actor gate.Actor) (map[string]map[TroubleState]int, error) {
	var counts map[string]map[TroubleState]int
	err := s.gate.Read(ctx, actor, ActionList, gate.Department(), func(tx *gate.Tx) error {
		counts = map[string]map[TroubleState]int{}
		rows, err := tx.Query(ctx, sqlTroubleCounts)
		if err != nil {
			return fmt.Errorf("count: %w", err)
		}
		defer rows.Close() //nolint:errcheck // rows.Err is looked at below
		for rows.Next() {
			var format string
			var state TroubleState
			var n int
			if err := rows.Scan(&format, &state, &n); err != nil {
				return fmt.Errorf("count: %w", err)
			}
			if counts[format] == nil {
				counts[format] = map[TroubleState]int{}
			}
			counts[format][state] = n
		}
		return rows.Err()
	})
	if err != nil {
		return nil, fmt.Errorf("what was refused: %w", err)
	}
	return counts, nil
}

// SaveMend keeps what the actor is typing to mend a message.
func (s *Service) SaveMend(ctx context.Context, actor gate.Actor, message, text string) error {
	if len(text) > MaxMended {
		return ErrTooLarge
	}
	err := s.gate.Change(ctx, actor, ActionMend, gate.Subject{Kind: subjectMessage, ID: message}, func(tx *gate.Tx) error {
		key, err := s.ring.Key(ctx, tx, message)
		if err != nil {
			return fmt.Errorf("key of the message: %w", err)
		}
		body := key.Seal([]byte(text), seal.Place("message_draft", tx.Actor().ID, message, 1))
		if _, err := tx.Exec(ctx, sqlPutMendDraft, tx.Actor().ID, message, body, tx.Now().UnixMicro()); err != nil {
			return fmt.Errorf("keep draft: %w", err)
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("mend message: %w", err)
	}
	return nil
}

func (s *Service) mendDraft(ctx context.Context, tx *gate.Tx, message string) (string, error) {
	var body []byte
	err := tx.QueryRow(ctx, sqlMendDraft, tx.Actor().ID, message).Scan(&body)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("read draft: %w", err)
	}
	key, err := s.ring.Key(ctx, tx, message)
	if err != nil {
		return "", fmt.Errorf("key of the message: %w", err)
	}
	plain, err := key.Open(body, seal.Place("message_draft", tx.Actor().ID, message, 1))
	if err != nil {
		return "", fmt.Errorf("open draft: %w", err)
	}
	return string(plain), nil
}

// Mend takes in a corrected copy of a message. The original stays as it came;
// the copy is a message of its own, of the channel "mend". Where something of the
// copy is refused as well the result says so, and the message stays open. Errors:
// ErrNotFound, ErrNotOpen, ErrReason, ErrTooLarge, ErrUnchanged.
func (s *Service) Mend(ctx context.Context, actor gate.Actor, message string, text []byte, reason string) (Result, error) {
	switch {
	case strings.TrimSpace(reason) == "":
		return Result{}, ErrReason
	case len(text) > MaxMended:
		return Result{}, ErrTooLarge
	}
	t, raw, _, err := s.TroubleOf(ctx, actor, message)
	if err != nil {
		return Result{}, err
	}
	if t.State != TroubleOpen {
		return Result{}, ErrNotOpen
	}
	if bytes.Equal(lines(text), lines(raw)) {
		return Result{}, ErrUnchanged
	}
	return s.again(ctx, actor, t, text, Mended, reason)
}

// lines is a text with its line ends alike: a browser sends back others than it got.
func lines(text []byte) []byte {
	text = bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n"))
	return bytes.TrimRight(bytes.ReplaceAll(text, []byte("\r"), []byte("\n")), "\n")
}

// Replay takes a message in once more as it came: what it waited for, such as its
// patient, may be here by now. Where something is refused again the result says
// so, and the message stays open. Errors: ErrNotFound, ErrNotOpen.
func (s *Service) Replay(ctx context.Context, actor gate.Actor, message string) (Result, error) {
	t, raw, _, err := s.TroubleOf(ctx, actor, message)
	if err != nil {
		return Result{}, err
	}
	if t.State != TroubleOpen {
		return Result{}, ErrNotOpen
	}
	return s.again(ctx, actor, t, raw, Replayed, "")
}

// again takes bytes in as a run of its own. If nothing of them is refused the
// message is settled. Should the process end between the two, the message is
// still open, and doing it again recognises what was taken in.
func (s *Service) again(ctx context.Context, actor gate.Actor, t Trouble, raw []byte, state TroubleState, reason string) (Result, error) {
	var result Result
	r := s.newRun(actor, Options{Channel: channelMend, Jobs: 1, Source: t.Message.Source}, 1, func(_ int, res Result) error {
		result = res
		return nil
	})
	p := piece{name: t.Message.File, open: func() (io.ReadCloser, error) { return io.NopCloser(newBytes(raw)), nil }}
	p.sniff()
	if t.Message.Format == FormatHL7 {
		p.format = FormatHL7
	}
	r.files[0].pieces = 1
	if err := r.do(ctx, []piece{p}); err != nil {
		return result, err
	}
	if result.Rejected > 0 || result.Received == 0 {
		return result, nil
	}
	return result, s.settleTrouble(ctx, actor, t.Message.ID, state, r.id, reason)
}

// Dismiss settles a message without taking it in. Errors: ErrNotFound,
// ErrNotOpen, ErrReason.
func (s *Service) Dismiss(ctx context.Context, actor gate.Actor, message, reason string) error {
	if strings.TrimSpace(reason) == "" {
		return ErrReason
	}
	return s.settleTrouble(ctx, actor, message, Dismissed, "", reason)
}

func (s *Service) settleTrouble(ctx context.Context, actor gate.Actor, message string, state TroubleState, run, reason string) error {
	err := s.gate.Change(ctx, actor, ActionMend, gate.Subject{Kind: subjectMessage, ID: message}, func(tx *gate.Tx) error {
		tx.Detail("state", string(state))
		if err := s.closeTrouble(ctx, tx, message, TroubleOpen, state, run, reason); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, sqlDropMendDraft, message); err != nil {
			return fmt.Errorf("drop draft: %w", err)
		}
		return s.work.SettleTx(ctx, tx, work.Interface, message, string(state))
	})
	if err != nil {
		return fmt.Errorf("settle message: %w", err)
	}
	return nil
}

// Reopen takes a dismissal back. Errors: ErrNotFound, ErrNotOpen for a message
// that was not dismissed.
func (s *Service) Reopen(ctx context.Context, actor gate.Actor, message string) error {
	err := s.gate.Change(ctx, actor, ActionMend, gate.Subject{Kind: subjectMessage, ID: message}, func(tx *gate.Tx) error {
		tx.Detail("state", string(TroubleOpen))
		if err := s.closeTrouble(ctx, tx, message, Dismissed, TroubleOpen, "", ""); err != nil {
			return err
		}
		found, err := s.heads(ctx, tx, sqlMessage, message)
		if err != nil || len(found) == 0 {
			return errors.Join(err, ErrNotFound)
		}
		return s.work.PutTx(ctx, tx, work.Want{
			Queue: work.Interface, Key: message, Kind: found[0].Format, Reason: whyRefused, Since: found[0].ReceivedAt, Open: "/interface/" + message,
		})
	})
	if err != nil {
		return fmt.Errorf("reopen message: %w", err)
	}
	return nil
}

func (s *Service) closeTrouble(ctx context.Context, tx *gate.Tx, message string, from, to TroubleState, run, reason string) error {
	found, err := troubleRows(ctx, tx, sqlTrouble, message)
	if err != nil {
		return err
	}
	if len(found) == 0 {
		return ErrNotFound
	}
	if found[0].State != from {
		return ErrNotOpen
	}
	at, by := tx.Now().UnixMicro(), tx.Actor().ID
	if to == TroubleOpen {
		at, by = 0, ""
	}
	var sealed any
	if reason != "" {
		key, err := s.ring.Key(ctx, tx, message)
		if err != nil {
			return fmt.Errorf("key of the message: %w", err)
		}
		sealed = key.Seal([]byte(reason), seal.Place("message_trouble", "reason", message, 1))
	}
	closed, err := tx.Exec(ctx, sqlClose, string(to), run, at, by, tx.EntryID(), sealed, message, string(from))
	if err != nil {
		return fmt.Errorf("settle message: %w", err)
	}
	if n, err := closed.RowsAffected(); err != nil || n != 1 {
		return errors.Join(err, ErrNotOpen) // somebody was faster
	}
	return nil
}
