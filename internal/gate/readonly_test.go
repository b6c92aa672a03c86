package gate_test

import (
	"errors"
	"testing"

	"chartroom/internal/gate"
	"chartroom/internal/gate/gatetest"
)

// TestReadOnly: reads go on and are recorded, changes are refused and leave
// nothing, the actions excepted are taken, and all of it ends.
func TestReadOnly(t *testing.T) {
	gatetest.Both(t, func(t *testing.T, g *gate.Gate) {
		ctx, nobody := t.Context(), gate.Department()
		change := func(action gate.Action) (ran bool, err error) {
			err = g.Change(ctx, gatetest.Actor(), action, nobody, func(*gate.Tx) error {
				ran = true
				return nil
			})
			return ran, err
		}
		g.ReadOnly("downtime.end")
		if ran, err := change("chart.correct"); ran || !errors.Is(err, gate.ErrReadOnly) {
			t.Errorf("a change: ran %v, %v", ran, err)
		}
		if ran, err := change("downtime.end"); !ran || err != nil {
			t.Errorf("the exception: ran %v, %v", ran, err)
		}
		if err := g.Read(ctx, gatetest.Actor(), "chart.read", nobody, func(*gate.Tx) error { return nil }); err != nil {
			t.Errorf("a read: %v", err)
		}
		g.Writable()
		if ran, err := change("chart.correct"); !ran || err != nil {
			t.Errorf("afterwards: ran %v, %v", ran, err)
		}
		var actions []gate.Action
		for _, e := range gatetest.Entries(t, g) {
			actions = append(actions, e.Action)
		}
		if len(actions) != 3 || actions[0] != "downtime.end" || actions[1] != "chart.read" || actions[2] != "chart.correct" {
			t.Errorf("on the log: %v", actions)
		}
	})
}
