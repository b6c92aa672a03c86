package chart

// The queries of registration by hand.
const (
	sqlDrawNumber = `INSERT INTO number_series (name, last) VALUES ($1, 1) ON CONFLICT (name) DO UPDATE SET last = number_series.last + 1`
	sqlLastNumber = `SELECT last FROM number_series WHERE name = $1`

	sqlPutRegistrationDraft = `INSERT INTO registration_draft (actor, slot, sealed, updated_at) VALUES ($1, $2, $3, $4)
		ON CONFLICT (actor, slot) DO UPDATE SET sealed = excluded.sealed, updated_at = excluded.updated_at`
	sqlRegistrationDraft     = `SELECT sealed FROM registration_draft WHERE actor = $1 AND slot = $2`
	sqlDropRegistrationDraft = `DELETE FROM registration_draft WHERE actor = $1 AND slot = $2`
)
