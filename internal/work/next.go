package work

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"chartroom/internal/access"
	"chartroom/internal/gate"
)

// asked is how many candidates one look for work reads, and looks how many looks
// one hand-out takes: whoever may see so little must choose from the list.
const (
	asked = 16
	looks = 64
)

// Next hands the actor the most pressing item there is for them and claims it:
// what they have already first, then what they were given, then by priority, due
// date and age, from the queues named, or all where none is. What asks for a
// privilege that they do not hold, or tells of a record closed to them, is passed
// over; so are the items in but. Two people never get the same one.
// Error: ErrNoWork.
func (s *Service) Next(ctx context.Context, actor gate.Actor, queues []Queue, but ...string) (Item, error) {
	if len(queues) == 0 {
		for _, d := range Queues() {
			queues = append(queues, d.Queue)
		}
	}
	for _, q := range queues {
		if _, ok := Define(q); !ok {
			return Item{}, fmt.Errorf("%w: there is no queue %q", ErrBadInput, q)
		}
	}
	defer s.handing()()
	var out Item
	err := s.gate.Change(ctx, actor, ActionClaim, gate.Department(), func(tx *gate.Tx) error {
		h := &hand{ctx: ctx, tx: tx, me: actor.ID, now: tx.Now().UnixMicro()}
		b := &deeds{s: s, tx: tx, deed: deed{kind: HandedOut, id: tx.NewID()}, seen: map[Queue]bool{}}
		best, err := b.best(h, queues, but)
		if err != nil {
			return err
		}
		claimed, err := h.claim(best)
		if err != nil {
			return err
		}
		if best.holder == h.me && best.heldUntil > h.now {
			b.kind, b.id = Renewed, ""
		}
		if err := b.apply(ctx, best, claimed); err != nil {
			return err
		}
		claimed.version++
		out = claimed.item(tx.Now())
		if b.id == "" {
			return nil
		}
		return b.done(ctx)
	})
	if err != nil {
		return Item{}, fmt.Errorf("hand out work: %w", err)
	}
	return out, nil
}

// best finds the item to hand out.
func (b *deeds) best(h *hand, queues []Queue, but []string) (row, error) {
	p, err := personOf(h.ctx, h.tx, h.me)
	switch {
	case errors.Is(err, ErrUnskilled):
		p = &person{tx: h.tx} // a program: no privileges
	case err != nil:
		return row{}, err
	}
	h.self = p
	fits := func(r row) (bool, error) {
		if !slices.Contains(queues, Queue(r.queue)) || slices.Contains(but, r.id) || !p.holds(r.skill) {
			return false, nil
		}
		return b.allowed(h.ctx, r)
	}
	for _, own := range []string{sqlHeldItems, sqlGivenItems} {
		rows, err := rowsOf(h.ctx, h.tx, own, h.me, h.now)
		if err != nil {
			return row{}, err
		}
		slices.SortFunc(rows, byUrgency)
		for _, r := range rows {
			if ok, err := fits(r); err != nil || ok {
				return r, err
			}
		}
	}
	return b.firstFree(h, p, queues, fits)
}

// firstFree finds the most pressing free item of the queues.
func (b *deeds) firstFree(h *hand, p *person, queues []Queue, fits func(row) (bool, error)) (row, error) {
	var best row
	for _, q := range queues {
		// Asked before its items are read: whoever has no business in it reads none.
		if may, err := b.allowed(h.ctx, row{queue: string(q)}); err != nil {
			return row{}, err
		} else if !may {
			continue
		}
		r, err := firstOf(h, p, q, fits)
		if err != nil {
			return row{}, err
		}
		if r.id != "" && (best.id == "" || byUrgency(r, best) < 0) {
			best = r
		}
	}
	if best.id == "" {
		return row{}, ErrNoWork
	}
	return best, nil
}

// firstOf finds the most pressing free item of a queue; the zero row where there
// is none.
func firstOf(h *hand, p *person, q Queue, fits func(row) (bool, error)) (row, error) {
	after := row{}
	for range looks {
		args := []any{string(q), h.now, h.me, after.priority, after.due, after.since, after.id, asked}
		for i := range skillsAsked {
			skill := access.Privilege("")
			if i < len(p.skills) {
				skill = p.skills[i]
			}
			args = append(args, string(skill))
		}
		rows, err := rowsOf(h.ctx, h.tx, sqlFreeItems, args...)
		if err != nil {
			return row{}, err
		}
		for _, r := range rows {
			if ok, err := fits(r); err != nil || ok {
				return r, err
			}
		}
		if len(rows) < asked {
			return row{}, nil
		}
		after = rows[len(rows)-1]
	}
	return row{}, nil
}

// byUrgency is the order in which work is handed out and listed.
func byUrgency(a, b row) int {
	return cmp.Or(cmp.Compare(a.priority, b.priority), cmp.Compare(a.due, b.due), cmp.Compare(a.since, b.since), cmp.Compare(a.id, b.id))
}

func rowsOf(ctx context.Context, tx *gate.Tx, query string, args ...any) ([]row, error) {
	found, err := gate.Collect(ctx, tx, func(from gate.Row, r *row) error { return from.Scan(r.fields()...) }, query, args...)
	if err != nil {
		return nil, fmt.Errorf("read work: %w", err)
	}
	return found, nil
}
