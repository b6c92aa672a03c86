package work

import (
	"strconv"
	"strings"
)

const itemColumns = `id, queue, item_key, record, encounter, kind, unit, reason, rule, skill, address, since_at, plain_due,
	plain_priority, due_at, priority, extensions, assignee, holder, held_until, skipped_until, skip_reason, version, put_at,
	put_by, put_entry, settled_at, settled_by, settled_how`

const (
	sqlOpenItem = `SELECT ` + itemColumns + ` FROM work_item WHERE queue = $1 AND item_key = $2 AND settled_at = 0`

	sqlItem = `SELECT ` + itemColumns + ` FROM work_item WHERE id = $1`

	// What every new item begins with need not be sent.
	sqlInsertItem = `INSERT INTO work_item (` + itemColumns + `) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13,
		$14, $15, $16, 0, '', '', 0, 0, '', 1, $17, $18, $19, 0, '', '')`

	sqlInsertNew = `INSERT INTO work_item (` + itemColumns + `) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13,
		$14, $15, $16, 0, '', '', 0, 0, '', 1, $17, $18, $19, 0, '', '')
		ON CONFLICT (queue, item_key) WHERE settled_at = 0 DO NOTHING`

	// The version in the WHERE clause keeps two writers from both changing the
	// same version where the engine lets them run side by side.
	sqlUpdateItem = `UPDATE work_item SET record = $1, encounter = $2, kind = $3, unit = $4, reason = $5, rule = $6, skill = $7,
		address = $8, since_at = $9, plain_due = $10, plain_priority = $11, due_at = $12, priority = $13, extensions = $14,
		assignee = $15, holder = $16, held_until = $17, skipped_until = $18, skip_reason = $19, version = $20, settled_at = $21,
		settled_by = $22, settled_how = $23 WHERE id = $24 AND version = $25`

	sqlInsertEvent = `INSERT INTO work_event (id, item, version, kind, at, actor, entry, deed, undoes, was, became)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`
)

// itemFields is how many arguments one new item takes.
const itemFields = 19

func (r *row) insertArgs() []any {
	return []any{
		r.id, r.queue, r.key, r.record, r.encounter, r.kind, r.unit, r.reason, r.rule, r.skill, r.address,
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
