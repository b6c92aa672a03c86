package codeset

import (
	"chartroom/codes/codeset/internal/compile"
	"chartroom/codes/codeset/internal/pack"
)

// Sex is the sex that a code is for.
type Sex uint8

// The values of Sex.
const (
	AnySex Sex = iota
	FemaleOnly
	MaleOnly
)

// String returns "any", "female" or "male".
func (s Sex) String() string {
	switch s {
	case FemaleOnly:
		return "female"
	case MaleOnly:
		return "male"
	default:
		return "any"
	}
}

// factTable is the facts of the codes of one pack.
type factTable struct {
	keys, facts []byte
}

// factTable opens the facts that serve the set: its own, or those of another
// pack of the same system, as when the codes were imported from an order file.
func (s *Set) factTable() factTable {
	return s.facts.get(func() factTable {
		p := s.shelf.serving(s.pack, s.edition, "facts")
		if p == nil {
			return factTable{}
		}
		keys, err := sortedKeys(p, "code.key")
		if err != nil {
			return factTable{}
		}
		facts, err := p.Section("code.fct")
		if err != nil || len(facts)*4 != len(keys) {
			return factTable{}
		}
		return factTable{keys, facts}
	})
}

// factsOf returns the facts of a code, 0 if none are known.
func (s *Set) factsOf(code string) uint16 {
	key, ok := pack.Key(undot(code), pack.KindCode)
	if !ok {
		return 0
	}
	t := s.factTable()
	i, ok := pack.Find(t.keys, key)
	if !ok {
		return 0
	}
	return pack.U16(t.facts, i)
}

// POAExempt reports whether the code is on the list of codes exempt from
// reporting whether it was present on admission. known is false if no list is
// installed for the edition: CMS publishes it, "codeset import" reads it.
func (s *Set) POAExempt(code string) (exempt, known bool) {
	list := s.exempt.get(func() []byte {
		p := s.shelf.serving(s.pack, s.edition, "poa")
		if p == nil {
			return nil
		}
		keys, err := sortedKeys(p, "poa.key")
		if err != nil {
			return nil
		}
		return keys
	})
	if len(list) == 0 {
		return false, false
	}
	key, ok := pack.Key(undot(code), pack.KindCode)
	if !ok {
		return false, true
	}
	_, found := pack.Find(list, key)
	return found, true
}

// Sex returns the sex that a code is for. The Medicare Code Editor checked it
// until 2024-09-30; since then a mismatch is worth a question, not an edit, and
// codes newer than that have none.
func (s *Set) Sex(code string) Sex {
	switch facts := s.factsOf(code); {
	case facts&compile.FactFemale != 0:
		return FemaleOnly
	case facts&compile.FactMale != 0:
		return MaleOnly
	}
	return AnySex
}

// Ages of the groups of the Medicare Code Editor, in years, both inclusive.
const (
	newbornLow, newbornHigh     = 0, 0
	pediatricLow, pediatricHigh = 0, 17
	maternityLow, maternityHigh = 9, 64 // since 2019-10-01; before, 12 to 55
	adultLow, adultHigh         = 15, 124
)

// AgeRange returns the ages in years, inclusive, that the Medicare Code Editor
// expects for a diagnosis; ok is false if there is no limit.
func (s *Set) AgeRange(code string) (low, high int, ok bool) {
	switch facts := s.factsOf(code); {
	case facts&compile.FactNewborn != 0:
		return newbornLow, newbornHigh, true
	case facts&compile.FactPediatric != 0:
		return pediatricLow, pediatricHigh, true
	case facts&compile.FactMaternity != 0:
		return maternityLow, maternityHigh, true
	case facts&compile.FactAdult != 0:
		return adultLow, adultHigh, true
	}
	return 0, 0, false
}

// Manifestation reports whether the code describes a manifestation, which is
// never sequenced first (ICD-10-CM Guidelines I.A.13).
func (s *Set) Manifestation(code string) bool {
	return s.factsOf(code)&compile.FactManifestation != 0
}

// UnacceptablePrincipal reports whether the Medicare Code Editor refuses the
// code as a principal diagnosis. Codes that it accepts with a secondary
// diagnosis count as refused.
func (s *Set) UnacceptablePrincipal(code string) bool {
	return s.factsOf(code)&compile.FactUnacceptable != 0
}

// ExternalCause reports whether the code says how an injury came about, which is
// never a principal diagnosis (Guidelines I.C.20.a.6).
func (s *Set) ExternalCause(code string) bool {
	return s.factsOf(code)&compile.FactExternalCause != 0
}

// Unspecified reports whether the Medicare Code Editor asks for a code that
// names the side (edit 20, since 2022-04-01).
func (s *Set) Unspecified(code string) bool {
	return s.factsOf(code)&compile.FactUnspecified != 0
}

// HasFacts reports whether facts of the Medicare Code Editor are at hand. Where
// they are not, Sex, AgeRange, Manifestation and the others know nothing.
func (s *Set) HasFacts() bool { return len(s.factTable().keys) > 0 }
