package main

import (
	"encoding/json"
	"errors"
	"fmt"

	"chartroom/internal/batch"
	"chartroom/internal/gate"
	"chartroom/internal/intake"
)

type importCmd struct {
	departmentFlags

	Source string   `placeholder:"NAME" help:"Name of the system that ids without an address of their own belong to."`
	Jobs   int      `help:"Files read side by side; 0 is one a core." default:"0"`
	Paths  []string `arg:"" name:"path" help:"FHIR R4 bundles and NDJSON, HL7 v2 files, C-CDA documents, lists in CSV, scans (PDF, TIFF, PNG, JPEG), text notes; also .gz, .zip and folders."`
}

// Help says what comes out.
func (*importCmd) Help() string {
	return `Files are answered as soon as all of them is durable, one JSON object each:

    {"file":"adt.hl7","accepted":41,"rejected":1,"repeated":0,"rejections":[{"place":"message 7, …","reason":"…"}]}

accepted plus rejected is what was received. What was here before is accepted once more without effect and counted in
repeated too, so that an import that was cut off can be run again. What counts is an HL7 v2 message, a FHIR resource,
a row of a list, and each C-CDA document, scan or note. notices are fields that were left empty and the like.

Exit status 0: all accepted; 2: some rejected; 1: the command could not run.`
}

// fileLine is the answer about one file.
type fileLine struct {
	File       string             `json:"file"`
	Accepted   int                `json:"accepted"`
	Rejected   int                `json:"rejected"`
	Repeated   int                `json:"repeated"`
	Rejections []intake.Rejection `json:"rejections"`
	Notices    []intake.Rejection `json:"notices,omitempty"`
}

// Run imports the paths as one run and prints one object a file as soon as all
// of the file is durable.
func (c *importCmd) Run(e *env) (err error) {
	d, err := c.open(e)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.Close()) }()

	out := json.NewEncoder(e.stdout)
	out.SetEscapeHTML(false)
	var total intake.Result
	files := 0
	actor := gate.Actor{ID: "import", Kind: gate.System, Name: "Import"}
	opt := intake.Options{Jobs: c.Jobs, Source: c.Source}
	err = d.Intake.Import(e.ctx, actor, c.Paths, opt, func(f intake.FileResult) error {
		files++
		total.Received += f.Received
		total.Accepted += f.Accepted
		total.Rejected += f.Rejected
		total.Repeated += f.Repeated
		line := fileLine{
			File: f.File, Accepted: f.Accepted, Rejected: f.Rejected, Repeated: f.Repeated,
			Rejections: f.Rejections, Notices: f.Notices,
		}
		if line.Rejections == nil {
			line.Rejections = []intake.Rejection{}
		}
		return out.Encode(line)
	})
	_, printErr := fmt.Fprintf(e.stderr, "%d files: %d received = %d accepted (%d of them were here before) + %d rejected\n",
		files, total.Received, total.Accepted, total.Repeated, total.Rejected)
	if err = errors.Join(err, printErr); err != nil {
		return fmt.Errorf("import: %w", err)
	}
	if total.Rejected > 0 {
		return batch.ErrRefused
	}
	return nil
}
