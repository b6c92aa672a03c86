package words

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"

	"chartroom/internal/gate"
)

// read is a document of the queue with the tokens of its words.
type read struct {
	dueDocument

	tokens []int64
	gone   bool // withdrawn: it has no place in the index
}

// indexSome indexes the next documents of the queue as one segment and says how
// many the queue held. Their texts are opened and taken apart in a read, so that
// the change that writes the segment holds up nobody for longer than its rows.
func (s *Service) indexSome(ctx context.Context) (int, error) {
	var batch []read
	err := s.gate.Read(ctx, indexer(), ActionIndex, gate.Department(), func(tx *gate.Tx) error {
		due, err := readDue(ctx, tx)
		if err != nil {
			return err
		}
		batch = nil
		for _, d := range due {
			r, err := s.readDocument(ctx, tx, d)
			if err != nil {
				return err
			}
			batch = append(batch, r)
		}
		tx.Detail("documents", strconv.Itoa(len(batch)))
		return nil
	})
	if err != nil || len(batch) == 0 {
		return 0, err
	}
	err = s.gate.Change(ctx, indexer(), ActionIndex, gate.Department(), func(tx *gate.Tx) error {
		tx.Detail("documents", strconv.Itoa(len(batch)))
		return writeSegment(ctx, tx, batch)
	})
	return len(batch), err
}

func (s *Service) readDocument(ctx context.Context, tx *gate.Tx, d dueDocument) (read, error) {
	doc, err := s.chart.DocumentTx(ctx, tx, d.id, d.version)
	if err != nil {
		return read{}, fmt.Errorf("document %s: %w", d.id, err)
	}
	r := read{dueDocument: d, gone: doc.Withdrawn}
	if r.gone {
		return r, nil
	}
	all := stems(doc.Title + "\n" + doc.Text)
	list := make([]string, 0, len(all))
	for w := range all {
		list = append(list, w)
	}
	r.tokens = s.tokens(list)
	return r, nil
}

// writeSegment gives the documents their numbers and writes the rows of their
// words. A document that another process has indexed meanwhile, or that has a
// newer version by now, is left out.
func writeSegment(ctx context.Context, tx *gate.Tx, batch []read) error {
	segments, err := readSegments(ctx, tx)
	if err != nil {
		return err
	}
	id, number := int64(0), int64(0)
	for _, seg := range segments {
		id, number = max(id, seg.id), max(number, seg.through)
	}
	id++
	by := map[int64][]int64{}
	for _, r := range batch {
		done, err := tx.Exec(ctx, sqlDone, r.id, r.version)
		if err != nil {
			return fmt.Errorf("leave the queue: %w", err)
		}
		if n, err := done.RowsAffected(); err != nil || n == 0 {
			continue
		}
		if _, err := tx.Later(ctx, sqlDropNumber, r.id); err != nil {
			return fmt.Errorf("number documents: %w", err)
		}
		if r.gone {
			continue
		}
		number++
		if _, err := tx.Later(ctx, sqlPutNumber, number, r.id, r.version, r.record); err != nil {
			return fmt.Errorf("number documents: %w", err)
		}
		for _, token := range r.tokens {
			if list := by[token]; len(list) == 0 || list[len(list)-1] != number {
				by[token] = append(list, number)
			}
		}
	}
	if _, err := tx.Later(ctx, sqlPutSegment, id, 0, number, 0, 0); err != nil {
		return fmt.Errorf("write segment: %w", err)
	}
	return putPostings(ctx, tx, id, sorted(by))
}

// sorted packs the lists in the order of their tokens, in which the store writes
// them fastest.
func sorted(by map[int64][]int64) []posting {
	rows := make([]posting, 0, len(by))
	for token, numbers := range by {
		rows = append(rows, posting{token, packPostings(numbers)})
	}
	slices.SortFunc(rows, func(a, b posting) int {
		if a.token < b.token {
			return -1
		}
		return 1
	})
	return rows
}

// fanIn is how many segments of one level become one of the next.
const fanIn = 8

// sliceRows bounds how many rows of one segment a step of a merge takes, so that
// other changes wait little.
const sliceRows = 1500

// mergeDue merges segments until no level has fanIn of them. A merge that was cut
// short goes on where it was.
func (s *Service) mergeDue(ctx context.Context) error {
	for {
		more := false
		err := s.gate.Change(ctx, indexer(), ActionIndex, gate.Department(), func(tx *gate.Tx) error {
			segments, err := readSegments(ctx, tx)
			if err != nil {
				return err
			}
			more, err = mergeStep(ctx, tx, segments)
			return err
		})
		if err != nil || !more {
			return err
		}
	}
}

// mergeStep does one step of a merge and says whether there is more to do.
func mergeStep(ctx context.Context, tx *gate.Tx, segments []segment) (bool, error) {
	for _, target := range segments {
		if target.making {
			return true, mergeSlice(ctx, tx, target, segments)
		}
	}
	levels := map[int64][]segment{}
	for _, seg := range segments {
		levels[seg.level] = append(levels[seg.level], seg)
	}
	for level, all := range levels {
		if len(all) >= fanIn {
			return true, beginMerge(ctx, tx, level, all[:fanIn], segments[len(segments)-1].id+1)
		}
	}
	return false, nil
}

func beginMerge(ctx context.Context, tx *gate.Tx, level int64, from []segment, target int64) error {
	through := int64(0)
	for _, seg := range from {
		through = max(through, seg.through)
		if _, err := tx.Exec(ctx, sqlSetTarget, target, seg.id); err != nil {
			return fmt.Errorf("begin merge: %w", err)
		}
	}
	if _, err := tx.Exec(ctx, sqlPutSegment, target, level+1, through, int64(math.MinInt64), 1); err != nil {
		return fmt.Errorf("begin merge: %w", err)
	}
	return nil
}

// mergeSlice moves the rows of the next tokens into the target. A search sees
// each row once at any time, for it goes by token alone.
func mergeSlice(ctx context.Context, tx *gate.Tx, target segment, segments []segment) error {
	upTo := int64(math.MaxInt64)
	var rows [][]posting
	var from []int64
	for _, seg := range segments {
		if seg.target != target.id {
			continue
		}
		slice, err := readSlice(ctx, tx, seg.id, target.mark, sliceRows)
		if err != nil {
			return err
		}
		if len(slice) == sliceRows {
			upTo = min(upTo, slice[len(slice)-1].token)
		}
		rows, from = append(rows, slice), append(from, seg.id)
	}
	by := map[int64][]int64{}
	for _, slice := range rows {
		for _, p := range slice {
			if p.token > upTo {
				break
			}
			numbers, err := unpackPostings(by[p.token], p.postings)
			if err != nil {
				return err
			}
			by[p.token] = numbers
		}
	}
	for _, numbers := range by {
		slices.Sort(numbers)
	}
	for _, id := range from {
		if _, err := tx.Later(ctx, sqlPostingsRemove, id, target.mark, upTo); err != nil {
			return fmt.Errorf("merge: %w", err)
		}
	}
	if err := putPostings(ctx, tx, target.id, sorted(by)); err != nil {
		return err
	}
	if upTo < math.MaxInt64 {
		return moveMark(ctx, tx, target, upTo+1)
	}
	if _, err := tx.Exec(ctx, sqlDropMerged, target.id); err != nil {
		return fmt.Errorf("end merge: %w", err)
	}
	if _, err := tx.Exec(ctx, sqlMade, target.id); err != nil {
		return fmt.Errorf("end merge: %w", err)
	}
	return nil
}

// errMerging ends the step of a merge that another process is doing.
var errMerging = errors.New("another process is merging these segments")

// moveMark says how far a merge is. Another process that merges the same slice
// fails here or on its rows, and finds it done the next time.
func moveMark(ctx context.Context, tx *gate.Tx, target segment, mark int64) error {
	moved, err := tx.Exec(ctx, sqlMoveMark, mark, target.id, target.mark)
	if err != nil {
		return fmt.Errorf("merge: %w", err)
	}
	if n, err := moved.RowsAffected(); err != nil || n != 1 {
		return errMerging
	}
	return nil
}
