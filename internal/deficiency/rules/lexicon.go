package rules

import (
	"bufio"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"
)

//go:embed data/*.txt
var data embed.FS

// group is what a phrase of the tables belongs to.
type group uint8

const (
	groupCondition group = iota + 1
	groupDrug
	groupPhrase
	groupSite
	groupMatter // what happens at a site: fracture, replacement
	groupEvent  // of one sex or age
)

// hit is a phrase of the tables found in a text.
type hit struct {
	group    group
	name     string
	from, to int // tokens, half open
}

// meaning is what a phrase stands for.
type meaning struct {
	group group
	name  string
}

type node struct {
	next map[string]*node
	ends []meaning
}

// lexicon finds the phrases of the tables in one pass over a text: at each word the
// longest phrase of each group that begins there, where no longer one covers it.
type lexicon struct{ root node }

func (l *lexicon) add(phrase string, m meaning) {
	at := &l.root
	for _, k := range parse(phrase).tokens {
		if at.next == nil {
			at.next = map[string]*node{}
		}
		next := at.next[k.word]
		if next == nil {
			next = &node{}
			at.next[k.word] = next
		}
		at = next
	}
	at.ends = append(at.ends, m)
}

// step goes on by a word, also by the singular of it.
func (n *node) step(word string) *node {
	if n.next == nil {
		return nil
	}
	if m := n.next[word]; m != nil {
		return m
	}
	if w, ok := strings.CutSuffix(word, "s"); ok && len(w) > 2 {
		return n.next[w]
	}
	return nil
}

// find fills the hits of a text.
func (l *lexicon) find(t *text) {
	var covered [groupEvent + 1]int
	for i := range t.tokens {
		at := &l.root
		var best [groupEvent + 1]struct {
			to    int
			names []meaning
		}
		for j := i; j < len(t.tokens); j++ {
			if j > i && t.tokens[j].sentence != t.tokens[i].sentence {
				break
			}
			if at = at.step(t.tokens[j].word); at == nil {
				break
			}
			for k, m := range at.ends {
				b := &best[m.group]
				if b.to != j+1 {
					b.to, b.names = j+1, nil
				}
				b.names = append(b.names, at.ends[k])
			}
		}
		for g := range best {
			if best[g].to <= covered[g] {
				continue
			}
			for _, m := range best[g].names {
				t.hits = append(t.hits, hit{group: m.group, name: m.name, from: i, to: best[g].to})
			}
			covered[g] = best[g].to
		}
	}
}

// errTable is the error of a table of data/ that cannot be read.
var errTable = errors.New("table")

// row is one line of a table: its columns and where it stands.
type row struct {
	place string
	cols  []string
}

// table reads data/NAME.txt: rows of columns divided by "|"; # begins a comment; a
// line that begins with a blank continues the one before.
func table(name string, columns int) ([]row, error) {
	file := path.Join("data", name+".txt")
	f, err := data.Open(file)
	if err != nil {
		return nil, fmt.Errorf("rules: %w", err)
	}
	return readTable(f, file, columns)
}

func readTable(f fs.File, file string, columns int) (rows []row, err error) {
	defer func() { err = errors.Join(err, f.Close()) }()
	scan := bufio.NewScanner(f)
	for n := 1; scan.Scan(); n++ {
		line := scan.Text()
		if before, _, found := strings.Cut(line, "#"); found {
			line = before
		}
		if strings.TrimSpace(line) == "" {
			continue
		}
		if line[0] == ' ' && len(rows) > 0 {
			last := &rows[len(rows)-1]
			last.cols[len(last.cols)-1] += " " + strings.TrimSpace(line)
			continue
		}
		r := row{place: fmt.Sprintf("%s:%d", file, n)}
		for col := range strings.SplitSeq(line, "|") {
			r.cols = append(r.cols, strings.TrimSpace(col))
		}
		if len(r.cols) != columns {
			return nil, fmt.Errorf("%w: %s has %d columns in place of %d", errTable, r.place, len(r.cols), columns)
		}
		rows = append(rows, r)
	}
	if err := scan.Err(); err != nil {
		return nil, fmt.Errorf("rules: %w", err)
	}
	return rows, nil
}

// list takes a column of several entries apart.
func list(col string) []string {
	var out []string
	for part := range strings.SplitSeq(col, ";") {
		if part = strings.TrimSpace(part); part != "" {
			out = append(out, part)
		}
	}
	return out
}
