package compile

import (
	"encoding/binary"
	"fmt"
	"sort"

	"chartroom/codes/codeset/internal/pack"
)

// LabelKey is the key under which the name of an axis value is kept: the
// characters before it (three at most), the axis, the value, and the group if
// the name holds for one only.
func LabelKey(context string, axis, value, group byte) (uint64, bool) {
	if len(context) > 3 || axis < 1 || axis > 7 {
		return 0, false
	}
	padded := (context + "___")[:3]
	name := padded + string('0'+rune(axis)) + string(rune(value))
	if group != 0 {
		name += string(rune(group))
	}
	return pack.Key(name, pack.KindCode)
}

func (c *Content) addTables(w *pack.Writer, texts *pack.TextsBuilder) error {
	type named struct {
		key  uint64
		text uint32
	}
	write := func(prefix string, rows []named) error {
		sort.SliceStable(rows, func(i, j int) bool { return rows[i].key < rows[j].key })
		var keys, ids []byte
		for i, r := range rows {
			if i > 0 && rows[i-1].key == r.key {
				if rows[i-1].text != r.text {
					return fmt.Errorf("compile: %s %s has two names", prefix, pack.Name(r.key))
				}
				continue
			}
			keys = binary.LittleEndian.AppendUint64(keys, r.key)
			ids = binary.LittleEndian.AppendUint32(ids, r.text)
		}
		w.Add(prefix+".key", keys)
		w.Add(prefix+".txt", ids)
		return nil
	}
	labels := make([]named, 0, len(c.Labels))
	for _, l := range c.Labels {
		key, ok := LabelKey(l.Context, l.Axis, l.Value, l.Group)
		if !ok {
			return fmt.Errorf("compile: %q axis %d value %q is no place in a table", l.Context, l.Axis, l.Value)
		}
		labels = append(labels, named{key, texts.Add(l.Text)})
	}
	if err := write("lab", labels); err != nil {
		return err
	}
	axes := make([]named, 0, len(c.Axes))
	for _, a := range c.Axes {
		key, ok := LabelKey(a.Prefix, a.Axis, '=', 0)
		if !ok {
			return fmt.Errorf("compile: %q axis %d is no axis", a.Prefix, a.Axis)
		}
		axes = append(axes, named{key, texts.Add(a.Title)})
	}
	if err := write("axi", axes); err != nil {
		return err
	}
	rows := make([]named, 0, len(c.Tables))
	var keys, ids []byte
	for _, t := range c.Tables {
		key, ok := pack.Key(t.Prefix, pack.KindCode)
		if !ok || len(t.Prefix) != 3 {
			return fmt.Errorf("compile: %q is no prefix of a table", t.Prefix)
		}
		text := t.Values[0] + "|" + t.Values[1] + "|" + t.Values[2] + "|" + t.Values[3]
		rows = append(rows, named{key, texts.Add(text)})
	}
	sort.SliceStable(rows, func(i, j int) bool { return rows[i].key < rows[j].key })
	for _, r := range rows {
		keys = binary.LittleEndian.AppendUint64(keys, r.key)
		ids = binary.LittleEndian.AppendUint32(ids, r.text)
	}
	w.Add("tab.key", keys)
	w.Add("tab.row", ids)
	return nil
}

func (c *Content) addDefinitions(w *pack.Writer, texts *pack.TextsBuilder) error {
	var keys, labels, ids []byte
	for _, d := range c.Definitions {
		key, ok := pack.Key(string(rune(d.Section))+string('0'+rune(d.Axis)), pack.KindCode)
		if !ok || d.Axis > 7 {
			return fmt.Errorf("compile: definition of %q in section %q axis %d", d.Label, d.Section, d.Axis)
		}
		keys = binary.LittleEndian.AppendUint64(keys, key)
		labels = binary.LittleEndian.AppendUint32(labels, texts.Add(d.Label))
		ids = binary.LittleEndian.AppendUint32(ids, texts.Add(d.Text))
	}
	w.Add("def.key", keys)
	w.Add("def.lab", labels)
	w.Add("def.txt", ids)
	return nil
}
