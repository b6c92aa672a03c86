// Command mkpacks compiles the packs that are part of the program from files of
// registry packages. docs/codesets.md names the packages and their versions.
//
//	go run ./codes/codeset/cmd/mkpacks -in DIR [-out codes/codeset/packs]
//
// DIR holds the downloaded package files as the package client leaves them. The
// same files give the same bytes, so a change in a pack is a change in its
// source or in the compiler.
package main

import (
	"archive/zip"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"chartroom/codes/codeset/internal/compile"
	"chartroom/codes/codeset/internal/pack"
)

func main() {
	if err := run(os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "mkpacks:", err)
		os.Exit(1)
	}
}

func run(args []string, out io.Writer) error {
	flags := flag.NewFlagSet("mkpacks", flag.ContinueOnError)
	in := flags.String("in", "", "folder with the downloaded packages")
	dest := flags.String("out", filepath.Join("codes", "codeset", "packs"), "folder for the packs")
	if err := flags.Parse(args); err != nil {
		return fmt.Errorf("flags: %w", err)
	}
	if *in == "" {
		return errors.New("-in is missing: the folder with the downloaded packages")
	}
	m := maker{in: *in, dest: *dest, out: out}
	for _, step := range []func() error{m.diagnoses, m.procedures} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// maker holds the folders.
type maker struct {
	in, dest string
	out      io.Writer
}

// maxMember bounds a file inside a package; the largest has 55 MB.
const maxMember = 256 << 20

// member is a file inside a package.
type member struct {
	pkg, version, file string
}

// read returns the bytes of a file in a package and how to cite it.
func (m maker) read(f member) ([]byte, pack.Source, error) {
	pattern := filepath.Join(m.in, strings.ReplaceAll(f.pkg, "-", "_")+"-"+f.version+"-*.whl")
	found, err := filepath.Glob(pattern)
	if err != nil || len(found) == 0 {
		return nil, pack.Source{}, fmt.Errorf("package %s %s is not in the folder (looked for %s)", f.pkg, f.version, filepath.Base(pattern))
	}
	z, err := zip.OpenReader(found[0])
	if err != nil {
		return nil, pack.Source{}, fmt.Errorf("package %s %s: %w", f.pkg, f.version, err)
	}
	defer func() { _ = z.Close() }() // read only
	r, err := z.Open(f.file)
	if err != nil {
		return nil, pack.Source{}, fmt.Errorf("package %s %s: %w", f.pkg, f.version, err)
	}
	data, err := io.ReadAll(io.LimitReader(r, maxMember))
	if err != nil {
		return nil, pack.Source{}, fmt.Errorf("package %s %s: %s: %w", f.pkg, f.version, f.file, err)
	}
	sum := sha256.Sum256(data)
	return data, pack.Source{Package: f.pkg, Version: f.version, File: f.file, SHA256: hex.EncodeToString(sum[:])}, nil
}

// write encodes a content and writes it beside the others.
func (m maker) write(name string, c *compile.Content) error {
	data, err := c.Encode()
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	p, err := pack.Open(data)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	if err := os.WriteFile(filepath.Join(m.dest, name), data, 0o644); err != nil { //nolint:gosec // a file of the repository, for everybody to read
		return fmt.Errorf("%s: %w", name, err)
	}
	if _, err := fmt.Fprintf(m.out, "%-34s %9d bytes  %v\n", name, len(data), p.Manifest.Counts); err != nil {
		return fmt.Errorf("write: %w", err)
	}
	return nil
}
