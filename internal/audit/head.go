package audit

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"

	"golang.org/x/mod/sumdb/tlog"

	"chartroom/internal/gate"
)

// head says how far the tree has grown. It is under a MAC, so that nobody cuts
// the log short by writing a smaller size.
type head struct {
	size        int64
	root        tlog.Hash
	checkpoints int64
	lastNote    [sha256.Size]byte
}

// lease is who may append now.
type lease struct {
	holder string
	until  int64 // microseconds
}

func (h *head) mac(m *macs) []byte {
	b := []byte("head")
	b = number(b, h.size)
	b = append(b, h.root[:]...)
	b = number(b, h.checkpoints)
	return m.of(nil, append(b, h.lastNote[:]...))
}

// errHead says that the row of the head was tampered with.
var errHead = errors.New("audit: the row that says how far the tree has grown was changed")

// readHead reads the head, and an empty one where there is none yet.
func readHead(ctx context.Context, tx *gate.Tx, m *macs) (h head, l lease, found bool, err error) {
	var root, last, mac []byte
	err = tx.QueryRow(ctx, sqlReadHead).Scan(&h.size, &root, &h.checkpoints, &last, &mac, &l.holder, &l.until)
	if errors.Is(err, sql.ErrNoRows) {
		var e edge
		h.root = e.root()
		return h, l, false, nil
	}
	if err != nil {
		return h, l, false, fmt.Errorf("audit: read the head of the tree: %w", err)
	}
	if len(root) != len(h.root) || len(last) != len(h.lastNote) {
		return h, l, true, errHead
	}
	copy(h.root[:], root)
	copy(h.lastNote[:], last)
	if !hmac.Equal(h.mac(m), mac) {
		return h, l, true, errHead
	}
	return h, l, true, nil
}

// write stores the head; found says whether its row exists.
func (h *head) write(ctx context.Context, tx *gate.Tx, m *macs, found bool) error {
	query := sqlWriteHead
	if !found {
		query = sqlAddHead
	}
	if _, err := tx.Exec(ctx, query, h.size, h.root[:], h.checkpoints, h.lastNote[:], h.mac(m)); err != nil {
		return fmt.Errorf("audit: write the head of the tree: %w", err)
	}
	return nil
}
