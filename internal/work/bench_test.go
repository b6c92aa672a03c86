package work

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"chartroom/internal/gate"
	"chartroom/internal/gate/gatetest"
)

// benchItems is the list of a department with 100,000 patients that has fallen
// far behind.
const benchItems = 150_000

// fill puts n items into two queues.
func (h *house) fill(tb testing.TB, n int) {
	tb.Helper()
	units := []string{"4 West", "5 East", "ICU", "Emergency", "Oncology clinic", "Pediatrics", "Surgery", "Labor and delivery"}
	kinds := []string{"inpatient", "outpatient", "emergency", "professional", "nursing_facility"}
	reasons := []string{"not coded", "started", "reopened", "no document yet"}
	now := h.clock.now()
	for from := 0; from < n; from += 5000 {
		h.domain(tb, func(tx *gate.Tx) error {
			wants := make([]Want, 0, 5000)
			for i := from; i < min(n, from+5000); i++ {
				q := Coding
				if i%4 == 3 {
					q = Deficiency
				}
				wants = append(wants, Want{
					Queue: q, Key: fmt.Sprint(i), Record: fmt.Sprintf("r%d", i/2), Encounter: fmt.Sprintf("e%d", i), Kind: kinds[i*7%len(kinds)],
					Unit: units[i*11%len(units)], Reason: reasons[i*13%len(reasons)], Priority: 2 + i*17%3, Open: fmt.Sprintf("/coding/e%d", i),
					Since: now.Add(-time.Duration(i*7919%(90*24*60)) * time.Minute),
				})
			}
			return h.PutNewTx(tb.Context(), tx, wants)
		})
	}
}

// analysed has PostgreSQL look at the new rows, as it does by itself in a while.
func (h *house) analysed(b *testing.B) {
	b.Helper()
	if !strings.Contains(b.Name(), "postgres") {
		return
	}
	h.domain(b, func(tx *gate.Tx) error {
		_, err := tx.Exec(b.Context(), "ANALYZE work_item")
		return err
	})
}

func benchBoth(b *testing.B, bench func(b *testing.B, g *gate.Gate, c *clock)) {
	b.Helper()
	b.Run("sqlite", func(b *testing.B) { c := newClock(); bench(b, gatetest.Open(b, ticking(c)), c) })
	b.Run("postgres", func(b *testing.B) { c := newClock(); bench(b, gatetest.OpenPostgres(b, ticking(c)), c) })
}

// BenchmarkHandOut hands out work to eight people at once.
func BenchmarkHandOut(b *testing.B) {
	benchBoth(b, func(b *testing.B, g *gate.Gate, c *clock) {
		h := furnish(b, g, c)
		h.fill(b, benchItems)
		h.analysed(b)
		if strings.Contains(b.Name(), "postgres") {
			InTurn()(h.Service)
		}
		var busy atomic.Int64
		b.ResetTimer()
		var left atomic.Int64
		left.Store(int64(b.N))
		var wg sync.WaitGroup
		for worker := range 8 {
			wg.Go(func() {
				who := gate.Actor{ID: fmt.Sprintf("person-%d", worker%3), Kind: gate.Person, Roles: []string{"technician"}}
				for left.Add(-1) >= 0 {
					item, err := h.Next(context.Background(), who, nil)
					if errors.Is(err, gate.ErrBusy) {
						busy.Add(1)
						continue
					}
					if err != nil {
						b.Error(err)
						return
					}
					// Done at once, so that the next one is another.
					err = g.Change(context.Background(), who, actionDomain, gate.Department(), func(tx *gate.Tx) error {
						return h.SettleTx(context.Background(), tx, item.Queue, item.Key, "final")
					})
					if err != nil && !errors.Is(err, gate.ErrBusy) {
						b.Error(err)
						return
					}
				}
			})
		}
		wg.Wait()
		b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "items/s")
		b.ReportMetric(float64(busy.Load())/float64(b.N), "busy/item")
	})
}

// BenchmarkDesk reads the page of a queue with all that stands around it.
func BenchmarkDesk(b *testing.B) {
	benchBoth(b, func(b *testing.B, g *gate.Gate, c *clock) {
		h := furnish(b, g, c)
		h.fill(b, benchItems)
		h.analysed(b)
		who := h.people[0]
		page, err := h.List(b.Context(), who, Filter{Queue: Coding, Limit: 500}, nil)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := h.Claim(b.Context(), who, page.Items[7].ID, page.Items[400].ID); err != nil {
			b.Fatal(err)
		}
		for name, f := range map[string]Filter{
			"first": {Queue: Coding}, "later": {Queue: Coding, After: page.Next}, "all queues": {}, "unit": {Queue: Coding, Unit: "ICU", Reason: "reopened", Kind: "emergency"},
			"nothing": {Queue: Coding, Unit: "nowhere"}, "mine": {Queue: Coding, Who: Me}, "put off": {Queue: Coding, Show: PutAside}, "done": {Queue: Coding, Show: Finished},
			"overdue": {Queue: Deficiency, Overdue: true}, "held": {Queue: Coding, Show: ShowHeld}, "band": {Queue: Coding, Show: Remaining, From: c.now(), To: c.now().Add(24 * time.Hour)},
		} {
			b.Run(name, func(b *testing.B) {
				for b.Loop() {
					c.add(countsFor) // so that the counts are made anew
					if _, err := h.Desk(b.Context(), who, f, nil); err != nil {
						b.Fatal(err)
					}
				}
				b.ReportMetric(float64(b.Elapsed().Milliseconds())/float64(b.N), "ms/page")
			})
		}
	})
}

// BenchmarkPut opens items as an import does, 25 an action.
func BenchmarkPut(b *testing.B) {
	benchBoth(b, func(b *testing.B, g *gate.Gate, c *clock) {
		h := furnish(b, g, c)
		h.fill(b, 10_000)
		n := 0
		for b.Loop() {
			h.domain(b, func(tx *gate.Tx) error {
				wants := make([]Want, 25)
				for i := range wants {
					n++
					wants[i] = Want{Queue: Coding, Key: fmt.Sprintf("new-%d", n), Reason: "not coded", Unit: "ICU", Kind: "inpatient"}
				}
				return h.PutNewTx(b.Context(), tx, wants)
			})
		}
		b.ReportMetric(float64(25*b.N)/b.Elapsed().Seconds(), "items/s")
	})
}

// BenchmarkCount counts all queues anew, which a long list does every ten seconds.
func BenchmarkCount(b *testing.B) {
	benchBoth(b, func(b *testing.B, g *gate.Gate, c *clock) {
		h := furnish(b, g, c)
		h.fill(b, benchItems)
		for b.Loop() {
			c.add(patience)
			if _, err := h.Counts(b.Context(), h.people[0]); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(b.Elapsed().Milliseconds())/float64(b.N), "ms/count")
	})
}
