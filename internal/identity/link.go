package identity

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"

	"chartroom/internal/gate"
	"chartroom/internal/seal"
)

const (
	sqlPersonNow   = `SELECT person FROM record_person WHERE record = $1 AND until = 0`
	sqlRecordsNow  = `SELECT record FROM record_person WHERE person = $1 AND until = 0 ORDER BY record`
	sqlBirthPerson = `SELECT person FROM record_person WHERE record = $1 AND number = 1`
	sqlIntervals   = `SELECT record, number, person, since, until, actor, entry, link FROM record_person WHERE record = $1 ORDER BY number`
	sqlClose       = `UPDATE record_person SET until = $1 WHERE record = $2 AND until = 0`
	sqlLastNumber  = `SELECT MAX(number) FROM record_person WHERE record = $1`
	sqlOpen        = `INSERT INTO record_person (record, number, person, since, until, actor, entry, link) VALUES ($1, $2, $3, $4, 0, $5, $6, $7)`
	sqlInsertLink  = `INSERT INTO record_link (id, survivor, subsumed, made_at, made_by, made_entry, message, cause, reason, undone_at, undone_by, undone_entry)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0, '', '')`
	sqlUndo    = `UPDATE record_link SET undone_at = $1, undone_by = $2, undone_entry = $3, undone_reason = $4 WHERE id = $5 AND undone_at = 0`
	sqlLinks   = `SELECT id, survivor, subsumed, made_at, made_by, made_entry, message, cause, reason, undone_at, undone_by, undone_entry, undone_reason FROM record_link`
	sqlLinkOne = sqlLinks + ` WHERE id = $1`
	sqlLinksOf = sqlLinks + ` WHERE survivor = $1 OR subsumed = $2 ORDER BY made_at, id`
)

// PersonOf says whose record it is, and which other records are theirs.
func (s *Service) PersonOf(ctx context.Context, tx *gate.Tx, record string) (person string, records []string, err error) {
	err = tx.QueryRow(ctx, sqlPersonNow, record).Scan(&person)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil, ErrNotFound
	}
	if err != nil {
		return "", nil, fmt.Errorf("person of record: %w", err)
	}
	records, err = texts(ctx, tx, sqlRecordsNow, person)
	return person, records, err
}

// SamePerson reports whether two records are of one person now.
func (s *Service) SamePerson(ctx context.Context, tx *gate.Tx, a, b string) (bool, error) {
	if a == b {
		return true, nil
	}
	pa, _, err := s.PersonOf(ctx, tx, a)
	if err != nil {
		return false, err
	}
	pb, _, err := s.PersonOf(ctx, tx, b)
	return pa == pb, err
}

// Link states that subsumed is of the same person as survivor. Errors:
// ErrNotFound, ErrSelf, ErrLinked, ErrReason.
func (s *Service) Link(ctx context.Context, actor gate.Actor, survivor, subsumed, reason string) (Link, error) {
	if strings.TrimSpace(reason) == "" {
		return Link{}, ErrReason
	}
	var made Link
	err := s.gate.Change(ctx, actor, ActionLink, gate.Record(survivor), func(tx *gate.Tx) (err error) {
		made, err = s.LinkTx(ctx, tx, Link{Survivor: survivor, Subsumed: subsumed, Cause: "person", Reason: reason})
		return err
	})
	if err != nil {
		return Link{}, fmt.Errorf("link records: %w", err)
	}
	return made, nil
}

// LinkTx is Link inside another action, as for a merge that a message asks for.
func (s *Service) LinkTx(ctx context.Context, tx *gate.Tx, l Link) (Link, error) {
	if l.Survivor == l.Subsumed {
		return Link{}, ErrSelf
	}
	for _, r := range []string{l.Survivor, l.Subsumed} {
		if err := tx.About(ctx, gate.Record(r)); err != nil {
			return Link{}, err
		}
	}
	same, err := s.SamePerson(ctx, tx, l.Survivor, l.Subsumed)
	if err != nil {
		return Link{}, err
	}
	if same {
		return Link{}, ErrLinked
	}
	l.ID = gate.NewID()
	l.MadeAt, l.MadeBy, l.MadeEntry = tx.Now(), tx.Actor().ID, tx.EntryID()
	key, err := s.ring.Key(ctx, tx, l.Subsumed)
	if err != nil {
		return Link{}, fmt.Errorf("key of the record: %w", err)
	}
	_, err = tx.Exec(ctx, sqlInsertLink, l.ID, l.Survivor, l.Subsumed, l.MadeAt.UnixMicro(), l.MadeBy, l.MadeEntry,
		l.Message, l.Cause, key.Seal([]byte(l.Reason), seal.Place("record_link", "reason", l.ID, 1)))
	if err != nil {
		return Link{}, fmt.Errorf("link: %w", err)
	}
	if err := s.remap(ctx, tx, l.Survivor, l.ID); err != nil {
		return Link{}, err
	}
	return l, s.tell(ctx, tx, l)
}

// Unlink undoes one link. What was linked to either side stays with that side;
// records that arrived since stay where they are. Errors: ErrNotFound,
// ErrUndone, ErrReason.
func (s *Service) Unlink(ctx context.Context, actor gate.Actor, link, reason string) (Link, error) {
	if strings.TrimSpace(reason) == "" {
		return Link{}, ErrReason
	}
	var undone Link
	err := s.gate.Change(ctx, actor, ActionUnlink, gate.Subject{Kind: "link", ID: link}, func(tx *gate.Tx) (err error) {
		undone, err = s.UnlinkTx(ctx, tx, link, reason)
		return err
	})
	if err != nil {
		return Link{}, fmt.Errorf("unlink records: %w", err)
	}
	return undone, nil
}

// UnlinkTx is Unlink inside another action.
func (s *Service) UnlinkTx(ctx context.Context, tx *gate.Tx, link, reason string) (Link, error) {
	found, err := s.readLinks(ctx, tx, sqlLinkOne, link)
	if err != nil {
		return Link{}, err
	}
	if len(found) == 0 {
		return Link{}, ErrNotFound
	}
	l := found[0]
	for _, r := range []string{l.Survivor, l.Subsumed} {
		if err := tx.About(ctx, gate.Record(r)); err != nil {
			return Link{}, err
		}
	}
	if l.Undone {
		return Link{}, ErrUndone
	}
	key, err := s.ring.Key(ctx, tx, l.Subsumed)
	if err != nil {
		return Link{}, fmt.Errorf("key of the record: %w", err)
	}
	sealed := key.Seal([]byte(reason), seal.Place("record_link", "undone_reason", l.ID, 1))
	_, err = tx.Exec(ctx, sqlUndo, tx.Now().UnixMicro(), tx.Actor().ID, tx.EntryID(), sealed, l.ID)
	if err != nil {
		return Link{}, fmt.Errorf("unlink: %w", err)
	}
	l.Undone, l.UndoneAt, l.UndoneBy, l.UndoneEntry, l.UndoneReason = true, tx.Now(), tx.Actor().ID, tx.EntryID(), reason
	// Both sides: after the undoing neither can be reached from the other.
	if err := s.remap(ctx, tx, l.Survivor, l.ID); err != nil {
		return Link{}, err
	}
	if err := s.remap(ctx, tx, l.Subsumed, l.ID); err != nil {
		return Link{}, err
	}
	return l, s.tell(ctx, tx, l)
}

// remap works out the persons of all records that standing links join to start,
// and opens a new interval for each whose person changed.
//
// Links are replayed in the order they were made: each gives the records of the
// subsumed side the person of the survivor's side. So the map depends only on
// the links that stand, and undoing one gives exactly what would be had it never
// been made.
func (s *Service) remap(ctx context.Context, tx *gate.Tx, start, cause string) error {
	records, links, err := s.joined(ctx, tx, start)
	if err != nil {
		return err
	}
	persons := map[string]string{}
	for _, r := range records {
		var p string
		if err := tx.QueryRow(ctx, sqlBirthPerson, r).Scan(&p); err != nil {
			return fmt.Errorf("first person of record: %w", err)
		}
		persons[r] = p
	}
	for _, l := range links {
		from, to := persons[l.Subsumed], persons[l.Survivor]
		for r, p := range persons {
			if p == from {
				persons[r] = to
			}
		}
	}
	for _, r := range records {
		if err := s.move(ctx, tx, r, persons[r], cause); err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) move(ctx context.Context, tx *gate.Tx, record, person, link string) error {
	now, _, err := s.PersonOf(ctx, tx, record)
	if err != nil || now == person {
		return err
	}
	var last int
	if err := tx.QueryRow(ctx, sqlLastNumber, record).Scan(&last); err != nil {
		return fmt.Errorf("map: %w", err)
	}
	if _, err := tx.Exec(ctx, sqlClose, tx.Now().UnixMicro(), record); err != nil {
		return fmt.Errorf("map: %w", err)
	}
	return open(ctx, tx, Interval{Record: record, Number: last + 1, Person: person, Link: link})
}

func open(ctx context.Context, tx *gate.Tx, v Interval) error {
	_, err := tx.Later(ctx, sqlOpen, v.Record, v.Number, v.Person, tx.Now().UnixMicro(), tx.Actor().ID, tx.EntryID(), v.Link)
	if err != nil {
		return fmt.Errorf("map: %w", err)
	}
	return nil
}

// joined returns the records that standing links join to start, sorted, and
// these links in the order they were made.
func (s *Service) joined(ctx context.Context, tx *gate.Tx, start string) ([]string, []Link, error) {
	seen := map[string]bool{start: true}
	records := []string{start}
	links := map[string]Link{}
	for i := 0; i < len(records); i++ {
		found, err := s.readLinks(ctx, tx, sqlLinksOf, records[i], records[i])
		if err != nil {
			return nil, nil, err
		}
		for _, l := range found {
			if l.Undone {
				continue
			}
			links[l.ID] = l
			for _, r := range []string{l.Survivor, l.Subsumed} {
				if !seen[r] {
					seen[r] = true
					records = append(records, r)
				}
			}
		}
	}
	ordered := make([]Link, 0, len(links))
	for _, l := range links {
		ordered = append(ordered, l)
	}
	slices.SortFunc(ordered, func(a, b Link) int {
		if c := a.MadeAt.Compare(b.MadeAt); c != 0 {
			return c
		}
		return strings.Compare(a.ID, b.ID)
	})
	slices.Sort(records)
	return records, ordered, nil
}

// LinksTx reads all links that touch one of the records, newest first.
func (s *Service) LinksTx(ctx context.Context, tx *gate.Tx, records []string) ([]Link, error) {
	seen := map[string]bool{}
	var all []Link
	for _, r := range records {
		found, err := s.readLinks(ctx, tx, sqlLinksOf, r, r)
		if err != nil {
			return nil, err
		}
		for _, l := range found {
			if !seen[l.ID] {
				seen[l.ID] = true
				all = append(all, l)
			}
		}
	}
	slices.SortFunc(all, func(a, b Link) int { return strings.Compare(b.ID, a.ID) })
	return all, nil
}

// History reads the map's versions and the links of one record.
func (s *Service) History(ctx context.Context, actor gate.Actor, record string) ([]Interval, []Link, error) {
	var intervals []Interval
	var links []Link
	err := s.gate.Read(ctx, actor, ActionRead, gate.Record(record), func(tx *gate.Tx) (err error) {
		if intervals, err = readIntervals(ctx, tx, record); err != nil {
			return err
		}
		if len(intervals) == 0 {
			return ErrNotFound
		}
		links, err = s.LinksTx(ctx, tx, []string{record})
		return err
	})
	if err != nil {
		return nil, nil, fmt.Errorf("history of the map: %w", err)
	}
	return intervals, links, nil
}

func readIntervals(ctx context.Context, tx *gate.Tx, record string) ([]Interval, error) {
	all, err := gate.Collect(ctx, tx, func(r gate.Row, v *Interval) error {
		var since, until int64
		if err := r.Scan(&v.Record, &v.Number, &v.Person, &since, &until, &v.Actor, &v.Entry, &v.Link); err != nil {
			return err
		}
		v.Since, v.Until = gate.Moment(since), gate.Moment(until)
		return nil
	}, sqlIntervals, record)
	if err != nil {
		return nil, fmt.Errorf("map: %w", err)
	}
	return all, nil
}

func (s *Service) readLinks(ctx context.Context, tx *gate.Tx, query string, args ...any) ([]Link, error) {
	links, sealed, err := scanLinks(ctx, tx, query, args...)
	if err != nil {
		return nil, err
	}
	for i := range links {
		l := &links[i]
		key, err := s.ring.Key(ctx, tx, l.Subsumed)
		if err != nil {
			return nil, fmt.Errorf("key of the record: %w", err)
		}
		reason, err := key.Open(sealed[i].made, seal.Place("record_link", "reason", l.ID, 1))
		if err != nil {
			return nil, fmt.Errorf("reason of link: %w", err)
		}
		l.Reason = string(reason)
		if !l.Undone {
			continue
		}
		reason, err = key.Open(sealed[i].undone, seal.Place("record_link", "undone_reason", l.ID, 1))
		if err != nil {
			return nil, fmt.Errorf("reason of link: %w", err)
		}
		l.UndoneReason = string(reason)
	}
	return links, nil
}

type sealedReasons struct{ made, undone []byte }

func scanLinks(ctx context.Context, tx *gate.Tx, query string, args ...any) ([]Link, []sealedReasons, error) {
	rows, err := tx.Query(ctx, query, args...)
	if err != nil {
		return nil, nil, fmt.Errorf("links: %w", err)
	}
	defer func() { _ = rows.Close() }()
	var links []Link
	var sealed []sealedReasons
	for rows.Next() {
		var l Link
		var made, undone int64
		var r sealedReasons
		err := rows.Scan(&l.ID, &l.Survivor, &l.Subsumed, &made, &l.MadeBy, &l.MadeEntry, &l.Message, &l.Cause, &r.made,
			&undone, &l.UndoneBy, &l.UndoneEntry, &r.undone)
		if err != nil {
			return nil, nil, fmt.Errorf("links: %w", err)
		}
		l.MadeAt, l.UndoneAt, l.Undone = gate.Moment(made), gate.Moment(undone), undone != 0
		links = append(links, l)
		sealed = append(sealed, r)
	}
	if err := rows.Err(); err != nil {
		return nil, nil, fmt.Errorf("links: %w", err)
	}
	return links, sealed, nil
}
