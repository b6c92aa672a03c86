package codeset

import (
	"errors"
	"fmt"
	"strings"

	"chartroom/codes/codeset/internal/compile"
	"chartroom/codes/codeset/internal/pack"
)

// pcsTables is the names of the axes of ICD-10-PCS and their values.
type pcsTables struct {
	texts            *pack.Texts
	labels, label    []byte
	axes, axis       []byte
	rows, row        []byte
	defTexts         *pack.Texts
	defKey           []byte
	defLabel, defTxt []byte
}

// pcs opens the tables that serve the set; without any it is empty.
func (s *Set) pcs() *pcsTables {
	return s.tables.get(func() *pcsTables {
		t := &pcsTables{texts: &pack.Texts{}, defTexts: &pack.Texts{}}
		if p := s.shelf.serving(s.pack, s.edition, "tables"); p != nil {
			if opened, err := openTables(p); err == nil {
				t = opened
			}
		}
		if p := s.shelf.serving(s.pack, s.edition, "definitions"); p != nil {
			if err := t.openDefinitions(p); err != nil {
				t.defKey = nil
			}
		}
		return t
	})
}

func openTables(p *pack.Pack) (*pcsTables, error) {
	t := &pcsTables{defTexts: &pack.Texts{}}
	var err error
	if t.texts, err = pack.OpenTexts(p); err != nil {
		return nil, err
	}
	if t.labels, err = sortedKeys(p, "lab.key"); err != nil {
		return nil, err
	}
	if t.axes, err = sortedKeys(p, "axi.key"); err != nil {
		return nil, err
	}
	for _, col := range []struct {
		name string
		into *[]byte
		keys int
	}{{"lab.txt", &t.label, len(t.labels)}, {"axi.txt", &t.axis, len(t.axes)}} {
		if *col.into, err = p.Section(col.name); err != nil {
			return nil, err
		}
		if len(*col.into)*2 != col.keys {
			return nil, fmt.Errorf("section %q does not fit its keys", col.name)
		}
	}
	if t.rows, err = p.Section("tab.key"); err != nil {
		return nil, err
	}
	if t.row, err = p.Section("tab.row"); err != nil {
		return nil, err
	}
	if len(t.rows)%8 != 0 || len(t.row)*2 != len(t.rows) {
		return nil, errors.New("section \"tab.row\" does not fit its keys")
	}
	return t, nil
}

func (t *pcsTables) openDefinitions(p *pack.Pack) error {
	var err error
	if t.defTexts, err = pack.OpenTexts(p); err != nil {
		return err
	}
	if t.defKey, err = p.Section("def.key"); err != nil {
		return err
	}
	if t.defLabel, err = p.Section("def.lab"); err != nil {
		return err
	}
	if t.defTxt, err = p.Section("def.txt"); err != nil {
		return err
	}
	if len(t.defKey)%8 != 0 || len(t.defLabel)*2 != len(t.defKey) || len(t.defTxt)*2 != len(t.defKey) {
		return errors.New("the sections of definitions do not fit together")
	}
	return nil
}

// value returns the name of a value of the axis that follows context; only the
// first three characters of context matter. group is the seventh character if it
// is known, else 0: a value that means different things in different groups then
// gives all its names.
func (t *pcsTables) value(context string, axis int, char, group byte) string {
	if len(context) > 3 {
		context = context[:3]
	}
	for n := len(context); n >= 0; n-- {
		low, ok := compile.LabelKey(context[:n], byte(axis), char, 0)
		if !ok {
			continue
		}
		if group != 0 {
			if key, ok := compile.LabelKey(context[:n], byte(axis), char, group); ok {
				if i, ok := pack.Find(t.labels, key); ok {
					return t.texts.Text(pack.U32(t.label, i))
				}
			}
		}
		if name := t.names(low); name != "" {
			return name
		}
	}
	return ""
}

// names returns the name under key, or the names of its groups.
func (t *pcsTables) names(key uint64) string {
	const groupBits = 0xffff // the sixth and seventh characters and the kind
	i, _ := pack.Find(t.labels, key)
	var all []string
	for ; i < len(t.labels)/8 && pack.U64(t.labels, i)&^(groupBits|0xff0000) == key&^(groupBits|0xff0000); i++ {
		name := t.texts.Text(pack.U32(t.label, i))
		if pack.U64(t.labels, i) == key {
			return name
		}
		if !has(all, name) {
			all = append(all, name)
		}
	}
	return strings.Join(all, " / ")
}

// axisName returns the name of an axis, 1 to 7, below context.
func (t *pcsTables) axisName(context string, axis int) string {
	if len(context) > 3 {
		context = context[:3]
	}
	for n := len(context); n >= 0; n-- {
		key, ok := compile.LabelKey(context[:n], byte(axis), '=', 0)
		if !ok {
			continue
		}
		if i, ok := pack.Find(t.axes, key); ok {
			return t.texts.Text(pack.U32(t.axis, i))
		}
	}
	return [...]string{"", "Section", "Body System", "Operation", "Body Part", "Approach", "Device", "Qualifier"}[axis]
}

// nextChars returns the characters that may follow prefix in a code of the set,
// found by skipping from block to block.
func (s *Set) nextChars(prefix string) []byte {
	from, to := 0, s.Len()
	if prefix != "" {
		from, to = s.below(prefix)
	}
	var out []byte
	for from < to {
		name := pack.Name(s.keys[from])
		if len(name) <= len(prefix) {
			from++ // the prefix itself
			continue
		}
		out = append(out, name[len(prefix)])
		_, from = s.below(name[:len(prefix)+1])
	}
	return out
}

// Build returns the name of the next axis after prefix (0 to 6 characters) and
// the values it may have so that a valid code remains possible.
func (s *Set) Build(prefix string) (axis string, next []Choice) {
	prefix = undot(prefix)
	if len(prefix) > 6 || s.edition.System != ICD10PCS {
		return "", nil
	}
	t := s.pcs()
	for _, c := range s.nextChars(prefix) {
		next = append(next, Choice{Char: string(rune(c)), Meaning: t.value(prefix, len(prefix)+1, c, 0)})
	}
	if len(next) == 0 {
		return "", nil
	}
	return t.axisName(prefix, len(prefix)+1), next
}

// Axis returns the name of axis 1 to 7 of a code and the meaning of its value.
func (s *Set) Axis(code string, axis int) (name string, value Choice) {
	code = undot(code)
	if axis < 1 || axis > 7 || axis > len(code) || s.edition.System != ICD10PCS {
		return "", Choice{}
	}
	t := s.pcs()
	return t.axisName(code[:axis-1], axis), Choice{string(code[axis-1]), t.value(code[:axis-1], axis, code[axis-1], seventhOf(code))}
}

// seventhOf returns the seventh character of a full code, else 0.
func seventhOf(code string) byte {
	if len(code) == 7 {
		return code[6]
	}
	return 0
}

// Definition returns the official definition of a value of an axis (1 to 7) in
// a section of ICD-10-PCS: Definition("0", 3, "Dilation"). The value is given
// by its name, since the same character means different things in different
// body systems; for axis 3 and 5 of sections where it does not, the character
// will do as well. It is "" if there is none.
func (s *Set) Definition(section string, axis int, value string) string {
	t := s.pcs()
	if len(section) != 1 || axis < 1 || axis > 7 {
		return ""
	}
	if len(value) == 1 {
		value = s.commonName(section, axis, value[0])
	}
	key, ok := pack.Key(section+string('0'+rune(axis)), pack.KindCode)
	if !ok {
		return ""
	}
	for i := range len(t.defKey) / 8 {
		if pack.U64(t.defKey, i) == key && strings.EqualFold(t.defTexts.Text(pack.U32(t.defLabel, i)), value) {
			return t.defTexts.Text(pack.U32(t.defTxt, i))
		}
	}
	return ""
}

// commonName returns the first name that a character has on an axis within a
// section.
func (s *Set) commonName(section string, axis int, char byte) string {
	t := s.pcs()
	for i := range len(t.labels) / 8 {
		name := pack.Name(pack.U64(t.labels, i))
		if len(name) == 5 && name[:1] == section && name[3] == byte('0'+axis) && name[4] == char {
			return t.texts.Text(pack.U32(t.label, i))
		}
	}
	return ""
}

// pcsChildren returns the values one character below a prefix as codes: with a
// full code's title at the seventh character, else with the name of the value.
func (s *Set) pcsChildren(prefix string) []Code {
	var out []Code
	t := s.pcs()
	for _, c := range s.nextChars(prefix) {
		code := prefix + string(rune(c))
		if i, ok := s.find(code); ok {
			out = append(out, s.At(i))
			continue
		}
		out = append(out, Code{Code: code, Title: t.value(prefix, len(code), c, 0)})
	}
	return out
}

// pcsAncestors returns the shorter prefixes of a code, nearest first.
func (s *Set) pcsAncestors(code string) []Code {
	var out []Code
	if from, to := s.below(code); from == to {
		return nil
	}
	t := s.pcs()
	for n := len(code) - 1; n >= 1; n-- {
		if i, ok := s.find(code[:n]); ok {
			out = append(out, s.At(i))
			continue
		}
		out = append(out, Code{Code: code[:n], Title: t.value(code[:n-1], n, code[n-1], seventhOf(code))})
	}
	return out
}
