package codeset

import (
	"fmt"
	"slices"
	"sync"

	"chartroom/codes/codeset/internal/compile"
	"chartroom/codes/codeset/internal/pack"
)

// Code is one entry of a code set.
type Code struct {
	Code     string `json:"code"` // written form: E11.65, 02703DZ; E00-E89 for a section
	Title    string `json:"title"`
	Billable bool   `json:"billable"` // valid for submission: no further character is needed
}

// Set is one opened edition of one code set. It is immutable and safe for
// concurrent use. Codes and titles are read when the set is opened; notes,
// Index, tables and the search index when they are first asked for.
type Set struct {
	edition Edition
	pack    *pack.Pack
	shelf   *shelf

	once  sync.Once
	err   error
	texts *pack.Texts
	keys  []uint64 // sorted
	start []int32  // where keys with each first two characters begin, one more at the end
	title []byte   // 4 bytes each
	flags []byte   // 2 bytes each

	tabular lazy[*tabular]
	index   lazy[*Index]
	search  lazy[*searcher]
	tables  lazy[*pcsTables]
	exempt  lazy[[]byte]
	facts   lazy[factTable]
}

// lazy is made once, at the first use.
type lazy[T any] struct {
	once  sync.Once
	value T
}

func (l *lazy[T]) get(build func() T) T {
	l.once.Do(func() { l.value = build() })
	return l.value
}

// ready opens the codes of the set, once.
func (s *Set) ready() (*Set, error) {
	s.once.Do(func() { s.err = s.open() })
	if s.err != nil {
		return nil, fmt.Errorf("codeset: pack %s %s: %w", s.edition.System, s.edition.Name, s.err)
	}
	return s, nil
}

func (s *Set) open() error {
	var err error
	if s.texts, err = pack.OpenTexts(s.pack); err != nil {
		return err
	}
	keys, err := sortedKeys(s.pack, "code.key")
	if err != nil {
		return err
	}
	n := len(keys) / 8
	s.keys = make([]uint64, n)
	for i := range s.keys {
		s.keys[i] = pack.U64(keys, i)
	}
	s.start = make([]int32, 1<<15)
	for i, at := 0, 0; i < len(s.start); i++ {
		for at < n && bucket(s.keys[at]) < i {
			at++
		}
		s.start[i] = int32(at)
	}
	for _, col := range []struct {
		name  string
		into  *[]byte
		width int
	}{{"code.ttl", &s.title, 4}, {"code.flg", &s.flags, 2}} {
		if *col.into, err = s.pack.Section(col.name); err != nil {
			return err
		}
		if len(*col.into) != n*col.width {
			return fmt.Errorf("section %q has %d bytes for %d codes", col.name, len(*col.into), n)
		}
	}
	return nil
}

// sortedKeys returns an array of keys after checking that it is one.
func sortedKeys(p *pack.Pack, name string) ([]byte, error) {
	keys, err := p.Section(name)
	if err != nil {
		return nil, err
	}
	if len(keys)%8 != 0 {
		return nil, fmt.Errorf("section %q has %d bytes", name, len(keys))
	}
	for i := 1; i < len(keys)/8; i++ {
		if pack.U64(keys, i-1) >= pack.U64(keys, i) {
			return nil, fmt.Errorf("section %q is out of order at entry %d", name, i)
		}
	}
	return keys, nil
}

// Edition says which edition this is.
func (s *Set) Edition() Edition { return s.edition }

// Len returns the number of codes, headers included.
func (s *Set) Len() int { return len(s.keys) }

// At returns code number i, in the order of the codes, 0 <= i < Len().
func (s *Set) At(i int) Code {
	return Code{
		Code:     s.written(s.keys[i]),
		Title:    s.texts.Text(pack.U32(s.title, i)),
		Billable: s.billable(i),
	}
}

// written spells a key the way the field writes codes.
func (s *Set) written(key uint64) string {
	var b [8]byte
	n := 0
	for shift := 56; shift > 0; shift -= 8 {
		c := byte(key >> shift)
		if c == 0 {
			break
		}
		if n == 3 && s.edition.System == ICD10CM {
			b[n] = '.'
			n++
		}
		b[n] = c
		n++
	}
	return string(b[:n])
}

// bucket is the first two characters of a key as a number; both are below 128.
func bucket(key uint64) int { return int(key>>56)<<7 | int(key>>48&0x7f) }

// place returns the number of a key, or where it would stand.
func (s *Set) place(key uint64) (int, bool) {
	b := bucket(key)
	if b < 0 || b+1 >= len(s.start) {
		return slices.BinarySearch(s.keys, key)
	}
	from := int(s.start[b])
	i, ok := slices.BinarySearch(s.keys[from:s.start[b+1]], key)
	return from + i, ok
}

// find returns the number of a code.
func (s *Set) find(code string) (int, bool) {
	key, ok := pack.Key(undot(code), pack.KindCode)
	if !ok {
		return 0, false
	}
	return s.place(key)
}

// Code finds a code, header or billable, with or without its dot, in any case.
func (s *Set) Code(code string) (Code, bool) {
	i, ok := s.find(code)
	if !ok {
		return Code{}, false
	}
	return s.At(i), true
}

// TitleDerived reports whether the title of a code was put together from the
// names of its characters, because no source of the pack has it.
func (s *Set) TitleDerived(code string) bool {
	i, ok := s.find(code)
	return ok && pack.U16(s.flags, i)&compile.TitleMade != 0
}

// below returns the codes [from,to) that begin with prefix, the code that
// equals prefix included.
func (s *Set) below(prefix string) (from, to int) {
	low, ok := pack.Key(prefix, pack.KindCode)
	if !ok {
		return 0, 0
	}
	from, _ = s.place(low)
	high := low | (^uint64(0) >> (8 * len(prefix)))
	to, exact := s.place(high)
	if exact {
		to++
	}
	return from, to
}

// Children returns the codes one level below a code, section or chapter.
func (s *Set) Children(code string) []Code {
	name := undotGroup(code)
	if i, ok := s.find(name); ok {
		return s.childCodes(i)
	}
	if s.edition.System == ICD10PCS && len(name) > 0 && len(name) < 7 {
		return s.pcsChildren(name)
	}
	return s.groupChildren(name)
}

// childCodes returns the nearest codes below code i: those that have no other
// code between it and them.
func (s *Set) childCodes(i int) []Code {
	parent := pack.Name(s.keys[i])
	from, to := s.below(parent)
	var out []Code
	last := ""
	for k := from; k < to; k++ {
		name := pack.Name(s.keys[k])
		if k == i || last != "" && len(name) > len(last) && name[:len(last)] == last {
			continue
		}
		out = append(out, s.At(k))
		last = name
	}
	return out
}

// Ancestors returns what stands above a code, nearest first: its subcategories
// and category, its section, its chapter. The Code field of sections and
// chapters holds ids of the style E08-E13.
func (s *Set) Ancestors(code string) []Code {
	name := undotGroup(code)
	if s.edition.System == ICD10PCS {
		return s.pcsAncestors(name)
	}
	var out []Code
	category := ""
	if _, ok := s.find(name); ok {
		category = name
		for n := len(name) - 1; n >= 3; n-- {
			if i, ok := s.find(name[:n]); ok {
				out = append(out, s.At(i))
				category = name[:n]
			}
		}
		if len(category) > 3 {
			category = category[:3]
		}
	}
	return append(out, s.groupAncestors(name, category)...)
}

// billable reports whether code number i is valid for submission.
func (s *Set) billable(i int) bool { return pack.U16(s.flags, i)&compile.Billable != 0 }

// seventh returns the seventh character of code number i of ICD-10-CM, 0 if it
// has none.
func (s *Set) seventh(i int) byte {
	if s.edition.System != ICD10CM {
		return 0
	}
	return byte(s.keys[i] >> 8)
}
