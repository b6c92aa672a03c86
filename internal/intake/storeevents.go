package intake

// The messages about a record, for what takes back an earlier one.
const (
	sqlKindOf   = `SELECT kind FROM message WHERE id = $1`
	sqlEventsOf = `SELECT m.id, m.kind FROM message_record r JOIN message m ON m.id = r.message
	WHERE r.record = $1 AND m.id <> $2 AND m.status <> 'rejected' AND m.kind IN ($3, $4, $5) ORDER BY m.received_at, m.id`
)
