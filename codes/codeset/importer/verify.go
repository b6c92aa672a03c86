package importer

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"chartroom/codes/codeset/internal/pack"
)

// Verify opens every pack in a folder, checks its checksum and expands all its
// sections, and describes it. The error, if any, names each broken file.
func Verify(dir string) ([]Pack, error) {
	names, err := filepath.Glob(filepath.Join(dir, "*.pack"))
	if err != nil {
		return nil, fmt.Errorf("verify: %w", err)
	}
	if _, err := os.Stat(dir); err != nil {
		return nil, fmt.Errorf("verify: %w", err)
	}
	var packs []Pack
	var broken []error
	for _, name := range names {
		described, err := verifyFile(name)
		if err != nil {
			broken = append(broken, fmt.Errorf("%s: %w", filepath.Base(name), err))
			continue
		}
		described.File = filepath.Base(name)
		packs = append(packs, described)
	}
	return packs, errors.Join(broken...)
}

func verifyFile(name string) (Pack, error) {
	data, err := os.ReadFile(name)
	if err != nil {
		return Pack{}, err //nolint:wrapcheck // names the path itself
	}
	p, err := pack.Open(data)
	if err != nil {
		return Pack{}, err
	}
	if err := p.Check(); err != nil {
		return Pack{}, err
	}
	return describe(p), nil
}
