package seal

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"chartroom/internal/gate"
)

// ActionRotate is putting every data key under a new master key.
const ActionRotate gate.Action = "seal.rotate"

const rewrapBatch = 500 // data keys a transaction

// RotateReport says what a rotation did.
type RotateReport struct {
	Rewrapped int      // data keys put under the new master key in this run
	From      []uint32 // master keys that are no longer needed
	To        uint32   // the master key that wraps now
	// Drop says that the former keys could not be taken out of the source, which
	// is given from outside: put OnlyPrimary of it in its place.
	Drop bool
}

// Rotate makes a new master key, puts every data key under it and then forgets
// the former one. A rotation that was cut off is finished by the next; none of
// its steps leaves anything unreadable. Other processes on the same database
// learn of the new key when they next wrap or unwrap.
//
// Search tokens and the keys of the audit log come from the root key, which stays:
// a new one would mean to read and index every record again.
func (r *Ring) Rotate(ctx context.Context, g *gate.Gate, actor gate.Actor) (RotateReport, error) {
	if err := r.beginRotation(); err != nil {
		return RotateReport{}, err
	}
	var m *master
	err := g.Change(ctx, actor, ActionRotate, gate.Department(), func(tx *gate.Tx) error {
		var err error
		m, err = r.adopt(ctx, tx)
		return err
	})
	if err != nil {
		return RotateReport{}, fmt.Errorf("seal: rotate: %w", err)
	}
	report := RotateReport{To: m.primary}
	for _, id := range m.ids {
		if id != m.primary {
			report.From = append(report.From, id)
		}
	}
	if report.Rewrapped, err = r.rewrapAll(ctx, g, actor, m); err != nil {
		return report, err
	}
	return r.endRotation(m, report)
}

// beginRotation adds a new key to the source, unless an earlier rotation left one.
func (r *Ring) beginRotation() error {
	if err := r.refresh(); err != nil {
		return err
	}
	m := r.master.Load()
	if len(m.ids) > 1 {
		return nil
	}
	next, err := m.withNewKey()
	if err != nil {
		return err
	}
	text, err := next.marshal()
	if err != nil {
		return err
	}
	if err := r.source.Replace(text); err != nil {
		if errors.Is(err, errReadOnly) {
			return fmt.Errorf("%w: put the keys that NextKeys gives in their place first", err)
		}
		return err
	}
	r.master.Store(next)
	return nil
}

// adopt notes in the database that the newest master key wraps from now on.
func (r *Ring) adopt(ctx context.Context, tx *gate.Tx) (*master, error) {
	m := r.master.Load()
	primary, check, err := readMaster(ctx, tx)
	if err != nil {
		return nil, err
	}
	if check == nil {
		return r.settle(ctx, tx)
	}
	if err := r.compare(ctx, tx); err != nil {
		return nil, err
	}
	if primary == m.primary {
		return m, nil
	}
	if _, err := tx.Exec(ctx, sqlSetMaster, int64(m.primary)); err != nil {
		return nil, fmt.Errorf("seal: note the new master key: %w", err)
	}
	return m, nil
}

// rewrapAll puts every data key under the primary of m, in batches; it starts
// over until a look at all of them finds none left.
func (r *Ring) rewrapAll(ctx context.Context, g *gate.Gate, actor gate.Actor, m *master) (int, error) {
	done := 0
	for {
		after := wrappedKey{}
		for {
			var batch int
			next := after
			err := g.Change(ctx, actor, ActionRotate, gate.Department(), func(tx *gate.Tx) error {
				var err error
				batch, next, err = r.rewrapSome(ctx, tx, m, after)
				return err
			})
			if err != nil {
				return done, fmt.Errorf("seal: rotate after %d data keys: %w", done, err)
			}
			after = next
			done += batch
			if batch < rewrapBatch {
				break
			}
		}
		var left int64
		err := g.Change(ctx, actor, ActionRotate, gate.Department(), func(tx *gate.Tx) error {
			return tx.QueryRow(ctx, sqlCountOldKeys, int64(m.primary)).Scan(&left)
		})
		if err != nil {
			return done, fmt.Errorf("seal: count the data keys under former master keys: %w", err)
		}
		if left == 0 {
			return done, nil
		}
	}
}

func (r *Ring) rewrapSome(ctx context.Context, tx *gate.Tx, m *master, after wrappedKey) (int, wrappedKey, error) {
	keys, err := readOldKeys(ctx, tx, m.primary, after)
	if err != nil {
		return 0, after, err
	}
	for _, w := range keys {
		data, err := r.unwrap(ctx, tx, w.owner, w)
		if err != nil {
			return 0, after, err
		}
		if err := rewrap(ctx, tx, m, w, data); err != nil {
			return 0, after, err
		}
		after = w
	}
	tx.Detail("rewrapped", strconv.Itoa(len(keys)))
	return len(keys), after, nil
}

func readOldKeys(ctx context.Context, tx *gate.Tx, primary uint32, after wrappedKey) (_ []wrappedKey, err error) {
	rows, err := tx.Query(ctx, sqlNextKeys, int64(primary), after.owner, after.version, rewrapBatch)
	if err != nil {
		return nil, fmt.Errorf("seal: read data keys: %w", err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	var keys []wrappedKey
	for rows.Next() {
		var w wrappedKey
		var id int64
		if err := rows.Scan(&w.owner, &w.version, &id, &w.wrapped); err != nil {
			return nil, fmt.Errorf("seal: read data keys: %w", err)
		}
		w.master = uint32(id) //nolint:gosec // stored from 32 bits
		keys = append(keys, w)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("seal: read data keys: %w", err)
	}
	return keys, nil
}

// endRotation takes the former keys out of the source.
func (r *Ring) endRotation(m *master, report RotateReport) (RotateReport, error) {
	only, err := m.onlyPrimary()
	if err != nil {
		return report, err
	}
	text, err := only.marshal()
	if err != nil {
		return report, err
	}
	switch err := r.source.Replace(text); {
	case errors.Is(err, errReadOnly):
		report.Drop = true
		return report, nil
	case err != nil:
		return report, err
	}
	r.master.Store(only)
	return report, nil
}

// NewKeys makes fresh master keys, for a source that cannot be written, such as
// CHARTROOM_MASTER_KEY.
func NewKeys() ([]byte, error) {
	m, err := newMaster()
	if err != nil {
		return nil, err
	}
	return m.marshal()
}

// NextKeys returns the master keys in text with one more, which becomes the
// primary: the first step of a rotation where the source cannot be written.
func NextKeys(text []byte) ([]byte, error) {
	m, err := parseMaster(text)
	if err != nil {
		return nil, err
	}
	if m, err = m.withNewKey(); err != nil {
		return nil, err
	}
	return m.marshal()
}

// OnlyPrimary returns the master keys in text without those that no longer wrap:
// the last step of a rotation where the source cannot be written.
func OnlyPrimary(text []byte) ([]byte, error) {
	m, err := parseMaster(text)
	if err != nil {
		return nil, err
	}
	if m, err = m.onlyPrimary(); err != nil {
		return nil, err
	}
	return m.marshal()
}
