package seal_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"testing"

	"chartroom/internal/gate"
	"chartroom/internal/gate/gatetest"
	"chartroom/internal/seal"
)

func TestRotation(t *testing.T) {
	gatetest.Both(t, func(t *testing.T, g *gate.Gate) {
		ctx := context.Background()
		r, path := ring(t)
		before, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		const records = 1203 // more than two batches
		sealed := make([][]byte, records)
		change(t, g, func(tx *gate.Tx) error {
			for i := range sealed {
				k, err := r.NewRecordKey(ctx, tx, fmt.Sprintf("rec%04d", i))
				if err != nil {
					return err
				}
				sealed[i] = k.Seal(fmt.Appendf(nil, "text %d", i), place)
			}
			return nil
		})
		token := r.Token("name.word", "smith")

		other := reopen(t, path) // a server that does not hear of the rotation
		report, err := r.Rotate(ctx, g, gatetest.Actor())
		if err != nil || report.Rewrapped != records || len(report.From) != 1 {
			t.Fatalf("%+v, %v", report, err)
		}

		for name, ring := range map[string]*seal.Ring{"another process": other, "a new start": reopen(t, path)} {
			for i, s := range sealed {
				if i%100 != 0 {
					continue
				}
				k, err := key(g, ring, fmt.Sprintf("rec%04d", i))
				if err != nil {
					t.Fatalf("%s: %v", name, err)
				}
				if got, err := k.Open(s, place); err != nil || string(got) != fmt.Sprintf("text %d", i) {
					t.Fatalf("%s: %q, %v", name, got, err)
				}
			}
			if !bytes.Equal(ring.Token("name.word", "smith"), token) {
				t.Errorf("%s: the search token is another", name)
			}
		}

		// The former master key alone opens nothing any more.
		old, err := seal.OpenRing(seal.Text(string(before)))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := key(g, old, "rec0000"); err == nil {
			t.Error("the former master key still opens a record")
		}
	})
}

// A server that missed the rotation wraps new keys with the new master key.
func TestNewKeysAfterRotationElsewhere(t *testing.T) {
	gatetest.Both(t, func(t *testing.T, g *gate.Gate) {
		r, path := ring(t)
		newKey(t, g, r, "rec1")
		other := reopen(t, path)
		if _, err := r.Rotate(context.Background(), g, gatetest.Actor()); err != nil {
			t.Fatal(err)
		}
		k := newKey(t, g, other, "rec2")
		sealed := k.Seal([]byte("text"), place)
		fresh, err := key(g, reopen(t, path), "rec2")
		if err != nil {
			t.Fatal(err)
		}
		if got, err := fresh.Open(sealed, place); err != nil || string(got) != "text" {
			t.Errorf("%q, %v", got, err)
		}
	})
}

// cutSource fails at the nth replacement of the keys, as a crash there would.
type cutSource struct {
	seal.KeySource
	left int
}

var errCut = errors.New("cut")

func (c *cutSource) Replace(text []byte) error {
	if c.left--; c.left < 0 {
		return errCut
	}
	return c.KeySource.Replace(text)
}

func TestRotationIsResumed(t *testing.T) {
	for cut := range 2 {
		t.Run(fmt.Sprintf("cut at replacement %d", cut+1), func(t *testing.T) {
			g := gatetest.Open(t)
			r, path := ring(t)
			sealed := newKey(t, g, r, "rec1").Seal([]byte("text"), place)
			half, err := seal.OpenRing(&cutSource{KeySource: seal.File(path), left: cut})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := half.Rotate(context.Background(), g, gatetest.Actor()); !errors.Is(err, errCut) {
				t.Fatalf("not cut: %v", err)
			}
			resumed := reopen(t, path)
			if _, err := key(g, resumed, "rec1"); err != nil {
				t.Fatalf("after the cut: %v", err)
			}
			report, err := resumed.Rotate(context.Background(), g, gatetest.Actor())
			if err != nil || len(report.From) != 1 {
				t.Fatalf("%+v, %v", report, err)
			}
			k, err := key(g, reopen(t, path), "rec1")
			if err != nil {
				t.Fatal(err)
			}
			if got, err := k.Open(sealed, place); err != nil || string(got) != "text" {
				t.Errorf("%q, %v", got, err)
			}
		})
	}
}

func TestRotationOfGivenKeys(t *testing.T) {
	g := gatetest.Open(t)
	ctx := context.Background()
	text, err := seal.NewKeys()
	if err != nil {
		t.Fatal(err)
	}
	open := func(text []byte) *seal.Ring {
		r, err := seal.OpenRing(seal.Text(string(text)))
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	r := open(text)
	sealed := newKey(t, g, r, "rec1").Seal([]byte("text"), place)
	if _, err := r.Rotate(ctx, g, gatetest.Actor()); err == nil {
		t.Error("rotated although the keys cannot be written")
	}
	next, err := seal.NextKeys(text)
	if err != nil {
		t.Fatal(err)
	}
	report, err := open(next).Rotate(ctx, g, gatetest.Actor())
	if err != nil || !report.Drop || report.Rewrapped != 1 {
		t.Fatalf("%+v, %v", report, err)
	}
	last, err := seal.OnlyPrimary(next)
	if err != nil {
		t.Fatal(err)
	}
	k, err := key(g, open(last), "rec1")
	if err != nil {
		t.Fatal(err)
	}
	if got, err := k.Open(sealed, place); err != nil || string(got) != "text" {
		t.Errorf("%q, %v", got, err)
	}
}

func TestRecordKeyRotation(t *testing.T) {
	gatetest.Both(t, func(t *testing.T, g *gate.Gate) {
		ctx := context.Background()
		r, path := ring(t)
		first := newKey(t, g, r, "rec1")
		old := first.Seal([]byte("old"), place)
		mac := first.MAC([]byte("word"))
		elsewhere := reopen(t, path)
		stale, err := key(g, elsewhere, "rec1") // cached there
		if err != nil {
			t.Fatal(err)
		}
		var second *seal.Key
		change(t, g, func(tx *gate.Tx) error {
			second, err = r.RotateRecordKey(ctx, tx, "rec1")
			return err
		})
		now := second.Seal([]byte("new"), place)
		for sealed, want := range map[string]string{string(old): "old", string(now): "new"} {
			if got, err := second.Open([]byte(sealed), place); err != nil || string(got) != want {
				t.Errorf("%q, %v", got, err)
			}
		}
		if !second.VerifyMAC([]byte("word"), mac) {
			t.Error("the keyed hash of evidence changed with the record's key")
		}
		if _, err := first.Open(now, place); err == nil {
			t.Error("the former key opens what the new one sealed")
		}
		var newer *seal.NewerKeyError
		if _, err := stale.Open(now, place); !errors.As(err, &newer) {
			t.Errorf("a cached key: %v", err)
		}
		again, err := key(g, elsewhere, "rec1")
		if err != nil {
			t.Fatal(err)
		}
		if got, err := again.Open(now, place); err != nil || string(got) != "new" {
			t.Errorf("fetched again: %q, %v", got, err)
		}
	})
}

// xor is a key service for the test: it is reversible and checks its context.
type service struct{ id byte }

func (s service) Encrypt(plain, ad []byte) ([]byte, error) {
	out := append([]byte{s.id}, ad...)
	for _, b := range plain {
		out = append(out, b^0x5a)
	}
	return out, nil
}

func (s service) Decrypt(sealed, ad []byte) ([]byte, error) {
	head := append([]byte{s.id}, ad...)
	if !bytes.HasPrefix(sealed, head) {
		return nil, errors.New("not encrypted by this service")
	}
	var out []byte
	for _, b := range sealed[len(head):] {
		out = append(out, b^0x5a)
	}
	return out, nil
}

func TestKeyService(t *testing.T) {
	g := gatetest.Open(t)
	path := t.TempDir() + "/keys"
	source := seal.Service(seal.File(path), service{id: 1})
	r, err := seal.OpenRing(source)
	if err != nil {
		t.Fatal(err)
	}
	newKey(t, g, r, "rec1")
	if _, err := r.Rotate(context.Background(), g, gatetest.Actor()); err != nil {
		t.Fatal(err)
	}
	again, err := seal.OpenRing(source)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := key(g, again, "rec1"); err != nil {
		t.Error(err)
	}
	if _, err := seal.OpenRing(seal.File(path)); err == nil {
		t.Error("the file alone gave the keys")
	}
	if _, err := seal.OpenRing(seal.Service(seal.File(path), service{id: 2})); err == nil {
		t.Error("another key service opened the keys")
	}
}
