package codeset

// Sex is what the Medicare Code Editor allows for a code.
type Sex uint8

// The values of Sex.
const (
	AnySex Sex = iota
	FemaleOnly
	MaleOnly
)

// POAExempt reports whether the code is on the list of codes exempt from
// reporting whether it was present on admission.
func (s *Set) POAExempt(code string) bool { return false }

// Sex returns the sex that the Medicare Code Editor expects for a code.
func (s *Set) Sex(code string) Sex { return AnySex }

// AgeRange returns the ages in years, inclusive, that the Medicare Code Editor
// expects for a diagnosis; ok is false if there is no limit.
func (s *Set) AgeRange(code string) (low, high int, ok bool) { return 0, 0, false }

// Manifestation reports whether the code describes a manifestation, which is
// never sequenced first (ICD-10-CM Guidelines I.A.13).
func (s *Set) Manifestation(code string) bool { return false }

// UnacceptablePrincipal reports whether the Medicare Code Editor refuses the
// code as a principal diagnosis.
func (s *Set) UnacceptablePrincipal(code string) bool { return false }
