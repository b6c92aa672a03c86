package work

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	"chartroom/internal/audit"
	"chartroom/internal/gate"
)

// Today is what a person touched themselves on a day.
type Today struct {
	From, To time.Time
	Done     int // items that they settled
	Steps    []Step
	Records  []Touched // opened or changed, the last first
	More     bool      // there was more than is listed
}

// Step is one change of an item by the person.
type Step struct {
	Change
	Item Item // as it is now
}

// Touched is a record that the person opened or changed.
type Touched struct {
	Record    string
	Encounter string // the last of its encounters that was touched, "" for none
	Actions   []gate.Action
	Times     int
	Last      time.Time
}

// The most that Today lists.
const (
	maxSteps   = 200
	maxEntries = 2000
)

// Today reads what the actor touched on the day of at: the changes of items that
// they made, and the records in their own entries of the audit log. Records
// closed to them since are left out.
func (s *Service) Today(ctx context.Context, actor gate.Actor, at time.Time, decorate Decorate) (Today, error) {
	zone := s.calendar.zone()
	d := dayOf(at.In(zone))
	t := Today{From: begin(d, zone).UTC(), To: begin(d.plus(1), zone).UTC()}
	err := s.gate.Read(ctx, actor, ActionToday, gate.Department(), func(tx *gate.Tx) error {
		t.Steps, t.Records, t.Done, t.More = []Step{}, []Touched{}, 0, false
		if err := s.steps(ctx, tx, &t); err != nil {
			return err
		}
		if err := s.touched(ctx, tx, &t); err != nil {
			return err
		}
		if decorate == nil {
			return nil
		}
		items := make([]Item, 0, len(t.Steps)+len(t.Records))
		for _, step := range t.Steps {
			items = append(items, step.Item)
		}
		for _, r := range t.Records {
			items = append(items, Item{ID: r.Record + r.Encounter, Record: r.Record, Encounter: r.Encounter})
		}
		return decorate(ctx, tx, items)
	})
	if err != nil {
		return Today{}, fmt.Errorf("today: %w", err)
	}
	return t, nil
}

func (s *Service) steps(ctx context.Context, tx *gate.Tx, t *Today) error {
	events, err := eventsOf(ctx, tx, sqlMyEvents, tx.Actor().ID, t.From.UnixMicro(), t.To.UnixMicro())
	if err != nil {
		return err
	}
	b := &deeds{s: s, tx: tx, seen: map[Queue]bool{}}
	items := map[string]*row{}
	for _, e := range events {
		if Kind(e.kind) == Done {
			t.Done++
		}
		if Kind(e.kind) == Renewed {
			continue
		}
		if len(t.Steps) == maxSteps {
			t.More = true
			continue
		}
		r, seen := items[e.item]
		if !seen {
			if r, err = b.visible(ctx, e.item); err != nil {
				return err
			}
			items[e.item] = r
		}
		if r == nil {
			continue
		}
		t.Steps = append(t.Steps, Step{
			Change{e.version, Kind(e.kind), gate.Moment(e.at), e.actor, e.entry, e.reason}, r.item(tx.Now()),
		})
	}
	return nil
}

// visible reads an item, nil where it is closed to the actor.
func (b *deeds) visible(ctx context.Context, id string) (*row, error) {
	var r row
	err := b.tx.QueryRow(ctx, sqlItem, id).Scan(r.fields()...)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil //nolint:nilnil // there is none to show
	}
	if err != nil {
		return nil, fmt.Errorf("read work: %w", err)
	}
	may, err := b.allowed(ctx, r)
	if err != nil || !may {
		return nil, err
	}
	return &r, nil
}

// touched reads the records of the actor's own entries. Lists are left out: a
// row that went by was not touched.
func (s *Service) touched(ctx context.Context, tx *gate.Tx, t *Today) error {
	entries, err := audit.Own(ctx, tx, t.From, t.To, maxEntries)
	if err != nil {
		return fmt.Errorf("own entries: %w", err)
	}
	t.More = t.More || len(entries) == maxEntries
	at := map[string]int{}
	for _, e := range entries {
		if e.Outcome != gate.Done || len(e.Subjects) == 0 || len(e.Subjects) > 20 || e.Subjects[0].Kind == "department" || e.Subjects[0].Record == "" && e.Subjects[0].Kind != "encounter" && e.Subjects[0].Kind != "document" {
			continue
		}
		seen := map[string]bool{}
		for _, subject := range e.Subjects {
			record := subject.Record
			if record == "" || seen[record] {
				continue
			}
			seen[record] = true
			i, known := at[record]
			if !known {
				may, err := tx.AboutIf(ctx, gate.Record(record))
				if err != nil {
					return fmt.Errorf("policy of the record: %w", err)
				}
				if !may {
					at[record] = -1
					continue
				}
				i = len(t.Records)
				at[record] = i
				t.Records = append(t.Records, Touched{Record: record, Last: e.At})
			}
			if i >= 0 {
				t.Records[i].add(e)
			}
		}
	}
	return nil
}

func (r *Touched) add(e audit.Item) {
	r.Times++
	if r.Encounter == "" {
		if i := slices.IndexFunc(e.Subjects, func(x gate.Subject) bool { return x.Kind == "encounter" && x.Record == r.Record }); i >= 0 {
			r.Encounter = e.Subjects[i].ID
		}
	}
	if !slices.Contains(r.Actions, e.Action) {
		r.Actions = append(r.Actions, e.Action)
	}
}
