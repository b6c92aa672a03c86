package intake

import (
	"context"
	"errors"

	"chartroom/internal/gate"
	"chartroom/internal/identity"
)

// The reasons of merges that are not carried out.
const (
	whyRing    = "the record that is to stay was given up for the other one before: the merge would form a ring"
	whySelf    = "the number that stays and the one given up are the same"
	whyNoLink  = "no link between the two records stands"
	whyByHand  = "the records were linked by a person; a person undoes it"
	whyNumbers = "a merge needs the number that stays in PID-3 and the one given up in MRG-1"
)

// join links the records of one person as a message asks. What is so already
// stays so. why is the reason where it is not done: nothing was changed then.
func (s *Service) join(ctx context.Context, tx *gate.Tx, l identity.Link) (why string, err error) {
	_, err = s.identity.LinkTx(ctx, tx, l)
	switch {
	case errors.Is(err, identity.ErrSelf):
		return "", nil // two numbers of one record
	case !errors.Is(err, identity.ErrLinked):
		return "", err
	}
	gone, err := s.givenUp(ctx, tx, l.Survivor, l.Subsumed)
	if err != nil || !gone {
		return "", err // the sender says it again, or by another way
	}
	return whyRing, nil
}

// givenUp reports whether a record was given up for another one, directly or for
// one that was itself given up for it.
func (s *Service) givenUp(ctx context.Context, tx *gate.Tx, record, other string) (bool, error) {
	seen := map[string]bool{record: true}
	for next := []string{record}; len(next) > 0; next = next[1:] {
		links, err := s.identity.LinksTx(ctx, tx, next[:1])
		if err != nil {
			return false, err
		}
		for _, l := range links {
			if l.Undone || l.Subsumed != next[0] || seen[l.Survivor] {
				continue
			}
			if l.Survivor == other {
				return true, nil
			}
			seen[l.Survivor] = true
			next = append(next, l.Survivor)
		}
	}
	return false, nil
}

// part undoes the link between two records that a message made.
func (s *Service) part(ctx context.Context, tx *gate.Tx, a, b, reason string) (why string, err error) {
	links, err := s.identity.LinksTx(ctx, tx, []string{a})
	if err != nil {
		return "", err
	}
	byHand := false
	for _, l := range links {
		if l.Undone || (l.Survivor != a || l.Subsumed != b) && (l.Survivor != b || l.Subsumed != a) {
			continue
		}
		if l.Cause == "person" {
			byHand = true
			continue
		}
		_, err := s.identity.UnlinkTx(ctx, tx, l.ID, reason)
		return "", err
	}
	if byHand {
		return whyByHand, nil
	}
	return whyNoLink, nil
}
