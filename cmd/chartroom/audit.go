package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/schollz/progressbar/v3"

	"chartroom/internal/access"
	"chartroom/internal/audit"
	"chartroom/internal/batch"
)

type auditCmd struct {
	Verify auditVerifyCmd `cmd:"" help:"Prove the audit log whole, or name the first entry that is not."`
}

// auditVerifyCmd proves the log. It may run beside a server.
type auditVerifyCmd struct {
	departmentFlags

	Checkpoint string `placeholder:"FILE" help:"A checkpoint kept elsewhere, to compare the log with; default: the one beside the data." type:"existingfile"`
}

// Help says what is proved and how the outcome is told.
func (*auditVerifyCmd) Help() string {
	return `Every entry is hashed anew and compared with the Merkle tree, its signed checkpoints and the checkpoint kept beside the
data. A server may run on the same department meanwhile. The outcome is one JSON object:

    {"whole":true,"entries":1204,"tail":0,"checkpoints":9,"root":"…","key":"…"}
    {"whole":false,…,"problem":{"kind":"changed","position":17,"entry":"…","message":"…"}}

Exit status 0: the log is whole; 3: it is not, and problem names the first entry that is wrong; 1: it could not be read.`
}

// auditLine is the answer of audit verify.
type auditLine struct {
	Whole       bool          `json:"whole"`
	Entries     int64         `json:"entries"`
	Tail        int64         `json:"tail"` // proved, waiting for their place in the tree
	Checkpoints int64         `json:"checkpoints"`
	Root        string        `json:"root,omitempty"`
	Key         string        `json:"key"` // checkpoints are checked with it
	Problem     *auditProblem `json:"problem,omitempty"`
}

type auditProblem struct {
	Kind     audit.ProblemKind `json:"kind"`
	Position *int64            `json:"position,omitempty"` // from 0; absent where it is in the tail or no entry
	Entry    string            `json:"entry,omitempty"`
	Message  string            `json:"message"`
}

// Run proves the log and prints the outcome as one JSON object; exit status 3 if
// the log is not whole.
func (c *auditVerifyCmd) Run(e *env) (err error) {
	path := c.Checkpoint
	if path == "" {
		dir, err := c.folder()
		if err != nil {
			return err
		}
		path = filepath.Join(dir, audit.WitnessName)
	}
	// Read first: what is proved then must reach it.
	witness, err := audit.ReadWitness(path)
	if err != nil {
		return err
	}
	d, err := c.openExisting(e)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	report, err := d.Audit.Verify(e.ctx, access.Console(), audit.VerifyOptions{
		Witness: witness, Progress: progressTo(e.stderr, "entries"),
	})
	if err != nil {
		return err
	}
	line := auditLine{
		Whole: report.Whole(), Entries: report.Entries, Tail: report.Tail, Checkpoints: report.Checkpoints, Key: d.Audit.PublicKey(),
	}
	if line.Whole {
		line.Root = report.Root.String()
	}
	if p := report.Problem; p != nil {
		line.Problem = &auditProblem{Kind: p.Kind, Entry: p.Entry, Message: p.Error()}
		if p.Position >= 0 {
			line.Problem.Position = &p.Position
		}
	}
	if err := json.NewEncoder(e.stdout).Encode(line); err != nil {
		return fmt.Errorf("write the outcome: %w", err)
	}
	if !line.Whole {
		_, _ = fmt.Fprintln(e.stderr, report.Problem.Error())
		return batch.ErrInvalid
	}
	_, _ = fmt.Fprintf(e.stderr, "The audit log is whole: %d entries in the tree, %d in the tail, %d checkpoints.\n",
		report.Entries, report.Tail, report.Checkpoints)
	return nil
}

// progressTo shows a bar on w if that is a terminal; else it gives nil.
func progressTo(w io.Writer, what string) func(done, total int64) {
	file, ok := w.(*os.File)
	if !ok {
		return nil
	}
	info, err := file.Stat()
	if err != nil || info.Mode()&os.ModeCharDevice == 0 {
		return nil
	}
	var bar *progressbar.ProgressBar
	return func(done, total int64) {
		if bar == nil {
			bar = progressbar.NewOptions64(total, progressbar.OptionSetWriter(w), progressbar.OptionShowCount(),
				progressbar.OptionSetDescription(what), progressbar.OptionClearOnFinish())
		}
		_ = bar.Set64(min(done, total)) // a bar that cannot be drawn is no reason to stop
	}
}
