package browser

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"chartroom/internal/app"
	"chartroom/internal/demo"
	"chartroom/internal/demo/charts"
	"chartroom/internal/server"
	"chartroom/internal/testenv"
)

var (
	update = flag.Bool("update", false, "write docs/keystrokes.md")
	shots  = flag.String("shots", "", "folder to write screenshots to")
	only   = flag.String("scripts", "", "scripts to run, divided by commas; all by default")
)

// The scripts, in the order they run. One more, morning, begins with a department
// of its own, as the night left it; the last runs on a restarted server.
var scripts = []string{"mainjob", "screens", "keep", "work", "registration", "incoming"}

const (
	ofItsOwn     = "morning"
	afterRestart = "restarted"
)

// setup is what the scripts are told.
type setup struct {
	Base     string   `json:"base"`
	Chromium string   `json:"chromium"`
	People   []person `json:"people"`
	Names    []string `json:"names"` // family names of patients, in lower case
	Shown    shown    `json:"shown"`
	Stay     stay     `json:"stay"`
	Misfile  misfile  `json:"misfile"`
	Draft    string   `json:"draft"`
	Counts   string   `json:"counts,omitempty"`
	Shots    string   `json:"shots,omitempty"`
}

type person struct {
	Login    string `json:"login"`
	Password string `json:"password"`
	Roles    string `json:"roles"`
}

// shown is the encounter that screens are looked at with: a stay with many
// documents that no script makes final.
type shown struct {
	Number string `json:"number"`
}

// stay is the inpatient stay that the main job is played on.
type stay struct {
	MRN    string `json:"mrn"`
	Search string `json:"search"`
	Code   string `json:"code"`
}

// misfile is the document of the demo that lies in the wrong chart: whose it is,
// and under whom it lies, by record number.
type misfile struct {
	Of    string `json:"of"`
	Under string `json:"under"`
}

func TestInBrowser(t *testing.T) {
	node := testenv.Program(t, "node", "install Node.js 20 or newer")
	chromium := testenv.Program(t, "chromium", "install Debian's package chromium")
	if _, err := os.Stat("node_modules/playwright-core"); err != nil {
		testenv.Missing(t, "node_modules in test/browser", "run npm ci there")
	}
	dir := t.TempDir()
	d := openDepartment(t, dir)
	signIns, err := demo.Load(t.Context(), d.Demo(), demo.Options{Patients: 12})
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Audit.Flush(t.Context()); err != nil { // signs what there is, so that it can be proved
		t.Fatal(err)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	fresh := filepath.Join(dir, "fresh")
	copyDepartment(t, filepath.Join(dir, department), filepath.Join(fresh, department))
	d = openDepartment(t, dir)
	s := tell(t, signIns)
	s.Chromium = chromium
	s.Counts = filepath.Join(dir, "counts.json")
	stop := serve(t, d, &s, signIns)
	run := append(slices.Clone(scripts), ofItsOwn, afterRestart)
	if *only != "" {
		run = strings.Split(*only, ",")
	}
	for _, name := range run {
		if name != ofItsOwn && name != afterRestart {
			t.Run(name, func(t *testing.T) { play(t, node, name, s) })
		}
	}
	stop()
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{ofItsOwn, afterRestart} {
		if !slices.Contains(run, name) {
			continue
		}
		t.Run(name, func(t *testing.T) {
			from := dir
			if name == ofItsOwn {
				from = fresh
			}
			again := openDepartment(t, from)
			stop := serve(t, again, &s, signIns)
			play(t, node, name, s)
			stop()
			if err := again.Close(); err != nil {
				t.Fatal(err)
			}
		})
	}
	if *update {
		writeCounts(t, s.Counts)
	}
}

// copyDepartment copies a department that is closed; nobody but its owner may read
// the copy, as it is with the one that was copied.
func copyDepartment(t *testing.T, from, to string) {
	t.Helper()
	if err := os.CopyFS(to, os.DirFS(from)); err != nil {
		t.Fatal(err)
	}
	if err := filepath.WalkDir(to, func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		return os.Chmod(path, 0o600)
	}); err != nil {
		t.Fatal(err)
	}
}

// department is the folder of the department in the folder of a test.
const department = "department"

func openDepartment(t *testing.T, dir string) *app.Department {
	t.Helper()
	zone, err := time.LoadLocation(demo.Zone)
	if err != nil {
		t.Fatal(err)
	}
	d, err := app.Open(t.Context(), app.Config{Dir: filepath.Join(dir, department), Zone: zone, Source: "demo"})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// tell gathers what the scripts must know of the demo department.
func tell(t *testing.T, signIns []demo.SignIn) setup {
	t.Helper()
	all, err := charts.All()
	if err != nil {
		t.Fatal(err)
	}
	s := setup{Draft: "closed fracture", Shots: *shots}
	for _, in := range signIns {
		s.People = append(s.People, person{in.Login, in.Password, in.Roles})
	}
	for _, c := range all {
		s.Names = append(s.Names, strings.ToLower(c.Patient.Family))
		switch {
		case strings.HasPrefix(c.ID, "c01"):
			s.Shown = shown{Number: c.Encounter.Number}
		case strings.HasPrefix(c.ID, "c12"):
			s.Stay = stay{MRN: c.Patient.MRN, Search: "liveborn cesarean", Code: "Z38.01"}
		case strings.HasPrefix(c.ID, "p05"):
			s.Misfile.Of = c.Patient.MRN
		case strings.HasPrefix(c.ID, "p13"):
			s.Misfile.Under = c.Patient.MRN
		}
	}
	return s
}

// serve starts the server on a free port and returns what stops it.
func serve(t *testing.T, d *app.Department, s *setup, signIns []demo.SignIn) (stop func()) {
	t.Helper()
	var log bytes.Buffer
	opt := server.Options{Log: slog.New(slog.NewTextHandler(&log, nil))}
	for _, in := range signIns {
		opt.Demo = append(opt.Demo, server.DemoSignIn{Name: in.Login, Password: in.Password, Role: in.Roles})
	}
	srv, err := server.New(d, opt)
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.Base = "http://" + l.Addr().String()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- srv.Serve(ctx, l) }()
	return func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
		text := strings.ToLower(log.String())
		for _, name := range s.Names {
			if strings.Contains(text, name) {
				t.Errorf("the log holds a patient's name")
			}
		}
	}
}

// play runs one script under node's test runner.
func play(t *testing.T, node, name string, s setup) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "setup.json")
	text, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 8*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, node, "--test", "--test-reporter=spec", "--test-timeout=400000", name+".test.mjs")
	cmd.Env = append(os.Environ(), "CHARTROOM_BROWSER_SETUP="+file)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Errorf("%s: %v\n%s", name, err, out)
		return
	}
	t.Logf("%s", out)
}

type counted struct {
	Task  string   `json:"task"`
	Keys  []string `json:"keys"`
	Typed int      `json:"typed"`
	Limit int      `json:"limit"`
}

// writeCounts writes the keystrokes that the scripts counted.
func writeCounts(t *testing.T, file string) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var counts []counted
	if err := json.Unmarshal(text, &counts); err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	b.WriteString("# Keystrokes\n\nCounted by the browser tests, which play each task by keyboard alone and fail above the limit.\n" +
		"Written by `go test ./test/browser -update`.\n\n| task | keys | typed characters | limit | which keys |\n| --- | ---: | ---: | ---: | --- |\n")
	for _, c := range counts {
		fmt.Fprintf(&b, "| %s | %d | %d | %d | %s |\n", c.Task, len(c.Keys), c.Typed, c.Limit, keyList(c.Keys))
	}
	path := filepath.Join(testenv.ModuleRoot(t), "docs", "keystrokes.md")
	if err := os.WriteFile(path, []byte(b.String()), 0o644); err != nil {
		t.Fatal(err)
	}
}

// keyList writes keys with repeats counted: `a` ×3, `f`.
func keyList(keys []string) string {
	parts := []string{}
	for i := 0; i < len(keys); {
		n := 1
		for i+n < len(keys) && keys[i+n] == keys[i] {
			n++
		}
		part := "`" + keys[i] + "`"
		if n > 1 {
			part += fmt.Sprintf(" ×%d", n)
		}
		parts = append(parts, part)
		i += n
	}
	return strings.Join(parts, " ")
}
