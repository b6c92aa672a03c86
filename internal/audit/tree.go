package audit

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"

	"golang.org/x/mod/sumdb/tlog"

	"chartroom/internal/gate"
)

// chunkHashes is how many hashes a row of audit_hash holds: 8 KB.
const chunkHashes = 256

// tree reads and appends the stored hashes in one transaction. It is a
// tlog.HashReader.
type tree struct {
	ctx    context.Context //nolint:containedctx // tlog.HashReader has no place for it, and a tree lives within one call
	tx     *gate.Tx
	chunks map[int64][]byte
	dirty  map[int64]bool
}

func newTree(ctx context.Context, tx *gate.Tx) *tree {
	return &tree{ctx: ctx, tx: tx, chunks: map[int64][]byte{}, dirty: map[int64]bool{}}
}

func (t *tree) chunk(n int64) ([]byte, error) {
	if c, ok := t.chunks[n]; ok {
		return c, nil
	}
	var c []byte
	err := t.tx.QueryRow(t.ctx, sqlReadChunk, n).Scan(&c)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return nil, fmt.Errorf("audit: read the tree: %w", err)
	}
	c = slices.Clone(c)
	t.chunks[n] = c
	return c, nil
}

// ReadHashes implements tlog.HashReader.
func (t *tree) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, len(indexes))
	for i, index := range indexes {
		c, err := t.chunk(index / chunkHashes)
		if err != nil {
			return nil, err
		}
		at := index % chunkHashes * tlog.HashSize
		if at+tlog.HashSize > int64(len(c)) {
			return nil, fmt.Errorf("audit: hash %d of the tree is missing", index)
		}
		copy(out[i][:], c[at:])
	}
	return out, nil
}

// append adds leaf n with the hashes it completes.
func (t *tree) append(n int64, leaf tlog.Hash) error {
	hashes, err := tlog.StoredHashesForRecordHash(n, leaf, t)
	if err != nil {
		return fmt.Errorf("audit: grow the tree: %w", err)
	}
	index := tlog.StoredHashIndex(0, n)
	for i, h := range hashes {
		no := (index + int64(i)) / chunkHashes
		c, err := t.chunk(no)
		if err != nil {
			return err
		}
		if at := (index + int64(i)) % chunkHashes * tlog.HashSize; at != int64(len(c)) {
			return fmt.Errorf("audit: the tree has %d bytes in chunk %d, not %d", len(c), no, at)
		}
		t.chunks[no] = append(c, h[:]...)
		t.dirty[no] = true
	}
	return nil
}

// write stores what was appended.
func (t *tree) write() error {
	for no := range t.dirty {
		if _, err := t.tx.Exec(t.ctx, sqlWriteChunk, no, t.chunks[no]); err != nil {
			return fmt.Errorf("audit: store the tree: %w", err)
		}
	}
	clear(t.dirty)
	return nil
}

// root is the hash of the tree of n entries.
func (t *tree) root(n int64) (tlog.Hash, error) {
	h, err := tlog.TreeHash(n, t)
	if err != nil {
		return h, fmt.Errorf("audit: the root of the tree: %w", err)
	}
	return h, nil
}

// edge grows a tree from its leaves alone, keeping the hashes of its right edge:
// what Verify compares the stored tree with.
type edge struct {
	size   int64
	levels []tlog.Hash // levels[i] is valid where bit i of size is set
}

// add appends a leaf and calls stored for each hash the stored tree gets for it,
// in storage order.
func (e *edge) add(leaf tlog.Hash, stored func(tlog.Hash) error) error {
	h := leaf
	if err := stored(h); err != nil {
		return err
	}
	level := 0
	for ; e.size>>level&1 == 1; level++ {
		h = tlog.NodeHash(e.levels[level], h)
		if err := stored(h); err != nil {
			return err
		}
	}
	if level == len(e.levels) {
		e.levels = append(e.levels, h)
	} else {
		e.levels[level] = h
	}
	e.size++
	return nil
}

// root is the hash of the tree so far.
func (e *edge) root() tlog.Hash {
	if e.size == 0 {
		h, _ := tlog.TreeHash(0, nil) // the hash of nothing needs no hashes
		return h
	}
	var h tlog.Hash
	first := true
	for level := range e.levels {
		if e.size>>level&1 == 0 {
			continue
		}
		if first {
			h, first = e.levels[level], false
			continue
		}
		h = tlog.NodeHash(e.levels[level], h)
	}
	return h
}
