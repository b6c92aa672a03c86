package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"text/tabwriter"
	"time"

	"chartroom/codes/codeset"
	"chartroom/codes/codeset/importer"
	"chartroom/internal/batch"
)

// codesetCmd groups what is done with code sets themselves.
type codesetCmd struct {
	List   codesetListCmd   `cmd:"" help:"List the editions there are."`
	Import codesetImportCmd `cmd:"" help:"Add official files of code sets."`
	Verify codesetVerifyCmd `cmd:"" help:"Check the checksums of imported packs; exit 3 if one is broken."`
}

// codesetListCmd lists editions, built in and imported.
type codesetListCmd struct {
	codesetFlags

	JSON bool `name:"json" help:"One JSON object a line."`
}

// Run prints one line an edition.
func (c *codesetListCmd) Run(e *env) error {
	library, err := c.library()
	if err != nil {
		return err
	}
	w := tabwriter.NewWriter(e.stdout, 0, 0, 2, ' ', 0)
	if !c.JSON {
		_, _ = fmt.Fprintln(w, "SYSTEM\tEDITION\tRELEASE\tIN FORCE\tCODES\tBILLABLE\tINDEX\tSOURCE")
	}
	for _, sys := range []codeset.System{codeset.ICD10CM, codeset.ICD10PCS, codeset.HCPCS} {
		for _, edition := range library.Editions(sys) {
			if c.JSON {
				if err := json.NewEncoder(e.stdout).Encode(edition); err != nil {
					return fmt.Errorf("write: %w", err)
				}
				continue
			}
			set, err := library.On(sys, edition.From)
			if err != nil {
				return fmt.Errorf("code set: %w", err)
			}
			_, _ = fmt.Fprintf(w, "%s\t%s\t%s\t%s to %s\t%d\t%d\t%s\t%s\n", edition.System, edition.Name, edition.Release,
				edition.From.Format(time.DateOnly), edition.To.Format(time.DateOnly), edition.Codes, edition.Billable,
				indexLine(set.Index()), edition.Source)
		}
	}
	if err := w.Flush(); err != nil {
		return fmt.Errorf("write: %w", err)
	}
	return nil
}

// indexLine says which Index serves an edition.
func indexLine(x *codeset.Index) string {
	switch {
	case x.Len() == 0:
		return "none"
	case x.Derived():
		return x.Edition().Name + " (derived)"
	}
	return x.Edition().Name
}

// codesetImportCmd adds packs compiled from official files.
type codesetImportCmd struct {
	codesetFlags

	Paths []string `arg:"" name:"path" help:"Official files as CMS and CDC publish them, archives or folders of them." type:"existingpath"`
}

// Run imports each path and prints one JSON object for it.
func (c *codesetImportCmd) Run(e *env) error {
	if c.Codesets == "" {
		return errors.New("say where the packs shall lie: --codesets or CHARTROOM_CODESETS")
	}
	for _, path := range c.Paths { // before anything is imported
		if _, err := os.Stat(path); err != nil {
			return err //nolint:wrapcheck // names the path
		}
	}
	out := json.NewEncoder(e.stdout)
	refused := 0
	for _, path := range c.Paths {
		report, err := importer.Import(e.ctx, path, c.Codesets)
		line := struct {
			importer.Report
			Error string `json:"error,omitempty"`
		}{Report: report}
		if line.Packs == nil {
			line.Packs = []importer.Pack{}
		}
		if err != nil {
			refused++
			line.Error = err.Error()
		}
		if err := out.Encode(line); err != nil {
			return fmt.Errorf("write: %w", err)
		}
	}
	_, _ = fmt.Fprintf(e.stderr, "%d paths: %d imported, %d refused\n", len(c.Paths), len(c.Paths)-refused, refused)
	if refused > 0 {
		return batch.ErrRefused
	}
	return nil
}

// codesetVerifyCmd checks the packs of the folder.
type codesetVerifyCmd struct {
	codesetFlags
}

// Run prints one JSON object a whole pack; a broken one is an error.
func (c *codesetVerifyCmd) Run(e *env) error {
	if c.Codesets == "" {
		return errors.New("say where the packs lie: --codesets or CHARTROOM_CODESETS")
	}
	if _, err := os.Stat(c.Codesets); err != nil {
		return err //nolint:wrapcheck // names the folder
	}
	packs, broken := importer.Verify(c.Codesets)
	out := json.NewEncoder(e.stdout)
	for _, p := range packs {
		if err := out.Encode(p); err != nil {
			return fmt.Errorf("write: %w", err)
		}
	}
	if broken != nil {
		_, _ = fmt.Fprintln(e.stderr, broken)
		return batch.ErrInvalid
	}
	_, _ = fmt.Fprintf(e.stderr, "%d packs, all whole\n", len(packs))
	return nil
}
