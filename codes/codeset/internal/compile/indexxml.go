package compile

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// Parts of the Alphabetic Index, in the numbering of codeset.IndexKind.
const (
	IndexDiseases = iota
	IndexNeoplasm
	IndexDrug
	IndexExternal
	IndexProcedures
)

// IndexFile is what one XML file of the Alphabetic Index holds.
type IndexFile struct {
	Version string
	Kind    byte
	Rows    []IndexRow
	Main    int // main terms
	See     int
}

// ReadIndex reads the Index of Diseases and Injuries, the Index of External
// Causes, the Table of Neoplasms or the Table of Drugs and Chemicals. Which one
// it is follows from the headings inside, not from the name of the file.
func ReadIndex(r io.Reader) (*IndexFile, error) {
	t := &indexReader{dec: newDecoder(r), file: &IndexFile{}}
	for {
		tok, err := t.dec.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, t.dec.wrap(err)
		}
		switch tok := tok.(type) {
		case xml.StartElement:
			err = t.start(tok)
		case xml.EndElement:
			err = t.end(tok.Name.Local)
		case xml.CharData:
			if t.inNemod {
				t.nemod.Write(tok)
			} else {
				t.text.Write(tok)
			}
		}
		if err != nil {
			return nil, t.dec.wrap(err)
		}
	}
	if len(t.file.Rows) == 0 {
		return nil, t.dec.wrap(errors.New("no main terms: not an Index of ICD-10-CM"))
	}
	for i := range t.file.Rows {
		t.file.Rows[i].Kind = t.file.Kind
	}
	return t.file, nil
}

type indexReader struct {
	dec     *decoder
	file    *IndexFile
	open    []int // rows of the open terms
	path    []string
	text    strings.Builder
	nemod   strings.Builder
	inNemod bool
	col     int
}

func (t *indexReader) start(e xml.StartElement) error {
	name := e.Name.Local
	if len(t.path) == 0 && name != "ICD10CM.index" {
		return fmt.Errorf("the file begins with <%s>, not with <ICD10CM.index>", name)
	}
	if len(t.path) > 64 {
		return errors.New("elements are nested too deeply")
	}
	t.path = append(t.path, name)
	switch name {
	case "mainTerm", "term":
		if name == "term" && len(t.open) == 0 {
			return errors.New("<term> outside a main term")
		}
		if name == "mainTerm" {
			t.open = t.open[:0]
			t.file.Main++
		}
		t.file.Rows = append(t.file.Rows, IndexRow{Depth: len(t.open)})
		t.open = append(t.open, len(t.file.Rows)-1)
		t.text.Reset()
	case "nemod":
		t.inNemod = true
		t.nemod.Reset()
	case "cell", "head":
		col, err := strconv.Atoi(attr(e, "col"))
		if err != nil || col < 1 || col > 7 {
			return fmt.Errorf("column %q of a table", attr(e, "col"))
		}
		t.col = col
		t.text.Reset()
	default:
		t.text.Reset()
	}
	return nil
}

func (t *indexReader) end(name string) error {
	t.path = t.path[:max(len(t.path)-1, 0)]
	if name == "nemod" {
		t.inNemod = false
		if row := t.row(); row != nil {
			row.NonEssential = append(row.NonEssential, splitNemod(t.nemod.String())...)
		}
		return nil
	}
	text := strings.Join(strings.Fields(t.text.String()), " ")
	t.text.Reset()
	row := t.row()
	if row == nil {
		return t.heading(name, text)
	}
	switch name {
	case "title":
		row.Title = text
	case "code":
		row.Code = text
	case "manif":
		row.Manif = text
	case "see", "seecat":
		row.See = joinRef(row.See, text)
		t.file.See++
	case "seeAlso", "subcat":
		row.SeeAlso = joinRef(row.SeeAlso, text)
	case "cell":
		if t.col >= 2 && text != "--" {
			row.Cells[t.col-2] = text
		}
	case "mainTerm", "term":
		t.open = t.open[:len(t.open)-1]
	}
	return nil
}

func (t *indexReader) row() *IndexRow {
	if len(t.open) == 0 {
		return nil
	}
	return &t.file.Rows[t.open[len(t.open)-1]]
}

// heading looks at what stands outside the terms: version and the words that
// tell which table this is.
func (t *indexReader) heading(name, text string) error {
	switch {
	case name == "version":
		t.file.Version = text
	case name == "head" && t.col == 1 && strings.HasPrefix(text, "Neoplasm"):
		t.file.Kind = IndexNeoplasm
	case name == "head" && t.col == 1 && strings.HasPrefix(text, "Substance"):
		t.file.Kind = IndexDrug
	case name == "title" && strings.Contains(text, "External Cause"):
		t.file.Kind = IndexExternal
	}
	return nil
}

// splitNemod takes "(acquired) (congenital)" apart.
func splitNemod(text string) []string {
	var parts []string
	for p := range strings.SplitSeq(strings.TrimSpace(text), "(") {
		p = strings.Trim(strings.Join(strings.Fields(p), " "), ") ")
		if p != "" {
			parts = append(parts, p)
		}
	}
	return parts
}

func joinRef(old, add string) string {
	if old == "" || add == "" {
		return old + add
	}
	return old + "; " + add
}
