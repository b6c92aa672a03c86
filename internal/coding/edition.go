package coding

import (
	"errors"
	"fmt"
	"time"

	"chartroom/codes/codeset"
)

// sets are the editions a session works with.
type sets struct {
	cm, pcs     *codeset.Set
	provisional bool // no edition covers the day
}

// setsOn returns the editions in force on a day, or the newest ones, marked,
// where there are none.
func (s *Service) setsOn(day time.Time) (sets, error) {
	var out sets
	for _, x := range []struct {
		system codeset.System
		into   **codeset.Set
	}{{codeset.ICD10CM, &out.cm}, {codeset.ICD10PCS, &out.pcs}} {
		set, err := s.library.On(x.system, day)
		if _, none := errors.AsType[*codeset.NoEditionError](err); none {
			out.provisional = true
			set, err = s.library.Newest(x.system)
		}
		if err != nil {
			return sets{}, fmt.Errorf("edition of %s: %w", x.system, err)
		}
		*x.into = set
	}
	return out, nil
}

func (x sets) of(system codeset.System) *codeset.Set {
	if system == codeset.ICD10PCS {
		return x.pcs
	}
	return x.cm
}

func (x sets) editions() []Edition {
	out := make([]Edition, 0, 2)
	for _, set := range []*codeset.Set{x.cm, x.pcs} {
		e := set.Edition()
		out = append(out, Edition{System: e.System, Name: e.Name, Release: e.Release})
	}
	return out
}

// edition is the name of the session's edition of a code set.
func (s *Session) edition(system codeset.System) string {
	for _, e := range s.Editions {
		if e.System == system {
			return e.Name
		}
	}
	return ""
}
