package audit

import (
	"context"
	"errors"
	"fmt"

	"golang.org/x/mod/sumdb/tlog"

	"chartroom/internal/gate"
)

// Proof shows that an entry is in the log that a signed checkpoint states. It can
// be checked by anybody who has the public key, without the database.
type Proof struct {
	Item       Item
	Leaf       []byte           // the bytes the leaf is the hash of: see the package comment
	Path       tlog.RecordProof // the audit path of RFC 6962, 2.1.1
	Checkpoint Checkpoint
}

// ErrNotSigned says that no checkpoint covers the entry yet; within a minute one
// does.
var ErrNotSigned = errors.New("audit: no signed checkpoint covers this entry yet")

// Proof proves an entry, by the first checkpoint that covers it. Errors:
// ErrNoEntry, ErrNotSigned.
func (l *Log) Proof(ctx context.Context, actor gate.Actor, entry string) (Proof, error) {
	var p Proof
	err := l.gate.Read(ctx, actor, ActionRead, gate.Subject{Kind: "log", ID: entry}, func(tx *gate.Tx) (err error) {
		p, err = l.prove(ctx, tx, entry)
		return err
	})
	return p, err
}

func (l *Log) prove(ctx context.Context, tx *gate.Tx, entry string) (Proof, error) {
	r, err := find(ctx, tx, entry)
	if err != nil {
		return Proof{}, err
	}
	if r.position < 0 {
		return Proof{}, ErrNotSigned
	}
	stored, err := oneCheckpoint(ctx, tx, sqlCheckpointFor, r.position)
	if err != nil {
		return Proof{}, err
	}
	if stored.Number == 0 {
		return Proof{}, ErrNotSigned
	}
	c, err := readNote(stored.Note, l.signer.verify)
	if err != nil {
		return Proof{}, err
	}
	path, err := tlog.ProveRecord(c.Size, r.position, newTree(ctx, tx))
	if err != nil {
		return Proof{}, fmt.Errorf("audit: prove entry %s: %w", entry, err)
	}
	p := Proof{Item: r.item(), Leaf: r.leaf(nil), Path: path, Checkpoint: c}
	if err := p.Check(l.PublicKey()); err != nil {
		return Proof{}, err
	}
	return p, nil
}

// Check checks the proof with the public key of the log.
func (p *Proof) Check(publicKey string) error {
	c, err := ReadCheckpoint(p.Checkpoint.Note, publicKey)
	if err != nil {
		return err
	}
	err = tlog.CheckRecord(p.Path, c.Size, c.Root, p.Item.Position, tlog.RecordHash(p.Leaf))
	if err != nil {
		return fmt.Errorf("audit: entry %s is not the one that was signed: %w", p.Item.ID, err)
	}
	return nil
}

// Consistency shows that the log of a later checkpoint begins with the log of an
// earlier one: nothing before was changed (RFC 6962, 2.1.2).
type Consistency struct {
	Old, New Checkpoint
	Path     tlog.TreeProof
}

// ConsistencyProof proves that the newest checkpoint continues the one of the
// given number.
func (l *Log) ConsistencyProof(ctx context.Context, actor gate.Actor, number int64) (Consistency, error) {
	var p Consistency
	err := l.gate.Read(ctx, actor, ActionRead, gate.Department(), func(tx *gate.Tx) error {
		for _, c := range []struct {
			into  *Checkpoint
			query string
			args  []any
		}{{&p.Old, sqlCheckpointByNo, []any{number}}, {&p.New, sqlLastCheckpoint, nil}} {
			stored, err := oneCheckpoint(ctx, tx, c.query, c.args...)
			if err != nil {
				return err
			}
			if stored.Number == 0 {
				return fmt.Errorf("audit: there is no checkpoint %d", number)
			}
			if *c.into, err = readNote(stored.Note, l.signer.verify); err != nil {
				return err
			}
		}
		var err error
		p.Path, err = tlog.ProveTree(p.New.Size, p.Old.Size, newTree(ctx, tx))
		if err != nil {
			return fmt.Errorf("audit: prove that checkpoint %d is continued: %w", number, err)
		}
		return nil
	})
	if err != nil {
		return Consistency{}, err
	}
	return p, p.Check(l.PublicKey())
}

// Check checks the proof with the public key of the log.
func (p *Consistency) Check(publicKey string) error {
	older, err := ReadCheckpoint(p.Old.Note, publicKey)
	if err != nil {
		return err
	}
	newer, err := ReadCheckpoint(p.New.Note, publicKey)
	if err != nil {
		return err
	}
	if err := tlog.CheckTree(p.Path, newer.Size, newer.Root, older.Size, older.Root); err != nil {
		return fmt.Errorf("audit: checkpoint %d does not continue checkpoint %d: %w", newer.Number, older.Number, err)
	}
	return nil
}

// Newest gives the newest checkpoint, or ErrNotSigned.
func (l *Log) Newest(ctx context.Context, actor gate.Actor) (Checkpoint, error) {
	var c Checkpoint
	err := l.gate.Read(ctx, actor, ActionRead, gate.Department(), func(tx *gate.Tx) error {
		stored, err := lastCheckpoint(ctx, tx)
		if err != nil {
			return err
		}
		if stored.Number == 0 {
			return ErrNotSigned
		}
		c, err = readNote(stored.Note, l.signer.verify)
		return err
	})
	return c, err
}
