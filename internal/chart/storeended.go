package chart

import (
	"context"
	"fmt"
	"time"

	"chartroom/internal/gate"
)

const sqlEncountersEnded = `SELECT id, record, start_at, texts, unsigned FROM encounter
	WHERE end_at >= $1 AND end_at < $2 AND withdrawn = 0 ORDER BY end_at, id LIMIT $3`

// EndedTx lists the encounters that ended within [from, to), at most limit, inside
// another domain's action. What the policy refuses is left out and counted.
func (s *Service) EndedTx(ctx context.Context, tx *gate.Tx, from, to time.Time, limit int) (rows []EncounterRow, withheld int, err error) {
	listed, err := listRows(ctx, tx, sqlEncountersEnded, []any{gate.Micros(from), gate.Micros(to), limit})
	if err != nil {
		return nil, 0, err
	}
	patients := map[string]Patient{}
	for _, row := range listed {
		shown, err := tx.AboutIf(ctx, gate.Encounter(row.record, row.id))
		if err != nil {
			return nil, 0, fmt.Errorf("list encounters: %w", err)
		}
		if !shown {
			withheld++
			continue
		}
		p, seen := patients[row.record]
		if !seen {
			if p, err = s.PatientTx(ctx, tx, row.record); err != nil {
				return nil, 0, err
			}
			patients[row.record] = p
		}
		enc, err := s.newestEncounter(ctx, tx, row.id)
		if err != nil {
			return nil, 0, err
		}
		rows = append(rows, EncounterRow{
			Encounter: enc, PatientName: p.Name, BirthDate: p.BirthDate, Sex: p.Sex, MRN: p.RecordNumber(),
			Texts: row.texts, Unsigned: row.unsigned,
		})
	}
	return rows, withheld, nil
}
