package audit

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"time"

	"chartroom/internal/gate"
)

// Item is an entry of the log as people see it. Its actor has no Name: the log
// holds opaque identifiers.
type Item struct {
	gate.Entry
	Position int64 // number of the leaf, from 0; -1 while it waits for its place
}

// Filter chooses entries; empty fields choose all.
type Filter struct {
	Subject string // identifier of a subject, or of a record
	Actor   string
	Action  gate.Action
	Outcome gate.Outcome
	From    time.Time // first instant
	To      time.Time // first instant after
	Next    string    // where to go on: Page.Next of the page before
	Limit   int       // entries a page; default 50, at most 500
}

// Page is a part of the log, newest first.
type Page struct {
	Items []Item
	Next  string // "" at the end
}

const (
	sqlFilterRest = ` AND ($3 = '' OR e.actor = $3) AND ($4 = '' OR e.action = $4) AND ($5 = '' OR e.outcome = $5)
AND e.at >= $6 AND e.at < $7 ORDER BY `
	entryColumns = `e.position, e.tick, e.id, e.at, e.actor, e.actor_kind, e.roles, e.session, e.action, e.outcome, e.reason, ` +
		`e.subject_kind, e.subject, e.record, e.more, e.detail, e.writer, e.lane, e.counter, e.mac`

	// One query for each index that can lead. All take the same arguments.
	sqlEntriesAbout = `SELECT ` + entryColumns + ` FROM audit_about b JOIN audit_entry e ON e.position = b.position
WHERE b.subject = $1 AND b.position < $2` + sqlFilterRest + `b.position DESC LIMIT $8`
	sqlEntriesOf = `SELECT ` + entryColumns + ` FROM audit_entry e
WHERE e.actor = $3 AND $1 = '' AND e.position < $2` + sqlFilterRest + `e.position DESC LIMIT $8`
	sqlEntriesDoing = `SELECT ` + entryColumns + ` FROM audit_entry e
WHERE e.action = $4 AND $1 = '' AND e.position < $2` + sqlFilterRest + `e.position DESC LIMIT $8`
	sqlEntriesAll = `SELECT ` + entryColumns + ` FROM audit_entry e
WHERE $1 = '' AND e.position < $2` + sqlFilterRest + `e.position DESC LIMIT $8`
	sqlNewestTail = `SELECT ` + columns + ` FROM audit_tail ORDER BY tick DESC, id DESC LIMIT $1`
)

const maxTailShown = 10000

// Entries reads a page of the log, newest first. Those that wait for their place
// come first, on the first page.
func (l *Log) Entries(ctx context.Context, actor gate.Actor, f Filter) (Page, error) {
	limit := min(max(f.Limit, 0), 500)
	if limit == 0 {
		limit = 50
	}
	before := int64(math.MaxInt64)
	if f.Next != "" {
		n, err := strconv.ParseInt(f.Next, 10, 64)
		if err != nil || n < 0 {
			return Page{}, ErrNext
		}
		before = n
	}
	about := gate.Department()
	if f.Subject != "" {
		about = gate.Subject{Kind: "log", ID: f.Subject}
	}
	var page Page
	err := l.gate.Read(ctx, actor, ActionRead, about, func(tx *gate.Tx) (err error) {
		page = Page{}
		if f.Next == "" {
			if page.Items, err = f.fromTail(ctx, tx, limit); err != nil {
				return err
			}
		}
		return f.fromTree(ctx, tx, &page, before, limit-len(page.Items))
	})
	return page, err
}

// fromTail gives the newest entries of the tail that are chosen.
func (f *Filter) fromTail(ctx context.Context, tx *gate.Tx, limit int) ([]Item, error) {
	tail, err := readRows(ctx, tx, false, sqlNewestTail, maxTailShown)
	if err != nil {
		return nil, err
	}
	var items []Item
	for i := range tail {
		if f.takes(&tail[i]) && len(items) < limit {
			items = append(items, tail[i].item())
		}
	}
	return items, nil
}

// fromTree adds the newest entries of the tree before a position, and where the
// next page begins.
func (f *Filter) fromTree(ctx context.Context, tx *gate.Tx, page *Page, before int64, rest int) error {
	from, to := int64(math.MinInt64), int64(math.MaxInt64)
	if !f.From.IsZero() {
		from = f.From.UnixMicro()
	}
	if !f.To.IsZero() {
		to = f.To.UnixMicro()
	}
	rows, err := readRows(ctx, tx, true, f.query(), f.Subject, before, f.Actor, string(f.Action), string(f.Outcome), from, to, rest+1)
	if err != nil {
		return err
	}
	if len(rows) > rest {
		rows = rows[:rest]
		next := before
		if rest > 0 {
			next = rows[rest-1].position
		}
		page.Next = strconv.FormatInt(next, 10)
	}
	for i := range rows {
		page.Items = append(page.Items, rows[i].item())
	}
	return nil
}

// query chooses the index that leads.
func (f *Filter) query() string {
	switch {
	case f.Subject != "":
		return sqlEntriesAbout
	case f.Actor != "":
		return sqlEntriesOf
	case f.Action != "":
		return sqlEntriesDoing
	default:
		return sqlEntriesAll
	}
}

// takes says whether an entry of the tail is chosen.
func (f *Filter) takes(r *row) bool {
	return (f.Subject == "" || slices.Contains(r.about(), f.Subject)) &&
		(f.Actor == "" || f.Actor == r.actor) &&
		(f.Action == "" || string(f.Action) == r.action) &&
		(f.Outcome == "" || string(f.Outcome) == r.outcome) &&
		(f.From.IsZero() || r.at >= f.From.UnixMicro()) &&
		(f.To.IsZero() || r.at < f.To.UnixMicro())
}

// ErrNext says that Filter.Next is not what a Page gave.
var ErrNext = errors.New("audit: this is not the next page of a list of entries")

// ErrNoEntry says that the log has no such entry.
var ErrNoEntry = errors.New("audit: the log has no such entry")

// Find reads one entry in the transaction of another action, which answers for
// it: a trace shows the entries of a fact to whoever may see the fact.
func Find(ctx context.Context, tx *gate.Tx, id string) (Item, error) {
	r, err := find(ctx, tx, id)
	if err != nil {
		return Item{}, err
	}
	return r.item(), nil
}

func find(ctx context.Context, tx *gate.Tx, id string) (row, error) {
	rows, err := readRows(ctx, tx, true, sqlFindEntry, id)
	if err == nil && len(rows) == 0 {
		rows, err = readRows(ctx, tx, false, sqlFindInTail, id)
	}
	if err != nil {
		return row{}, err
	}
	if len(rows) == 0 {
		return row{}, fmt.Errorf("%w: %s", ErrNoEntry, id)
	}
	return rows[0], nil
}
