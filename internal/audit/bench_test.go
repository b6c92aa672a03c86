package audit

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"testing"

	"chartroom/internal/gate"
	"chartroom/internal/gate/gatetest"
)

func openBench(b *testing.B) *house {
	b.Helper()
	return open(b, func(o ...gatetest.Option) *gate.Gate { return gatetest.Open(b, o...) }, Options{})
}

// BenchmarkRecord is what an entry adds to a change: entries are written into one
// transaction, without its commit.
func BenchmarkRecord(b *testing.B) {
	h := openBench(b)
	ctx := context.Background()
	e := gate.Entry{
		Actor: actor(1), Action: actionWrite, Subjects: []gate.Subject{gate.Encounter("rec1", "enc1")},
		Outcome: gate.Done, Detail: map[string]string{"codes": "12"},
	}
	err := h.quietly(func(tx *gate.Tx) error {
		e.At = tx.Now()
		for b.Loop() {
			e.ID = tx.NewID()
			if err := h.recorder.Record(ctx, tx, e); err != nil {
				return err
			}
		}
		b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "entries/s")
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
}

// fill puts n entries into the tail, many a transaction.
func (h *house) fill(n int) {
	h.t.Helper()
	ctx := context.Background()
	for done := 0; done < n; {
		err := h.quietly(func(tx *gate.Tx) error {
			for range min(5000, n-done) {
				e := gate.Entry{
					ID: tx.NewID(), At: tx.Now(), Actor: actor(done), Action: actionWrite, Outcome: gate.Done,
					Subjects: []gate.Subject{gate.Encounter(fmt.Sprint("rec", done/10), fmt.Sprint("enc", done))},
					Detail:   map[string]string{"codes": "12"},
				}
				w, err := rowOf(e)
				if err != nil {
					return err
				}
				// As the recorder does where no two actions are concurrent.
				l := h.lane1()
				w.writer, w.lane, w.counter = h.recorder.writer, 1, l.counter+1
				h.recorder.tick++
				w.tick = max(h.recorder.tick, e.At.UnixMicro())
				h.recorder.tick = w.tick
				w.mac = h.recorder.macs.of(l.mac, w.leaf(nil))
				l.counter, l.mac = w.counter, w.mac
				if err := addToTail(ctx, tx, &w); err != nil {
					return err
				}
				done++
			}
			return nil
		})
		if err != nil {
			h.t.Fatal(err)
		}
	}
}

func (h *house) lane1() *lane {
	if len(h.recorder.lanes) == 0 {
		l := &lane{number: 1}
		h.recorder.lanes, h.recorder.free = []*lane{l}, []*lane{l}
	}
	return h.recorder.lanes[0]
}

// BenchmarkSequence puts entries into the tree.
func BenchmarkSequence(b *testing.B) {
	h := openBench(b)
	const each = 5000
	n := 0
	for b.Loop() {
		b.StopTimer()
		h.fill(each)
		b.StartTimer()
		h.flush()
		n += each
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "entries/s")
}

// BenchmarkVerify proves a log of CHARTROOM_BENCH_ENTRIES entries (50,000 if unset).
func BenchmarkVerify(b *testing.B) {
	n, err := strconv.Atoi(os.Getenv("CHARTROOM_BENCH_ENTRIES"))
	if err != nil {
		n = 50000
	}
	h := openBench(b)
	h.fill(n)
	h.flush()
	proved := int64(0)
	for b.Loop() {
		r := h.prove("")
		if !r.Whole() {
			b.Fatal(r.Problem)
		}
		proved += r.Entries
	}
	b.ReportMetric(float64(proved)/b.Elapsed().Seconds(), "entries/s")
}
