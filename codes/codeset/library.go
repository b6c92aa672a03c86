package codeset

import "time"

// Library is an immutable collection of editions, safe for concurrent use. A
// pack is opened the first time something asks for it, once.
type Library struct{ sets []*Set }

// Embedded returns the editions compiled into the program.
func Embedded() *Library { return &Library{} }

// WithDir returns a library that also has the packs in a folder, which
// "codeset import" wrote there. A broken pack is an error that names the file.
func (l *Library) WithDir(dir string) (*Library, error) { return l, nil }

// Editions lists the editions of a system, oldest first.
func (l *Library) Editions(sys System) []Edition { return nil }

// On returns the edition in force on a day: inpatient by discharge date,
// outpatient by line date. If there is none, the error is a *NoEditionError.
func (l *Library) On(sys System, day time.Time) (*Set, error) {
	return nil, &NoEditionError{System: sys, Day: day}
}

// Newest returns the newest edition of a system.
func (l *Library) Newest(sys System) (*Set, error) {
	return nil, &NoEditionError{System: sys}
}
