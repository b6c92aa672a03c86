package compile

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"

	"chartroom/codes/codeset/internal/pack"
)

// Kinds of notes, in the numbering of codeset.NoteKind.
const (
	noteGeneral = iota
	noteIncludes
	noteInclusionTerm
	noteExcludes1
	noteExcludes2
	noteCodeFirst
	noteUseAdditional
	noteCodeAlso
	noteSeventh
)

var noteElements = map[string]byte{
	"notes": noteGeneral, "includes": noteIncludes, "inclusionTerm": noteInclusionTerm,
	"excludes1": noteExcludes1, "excludes2": noteExcludes2, "codeFirst": noteCodeFirst,
	"useAdditionalCode": noteUseAdditional, "codeAlso": noteCodeAlso, "sevenChrNote": noteSeventh,
}

// rangeAtEnd finds the block of codes at the end of a chapter's or section's
// title: "(E00-E89)", "(C7A)".
var rangeAtEnd = regexp.MustCompile(`\s*\(([A-Z][0-9A-Z][0-9A-Z](?:-[A-Z][0-9A-Z][0-9A-Z])?)\)\s*$`)

// tabularNode is an open chapter, section or code while the file is read.
type tabularNode struct {
	kind  byte
	id    string
	group int // row in Groups; for a code the group it stands in
}

// TabularFile is what a tabular XML file holds.
type TabularFile struct {
	Version  string
	Groups   []GroupRow
	Nodes    []CodeRow // the codes that the list prints, without most seventh characters
	Homes    []HomeRow
	Notes    []NoteRow
	Sevenths []SeventhRow
}

// ReadTabular reads the Tabular List of ICD-10-CM as NCHS publishes it.
func ReadTabular(r io.Reader) (*TabularFile, error) {
	t := &tabularReader{dec: newDecoder(r), file: &TabularFile{}}
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
			t.text.Write(tok)
		}
		if err != nil {
			return nil, t.dec.wrap(err)
		}
	}
	if len(t.file.Nodes) == 0 {
		return nil, t.dec.wrap(errors.New("no codes: not a Tabular List of ICD-10-CM"))
	}
	return t.file, nil
}

type tabularReader struct {
	dec   *decoder
	file  *TabularFile
	stack []tabularNode
	path  []string // open elements
	text  strings.Builder
	char  byte // of the open extension
}

func (t *tabularReader) start(e xml.StartElement) error {
	name := e.Name.Local
	if len(t.path) == 0 && name != "ICD10CM.tabular" {
		return fmt.Errorf("the file begins with <%s>, not with <ICD10CM.tabular>", name)
	}
	if len(t.path) > 64 {
		return errors.New("elements are nested too deeply")
	}
	t.path = append(t.path, name)
	t.text.Reset()
	switch name {
	case "chapter":
		t.stack = append(t.stack[:0], tabularNode{kind: pack.KindChapter, group: -1})
	case "section":
		id := attr(e, "id")
		if !strings.Contains(id, "-") {
			id += "-" + id // so that no section has the name of its only category
		}
		parent := -1
		if len(t.stack) > 0 {
			parent = t.stack[len(t.stack)-1].group
		}
		t.file.Groups = append(t.file.Groups, GroupRow{Kind: pack.KindSection, ID: id, Parent: parent})
		t.stack = append(t.stack, tabularNode{kind: pack.KindSection, id: id, group: len(t.file.Groups) - 1})
	case "diag":
		if len(t.stack) == 0 {
			return errors.New("<diag> outside a chapter")
		}
		t.stack = append(t.stack, tabularNode{kind: pack.KindCode, group: t.stack[len(t.stack)-1].group})
	case "extension":
		if c := attr(e, "char"); len(c) == 1 {
			t.char = c[0]
		} else {
			return fmt.Errorf("seventh character %q", c)
		}
	}
	return nil
}

func (t *tabularReader) end(name string) error {
	text := strings.Join(strings.Fields(t.text.String()), " ")
	t.text.Reset()
	parent := ""
	if len(t.path) > 1 {
		parent = t.path[len(t.path)-2]
	}
	if len(t.path) > 0 {
		t.path = t.path[:len(t.path)-1]
	}
	if name == "version" && len(t.path) == 1 {
		t.file.Version = text
		return nil
	}
	if len(t.stack) == 0 {
		return nil // the introduction
	}
	top := &t.stack[len(t.stack)-1]
	switch name {
	case "name":
		if parent == "diag" {
			if top.id = strings.ReplaceAll(text, ".", ""); top.id == "" {
				return errors.New("a code without a name")
			}
		}
	case "desc":
		return t.describe(top, text)
	case "note":
		if kind, ok := noteElements[parent]; ok && text != "" { // R11 has an empty one
			if top.id == "" {
				return fmt.Errorf("note %q stands before the code it belongs to", text)
			}
			t.file.Notes = append(t.file.Notes, NoteRow{Owner: top.id, Of: top.kind, Kind: kind, Text: text})
		}
	case "extension":
		if top.id == "" {
			return errors.New("a seventh character stands before its code")
		}
		t.file.Sevenths = append(t.file.Sevenths, SeventhRow{Owner: top.id, Char: t.char, Text: text})
	case "chapter", "section", "diag":
		t.stack = t.stack[:len(t.stack)-1]
	}
	return nil
}

// describe takes the title of the open node; the id of a chapter is the block
// of codes at the end of its title.
func (t *tabularReader) describe(top *tabularNode, text string) error {
	switch top.kind {
	case pack.KindCode:
		if top.id == "" {
			return fmt.Errorf("title %q stands before its code", text)
		}
		t.file.Nodes = append(t.file.Nodes, CodeRow{Code: top.id, Title: text})
		if len(top.id) == 3 && top.group >= 0 {
			t.file.Homes = append(t.file.Homes, HomeRow{Category: top.id, Group: top.group})
		}
		return nil
	case pack.KindChapter:
		m := rangeAtEnd.FindStringSubmatchIndex(text)
		if m == nil {
			return fmt.Errorf("the title of a chapter, %q, names no codes", text)
		}
		top.id = text[m[2]:m[3]]
		t.file.Groups = append(t.file.Groups, GroupRow{Kind: pack.KindChapter, ID: top.id, Title: text[:m[0]], Parent: -1})
		top.group = len(t.file.Groups) - 1
		return nil
	}
	if m := rangeAtEnd.FindStringIndex(text); m != nil {
		text = text[:m[0]]
	}
	t.file.Groups[top.group].Title = text
	return nil
}

func attr(e xml.StartElement, name string) string {
	for _, a := range e.Attr {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}
