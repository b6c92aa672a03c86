package gate_test

import (
	"testing"

	"chartroom/internal/gate"
	"chartroom/internal/gate/gatetest"
)

// TestPermitsAsksAndLeavesNothing: the answer is the policy's, and neither yes nor
// no is on the log.
func TestPermitsAsksAndLeavesNothing(t *testing.T) {
	g := gatetest.Open(t, func(c *gate.Config) { c.Policy = gatetest.Refuse{"deficiency.waive"} })
	for action, want := range map[gate.Action]bool{"deficiency.waive": false, "deficiency.ask": true} {
		if got, err := g.Permits(t.Context(), gatetest.Actor(), action, gate.Record("r1")); err != nil || got != want {
			t.Errorf("%s: %v, %v", action, got, err)
		}
	}
	if entries := gatetest.Entries(t, g); len(entries) != 0 {
		t.Errorf("on the log: %v", entries)
	}
}
