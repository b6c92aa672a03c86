package codeset

import (
	"embed"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"sync"
	"time"

	"chartroom/codes/codeset/internal/pack"
)

//go:embed packs/*.pack
var packFiles embed.FS

// Library is an immutable collection of editions, safe for concurrent use. A
// pack is opened the first time something asks for it, once.
type Library struct {
	open func() (*shelf, error)
}

// shelf is what a library holds once its packs are open.
type shelf struct {
	packs []*pack.Pack
	sets  map[System][]*Set // oldest first
}

// embedded is the library of the program; its packs are opened at the first use.
var embedded = &Library{open: sync.OnceValues(func() (*shelf, error) {
	files, err := packFiles.ReadDir("packs")
	if err != nil {
		return nil, fmt.Errorf("codeset: %w", err)
	}
	packs := make([]*pack.Pack, 0, len(files))
	for _, f := range files {
		data, err := packFiles.ReadFile("packs/" + f.Name())
		if err != nil {
			return nil, fmt.Errorf("codeset: %w", err)
		}
		p, err := pack.Open(data)
		if err != nil {
			return nil, fmt.Errorf("codeset: %s: %w", f.Name(), err)
		}
		packs = append(packs, p)
	}
	return newShelf(packs)
})}

// Embedded returns the editions compiled into the program, always the same
// library.
func Embedded() *Library { return embedded }

// Empty returns a library without any edition, to which WithDir adds.
func Empty() *Library {
	return &Library{open: func() (*shelf, error) { return &shelf{}, nil }}
}

// WithDir returns a library that also has the packs in a folder, which
// "codeset import" wrote there. A broken pack is an error that names the file.
func (l *Library) WithDir(dir string) (*Library, error) {
	below, err := l.open()
	if err != nil {
		return nil, err
	}
	names, err := filepath.Glob(filepath.Join(dir, "*.pack"))
	if err != nil {
		return nil, fmt.Errorf("codeset: %w", err)
	}
	if len(names) == 0 {
		if _, err := os.Stat(dir); err != nil {
			return nil, fmt.Errorf("codeset: %w", err)
		}
		return l, nil
	}
	packs := append([]*pack.Pack(nil), below.packs...)
	for _, name := range names {
		data, err := os.ReadFile(name)
		if err != nil {
			return nil, fmt.Errorf("codeset: %w", err)
		}
		p, err := pack.Open(data)
		if err != nil {
			return nil, fmt.Errorf("codeset: %s: %w", filepath.Base(name), err)
		}
		packs = append(packs, p)
	}
	s, err := newShelf(packs)
	if err != nil {
		return nil, err
	}
	return &Library{open: func() (*shelf, error) { return s, nil }}, nil
}

// newShelf sorts packs into editions. Of two packs with the same first day the
// later release counts, of two of the same release the later in the list, so that
// imported packs come before those of the program. An edition ends the day before
// the next begins.
func newShelf(packs []*pack.Pack) (*shelf, error) {
	s := &shelf{packs: packs, sets: map[System][]*Set{}}
	for _, p := range packs {
		if !p.Manifest.Has("codes") {
			continue
		}
		edition, err := editionOf(p)
		if err != nil {
			return nil, err
		}
		set := &Set{edition: edition, pack: p, shelf: s}
		list := s.sets[edition.System]
		replaced := false
		for i, other := range list {
			if other.edition.From.Equal(edition.From) {
				replaced = true
				if edition.Release >= other.edition.Release {
					list[i] = set
				}
			}
		}
		if !replaced {
			list = append(list, set)
		}
		s.sets[edition.System] = list
	}
	for _, list := range s.sets {
		sort.Slice(list, func(i, j int) bool { return list[i].edition.From.Before(list[j].edition.From) })
		for i := 0; i+1 < len(list); i++ {
			if next := list[i+1].edition.From; !list[i].edition.To.Before(next) {
				list[i].edition.To = next.AddDate(0, 0, -1)
			}
		}
	}
	return s, nil
}

// editionOf reads the edition of a pack from its manifest.
func editionOf(p *pack.Pack) (Edition, error) {
	m := p.Manifest
	sys, err := ParseSystem(m.System)
	if err != nil {
		return Edition{}, err
	}
	from, err := time.Parse(time.DateOnly, m.From)
	if err != nil {
		return Edition{}, fmt.Errorf("codeset: pack %s %s: first day: %w", m.System, m.Name, err)
	}
	to, err := time.Parse(time.DateOnly, m.To)
	if err != nil {
		return Edition{}, fmt.Errorf("codeset: pack %s %s: last day: %w", m.System, m.Name, err)
	}
	return Edition{
		System: sys, Name: m.Name, Release: m.Release, From: from, To: to,
		Source: sourceText(m), Checksum: p.Checksum, Codes: m.Counts["codes"], Billable: m.Counts["billable"],
	}, nil
}

// sourceText writes where a pack comes from on one line.
func sourceText(m pack.Manifest) string {
	var parts []string
	for _, s := range m.Sources {
		name := s.File
		if s.Package != "" {
			name = s.Package + " " + s.Version + ": " + filepath.Base(s.File)
		}
		parts = append(parts, name)
	}
	text := strings.Join(parts, "; ")
	if m.Derived {
		text = "derived from titles and inclusion terms of " + text
	}
	return text
}

// Editions lists the editions of a system, oldest first. It is empty if the
// library cannot be opened; On and Newest say why.
func (l *Library) Editions(sys System) []Edition {
	s, err := l.open()
	if err != nil {
		return nil
	}
	editions := make([]Edition, 0, len(s.sets[sys]))
	for _, set := range s.sets[sys] {
		editions = append(editions, set.edition)
	}
	return editions
}

// On returns the edition in force on a day: inpatient by discharge date,
// outpatient by line date. If there is none, the error is a *NoEditionError.
func (l *Library) On(sys System, day time.Time) (*Set, error) {
	s, err := l.open()
	if err != nil {
		return nil, err
	}
	missing := &NoEditionError{System: sys, Day: dateOf(day)}
	for _, set := range s.sets[sys] {
		if set.edition.Covers(day) {
			return set.ready()
		}
		missing.Newest = set.edition
	}
	return nil, missing
}

// Newest returns the newest edition of a system.
func (l *Library) Newest(sys System) (*Set, error) {
	s, err := l.open()
	if err != nil {
		return nil, err
	}
	list := s.sets[sys]
	if len(list) == 0 {
		return nil, &NoEditionError{System: sys}
	}
	return list[len(list)-1].ready()
}

// serving returns the pack that has a part for an edition: its own, else the
// newest of the packs in force before its end, else the oldest there is.
// Official parts come before derived ones.
func (s *shelf) serving(own *pack.Pack, edition Edition, part string) *pack.Pack {
	var best *pack.Pack
	better := func(p *pack.Pack) bool {
		if best == nil {
			return true
		}
		a, b := p.Manifest, best.Manifest
		if a.Derived != b.Derived {
			return b.Derived
		}
		if (p == own) != (best == own) {
			return p == own
		}
		last := edition.To.Format(time.DateOnly)
		if (a.From <= last) != (b.From <= last) {
			return a.From <= last
		}
		if a.From <= last {
			return a.From >= b.From
		}
		return a.From < b.From
	}
	for _, p := range s.packs {
		if p.Manifest.System == edition.System.String() && p.Manifest.Has(part) && better(p) {
			best = p
		}
	}
	return best
}
