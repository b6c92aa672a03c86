// Package testenv decides, for every test of the project, what happens when
// something a test needs is not on this machine.
//
// On a newcomer's machine such a test is skipped with a plain message saying
// what is missing and how to get it. Where CI=true nothing may be missing, so
// the same test fails. No test calls Skip by itself.
package testenv

import (
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"
)

// DataVariable names the environment variable that holds the folder of real
// cases with expected results from independent systems.
const DataVariable = "CHARTROOM_TESTDATA"

// Missing ends the test: skipped on a newcomer's machine, failed in CI.
// what says which thing is missing, get how to have it.
func Missing(tb testing.TB, what, get string) {
	tb.Helper()
	if os.Getenv("CI") == "true" {
		tb.Fatalf("%s is missing, and CI must have it: %s", what, get)
	}
	tb.Skipf("%s is not on this machine; to run this test: %s", what, get)
}

// Data returns the path of a file or folder of the shared test data. elem are
// the path's elements below the data folder.
func Data(tb testing.TB, elem ...string) string {
	tb.Helper()
	root := os.Getenv(DataVariable)
	if root == "" {
		root = filepath.Join(ModuleRoot(tb), "..", "shared", "data")
	}
	path := filepath.Join(append([]string{root}, elem...)...)
	if _, err := os.Stat(path); err != nil {
		Missing(tb, "test data "+filepath.Join(elem...), "set "+DataVariable+" to the folder of shared test data")
	}
	return path
}

// Program returns the path of an installed program, such as chromium.
func Program(tb testing.TB, name, get string) string {
	tb.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		Missing(tb, "the program "+name, get)
	}
	return path
}

// PostgresVariable names the environment variable with the address of a
// PostgreSQL database that tests may create schemas in.
const PostgresVariable = "CHARTROOM_TEST_POSTGRES"

// Postgres returns the address of the PostgreSQL that tests use.
func Postgres(tb testing.TB) string {
	tb.Helper()
	url := os.Getenv(PostgresVariable)
	if url == "" {
		Missing(tb, "a test PostgreSQL", "make test starts one, or set "+PostgresVariable+" to its address")
	}
	return url
}

// ModuleRoot returns the folder that holds go.mod.
func ModuleRoot(tb testing.TB) string {
	tb.Helper()
	_, file, _, ok := runtime.Caller(0)
	if !ok {
		tb.Fatal("the test binary does not know where its sources are")
	}
	return filepath.Dir(filepath.Dir(filepath.Dir(file)))
}
