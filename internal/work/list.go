package work

import (
	"cmp"
	"context"
	"encoding/base64"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"chartroom/internal/gate"
)

// Show says which items of a queue a list shows.
type Show string

// What a list shows.
const (
	ToDo      Show = ""        // open and not put off
	ShowHeld  Show = "held"    // claimed or given to somebody
	PutAside  Show = "skipped" // put off
	Remaining Show = "open"    // all that are open
	Finished  Show = "done"    // settled, the newest first
)

func (s Show) known() bool {
	return slices.Contains([]Show{ToDo, ShowHeld, PutAside, Remaining, Finished}, s)
}

// The values of Filter.Who.
const (
	Anyone = ""
	Me     = "me"     // whoever asks
	Nobody = "nobody" // free to be taken
)

// Filter narrows a list of work. Zero fields do not narrow.
type Filter struct {
	Queue   Queue // "" all
	Show    Show
	Who     string // Anyone, Me, Nobody or an actor; of settled items: who settled them
	Kind    string
	Unit    string
	Reason  string
	Overdue bool
	From    time.Time // due in [From, To)
	To      time.Time
	Limit   int    // 1 to 500; 0 takes 50
	After   string // Page.Next of the page before
}

// Page is one page of a list, the most pressing first.
type Page struct {
	Items    []Item `json:"items"`
	Next     string `json:"next"`     // cursor, "" after the last
	Withheld int    `json:"withheld"` // rows that the policy does not show the reader
}

// Decorate adds to items what only a domain knows, in the read that listed them:
// the names of patients, the columns of a queue. The records of the items are
// subjects of the action already.
type Decorate func(ctx context.Context, tx *gate.Tx, items []Item) error

const (
	defaultLimit = 50
	maxLimit     = 500
)

// List reads a page of work. Rows of records that are closed to the actor are
// left out and counted. decorate may be nil.
func (s *Service) List(ctx context.Context, actor gate.Actor, f Filter, decorate Decorate) (Page, error) {
	subject := gate.Department()
	if f.Queue != "" {
		if _, ok := Define(f.Queue); !ok {
			return Page{}, fmt.Errorf("%w: there is no queue %q", ErrBadInput, f.Queue)
		}
		subject = f.Queue.Subject()
	}
	var page Page
	err := s.gate.Read(ctx, actor, ActionList, subject, func(tx *gate.Tx) (err error) {
		page, err = s.listTx(ctx, tx, f, decorate)
		return err
	})
	if err != nil {
		return Page{}, fmt.Errorf("list of work: %w", err)
	}
	return page, nil
}

// ListTx is List of one queue inside another domain's action, whose own policy
// decides who may see the queue; rows of records closed to the actor are left out.
func (s *Service) ListTx(ctx context.Context, tx *gate.Tx, f Filter) (Page, error) {
	if _, ok := Define(f.Queue); !ok {
		return Page{}, ErrBadInput
	}
	return s.listTx(ctx, tx, f, nil)
}

func (s *Service) listTx(ctx context.Context, tx *gate.Tx, f Filter, decorate Decorate) (Page, error) {
	b := &deeds{s: s, tx: tx, seen: map[Queue]bool{}}
	queues, err := b.queues(ctx, f.Queue)
	if err != nil {
		return Page{}, err
	}
	limit := f.Limit
	if limit <= 0 || limit > maxLimit {
		limit = defaultLimit
	}
	var found []row
	for _, q := range queues { // one index a queue, so that no list is sorted as a whole
		query, args, err := f.query(q, tx.Actor().ID, tx.Now().UnixMicro(), limit)
		if err != nil {
			return Page{}, err
		}
		rows, err := rowsOf(ctx, tx, query, args...)
		if err != nil {
			return Page{}, err
		}
		found = append(found, rows...)
	}
	slices.SortFunc(found, f.order)
	page := Page{Items: []Item{}}
	if len(found) > limit {
		found = found[:limit]
		page.Next = f.cursor(found[limit-1])
	}
	for _, r := range found {
		shown, err := b.allowed(ctx, r)
		if err != nil {
			return Page{}, err
		}
		if !shown {
			page.Withheld++
			continue
		}
		page.Items = append(page.Items, r.item(tx.Now()))
	}
	tx.Detail("rows", strconv.Itoa(len(page.Items)))
	if page.Withheld > 0 {
		tx.Detail("withheld", strconv.Itoa(page.Withheld))
	}
	if decorate != nil {
		if err := decorate(ctx, tx, page.Items); err != nil {
			return Page{}, err
		}
	}
	return page, nil
}

// queues are those that the actor may see, or the one asked for.
func (b *deeds) queues(ctx context.Context, only Queue) ([]Queue, error) {
	if only != "" {
		b.seen[only] = true // the action's own subject
		return []Queue{only}, nil
	}
	var seen []Queue
	for _, d := range Queues() {
		may, err := b.allowed(ctx, row{queue: string(d.Queue)})
		if err != nil {
			return nil, err
		}
		if may {
			seen = append(seen, d.Queue)
		}
	}
	return seen, nil
}

// order is the order of the list.
func (f Filter) order(a, b row) int {
	if f.Show == Finished {
		return cmp.Or(cmp.Compare(b.settledAt, a.settledAt), cmp.Compare(b.id, a.id))
	}
	return byUrgency(a, b)
}

// query builds the statement for one queue: one fixed frame, one condition a
// filter. It gives one row more than the limit, where there are more.
func (f Filter) query(q Queue, actor string, now int64, limit int) (query string, args []any, err error) {
	b := &statement{}
	b.text.WriteString(sqlListItems)
	few, err := f.state(b, q, actor, now)
	if err != nil {
		return "", nil, err
	}
	if few {
		// The rows are found by who has them; the index of the queue would lead
		// through all of it.
		b.add("queue || '' = ?", string(q))
	} else {
		b.add("queue = ?", string(q))
	}
	if f.Show == Finished && f.Who != Anyone {
		b.add("settled_by = ?", f.person(actor))
	}
	if f.Show != Finished && f.Who == Nobody {
		b.add("assignee = '' AND (holder = '' OR held_until <= ?)", now)
	}
	for _, c := range []struct{ column, value string }{{"kind", f.Kind}, {"unit", f.Unit}, {"reason", f.Reason}} {
		if c.value != "" {
			b.add(c.column+" = ?", c.value)
		}
	}
	if f.Overdue {
		b.add("due_at < ?", now)
	}
	if !f.From.IsZero() {
		b.add("due_at >= ?", gate.Micros(f.From))
	}
	if !f.To.IsZero() {
		b.add("due_at < ?", gate.Micros(f.To))
	}
	if err := f.after(b); err != nil {
		return "", nil, err
	}
	order := " ORDER BY priority, due_at, since_at, id LIMIT "
	if f.Show == Finished {
		order = " ORDER BY settled_at DESC, id DESC LIMIT "
	}
	b.args = append(b.args, limit+1)
	return b.text.String() + order + "$" + strconv.Itoa(len(b.args)), b.args, nil
}

// state says which items are shown, by where they stand and whose they are; few
// where they are found by that.
func (f Filter) state(b *statement, q Queue, actor string, now int64) (few bool, err error) {
	switch f.Show {
	case Finished:
		b.text.WriteString(" WHERE settled_at > 0")
		return false, nil
	case ToDo, ShowHeld, PutAside, Remaining:
	default:
		return false, fmt.Errorf("%w: what a list shows", ErrBadInput)
	}
	b.text.WriteString(" WHERE settled_at = 0")
	switch f.Show {
	case ToDo:
		b.add("skipped_until <= ?", now)
	case ShowHeld:
		few = true
		b.add("skipped_until <= ?", now)
		b.add("id IN (SELECT id FROM work_item WHERE settled_at = 0 AND holder <> '' AND holder > '' AND held_until > ?"+
			" UNION ALL SELECT id FROM work_item WHERE settled_at = 0 AND assignee <> '' AND assignee > '')", now)
	case PutAside:
		few = true
		b.add("id IN (SELECT id FROM work_item WHERE settled_at = 0 AND skipped_until > 0 AND queue = ? AND skipped_until > ?)", string(q), now)
	case Remaining, Finished:
	}
	if f.Who == Anyone || f.Who == Nobody {
		return few, nil
	}
	who := f.person(actor)
	b.add("id IN (SELECT id FROM work_item WHERE settled_at = 0 AND holder <> '' AND holder = ? AND held_until > ?"+
		" UNION ALL SELECT id FROM work_item WHERE settled_at = 0 AND assignee <> '' AND assignee = ? AND (holder = '' OR holder = ? OR held_until <= ?))",
		who, now, who, who, now)
	return true, nil
}

// person is the actor that the filter is about.
func (f Filter) person(actor string) string {
	if f.Who == Me {
		return actor
	}
	return f.Who
}

// statement is a statement while it is put together.
type statement struct {
	text strings.Builder
	args []any
}

func (b *statement) add(condition string, values ...any) {
	for _, v := range values {
		b.args = append(b.args, v)
		condition = strings.Replace(condition, "?", "$"+strconv.Itoa(len(b.args)), 1)
	}
	b.text.WriteString(" AND " + condition)
}

// cursor names the place after the last row shown.
func (f Filter) cursor(r row) string {
	parts := []string{strconv.Itoa(r.priority), strconv.FormatInt(r.due, 36), strconv.FormatInt(r.since, 36), r.id}
	if f.Show == Finished {
		parts = []string{"done", strconv.FormatInt(r.settledAt, 36), r.id}
	}
	return base64.RawURLEncoding.EncodeToString([]byte(strings.Join(parts, ".")))
}

// after has the list begin behind the place that the cursor names.
func (f Filter) after(b *statement) error {
	if f.After == "" {
		return nil
	}
	bad := fmt.Errorf("%w: cursor", ErrBadInput)
	raw, err := base64.RawURLEncoding.DecodeString(f.After)
	if err != nil || len(raw) > 120 {
		return bad
	}
	parts := strings.Split(string(raw), ".")
	if f.Show == Finished {
		if len(parts) != 3 || parts[0] != "done" {
			return bad
		}
		at, err := strconv.ParseInt(parts[1], 36, 64)
		if err != nil {
			return bad
		}
		b.add("(settled_at, id) < (?, ?)", at, parts[2])
		return nil
	}
	if len(parts) != 4 {
		return bad
	}
	priority, err1 := strconv.Atoi(parts[0])
	due, err2 := strconv.ParseInt(parts[1], 36, 64)
	since, err3 := strconv.ParseInt(parts[2], 36, 64)
	if err1 != nil || err2 != nil || err3 != nil {
		return bad
	}
	b.add("(priority, due_at, since_at, id) > (?, ?, ?, ?)", priority, due, since, parts[3])
	return nil
}

// Query writes a filter as the query of an address. It holds no patient data.
func (f Filter) Query() url.Values {
	q := url.Values{}
	set := func(name, value string) {
		if value != "" {
			q.Set(name, value)
		}
	}
	set("queue", string(f.Queue))
	set("show", string(f.Show))
	set("who", f.Who)
	set("kind", f.Kind)
	set("unit", f.Unit)
	set("reason", f.Reason)
	if f.Overdue {
		set("overdue", "1")
	}
	day := func(t time.Time) string {
		if t.IsZero() {
			return ""
		}
		return t.UTC().Format(time.RFC3339)
	}
	set("from", day(f.From))
	set("to", day(f.To))
	set("after", f.After)
	return q
}

// ReadFilter reads what Query wrote. What no list knows is refused where it is
// used.
func ReadFilter(q url.Values) Filter {
	f := Filter{
		Queue: Queue(q.Get("queue")), Show: Show(q.Get("show")), Who: q.Get("who"), Kind: q.Get("kind"), Unit: q.Get("unit"),
		Reason: q.Get("reason"), Overdue: q.Get("overdue") == "1", After: q.Get("after"),
	}
	f.From, _ = time.Parse(time.RFC3339, q.Get("from"))
	f.To, _ = time.Parse(time.RFC3339, q.Get("to"))
	return f
}
