package codeset

import (
	"fmt"
	"strings"
	"time"
)

// System names a code set.
type System uint8

// The code sets there are packs for.
const (
	ICD10CM  System = 1 // diagnoses, published by CDC/NCHS and CMS
	ICD10PCS System = 2 // inpatient procedures, published by CMS
	HCPCS    System = 3 // level II supplies, drugs and services, published by CMS
)

// String returns the name used in the batch commands: icd10cm, icd10pcs, hcpcs.
func (s System) String() string {
	switch s {
	case ICD10CM:
		return "icd10cm"
	case ICD10PCS:
		return "icd10pcs"
	case HCPCS:
		return "hcpcs"
	}
	return fmt.Sprintf("system(%d)", uint8(s))
}

// ParseSystem reads a name that System.String writes; hyphens and case are
// ignored, so "ICD-10-CM" works too.
func ParseSystem(name string) (System, error) {
	switch strings.ToLower(strings.ReplaceAll(name, "-", "")) {
	case "icd10cm":
		return ICD10CM, nil
	case "icd10pcs":
		return ICD10PCS, nil
	case "hcpcs":
		return HCPCS, nil
	}
	return 0, fmt.Errorf("codeset: %q is no code set: want icd10cm, icd10pcs or hcpcs", name)
}

// MarshalText writes the name of the system.
func (s System) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads what MarshalText wrote.
func (s *System) UnmarshalText(text []byte) error {
	parsed, err := ParseSystem(string(text))
	if err != nil {
		return err
	}
	*s = parsed
	return nil
}

// Edition says which release of a code set something comes from.
type Edition struct {
	System   System    `json:"system"`
	Name     string    `json:"name"`    // FY2026
	Release  string    `json:"release"` // 2026-04-01
	From     time.Time `json:"from"`    // first day in force, UTC midnight
	To       time.Time `json:"to"`      // last day in force, inclusive
	Source   string    `json:"source"`  // package, version and file it was compiled from
	Checksum string    `json:"checksum"`
	Codes    int       `json:"codes"`    // all codes, headers included
	Billable int       `json:"billable"` // codes valid for submission
}

// Covers reports whether day, of any time zone, falls in the edition.
func (e Edition) Covers(day time.Time) bool {
	d := dateOf(day)
	return !d.Before(e.From) && !d.After(e.To)
}

// NoEditionError is what Library.On returns for a day that no edition covers.
type NoEditionError struct {
	System System
	Day    time.Time
	Newest Edition // the zero Edition if the library has none of the system
}

// Error names the system, the day and the newest edition there is.
func (e *NoEditionError) Error() string {
	day := e.Day.Format(time.DateOnly)
	if e.Newest.Name == "" {
		return fmt.Sprintf("codeset: no edition of %s at all (wanted %s)", e.System, day)
	}
	return fmt.Sprintf("codeset: no edition of %s covers %s; the newest is %s, in force to %s",
		e.System, day, e.Newest.Name, e.Newest.To.Format(time.DateOnly))
}

// dateOf drops the clock time and zone: code sets are in force by calendar day.
func dateOf(t time.Time) time.Time {
	y, m, d := t.Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
}
