package audit

import (
	"bytes"
	"context"
	"crypto/hmac"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"chartroom/internal/gate"
)

const (
	stepEntries = 512              // entries a step puts into the tree
	leaseLasts  = 15 * time.Second // a sequencer that is silent for so long has lost its lease
)

// tailKey is the key of an entry in the tail.
type tailKey struct {
	tick int64
	id   string
}

// step is what one transaction of the sequencer did.
type step struct {
	more       bool // the tail may hold more
	last       tailKey
	checkpoint *Checkpoint
	wrong      error // entries of the tail that were tampered with
}

// step puts the next entries of the tail, beyond after, into the tree, and signs
// the tree when it is time.
func (l *Log) step(ctx context.Context, after tailKey, final bool) (step, error) {
	var s step
	// Asked before the snapshot: what was committed by now must be in it.
	known := l.recorder.committed()
	err := l.gate.Change(ctx, system(), ActionSequence, gate.Department(), func(tx *gate.Tx) error {
		s = step{}
		h, had, found, err := readHead(ctx, tx, l.headMACs)
		if err != nil {
			return err
		}
		now := tx.Now()
		if had.holder != l.recorder.writer && now.UnixMicro() < had.until {
			return nil // another process is at it
		}
		if !found {
			if err := h.write(ctx, tx, l.headMACs, false); err != nil {
				return err
			}
		}
		if _, err := tx.Exec(ctx, sqlTakeLease, l.recorder.writer, now.Add(leaseLasts).UnixMicro()); err != nil {
			return fmt.Errorf("audit: take the lease: %w", err)
		}
		tail, err := readRows(ctx, tx, false, sqlReadTail, after.tick, after.id, stepEntries)
		if err != nil {
			return err
		}
		if s.more = len(tail) == stepEntries; len(tail) > 0 {
			s.last = tailKey{tail[len(tail)-1].tick, tail[len(tail)-1].id}
		}
		sequencing := &sequencing{ctx: ctx, tx: tx, log: l, head: h, lanes: map[laneKey]*laneEnd{}}
		if err := sequencing.take(tail); err != nil {
			return err
		}
		s.wrong = sequencing.wrong
		if !s.more && s.wrong == nil && after == (tailKey{}) {
			if s.wrong, err = l.missingFromTail(ctx, tx, known); err != nil {
				return err
			}
		}
		grown := sequencing.head.size > h.size
		if s.checkpoint, err = sequencing.checkpoint(final && !s.more); err != nil {
			return err
		}
		if !grown && s.checkpoint == nil {
			return nil
		}
		return sequencing.head.write(ctx, tx, l.headMACs, true)
	})
	return s, err
}

type laneKey struct {
	writer string
	lane   int64
}

// laneEnd is the last entry of a lane that is in the tree.
type laneEnd struct {
	counter int64
	mac     []byte
	broken  bool
	changed bool
}

// sequencing is one transaction of the sequencer.
type sequencing struct {
	ctx   context.Context //nolint:containedctx // it lives within one call
	tx    *gate.Tx
	log   *Log
	head  head
	lanes map[laneKey]*laneEnd
	wrong error
}

// take puts the entries of the tail that are whole into the tree, in their order.
func (s *sequencing) take(tail []row) error {
	if len(tail) == 0 {
		return nil
	}
	t := newTree(s.ctx, s.tx)
	root, err := t.root(s.head.size)
	if err != nil {
		return err
	}
	if root != s.head.root {
		return errors.New("audit: the stored tree is not the one that was written; run: chartroom audit verify")
	}
	var buf []byte
	for first := 0; first < len(tail); {
		// A run of whole entries is moved by one statement.
		end := first
		for ; end < len(tail); end++ {
			buf = tail[end].leaf(buf[:0])
			good, err := s.whole(&tail[end], buf)
			if err != nil {
				return err
			}
			if !good {
				break
			}
			if err := t.append(s.head.size+int64(end-first), tlog.RecordHash(buf)); err != nil {
				return err
			}
		}
		if err := s.move(tail[first:end]); err != nil {
			return err
		}
		first = end + 1 // beyond the one that is not whole
	}
	if err := t.write(); err != nil {
		return err
	}
	if s.head.root, err = t.root(s.head.size); err != nil {
		return err
	}
	return s.writeLanes()
}

// whole says whether an entry of the tail follows the one before in its lane and
// is unchanged. After one that is not, its lane waits for people to look.
func (s *sequencing) whole(r *row, leaf []byte) (bool, error) {
	end, err := s.lane(laneKey{r.writer, r.lane})
	if err != nil {
		return false, err
	}
	if end.broken {
		return false, nil
	}
	if r.counter != end.counter+1 || !hmac.Equal(s.log.recorder.macs.of(end.mac, leaf), r.mac) {
		end.broken = true
		s.complain(r)
		return false, nil
	}
	end.counter, end.mac, end.changed = r.counter, bytes.Clone(r.mac), true
	return true, nil
}

func (s *sequencing) complain(r *row) {
	if s.wrong == nil {
		s.wrong = fmt.Errorf("audit: entry %s in the tail, or the one before it in its lane, was tampered with; run: chartroom audit verify", r.id)
	}
}

func (s *sequencing) lane(key laneKey) (*laneEnd, error) {
	if end, ok := s.lanes[key]; ok {
		return end, nil
	}
	end := new(laneEnd)
	err := s.tx.QueryRow(s.ctx, sqlReadLane, key.writer, key.lane).Scan(&end.counter, &end.mac)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return nil, fmt.Errorf("audit: read the end of a lane: %w", err)
	}
	s.lanes[key] = end
	return end, nil
}

// move gives a run of neighbouring rows of the tail the next positions.
func (s *sequencing) move(run []row) error {
	if len(run) == 0 {
		return nil
	}
	first, last := &run[0], &run[len(run)-1]
	res, err := s.tx.Exec(s.ctx, sqlMoveRun, s.head.size, first.tick, first.id, last.tick, last.id)
	if err != nil {
		return fmt.Errorf("audit: move entries into the tree: %w", err)
	}
	if n, err := res.RowsAffected(); err != nil || n != int64(len(run)) {
		return fmt.Errorf("audit: moved %d entries of %d: %w", n, len(run), errors.Join(err, errors.ErrUnsupported))
	}
	if _, err := s.tx.Exec(s.ctx, sqlDropRun, first.tick, first.id, last.tick, last.id); err != nil {
		return fmt.Errorf("audit: move entries out of the tail: %w", err)
	}
	from := s.head.size
	s.head.size += int64(len(run))
	for _, query := range []string{sqlIndexSubject, sqlIndexRecord} {
		if _, err := s.tx.Exec(s.ctx, query, from, s.head.size); err != nil {
			return fmt.Errorf("audit: index the subjects of entries: %w", err)
		}
	}
	for i := range run {
		if run[i].more == "" {
			continue
		}
		for _, id := range run[i].about() {
			if _, err := s.tx.Exec(s.ctx, sqlIndexMore, id, from+int64(i)); err != nil {
				return fmt.Errorf("audit: index the subjects of an entry: %w", err)
			}
		}
	}
	return nil
}

func (s *sequencing) writeLanes() error {
	for key, end := range s.lanes {
		if !end.changed {
			continue
		}
		if _, err := s.tx.Exec(s.ctx, sqlWriteLane, key.writer, key.lane, end.counter, end.mac); err != nil {
			return fmt.Errorf("audit: note the end of a lane: %w", err)
		}
	}
	return nil
}

// checkpoint signs the tree when it is time, or now.
func (s *sequencing) checkpoint(now bool) (*Checkpoint, error) {
	last, err := lastCheckpoint(s.ctx, s.tx)
	if err != nil {
		return nil, err
	}
	if !s.log.due(s.head, last, s.tx.Now()) && (!now || s.head.size == last.Size) {
		return nil, nil //nolint:nilnil // no checkpoint is due, which is no error
	}
	c := &Checkpoint{
		Number: s.head.checkpoints + 1, Size: s.head.size, Root: s.head.root, At: s.tx.Now(), Before: s.head.lastNote,
	}
	if err := s.log.signer.seal(c); err != nil {
		return nil, err
	}
	if _, err := s.tx.Exec(s.ctx, sqlAddCheckpoint, c.Number, c.Size, c.At.UnixMicro(), c.Note); err != nil {
		return nil, fmt.Errorf("audit: store a checkpoint: %w", err)
	}
	s.head.checkpoints, s.head.lastNote = c.Number, c.hash()
	return c, nil
}

// missingFromTail looks for entries that this process knows to be committed and
// that are neither in the tree nor in the tail: somebody deleted them.
func (l *Log) missingFromTail(ctx context.Context, tx *gate.Tx, known map[int64]int64) (wrong error, err error) {
	have := map[int64]int64{}
	err = scanAll(ctx, tx, func(rows *sql.Rows) error {
		var lane, counter int64
		if err := rows.Scan(&lane, &counter); err != nil {
			return err //nolint:wrapcheck // scanAll wraps it
		}
		have[lane] = counter
		return nil
	}, sqlLanesOf, l.recorder.writer)
	if err != nil {
		return nil, err
	}
	for lane, counter := range known {
		if have[lane] < counter {
			return fmt.Errorf("audit: entry %d of lane %d of this process is gone from the log; run: chartroom audit verify", have[lane]+1, lane), nil
		}
	}
	return nil, nil //nolint:nilnil // nothing is missing, and nothing failed
}

func exists(ctx context.Context, tx *gate.Tx, query string) (bool, error) {
	var one int64
	err := tx.QueryRow(ctx, query).Scan(&one)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("audit: %w", err)
	}
	return true, nil
}

// lastCheckpoint reads the newest checkpoint, unchecked; a zero one where there is
// none.
func lastCheckpoint(ctx context.Context, tx *gate.Tx) (Checkpoint, error) {
	return oneCheckpoint(ctx, tx, sqlLastCheckpoint)
}

func oneCheckpoint(ctx context.Context, tx *gate.Tx, query string, args ...any) (Checkpoint, error) {
	var c Checkpoint
	var at int64
	err := tx.QueryRow(ctx, query, args...).Scan(&c.Number, &c.Size, &at, &c.Note)
	if errors.Is(err, sql.ErrNoRows) {
		return Checkpoint{}, nil
	}
	if err != nil {
		return Checkpoint{}, fmt.Errorf("audit: read a checkpoint: %w", err)
	}
	c.At = time.UnixMicro(at).UTC()
	return c, nil
}
