package chart

import (
	"context"
	"fmt"

	"chartroom/internal/gate"
)

const sqlBodiesOf = `SELECT id, number, body FROM fact WHERE record = $1 AND kind = 'document' AND latest = 1 AND withdrawn = 0`

// body is the sealed text of one version of a document.
type body struct {
	id     string
	number int
	sealed []byte
}

func readBodies(ctx context.Context, tx *gate.Tx, record string) ([]body, error) {
	rows, err := tx.Query(ctx, sqlBodiesOf, record)
	if err != nil {
		return nil, fmt.Errorf("texts of a record: %w", err)
	}
	defer func() { _ = rows.Close() }()
	var all []body
	for rows.Next() {
		var b body
		if err := rows.Scan(&b.id, &b.number, &b.sealed); err != nil {
			return nil, fmt.Errorf("texts of a record: %w", err)
		}
		all = append(all, b)
	}
	return all, wrap(rows.Err(), "texts of a record")
}
