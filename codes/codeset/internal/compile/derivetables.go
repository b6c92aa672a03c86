package compile

import (
	"regexp"
	"sort"
	"strings"
)

// neoplasmTitles are the ways in which titles name the columns of the Table of
// Neoplasms, in the order of the columns.
var neoplasmTitles = []struct {
	column int
	title  *regexp.Regexp
}{
	{1, regexp.MustCompile(`(?i)^secondary malignant neoplasm of (.+)$`)},
	{0, regexp.MustCompile(`(?i)^malignant neoplasm of (.+)$`)},
	{2, regexp.MustCompile(`(?i)^carcinoma in situ of (.+)$`)},
	{3, regexp.MustCompile(`(?i)^(?:other )?benign neoplasms? of (.+)$`)},
	{4, regexp.MustCompile(`(?i)^neoplasm of uncertain behavior of (.+)$`)},
	{5, regexp.MustCompile(`(?i)^neoplasm of unspecified behavior of (.+)$`)},
}

// drugTitles do the same for the Table of Drugs and Chemicals.
var drugTitles = []struct {
	column int
	title  *regexp.Regexp
}{
	{0, regexp.MustCompile(`(?i)^(?:poisoning by|toxic effect of) (.+), accidental \(unintentional\)$`)},
	{1, regexp.MustCompile(`(?i)^(?:poisoning by|toxic effect of) (.+), intentional self-harm$`)},
	{2, regexp.MustCompile(`(?i)^(?:poisoning by|toxic effect of) (.+), assault$`)},
	{3, regexp.MustCompile(`(?i)^(?:poisoning by|toxic effect of) (.+), undetermined$`)},
	{4, regexp.MustCompile(`(?i)^adverse effect of (.+)$`)},
	{5, regexp.MustCompile(`(?i)^underdosing of (.+)$`)},
}

// tableRow is a row of one of the two tables in the making.
type tableRow struct {
	cells [6]string
	exact [6]bool // the cell's code is complete
}

func deriveNeoplasms(t *TabularFile, d *deriver) []IndexRow {
	rows := map[string]*tableRow{}
	for _, n := range t.Nodes {
		if n.Code[0] != 'C' && n.Code[0] != 'D' {
			continue
		}
		for _, p := range neoplasmTitles {
			if m := p.title.FindStringSubmatch(n.Title); m != nil {
				d.cell(rows, site(m[1]), p.column, n.Code)
				break
			}
		}
	}
	if len(rows) == 0 {
		return nil
	}
	out := []IndexRow{{Kind: IndexNeoplasm, Title: "Neoplasm, neoplastic"}}
	return append(out, tableRows(rows, IndexNeoplasm, 1)...)
}

func deriveDrugs(t *TabularFile, d *deriver) []IndexRow {
	rows := map[string]*tableRow{}
	for _, n := range t.Nodes {
		if n.Code[0] != 'T' {
			continue
		}
		for _, p := range drugTitles {
			if m := p.title.FindStringSubmatch(n.Title); m != nil {
				d.cell(rows, site(m[1]), p.column, n.Code)
				break
			}
		}
	}
	return tableRows(rows, IndexDrug, 0)
}

// site is the name of a row: without "unspecified" and "other".
func site(text string) string {
	text = withoutNoise(inBrackets.ReplaceAllString(text, ""))
	text = otherWords.ReplaceAllString(strings.TrimSpace(text), "")
	return strings.Trim(strings.Join(strings.Fields(text), " "), " ,")
}

// cell sets one cell; a complete code takes the place of a header.
func (d *deriver) cell(rows map[string]*tableRow, name string, column int, code string) {
	if name == "" {
		return
	}
	row := rows[name]
	if row == nil {
		row = &tableRow{}
		rows[name] = row
	}
	if row.cells[column] == "" || d.complete[code] && !row.exact[column] {
		row.cells[column], row.exact[column] = d.written(code), d.complete[code]
	}
}

func tableRows(rows map[string]*tableRow, kind byte, depth int) []IndexRow {
	names := make([]string, 0, len(rows))
	for name := range rows {
		names = append(names, name)
	}
	sort.Slice(names, func(i, j int) bool {
		a, b := strings.ToLower(names[i]), strings.ToLower(names[j])
		if a != b {
			return a < b
		}
		return names[i] < names[j]
	})
	out := make([]IndexRow, 0, len(names))
	for _, name := range names {
		title := name
		if depth == 0 {
			title = capital(name)
		}
		out = append(out, IndexRow{Kind: kind, Depth: depth, Title: title, Cells: rows[name].cells})
	}
	return out
}
