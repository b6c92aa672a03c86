package importer

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"chartroom/codes/codeset"
)

const order = "00001 A00     0 Cholera                                                      Cholera\n" +
	"00002 A000    1 Cholera due to Vibrio cholerae 01                            Cholera due to Vibrio cholerae 01\n"

const tabular = `<ICD10CM.tabular><version>2031</version><chapter><name>1</name><desc>Invented (A00-B99)</desc>
<section id="A00-A09"><desc>Gizzard (A00-A09)</desc><diag><name>A00</name><desc>Gizzard fever</desc></diag></section></chapter></ICD10CM.tabular>`

// put writes a file into a new folder.
func put(t *testing.T, name string, data []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func zipped(t *testing.T, members map[string]string) []byte {
	t.Helper()
	var buf bytes.Buffer
	z := zip.NewWriter(&buf)
	for name, text := range members {
		w, err := z.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(w, text); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

func gzipped(t *testing.T, text string) []byte {
	t.Helper()
	var buf bytes.Buffer
	z := gzip.NewWriter(&buf)
	if _, err := io.WriteString(z, text); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

// names lists a folder.
func names(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		t.Fatal(err)
	}
	var out []string
	for _, e := range entries {
		out = append(out, e.Name())
	}
	return out
}

func TestEditionFollowsFromTheFile(t *testing.T) {
	cases := []struct {
		name string
		data []byte
		want string
	}{
		{"icd10cm_order_2031.txt", []byte(order), "icd10cm-FY2031-2030-10-01-codes.pack"},
		{"icd10cm_order_April_2031.txt", []byte(order), "icd10cm-FY2031-2031-04-01-codes.pack"},
		{"icd10cm_order_2031.txt.gz", gzipped(t, order), "icd10cm-FY2031-2030-10-01-codes.pack"},
		{"anything.xml", []byte(tabular), "icd10cm-FY2031-2030-10-01-tabular.pack"},
		{"POAexemptCodesFY31.txt", []byte("n\tcode\n1\tA00.0\n"), "icd10cm-FY2031-2030-10-01-poa.pack"},
		{"hcpcs_2031q4.txt", []byte("A0021\n"), "hcpcs-2031-quarter-4-2031-10-01-codes.pack"},
		{"all.zip", zipped(t, map[string]string{"a/icd10cm_order_2031.txt": order, "readme.pdf": "x", "icd10cm_order_addenda_2031.txt": "Add:"}), "icd10cm-FY2031-2030-10-01-codes.pack"},
	}
	for _, c := range cases {
		dir := filepath.Join(t.TempDir(), "new", "folder")
		report, err := Import(context.Background(), put(t, c.name, c.data), dir)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if got := names(t, dir); len(got) != 1 || got[0] != c.want || report.Packs[0].File != c.want {
			t.Errorf("%s gives %v, want %s", c.name, got, c.want)
		}
	}
}

func TestBadFilesLeaveNoTrace(t *testing.T) {
	bomb := zipped(t, map[string]string{
		"icd10cm_order_2031.txt": order,
		"tabular.xml":            "<ICD10CM.tabular>" + strings.Repeat(" ", 70<<20),
	})
	cases := []struct {
		name string
		data []byte
		want []string // what the error says
	}{
		{"picture.png", []byte("\x89PNG"), []string{"picture.png", "not a file of a code set"}},
		{"empty.txt", nil, []string{"empty.txt"}},
		{"cut.xml", []byte(tabular[:len(tabular)/2]), []string{"cut.xml", "line "}},
		{"entity.xml", []byte(`<!DOCTYPE a [<!ENTITY b "b">]>` + tabular), []string{"entity.xml", "document type"}},
		{"icd10cm_order_2031.txt", []byte(order + "rubbish\n"), []string{"icd10cm_order_2031.txt", "line 3"}},
		{"icd10cm_order.txt", []byte(order), []string{"which year"}},
		{"broken.zip", []byte("PK\x03\x04 and no more"), []string{"broken.zip"}},
		{"broken.xml.gz", []byte("\x1f\x8b and no more"), []string{"broken.xml.gz"}},
		{"cut.xml.gz", gzipped(t, tabular)[:60], []string{"cut.xml"}},
		{"nothing.zip", zipped(t, map[string]string{"a.pdf": "x"}), []string{"not a file of a code set"}},
		{"second.zip", zipped(t, map[string]string{"a_order_2031.txt": order, "b.xml": tabular[:200]}), []string{"second.zip", "b.xml", "line "}},
		{"bomb.zip", bomb, []string{"bomb.zip", "tabular.xml", "64 MB"}},
		{"twice_order_2031.txt", []byte(order + order), []string{"A00 comes twice"}},
	}
	for _, c := range cases {
		dir := t.TempDir()
		_, err := Import(context.Background(), put(t, c.name, c.data), dir)
		if err == nil {
			t.Errorf("%s is accepted", c.name)
			continue
		}
		for _, w := range c.want {
			if !strings.Contains(err.Error(), w) {
				t.Errorf("%s: %q does not say %q", c.name, err, w)
			}
		}
		if left := names(t, dir); len(left) > 0 {
			t.Errorf("%s left %v behind", c.name, left)
		}
	}
	if _, err := Import(context.Background(), filepath.Join(t.TempDir(), "nowhere"), t.TempDir()); err == nil {
		t.Error("a path that is not there is accepted")
	}
}

func TestNamesInArchivesAreNoPaths(t *testing.T) {
	dir := t.TempDir()
	data := zipped(t, map[string]string{"../../../evil/icd10cm_order_2031.txt": order, "..\\..\\x_order_2032.txt": order})
	if _, err := Import(context.Background(), put(t, "a.zip", data), dir); err != nil {
		t.Fatal(err)
	}
	if got := names(t, dir); len(got) != 2 {
		t.Errorf("%v", got)
	}
}

func TestImportTwiceIsOnce(t *testing.T) {
	dir := t.TempDir()
	path := put(t, "icd10cm_order_2031.txt", []byte(order))
	var first, second []byte
	for _, into := range []*[]byte{&first, &second} {
		report, err := Import(context.Background(), path, dir)
		if err != nil {
			t.Fatal(err)
		}
		if *into, err = os.ReadFile(filepath.Join(dir, report.Packs[0].File)); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(first, second) || len(names(t, dir)) != 1 {
		t.Error("importing again changes the folder")
	}
	lib, err := codeset.Empty().WithDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	set, err := lib.Newest(codeset.ICD10CM)
	if err != nil {
		t.Fatal(err)
	}
	if c, ok := set.Code("a00.0"); !ok || !c.Billable || set.Edition().To.Year() != 2031 {
		t.Errorf("%+v %v", c, set.Edition())
	}
}

func TestImportStopsWhenTold(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	dir := t.TempDir()
	if _, err := Import(ctx, put(t, "icd10cm_order_2031.txt", []byte(order)), dir); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}

func TestVerify(t *testing.T) {
	dir := t.TempDir()
	report, err := Import(context.Background(), put(t, "icd10cm_order_2031.txt", []byte(order)), dir)
	if err != nil {
		t.Fatal(err)
	}
	if packs, err := Verify(dir); err != nil || len(packs) != 1 {
		t.Fatalf("%v %v", packs, err)
	}
	file := filepath.Join(dir, report.Packs[0].File)
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	data[len(data)-1] ^= 1
	if err := os.WriteFile(file, data, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Verify(dir); err == nil || !strings.Contains(err.Error(), report.Packs[0].File) {
		t.Errorf("%v", err)
	}
	if _, err := Verify(filepath.Join(dir, "nowhere")); err == nil {
		t.Error("a folder that is not there is whole")
	}
}
