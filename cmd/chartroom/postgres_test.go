package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"chartroom/internal/gate/gatetest"
)

// TestDepartmentOnPostgres plays on a PostgreSQL database, named by the
// environment, what TestDepartment plays on the embedded one.
func TestDepartmentOnPostgres(t *testing.T) {
	t.Setenv("CHARTROOM_DATABASE", gatetest.PostgresSchema(t))
	dir := t.TempDir()
	var messages strings.Builder
	for i := range crashClients {
		fmt.Fprintf(&messages, "MSH|^~\\&|REG|HOSP|CHARTROOM|HOSP|20260301083000||ADT^A01^ADT_A01|P-%d|P|2.5.1\r"+
			"EVN|A01|20260301083000\rPID|1||7700%d^^^HOSP^MR||Fernsby^Tobias||19580211|M\r"+
			"PV1|1|I|4W^410^1||||||||||||||||V-77%d|||||||||||||||||||||||||20260301083000\r", i, i, i)
	}
	path := filepath.Join(t.TempDir(), "messages.hl7")
	if err := os.WriteFile(path, []byte(messages.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := execute(t, nil, "import", "--dir", dir, path); got.status != 0 || !strings.Contains(got.stdout, fmt.Sprintf(`"accepted":%d,`, crashClients)) {
		t.Fatalf("import: %+v", got)
	}
	if _, err := os.Stat(filepath.Join(dir, databaseName)); err == nil {
		t.Error("the embedded database was made too")
	}
	t.Run("beside a server", func(t *testing.T) { besideAServer(t, dir) })
	t.Run("no acknowledged note is lost", func(t *testing.T) { killed(t, dir) })
}
