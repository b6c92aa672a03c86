// Package importer turns official files of code sets, as their publishers hand
// them out, into packs in a folder that codeset.Library.WithDir reads.
//
// What always holds: a file is taken whole or refused with its name and, where
// there are lines, the line; what is refused leaves no trace in the folder. No
// file is trusted: sizes are bounded, document types are refused, and names
// inside archives are never used as paths.
package importer

import (
	"archive/zip"
	"bufio"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sort"
	"strings"

	"chartroom/codes/codeset/internal/compile"
	"chartroom/codes/codeset/internal/pack"
)

// Limits of one import.
const (
	maxMembers = 2000
	maxTotal   = 1 << 30 // bytes that one archive may expand to
)

// ErrUnknown is returned for a file that is no file of a code set.
var ErrUnknown = errors.New("not a file of a code set that can be imported")

// Pack describes a pack that was written or found.
type Pack struct {
	File     string         `json:"file"` // name in the folder
	System   string         `json:"system"`
	Edition  string         `json:"edition"`
	Release  string         `json:"release"`
	Parts    []string       `json:"parts"`
	Counts   map[string]int `json:"counts"`
	Checksum string         `json:"checksum"`
}

// Report says what became of one path.
type Report struct {
	Path    string   `json:"path"`
	Packs   []Pack   `json:"packs"`
	Ignored []string `json:"ignored,omitempty"` // members of an archive that hold nothing to import
}

// Import reads one path, a file or a folder, and writes what it holds into dir,
// which is made if it is not there. Nothing is written unless all of the path
// could be read.
func Import(ctx context.Context, path, dir string) (Report, error) {
	im := &importing{report: Report{Path: path}}
	info, err := os.Stat(path)
	if err != nil {
		return im.report, fmt.Errorf("import: %w", err)
	}
	if info.IsDir() {
		err = im.folder(ctx, path)
	} else {
		err = im.file(ctx, path, filepath.Base(path), false)
	}
	if err != nil {
		return im.report, fmt.Errorf("import %s: %w", path, err)
	}
	if len(im.found) == 0 {
		return im.report, fmt.Errorf("import %s: %w", path, ErrUnknown)
	}
	return im.report, im.write(dir)
}

// importing is one run of Import.
type importing struct {
	report   Report
	found    []*compile.Content
	expanded int64
}

func (im *importing) folder(ctx context.Context, path string) error {
	err := filepath.WalkDir(path, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if !d.Type().IsRegular() {
			return nil
		}
		return im.file(ctx, name, filepath.Base(name), true)
	})
	if err != nil {
		return fmt.Errorf("folder: %w", err)
	}
	return nil
}

// file takes one file apart. In company of others it may be of no interest.
func (im *importing) file(ctx context.Context, path, name string, company bool) error {
	if err := ctx.Err(); err != nil {
		return err //nolint:wrapcheck // the caller's own cancellation
	}
	f, err := os.Open(path)
	if err != nil {
		return err //nolint:wrapcheck // names the path itself
	}
	defer func() { _ = f.Close() }() // read only
	lower := strings.ToLower(name)
	switch {
	case strings.HasSuffix(lower, ".zip"):
		return im.archive(f, name)
	case strings.HasSuffix(lower, ".gz"):
		z, err := gzip.NewReader(bufio.NewReader(f))
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		return im.one(z, strings.TrimSuffix(name, filepath.Ext(name)), name, company)
	}
	return im.one(f, name, name, company)
}

// archive reads the members of a zip file.
func (im *importing) archive(f *os.File, name string) error {
	info, err := f.Stat()
	if err != nil {
		return err //nolint:wrapcheck // names the path itself
	}
	z, err := zip.NewReader(f, info.Size())
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	if len(z.File) > maxMembers {
		return fmt.Errorf("%s: %d members are too many", name, len(z.File))
	}
	members := append([]*zip.File(nil), z.File...)
	sort.Slice(members, func(i, j int) bool { return members[i].Name < members[j].Name })
	for _, m := range members {
		if m.FileInfo().IsDir() {
			continue
		}
		if err := im.member(m, name); err != nil {
			return err
		}
	}
	return nil
}

func (im *importing) member(m *zip.File, archive string) error {
	r, err := m.Open()
	if err != nil {
		return fmt.Errorf("%s: %s: %w", archive, m.Name, err)
	}
	defer func() { _ = r.Close() }() // errors of a member come with its content
	base := filepath.Base(strings.ReplaceAll(m.Name, "\\", "/"))
	if err := im.one(r, base, archive+"/"+base, true); err != nil {
		return fmt.Errorf("%s: %w", archive, err)
	}
	return nil
}

// one reads one plain file. shown is how the source is cited.
func (im *importing) one(r io.Reader, name, shown string, company bool) error {
	kind, br, err := recognise(r, name)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	if kind == nil {
		if company {
			im.report.Ignored = append(im.report.Ignored, name)
			return nil
		}
		return fmt.Errorf("%s: %w", name, ErrUnknown)
	}
	counted := &countingReader{r: br}
	content, err := kind(counted, name)
	im.expanded += counted.n
	if err == nil && im.expanded > maxTotal {
		err = errors.New("expands to more than 1 GB in all")
	}
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	content.Manifest.Sources = []pack.Source{{File: shown}}
	im.found = append(im.found, content)
	return nil
}

// write encodes everything first and puts it into the folder only then, each
// pack under its name in one step.
func (im *importing) write(dir string) error {
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return fmt.Errorf("import: %w", err)
	}
	encoded := make([][]byte, len(im.found))
	for i, content := range im.found {
		data, err := content.Encode()
		if err != nil {
			return fmt.Errorf("import %s: %w", im.report.Path, err)
		}
		encoded[i] = data
	}
	for _, data := range encoded {
		p, err := pack.Open(data)
		if err != nil {
			return fmt.Errorf("import %s: %w", im.report.Path, err)
		}
		described := describe(p)
		if err := writeFile(dir, described.File, data); err != nil {
			return fmt.Errorf("import %s: %w", im.report.Path, err)
		}
		im.report.Packs = append(im.report.Packs, described)
	}
	return nil
}

// describe names a pack after what it holds.
func describe(p *pack.Pack) Pack {
	m := p.Manifest
	name := m.System + "-" + strings.ReplaceAll(m.Name, " ", "-") + "-" + m.Release + "-" + strings.Join(m.Parts, "-") + ".pack"
	return Pack{
		File: name, System: m.System, Edition: m.Name, Release: m.Release,
		Parts: m.Parts, Counts: m.Counts, Checksum: p.Checksum,
	}
}

// writeFile writes a temporary file beside the final one, makes it durable and
// renames it.
func writeFile(dir, name string, data []byte) (err error) {
	tmp, err := os.CreateTemp(dir, ".import-*")
	if err != nil {
		return err //nolint:wrapcheck // names the path itself
	}
	defer func() {
		if err != nil {
			_ = os.Remove(tmp.Name()) // best effort, err tells
		}
	}()
	if _, err = tmp.Write(data); err != nil {
		_ = tmp.Close() // the write error counts
		return fmt.Errorf("write: %w", err)
	}
	if err = tmp.Sync(); err != nil {
		_ = tmp.Close() // the sync error counts
		return fmt.Errorf("make durable: %w", err)
	}
	if err = tmp.Close(); err != nil {
		return fmt.Errorf("close: %w", err)
	}
	if err = os.Rename(tmp.Name(), filepath.Join(dir, name)); err != nil {
		return fmt.Errorf("put in place: %w", err)
	}
	return nil
}

// countingReader counts what is read through it.
type countingReader struct {
	r io.Reader
	n int64
}

func (c *countingReader) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	return n, err //nolint:wrapcheck // a reader passes io.EOF on as it is
}
