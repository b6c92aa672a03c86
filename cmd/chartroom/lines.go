package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"sync/atomic"
	"time"

	"chartroom/codes/coder"
	"chartroom/codes/codeset"
	"chartroom/internal/batch"
)

// lineFlags are the flags of every command that answers JSON Lines.
type lineFlags struct {
	Jobs int    `help:"Lines worked on side by side; 0 is one a core. The output is the same for any number." default:"0"`
	File string `arg:"" help:"JSON Lines to read; - is standard input." default:"-" optional:""`
}

// exitHelp is the part of --help about lines that cannot be used.
const exitHelp = `A line that cannot be used is answered with {"id":…,"error":{"code":"…","message":"…"}} and the run goes on. Exit
status 0: all lines answered; 2: some refused; 1: the command could not run.`

// mostJobs is more than any machine has cores.
const mostJobs = 1024

// Validate refuses flags that make no sense; the command line's parser calls it.
func (f lineFlags) Validate() error {
	if f.Jobs < 0 || f.Jobs > mostJobs {
		return fmt.Errorf("--jobs is a number from 0 to %d", mostJobs)
	}
	return nil
}

// run opens FILE and runs fn over its lines. If an answer says that it is about
// invalid input and every line was answered, the run ends with batch.ErrInvalid.
func (f lineFlags) run(e *env, fn batch.Func) error {
	in, err := batch.Open(f.File, e.stdin)
	if err != nil {
		return err
	}
	defer func() { _ = in.Close() }() // read only
	var src io.Reader = in
	if f.File == "-" {
		src = e.stdin // a pipe or, redirected, a file
	}
	var invalid atomic.Bool
	_, err = batch.Run(e.ctx, watched(src, e.stderr), e.stdout, batch.Options{Jobs: f.Jobs, Stderr: e.stderr}, func(ctx context.Context, line []byte) (any, error) {
		answer, err := fn(ctx, line)
		if v, ok := answer.(interface{ Invalid() bool }); ok && err == nil && v.Invalid() {
			invalid.Store(true)
		}
		return answer, err
	})
	if err == nil && invalid.Load() {
		return batch.ErrInvalid
	}
	return err
}

// watched shows on a terminal how much of a file was read.
func watched(in io.Reader, stderr io.Writer) io.Reader {
	file, ok := in.(*os.File)
	if !ok {
		return in
	}
	info, err := file.Stat()
	bar := progressTo(stderr, "read")
	if err != nil || !info.Mode().IsRegular() || bar == nil {
		return in
	}
	return &watchedFile{file: file, size: info.Size(), bar: bar}
}

type watchedFile struct {
	file       *os.File
	done, size int64
	bar        func(done, total int64)
}

// Read reads the file and moves the bar on.
func (w *watchedFile) Read(p []byte) (int, error) {
	n, err := w.file.Read(p)
	w.done += int64(n)
	w.bar(w.done, w.size)
	return n, err //nolint:wrapcheck // a reader hands on what it gets
}

// lineDate reads YYYY-MM-DD or YYYYMMDD; empty is the zero time. field names the
// place for the refusal.
func lineDate(field, s string) (time.Time, error) {
	if s == "" {
		return time.Time{}, nil
	}
	for _, layout := range []string{time.DateOnly, "20060102"} {
		if day, err := time.Parse(layout, s); err == nil {
			return day, nil
		}
	}
	return time.Time{}, batch.Refuse("bad-date", "%s is not a day written YYYY-MM-DD or YYYYMMDD", field)
}

// lineMoment reads a moment of RFC 3339, one without a time zone, or a day; empty
// is the zero time.
func lineMoment(s string) (time.Time, error) {
	if s == "" {
		return time.Time{}, nil
	}
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05", "2006-01-02 15:04:05", "2006-01-02T15:04", "2006-01-02 15:04"} {
		if at, err := time.Parse(layout, s); err == nil {
			return at, nil
		}
	}
	return lineDate("datetime", s)
}

// oldest is the age above which a number is no age in years.
const oldest = 150

// lineAge reads an age in years, completed ones counting; nil is unknown, -1.
func lineAge(age *float64) (int, error) {
	switch {
	case age == nil:
		return -1, nil
	case *age < 0 || *age > oldest:
		return -1, batch.Refuse("bad-age", "age is not a number of years from 0 to %d", oldest)
	default:
		return int(*age), nil
	}
}

// knownSetting refuses a setting that the contract does not name; "" counts as
// inpatient.
func knownSetting(setting string) error {
	switch coder.Setting(setting) {
	case "", coder.Inpatient, coder.Outpatient, coder.Professional, coder.NursingFacility:
		return nil
	default:
		return batch.Refuse("bad-setting", "setting is none of inpatient, outpatient, professional, nursing_facility")
	}
}

// editionOn is the edition in force on a day, the newest one for no day.
func editionOn(library *codeset.Library, system codeset.System, day time.Time) (*codeset.Set, error) {
	if day.IsZero() {
		return library.Newest(system)
	}
	return library.On(system, day)
}

// editionName names an edition as the answers do: "FY2026 2026-04-01".
func editionName(set *codeset.Set) string { return set.Edition().Name + " " + set.Edition().Release }

// codeRefusal names what the coder or the code sets refused.
func codeRefusal(err error) error {
	if text, ok := errors.AsType[*coder.TextError](err); ok {
		return batch.Refuse("bad-text", "document %d is not UTF-8 at byte %d", text.Document, text.Offset)
	}
	if none, ok := errors.AsType[*codeset.NoEditionError](err); ok {
		if none.Newest.Name == "" {
			return batch.Refuse("no-edition", "there is no edition of %s; add one with: chartroom codeset import", none.System)
		}
		return batch.Refuse("no-edition", "no edition of %s covers %s; the newest is %s, in force to %s; add others with: chartroom codeset import",
			none.System, none.Day.Format(time.DateOnly), none.Newest.Name, none.Newest.To.Format(time.DateOnly))
	}
	return fmt.Errorf("line: %w", err)
}
