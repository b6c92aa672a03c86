package seal

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"

	"chartroom/internal/gate"
)

const (
	// The master key is taken from seal_master in the same statement, so a
	// program that did not hear of a rotation sees at once that it wrapped with
	// a key that is on its way out.
	sqlAddKey = `INSERT INTO sealed_key (owner, version, master, wrapped, made_at)
VALUES ($1, $2, COALESCE((SELECT primary_key FROM seal_master WHERE id = 1), 0), $3, $4) RETURNING master`
	sqlTakeKeyBack = `DELETE FROM sealed_key WHERE owner = $1 AND version = 1 AND made_at = $2`
	sqlRewrapKey   = `UPDATE sealed_key SET master = $1, wrapped = $2 WHERE owner = $3 AND version = $4`
	sqlReadKeys    = `SELECT version, master, wrapped FROM sealed_key WHERE owner = $1 ORDER BY version`
	sqlReadMaster  = `SELECT primary_key, check_value FROM seal_master WHERE id = 1`
	sqlAddMaster   = `INSERT INTO seal_master (id, primary_key, check_value, made_at) VALUES (1, $1, $2, $3) ON CONFLICT (id) DO NOTHING`
	sqlSetMaster   = `UPDATE seal_master SET primary_key = $1 WHERE id = 1`
	sqlNextKeys    = `SELECT owner, version, master, wrapped FROM sealed_key
WHERE master <> $1 AND (owner > $2 OR (owner = $2 AND version > $3)) ORDER BY owner, version LIMIT $4`
	sqlCountOldKeys = `SELECT COUNT(*) FROM sealed_key WHERE master <> $1`
)

// wrappedKey is a row of sealed_key.
type wrappedKey struct {
	owner   string
	version int64
	master  uint32
	wrapped []byte
}

// store wraps a data key and writes its row.
func (r *Ring) store(ctx context.Context, tx *gate.Tx, owner string, version int, data []byte) error {
	m := r.master.Load()
	wrapped, err := m.wrap.Encrypt(data, keyContext(owner, int64(version)))
	if err != nil {
		return fmt.Errorf("seal: wrap a data key: %w", err)
	}
	var stands int64
	err = tx.QueryRow(ctx, sqlAddKey, owner, version, wrapped, tx.Now().UnixMicro()).Scan(&stands)
	if err != nil {
		return fmt.Errorf("seal: store a data key: %w", err)
	}
	if stands == int64(m.primary) {
		return nil
	}
	// The first key of this database, or another process rotated: take over the
	// master key that stands and wrap again.
	if m, err = r.settle(ctx, tx); err != nil {
		return err
	}
	return rewrap(ctx, tx, m, wrappedKey{owner: owner, version: int64(version)}, data)
}

// rewrap puts a data key under the primary of m.
func rewrap(ctx context.Context, tx *gate.Tx, m *master, w wrappedKey, data []byte) error {
	wrapped, err := m.wrap.Encrypt(data, keyContext(w.owner, w.version))
	if err != nil {
		return fmt.Errorf("seal: wrap a data key: %w", err)
	}
	if _, err := tx.Exec(ctx, sqlRewrapKey, int64(m.primary), wrapped, w.owner, w.version); err != nil {
		return fmt.Errorf("seal: store a data key: %w", err)
	}
	return nil
}

// settle agrees with the database on which master key wraps: the database's word
// stands; an empty one takes ours.
func (r *Ring) settle(ctx context.Context, tx *gate.Tx) (*master, error) {
	primary, check, err := readMaster(ctx, tx)
	if err != nil {
		return nil, err
	}
	m := r.master.Load()
	if check == nil {
		if _, err := tx.Exec(ctx, sqlAddMaster, int64(m.primary), r.check, tx.Now().UnixMicro()); err != nil {
			return nil, fmt.Errorf("seal: note the master key: %w", err)
		}
		if primary, check, err = readMaster(ctx, tx); err != nil {
			return nil, err
		}
	}
	if !bytes.Equal(check, r.check) {
		return nil, &WrongKeyError{Place: r.source.Place()}
	}
	if primary == m.primary {
		return m, nil
	}
	if err := r.refresh(); err != nil {
		return nil, err
	}
	if m, err = r.master.Load().withPrimary(primary); err != nil {
		return nil, err
	}
	r.master.Store(m)
	return m, nil
}

// readMaster reads which master key wraps; check is nil where none is noted yet.
func readMaster(ctx context.Context, tx *gate.Tx) (primary uint32, check []byte, err error) {
	var stored int64
	err = tx.QueryRow(ctx, sqlReadMaster).Scan(&stored, &check)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil, nil
	}
	if err != nil {
		return 0, nil, fmt.Errorf("seal: read which master key wraps: %w", err)
	}
	return uint32(stored), check, nil //nolint:gosec // stored from 32 bits
}

// readKeys reads the wrapped keys of owner, oldest version first.
func readKeys(ctx context.Context, tx *gate.Tx, owner string) (_ []wrappedKey, err error) {
	rows, err := tx.Query(ctx, sqlReadKeys, owner)
	if err != nil {
		return nil, fmt.Errorf("seal: read a data key: %w", err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	var keys []wrappedKey
	for rows.Next() {
		w := wrappedKey{owner: owner}
		var id int64
		if err := rows.Scan(&w.version, &id, &w.wrapped); err != nil {
			return nil, fmt.Errorf("seal: read a data key: %w", err)
		}
		w.master = uint32(id) //nolint:gosec // stored from 32 bits
		keys = append(keys, w)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("seal: read a data key: %w", err)
	}
	return keys, nil
}

// ActionCheck is comparing the master keys with the database.
const ActionCheck gate.Action = "seal.check"

// Confirm is Check as a step of its own, to be taken when a department is opened,
// before anything else is done under the keys. It leaves no entry on the log,
// which could not be written under wrong keys anyway.
func (r *Ring) Confirm(ctx context.Context, g *gate.Gate) error {
	actor := gate.Actor{ID: "keys", Kind: gate.System, Name: "Keys"}
	err := g.Change(ctx, actor, ActionCheck, gate.Department(), func(tx *gate.Tx) error { return r.Check(ctx, tx) })
	if wrong, ok := errors.AsType[*WrongKeyError](err); ok {
		return wrong
	}
	if err != nil {
		return fmt.Errorf("seal: compare the master keys with the database: %w", err)
	}
	return nil
}
