package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"chartroom/internal/app"
	"chartroom/internal/audit"
	"chartroom/internal/demo"
	"chartroom/internal/seal"
	"chartroom/internal/server"
)

type demoCmd struct {
	codesetFlags

	Addr      string `placeholder:"HOST:PORT" help:"Address to serve on; port 0 takes a free one." default:"localhost:8080"`
	Dir       string `placeholder:"DIR" help:"Folder of the demo department; it is made if the folder is empty. Default: a folder of yours among the temporary files." type:"path"`
	Patients  int    `help:"Further invented patients beside those of the charts." default:"0"`
	NoBrowser bool   `help:"Do not open a browser."`
}

// Help says what a newcomer may expect.
func (demoCmd) Help() string {
	return `Makes an invented hospital with charts to code and staff of every role, serves it, and prints the address and who may
sign in. /healthz answers 200 once all is there. Ctrl-C ends it; the same folder is served again the next time, and what
was done in it is kept. A demo whose making was cut short is made anew.

Every patient is invented. Do not put real ones in.`
}

// databaseName begins the names of the embedded database's files.
const databaseName = "chartroom.db"

// demoMark is the file that tells a demo department from a real one, and a
// whole one from one whose making was cut short.
const demoMark = "demo.json"

type demoState struct {
	Complete bool          `json:"complete"`
	SignIns  []demo.SignIn `json:"sign_ins"`
}

// Run makes the demo department if there is none, and serves it.
func (c demoCmd) Run(e *env) error {
	dir := c.Dir
	if dir == "" {
		dir = filepath.Join(os.TempDir(), fmt.Sprintf("chartroom-demo-%d", os.Getuid()))
	}
	dept, state, err := c.whole(e, dir)
	if err != nil {
		return err
	}
	return errors.Join(c.serve(e, dept, state), dept.Close())
}

// whole opens the demo department of a folder. One that is not there, or half-made,
// is made first; of two processes that set out to make it one waits for the other.
func (c demoCmd) whole(e *env, dir string) (dept *app.Department, state demoState, err error) {
	if state, err = readDemo(dir); err != nil {
		return nil, state, err
	}
	if !state.Complete {
		if _, err := halfMadeFiles(dir); err != nil {
			return nil, state, err
		}
		release, err := lockDemo(e, dir)
		if err != nil {
			return nil, state, err
		}
		defer func() { _ = release() }() // it ends with the process at the latest
		if state, err = readDemo(dir); err != nil {
			return nil, state, err
		}
	}
	if state.Complete {
		dept, err = c.open(e, dir)
		return dept, state, err
	}
	if err = clearDemo(dir); err != nil {
		return nil, state, err
	}
	if dept, err = c.open(e, dir); err != nil {
		return nil, state, err
	}
	if err = c.make(e, dept, dir, &state); err != nil {
		return nil, state, errors.Join(err, dept.Close())
	}
	return dept, state, nil
}

// lockDemo waits until no other process makes the demo department of a folder.
func lockDemo(e *env, dir string) (release func() error, err error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("demo folder: %w", err)
	}
	for waits := 0; ; waits++ {
		release, ok, err := tryLock(filepath.Join(dir, demoMark+".lock"))
		if err != nil {
			return nil, fmt.Errorf("demo folder: %w", err)
		}
		if ok {
			return release, nil
		}
		if waits == 0 {
			_, _ = fmt.Fprintln(e.stderr, "another process is making this demo department; waiting for it")
		}
		select {
		case <-e.ctx.Done():
			return nil, fmt.Errorf("demo folder: %w", e.ctx.Err())
		case <-time.After(200 * time.Millisecond):
		}
	}
}

func (c demoCmd) open(e *env, dir string) (*app.Department, error) {
	library, err := c.library()
	if err != nil {
		return nil, err
	}
	zone, err := time.LoadLocation(demo.Zone)
	if err != nil {
		return nil, fmt.Errorf("time zone of the demo hospital: %w", err)
	}
	return app.Open(e.ctx, app.Config{Dir: dir, Library: library, Zone: zone, Source: "demo", Getenv: os.Getenv, Now: time.Now, Trouble: e.trouble})
}

// make fills the department and marks it as whole.
func (c demoCmd) make(e *env, dept *app.Department, dir string, state *demoState) error {
	began := time.Now()
	signIns, err := demo.Load(e.ctx, dept.Demo(), demo.Options{Patients: c.Patients, Progress: func(what string) {
		_, _ = fmt.Fprintf(e.stderr, "making the demo department: %s\n", what)
	}})
	if err != nil {
		return err
	}
	state.Complete, state.SignIns = true, signIns
	_, _ = fmt.Fprintf(e.stderr, "made in %.1f s\n", time.Since(began).Seconds())
	return writeDemo(dir, *state)
}

// readDemo reads the mark of a demo department. A folder that holds something
// else is left alone.
func readDemo(dir string) (demoState, error) {
	var state demoState
	raw, err := os.ReadFile(filepath.Join(dir, demoMark))
	if errors.Is(err, fs.ErrNotExist) {
		entries, err := os.ReadDir(dir)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return state, fmt.Errorf("demo folder: %w", err)
		}
		if slices.ContainsFunc(entries, func(e fs.DirEntry) bool { return !strings.HasPrefix(e.Name(), demoMark) }) {
			return state, fmt.Errorf("%s holds something that is not a demo department; name an empty folder with --dir", dir)
		}
		return state, nil
	}
	if err != nil {
		return state, fmt.Errorf("demo folder: %w", err)
	}
	if err := json.Unmarshal(raw, &state); err != nil {
		return state, fmt.Errorf("%s in the demo folder: %w", demoMark, err)
	}
	return state, nil
}

// clearDemo empties the folder of a half-made demo and marks it as one under
// way, so that being cut short is seen next time.
func clearDemo(dir string) error {
	entries, err := halfMadeFiles(dir)
	if err != nil {
		return err
	}
	if err := writeDemo(dir, demoState{}); err != nil { // first: the clearing may be cut short too
		return err
	}
	for _, entry := range entries {
		if strings.HasPrefix(entry.Name(), demoMark) {
			continue
		}
		if err := os.Remove(filepath.Join(dir, entry.Name())); err != nil {
			return fmt.Errorf("clear demo folder: %w", err)
		}
	}
	return nil
}

// halfMadeFiles lists the folder of a half-made demo. It must hold what a demo
// makes and nothing else: a file that is called as the mark may be another
// program's.
func halfMadeFiles(dir string) ([]fs.DirEntry, error) {
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("demo folder: %w", err)
	}
	for _, entry := range entries {
		if entry.IsDir() || !madeByDemo(entry.Name()) {
			return nil, fmt.Errorf("%s holds more than a half-made demo department (%s); name an empty folder with --dir", dir, entry.Name())
		}
	}
	return entries, nil
}

// madeByDemo reports whether a file of this name is one that making a demo
// department leaves behind: the database with its journal, keys, checkpoint and
// mark, and such of them as were being written.
func madeByDemo(name string) bool {
	switch name {
	case audit.WitnessName, seal.KeyFile:
		return true
	}
	return strings.HasPrefix(name, demoMark) || strings.HasPrefix(name, databaseName) || strings.HasPrefix(name, ".") && strings.HasSuffix(name, ".new")
}

func writeDemo(dir string, state demoState) error {
	raw, err := json.MarshalIndent(state, "", "  ")
	if err != nil {
		return fmt.Errorf("mark demo folder: %w", err)
	}
	path := filepath.Join(dir, demoMark)
	if err := os.WriteFile(path+".new", raw, 0o600); err != nil {
		return fmt.Errorf("mark demo folder: %w", err)
	}
	if err := os.Rename(path+".new", path); err != nil {
		return fmt.Errorf("mark demo folder: %w", err)
	}
	return nil
}

// signInTable prints who may sign in.
func signInTable(e *env, state demoState) error {
	w := tabwriter.NewWriter(e.stdout, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(w, "role\tsign-in\tpassword\tname")
	for _, s := range state.SignIns {
		_, _ = fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", s.Roles, s.Login, s.Password, s.Name)
	}
	if err := w.Flush(); err != nil {
		return fmt.Errorf("print sign-ins: %w", err)
	}
	return nil
}

// serve serves the demo and prints where it is and who may sign in.
func (c demoCmd) serve(e *env, dept *app.Department, state demoState) error {
	opt := server.Options{Zone: dept.Zone}
	for _, s := range state.SignIns {
		opt.Demo = append(opt.Demo, server.DemoSignIn{Name: s.Login, Password: s.Password, Role: s.Roles})
	}
	serving := serveCmd{Addr: c.Addr, Idle: 10, Log: "warn"}
	return serving.serve(e, dept, opt, func(address string) {
		_ = signInTable(e, state) // the sign-in page shows them too
		_, _ = fmt.Fprintf(e.stdout, "\nThe demo department is at http://%s (Ctrl-C ends it)\n", address)
		if !c.NoBrowser {
			browse(e, "http://"+address)
		}
	})
}

// browse opens the address in a browser if the desktop has a way to.
func browse(e *env, address string) {
	name := "xdg-open"
	switch runtime.GOOS {
	case "darwin":
		name = "open"
	case "windows":
		name = "explorer"
	}
	if path, err := exec.LookPath(name); err == nil {
		_ = exec.CommandContext(e.ctx, path, address).Start() //nolint:gosec // one of three names above
	}
}
