package work_test

import (
	"errors"
	"path/filepath"
	"testing"
	"time"

	"chartroom/internal/gate"
	"chartroom/internal/gate/gatetest"
	"chartroom/internal/seal"
	"chartroom/internal/work"
)

const actionTest = gate.Action("test.domain")

// house is a department with nothing but its list of work.
type house struct {
	*work.Service

	t    testing.TB
	gate *gate.Gate
	zone *time.Location
}

func newHouse(tb testing.TB, g *gate.Gate) *house {
	tb.Helper()
	ring, err := seal.OpenRing(seal.File(filepath.Join(tb.TempDir(), seal.KeyFile)))
	if err != nil {
		tb.Fatal(err)
	}
	zone, err := time.LoadLocation("America/Chicago")
	if err != nil {
		tb.Fatal(err)
	}
	return &house{Service: work.New(g, ring, work.In(zone)), t: tb, gate: g, zone: zone}
}

// domain runs an action of some domain.
func (h *house) domain(actor gate.Actor, fn func(tx *gate.Tx) error) {
	h.t.Helper()
	if err := h.gate.Change(h.t.Context(), actor, actionTest, gate.Department(), fn); err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) put(w work.Want) {
	h.t.Helper()
	h.domain(gatetest.Actor(), func(tx *gate.Tx) error { return h.PutTx(h.t.Context(), tx, w) })
}

func (h *house) settle(q work.Queue, key string) {
	h.t.Helper()
	h.domain(gatetest.Actor(), func(tx *gate.Tx) error { return h.SettleTx(h.t.Context(), tx, q, key, "done") })
}

func TestPutRefusesWhatIsNoItem(t *testing.T) {
	h := newHouse(t, gatetest.Open(t))
	for name, w := range map[string]work.Want{
		"no queue":      {Queue: "laundry", Key: "k", Reason: "r"},
		"no key":        {Queue: work.Coding, Reason: "r"},
		"no reason":     {Queue: work.Coding, Key: "k"},
		"priority":      {Queue: work.Coding, Key: "k", Reason: "r", Priority: 6},
		"other site":    {Queue: work.Coding, Key: "k", Reason: "r", Open: "//elsewhere.example/"},
		"script":        {Queue: work.Coding, Key: "k", Reason: "r", Open: "javascript:alert(1)"},
		"two lines":     {Queue: work.Coding, Key: "k", Reason: "r\nr"},
		"no such skill": {Queue: work.Coding, Key: "k", Reason: "r", Skill: "juggling"},
	} {
		err := h.gate.Change(t.Context(), gatetest.Actor(), actionTest, gate.Department(), func(tx *gate.Tx) error {
			return h.PutTx(t.Context(), tx, w)
		})
		if !errors.Is(err, work.ErrBadInput) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestPutSettlePutAgain(t *testing.T) {
	gatetest.Both(t, func(t *testing.T, g *gate.Gate) {
		h := newHouse(t, g)
		w := work.Want{Queue: work.Coding, Key: "e1", Record: "r1", Encounter: "e1", Reason: "not coded", Open: "/coding/e1"}
		h.settle(work.Coding, "e1") // nothing there: no error
		h.put(w)
		w.Reason = "started"
		h.put(w)
		h.put(w)
		h.settle(work.Coding, "e1")
		h.settle(work.Coding, "e1")
		h.put(w)
		h.domain(gatetest.Actor(), func(tx *gate.Tx) error {
			return h.PutNewTx(t.Context(), tx, []work.Want{w, {Queue: work.Coding, Key: "e2", Reason: "not coded"}, {Queue: work.Coding, Key: "e3", Reason: "not coded"}})
		})
	})
}
