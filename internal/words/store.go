package words

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"chartroom/internal/gate"
)

const (
	sqlPutDue = `INSERT INTO word_due (document, version, record) VALUES ($1, $2, $3)
		ON CONFLICT (document) DO UPDATE SET version = excluded.version, record = excluded.record`
	sqlDue      = `SELECT document, version, record FROM word_due ORDER BY document LIMIT 200`
	sqlDueCount = `SELECT COUNT(*) FROM word_due`
	sqlDone     = `DELETE FROM word_due WHERE document = $1 AND version = $2`

	sqlDropNumber     = `DELETE FROM word_document WHERE document = $1`
	sqlPutNumber      = `INSERT INTO word_document (number, document, version, record) VALUES ($1, $2, $3, $4)`
	sqlNumbered       = `SELECT number, document, record FROM word_document WHERE number IN ($1) ORDER BY number DESC`
	sqlNumbersOf      = `SELECT number FROM word_document WHERE record = $1 ORDER BY number`
	sqlPostings       = `SELECT postings FROM word_posting WHERE token = $1`
	sqlPutPosting     = `INSERT INTO word_posting (token, segment, postings) VALUES ($1, $2, $3)`
	sqlSegments       = `SELECT segment, level, through, target, mark, making FROM word_segment ORDER BY segment`
	sqlPutSegment     = `INSERT INTO word_segment (segment, level, through, target, mark, making) VALUES ($1, $2, $3, 0, $4, $5)`
	sqlSetTarget      = `UPDATE word_segment SET target = $1 WHERE segment = $2 AND target = 0`
	sqlMoveMark       = `UPDATE word_segment SET mark = $1 WHERE segment = $2 AND mark = $3 AND making = 1`
	sqlMade           = `UPDATE word_segment SET making = 0 WHERE segment = $1`
	sqlDropMerged     = `DELETE FROM word_segment WHERE target = $1`
	sqlPostingsSlice  = `SELECT token, postings FROM word_posting WHERE segment = $1 AND token >= $2 ORDER BY token LIMIT $3`
	sqlPostingsRemove = `DELETE FROM word_posting WHERE segment = $1 AND token >= $2 AND token <= $3`
)

// dueDocument is a document of the queue.
type dueDocument struct {
	id, record string
	version    int
}

func readDue(ctx context.Context, tx *gate.Tx) ([]dueDocument, error) {
	due, err := gate.Collect(ctx, tx, func(r gate.Row, d *dueDocument) error { return r.Scan(&d.id, &d.version, &d.record) }, sqlDue)
	if err != nil {
		return nil, fmt.Errorf("read queue: %w", err)
	}
	return due, nil
}

// segment is a row of word_segment.
type segment struct {
	id, level, through, target, mark int64
	making                           bool
}

func readSegments(ctx context.Context, tx *gate.Tx) ([]segment, error) {
	all, err := gate.Collect(ctx, tx, func(r gate.Row, s *segment) error {
		var making int64
		if err := r.Scan(&s.id, &s.level, &s.through, &s.target, &s.mark, &making); err != nil {
			return err
		}
		s.making = making != 0
		return nil
	}, sqlSegments)
	if err != nil {
		return nil, fmt.Errorf("read segments: %w", err)
	}
	return all, nil
}

// posting is one row of the index.
type posting struct {
	token    int64
	postings []byte
}

// postingsAtOnce is how many rows one statement writes.
const postingsAtOnce = 64

// putMany is sqlPutPosting for postingsAtOnce rows.
var putMany = func() string {
	head, _, _ := strings.Cut(sqlPutPosting, "(token")
	var b strings.Builder
	b.WriteString(head + "(token, segment, postings) VALUES ")
	for i := range postingsAtOnce {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString("($" + strconv.Itoa(3*i+1) + ", $" + strconv.Itoa(3*i+2) + ", $" + strconv.Itoa(3*i+3) + ")")
	}
	return b.String()
}()

func putPostings(ctx context.Context, tx *gate.Tx, seg int64, all []posting) error {
	for len(all) >= postingsAtOnce {
		args := make([]any, 0, 3*postingsAtOnce)
		for _, p := range all[:postingsAtOnce] {
			args = append(args, p.token, seg, p.postings)
		}
		if _, err := tx.Later(ctx, putMany, args...); err != nil {
			return fmt.Errorf("write index: %w", err)
		}
		all = all[postingsAtOnce:]
	}
	for _, p := range all {
		if _, err := tx.Later(ctx, sqlPutPosting, p.token, seg, p.postings); err != nil {
			return fmt.Errorf("write index: %w", err)
		}
	}
	return nil
}

// postingsOf are the numbers of the documents that hold a word, rising.
func readPostings(ctx context.Context, tx *gate.Tx, token int64) ([][]byte, error) {
	all, err := gate.Collect(ctx, tx, gate.Column[[]byte], sqlPostings, token)
	if err != nil {
		return nil, fmt.Errorf("read index: %w", err)
	}
	return all, nil
}

func readSlice(ctx context.Context, tx *gate.Tx, seg, from int64, limit int) ([]posting, error) {
	all, err := gate.Collect(ctx, tx, func(r gate.Row, p *posting) error { return r.Scan(&p.token, &p.postings) }, sqlPostingsSlice, seg, from, limit)
	if err != nil {
		return nil, fmt.Errorf("read segment: %w", err)
	}
	return all, nil
}
