package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestMain makes the test binary stand for chartroom: scripts and the tests that
// need another process run it by that name.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"chartroom": main})
}

// TestScripts plays testdata/script: the contract of each command, in the words
// of a shell. Beside the commands of testscript there are
//
//	status N command…          the command ends with exit status N
//	summary READ ANSWERED REFUSED   the last line of standard error, and it adds up
//	ids ID…                    the ids of the lines of standard output, as written
//	errors CODE…               the codes of refused lines in order, - for answered ones
//	fields PATH NAME,NAME…     the members of each object at PATH ("." or "codes.evidence") in each answer
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                filepath.Join("testdata", "script"),
		RequireUniqueNames: true,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"status": scriptStatus, "summary": scriptSummary, "ids": scriptIDs, "errors": scriptErrors, "fields": scriptFields,
		},
	})
}

func scriptStatus(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: status N command…")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		exit, ok := errors.AsType[*exec.ExitError](err)
		if !ok {
			ts.Fatalf("%v", err)
		}
		got = exit.ExitCode()
	}
	if got != want {
		ts.Fatalf("exit status %d, want %d", got, want)
	}
}

func scriptSummary(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: summary READ ANSWERED REFUSED")
	}
	lines := strings.Split(strings.TrimSpace(ts.ReadFile("stderr")), "\n")
	want := args[0] + " lines read: " + args[1] + " answered, " + args[2] + " refused"
	if last := lines[len(lines)-1]; last != want {
		ts.Fatalf("the summary is %q, want %q", last, want)
	}
	written := len(answers(ts))
	refused := 0
	for _, line := range answers(ts) {
		if _, ok := members(ts, line)["error"]; ok {
			refused++
		}
	}
	if args[0] != strconv.Itoa(written) || args[2] != strconv.Itoa(refused) {
		ts.Fatalf("%d lines written, %d of them refusals: not what the summary says", written, refused)
	}
}

func scriptIDs(ts *testscript.TestScript, neg bool, args []string) {
	var got []string
	for _, line := range answers(ts) {
		got = append(got, string(members(ts, line)["id"]))
	}
	if slices.Equal(got, args) == neg {
		ts.Fatalf("ids %q, want %q", got, args)
	}
}

func scriptErrors(ts *testscript.TestScript, neg bool, args []string) {
	var got []string
	for _, line := range answers(ts) {
		var answer struct {
			Error *struct{ Code, Message string }
		}
		ts.Check(json.Unmarshal([]byte(line), &answer))
		switch {
		case answer.Error == nil:
			got = append(got, "-")
		case strings.TrimSpace(answer.Error.Message) == "":
			ts.Fatalf("a refusal without a message: %s", line)
		default:
			got = append(got, answer.Error.Code)
			if names := order(ts, line); !slices.Equal(names, []string{"id", "error"}) {
				ts.Fatalf("a refusal has the members %q", names)
			}
		}
	}
	if slices.Equal(got, args) == neg {
		ts.Fatalf("refusals %q, want %q", got, args)
	}
}

func scriptFields(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: fields PATH NAME,NAME…")
	}
	seen := 0
	for _, line := range answers(ts) {
		if _, refused := members(ts, line)["error"]; refused {
			continue
		}
		objects := []string{line}
		if args[0] != "." {
			for step := range strings.SplitSeq(args[0], ".") {
				objects = below(ts, objects, step)
			}
		}
		for _, object := range objects {
			seen++
			if got := strings.Join(order(ts, object), ","); got != args[1] {
				ts.Fatalf("members %s, want %s, in %s", got, args[1], object)
			}
		}
	}
	if seen == 0 {
		ts.Fatalf("no object at %s in the answers", args[0])
	}
}

// answers are the lines of standard output; each must be one.
func answers(ts *testscript.TestScript) []string {
	out := ts.ReadFile("stdout")
	if out == "" {
		return nil
	}
	if !strings.HasSuffix(out, "\n") {
		ts.Fatalf("the last line is not ended")
	}
	return strings.Split(strings.TrimSuffix(out, "\n"), "\n")
}

func members(ts *testscript.TestScript, object string) map[string]json.RawMessage {
	var m map[string]json.RawMessage
	ts.Check(json.Unmarshal([]byte(object), &m))
	return m
}

// order gives the names of an object's members as they stand.
func order(ts *testscript.TestScript, object string) []string {
	dec := json.NewDecoder(strings.NewReader(object))
	_, err := dec.Token()
	ts.Check(err)
	var names []string
	for dec.More() {
		name, err := dec.Token()
		ts.Check(err)
		var value json.RawMessage
		ts.Check(dec.Decode(&value))
		names = append(names, name.(string))
	}
	return names
}

// below gives what stands under a name in each object, list or not.
func below(ts *testscript.TestScript, objects []string, name string) []string {
	var found []string
	for _, object := range objects {
		value, ok := members(ts, object)[name]
		if !ok {
			ts.Fatalf("no %s in %s", name, object)
		}
		if !bytes.HasPrefix(value, []byte("[")) {
			found = append(found, string(value))
			continue
		}
		var list []json.RawMessage
		ts.Check(json.Unmarshal(value, &list))
		for _, item := range list {
			found = append(found, string(item))
		}
	}
	return found
}

// program is the path of the program under test, for tests that need a process.
func program(t *testing.T) string {
	t.Helper()
	path, err := exec.LookPath("chartroom")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path); err != nil {
		t.Fatal(err)
	}
	return path
}
