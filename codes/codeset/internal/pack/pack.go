// Package pack reads and writes the files in which editions of code sets are
// kept. The layout is specified in prose in FORMAT.md of codes/codeset.
//
// What always holds: a pack is refused unless its SHA-256 matches, and no byte
// sequence makes the reader panic or take more memory than the pack declares
// and the limits here allow. The same input gives the same bytes.
package pack

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/klauspost/compress/zstd"
)

const (
	magic      = "CHRTPACK"
	version    = 1
	headerSize = 48
	entrySize  = 40
	nameSize   = 16

	// maxSection bounds what one section may grow to in memory; the largest
	// real one is below 8 MB.
	maxSection  = 128 << 20
	maxSections = 64
	maxManifest = 1 << 20
)

// ErrNotPack is returned for a file that does not begin as a pack does.
var ErrNotPack = errors.New("not a pack")

// Source names one file that a pack was compiled from.
type Source struct {
	Package string `json:"package,omitempty"` // registry package, if it came from one
	Version string `json:"version,omitempty"`
	File    string `json:"file"`
	SHA256  string `json:"sha256,omitempty"`
}

// Manifest says what a pack holds.
type Manifest struct {
	System  string         `json:"system"`
	Parts   []string       `json:"parts"`   // codes, tabular, index, definitions, poa
	Name    string         `json:"name"`    // FY2026
	Release string         `json:"release"` // 2026-04-01
	From    string         `json:"from"`    // first day in force
	To      string         `json:"to"`      // last day in force
	Derived bool           `json:"derived,omitempty"`
	Sources []Source       `json:"sources"`
	Counts  map[string]int `json:"counts"`
}

// Has reports whether the pack holds a part.
func (m Manifest) Has(part string) bool {
	return slices.Contains(m.Parts, part)
}

// Pack is an opened pack. Sections are expanded when they are first asked for
// and kept; a Pack is safe for concurrent use.
type Pack struct {
	Manifest Manifest
	Checksum string // hex SHA-256 over everything after the header
	sections map[string]*section
}

type section struct {
	stored []byte
	raw    uint64
	once   sync.Once
	data   []byte
	err    error
}

// Open checks the header, the checksum and the table of sections. It keeps data
// and expects nobody to change it.
func Open(data []byte) (*Pack, error) {
	if len(data) < headerSize || string(data[:8]) != magic {
		return nil, ErrNotPack
	}
	if v := binary.LittleEndian.Uint32(data[8:]); v != version {
		return nil, fmt.Errorf("pack format %d, this program reads %d", v, version)
	}
	sum := sha256.Sum256(data[headerSize:])
	if !bytes.Equal(sum[:], data[16:headerSize]) {
		return nil, errors.New("checksum does not match: the file is damaged")
	}
	manifestLen := binary.LittleEndian.Uint32(data[12:])
	if manifestLen > maxManifest || uint64(headerSize)+uint64(manifestLen)+4 > uint64(len(data)) {
		return nil, fmt.Errorf("manifest of %d bytes does not fit", manifestLen)
	}
	p := &Pack{Checksum: hex.EncodeToString(sum[:]), sections: map[string]*section{}}
	rest := data[headerSize+int(manifestLen):]
	if err := json.Unmarshal(data[headerSize:headerSize+int(manifestLen)], &p.Manifest); err != nil {
		return nil, fmt.Errorf("manifest: %w", err)
	}
	if err := p.readTable(data, rest); err != nil {
		return nil, err
	}
	return p, nil
}

func (p *Pack) readTable(data, rest []byte) error {
	count := binary.LittleEndian.Uint32(rest)
	rest = rest[4:]
	if count > maxSections || uint64(count)*entrySize > uint64(len(rest)) {
		return fmt.Errorf("table of %d sections does not fit", count)
	}
	for i := range int(count) {
		entry := rest[i*entrySize : (i+1)*entrySize]
		name := string(bytes.TrimRight(entry[:nameSize], "\x00"))
		offset := binary.LittleEndian.Uint64(entry[nameSize:])
		stored := binary.LittleEndian.Uint64(entry[nameSize+8:])
		raw := binary.LittleEndian.Uint64(entry[nameSize+16:])
		if offset > uint64(len(data)) || stored > uint64(len(data))-offset {
			return fmt.Errorf("section %q lies outside the file", name)
		}
		if raw > maxSection || stored > raw {
			return fmt.Errorf("section %q declares %d bytes from %d", name, raw, stored)
		}
		p.sections[name] = &section{stored: data[offset : offset+stored], raw: raw}
	}
	return nil
}

// Section returns the expanded bytes of a section, which the caller must not
// change. A section that is not there is empty.
func (p *Pack) Section(name string) ([]byte, error) {
	s, ok := p.sections[name]
	if !ok {
		return nil, nil
	}
	s.once.Do(func() { s.data, s.err = s.expand() })
	if s.err != nil {
		return nil, fmt.Errorf("section %q: %w", name, s.err)
	}
	return s.data, nil
}

func (s *section) expand() ([]byte, error) {
	if uint64(len(s.stored)) == s.raw {
		return s.stored, nil
	}
	dec, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(maxSection+1))
	if err != nil {
		return nil, fmt.Errorf("expand: %w", err)
	}
	defer dec.Close()
	out, err := dec.DecodeAll(s.stored, make([]byte, 0, min(s.raw, 16<<20)))
	if err != nil {
		return nil, fmt.Errorf("expand: %w", err)
	}
	if uint64(len(out)) != s.raw {
		return nil, fmt.Errorf("expands to %d bytes, %d declared", len(out), s.raw)
	}
	return out, nil
}

// Check expands every section and reads the texts.
func (p *Pack) Check() error {
	for name := range p.sections {
		if _, err := p.Section(name); err != nil {
			return err
		}
	}
	_, err := OpenTexts(p)
	return err
}
