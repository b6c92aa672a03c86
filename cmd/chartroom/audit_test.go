package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"chartroom/internal/audit"
	"chartroom/internal/batch"
)

// command runs a command line and gives what it wrote.
func command(t *testing.T, stdin string, args ...string) (stdout string, err error) {
	t.Helper()
	var out, diagnostics bytes.Buffer
	err = run(context.Background(), args, strings.NewReader(stdin), &out, &diagnostics)
	return out.String(), err
}

func must(t *testing.T, stdin string, args ...string) string {
	t.Helper()
	out, err := command(t, stdin, args...)
	if err != nil {
		t.Fatalf("%s: %v", strings.Join(args, " "), err)
	}
	return out
}

func TestTokensAndTheirEntries(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "department")
	secret := must(t, "", "token", "create", "--dir", dir, "--name", "lab")
	if lines := strings.Split(secret, "\n"); len(lines) != 2 || lines[1] != "" || strings.ContainsAny(lines[0], " \t") || len(lines[0]) < 40 {
		t.Errorf("the token is not alone on a line: %q", secret)
	}
	if out, err := command(t, "", "token", "create", "--dir", dir, "--name", "x", "--role", "king"); err == nil || out != "" {
		t.Errorf("a token with an unknown role: %q, %v", out, err)
	}
	var tok tokenLine
	if err := json.Unmarshal([]byte(must(t, "", "token", "list", "--dir", dir)), &tok); err != nil || tok.Name != "lab" || tok.Role != "program" {
		t.Errorf("%+v, %v", tok, err)
	}
	must(t, "", "token", "revoke", "--dir", dir, tok.ID)
	if _, err := command(t, "", "token", "revoke", "--dir", dir, tok.ID); err == nil {
		t.Error("revoked twice")
	}
	id := must(t, "plover under the tamarisk\n", "staff", "add", "--dir", dir, "--login", "ada", "--name", "Ada", "--role", "administrator")
	if list := must(t, "", "staff", "list", "--dir", dir); !strings.Contains(list, strings.TrimSpace(id)) {
		t.Errorf("%q is not in %q", id, list)
	}
	must(t, "", "key", "rotate", "--dir", dir)

	var line auditLine
	if err := json.Unmarshal([]byte(must(t, "", "audit", "verify", "--dir", dir)), &line); err != nil || !line.Whole || line.Entries < 5 || line.Root == "" {
		t.Errorf("%+v, %v", line, err)
	}
}

func TestAuditVerifyFails(t *testing.T) {
	base := t.TempDir()
	for _, dir := range []string{"a", "b"} {
		must(t, "", "token", "create", "--dir", filepath.Join(base, dir), "--name", "x")
	}
	other := filepath.Join(base, "b", audit.WitnessName)
	out, err := command(t, "", "audit", "verify", "--dir", filepath.Join(base, "a"), "--checkpoint", other)
	var line auditLine
	if !errors.Is(err, batch.ErrInvalid) || status(err, os.Stderr) != 3 {
		t.Errorf("proved by another log's checkpoint: %v", err)
	}
	if err := json.Unmarshal([]byte(out), &line); err != nil || line.Whole || line.Problem == nil || line.Problem.Kind != audit.BadCheckpoint {
		t.Errorf("%s, %v", out, err)
	}
}
