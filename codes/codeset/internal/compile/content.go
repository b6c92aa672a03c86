// Package compile turns published files into packs: ICD-10-CM and ICD-10-PCS
// order files, the Tabular List, the Alphabetic Index and its tables, the
// tables and definitions of ICD-10-PCS, the list of codes exempt from
// present-on-admission reporting, and HCPCS lists.
//
// What always holds: a reader either returns all that a file holds or an error
// that names the file and the place; nothing is skipped in silence. Sizes are
// bounded. The same content always compiles to the same bytes.
package compile

import (
	"encoding/binary"
	"fmt"
	"sort"
	"strings"

	"chartroom/codes/codeset/internal/pack"
)

// Flags of a code.
const (
	Billable  = 1 << 0 // valid for submission
	TitleMade = 1 << 1 // the title was put together here, the source has none
)

// Facts of a code, from the tables of the Medicare Code Editor.
const (
	FactFemale = 1 << iota
	FactMale
	FactNewborn
	FactPediatric
	FactMaternity
	FactAdult
	FactManifestation
	FactUnacceptable
	FactExternalCause
	FactUnspecified
	FactQuestionableAdmission
)

// CodeRow is one code or header.
type CodeRow struct {
	Code  string // undotted
	Title string
	Flags uint16
	Facts uint16
}

// GroupRow is a chapter or section of the Tabular List.
type GroupRow struct {
	Kind   byte // pack.KindSection or pack.KindChapter
	ID     string
	Title  string
	Parent int // row of the group above, -1 for a chapter
}

// HomeRow says in which group a category stands: C7A does not stand in C76-C80.
type HomeRow struct {
	Category string
	Group    int // row of Groups
}

// NoteRow is one instructional note.
type NoteRow struct {
	Owner string // undotted code, or id of a group
	Of    byte   // pack.KindCode, KindSection, KindChapter
	Kind  byte   // codeset.NoteKind
	Text  string
}

// SeventhRow is one value of a seventh character.
type SeventhRow struct {
	Owner string
	Char  byte
	Text  string
}

// IndexRow is a main term or subterm, in the order of the book.
type IndexRow struct {
	Kind         byte // codeset.IndexKind
	Depth        int
	Title        string
	NonEssential []string
	Code         string // as the book writes it
	Manif        string
	See, SeeAlso string
	Cells        [6]string
}

// LabelRow names one value of an axis of ICD-10-PCS. Context is the characters
// before it, three at most. Group is the seventh character of the codes for
// which the name holds, 0 if it holds for all: New Technology uses a value
// again for something else in a later group.
type LabelRow struct {
	Context string
	Axis    byte // 1 to 7
	Value   byte
	Group   byte
	Text    string
}

// TableRow is one row of a table of ICD-10-PCS.
type TableRow struct {
	Prefix string
	Values [4]string // the values allowed for characters 4 to 7
}

// AxisRow names the axes of a section of ICD-10-PCS.
type AxisRow struct {
	Prefix string // one to three characters
	Axis   byte
	Title  string
}

// DefinitionRow defines one value of an axis within a section.
type DefinitionRow struct {
	Section, Axis byte
	Label         string // the value's title
	Text          string
}

// Content is everything that one pack holds.
type Content struct {
	Manifest    pack.Manifest
	Codes       []CodeRow
	Groups      []GroupRow
	Homes       []HomeRow
	Notes       []NoteRow
	Sevenths    []SeventhRow
	Index       []IndexRow
	Labels      []LabelRow
	Tables      []TableRow
	Axes        []AxisRow
	Definitions []DefinitionRow
	POAExempt   []string // undotted codes
}

// Encode lays the content out as a pack. It counts and sorts what it is given.
func (c *Content) Encode() ([]byte, error) {
	texts := pack.NewTextsBuilder()
	sections := pack.NewWriter(pack.Manifest{}) // collects; the manifest follows below
	counts := map[string]int{}
	var parts []string
	steps := []struct {
		part string
		rows int
		add  func(*pack.Writer, *pack.TextsBuilder) error
	}{
		{"codes", len(c.Codes), c.addCodes},
		{"tabular", len(c.Groups) + len(c.Notes) + len(c.Sevenths), c.addTabular},
		{"", len(c.Index), c.addIndex}, // its parts are named by kind below
		{"tables", len(c.Labels) + len(c.Tables), c.addTables},
		{"definitions", len(c.Definitions), c.addDefinitions},
		{"poa", len(c.POAExempt), c.addPOA},
	}
	for _, s := range steps {
		if s.rows == 0 {
			continue
		}
		if s.part != "" {
			parts = append(parts, s.part)
		}
		if err := s.add(sections, texts); err != nil {
			return nil, err
		}
	}
	parts = append(parts, c.indexParts()...)
	if c.hasFacts() {
		parts = append(parts, "facts")
	}
	counts["codes"] = len(c.Codes)
	for _, r := range c.Codes {
		if r.Flags&Billable != 0 {
			counts["billable"]++
		}
		if r.Flags&TitleMade != 0 {
			counts["titles_made"]++
		}
	}
	counts["notes"], counts["index"], counts["labels"] = len(c.Notes), len(c.Index), len(c.Labels)
	counts["tables"], counts["definitions"] = len(c.Tables), len(c.Definitions)
	counts["poa_exempt"] = len(c.POAExempt)
	for k, n := range counts {
		if n == 0 {
			delete(counts, k)
		}
	}
	m := c.Manifest
	m.Counts = counts
	if len(m.Parts) == 0 {
		m.Parts = parts
	}
	w := pack.NewWriter(m)
	sections.CopyTo(w)
	if err := texts.AddTo(w); err != nil {
		return nil, err
	}
	return w.Bytes()
}

func (c *Content) addCodes(w *pack.Writer, texts *pack.TextsBuilder) error {
	rows := append([]CodeRow(nil), c.Codes...)
	sort.SliceStable(rows, func(i, j int) bool { return rows[i].Code < rows[j].Code })
	var keys, titles, flags, facts []byte
	for i, r := range rows {
		key, ok := pack.Key(r.Code, pack.KindCode)
		if !ok {
			return fmt.Errorf("compile: %q is no code", r.Code)
		}
		if i > 0 && rows[i-1].Code == r.Code {
			return fmt.Errorf("compile: code %s comes twice", r.Code)
		}
		keys = binary.LittleEndian.AppendUint64(keys, key)
		titles = binary.LittleEndian.AppendUint32(titles, texts.Add(r.Title))
		flags = binary.LittleEndian.AppendUint16(flags, r.Flags)
		facts = binary.LittleEndian.AppendUint16(facts, r.Facts)
	}
	w.Add("code.key", keys)
	w.Add("code.ttl", titles)
	w.Add("code.flg", flags)
	w.Add("code.fct", facts)
	return nil
}

func (c *Content) addTabular(w *pack.Writer, texts *pack.TextsBuilder) error {
	var gkeys, gtitles, gparents []byte
	for _, g := range c.Groups {
		key, ok := pack.Key(g.ID, g.Kind)
		if !ok {
			return fmt.Errorf("compile: %q is no id of a section or chapter", g.ID)
		}
		gkeys = binary.LittleEndian.AppendUint64(gkeys, key)
		gtitles = binary.LittleEndian.AppendUint32(gtitles, texts.Add(g.Title))
		gparents = binary.LittleEndian.AppendUint32(gparents, uint32(int32(g.Parent)))
	}
	w.Add("grp.key", gkeys)
	w.Add("grp.ttl", gtitles)
	w.Add("grp.par", gparents)
	if err := c.addHomes(w); err != nil {
		return err
	}

	type owned struct {
		owner uint64
		tag   byte
		text  uint32
	}
	write := func(prefix string, rows []owned) {
		sort.SliceStable(rows, func(i, j int) bool { return rows[i].owner < rows[j].owner })
		var owners, tags, ids []byte
		for _, r := range rows {
			owners = binary.LittleEndian.AppendUint64(owners, r.owner)
			tags = append(tags, r.tag)
			ids = binary.LittleEndian.AppendUint32(ids, r.text)
		}
		w.Add(prefix+".own", owners)
		w.Add(prefix+".tag", tags)
		w.Add(prefix+".txt", ids)
	}
	notes := make([]owned, 0, len(c.Notes))
	for _, n := range c.Notes {
		key, ok := pack.Key(n.Owner, n.Of)
		if !ok {
			return fmt.Errorf("compile: note at %q, which is no code", n.Owner)
		}
		notes = append(notes, owned{key, n.Kind, texts.Add(n.Text)})
	}
	write("note", notes)
	sevenths := make([]owned, 0, len(c.Sevenths))
	for _, s := range c.Sevenths {
		key, ok := pack.Key(s.Owner, pack.KindCode)
		if !ok {
			return fmt.Errorf("compile: seventh character at %q, which is no code", s.Owner)
		}
		sevenths = append(sevenths, owned{key, s.Char, texts.Add(s.Text)})
	}
	write("svn", sevenths)
	return nil
}

func (c *Content) addPOA(w *pack.Writer, _ *pack.TextsBuilder) error {
	codes := append([]string(nil), c.POAExempt...)
	sort.Strings(codes)
	var keys []byte
	for i, code := range codes {
		key, ok := pack.Key(code, pack.KindCode)
		if !ok {
			return fmt.Errorf("compile: %q is no code", code)
		}
		if i == 0 || codes[i-1] != code {
			keys = binary.LittleEndian.AppendUint64(keys, key)
		}
	}
	w.Add("poa.key", keys)
	return nil
}

func (c *Content) addHomes(w *pack.Writer) error {
	homes := append([]HomeRow(nil), c.Homes...)
	sort.SliceStable(homes, func(i, j int) bool { return homes[i].Category < homes[j].Category })
	var keys, groups []byte
	for i, h := range homes {
		key, ok := pack.Key(h.Category, pack.KindCode)
		if !ok || h.Group < 0 || h.Group >= len(c.Groups) {
			return fmt.Errorf("compile: category %q stands in group %d of %d", h.Category, h.Group, len(c.Groups))
		}
		if i > 0 && homes[i-1].Category == h.Category {
			return fmt.Errorf("compile: category %s stands in two sections", h.Category)
		}
		keys = binary.LittleEndian.AppendUint64(keys, key)
		groups = binary.LittleEndian.AppendUint32(groups, uint32(h.Group))
	}
	w.Add("hom.key", keys)
	w.Add("hom.grp", groups)
	return nil
}

func (c *Content) addIndex(w *pack.Writer, texts *pack.TextsBuilder) error {
	n := len(c.Index)
	kinds, depths := make([]byte, n), make([]byte, n)
	end := make([]uint32, n)
	var stack []int
	cols := map[string][]byte{}
	put := func(name, text string) {
		cols[name] = binary.LittleEndian.AppendUint32(cols[name], texts.Add(text))
	}
	for i, r := range c.Index {
		if r.Depth > len(stack) || r.Depth > 200 {
			return fmt.Errorf("compile: index entry %d %q at depth %d has no entry above it", i, r.Title, r.Depth)
		}
		for len(stack) > r.Depth {
			end[stack[len(stack)-1]] = uint32(i)
			stack = stack[:len(stack)-1]
		}
		stack = append(stack, i)
		kinds[i], depths[i] = r.Kind, byte(r.Depth)
		put("idx.ttl", r.Title)
		put("idx.nem", joinParts(r.NonEssential))
		put("idx.cod", r.Code)
		put("idx.man", r.Manif)
		put("idx.see", r.See)
		put("idx.als", r.SeeAlso)
		put("idx.cel", joinCells(r.Cells))
	}
	for _, open := range stack {
		end[open] = uint32(n)
	}
	var ends []byte
	for _, e := range end {
		ends = binary.LittleEndian.AppendUint32(ends, e)
	}
	w.Add("idx.knd", kinds)
	w.Add("idx.dep", depths)
	w.Add("idx.end", ends)
	for _, name := range []string{"idx.ttl", "idx.nem", "idx.cod", "idx.man", "idx.see", "idx.als", "idx.cel"} {
		w.Add(name, cols[name])
	}
	return nil
}

// hasFacts reports whether any code has a fact of the Medicare Code Editor.
func (c *Content) hasFacts() bool {
	for _, r := range c.Codes {
		if r.Facts != 0 {
			return true
		}
	}
	return false
}

// indexParts names the parts of the Index that the content has.
func (c *Content) indexParts() []string {
	names := [...]string{"index-diseases", "index-neoplasm", "index-drug", "index-external", "index-procedures"}
	var has [len(names)]bool
	for _, r := range c.Index {
		if int(r.Kind) < len(names) {
			has[r.Kind] = true
		}
	}
	var parts []string
	for i, name := range names {
		if has[i] {
			parts = append(parts, name)
		}
	}
	return parts
}

// joinParts writes nonessential modifiers the way the book does, so that the
// reader can split them at ") (".
func joinParts(parts []string) string { return strings.Join(parts, ") (") }

// joinCells writes the cells of a table row as one text, "" if all are empty.
func joinCells(cells [6]string) string {
	if cells == ([6]string{}) {
		return ""
	}
	return strings.Join(cells[:], "|")
}
