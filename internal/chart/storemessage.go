package chart

import (
	"context"
	"fmt"

	"chartroom/internal/gate"
)

// The queries of which records a message told of.
const (
	sqlPutMessageRecord = `INSERT INTO message_record (message, record) VALUES ($1, $2) ON CONFLICT (message, record) DO NOTHING`
	sqlMessageRecords   = `SELECT record FROM message_record WHERE message = $1 ORDER BY record`
)

// AboutMessage lists the records that a message told of among the action's
// subjects: whoever opens its bytes reads all of them, so what closes one of them
// closes the bytes.
func (s *Service) AboutMessage(ctx context.Context, tx *gate.Tx, message string) error {
	records, err := recordsOfMessage(ctx, tx, message)
	if err != nil {
		return err
	}
	for _, record := range records {
		if err := tx.About(ctx, gate.Record(record)); err != nil {
			return err
		}
	}
	return nil
}

func recordsOfMessage(ctx context.Context, tx *gate.Tx, message string) ([]string, error) {
	rows, err := tx.Query(ctx, sqlMessageRecords, message)
	if err != nil {
		return nil, fmt.Errorf("records of a message: %w", err)
	}
	defer func() { _ = rows.Close() }()
	var records []string
	for rows.Next() {
		var record string
		if err := rows.Scan(&record); err != nil {
			return nil, fmt.Errorf("records of a message: %w", err)
		}
		records = append(records, record)
	}
	return records, wrap(rows.Err(), "records of a message")
}
