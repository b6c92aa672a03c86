package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// runCodeset runs one command line and returns what it wrote and its exit status.
func runCodeset(t *testing.T, args ...string) (stdout string, exit int) {
	t.Helper()
	var out, errs bytes.Buffer
	err := run(t.Context(), append([]string{"codeset"}, args...), strings.NewReader(""), &out, &errs)
	return out.String(), status(err, &errs)
}

func TestCodesetCommands(t *testing.T) {
	const order = "00001 A00     0 Gizzard fever                                                Gizzard fever\n" +
		"00002 A000    1 Acute gizzard fever                                          Acute gizzard fever\n"
	work := t.TempDir()
	packs := filepath.Join(work, "packs")
	file := filepath.Join(work, "icd10cm_order_2031.txt")
	bad := filepath.Join(work, "icd10cm_order_2032.txt")
	for name, text := range map[string]string{file: order, bad: order + "rubbish\n"} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if out, exit := runCodeset(t, "import", "--codesets", packs, file); exit != 0 || !strings.Contains(out, "icd10cm-FY2031-2030-10-01-codes.pack") {
		t.Fatalf("import: %d %s", exit, out)
	}
	if out, exit := runCodeset(t, "import", "--codesets", packs, bad, file); exit != 2 || !strings.Contains(out, "line 3") || strings.Count(out, "\n") != 2 {
		t.Errorf("a refused file: %d %s", exit, out)
	}
	if out, exit := runCodeset(t, "list", "--codesets", packs); exit != 0 || !strings.Contains(out, "FY2031") || !strings.Contains(out, "FY2026") {
		t.Errorf("list: %d %s", exit, out)
	}
	if out, exit := runCodeset(t, "list", "--json"); exit != 0 || strings.Count(out, "\n") != 6 || strings.Contains(out, "FY2031") {
		t.Errorf("list without the folder: %d %s", exit, out)
	}
	if out, exit := runCodeset(t, "verify", "--codesets", packs); exit != 0 || strings.Count(out, "\n") != 1 {
		t.Errorf("verify: %d %s", exit, out)
	}
	pack := filepath.Join(packs, "icd10cm-FY2031-2030-10-01-codes.pack")
	data, err := os.ReadFile(pack)
	if err != nil {
		t.Fatal(err)
	}
	data[len(data)-1] ^= 1
	if err := os.WriteFile(pack, data, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, exit := runCodeset(t, "verify", "--codesets", packs); exit != 3 {
		t.Errorf("verify of a broken pack: %d", exit)
	}
	if _, exit := runCodeset(t, "list", "--codesets", packs); exit != 1 {
		t.Errorf("list with a broken pack: %d", exit)
	}
}
