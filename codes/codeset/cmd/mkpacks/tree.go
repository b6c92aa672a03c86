package main

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	_ "modernc.org/sqlite" // one source is an SQLite file

	"chartroom/codes/codeset/internal/compile"
	"chartroom/codes/codeset/internal/pack"
)

// pcsTree is what the SQLite file of one package has of ICD-10-PCS.
type pcsTree struct {
	titles      map[string]string
	labels      map[compile.LabelRow]bool
	definitions []compile.DefinitionRow
	index       []compile.IndexRow
}

// readTree reads titles, names of axis values, definitions and the Index.
func (m maker) readTree() (*pcsTree, pack.Source, error) {
	data, source, err := m.read(procedureTree)
	if err != nil {
		return nil, source, err
	}
	dir, err := os.MkdirTemp("", "mkpacks")
	if err != nil {
		return nil, source, fmt.Errorf("temporary folder: %w", err)
	}
	defer func() { _ = os.RemoveAll(dir) }() // best effort: it is a temporary folder
	file := filepath.Join(dir, "tree.db")
	if err := os.WriteFile(file, data, 0o600); err != nil {
		return nil, source, fmt.Errorf("temporary file: %w", err)
	}
	db, err := sql.Open("sqlite", file)
	if err != nil {
		return nil, source, fmt.Errorf("%s: %w", procedureTree.file, err)
	}
	defer func() { _ = db.Close() }() // read only
	t := &pcsTree{titles: map[string]string{}, labels: map[compile.LabelRow]bool{}}
	for _, step := range []func(*sql.DB) error{t.readCodes, t.readLabels, t.readDefinitions, t.readIndex} {
		if err := step(db); err != nil {
			return nil, source, fmt.Errorf("%s: %w", procedureTree.file, err)
		}
	}
	return t, source, nil
}

// query calls do with the text columns of every row.
func query(db *sql.DB, text string, columns int, do func(row []string)) error {
	rows, err := db.QueryContext(context.Background(), text)
	if err != nil {
		return fmt.Errorf("query: %w", err)
	}
	defer func() { _ = rows.Close() }() // rows.Err below tells
	values := make([]sql.NullString, columns)
	into := make([]any, columns)
	for i := range values {
		into[i] = &values[i]
	}
	row := make([]string, columns)
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return fmt.Errorf("query: %w", err)
		}
		for i, v := range values {
			row[i] = strings.Join(strings.Fields(v.String), " ")
			if columns == 2 {
				row[i] = strings.TrimSpace(v.String) // the Index keeps its lines
			}
		}
		do(row)
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("query: %w", err)
	}
	return nil
}

func (t *pcsTree) readCodes(db *sql.DB) error {
	return query(db, "SELECT code, long_name, '' FROM pcs_codes ORDER BY code", 3, func(r []string) {
		t.titles[r[0]] = r[1]
	})
}

func (t *pcsTree) readLabels(db *sql.DB) error {
	columns := "code, sec_def, bs_def, ro_def, bp_def, ap_def, dv_def, qu_def"
	return query(db, "SELECT "+columns+" FROM pcs_tree ORDER BY code", 8, func(r []string) {
		code := r[0]
		for axis := 1; axis <= 7 && len(code) == 7; axis++ {
			text, _, _ := strings.Cut(r[axis], ": ") // a root operation is followed by its definition
			if axis != 3 {
				text = r[axis]
			}
			if text != "" {
				t.labels[compile.LabelRow{Context: code[:min(axis-1, 3)], Axis: byte(axis), Value: code[axis-1], Text: text}] = true
			}
		}
	})
}

func (t *pcsTree) readDefinitions(db *sql.DB) error {
	add := func(axis byte) func([]string) {
		return func(r []string) {
			text := r[2]
			if r[3] != "" {
				text += ". Explanation: " + r[3]
			}
			if r[4] != "" {
				text += ". Includes/Examples: " + r[4]
			}
			if len(r[0]) == 1 && text != "" {
				t.definitions = append(t.definitions, compile.DefinitionRow{Section: r[0][0], Axis: axis, Label: r[1], Text: text})
			}
		}
	}
	err := query(db, "SELECT section, value, definition, explanation, examples FROM pcs_root_operation ORDER BY section, code", 5, add(3))
	if err != nil {
		return err
	}
	return query(db, "SELECT section, value, definition, '', '' FROM pcs_approach ORDER BY section, code", 5, add(5))
}

// boldCode is a code or the beginning of codes as the file marks it.
var boldCode = regexp.MustCompile(`\*\*([0-9A-Z]{3,7})\*\*`)

// readIndex turns the text of each main term into terms. A line is a subterm, its
// depth the number of tabs before it.
func (t *pcsTree) readIndex(db *sql.DB) error {
	var rows []compile.IndexRow
	last := ""
	err := query(db, "SELECT term, content FROM pcs_index ORDER BY rowid", 2, func(r []string) {
		title := strings.Join(strings.Fields(r[0]), " ")
		if title == "" {
			return
		}
		if title != last { // else the main term goes on after a page break
			rows = append(rows, compile.IndexRow{Kind: compile.IndexProcedures, Title: title})
			last = title
		}
		rows = indexLines(rows, r[1])
	})
	t.index = rows
	return err
}

// indexLines appends the lines below the main term that stands last in rows.
func indexLines(rows []compile.IndexRow, content string) []compile.IndexRow {
	main := len(rows) - 1
	for main > 0 && rows[main].Depth > 0 {
		main--
	}
	path := []int{main}
	for line := range strings.SplitSeq(content, "\n") {
		depth := 1
		for strings.HasPrefix(line, "\t") {
			line, depth = line[1:], depth+1
		}
		row := compile.IndexRow{Kind: compile.IndexProcedures}
		continued := strings.Contains(line, "(continued)")
		line = strings.ReplaceAll(line, "(continued)", " ")
		if m := boldCode.FindStringSubmatch(line); m != nil {
			row.Code = m[1]
		}
		line = strings.Join(strings.Fields(boldCode.ReplaceAllString(line, " ")), " ")
		for _, word := range []string{"see ", "use "} {
			if before, after, ok := cutWord(line, word); ok {
				line, row.See = before, after
			}
		}
		row.Title = strings.Trim(line, " ,")
		depth = min(depth, len(path))
		if row.Title == "" {
			at := &rows[path[depth-1]]
			if row.See != "" {
				at.See = join(at.See, row.See)
			} else if at.Code == "" {
				at.Code = row.Code
			}
			continue
		}
		if continued {
			if at := sameTitle(rows, path[depth-1], depth, row.Title); at >= 0 {
				path = append(path[:depth], at)
				continue
			}
		}
		row.Depth = depth
		rows = append(rows, row)
		path = append(path[:depth], len(rows)-1)
	}
	return rows
}

// sameTitle finds the last term below parent that has the title and is still
// open, that is: after which nothing of lesser depth came.
func sameTitle(rows []compile.IndexRow, parent, depth int, title string) int {
	for i := len(rows) - 1; i > parent && rows[i].Depth >= depth; i-- {
		if rows[i].Depth == depth {
			if rows[i].Title == title {
				return i
			}
			return -1
		}
	}
	return -1
}

// cutWord splits at a word that stands at the beginning or after a space.
func cutWord(line, word string) (before, after string, ok bool) {
	if strings.HasPrefix(line, word) {
		return "", line[len(word):], true
	}
	return strings.Cut(line, " "+word)
}

func join(old, add string) string {
	if old == "" {
		return add
	}
	return old + "; " + add
}
