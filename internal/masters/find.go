package masters

import (
	"context"
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"chartroom/internal/gate"
	"chartroom/internal/seal"
)

// ProviderTx finds a provider by NPI, by another number, or by the name as
// entered (in this order; "" is not looked for) and follows merges. ErrNotFound
// where there is none, or where a name fits several.
func (s *Service) ProviderTx(ctx context.Context, tx *gate.Tx, number, name string) (Entry, error) {
	number, name = strings.TrimSpace(number), strings.TrimSpace(name)
	if number != "" {
		all, err := readEntries(ctx, tx, sqlProviderByKey, number)
		if err != nil {
			return Entry{}, err
		}
		if len(all) > 0 {
			return standing(ctx, tx, all[0])
		}
		if all, err = readEntries(ctx, tx, sqlLocalEntries, localLike(number), localLike(strings.ToLower(number))); err != nil {
			return Entry{}, err
		}
		for _, e := range all {
			for _, local := range e.Values.List("local") {
				if strings.EqualFold(local, number) {
					return standing(ctx, tx, e)
				}
			}
		}
	}
	if name == "" {
		return Entry{}, ErrNotFound
	}
	family, given := splitName(name)
	all, err := readEntries(ctx, tx, sqlByName, string(Provider), strings.TrimSpace(seal.Fold(family+" "+given)))
	if err != nil {
		return Entry{}, err
	}
	if len(all) != 1 {
		return Entry{}, ErrNotFound
	}
	return all[0], nil
}

// localLike finds contents that hold a number; the caller compares exactly. Asked
// for in lower case as well, as PostgreSQL tells capitals apart.
func localLike(number string) string { return `%"local":"%` + escapeLike(jsonText(number)) + `%` }

// jsonText is a text as it stands inside a JSON string.
func jsonText(s string) string {
	quoted, err := json.Marshal(s)
	if err != nil || len(quoted) < 2 {
		return s
	}
	return string(quoted[1 : len(quoted)-1])
}

// splitName takes a name as messages write it apart: "Ruth Ostrander, MD" and
// "Ostrander, Ruth" give family Ostrander and given Ruth.
func splitName(name string) (family, given string) {
	before, after, comma := strings.Cut(name, ",")
	words := strings.Fields(before)
	if len(words) == 0 {
		return "", ""
	}
	if after = strings.TrimSpace(after); comma && len(words) == 1 && after != "" && !isCredential(after) {
		return words[0], strings.Fields(after)[0]
	}
	if len(words) == 1 {
		return words[0], ""
	}
	return words[len(words)-1], words[0]
}

// isCredential reports whether what follows a comma is a credential: capitals
// (MD, RN, PA-C, PhD), never a given name.
func isCredential(s string) bool {
	words := strings.Fields(strings.ReplaceAll(s, ",", " "))
	if len(words) == 0 {
		return false
	}
	upper := 0
	for _, r := range words[0] {
		if r >= 'A' && r <= 'Z' {
			upper++
		}
	}
	return upper >= 2
}

// UnitTx finds a unit that stands by its code or name as encounters write it.
func (s *Service) UnitTx(ctx context.Context, tx *gate.Tx, unit string) (Entry, error) {
	folded := seal.Fold(strings.Join(strings.Fields(unit), " "))
	if folded == "" {
		return Entry{}, ErrNotFound
	}
	found, err := readEntries(ctx, tx, sqlUnit, folded, "%/"+escapeLike(folded))
	if err != nil {
		return Entry{}, err
	}
	if len(found) == 0 {
		return Entry{}, ErrNotFound
	}
	return found[0], nil
}

// FacilityZone is the time zone in which the clocks of a unit run: the unit's own,
// else its facility's, else that of the only facility, else the department's.
// It is never nil.
func (s *Service) FacilityZone(ctx context.Context, tx *gate.Tx, unit string) (*time.Location, error) {
	u, err := s.UnitTx(ctx, tx, unit)
	if err == nil {
		if zone := s.load(u.Values["zone"]); zone != nil {
			return zone, nil
		}
		f, err := readEntries(ctx, tx, sqlNewest, u.Values["facility"])
		if err != nil {
			return nil, err
		}
		if len(f) > 0 {
			if zone := s.load(f[0].Values["zone"]); zone != nil {
				return zone, nil
			}
		}
		return s.zone, nil
	}
	if !isNotFound(err) {
		return nil, err
	}
	facilities, err := readEntries(ctx, tx, sqlFacilities)
	if err != nil {
		return nil, err
	}
	if len(facilities) == 1 {
		if zone := s.load(facilities[0].Values["zone"]); zone != nil {
			return zone, nil
		}
	}
	return s.zone, nil
}

func (s *Service) load(name string) *time.Location {
	if name == "" {
		return nil
	}
	zone, err := time.LoadLocation(name)
	if err != nil {
		return nil
	}
	return zone
}

// FilingDays is how many days after the service a claim may come in, by the plan
// or else its payer; 0 where nobody entered it.
func (s *Service) FilingDays(ctx context.Context, tx *gate.Tx, plan string) (int, error) {
	e, err := newest(ctx, tx, plan)
	if err != nil {
		return 0, err
	}
	if e, err = standing(ctx, tx, e); err != nil {
		return 0, err
	}
	if e.Kind == Plan && e.Values["filing_days"] == "" {
		if e, err = newest(ctx, tx, e.Values["payer"]); err != nil {
			return 0, err
		}
	}
	days, err := strconv.Atoi(e.Values["filing_days"])
	if err != nil {
		return 0, nil //nolint:nilerr // nobody entered it
	}
	return days, nil
}
