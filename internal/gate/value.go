package gate

import (
	"context"
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Micros is how a time stands in the database: microseconds since 1970, 0 for the
// zero time.
func Micros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

// Moment is the time that Micros wrote, in UTC.
func Moment(micros int64) time.Time {
	if micros == 0 {
		return time.Time{}
	}
	return time.UnixMicro(micros).UTC()
}

// Flag is how yes or no stands in the database: 1 or 0.
func Flag(yes bool) int64 {
	if yes {
		return 1
	}
	return 0
}

// ClearText brings a word of a record to what a clear column takes: valid UTF-8
// without control characters, of at most limit bytes.
func ClearText(s string, limit int) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
	for len(s) > limit {
		_, size := utf8.DecodeLastRuneInString(s)
		s = s[:len(s)-size]
	}
	return s
}

// Row is one row of a result.
type Row interface {
	Scan(to ...any) error
}

// Collect runs a query and has read fill one value from each of its rows. The
// result set is closed when it returns; nil where there are no rows.
func Collect[T any](ctx context.Context, tx *Tx, read func(Row, *T) error, query string, args ...any) ([]T, error) {
	rows, err := tx.Query(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close() //nolint:errcheck // rows.Err is looked at below
	var all []T
	for rows.Next() {
		var one T
		if err := read(rows, &one); err != nil {
			return nil, err
		}
		all = append(all, one)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("read rows: %w", err)
	}
	return all, nil
}

// Column reads the rows of a query of one column; it is a read of Collect.
func Column[T any](r Row, to *T) error { return r.Scan(to) }
