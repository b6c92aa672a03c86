package codeset

import (
	"chartroom/codes/codeset/internal/compile"
	"chartroom/codes/codeset/internal/pack"
)

// Sex is what the Medicare Code Editor allows for a code.
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
	}
	return "any"
}

// factsOf returns the facts of a code, 0 if the edition has none.
func (s *Set) factsOf(code string) uint16 {
	i, ok := s.find(code)
	if !ok {
		return 0
	}
	return pack.U16(s.facts, i)
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

// Sex returns the sex that the Medicare Code Editor expects for a code.
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

// HasFacts reports whether the edition was compiled with the facts of the
// Medicare Code Editor. Where it was not, Sex, AgeRange, Manifestation and the
// others know nothing; editions imported from order files alone have none.
func (s *Set) HasFacts() bool {
	for i := range len(s.facts) / 2 {
		if pack.U16(s.facts, i) != 0 {
			return true
		}
	}
	return false
}
