package audit

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"chartroom/internal/gate"
	"chartroom/internal/gate/gatetest"
)

// tables are all tables of the log with their key.
var tables = []struct{ name, key string }{
	{"audit_entry", "position"}, {"audit_tail", "tick, id"}, {"audit_hash", "chunk"}, {"audit_head", "id"},
	{"audit_lane", "writer, lane"}, {"audit_checkpoint", "number"}, {"audit_about", "subject, position"},
}

// ready makes a log with several checkpoints, refusals, several chunks of hashes
// and a tail, and keeps a copy of every table.
func (h *house) ready() {
	h.t.Helper()
	for range 3 {
		h.act(50)
		h.flush()
	}
	h.act(8)
	h.whole()
	for _, t := range tables {
		h.must(`CREATE TABLE copy_` + t.name + ` AS SELECT * FROM ` + t.name) //nolint:unqueryvet // whole rows, whatever they hold
	}
}

// restore puts the log back to what ready made.
func (h *house) restore() {
	h.t.Helper()
	var statements []string
	for _, t := range tables {
		statements = append(statements, `DELETE FROM `+t.name, `INSERT INTO `+t.name+` SELECT * FROM copy_`+t.name) //nolint:unqueryvet // whole rows, whatever they hold
	}
	h.must(statements...)
}

// found proves the log and says what is wrong with it; nothing is an error.
func (h *house) found(how string) *Problem {
	h.t.Helper()
	r := h.prove("")
	if r.Problem == nil {
		h.t.Errorf("%s: not found", how)
		return &Problem{}
	}
	return r.Problem
}

var tampering = Options{CheckpointSize: 32}

// Every byte of every column of rows at the beginning, in the middle and at the
// end of every table.
func TestEveryFlippedByteIsFound(t *testing.T) {
	both(t, tampering, func(h *house) {
		h.ready()
		for _, table := range tables {
			for _, order := range []string{" ORDER BY " + table.key, " ORDER BY " + strings.ReplaceAll(table.key, ",", " DESC,") + " DESC"} {
				h.flipRow(table.name, table.key, order)
			}
		}
		h.restore()
		h.whole()
	})
}

// flipRow flips a bit of each byte of each column of one row, one at a time.
func (h *house) flipRow(table, key, order string) {
	h.t.Helper()
	ctx := context.Background()
	var columns []string
	var values []any
	err := h.quietly(func(tx *gate.Tx) (err error) {
		rows, err := tx.Query(ctx, `SELECT * FROM `+table+order+` LIMIT 1`) //nolint:unqueryvet // whole rows, whatever they hold
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, rows.Close()) }()
		if columns, err = rows.Columns(); err != nil {
			return err
		}
		values = make([]any, len(columns))
		into := make([]any, len(columns))
		for i := range values {
			into[i] = &values[i]
		}
		rows.Next()
		return errors.Join(rows.Scan(into...), rows.Err())
	})
	if err != nil {
		h.t.Fatal(err)
	}
	// The row is found again by its other columns' values: by its place.
	keys := strings.Split(key, ", ")
	for i, column := range columns {
		if table == "audit_head" && (column == "holder" || column == "until_at") {
			continue // who may append next is no part of the log
		}
		for n, flipped := range flips(values[i]) {
			// All of them on SQLite; PostgreSQL waits for its disk, and gets a sample.
			if n%13 != 0 && strings.HasSuffix(h.t.Name(), "postgres") {
				continue
			}
			where, args := "", []any{flipped}
			for _, k := range keys {
				for j, c := range columns {
					if c == k {
						args = append(args, values[j])
						where += fmt.Sprintf(" AND %s = $%d", k, len(args))
					}
				}
			}
			err := h.quietly(func(tx *gate.Tx) error {
				_, err := tx.Exec(ctx, `UPDATE `+table+` SET `+column+` = $1 WHERE 1 = 1`+where, args...)
				return err
			})
			if err != nil {
				continue // a value that the table refuses cannot be put there
			}
			p := h.found(fmt.Sprintf("%s.%s flipped to %.40q", table, column, fmt.Sprint(flipped)))
			if table == "audit_entry" && column != "position" && p.Kind != Changed && p.Kind != "" {
				h.t.Errorf("%s.%s: %v", table, column, p)
			}
			h.restoreTable(table)
		}
	}
}

func (h *house) restoreTable(table string) {
	h.t.Helper()
	h.must(`DELETE FROM `+table, `INSERT INTO `+table+` SELECT * FROM copy_`+table) //nolint:unqueryvet // whole rows, whatever they hold
}

// flips gives the value with one bit flipped in each of its bytes.
func flips(value any) []any {
	var all []any
	switch v := value.(type) {
	case int64:
		for i := range 8 {
			all = append(all, v^(1<<(8*i)))
		}
	case string:
		for i := range len(v) {
			b := []byte(v)
			b[i] ^= 1
			all = append(all, string(b))
		}
		all = append(all, v+" ")
	case []byte:
		for i := 0; i < len(v); i += 1 + len(v)/200 { // a chunk has 8192 bytes: 200 of them
			b := append([]byte{}, v...)
			b[i] ^= 1
			all = append(all, b)
		}
		all = append(all, append(append([]byte{}, v...), 0))
		if len(v) > 0 {
			all = append(all, v[:len(v)-1])
		}
	}
	return all
}

func TestEveryDeletionIsFound(t *testing.T) {
	both(t, tampering, func(h *house) {
		h.ready()
		for position := range 150 {
			if position%17 != 0 && strings.HasSuffix(h.t.Name(), "postgres") {
				continue
			}
			h.must(fmt.Sprintf(`DELETE FROM audit_entry WHERE position = %d`, position))
			if p := h.found(fmt.Sprintf("entry %d deleted", position)); p.Kind != Missing || p.Position != int64(position) {
				h.t.Errorf("entry %d deleted: %v", position, p)
			}
			h.must(fmt.Sprintf(`INSERT INTO audit_entry SELECT * FROM copy_audit_entry WHERE position = %d`, position)) //nolint:unqueryvet // whole rows, whatever they hold
		}
		for table, want := range map[string]ProblemKind{
			"audit_hash": BadTree, "audit_head": BadHead, "audit_lane": BadLane, "audit_checkpoint": BadCheckpoint, "audit_about": BadIndex,
		} {
			key := map[string]string{"audit_hash": "chunk", "audit_head": "id", "audit_lane": "lane", "audit_checkpoint": "number", "audit_about": "position"}[table]
			for _, n := range h.numbers(`SELECT DISTINCT ` + key + ` FROM ` + table + ` ORDER BY ` + key) {
				h.must(fmt.Sprintf(`DELETE FROM %s WHERE %s = %d`, table, key, n))
				if p := h.found(fmt.Sprintf("%s %d deleted", table, n)); p.Kind != want {
					h.t.Errorf("%s %d deleted: %v", table, n, p)
				}
				h.restoreTable(table)
			}
		}
		h.whole()
	})
}

func (h *house) numbers(query string) (all []int64) {
	h.t.Helper()
	err := h.quietly(func(tx *gate.Tx) (err error) {
		rows, err := tx.Query(context.Background(), query)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, rows.Close()) }()
		for rows.Next() {
			var n int64
			if err := rows.Scan(&n); err != nil {
				return err
			}
			all = append(all, n)
		}
		return rows.Err()
	})
	if err != nil {
		h.t.Fatal(err)
	}
	return all
}

// An entry deleted and the others moved up, inserted and the others moved down,
// two exchanged: positions are without a gap each time.
func TestMovedEntriesAreNamed(t *testing.T) {
	both(t, tampering, func(h *house) {
		h.ready()
		shift := func(from, to, by int) []string { // through negative positions, which are free
			return []string{
				fmt.Sprintf(`UPDATE audit_entry SET position = -position - 1000 WHERE position >= %d AND position <= %d`, from, to),
				fmt.Sprintf(`UPDATE audit_entry SET position = -position - 1000 + %d WHERE position < -999`, by),
			}
		}
		forge := `INSERT INTO audit_entry (position, ` + columns + `) SELECT %d, ` +
			strings.Replace(columns, "id, at, actor,", "id || 'x', at, 'somebody',", 1) + ` FROM copy_audit_entry WHERE position = %d`
		for _, c := range []struct {
			name       string
			statements []string
			kind       ProblemKind
			position   int64
		}{
			{"deleted, closed up", append([]string{`DELETE FROM audit_entry WHERE position = 40`}, shift(41, 149, -1)...), Missing, 40},
			{"three deleted, closed up", append([]string{`DELETE FROM audit_entry WHERE position >= 40 AND position < 43`}, shift(43, 149, -3)...), Missing, 40},
			{"inserted in the middle", append(shift(100, 149, 1), fmt.Sprintf(forge, 100, 7)), Inserted, 100},
			{"inserted at the beginning", append(shift(0, 149, 1), fmt.Sprintf(forge, 0, 7)), Inserted, 0},
			{"added at the end", []string{fmt.Sprintf(forge, 150, 7)}, Inserted, 150},
			{"added before the beginning", []string{fmt.Sprintf(forge, -1, 7)}, Inserted, -1},
			{"exchanged neighbours", []string{
				`UPDATE audit_entry SET position = -1 WHERE position = 50`, `UPDATE audit_entry SET position = 50 WHERE position = 51`,
				`UPDATE audit_entry SET position = 51 WHERE position = -1`,
			}, Reordered, 50},
			{"exchanged far apart", []string{
				`UPDATE audit_entry SET position = -1 WHERE position = 3`, `UPDATE audit_entry SET position = 3 WHERE position = 140`,
				`UPDATE audit_entry SET position = 140 WHERE position = -1`,
			}, Reordered, 3},
			{"the last deleted", []string{`DELETE FROM audit_entry WHERE position = 149`}, Missing, 149},
			{"all deleted", []string{`DELETE FROM audit_entry`}, Missing, 0},
		} {
			h.must(c.statements...)
			if p := h.found(c.name); p.Kind != c.kind || p.Position != c.position {
				h.t.Errorf("%s: %v", c.name, p)
			}
			h.restore()
		}
		h.whole()
	})
}

// Whoever can write the database, but has not the keys, makes the whole tree anew
// after changing an entry.
func TestTreeMadeAnewIsFound(t *testing.T) {
	both(t, tampering, func(h *house) {
		h.ready()
		ctx := context.Background()
		h.must(`UPDATE audit_entry SET actor = 'somebody' WHERE position = 130`)
		err := h.quietly(func(tx *gate.Tx) error {
			rows, err := readRows(ctx, tx, true, sqlReadEntries, 0, 1000)
			if err != nil {
				return err
			}
			if _, err := tx.Exec(ctx, `DELETE FROM audit_hash`); err != nil {
				return err
			}
			tr := newTree(ctx, tx)
			for i := range rows {
				hash, _ := rows[i].leafHash(nil)
				if err := tr.append(int64(i), hash); err != nil {
					return err
				}
			}
			return tr.write()
		})
		if err != nil {
			h.t.Fatal(err)
		}
		if p := h.found("tree made anew"); p.Kind != Changed || p.Position != 130 {
			h.t.Error(p)
		}
		// The entry in its place again, but the tree still of another.
		h.restoreTable("audit_entry")
		if p := h.found("tree of another log"); p.Kind != BadTree || p.Position != 130 {
			h.t.Error(p)
		}
	})
}

func TestTailIsProtected(t *testing.T) {
	both(t, tampering, func(h *house) {
		h.ready()
		rows := h.numbers(`SELECT tick FROM audit_tail ORDER BY tick`)
		for i, tick := range rows {
			h.must(fmt.Sprintf(`DELETE FROM audit_tail WHERE tick = %d`, tick))
			p := h.found(fmt.Sprintf("entry %d of the tail deleted", i))
			if p.Kind != Missing {
				h.t.Errorf("entry %d of the tail deleted: %v", i, p)
			}
			h.restoreTable("audit_tail")
		}
		copied := strings.Replace(strings.Replace(columns, "tick, id,", "tick + 1, id || 'x',", 1), "actor,", "'somebody',", 1)
		h.must(fmt.Sprintf(`INSERT INTO audit_tail (`+columns+`) SELECT `+copied+` FROM copy_audit_tail WHERE tick = %d`, rows[2]))
		if p := h.found("forged entry in the tail"); p.Kind != Inserted && p.Kind != Changed {
			h.t.Error(p)
		}
		h.restore()

		// The sequencer does not put a changed entry into the tree, nor what follows it
		// in its lane; and it says so.
		h.must(fmt.Sprintf(`UPDATE audit_tail SET action = 'test.other' WHERE tick = %d`, rows[1]))
		err := h.Flush(context.Background())
		if err == nil || h.Health() == nil || !strings.Contains(err.Error(), "tampered") {
			h.t.Errorf("sequenced: %v", err)
		}
		if p := h.found("changed, then sequenced"); p.Kind != Changed || p.Position != -1 {
			h.t.Error(p)
		}
		if left := h.numbers(`SELECT tick FROM audit_tail ORDER BY tick`); len(left) != len(rows)-1 || left[0] != rows[1] {
			h.t.Errorf("%d of %d left in the tail", len(left), len(rows))
		}
	})
}

// The running process notices that its last entries are gone; for one that comes
// after it, they are not there.
func TestLastOfTheTail(t *testing.T) {
	both(t, tampering, func(h *house) {
		h.act(10)
		h.must(`DELETE FROM audit_tail WHERE tick = (SELECT MAX(tick) FROM audit_tail)`)
		if p := h.found("last entry deleted"); p.Kind != Missing {
			h.t.Error(p)
		}
		if err := h.Flush(context.Background()); err == nil || !strings.Contains(err.Error(), "gone") {
			h.t.Errorf("the sequencer: %v", err)
		}
	})
}

// A database put back to an earlier state is whole by itself; the checkpoint kept
// outside tells.
func TestWitness(t *testing.T) {
	path := t.TempDir() + "/" + WitnessName
	o := tampering
	o.Witness = WitnessFile(path)
	both(t, o, func(h *house) {
		h.ready()
		early, err := ReadWitness(path)
		if err != nil || early == "" {
			h.t.Fatal(early, err)
		}
		h.act(20)
		h.flush()
		late, err := ReadWitness(path)
		if err != nil || late == early {
			h.t.Fatal(late, err)
		}
		for _, note := range []string{"", early, late} {
			if r := h.prove(note); !r.Whole() {
				h.t.Error(r.Problem)
			}
		}
		h.restore()
		h = h.restarted()
		if r := h.prove(early); !r.Whole() {
			h.t.Error(r.Problem)
		}
		if r := h.prove(late); r.Whole() || r.Problem.Kind != Missing {
			h.t.Errorf("put back to an earlier state: %v", r.Problem)
		}
		if r := h.prove(strings.Replace(late, "checkpoint", "checkpaint", 1)); r.Whole() || r.Problem.Kind != BadCheckpoint {
			h.t.Errorf("a forged note: %v", r.Problem)
		}
	})
	if note, err := ReadWitness(t.TempDir() + "/none"); note != "" || err != nil {
		t.Errorf("%q, %v", note, err)
	}
}

// The keys of another department prove nothing.
func TestOtherKeys(t *testing.T) {
	both(t, tampering, func(h *house) {
		h.act(20)
		h.flush()
		other := open(h.t, func(...gatetest.Option) *gate.Gate { return h.gate }, tampering)
		if r := other.prove(""); r.Whole() {
			h.t.Error("whole under other keys")
		}
	})
}
