package audit

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"hash"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"chartroom/internal/gate"
)

const (
	leafFormat = 1
	macSize    = 16
)

// row is an entry as it is stored.
type row struct {
	position int64 // -1 in the tail

	tick        int64 // microseconds; ascends within a writer
	id          string
	at          int64 // microseconds
	actor       string
	actorKind   string
	roles       string // comma-separated
	session     string
	action      string
	outcome     string
	reason      string
	subjectKind string // the first subject
	subject     string
	record      string
	more        string // the other subjects: lines of kind, id, record, tab-separated
	detail      string // JSON object with sorted keys, or ""
	writer      string
	lane        int64
	counter     int64
	mac         []byte
}

// rowOf writes an entry in its stored form.
func rowOf(e gate.Entry) (row, error) {
	r := row{
		position: -1, id: e.ID, at: e.At.UnixMicro(), actor: e.Actor.ID, actorKind: string(e.Actor.Kind),
		roles: strings.Join(e.Actor.Roles, ","), session: e.Actor.Session, action: string(e.Action),
		outcome: string(e.Outcome), reason: e.Reason,
	}
	var more []byte
	for i, s := range e.Subjects {
		if i == 0 {
			r.subjectKind, r.subject, r.record = s.Kind, s.ID, s.Record
			continue
		}
		if strings.ContainsAny(s.Kind+s.ID+s.Record, "\t\n") {
			return row{}, fmt.Errorf("audit: the identifier of a %s holds a tab or a line break", s.Kind)
		}
		more = append(more, s.Kind...)
		more = append(more, '\t')
		more = append(more, s.ID...)
		more = append(more, '\t')
		more = append(more, s.Record...)
		more = append(more, '\n')
	}
	r.more = string(more)
	if len(e.Detail) > 0 {
		text, err := json.Marshal(e.Detail) // sorts the keys
		if err != nil {
			return row{}, fmt.Errorf("audit: write the detail of an entry: %w", err)
		}
		r.detail = string(text)
	}
	return r, nil
}

// subjects gives the subjects of a stored entry.
func (r *row) subjects() []gate.Subject {
	var all []gate.Subject
	if r.subjectKind != "" || r.subject != "" {
		all = append(all, gate.Subject{Kind: r.subjectKind, ID: r.subject, Record: r.record})
	}
	for line := range strings.Lines(r.more) {
		parts := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		if len(parts) == 3 {
			all = append(all, gate.Subject{Kind: parts[0], ID: parts[1], Record: parts[2]})
		}
	}
	return all
}

// about gives the identifiers the entry is found by, each once: of its subjects
// and of their records.
func (r *row) about() []string {
	var all []string
	add := func(id string) {
		if id == "" {
			return
		}
		if !slices.Contains(all, id) {
			all = append(all, id)
		}
	}
	if r.subjectKind != "department" {
		add(r.subject)
	}
	add(r.record)
	if r.more != "" {
		for _, s := range r.subjects()[1:] {
			if s.Kind != "department" {
				add(s.ID)
			}
			add(s.Record)
		}
	}
	return all
}

// item gives the entry as people see it.
func (r *row) item() Item {
	e := gate.Entry{
		ID: r.id, At: time.UnixMicro(r.at).UTC(), Action: gate.Action(r.action), Outcome: gate.Outcome(r.outcome),
		Actor:    gate.Actor{ID: r.actor, Kind: gate.ActorKind(r.actorKind), Session: r.session},
		Subjects: r.subjects(), Reason: r.reason,
	}
	if r.roles != "" {
		e.Actor.Roles = strings.Split(r.roles, ",")
	}
	if r.detail != "" {
		// A detail that was tampered with is shown as it lies there; Verify names it.
		if err := json.Unmarshal([]byte(r.detail), &e.Detail); err != nil {
			e.Detail = map[string]string{"unreadable": r.detail}
		}
	}
	return Item{Entry: e, Position: r.position}
}

// leaf writes the bytes that the tree and the MAC are made over; it appends to b.
func (r *row) leaf(b []byte) []byte {
	b = append(b, leafFormat)
	b = number(b, r.tick)
	b = text(b, r.id)
	b = number(b, r.at)
	for _, s := range [...]string{
		r.actor, r.actorKind, r.roles, r.session, r.action, r.outcome, r.reason,
		r.subjectKind, r.subject, r.record, r.more, r.detail, r.writer,
	} {
		b = text(b, s)
	}
	b = number(b, r.lane)
	return number(b, r.counter)
}

func text(b []byte, s string) []byte {
	b = binary.AppendUvarint(b, uint64(len(s)))
	return append(b, s...)
}

func number(b []byte, n int64) []byte { return binary.BigEndian.AppendUint64(b, uint64(n)) } //nolint:gosec // the same 64 bits

// leafHash is the hash of the entry as a leaf of the tree.
func (r *row) leafHash(buf []byte) (tlog.Hash, []byte) {
	buf = r.leaf(buf[:0])
	return tlog.RecordHash(buf), buf
}

// macs makes the MACs of entries.
type macs struct{ pool sync.Pool }

func newMACs(key []byte) *macs {
	m := new(macs)
	m.pool.New = func() any { return hmac.New(sha256.New, key) }
	return m
}

// of is the MAC of an entry after the one whose MAC is before (nil for the first).
func (m *macs) of(before, leaf []byte) []byte {
	h, _ := m.pool.Get().(hash.Hash) // the pool's New makes nothing else
	h.Reset()
	_, _ = h.Write([]byte{byte(len(before) & 0xff)}) // 0 or macSize; hash.Hash documents that Write never fails
	_, _ = h.Write(before)
	_, _ = h.Write(leaf)
	sum := h.Sum(make([]byte, 0, sha256.Size))
	m.pool.Put(h)
	return sum[:macSize:macSize]
}
