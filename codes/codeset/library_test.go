package codeset

import (
	"bytes"
	"crypto/sha256"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"chartroom/codes/codeset/internal/pack"
)

func TestWithDirNamesABrokenPack(t *testing.T) {
	whole, err := packFiles.ReadFile("packs/icd10cm-FY2025.pack")
	if err != nil {
		t.Fatal(err)
	}
	damaged := bytes.Clone(whole)
	damaged[len(damaged)/2] ^= 1
	for name, data := range map[string][]byte{"cut": whole[:len(whole)/2], "damaged": damaged, "other": []byte("hello"), "empty": nil} {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, name+".pack"), data, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := Embedded().WithDir(dir); err == nil || !strings.Contains(err.Error(), name+".pack") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := Embedded().WithDir(filepath.Join(t.TempDir(), "nowhere")); err == nil {
		t.Error("a folder that is not there is accepted")
	}
	if lib, err := Embedded().WithDir(t.TempDir()); err != nil || len(lib.Editions(ICD10CM)) != 2 {
		t.Errorf("an empty folder changes nothing: %v", err)
	}
}

func TestLibraryIsSafeForConcurrentUse(t *testing.T) {
	lib, err := Embedded().WithDir("packs") // opened anew, nothing is warm
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for _, sys := range []System{ICD10CM, ICD10PCS} {
				set, err := lib.On(sys, day("2026-05-01"))
				if err != nil {
					t.Error(err)
					return
				}
				if len(set.Search("fracture femur", 3)) == 0 || set.Index().Len() == 0 {
					t.Error("nothing found")
				}
				set.Notes("E11.65")
				set.Build("027")
			}
		})
	}
	wg.Wait()
}

// A pack whose checksum fits but whose content is broken gives an error or an
// answer, never a panic.
func FuzzPack(f *testing.F) {
	small, err := os.ReadFile(filepath.Join("internal", "compile", "testdata", "small.pack"))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(small)
	f.Fuzz(func(_ *testing.T, data []byte) {
		data = bytes.Clone(data)
		if len(data) > 48 {
			sum := sha256.Sum256(data[48:])
			copy(data[16:], sum[:])
		}
		tryPack(data)
	})
}

// tryPack asks a pack for everything.
func tryPack(data []byte) {
	p, err := pack.Open(data)
	if err != nil {
		return
	}
	s, err := newShelf([]*pack.Pack{p})
	if err != nil {
		return
	}
	for _, sets := range s.sets {
		for _, set := range sets {
			if _, err := set.ready(); err != nil {
				continue
			}
			for i := range min(set.Len(), 20) {
				c := set.At(i)
				set.Notes(c.Code)
				set.SeventhCharacters(c.Code)
				set.Ancestors(c.Code)
				set.Children(c.Code)
				set.Sex(c.Code)
				set.Table(c.Code)
			}
			for _, c := range set.Chapters() {
				set.Children(c.Code)
			}
			x := set.Index()
			for k := range min(x.Len(), 50) {
				x.Node(NodeID(k))
				x.Path(NodeID(k))
				x.Children(NodeID(k))
			}
			x.FollowSee("Fever, gizzard")
			set.Search("gizzard fever", 3)
			set.Build("")
		}
	}
}

func TestBrokenPacksNeverPanic(t *testing.T) {
	small, err := os.ReadFile(filepath.Join("internal", "compile", "testdata", "small.pack"))
	if err != nil {
		t.Fatal(err)
	}
	for i := 48; i < len(small); i++ {
		for _, x := range []byte{1, 0x40, 0xff} {
			data := bytes.Clone(small)
			data[i] ^= x
			sum := sha256.Sum256(data[48:])
			copy(data[16:], sum[:])
			tryPack(data)
		}
	}
}

// BenchmarkOpenPack opens the pack of ICD-10-CM from its bytes until a code can
// be looked up: checksum, expanding, checks.
func BenchmarkOpenPack(b *testing.B) {
	data, err := packFiles.ReadFile("packs/icd10cm-FY2026.pack")
	if err != nil {
		b.Fatal(err)
	}
	for range b.N {
		p, err := pack.Open(data)
		if err != nil {
			b.Fatal(err)
		}
		s, err := newShelf([]*pack.Pack{p})
		if err != nil {
			b.Fatal(err)
		}
		set, err := s.sets[ICD10CM][0].ready()
		if err != nil {
			b.Fatal(err)
		}
		if _, ok := set.Code("E11.65"); !ok {
			b.Fatal("E11.65 is not there")
		}
	}
	b.ReportMetric(b.Elapsed().Seconds()*1000/float64(b.N), "ms/open")
}
