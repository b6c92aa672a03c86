package codeset

import (
	"errors"
	"fmt"
	"strings"

	"chartroom/codes/codeset/internal/pack"
)

// tabular is the opened Tabular List that serves a set. It may be older than
// the set.
type tabular struct {
	edition string // of the list
	texts   *pack.Texts
	groups  []group
	homes   []byte // sorted keys of the categories
	home    []byte // the group of each
	notes   owned
	seventh owned
}

// group is a chapter or section.
type group struct {
	id, title string
	kind      byte
	parent    int
}

// owned is a list of texts that stand at codes or groups, sorted by owner.
type owned struct {
	owner, tag, text []byte
}

// at returns the entries [from,to) of an owner.
func (o owned) at(key uint64) (from, to int) {
	from, _ = pack.Find(o.owner, key)
	to = from
	for to < len(o.owner)/8 && pack.U64(o.owner, to) == key {
		to++
	}
	return from, to
}

// openTabular reads the Tabular List of a pack. A list that does not fit gives
// an error; the set then has no notes.
func openTabular(p *pack.Pack) (*tabular, error) {
	t := &tabular{edition: p.Manifest.Name}
	var err error
	if t.texts, err = pack.OpenTexts(p); err != nil {
		return nil, err
	}
	if t.notes, err = openOwned(p, "note"); err != nil {
		return nil, err
	}
	if t.seventh, err = openOwned(p, "svn"); err != nil {
		return nil, err
	}
	keys, err := p.Section("grp.key")
	if err != nil {
		return nil, err
	}
	titles, err := p.Section("grp.ttl")
	if err != nil {
		return nil, err
	}
	parents, err := p.Section("grp.par")
	if err != nil {
		return nil, err
	}
	n := len(keys) / 8
	if len(keys)%8 != 0 || len(titles) != n*4 || len(parents) != n*4 {
		return nil, errors.New("the sections of chapters do not fit together")
	}
	for i := range n {
		g := group{
			id: pack.Name(pack.U64(keys, i)), kind: pack.KindOf(pack.U64(keys, i)),
			title: t.texts.Text(pack.U32(titles, i)), parent: int(int32(pack.U32(parents, i))),
		}
		if g.parent >= i || g.parent < -1 {
			return nil, fmt.Errorf("section %s stands below one that follows it", g.id)
		}
		t.groups = append(t.groups, g)
	}
	if t.homes, err = sortedKeys(p, "hom.key"); err != nil {
		return nil, err
	}
	if t.home, err = p.Section("hom.grp"); err != nil {
		return nil, err
	}
	if len(t.home)*2 != len(t.homes) {
		return nil, errors.New("the sections of categories do not fit together")
	}
	for i := range len(t.home) / 4 {
		if int64(pack.U32(t.home, i)) >= int64(len(t.groups)) {
			return nil, fmt.Errorf("category %s stands in no section", pack.Name(pack.U64(t.homes, i)))
		}
	}
	return t, nil
}

func openOwned(p *pack.Pack, name string) (owned, error) {
	var o owned
	for _, col := range []struct {
		suffix string
		into   *[]byte
	}{{".own", &o.owner}, {".tag", &o.tag}, {".txt", &o.text}} {
		data, err := p.Section(name + col.suffix)
		if err != nil {
			return o, err
		}
		*col.into = data
	}
	n := len(o.owner) / 8
	if len(o.owner)%8 != 0 || len(o.tag) != n || len(o.text) != n*4 {
		return o, fmt.Errorf("the sections of %q do not fit together", name)
	}
	for i := 1; i < n; i++ {
		if pack.U64(o.owner, i-1) > pack.U64(o.owner, i) {
			return o, fmt.Errorf("section %q is out of order at entry %d", name, i)
		}
	}
	return o, nil
}

// list returns the Tabular List that serves the set, or an empty one.
func (s *Set) list() *tabular {
	return s.tabular.get(func() *tabular {
		if p := s.shelf.serving(s.pack, s.edition, "tabular"); p != nil {
			if t, err := openTabular(p); err == nil {
				return t
			}
		}
		return &tabular{}
	})
}

// undotGroup keeps the hyphen of a section's id; for everything else it is
// undot.
func undotGroup(code string) string {
	c := strings.ToUpper(strings.TrimSpace(code))
	if len(c) == 7 && c[3] == '-' {
		return c
	}
	return undot(c)
}

// asCode shows a group as a code.
func (g group) asCode() Code { return Code{Code: g.id, Title: g.title} }

// groupAncestors returns the sections and the chapter above a category, or
// above the group named name, nearest first.
func (s *Set) groupAncestors(name, category string) []Code {
	t := s.list()
	at := -1
	if category != "" {
		at = t.innermost(category)
	} else if i := t.group(name); i >= 0 {
		at = t.groups[i].parent
	}
	var out []Code
	for ; at >= 0; at = t.groups[at].parent {
		out = append(out, t.groups[at].asCode())
	}
	return out
}

// Chapters returns the chapters of the Tabular List, or the sections of
// ICD-10-PCS.
func (s *Set) Chapters() []Code {
	if s.edition.System == ICD10PCS {
		return s.pcsChildren("")
	}
	var out []Code
	for _, g := range s.list().groups {
		if g.kind == pack.KindChapter {
			out = append(out, g.asCode())
		}
	}
	return out
}

// groupChildren returns the sections of a chapter, the sections of a section,
// and the categories that stand directly in it.
func (s *Set) groupChildren(name string) []Code {
	t := s.list()
	at := t.group(name)
	if at < 0 {
		return nil
	}
	var out []Code
	for i, g := range t.groups {
		if g.parent == at && i != at {
			out = append(out, g.asCode())
		}
	}
	for i := range len(t.home) / 4 {
		if int(pack.U32(t.home, i)) != at {
			continue
		}
		if k, ok := s.place(pack.U64(t.homes, i)); ok {
			out = append(out, s.At(k))
		}
	}
	return out
}

// group returns the number of the group with an id, or -1.
func (t *tabular) group(id string) int {
	for i, g := range t.groups {
		if g.id == id {
			return i
		}
	}
	return -1
}

// innermost returns the group that a category stands in, or -1. A category
// newer than the list stands nowhere.
func (t *tabular) innermost(category string) int {
	key, ok := pack.Key(category, pack.KindCode)
	if !ok {
		return -1
	}
	i, ok := pack.Find(t.homes, key)
	if !ok {
		return -1
	}
	return int(pack.U32(t.home, i))
}

// owners returns the keys of a code and of all that stands above it, nearest
// first, with the name each has.
func (s *Set) owners(code string) (keys []uint64, names []string) {
	name := undotGroup(code)
	add := func(n string, kind byte, shown string) {
		if key, ok := pack.Key(n, kind); ok {
			keys = append(keys, key)
			names = append(names, shown)
		}
	}
	t := s.list()
	at := -1
	if strings.Contains(name, "-") {
		at = t.group(name)
	} else {
		for n := len(name); n >= 3; n-- {
			add(name[:n], pack.KindCode, dotted(name[:n]))
		}
		if len(name) >= 3 {
			at = t.innermost(name[:3])
		}
	}
	for ; at >= 0; at = t.groups[at].parent {
		add(t.groups[at].id, t.groups[at].kind, t.groups[at].id)
	}
	return keys, names
}

// Notes returns the notes that bear on a code: its own first, then those
// inherited from subcategory, category, section and chapter. Inclusion terms
// are not inherited: they belong to the code they stand at.
func (s *Set) Notes(code string) []Note {
	t := s.list()
	var out []Note
	keys, names := s.owners(code)
	for k, key := range keys {
		from, to := t.notes.at(key)
		for i := from; i < to; i++ {
			kind := NoteKind(t.notes.tag[i])
			if kind == InclusionTerm && k > 0 {
				continue
			}
			text := t.texts.Text(pack.U32(t.notes.text, i))
			out = append(out, Note{Kind: kind, Text: text, At: names[k], Refs: s.references(text), Edition: t.edition})
		}
	}
	return out
}

// references keeps of the codes that a text names those that the edition or its
// sections know, so that "vitamin B12" names none.
func (s *Set) references(text string) []Range {
	refs := References(text)
	kept := refs[:0]
	for _, r := range refs {
		if from, to := s.below(r.From); from < to {
			kept = append(kept, r)
		} else if r.From != r.To {
			kept = append(kept, r)
		}
	}
	if len(kept) == 0 {
		return nil
	}
	return kept
}

// SeventhCharacters returns the seventh characters of a code, its own or
// inherited, in the order of the Tabular List.
func (s *Set) SeventhCharacters(code string) []Choice {
	t := s.list()
	keys, _ := s.owners(code)
	for _, key := range keys {
		from, to := t.seventh.at(key)
		if from == to {
			continue
		}
		out := make([]Choice, 0, to-from)
		for i := from; i < to; i++ {
			out = append(out, Choice{Char: string(rune(t.seventh.tag[i])), Meaning: t.texts.Text(pack.U32(t.seventh.text, i))})
		}
		return out
	}
	return nil
}
