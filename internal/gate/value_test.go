package gate_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"chartroom/internal/gate"
	"chartroom/internal/gate/gatetest"
)

func TestMomentsOfTheDatabase(t *testing.T) {
	for _, at := range []time.Time{{}, time.Date(2026, 9, 30, 8, 15, 0, 123_000, time.UTC), time.Date(1931, 2, 3, 0, 0, 0, 0, time.UTC)} {
		if got := gate.Moment(gate.Micros(at)); !got.Equal(at) {
			t.Errorf("%v comes back as %v", at, got)
		}
	}
	if gate.Micros(time.Time{}) != 0 || gate.Flag(true) != 1 || gate.Flag(false) != 0 {
		t.Error("nothing is not 0, or yes not 1")
	}
}

func TestClearText(t *testing.T) {
	for _, c := range []struct {
		text  string
		limit int
		want  string
	}{
		{"4 West", 80, "4 West"},
		{"4\tWest\n\u0085", 80, "4West"},
		{"Kr\xc3\xb8ll\xff", 80, "Kr\u00f8ll\ufffd"},
		{"Kr\u00f8ll", 3, "Kr"}, // no half of a letter
		{"", 3, ""},
	} {
		if got := gate.ClearText(c.text, c.limit); got != c.want {
			t.Errorf("%q in %d bytes is %q, not %q", c.text, c.limit, got, c.want)
		}
	}
}

func TestCollect(t *testing.T) {
	type pair struct{ a, b int }
	gatetest.Both(t, func(t *testing.T, g *gate.Gate) {
		var pairs []pair
		var column, none []int
		err := tryRead(g, func(ctx context.Context, tx *gate.Tx) (err error) {
			const two = "SELECT 1, 2 UNION ALL SELECT 3, 4 ORDER BY 1"
			if pairs, err = gate.Collect(ctx, tx, func(r gate.Row, p *pair) error { return r.Scan(&p.a, &p.b) }, two); err != nil {
				return err
			}
			if column, err = gate.Collect(ctx, tx, gate.Column[int], "SELECT 5 UNION ALL SELECT 6 ORDER BY 1"); err != nil {
				return err
			}
			none, err = gate.Collect(ctx, tx, gate.Column[int], "SELECT 7 WHERE 1 = $1", 0)
			return err
		})
		if err != nil || !cmp.Equal(pairs, []pair{{1, 2}, {3, 4}}, cmp.AllowUnexported(pair{})) || !cmp.Equal(column, []int{5, 6}) || none != nil {
			t.Errorf("%v, %v, %v: %v", pairs, column, none, err)
		}
		err = tryRead(g, func(ctx context.Context, tx *gate.Tx) error {
			_, err := gate.Collect(ctx, tx, func(gate.Row, *int) error { return errTest }, "SELECT 1")
			return err
		})
		if !errors.Is(err, errTest) {
			t.Errorf("a row that cannot be read: %v", err)
		}
	})
}
