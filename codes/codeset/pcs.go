package codeset

import (
	"strings"

	"chartroom/codes/codeset/internal/pack"
)

// PCSTable is one table of ICD-10-PCS: the first three characters fixed, and
// rows that say which values of the other four go together.
type PCSTable struct {
	Prefix     string // 027
	Axes       [7]string
	Fixed      [3]Choice
	Definition string // of the root operation or type
	Rows       []PCSRow
	Derived    bool // the rows were put together from the list of codes
}

// PCSRow allows every combination of its four lists.
type PCSRow struct {
	Values [4][]Choice // characters 4 to 7
}

// Table returns the table of a prefix of at least three characters. Where the
// official tables are not installed the rows are put together from the codes:
// they allow exactly the same codes, but may be cut otherwise.
func (s *Set) Table(prefix string) (PCSTable, bool) {
	prefix = undot(prefix)
	if s.edition.System != ICD10PCS || len(prefix) < 3 {
		return PCSTable{}, false
	}
	prefix = prefix[:3]
	from, to := s.below(prefix)
	if from == to {
		return PCSTable{}, false
	}
	t := s.pcs()
	table := PCSTable{Prefix: prefix}
	for axis := 1; axis <= 7; axis++ {
		table.Axes[axis-1] = t.axisName(prefix, axis)
	}
	for i := range 3 {
		table.Fixed[i] = Choice{prefix[i : i+1], t.value(prefix[:i], i+1, prefix[i], 0)}
	}
	table.Definition = s.Definition(prefix[:1], 3, table.Fixed[2].Meaning)
	rows := t.official(prefix)
	if rows == nil {
		rows = rowsOf(s.tails(from, to))
		table.Derived = true
	}
	for _, r := range rows {
		var row PCSRow
		group := byte(0)
		if len(r[3]) == 1 {
			group = r[3][0]
		}
		for k, values := range r {
			for i := 0; i < len(values); i++ {
				row.Values[k] = append(row.Values[k], Choice{values[i : i+1], t.value(prefix, k+4, values[i], group)})
			}
		}
		table.Rows = append(table.Rows, row)
	}
	return table, true
}

// tails returns the last four characters of the full codes [from,to).
func (s *Set) tails(from, to int) []string {
	var out []string
	for k := from; k < to; k++ {
		if name := pack.Name(s.keys[k]); len(name) == 7 {
			out = append(out, name[3:])
		}
	}
	return out
}

// official returns the rows of an official table, if one is installed.
func (t *pcsTables) official(prefix string) [][4]string {
	key, ok := pack.Key(prefix, pack.KindCode)
	if !ok {
		return nil
	}
	var out [][4]string
	i, _ := pack.Find(t.rows, key)
	for ; i < len(t.rows)/8 && pack.U64(t.rows, i) == key; i++ {
		var row [4]string
		copy(row[:], strings.SplitN(t.texts.Text(pack.U32(t.row, i)), "|", 4))
		out = append(out, row)
	}
	return out
}

// rowsOf cuts a sorted list of tails (characters 4 to 7) into rows that allow
// exactly these: values that go with the same continuations share a row.
func rowsOf(tails []string) [][4]string {
	var out [][4]string
	for _, r := range product(tails) {
		var row [4]string
		copy(row[:], r)
		out = append(out, row)
	}
	return out
}

// product writes a set of strings of equal length as a union of products, one
// string of values for each place.
func product(tails []string) [][]string {
	if len(tails) == 0 {
		return nil
	}
	if len(tails[0]) == 1 {
		return [][]string{{strings.Join(tails, "")}}
	}
	type block struct{ values, key string }
	var blocks []block
	rest := map[string][]string{}
	for i := 0; i < len(tails); {
		k := i
		var below []string
		for ; k < len(tails) && tails[k][0] == tails[i][0]; k++ {
			below = append(below, tails[k][1:])
		}
		key := strings.Join(below, " ")
		if _, ok := rest[key]; !ok {
			rest[key] = below
			blocks = append(blocks, block{key: key})
		}
		for b := range blocks {
			if blocks[b].key == key {
				blocks[b].values += tails[i][:1]
			}
		}
		i = k
	}
	var out [][]string
	for _, b := range blocks {
		for _, r := range product(rest[b.key]) {
			out = append(out, append([]string{b.values}, r...))
		}
	}
	return out
}
