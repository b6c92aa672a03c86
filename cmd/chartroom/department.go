package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"chartroom/codes/codeset"
	"chartroom/internal/app"
)

// codesetFlags say where imported code sets lie; every command that needs a
// code set has them.
type codesetFlags struct {
	Codesets string `placeholder:"DIR" help:"Folder of imported code sets." env:"CHARTROOM_CODESETS" type:"path"`
}

// library opens the embedded code sets and those of the folder, if one is named.
func (f codesetFlags) library() (*codeset.Library, error) {
	library := codeset.Embedded()
	if f.Codesets == "" {
		return library, nil
	}
	library, err := library.WithDir(f.Codesets)
	if err != nil {
		return nil, fmt.Errorf("code sets: %w", err)
	}
	return library, nil
}

// departmentFlags say which department a command works on.
type departmentFlags struct {
	codesetFlags

	Dir      string `placeholder:"DIR" help:"Folder of the department: keys, and the embedded database. Default: chartroom in your configuration folder." env:"CHARTROOM_DIR" type:"path"`
	Database string `placeholder:"URL" help:"A PostgreSQL database instead of the embedded one: postgres://…" env:"CHARTROOM_DATABASE"`
	Zone     string `placeholder:"NAME" help:"Time zone of the facility, such as America/Chicago." env:"CHARTROOM_ZONE" default:"UTC"`
}

// folder is where the department's files lie: --dir, or a folder of the user's.
// With a database elsewhere it still holds the keys.
func (f departmentFlags) folder() (string, error) {
	if f.Dir != "" {
		return f.Dir, nil
	}
	base, err := os.UserConfigDir()
	if err != nil {
		return "", fmt.Errorf("name the department's folder with --dir: %w", err)
	}
	return filepath.Join(base, "chartroom"), nil
}

// openExisting opens the department like open, but makes none where there is none.
func (f departmentFlags) openExisting(e *env) (*app.Department, error) {
	dir, err := f.folder()
	if err != nil {
		return nil, err
	}
	if f.Database == "" && isEmpty(dir) {
		return nil, fmt.Errorf("there is no department in %s; name its folder with --dir", dir)
	}
	return f.open(e)
}

// isEmpty reports whether there is nothing in a folder, or no such folder.
func isEmpty(dir string) bool {
	entries, err := os.ReadDir(dir)
	return errors.Is(err, fs.ErrNotExist) || err == nil && len(entries) == 0
}

// open opens the department, and makes one where there is none; close it when done.
func (f departmentFlags) open(e *env) (*app.Department, error) {
	dir, err := f.folder()
	if err != nil {
		return nil, err
	}
	if f.Database == "" && isEmpty(dir) {
		_, _ = fmt.Fprintf(e.stderr, "making a new department in %s\n", dir)
	}
	zone, err := time.LoadLocation(f.Zone)
	if err != nil {
		return nil, fmt.Errorf("--zone: %w", err)
	}
	library, err := f.library()
	if err != nil {
		return nil, err
	}
	return app.Open(e.ctx, app.Config{
		Dir: dir, Database: f.Database, Library: library, Zone: zone, Getenv: os.Getenv, Now: time.Now, Trouble: e.trouble,
	})
}
