package intake

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"chartroom/internal/gate"
	"chartroom/internal/work"
)

// TroubleState says where a message stands of which something was refused.
type TroubleState string

// The states.
const (
	TroubleOpen TroubleState = "open"
	Mended      TroubleState = "mended"    // a corrected copy was taken in
	Replayed    TroubleState = "replayed"  // the message itself was, later
	Dismissed   TroubleState = "dismissed" // it is not for this department
)

// Trouble is a message of which something was refused.
type Trouble struct {
	Message  Message
	State    TroubleState
	Errors   int    // all refusals; Reasons may be fewer
	Run      string // of the mended copy or the replay; its messages have it
	ClosedAt time.Time
	ClosedBy string // actor
	Entry    string // audit entry of the closing
	Reason   string // why it was mended or dismissed
	Reasons  []Rejection
}

// maxReasons bounds how many refusals of one message are kept with it; the
// message itself is kept whole.
const maxReasons = 200

const (
	sqlPutTrouble = `INSERT INTO message_trouble (message, since, format, channel, errors, state, run, closed_at, closed_by, entry, reason)
		VALUES ($1, $2, $3, $4, $5, 'open', '', 0, '', $6, NULL)
		ON CONFLICT (message) DO UPDATE SET errors = message_trouble.errors + excluded.errors`
	sqlPutError = `INSERT INTO message_error (message, position, place, reason)
		VALUES ($1, (SELECT COUNT(*) FROM message_error e WHERE e.message = $2), $3, $4)`
)

// whyRefused are the reasons that the item of work gives.
const (
	whyRefused = "message refused"
	whyPartly  = "part of a message refused"
)

// trouble notes in the action that keeps a message what was refused of it, and
// puts the message on the list of work.
func (s *Service) trouble(ctx context.Context, tx *gate.Tx, e *envelope, accepted int, rejected []Rejection) error {
	if len(rejected) == 0 || e.channel == channelMend {
		return nil // a mended copy that fails is told to who mended it; the original stays open
	}
	if _, err := tx.Later(ctx, sqlPutTrouble, e.id, tx.Now().UnixMicro(), e.format, e.channel, len(rejected), tx.EntryID()); err != nil {
		return fmt.Errorf("note what was refused: %w", err)
	}
	for _, r := range rejected[:min(len(rejected), maxReasons)] {
		if _, err := tx.Later(ctx, sqlPutError, e.id, e.id, cut(r.Place, 200), cut(r.Reason, 500)); err != nil {
			return fmt.Errorf("note what was refused: %w", err)
		}
	}
	why := whyRefused
	if accepted > 0 {
		why = whyPartly
	}
	err := s.work.PutTx(ctx, tx, work.Want{
		Queue: work.Interface, Key: e.id, Kind: e.format, Reason: why, Since: tx.Now(), Open: "/interface/" + e.id,
	})
	if err != nil {
		return fmt.Errorf("list what was refused: %w", err)
	}
	return nil
}

// cut shortens a text on a character's boundary.
func cut(text string, limit int) string {
	for i := range text {
		if i > limit {
			return text[:i] + "…"
		}
	}
	return text
}

// refuse keeps a message that was refused as a whole.
func (s *Service) refuse(ctx context.Context, actor gate.Actor, e *envelope, why Rejection) error {
	if e.channel == channelMend {
		return nil
	}
	e.pack()
	if err := s.seal(e); err != nil {
		return err
	}
	err := s.change(ctx, actor, gate.Subject{Kind: subjectMessage, ID: e.id}, func(tx *gate.Tx) error {
		tx.Detail("rejected", "1")
		if err := s.keep(ctx, tx, e, 0, 1); err != nil {
			return err
		}
		return s.trouble(ctx, tx, e, 0, []Rejection{why})
	})
	if err != nil {
		return fmt.Errorf("keep rejected message: %w", err)
	}
	return nil
}

// unreadable is what is kept of a message that could not be read at all.
func unreadable(format, channel, run, place, file string, raw []byte) *envelope {
	return &envelope{
		id: gate.NewID(), channel: channel, format: format, kind: "unreadable", run: run, place: place,
		head: sealedHead{File: file}, raw: raw,
	}
}

// late notes what turned out to be refused after its message was kept: facts
// whose patient never came.
func (s *Service) late(ctx context.Context, tx *gate.Tx, e *envelope, rejected []Rejection) error {
	tx.Detail("refused", strconv.Itoa(len(rejected)))
	return s.trouble(ctx, tx, e, 1, rejected)
}
