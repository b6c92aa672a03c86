package crashtest

import (
	"context"
	"errors"
	"fmt"

	"chartroom/internal/gate"
)

const (
	sqlSelectMessages = `SELECT client, seq, entry, parts FROM crash_message WHERE cycle = $1 ORDER BY client, seq`
	sqlCountMessages  = `SELECT COUNT(*) FROM crash_message`
	sqlStrayParts     = `SELECT COUNT(*) FROM crash_part WHERE entry NOT IN (SELECT entry FROM crash_message)`
)

// found is a message as it stands in the database.
type found struct {
	ack

	parts int
}

// look opens the database after a kill and compares. It gives how many of the
// answered changes are lost and how many of this cycle are stored. An error
// says that something is stored in part, or twice, or without its entry.
func (s Suite) look(place string, cycle int, acks []ack) (lost, stored int, err error) {
	ctx := context.Background()
	d, err := s(ctx, place)
	if err != nil {
		return 0, 0, fmt.Errorf("opening the database after the kill: %w", err)
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	g := d.Gate
	if err := setUp(ctx, g); err != nil { // the child may have been killed before it did
		return 0, 0, err
	}
	var messages []found
	err = g.Read(ctx, writer(), actionLook, gate.Department(), func(tx *gate.Tx) error {
		var err error
		if messages, err = readMessages(ctx, tx, cycle); err != nil {
			return err
		}
		return d.checkWhole(ctx, tx, messages)
	})
	if err != nil {
		return 0, 0, err
	}
	entries := map[ack]bool{}
	for _, m := range messages {
		entries[m.ack] = true
	}
	for _, a := range acks {
		if !entries[a] {
			lost++
		}
	}
	return lost, len(messages), nil
}

func readMessages(ctx context.Context, tx *gate.Tx, cycle int) (messages []found, err error) {
	rows, err := tx.Query(ctx, sqlSelectMessages, cycle)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var m found
		if err := rows.Scan(&m.client, &m.seq, &m.entry, &m.parts); err != nil {
			return nil, fmt.Errorf("reading the messages: %w", err)
		}
		messages = append(messages, m)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("reading the messages: %w", err)
	}
	return messages, nil
}

// checkWhole sees that each message has its parts and its audit entry, and that
// no client's messages have a gap: they were stored one after another.
func (d *Department) checkWhole(ctx context.Context, tx *gate.Tx, messages []found) error {
	next := map[int]int{}
	for _, m := range messages {
		if m.seq != next[m.client] {
			return fmt.Errorf("client %d: message %d is stored, %d is not", m.client, m.seq, next[m.client])
		}
		next[m.client]++
		var parts int
		if err := tx.QueryRow(ctx, sqlSelectParts, m.entry).Scan(&parts); err != nil {
			return fmt.Errorf("counting parts: %w", err)
		}
		if parts != m.parts {
			return fmt.Errorf("client %d: message %d has %d parts of %d", m.client, m.seq, parts, m.parts)
		}
		has, err := d.Has(ctx, tx, m.entry)
		if err != nil {
			return err
		}
		if !has {
			return fmt.Errorf("client %d: message %d has no entry on the audit log", m.client, m.seq)
		}
	}
	return nil
}

// total looks at the whole database and proves the whole log.
func (s Suite) total(place string, stored int) (entries int, err error) {
	ctx := context.Background()
	d, err := s(ctx, place)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	var messages, stray int
	err = d.Gate.Read(ctx, writer(), actionLook, gate.Department(), func(tx *gate.Tx) error {
		if err := tx.QueryRow(ctx, sqlCountMessages).Scan(&messages); err != nil {
			return fmt.Errorf("counting messages: %w", err)
		}
		return tx.QueryRow(ctx, sqlStrayParts).Scan(&stray)
	})
	if err != nil {
		return 0, err
	}
	if messages != stored || stray != 0 {
		return 0, fmt.Errorf("%d messages at the end, %d by their cycles; %d stray parts", messages, stored, stray)
	}
	return d.Whole(ctx)
}
