package intake

import (
	"bytes"
	"compress/flate"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"sync"
	"time"

	"chartroom/internal/gate"
	"chartroom/internal/seal"
)

const (
	sqlInsertMessage = `INSERT INTO message (id, received_at, received_by, channel, format, kind, status, run, place, size, hash, repeat_key, accepted, rejected, entry, head, sealed)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)`
	sqlKeepMessage = sqlInsertMessage + ` ON CONFLICT (repeat_key) DO NOTHING`
	sqlRepeat      = `SELECT id FROM message WHERE repeat_key = $1`
	sqlMessageHead = `SELECT id, received_at, received_by, channel, format, kind, status, run, place, size, accepted, rejected, entry, head FROM message`
	sqlMessage     = sqlMessageHead + ` WHERE id = $1`
	sqlMessages    = sqlMessageHead + ` WHERE received_at < $1 OR (received_at = $2 AND id < $3) ORDER BY received_at DESC, id DESC LIMIT $4`
	sqlSealed      = `SELECT sealed FROM message WHERE id = $1`
	sqlRecount     = `UPDATE message SET accepted = accepted - $1, rejected = rejected + $2, status = 'partial', repeat_key = $3 WHERE id = $4`
)

// Message is what is kept of one message beside its bytes.
type Message struct {
	ID                 string
	ReceivedAt         time.Time
	ReceivedBy         string // actor
	Channel            string // "file", "post", "mllp"
	Format, Kind       string // "hl7v2" and "ORU^R01", "fhir" and "Bundle" …
	Status             string // "accepted", "partial", "rejected"
	Run                string // import run, "" for none
	Place              string // of its first byte in the file: "message 3", "line 501"
	Size               int64  // bytes as received
	Accepted, Rejected int
	Entry              string // audit entry that stored it
	Sender, ControlID  string
	File               string // name of the file it came in
	Source             string // system that FHIR ids without an address of their own belong to
}

// sealedHead is what of a message's head is sealed: names that others chose.
type sealedHead struct {
	Sender  string `json:"s,omitempty"`
	Control string `json:"c,omitempty"`
	File    string `json:"f,omitempty"`
	Source  string `json:"o,omitempty"`
}

// envelope is a message on its way into the store.
type envelope struct {
	id      string
	channel string
	format  string
	kind    string
	run     string
	place   string
	head    sealedHead
	repeat  string // what a repeat is recognised by; "" where none is possible
	raw     []byte
	packed  []byte // raw, compressed; made outside the transaction
	sealed  *sealedEnvelope
}

// pack compresses what is to be kept.
func (e *envelope) pack() {
	var buf bytes.Buffer
	buf.Grow(len(e.raw)/4 + 64)
	w, ok := flaters.Get().(*flate.Writer)
	if !ok {
		return
	}
	defer flaters.Put(w)
	w.Reset(&buf)
	// Writing to a buffer cannot fail.
	_, _ = w.Write(e.raw)
	_ = w.Close()
	e.packed = buf.Bytes()
}

var flaters = sync.Pool{New: func() any {
	w, err := flate.NewWriter(io.Discard, flate.BestSpeed)
	if err != nil {
		return nil // never: the level is valid
	}
	return w
}}

// repeatOf finds the message that has what this one brings already.
func (s *Service) repeatOf(ctx context.Context, tx *gate.Tx, e *envelope) (string, error) {
	if e.repeat == "" {
		return "", nil
	}
	var id string
	err := tx.QueryRow(ctx, sqlRepeat, s.repeatKey(e)).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("look for a repeat: %w", err)
	}
	return id, nil
}

func (s *Service) repeatKey(e *envelope) []byte {
	return s.ring.Token("message.repeat", e.format+"\x00"+e.repeat)
}

// keep stores a message. One that was not taken in whole does not count as here
// when it comes again, so that what was rejected gets another chance.
func (s *Service) keep(ctx context.Context, tx *gate.Tx, e *envelope, accepted, rejected int) error {
	_, err := s.insert(ctx, tx, e, sqlInsertMessage, accepted, rejected)
	return err
}

// keepNew stores a message that will be taken in whole, unless it is here already.
// It asks and stores in one statement: looking first would take one more, and on
// PostgreSQL collide with the messages beside it.
func (s *Service) keepNew(ctx context.Context, tx *gate.Tx, e *envelope) (repeated bool, err error) {
	kept, err := s.insert(ctx, tx, e, sqlKeepMessage, 1, 0)
	if err != nil {
		return false, err
	}
	n, err := kept.RowsAffected()
	if err != nil {
		return false, fmt.Errorf("keep message: %w", err)
	}
	if n > 0 {
		return false, nil
	}
	return true, s.ring.TakeBack(ctx, tx, e.sealed.key)
}

// sealedEnvelope is what of a message is sealed. It is made once, however often
// the action runs.
type sealedEnvelope struct {
	key          *seal.Drawn
	head, packed []byte
	mac          []byte
}

// seal seals a message; done before the action, others need not wait for it.
func (s *Service) seal(e *envelope) error {
	if e.sealed != nil {
		return nil
	}
	key, err := s.ring.DrawKey(e.id)
	if err != nil {
		return fmt.Errorf("key of the message: %w", err)
	}
	head, err := json.Marshal(e.head)
	if err != nil {
		return fmt.Errorf("head of the message: %w", err)
	}
	e.sealed = &sealedEnvelope{
		key: key, head: key.Seal(head, seal.Place("message", "head", e.id, 1)),
		packed: key.Seal(e.packed, seal.Place("message", "sealed", e.id, 1)), mac: key.MAC(e.raw),
	}
	return nil
}

func (s *Service) insert(ctx context.Context, tx *gate.Tx, e *envelope, query string, accepted, rejected int) (sql.Result, error) {
	if err := s.seal(e); err != nil {
		return nil, err
	}
	status, repeat := "accepted", s.repeatKey(e)
	if rejected > 0 {
		status = "partial"
		if accepted == 0 {
			status = "rejected"
		}
	}
	if e.repeat == "" || rejected > 0 {
		repeat = s.ring.Token("message.id", e.id)
	}
	kept, err := tx.Later(ctx, query, e.id, tx.Now().UnixMicro(), tx.Actor().ID, e.channel, e.format, clean(e.kind),
		status, e.run, clean(e.place), int64(len(e.raw)), e.sealed.mac, repeat, accepted, rejected, tx.EntryID(),
		e.sealed.head, e.sealed.packed)
	if err != nil {
		return nil, fmt.Errorf("keep message: %w", err)
	}
	if err := s.ring.StoreKey(ctx, tx, e.sealed.key); err != nil {
		return nil, fmt.Errorf("key of the message: %w", err)
	}
	return kept, nil
}

// clean keeps letters, digits and a few signs of a word that others chose and
// that stands in the clear, such as a message type.
func clean(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', strings.ContainsRune("^_ .[]#+-", r):
			return r
		}
		return -1
	}, s)
	return s[:min(len(s), 60)]
}

// Open reads a message with its bytes, exactly as they were received.
func (s *Service) Open(ctx context.Context, actor gate.Actor, id string) (Message, []byte, error) {
	var m Message
	var raw []byte
	err := s.gate.Read(ctx, actor, ActionRead, gate.Subject{Kind: subjectMessage, ID: id}, func(tx *gate.Tx) (err error) {
		m, raw, err = s.OpenTx(ctx, tx, id)
		return err
	})
	if err != nil {
		return Message{}, nil, fmt.Errorf("message: %w", err)
	}
	return m, raw, nil
}

// OpenTx is Open inside another action.
func (s *Service) OpenTx(ctx context.Context, tx *gate.Tx, id string) (Message, []byte, error) {
	found, err := s.heads(ctx, tx, sqlMessage, id)
	if err != nil {
		return Message{}, nil, err
	}
	if len(found) == 0 {
		return Message{}, nil, ErrNotFound
	}
	if err := s.chart.AboutMessage(ctx, tx, id); err != nil {
		return Message{}, nil, err
	}
	if found[0].Format == FormatScan {
		if raw, ok, err := s.scanBytes(ctx, tx, id); err != nil || ok {
			return found[0], raw, err
		}
	}
	var sealed []byte
	if err := tx.QueryRow(ctx, sqlSealed, id).Scan(&sealed); err != nil {
		return Message{}, nil, fmt.Errorf("bytes of the message: %w", err)
	}
	key, err := s.ring.Key(ctx, tx, id)
	if err != nil {
		return Message{}, nil, fmt.Errorf("key of the message: %w", err)
	}
	packed, err := key.Open(sealed, seal.Place("message", "sealed", id, 1))
	if err != nil {
		return Message{}, nil, fmt.Errorf("open message %s: %w", id, err)
	}
	// The size was kept with it, so what unpacks larger is not what was kept.
	raw, err := io.ReadAll(io.LimitReader(flate.NewReader(bytes.NewReader(packed)), found[0].Size+1))
	if err != nil || int64(len(raw)) != found[0].Size {
		return Message{}, nil, fmt.Errorf("unpack message %s: %w", id, errors.Join(err, seal.ErrOpen))
	}
	return found[0], raw, nil
}

// Messages lists what was received, newest first. after is the id of the last
// message of the page before, "" for the first page; limit is at most 500.
func (s *Service) Messages(ctx context.Context, actor gate.Actor, after string, limit int) ([]Message, error) {
	if limit <= 0 || limit > 500 {
		limit = 50
	}
	var page []Message
	err := s.gate.Read(ctx, actor, ActionList, gate.Department(), func(tx *gate.Tx) error {
		at, id := int64(1)<<62, ""
		if after != "" {
			last, err := s.heads(ctx, tx, sqlMessage, after)
			if err != nil {
				return err
			}
			if len(last) == 0 {
				return ErrNotFound
			}
			at, id = last[0].ReceivedAt.UnixMicro(), after
		}
		var err error
		page, err = s.heads(ctx, tx, sqlMessages, at, at, id, limit)
		tx.Detail("rows", strconv.Itoa(len(page)))
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("messages: %w", err)
	}
	return page, nil
}

func (s *Service) heads(ctx context.Context, tx *gate.Tx, query string, args ...any) ([]Message, error) {
	all, sealed, err := scanHeads(ctx, tx, query, args...)
	if err != nil {
		return nil, err
	}
	for i := range all {
		m := &all[i]
		key, err := s.ring.Key(ctx, tx, m.ID)
		if err != nil {
			return nil, fmt.Errorf("key of the message: %w", err)
		}
		plain, err := key.Open(sealed[i], seal.Place("message", "head", m.ID, 1))
		if err != nil {
			return nil, fmt.Errorf("head of message %s: %w", m.ID, err)
		}
		var h sealedHead
		if err := json.Unmarshal(plain, &h); err != nil {
			return nil, fmt.Errorf("head of message %s: %w", m.ID, err)
		}
		m.Sender, m.ControlID, m.File, m.Source = h.Sender, h.Control, h.File, h.Source
	}
	return all, nil
}

func scanHeads(ctx context.Context, tx *gate.Tx, query string, args ...any) ([]Message, [][]byte, error) {
	rows, err := tx.Query(ctx, query, args...)
	if err != nil {
		return nil, nil, fmt.Errorf("messages: %w", err)
	}
	defer func() { _ = rows.Close() }()
	var all []Message
	var sealed [][]byte
	for rows.Next() {
		var m Message
		var at int64
		var head []byte
		err := rows.Scan(&m.ID, &at, &m.ReceivedBy, &m.Channel, &m.Format, &m.Kind, &m.Status, &m.Run, &m.Place, &m.Size,
			&m.Accepted, &m.Rejected, &m.Entry, &head)
		if err != nil {
			return nil, nil, fmt.Errorf("messages: %w", err)
		}
		m.ReceivedAt = time.UnixMicro(at).UTC()
		all = append(all, m)
		sealed = append(sealed, head)
	}
	if err := rows.Err(); err != nil {
		return nil, nil, fmt.Errorf("messages: %w", err)
	}
	return all, sealed, nil
}
