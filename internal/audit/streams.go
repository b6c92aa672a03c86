package audit

import (
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/binary"
	"fmt"

	"golang.org/x/mod/sumdb/tlog"

	"chartroom/internal/gate"
)

// hashStream reads the stored hashes of the tree in their order.
type hashStream struct {
	ctx context.Context //nolint:containedctx // it lives within one call
	tx  *gate.Tx

	next  int64 // number of the next chunk
	index int64 // of the next hash
	data  []byte
	page  [][]byte
	done  bool
}

const chunksRead = 64 // chunks read at a time: 512 KB

// compare says whether the next stored hash is h.
func (s *hashStream) compare(h tlog.Hash) (bool, error) {
	if len(s.data) == 0 {
		if err := s.load(); err != nil {
			return false, err
		}
	}
	if len(s.data) < tlog.HashSize {
		return false, s.broken("is missing")
	}
	same := bytes.Equal(s.data[:tlog.HashSize], h[:])
	s.data = s.data[tlog.HashSize:]
	s.index++
	return same, nil
}

func (s *hashStream) broken(what string) error {
	return &Problem{Kind: BadTree, Position: -1, What: fmt.Sprintf("hash %d of the stored tree %s", s.index, what)}
}

// load takes the next chunk. All but the last are full.
func (s *hashStream) load() error {
	if s.index%chunkHashes != 0 {
		return s.broken("is missing")
	}
	if len(s.page) == 0 && !s.done {
		want := s.next
		err := scanAll(s.ctx, s.tx, func(rows *sql.Rows) error {
			var n int64
			var data []byte
			if err := rows.Scan(&n, &data); err != nil {
				return err //nolint:wrapcheck // scanAll wraps it
			}
			if n != want {
				return s.broken("is missing")
			}
			if len(data) > chunkHashes*tlog.HashSize {
				return s.broken("is followed by others that do not belong there")
			}
			want++
			s.page = append(s.page, bytes.Clone(data))
			return nil
		}, sqlReadChunks, s.next, chunksRead)
		if err != nil {
			return err
		}
		s.done = len(s.page) < chunksRead
		s.next = want
	}
	if len(s.page) == 0 {
		return nil
	}
	s.data, s.page = s.page[0], s.page[1:]
	return nil
}

// end says whether the stored tree ends here.
func (s *hashStream) end() error {
	if len(s.data) == 0 && s.index%chunkHashes == 0 {
		if err := s.load(); err != nil {
			return err
		}
	}
	if len(s.data) > 0 || len(s.page) > 0 {
		return s.broken("is beyond the end of the tree")
	}
	if s.index%chunkHashes == 0 {
		return nil
	}
	// There may be further chunks after one that is not full.
	return scanAll(s.ctx, s.tx, func(*sql.Rows) error {
		return s.broken("is beyond the end of the tree")
	}, sqlReadChunks, s.next, 1)
}

// noteStream reads the checkpoints in their order and checks each: its signature,
// its columns, its number, and that it names the one before.
type noteStream struct {
	ctx context.Context //nolint:containedctx // it lives within one call
	tx  *gate.Tx
	log *Log

	number int64 // of the last one popped
	last   [sha256.Size]byte
	page   []Checkpoint
	loaded int64 // number of the last one loaded
	done   bool
}

const notesRead = 500

// peek gives the next checkpoint, nil at the end.
func (s *noteStream) peek() (*Checkpoint, error) {
	if len(s.page) == 0 && !s.done {
		if err := s.load(); err != nil {
			return nil, err
		}
	}
	if len(s.page) == 0 {
		return nil, nil //nolint:nilnil // the end of the stream
	}
	return &s.page[0], nil
}

func (s *noteStream) pop() {
	s.number, s.last = s.page[0].Number, s.page[0].hash()
	s.page = s.page[1:]
}

func (s *noteStream) load() error {
	last := s.last
	from := s.loaded + 1
	if s.loaded == 0 {
		from = -1 << 62 // also numbers that there must not be
	}
	read := 0
	err := scanAll(s.ctx, s.tx, func(rows *sql.Rows) error {
		var number, size, at int64
		var text string
		if err := rows.Scan(&number, &size, &at, &text); err != nil {
			return err //nolint:wrapcheck // scanAll wraps it
		}
		read++
		bad := func(what string) error {
			return &Problem{Kind: BadCheckpoint, Position: -1, What: fmt.Sprintf("checkpoint %d %s", s.loaded+1, what)}
		}
		if number != s.loaded+1 {
			return bad("is missing")
		}
		c, err := readNote(text, s.log.signer.verify)
		if err != nil {
			return bad("is not signed by this log")
		}
		if c.Number != number || c.Size != size || c.At.UnixMicro() != at {
			return bad("is not what its note says")
		}
		if c.Before != last {
			return bad("does not name the one before it")
		}
		last = c.hash()
		s.loaded = number
		s.page = append(s.page, c)
		return nil
	}, sqlReadCheckpoints, from, notesRead)
	s.done = read < notesRead
	return err
}

// multiset is a hash of a set of pairs in any order: the sum of their SHA-256
// hashes, word by word. Who could make two sets with one sum could find a
// collision of a generalised knapsack on 256 bits.
type multiset struct {
	sum   [4]uint64
	count int64
	buf   []byte
}

func (m *multiset) add(subject string, position int64) {
	m.buf = append(m.buf[:0], subject...)
	m.buf = append(m.buf, 0)
	m.buf = number(m.buf, position)
	h := sha256.Sum256(m.buf)
	for i := range m.sum {
		m.sum[i] += binary.BigEndian.Uint64(h[8*i:])
	}
	m.count++
}
