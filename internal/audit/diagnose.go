package audit

import (
	"bytes"
	"database/sql"
	"errors"
	"fmt"
	"math"
	"slices"

	"golang.org/x/mod/sumdb/tlog"
)

// diagnose says why the entry at its position is not the one the tree was made
// of. It looks through the whole log, which happens once.
func (v *verification) diagnose(r *row, hash tlog.Hash) error {
	want, err := v.storedLeaf(r.position)
	if err != nil {
		return err
	}
	p := &Problem{Position: r.position, Entry: r.id}
	belongs := v.leafIn(hash, r.position)
	holder, err := v.rowWith(want, r.position)
	if err != nil {
		return err
	}
	switch {
	case belongs >= 0 && holder >= 0:
		p.Kind = Reordered
		p.What = fmt.Sprintf("this entry belongs at position %d; the one that belongs here is at %d", belongs, holder)
	case belongs >= 0:
		p.Kind, p.Entry = Missing, ""
		p.What = fmt.Sprintf("the entry that is there now, %s, belongs at position %d", r.id, belongs)
	case v.follows(r, r.leaf(nil)):
		p.Kind = BadTree
		p.What = "the entry is as it was written, but the stored hash of it was changed"
	case holder >= 0:
		p.Kind = Inserted
		p.What = fmt.Sprintf("the entry that belongs here is at position %d", holder)
	default:
		p.Kind = Changed
		p.What = "the entry is not as it was written"
	}
	return p
}

// storedLeaf reads the stored hash of a leaf.
func (v *verification) storedLeaf(position int64) (tlog.Hash, error) {
	hashes, err := newTree(v.ctx, v.tx).ReadHashes([]int64{tlog.StoredHashIndex(0, position)})
	if err != nil {
		return tlog.Hash{}, err
	}
	return hashes[0], nil
}

// leafIn looks for a leaf of the stored tree from a position on; -1 where there is
// none.
func (v *verification) leafIn(hash tlog.Hash, from int64) int64 {
	t := newTree(v.ctx, v.tx)
	for n := from; n < v.head.size; n++ {
		index := tlog.StoredHashIndex(0, n)
		hashes, err := t.ReadHashes([]int64{index})
		if err != nil {
			return -1 // the stored tree ends early: it is not in it
		}
		if hashes[0] == hash {
			return n
		}
		if index%chunkHashes == 0 {
			clear(t.chunks) // one chunk is enough to hold
		}
	}
	return -1
}

// rowWith looks for the entry with a leaf hash from a position on; -1 where there
// is none.
func (v *verification) rowWith(hash tlog.Hash, from int64) (int64, error) {
	for {
		rows, err := readRows(v.ctx, v.tx, true, sqlReadEntries, from, verifyPage)
		if err != nil {
			return -1, err
		}
		for i := range rows {
			var h tlog.Hash
			if h, v.buf = rows[i].leafHash(v.buf); h == hash {
				return rows[i].position, nil
			}
		}
		if len(rows) < verifyPage {
			return -1, nil
		}
		from = rows[len(rows)-1].position + 1
	}
}

// compareLanes compares the ends of the lanes with those of the entries.
func (v *verification) compareLanes() error {
	seen := 0
	err := scanAll(v.ctx, v.tx, func(rows *sql.Rows) error {
		var key laneKey
		var counter int64
		var mac []byte
		if err := rows.Scan(&key.writer, &key.lane, &counter, &mac); err != nil {
			return err //nolint:wrapcheck // scanAll wraps it
		}
		seen++
		end := v.lanes[key]
		if end == nil || end.counter != counter || !bytes.Equal(end.mac, mac) {
			return &Problem{Kind: BadLane, Position: -1, What: fmt.Sprintf("the row of lane %d of writer %s does not fit the entries", key.lane, key.writer)}
		}
		return nil
	}, sqlReadLanes)
	if err != nil {
		return err
	}
	if seen != len(v.lanes) {
		return &Problem{Kind: BadLane, Position: -1, What: fmt.Sprintf("%d rows of lanes are missing", len(v.lanes)-seen)}
	}
	return nil
}

// compareAbout compares the index of subjects with the entries.
func (v *verification) compareAbout() error {
	var have multiset
	subject, position := "", int64(math.MinInt64)
	for {
		read := 0
		err := scanAll(v.ctx, v.tx, func(rows *sql.Rows) error {
			if err := rows.Scan(&subject, &position); err != nil {
				return err //nolint:wrapcheck // scanAll wraps it
			}
			read++
			have.add(subject, position)
			return nil
		}, sqlReadAbout, subject, position, verifyPage)
		if err != nil {
			return err
		}
		if read < verifyPage {
			break
		}
	}
	if have.sum == v.about.sum && have.count == v.about.count {
		return nil
	}
	return v.firstBadIndex()
}

const sqlAboutHas = `SELECT 1 FROM audit_about WHERE subject = $1 AND position = $2`

// firstBadIndex names the first entry that is not found by its subjects.
func (v *verification) firstBadIndex() error {
	from := int64(0)
	for {
		rows, err := readRows(v.ctx, v.tx, true, sqlReadEntries, from, verifyPage)
		if err != nil {
			return err
		}
		for i := range rows {
			for _, id := range rows[i].about() {
				var one int64
				err := v.tx.QueryRow(v.ctx, sqlAboutHas, id, rows[i].position).Scan(&one)
				if errors.Is(err, sql.ErrNoRows) {
					return &Problem{Kind: BadIndex, Position: rows[i].position, Entry: rows[i].id, What: "the entry is not found by its subject " + id}
				}
				if err != nil {
					return fmt.Errorf("audit: read the index of subjects: %w", err)
				}
			}
		}
		if len(rows) < verifyPage {
			return &Problem{Kind: BadIndex, Position: -1, What: "subjects are said to have entries that are not about them"}
		}
		from = rows[len(rows)-1].position + 1
	}
}

// tail proves the entries that wait for their place.
func (v *verification) tail() error {
	tail, err := v.readTail()
	if err != nil {
		return err
	}
	for i := range tail {
		r := &tail[i]
		v.buf = r.leaf(v.buf[:0])
		end := v.lanes[laneKey{r.writer, r.lane}]
		if v.follows(r, v.buf) {
			v.report.Tail++
			continue
		}
		p := &Problem{Kind: Changed, Position: -1, Entry: r.id, What: "its keyed hash does not fit"}
		switch {
		case end == nil && r.counter > 1, end != nil && r.counter > end.counter+1:
			p.Kind = Missing
			p.What = fmt.Sprintf("the entry before it in lane %d is gone", r.lane)
		case end != nil && r.counter <= end.counter:
			p.Kind = Inserted
			p.What = fmt.Sprintf("lane %d has its entry %d already", r.lane, r.counter)
		case v.replaced(tail, i):
			p.Kind = Inserted
			p.What = fmt.Sprintf("another entry is the true number %d of lane %d", r.counter, r.lane)
		}
		return p
	}
	for lane, counter := range v.known {
		if end := v.lanes[laneKey{v.log.recorder.writer, lane}]; counter > 0 && (end == nil || end.counter < counter) {
			return &Problem{Kind: Missing, Position: -1, What: fmt.Sprintf("this process wrote %d entries in lane %d, and the last are gone", counter, lane)}
		}
	}
	return nil
}

func (v *verification) readTail() ([]row, error) {
	var all []row
	key := tailKey{tick: math.MinInt64}
	for {
		rows, err := readRows(v.ctx, v.tx, false, sqlReadTail, key.tick, key.id, verifyPage)
		if err != nil {
			return nil, err
		}
		all = append(all, rows...)
		if len(rows) < verifyPage {
			return all, nil
		}
		key = tailKey{rows[len(rows)-1].tick, rows[len(rows)-1].id}
	}
}

// replaced says whether another entry of the tail is the true one of the same
// number.
func (v *verification) replaced(tail []row, i int) bool {
	r := &tail[i]
	return slices.ContainsFunc(tail[i+1:], func(o row) bool {
		if o.writer != r.writer || o.lane != r.lane || o.counter != r.counter {
			return false
		}
		var before []byte
		if end := v.lanes[laneKey{r.writer, r.lane}]; end != nil {
			before = end.mac
		}
		return bytes.Equal(v.log.recorder.macs.of(before, o.leaf(nil)), o.mac)
	})
}
