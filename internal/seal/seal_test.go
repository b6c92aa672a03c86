package seal_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"chartroom/internal/gate"
	"chartroom/internal/gate/gatetest"
	"chartroom/internal/seal"
)

const actionTest gate.Action = "test.seal"

// ring opens fresh master keys in a file of the test's own.
func ring(tb testing.TB) (*seal.Ring, string) {
	tb.Helper()
	path := filepath.Join(tb.TempDir(), seal.KeyFile)
	return reopen(tb, path), path
}

func reopen(tb testing.TB, path string) *seal.Ring {
	tb.Helper()
	r, err := seal.OpenRing(seal.File(path))
	if err != nil {
		tb.Fatal(err)
	}
	return r
}

// change runs fn as one action on g.
func change(tb testing.TB, g *gate.Gate, fn func(tx *gate.Tx) error) {
	tb.Helper()
	if err := g.Change(context.Background(), gatetest.Actor(), actionTest, gate.Department(), fn); err != nil {
		tb.Fatal(err)
	}
}

// newKey makes a record's key.
func newKey(tb testing.TB, g *gate.Gate, r *seal.Ring, owner string) *seal.Key {
	tb.Helper()
	var k *seal.Key
	change(tb, g, func(tx *gate.Tx) (err error) {
		k, err = r.NewRecordKey(context.Background(), tx, owner)
		return err
	})
	return k
}

// key fetches a record's key, or the error of it.
func key(g *gate.Gate, r *seal.Ring, owner string) (*seal.Key, error) {
	var k *seal.Key
	err := g.Read(context.Background(), gatetest.Actor(), actionTest, gate.Department(), func(tx *gate.Tx) (err error) {
		k, err = r.Key(context.Background(), tx, owner)
		return err
	})
	return k, err
}

var place = seal.Place("chart_document", "text", "doc1", 1)

func TestSealedOpens(t *testing.T) {
	gatetest.Both(t, func(t *testing.T, g *gate.Gate) {
		r, path := ring(t)
		k := newKey(t, g, r, "rec1")
		for _, plain := range []string{"", "x", "Penelope Winterbourne", strings.Repeat("long text ", 10000)} {
			sealed := k.Seal([]byte(plain), place)
			if len(plain) > 4 && bytes.Contains(sealed, []byte(plain[:5])) {
				t.Errorf("the sealed bytes of %d hold the plain ones", len(plain))
			}
			if again := k.Seal([]byte(plain), place); bytes.Equal(sealed, again) {
				t.Error("equal values gave equal sealed bytes")
			}
			// A ring that knows nothing yet opens it from the database.
			fresh, err := key(g, reopen(t, path), "rec1")
			if err != nil {
				t.Fatal(err)
			}
			got, err := fresh.Open(sealed, place)
			if err != nil || string(got) != plain {
				t.Errorf("sealed %d bytes, opened %d, %v", len(plain), len(got), err)
			}
			if !fresh.VerifyMAC([]byte(plain), k.MAC([]byte(plain))) {
				t.Error("the keyed hash is another after opening the ring again")
			}
		}
	})
}

func TestEveryChangedByteIsSeen(t *testing.T) {
	g := gatetest.Open(t)
	r, _ := ring(t)
	k := newKey(t, g, r, "rec1")
	sealed := k.Seal([]byte("Penelope Winterbourne"), place)
	for i := range sealed {
		for bit := range 8 {
			bad := bytes.Clone(sealed)
			bad[i] ^= 1 << bit
			if _, err := k.Open(bad, place); err == nil {
				t.Fatalf("bit %d of byte %d changed, and it opened", bit, i)
			}
		}
		if _, err := k.Open(sealed[:i], place); !errors.Is(err, seal.ErrOpen) {
			t.Fatalf("cut to %d bytes: %v", i, err)
		}
	}
	if _, err := k.Open(append(bytes.Clone(sealed), 0), place); !errors.Is(err, seal.ErrOpen) {
		t.Fatalf("one byte more: %v", err)
	}
}

func TestMovedDoesNotOpen(t *testing.T) {
	g := gatetest.Open(t)
	r, _ := ring(t)
	k1, k2 := newKey(t, g, r, "rec1"), newKey(t, g, r, "rec2")
	sealed := k1.Seal([]byte("text"), place)
	if _, err := k2.Open(sealed, place); !errors.Is(err, seal.ErrOpen) {
		t.Errorf("another record's key: %v", err)
	}
	for _, other := range []string{
		seal.Place("chart_patient", "text", "doc1", 1), seal.Place("chart_document", "title", "doc1", 1),
		seal.Place("chart_document", "text", "doc2", 1), seal.Place("chart_document", "text", "doc1", 2), "",
	} {
		if _, err := k1.Open(sealed, other); !errors.Is(err, seal.ErrOpen) {
			t.Errorf("at %q: %v", other, err)
		}
	}
	if bytes.Equal(k1.MAC([]byte("asthma")), k2.MAC([]byte("asthma"))) {
		t.Error("two records give the same keyed hash")
	}
}

// A wrapped data key put into another record's row must not unwrap.
func TestMovedDataKeyDoesNotUnwrap(t *testing.T) {
	gatetest.Both(t, func(t *testing.T, g *gate.Gate) {
		ctx := context.Background()
		r, path := ring(t)
		newKey(t, g, r, "rec1")
		newKey(t, g, r, "rec2")
		change(t, g, func(tx *gate.Tx) error {
			_, err := tx.Exec(ctx, `UPDATE sealed_key SET wrapped = (SELECT wrapped FROM sealed_key WHERE owner = 'rec1') WHERE owner = 'rec2'`)
			return err
		})
		if _, err := key(g, reopen(t, path), "rec2"); err == nil || !strings.Contains(err.Error(), "was changed") {
			t.Errorf("got %v", err)
		}
	})
}

func TestUnknownRecord(t *testing.T) {
	g := gatetest.Open(t)
	r, _ := ring(t)
	if _, err := key(g, r, "nobody"); !errors.Is(err, seal.ErrNoKey) {
		t.Errorf("got %v", err)
	}
}

// TestKeyOrNewMakesOneKey asks twice, in one action and in another: the first makes
// the key, the others find it.
func TestKeyOrNewMakesOneKey(t *testing.T) {
	g := gatetest.Open(t)
	r, path := ring(t)
	var sealed []byte
	for range 2 {
		change(t, g, func(tx *gate.Tx) error {
			for range 2 {
				k, err := r.KeyOrNew(context.Background(), tx, "desk")
				if err != nil {
					return err
				}
				if sealed == nil {
					sealed = k.Seal([]byte("draft"), "place")
				}
			}
			return nil
		})
	}
	k, err := key(g, reopen(t, path), "desk")
	if err != nil {
		t.Fatal(err)
	}
	if plain, err := k.Open(sealed, "place"); err != nil || string(plain) != "draft" {
		t.Errorf("what the first key sealed opens as %q, %v", plain, err)
	}
}

func TestKeyOfFailedActionIsGone(t *testing.T) {
	gatetest.Both(t, func(t *testing.T, g *gate.Gate) {
		ctx := context.Background()
		r, _ := ring(t)
		stop := errors.New("stop")
		err := g.Change(ctx, gatetest.Actor(), actionTest, gate.Department(), func(tx *gate.Tx) error {
			if _, err := r.NewRecordKey(ctx, tx, "rec1"); err != nil {
				return err
			}
			if _, err := r.Key(ctx, tx, "rec1"); err != nil {
				return err
			}
			return stop
		})
		if !errors.Is(err, stop) {
			t.Fatal(err)
		}
		if _, err := key(g, r, "rec1"); !errors.Is(err, seal.ErrNoKey) {
			t.Errorf("the key of a failed action is still there: %v", err)
		}
	})
}

func TestWrongMasterKeys(t *testing.T) {
	gatetest.Both(t, func(t *testing.T, g *gate.Gate) {
		right, _ := ring(t)
		newKey(t, g, right, "rec1")
		wrong, _ := ring(t)
		var e *seal.WrongKeyError
		if _, err := key(g, wrong, "rec1"); !errors.As(err, &e) {
			t.Errorf("Key with other master keys: %v", err)
		}
		for name, fn := range map[string]func(tx *gate.Tx) error{
			"Check":        func(tx *gate.Tx) error { return wrong.Check(context.Background(), tx) },
			"NewRecordKey": func(tx *gate.Tx) error { _, err := wrong.NewRecordKey(context.Background(), tx, "rec2"); return err },
		} {
			if err := g.Change(context.Background(), gatetest.Actor(), actionTest, gate.Department(), fn); !errors.As(err, &e) {
				t.Errorf("%s with other master keys: %v", name, err)
			}
		}
		change(t, g, func(tx *gate.Tx) error { return right.Check(context.Background(), tx) })
		if err := wrong.Confirm(context.Background(), g); !errors.As(err, &e) {
			t.Errorf("Confirm with other master keys: %v", err)
		}
		if err := right.Confirm(context.Background(), g); err != nil {
			t.Error(err)
		}
	})
}

func TestKeyFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), seal.KeyFile)
	r := reopen(t, path)
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("mode %v, %v", info.Mode(), err)
	}
	if !bytes.Equal(r.Token("k", "v"), reopen(t, path).Token("k", "v")) {
		t.Error("the second opening has other keys")
	}
	for _, mode := range []os.FileMode{0o640, 0o604, 0o660, 0o602} {
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		if _, err := seal.OpenRing(seal.File(path)); err == nil || !strings.Contains(err.Error(), "chmod 600") {
			t.Errorf("mode %04o: %v", mode, err)
		}
	}
}

func TestBadKeyTexts(t *testing.T) {
	for _, text := range []string{"", "x", "{}", "{", `{"format":"chartroom master keys","version":9}`,
		`{"format":"chartroom master keys","version":1}`, `{"format":"chartroom master keys","version":1,"wrapping":{"secretword":1},"root":{}}`, "AAAA"} {
		_, err := seal.OpenRing(seal.Text(text))
		if err == nil {
			t.Errorf("%q was taken", text)
			continue
		}
		if strings.Contains(err.Error(), "secretword") {
			t.Errorf("the error tells of the keys: %v", err)
		}
	}
}

// Many programs that start at once on an empty folder end up with the same keys.
func TestFirstStartsAgree(t *testing.T) {
	path := filepath.Join(t.TempDir(), seal.KeyFile)
	tokens := make([]string, 8)
	var wg sync.WaitGroup
	for i := range tokens {
		wg.Go(func() {
			r, err := seal.OpenRing(seal.File(path))
			if err != nil {
				t.Error(err)
				return
			}
			tokens[i] = fmt.Sprintf("%x", r.Token("k", "v"))
		})
	}
	wg.Wait()
	for _, tok := range tokens {
		if tok != tokens[0] {
			t.Fatalf("different keys: %v", tokens)
		}
	}
	if left, _ := filepath.Glob(filepath.Join(filepath.Dir(path), ".master*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestSourceFromEnvironment(t *testing.T) {
	text, err := seal.NewKeys()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	env := func(name string) string {
		if name == seal.KeyVariable {
			return string(text)
		}
		return ""
	}
	a, err := seal.OpenRing(seal.Source(dir, env))
	if err != nil {
		t.Fatal(err)
	}
	b, err := seal.OpenRing(seal.Text(string(text)))
	if err != nil || !bytes.Equal(a.Token("k", "v"), b.Token("k", "v")) {
		t.Errorf("other keys than the environment's: %v", err)
	}
	if files, _ := os.ReadDir(dir); len(files) > 0 {
		t.Errorf("a key file was made although the environment has the keys: %v", files)
	}
	if _, err := seal.OpenRing(seal.Source(dir, func(string) string { return "" })); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(dir, seal.KeyFile)); err != nil {
		t.Error(err)
	}
}

// The files of the database must not hold what was sealed or searched for.
func TestNothingReadableOnDisk(t *testing.T) {
	dir := t.TempDir()
	g := gatetest.Open(t, func(c *gate.Config) { c.Dir = dir })
	r, _ := ring(t)
	ctx := context.Background()
	change(t, g, func(tx *gate.Tx) error {
		_, err := tx.Exec(ctx, `CREATE TABLE test_sealed (id TEXT PRIMARY KEY, name BYTEA, token BYTEA)`)
		return err
	})
	for i := range 50 {
		id := fmt.Sprintf("rec%d", i)
		change(t, g, func(tx *gate.Tx) error {
			k, err := r.NewRecordKey(ctx, tx, id)
			if err != nil {
				return err
			}
			_, err = tx.Exec(ctx, `INSERT INTO test_sealed (id, name, token) VALUES ($1, $2, $3)`, id,
				k.Seal([]byte("Plantagenet-Quimby, Zebediah 1931-02-14"), seal.Place("test_sealed", "name", id, 1)),
				r.Token("name.word", "zebediah"))
			return err
		})
	}
	files := 0
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		files++
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for _, word := range []string{"Plantagenet", "Quimby", "zebediah", "Zebediah", "1931-02-14"} {
			if bytes.Contains(content, []byte(word)) {
				t.Errorf("%s holds %q", filepath.Base(path), word)
			}
		}
		if !bytes.Contains(content, []byte("test_sealed")) && strings.HasSuffix(path, "-wal") {
			t.Errorf("%s does not even hold the table's name: the test looks at the wrong file", filepath.Base(path))
		}
		return nil
	})
	if err != nil || files == 0 {
		t.Fatalf("%d files, %v", files, err)
	}
}
