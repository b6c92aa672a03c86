package work

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"chartroom/internal/access"
	"chartroom/internal/gate"
)

// MaxSelected is how many items one action changes at most.
const MaxSelected = 500

// Outcome says what an action on one or many items did. Deed is the whole of it:
// Undo takes it back at once.
type Outcome struct {
	Deed    string    `json:"deed"`
	Kind    Kind      `json:"kind"`
	Changed []Item    `json:"changed"`
	Left    []Refusal `json:"left"` // items that stay as they are, and why
}

// Refusal is an item that an action left as it was.
type Refusal struct {
	ID  string `json:"id"`
	Why string `json:"why"`
	err error
}

// SkipReasons are the reasons for putting work off.
func SkipReasons() []string {
	return []string{
		"waiting for a document", "waiting for an answer to a query", "waiting for a signature", "waiting for another department",
		"a second opinion is needed", "a system is not available", "somebody else should do it",
	}
}

// ExtendReasons are the reasons for moving a due date on.
func ExtendReasons() []string {
	return []string{
		"records are kept off site", "waiting for the clinician", "waiting for the patient", "the amount of records",
		"a system was not available",
	}
}

// longestSkip is how far work can be put off at a time.
const longestSkip = 90 * 24 * time.Hour

// Claim takes items for the actor, until Lease from now; claiming one's own item
// renews it, and claiming one that was put off ends that. Refused: what somebody
// else has (ErrHeld), what asks for a privilege the actor does not hold
// (ErrUnskilled), what is settled or not for the actor's eyes.
func (s *Service) Claim(ctx context.Context, actor gate.Actor, items ...string) (Outcome, error) {
	return s.each(ctx, actor, ActionClaim, Taken, "", items, func(h *hand, r row) (row, error) { return h.claim(r) })
}

// Release gives items back that the actor has claimed or was given.
func (s *Service) Release(ctx context.Context, actor gate.Actor, items ...string) (Outcome, error) {
	return s.each(ctx, actor, ActionClaim, Released, "", items, func(h *hand, r row) (row, error) {
		stands := r.free(h.now)
		if stands.holder != h.me && (stands.holder != "" || stands.assignee != h.me) {
			return row{}, ErrHeld
		}
		stands.holder, stands.heldUntil = "", 0
		if stands.assignee == h.me {
			stands.assignee = ""
		}
		return stands, nil
	})
}

// Skip puts items off until a time, for one of SkipReasons. Whoever has them
// gives them back; whom they are assigned to stays.
func (s *Service) Skip(ctx context.Context, actor gate.Actor, until time.Time, reason string, items ...string) (Outcome, error) {
	if !slices.Contains(SkipReasons(), reason) {
		return Outcome{}, fmt.Errorf("%w: choose one of the reasons for putting work off", ErrBadInput)
	}
	return s.each(ctx, actor, ActionClaim, PutOff, reason, items, func(h *hand, r row) (row, error) {
		if at := until.UnixMicro(); at <= h.now || at > h.now+longestSkip.Microseconds() {
			return row{}, fmt.Errorf("%w: work is put off until a time within %d days", ErrBadInput, int(longestSkip.Hours()/24))
		}
		stands := r.free(h.now)
		if err := h.mine(stands); err != nil {
			return row{}, err
		}
		stands.holder, stands.heldUntil = "", 0
		stands.skippedUntil, stands.skipReason = until.UnixMicro(), reason
		return stands, nil
	})
}

// Extend moves due dates on by days, for one of ExtendReasons, as often and as
// far as each item's rule lets it (ErrExtension).
func (s *Service) Extend(ctx context.Context, actor gate.Actor, days int, reason string, items ...string) (Outcome, error) {
	if !slices.Contains(ExtendReasons(), reason) || days < 1 {
		return Outcome{}, fmt.Errorf("%w: an extension has days and one of the reasons", ErrBadInput)
	}
	return s.each(ctx, actor, ActionExtend, Extended, reason, items, func(h *hand, r row) (row, error) {
		if err := h.mine(r.free(h.now)); err != nil {
			return row{}, err
		}
		rule := ruleOf(Queue(r.queue), r.rule)
		if r.extensions >= rule.Extend.Times || days > rule.Extend.Days {
			return row{}, ErrExtension
		}
		r.due = rule.Extended(time.UnixMicro(r.due), days, s.calendarOf(r)).UnixMicro()
		r.extensions++
		return r, nil
	})
}

// Assign gives items to somebody, who must work here, have a role of the queue,
// hold the privilege that the item asks for (ErrUnskilled), and be let see the
// record. Whoever has them gives them back. to may be "", for nobody.
func (s *Service) Assign(ctx context.Context, actor gate.Actor, to string, items ...string) (Outcome, error) {
	var target *person
	return s.each(ctx, actor, ActionAssign, Assigned, "", items, func(h *hand, r row) (row, error) {
		if to != "" && (target == nil || target.tx != h.tx) {
			p, err := personOf(h.ctx, h.tx, to)
			if err != nil {
				return row{}, err
			}
			target = p
		}
		if to != "" {
			if err := s.fits(h.ctx, h.tx, target, r); err != nil {
				return row{}, err
			}
		}
		stands := r.free(h.now)
		stands.assignee = to
		if stands.holder != to {
			stands.holder, stands.heldUntil = "", 0
		}
		return stands, nil
	})
}

// SetPriority says how pressing items are, 1 the most pressing to 5.
func (s *Service) SetPriority(ctx context.Context, actor gate.Actor, priority int, items ...string) (Outcome, error) {
	if priority < MostPressing || priority > LeastPressing {
		return Outcome{}, fmt.Errorf("%w: priority is %d to %d", ErrBadInput, MostPressing, LeastPressing)
	}
	return s.each(ctx, actor, ActionAssign, Prioritised, "", items, func(_ *hand, r row) (row, error) {
		r.priority = priority
		return r, nil
	})
}

// hand is who acts on items, while they do.
type hand struct {
	ctx  context.Context //nolint:containedctx // lives as long as one action
	tx   *gate.Tx
	me   string
	now  int64
	self *person // read when it is needed
}

// mine refuses what somebody else has or was given.
func (h *hand) mine(stands row) error {
	if stands.holder != "" && stands.holder != h.me {
		return ErrHeld
	}
	return nil
}

func (h *hand) claim(r row) (row, error) {
	stands := r.free(h.now)
	if stands.holder != "" && stands.holder != h.me || stands.holder == "" && stands.assignee != "" && stands.assignee != h.me {
		return row{}, ErrHeld
	}
	if r.skill != "" {
		if h.self == nil {
			p, err := personOf(h.ctx, h.tx, h.me)
			if err != nil {
				return row{}, err
			}
			h.self = p
		}
		if !h.self.holds(r.skill) {
			return row{}, ErrUnskilled
		}
	}
	stands.holder, stands.heldUntil = h.me, h.now+Lease.Microseconds()
	stands.skippedUntil, stands.skipReason = 0, ""
	return stands, nil
}

// person is a member of staff with the privileges they hold now.
type person struct {
	tx     *gate.Tx
	staff  access.Staff
	skills []access.Privilege
}

func personOf(ctx context.Context, tx *gate.Tx, id string) (*person, error) {
	staff, skills, err := access.SkillsTx(ctx, tx, id)
	if errors.Is(err, access.ErrNoStaff) {
		return nil, ErrUnskilled
	}
	if err != nil {
		return nil, fmt.Errorf("who takes the work: %w", err)
	}
	return &person{tx, staff, skills}, nil
}

func (p *person) holds(skill string) bool {
	return skill == "" || slices.Contains(p.skills, access.Privilege(skill))
}

// fits refuses to give an item to somebody who could not do it.
func (s *Service) fits(ctx context.Context, tx *gate.Tx, p *person, r row) error {
	d, _ := Define(Queue(r.queue))
	inRole := slices.ContainsFunc(p.staff.Roles, func(role access.Role) bool { return slices.Contains(d.Roles, role) })
	if !p.staff.Active || !inRole || !p.holds(r.skill) {
		return ErrUnskilled
	}
	if s.policy == nil || r.record == "" {
		return nil
	}
	err := s.policy.Decide(ctx, tx, gate.Request{Actor: p.staff.Actor(), Action: ActionClaim, Subject: r.subject(), At: tx.Now()})
	if _, denied := errors.AsType[*gate.Denied](err); denied {
		return ErrUnskilled
	}
	if err != nil {
		return fmt.Errorf("may they see the record: %w", err)
	}
	return nil
}

// subject is what the item is about, for the policy.
func (r row) subject() gate.Subject {
	if r.encounter != "" {
		return gate.Encounter(r.record, r.encounter)
	}
	return gate.Record(r.record)
}

func (s *Service) calendarOf(r row) Calendar {
	c := s.calendar
	if zone, err := time.LoadLocation(r.zone); err == nil && r.zone != "" {
		c.Zone = zone
	}
	return c
}

// each runs one change over items, as one deed. What cannot be changed is left
// and listed; where nothing could be, the first refusal is the error.
func (s *Service) each(ctx context.Context, actor gate.Actor, action gate.Action, kind Kind, reason string, items []string,
	change func(*hand, row) (row, error),
) (Outcome, error) {
	if len(items) == 0 || len(items) > MaxSelected {
		return Outcome{}, fmt.Errorf("%w: choose 1 to %d items", ErrBadInput, MaxSelected)
	}
	var out Outcome
	err := s.gate.Change(ctx, actor, action, gate.Department(), func(tx *gate.Tx) error {
		out = Outcome{Kind: kind, Changed: []Item{}, Left: []Refusal{}}
		h := &hand{ctx: ctx, tx: tx, me: actor.ID, now: tx.Now().UnixMicro()}
		b := &deeds{s: s, tx: tx, deed: deed{kind: kind, id: tx.NewID(), reason: reason}, seen: map[Queue]bool{}}
		for _, id := range slices.Compact(slices.Sorted(slices.Values(items))) {
			was, err := b.item(ctx, id)
			became := was
			if err == nil {
				became, err = change(h, was)
			}
			switch {
			case err == nil && became == was: // as it should be already
				out.Changed = append(out.Changed, was.item(tx.Now()))
			case err == nil:
				if err := b.apply(ctx, was, became); err != nil {
					return err
				}
				became.version = was.version + 1
				out.Changed = append(out.Changed, became.item(tx.Now()))
			case isRefusal(err):
				out.Left = append(out.Left, Refusal{ID: id, Why: err.Error(), err: err})
			default:
				return err
			}
		}
		if len(out.Changed) == 0 {
			return out.Left[0].err
		}
		out.Deed = b.id
		return b.done(ctx)
	})
	if err != nil {
		return Outcome{}, fmt.Errorf("work: %w", err)
	}
	return out, nil
}

func isRefusal(err error) bool {
	return slices.ContainsFunc([]error{ErrBadInput, ErrNotFound, ErrHeld, ErrSettled, ErrExtension, ErrUnskilled}, func(e error) bool {
		return errors.Is(err, e)
	})
}

// deeds gathers the changes of one deed.
type deeds struct {
	deed

	s       *Service
	tx      *gate.Tx
	seen    map[Queue]bool // queues the policy was asked about, and what it said
	changed int
}

// item reads an open item that the actor may act on.
func (b *deeds) item(ctx context.Context, id string) (row, error) {
	var r row
	err := b.tx.QueryRow(ctx, sqlItem, id).Scan(r.fields()...)
	if errors.Is(err, sql.ErrNoRows) {
		return row{}, ErrNotFound
	}
	if err != nil {
		return row{}, fmt.Errorf("read work: %w", err)
	}
	if allowed, err := b.allowed(ctx, r); err != nil || !allowed {
		return row{}, errors.Join(err, ErrNotFound)
	}
	if r.settledAt > 0 {
		return row{}, ErrSettled
	}
	return r, nil
}

// allowed asks the policy about the queue and the record of an item.
func (b *deeds) allowed(ctx context.Context, r row) (bool, error) {
	q := Queue(r.queue)
	may, asked := b.seen[q]
	if !asked {
		var err error
		if may, err = b.tx.AboutIf(ctx, q.Subject()); err != nil {
			return false, fmt.Errorf("policy of the queue: %w", err)
		}
		b.seen[q] = may
	}
	if !may || r.record == "" {
		return may, nil
	}
	may, err := b.tx.AboutIf(ctx, r.subject())
	if err != nil {
		return false, fmt.Errorf("policy of the item: %w", err)
	}
	return may, nil
}

func (b *deeds) apply(ctx context.Context, was, became row) error {
	b.changed++
	return b.s.apply(ctx, b.tx, was, became, b.deed)
}

// done keeps the deed, so that it can be undone, and says in the log how much it
// changed.
func (b *deeds) done(ctx context.Context) error {
	b.tx.Detail("items", strconv.Itoa(b.changed))
	if b.changed == 0 {
		return nil
	}
	_, err := b.tx.Later(ctx, sqlInsertDeed, b.id, b.tx.Actor().ID, b.tx.Now().UnixMicro(), string(b.kind), b.changed)
	if err != nil {
		return fmt.Errorf("keep what was done: %w", err)
	}
	return nil
}
