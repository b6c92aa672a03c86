package pack

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"fmt"

	"github.com/klauspost/compress/zstd"
)

// Writer collects sections and lays them out as a pack.
type Writer struct {
	manifest Manifest
	names    []string
	data     map[string][]byte
}

// NewWriter begins a pack.
func NewWriter(m Manifest) *Writer {
	return &Writer{manifest: m, data: map[string][]byte{}}
}

// Add puts a section in; sections are written in the order they were added.
// An empty section is left out.
func (w *Writer) Add(name string, data []byte) {
	if len(data) == 0 {
		return
	}
	if _, ok := w.data[name]; !ok {
		w.names = append(w.names, name)
	}
	w.data[name] = data
}

// Bytes lays the pack out.
func (w *Writer) Bytes() ([]byte, error) {
	enc, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedBestCompression), zstd.WithEncoderConcurrency(1))
	if err != nil {
		return nil, fmt.Errorf("pack: %w", err)
	}
	defer func() { _ = enc.Close() }() // nothing is buffered: EncodeAll is complete in itself
	manifest, err := json.Marshal(w.manifest)
	if err != nil {
		return nil, fmt.Errorf("pack: manifest: %w", err)
	}
	if len(w.names) > maxSections || len(manifest) > maxManifest {
		return nil, fmt.Errorf("pack: %d sections and a manifest of %d bytes are too much", len(w.names), len(manifest))
	}
	out := make([]byte, headerSize, 1<<20)
	copy(out, magic)
	binary.LittleEndian.PutUint32(out[8:], version)
	binary.LittleEndian.PutUint32(out[12:], uint32(len(manifest)))
	out = append(out, manifest...)
	out = binary.LittleEndian.AppendUint32(out, uint32(len(w.names)))
	table := len(out)
	out = append(out, make([]byte, entrySize*len(w.names))...)
	for i, name := range w.names {
		raw := w.data[name]
		if len(name) > nameSize || len(raw) > maxSection {
			return nil, fmt.Errorf("pack: section %q of %d bytes is too much", name, len(raw))
		}
		stored := enc.EncodeAll(raw, nil)
		if len(stored) >= len(raw) {
			stored = raw
		}
		entry := out[table+i*entrySize:]
		copy(entry, name)
		binary.LittleEndian.PutUint64(entry[nameSize:], uint64(len(out)))
		binary.LittleEndian.PutUint64(entry[nameSize+8:], uint64(len(stored)))
		binary.LittleEndian.PutUint64(entry[nameSize+16:], uint64(len(raw)))
		out = append(out, stored...)
	}
	sum := sha256.Sum256(out[headerSize:])
	copy(out[16:], sum[:])
	return out, nil
}

// CopyTo adds the sections of w to another writer, in their order.
func (w *Writer) CopyTo(other *Writer) {
	for _, name := range w.names {
		other.Add(name, w.data[name])
	}
}
