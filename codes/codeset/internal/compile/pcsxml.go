package compile

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
)

// PCSFile is what one XML file of ICD-10-PCS holds.
type PCSFile struct {
	Version     string
	Labels      []LabelRow
	Axes        []AxisRow
	Tables      []TableRow
	Definitions []DefinitionRow
	Index       []IndexRow
}

// pcsReader walks one of the three files of ICD-10-PCS; what it does with an
// element is in the two functions.
type pcsReader struct {
	dec     *decoder
	file    *PCSFile
	path    []string
	text    strings.Builder
	onStart func(e xml.StartElement) error
	onEnd   func(name, text string) error
}

func (p *pcsReader) read(root string) error {
	for {
		tok, err := p.dec.Token()
		if errors.Is(err, io.EOF) {
			if len(p.path) > 0 || p.file.Version == "" {
				return p.dec.wrap(io.ErrUnexpectedEOF)
			}
			return nil
		}
		if err != nil {
			return p.dec.wrap(err)
		}
		switch tok := tok.(type) {
		case xml.StartElement:
			if len(p.path) == 0 && tok.Name.Local != root {
				return p.dec.wrap(fmt.Errorf("the file begins with <%s>, not with <%s>", tok.Name.Local, root))
			}
			if len(p.path) > 64 {
				return p.dec.wrap(errors.New("elements are nested too deeply"))
			}
			p.path = append(p.path, tok.Name.Local)
			err = p.onStart(tok)
			p.text.Reset()
		case xml.EndElement:
			text := strings.Join(strings.Fields(p.text.String()), " ")
			p.text.Reset()
			p.path = p.path[:len(p.path)-1]
			if tok.Name.Local == "version" && len(p.path) == 1 {
				p.file.Version = text
				continue
			}
			err = p.onEnd(tok.Name.Local, text)
		case xml.CharData:
			p.text.Write(tok)
		}
		if err != nil {
			return p.dec.wrap(err)
		}
	}
}

// ReadPCSTables reads the tables of ICD-10-PCS as CMS publishes them.
func ReadPCSTables(r io.Reader) (*PCSFile, error) {
	t := &tablesReader{pcsReader: pcsReader{dec: newDecoder(r), file: &PCSFile{}}, labels: map[LabelRow]string{}, axes: map[AxisRow]bool{}}
	t.onStart, t.onEnd = t.start, t.end
	if err := t.read("ICD10PCS.tabular"); err != nil {
		return nil, err
	}
	if len(t.file.Tables) == 0 {
		return nil, t.dec.wrap(errors.New("no tables"))
	}
	for key, text := range t.labels {
		key.Text = text
		t.file.Labels = append(t.file.Labels, key)
	}
	return t.file, nil
}

type tablesReader struct {
	pcsReader
	prefix string
	axis   int
	code   string
	row    [4]string
	labels map[LabelRow]string // keys without their text
	axes   map[AxisRow]bool
	names  [4][]string // of the open row
}

func (t *tablesReader) start(e xml.StartElement) error {
	switch e.Name.Local {
	case "pcsTable":
		t.prefix = ""
	case "pcsRow":
		if len(t.prefix) != 3 {
			return fmt.Errorf("a row of a table that begins with %q", t.prefix)
		}
		t.row, t.names = [4]string{}, [4][]string{}
	case "axis":
		pos, err := strconv.Atoi(attr(e, "pos"))
		if err != nil || pos < 1 || pos > 7 {
			return fmt.Errorf("axis %q", attr(e, "pos"))
		}
		t.axis = pos
	case "label":
		if t.code = attr(e, "code"); len(t.code) != 1 || t.axis == 0 {
			return fmt.Errorf("value %q of axis %d", t.code, t.axis)
		}
	}
	return nil
}

func (t *tablesReader) end(name, text string) error {
	switch name {
	case "title":
		if t.axis >= 2 && len(t.path) > 2 && t.prefix != "" {
			row := AxisRow{Prefix: t.prefix[:1], Axis: byte(t.axis), Title: text}
			if key := (AxisRow{Prefix: row.Prefix, Axis: row.Axis}); !t.axes[key] {
				t.axes[key] = true
				t.file.Axes = append(t.file.Axes, row)
			}
		}
	case "label":
		if t.axis <= 3 {
			if len(t.prefix) != t.axis-1 {
				return fmt.Errorf("axis %d after %q", t.axis, t.prefix)
			}
			t.label(LabelRow{Context: t.prefix, Axis: byte(t.axis), Value: t.code[0]}, text)
			t.prefix += t.code
			return nil
		}
		t.row[t.axis-4] += t.code
		t.names[t.axis-4] = append(t.names[t.axis-4], text)
	case "definition":
		if t.axis == 3 && len(t.prefix) == 3 {
			label := t.labels[LabelRow{Context: t.prefix[:2], Axis: 3, Value: t.prefix[2]}]
			t.define(t.prefix[0], label, text)
		}
	case "pcsRow":
		return t.endRow()
	case "axis":
		t.axis = 0
	}
	return nil
}

// endRow keeps the row and the names of its values. New Technology uses values
// again in later groups, so there the names are kept by group as well.
func (t *tablesReader) endRow() error {
	for k, values := range t.row {
		if values == "" {
			return fmt.Errorf("a row of table %s without values on axis %d", t.prefix, k+4)
		}
		for i := 0; i < len(values); i++ {
			key := LabelRow{Context: t.prefix, Axis: byte(k + 4), Value: values[i]}
			t.label(key, t.names[k][i])
			if t.prefix[0] != 'X' || k == 3 {
				continue
			}
			for g := 0; g < len(t.row[3]); g++ {
				key.Group = t.row[3][g]
				t.label(key, t.names[k][i])
			}
		}
	}
	t.file.Tables = append(t.file.Tables, TableRow{Prefix: t.prefix, Values: t.row})
	return nil
}

// label keeps a name; a value that has two keeps both.
func (t *tablesReader) label(key LabelRow, text string) {
	old, ok := t.labels[key]
	switch {
	case !ok:
		t.labels[key] = text
	case old != text && !strings.Contains(" / "+old+" / ", " / "+text+" / "):
		t.labels[key] = old + " / " + text
	}
}

func (t *tablesReader) define(section byte, label, text string) {
	for _, d := range t.file.Definitions {
		if d.Section == section && d.Label == label {
			return
		}
	}
	t.file.Definitions = append(t.file.Definitions, DefinitionRow{Section: section, Axis: 3, Label: label, Text: text})
}

// ReadPCSDefinitions reads the definitions of ICD-10-PCS.
func ReadPCSDefinitions(r io.Reader) (*PCSFile, error) {
	d := &definitionsReader{pcsReader: pcsReader{dec: newDecoder(r), file: &PCSFile{}}}
	d.onStart, d.onEnd = d.start, d.end
	if err := d.read("ICD10PCS.definitions"); err != nil {
		return nil, err
	}
	if len(d.file.Definitions) == 0 {
		return nil, d.dec.wrap(errors.New("no definitions"))
	}
	return d.file, nil
}

type definitionsReader struct {
	pcsReader
	section, axis byte
	titles        []string
	parts         [3]string // definition, explanation, includes
}

func (d *definitionsReader) start(e xml.StartElement) error {
	switch e.Name.Local {
	case "section":
		c := attr(e, "code")
		if len(c) != 1 {
			return fmt.Errorf("section %q", c)
		}
		d.section = c[0]
	case "axis":
		pos := attr(e, "pos")
		if len(pos) != 1 || pos[0] < '1' || pos[0] > '7' {
			return fmt.Errorf("axis %q", pos)
		}
		d.axis = pos[0] - '0'
	case "terms":
		d.titles, d.parts = nil, [3]string{}
	}
	return nil
}

func (d *definitionsReader) end(name, text string) error {
	switch name {
	case "title":
		if len(d.path) > 0 && d.path[len(d.path)-1] == "terms" {
			d.titles = append(d.titles, text)
		}
	case "definition":
		d.parts[0] = joinRef(d.parts[0], text)
	case "explanation":
		d.parts[1] = joinRef(d.parts[1], text)
	case "includes":
		d.parts[2] = joinRef(d.parts[2], text)
	case "terms":
		all := definitionText(d.parts)
		for _, title := range d.titles {
			if all != "" {
				d.file.Definitions = append(d.file.Definitions, DefinitionRow{Section: d.section, Axis: d.axis, Label: title, Text: all})
			}
		}
	}
	return nil
}

func definitionText(parts [3]string) string {
	text := parts[0]
	for i, word := range []string{"Explanation: ", "Includes/Examples: "} {
		if parts[i+1] == "" {
			continue
		}
		if text != "" {
			text += ". "
		}
		text += word + parts[i+1]
	}
	return text
}

// ReadPCSIndex reads the Index of ICD-10-PCS. A subterm without a title of its
// own belongs to the term above it.
func ReadPCSIndex(r io.Reader) (*PCSFile, error) {
	t := &pcsIndexReader{pcsReader: pcsReader{dec: newDecoder(r), file: &PCSFile{}}}
	t.onStart, t.onEnd = t.start, t.end
	if err := t.read("ICD10PCS.index"); err != nil {
		return nil, err
	}
	if len(t.file.Index) == 0 {
		return nil, t.dec.wrap(errors.New("no main terms"))
	}
	return t.file, nil
}

type pcsIndexReader struct {
	pcsReader
	open []int // rows of the open terms; that of the one above for an untitled one
	ref  string
}

func (t *pcsIndexReader) start(e xml.StartElement) error {
	switch name := e.Name.Local; name {
	case "mainTerm", "term":
		if name == "term" && len(t.open) == 0 {
			return errors.New("<term> outside a main term")
		}
		t.open = append(t.open, -1)
	case "codes", "code", "tab":
		t.ref += t.text.String() // what stands before the codes in "see …"
	case "see", "use":
		t.ref = ""
	}
	return nil
}

// row returns the row of the innermost titled term.
func (t *pcsIndexReader) row() *IndexRow {
	for _, v := range slices.Backward(t.open) {
		if v >= 0 {
			return &t.file.Index[v]
		}
	}
	return nil
}

func (t *pcsIndexReader) end(name, text string) error {
	switch name {
	case "title":
		if len(t.open) > 0 && text != "" {
			depth := 0
			for _, row := range t.open {
				if row >= 0 {
					depth++
				}
			}
			t.file.Index = append(t.file.Index, IndexRow{Kind: IndexProcedures, Depth: depth, Title: text})
			t.open[len(t.open)-1] = len(t.file.Index) - 1
		}
	case "see", "use":
		if row := t.row(); row != nil {
			row.See = joinRef(row.See, strings.Join(strings.Fields(t.ref+" "+text), " "))
		}
		t.ref = ""
	case "codes", "code", "tab":
		if row := t.row(); row != nil && row.Code == "" {
			row.Code = strings.ToUpper(text)
		}
	case "mainTerm", "term":
		t.open = t.open[:len(t.open)-1]
	}
	return nil
}
