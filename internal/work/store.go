package work

import (
	"strconv"
	"strings"
)

const itemColumns = `id, queue, item_key, record, encounter, kind, unit, reason, rule, skill, address, zone, since_at, plain_due,
	plain_priority, due_at, priority, extensions, assignee, holder, held_until, skipped_until, skip_reason, version, put_at,
	put_by, put_entry, settled_at, settled_by, settled_how`

const (
	sqlOpenItem = `SELECT ` + itemColumns + ` FROM work_item WHERE queue = $1 AND item_key = $2 AND settled_at = 0`

	sqlItem = `SELECT ` + itemColumns + ` FROM work_item WHERE id = $1`

	// What every new item begins with need not be sent.
	sqlInsertItem = `INSERT INTO work_item (` + itemColumns + `) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13,
		$14, $15, $16, $17, 0, '', '', 0, 0, '', 1, $18, $19, $20, 0, '', '')`

	sqlInsertNew = `INSERT INTO work_item (` + itemColumns + `) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13,
		$14, $15, $16, $17, 0, '', '', 0, 0, '', 1, $18, $19, $20, 0, '', '')
		ON CONFLICT (queue, item_key) WHERE settled_at = 0 DO NOTHING`

	// The version in the WHERE clause keeps two writers from both changing the
	// same version where the engine lets them run side by side.
	sqlUpdateItem = `UPDATE work_item SET record = $1, encounter = $2, kind = $3, unit = $4, reason = $5, rule = $6, skill = $7,
		address = $8, since_at = $9, plain_due = $10, plain_priority = $11, due_at = $12, priority = $13, extensions = $14,
		assignee = $15, holder = $16, held_until = $17, skipped_until = $18, skip_reason = $19, version = $20, settled_at = $21,
		settled_by = $22, settled_how = $23 WHERE id = $24 AND version = $25`

	sqlInsertEvent = `INSERT INTO work_event (id, item, version, kind, at, actor, entry, deed, undoes, reason, was, became)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`

	sqlInsertDeed = `INSERT INTO work_deed (id, actor, at, kind, items, undone) VALUES ($1, $2, $3, $4, $5, '')`

	sqlLastDeed = `SELECT id, kind FROM work_deed WHERE actor = $1 AND at > $2 AND undone = '' AND kind <> 'undone'
		ORDER BY id DESC LIMIT 1`

	sqlUndoDeed = `UPDATE work_deed SET undone = $1 WHERE id = $2 AND undone = ''`

	eventColumns = `item, version, kind, at, actor, entry, deed, undoes, reason, was, became`

	sqlDeedEvents = `SELECT ` + eventColumns + ` FROM work_event WHERE deed = $1 ORDER BY item`

	sqlItemEvents = `SELECT ` + eventColumns + ` FROM work_event WHERE item = $1 ORDER BY version`

	sqlHeldItems = `SELECT ` + itemColumns + ` FROM work_item WHERE settled_at = 0 AND holder <> '' AND holder = $1 AND held_until > $2
		AND skipped_until <= $2`

	sqlGivenItems = `SELECT ` + itemColumns + ` FROM work_item WHERE settled_at = 0 AND assignee <> '' AND assignee = $1
		AND skipped_until <= $2 AND (holder = '' OR held_until <= $2)`

	// The most pressing items that nobody has, after a place in the order, for
	// somebody with these privileges.
	sqlFreeItems = `SELECT ` + itemColumns + ` FROM work_item WHERE queue = $1 AND settled_at = 0 AND skipped_until <= $2
		AND (holder = '' OR held_until <= $2) AND (assignee = '' OR assignee = $3)
		AND (priority, due_at, since_at, id) > ($4, $5, $6, $7)
		AND (skill = '' OR skill IN ($9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20))
		ORDER BY priority, due_at, since_at, id LIMIT $8`

	sqlListItems = `SELECT ` + itemColumns + ` FROM work_item`

	// One walk over the index of open work gives all counts.
	sqlCountOpen = `SELECT queue, COUNT(*), SUM(CASE WHEN due_at < $1 THEN 1 ELSE 0 END), SUM(CASE WHEN due_at < $2 THEN 1 ELSE 0 END),
		SUM(CASE WHEN due_at < $3 THEN 1 ELSE 0 END), SUM(CASE WHEN due_at < $4 THEN 1 ELSE 0 END),
		SUM(CASE WHEN due_at < $5 THEN 1 ELSE 0 END), SUM(CASE WHEN due_at < $6 THEN 1 ELSE 0 END)
		FROM work_item WHERE settled_at = 0 GROUP BY queue`

	sqlNoteValue = `INSERT INTO work_value (queue, field, value) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`

	sqlValues = `SELECT field, value FROM work_value WHERE queue = $1 ORDER BY field, value`

	sqlCountSkipped = `SELECT queue, COUNT(*) FROM work_item WHERE settled_at = 0 AND skipped_until > 0 AND skipped_until > $1 GROUP BY queue`

	sqlFilters = `SELECT id, owner, shared, body FROM work_filter WHERE deleted_at = 0 AND (owner = $1 OR shared = 1) ORDER BY id`

	sqlFilter = `SELECT id, owner, shared, body FROM work_filter WHERE id = $1 AND deleted_at = 0`

	sqlInsertFilter = `INSERT INTO work_filter (id, owner, body, shared, made_at, deleted_at) VALUES ($1, $2, $3, $4, $5, 0)`

	sqlDropFilter = `UPDATE work_filter SET deleted_at = $1 WHERE id = $2 AND owner = $3 AND deleted_at = 0`

	sqlMyEvents = `SELECT ` + eventColumns + ` FROM work_event WHERE actor = $1 AND at >= $2 AND at < $3 ORDER BY at DESC, id DESC LIMIT 2000`

	sqlDraft = `SELECT id, version, saved_at, began_at, body FROM work_handover WHERE author = $1 AND signed_at = 0`

	sqlInsertNote = `INSERT INTO work_handover (id, author, began_at, signed_at, saved_at, version, figures, entry, body)
		VALUES ($1, $2, $3, 0, $4, $5, '', $6, $7)`

	sqlSaveNote = `UPDATE work_handover SET body = $1, version = $2, saved_at = $3 WHERE id = $4 AND signed_at = 0`

	sqlSignNote = `UPDATE work_handover SET body = $1, version = $2, saved_at = $3, signed_at = $3, began_at = $4, figures = $5, entry = $6
		WHERE id = $7 AND signed_at = 0`

	noteColumns = `id, author, began_at, signed_at, version, figures, body`

	sqlSignedNotes = `SELECT ` + noteColumns + ` FROM work_handover WHERE signed_at > 0 ORDER BY signed_at DESC, id DESC LIMIT $1`

	sqlSignedNote = `SELECT ` + noteColumns + ` FROM work_handover WHERE id = $1 AND signed_at > 0`

	sqlPutNoteItem = `INSERT INTO work_handover_item (note, item, position) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`

	sqlNoteReads = `SELECT reader, at FROM work_handover_read WHERE note = $1 ORDER BY at, reader`

	sqlReadNote = `INSERT INTO work_handover_read (note, reader, at, entry) VALUES ($1, $2, $3, $4) ON CONFLICT (note, reader) DO NOTHING`

	sqlLastSigned = `SELECT COALESCE(MAX(signed_at), 0) FROM work_handover WHERE signed_at > 0`

	sqlDoneBetween = `SELECT queue, COUNT(*) FROM work_item WHERE settled_at > 0 AND settled_at >= $1 AND settled_at < $2 GROUP BY queue`

	sqlSkippedNow = `SELECT queue, skip_reason, COUNT(*) FROM work_item WHERE settled_at = 0 AND skipped_until > 0 AND skipped_until > $1
		GROUP BY queue, skip_reason ORDER BY queue, skip_reason`

	sqlCountMine = `SELECT queue, COUNT(*) FROM (
		SELECT queue, id FROM work_item WHERE settled_at = 0 AND holder <> '' AND holder = $1 AND held_until > $2
		UNION SELECT queue, id FROM work_item WHERE settled_at = 0 AND assignee <> '' AND assignee = $1
			AND (holder = '' OR holder = $1 OR held_until <= $2)) AS mine GROUP BY queue`
)

// skillsAsked is how many privileges sqlFreeItems takes: there are fewer.
const skillsAsked = 12

// itemFields is how many arguments one new item takes.
const itemFields = 20

func (r *row) insertArgs() []any {
	return []any{
		r.id, r.queue, r.key, r.record, r.encounter, r.kind, r.unit, r.reason, r.rule, r.skill, r.address, r.zone,
		r.since, r.plainDue, r.plainPriority, r.due, r.priority, r.putAt, r.putBy, r.putEntry,
	}
}

// itemsAtOnce is how many items one statement opens. More saves little.
const itemsAtOnce = 8

type insertGroup struct {
	rows      int
	statement string
}

// insertItems are the statements that open 1, 2, 4 … items at once.
var insertItems = func() []insertGroup {
	var groups []insertGroup
	for n := 1; n <= itemsAtOnce; n *= 2 {
		groups = append(groups, insertGroup{n, repeated(sqlInsertNew, n)})
	}
	return groups
}()

// repeated writes the row of an insert statement n times, its arguments counted
// on.
func repeated(statement string, n int) string {
	head, rest, _ := strings.Cut(statement, "VALUES (")
	one, tail, _ := strings.Cut(rest, ", 0, '', '')")
	one += ", 0, '', '')"
	var b strings.Builder
	b.WriteString(head + "VALUES ")
	for i := range n {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteByte('(')
		for j, part := range strings.Split(one, "$") {
			if j == 0 {
				b.WriteString(part)
				continue
			}
			digits := len(part) - len(strings.TrimLeft(part, "0123456789"))
			number, _ := strconv.Atoi(part[:digits])
			b.WriteString("$" + strconv.Itoa(number+i*itemFields) + part[digits:])
		}
	}
	b.WriteString(tail)
	return b.String()
}
