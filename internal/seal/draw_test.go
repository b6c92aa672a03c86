package seal_test

import (
	"context"
	"errors"
	"testing"

	"chartroom/internal/gate"
	"chartroom/internal/gate/gatetest"
	"chartroom/internal/seal"
)

// TestDrawnKey: what a key seals before it is stored opens after, also for a
// program that did not draw it.
func TestDrawnKey(t *testing.T) {
	ctx := context.Background()
	gatetest.Both(t, func(t *testing.T, g *gate.Gate) {
		r, path := ring(t)
		d, err := r.DrawKey("msg1")
		if err != nil {
			t.Fatal(err)
		}
		sealed := d.Seal([]byte("before"), place)
		if _, err := key(g, r, "msg1"); !errors.Is(err, seal.ErrNoKey) {
			t.Errorf("before it is stored: %v", err)
		}
		change(t, g, func(tx *gate.Tx) error {
			if err := r.StoreKey(ctx, tx, d); err != nil {
				return err
			}
			same, err := r.Key(ctx, tx, "msg1")
			if err == nil && same != d.Key {
				t.Error("the action that made the key read it back")
			}
			return err
		})
		k, err := key(g, reopen(t, path), "msg1")
		if err != nil {
			t.Fatal(err)
		}
		if plain, err := k.Open(sealed, place); err != nil || string(plain) != "before" {
			t.Errorf("opened %q, %v", plain, err)
		}
	})
}

// TestTakeBack: a key that was taken back is nowhere.
func TestTakeBack(t *testing.T) {
	ctx := context.Background()
	gatetest.Both(t, func(t *testing.T, g *gate.Gate) {
		r, path := ring(t)
		d, err := r.DrawKey("msg1")
		if err != nil {
			t.Fatal(err)
		}
		change(t, g, func(tx *gate.Tx) error {
			if err := r.StoreKey(ctx, tx, d); err != nil {
				return err
			}
			if err := r.TakeBack(ctx, tx, d); err != nil {
				return err
			}
			if _, err := r.Key(ctx, tx, "msg1"); !errors.Is(err, seal.ErrNoKey) {
				t.Errorf("in the same action: %v", err)
			}
			return nil
		})
		for name, r := range map[string]*seal.Ring{"the same": r, "another": reopen(t, path)} {
			if _, err := key(g, r, "msg1"); !errors.Is(err, seal.ErrNoKey) {
				t.Errorf("%s ring: %v", name, err)
			}
		}
	})
}
