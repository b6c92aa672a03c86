package intake_test

import (
	"context"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"chartroom/internal/chart"
	"chartroom/internal/gate/gatetest"
	"chartroom/internal/intake"
	"chartroom/wire/hl7v2/mllp"
)

// listen starts a listener and returns its address.
func (d *department) listen() string {
	d.t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		d.t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- d.intake.Listen(ctx, l, d.actor, intake.ListenerConfig{DrainTimeout: time.Second}) }()
	d.t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			d.t.Errorf("listener: %v", err)
		}
	})
	return l.Addr().String()
}

func (d *department) dial(address string) *mllp.Client {
	d.t.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		d.t.Fatal(err)
	}
	d.t.Cleanup(func() { _ = conn.Close() })
	return mllp.NewClient(conn)
}

func admit(control, mrn string) string {
	return strings.Join([]string{
		"MSH|^~\\&|REG|NORTH|CR|HIM|20260901120000||ADT^A01|" + control + "|P|2.5.1",
		"EVN|A01|20260901120000",
		"PID|1||" + mrn + "^^^NORTH^MR||Quill^Marta^I||19610203|F|||12 Larkspur Way^^Fernhollow^VT^05999||5550107788|||||ACC" + mrn,
		"PV1|1|I|4EAST^401^A||||1234^Ferris^Ada|||MED|||||||||V" + mrn + "|||||||||||||||||||||||||20260901113000",
		"DG1|1||I50.9^Heart failure, unspecified^I10||20260901|A",
		"AL1|1|DA|PEN^Penicillin|SV|Hives",
	}, "\r") + "\r"
}

func TestMLLPAnswers(t *testing.T) {
	onBoth(t, func(d *department) {
		c := d.dial(d.listen())
		cases := []struct{ name, message, want string }{
			{"accepted", admit("C1", "100"), "AA"},
			{"repeated", admit("C1", "100"), "AA"},
			{"repeated with a new time", strings.Replace(admit("C1", "100"), "20260901120000", "20260901120105", 1), "AA"},
			{"enhanced", strings.Replace(admit("C2", "100"), "|P|2.5.1", "|P|2.5.1|||AL|NE", 1), "CA"},
			{"application acknowledgement alone", strings.Replace(admit("C3", "100"), "|P|2.5.1", "|P|2.5.1|||NE|AL", 1), "AA"},
			{"wrong type", strings.Replace(admit("C4", "100"), "ADT^A01", "XYZ^A01", 1), "AR"},
			{"wrong event", strings.Replace(admit("C5", "100"), "ADT^A01", "ADT^Z99", 1), "AR"},
			{"wrong version", strings.Replace(admit("C6", "100"), "|2.5.1", "|3.0", 1), "AR"},
			{"wrong processing ID", strings.Replace(admit("C7", "100"), "|P|", "|X|", 1), "AR"},
			{"wrong type, enhanced", strings.Replace(strings.Replace(admit("C8", "100"), "ADT^A01", "XYZ^A01", 1), "|P|2.5.1", "|P|2.5.1|||AL|NE", 1), "CR"},
			{"merge without a number", "MSH|^~\\&|REG|NORTH|CR|HIM|20260901120000||ADT^A40|C9|P|2.5.1\rPID|1||100^^^NORTH^MR\rMRG|\r", "AE"},
			{"merge without MRG", "MSH|^~\\&|REG|NORTH|CR|HIM|20260901120000||ADT^A40|C10|P|2.5.1\rPID|1||100^^^NORTH^MR\r", "AE"},
			{"bad segment", "MSH|^~\\&|REG|NORTH|CR|HIM|20260901120000||ADT^A01|C11|P|2.5.1\rpid|1\r", "AE"},
			{"line feeds", strings.ReplaceAll(admit("C12", "101"), "\r", "\n"), "AA"},
		}
		for _, x := range cases {
			ack, err := c.Send(d.ctx, []byte(x.message))
			if err != nil {
				t.Fatalf("%s: %v", x.name, err)
			}
			if got := ack.First("MSA").Field(1).Text(); got != x.want {
				t.Errorf("%s: %s, want %s: %s", x.name, got, x.want, ack.Raw())
			}
		}
		messages, err := d.intake.Messages(d.ctx, d.actor, "", 100)
		if err != nil {
			t.Fatal(err)
		}
		status := map[string]int{}
		for _, m := range messages {
			status[m.Status]++
		}
		refused := 0
		for _, x := range cases {
			if x.want != "AA" && x.want != "CA" {
				refused++
			}
		}
		if status["accepted"] != 4 || status["rejected"] != refused {
			t.Errorf("kept: %v; want the four that are not repeats, and the %d that were refused", status, refused)
		}
		page, err := d.chart.Encounters(d.ctx, d.actor, chart.EncounterFilter{})
		if err != nil || len(page.Rows) != 2 {
			t.Errorf("%d encounters, %v", len(page.Rows), err)
		}
	})
}

// TestManyConnectionsSamePatient has clients that all bring the same new
// patients at the same time.
func TestManyConnectionsSamePatient(t *testing.T) {
	onBoth(t, func(d *department) {
		address := d.listen()
		const clients, each = 6, 10
		errs := make(chan error, clients)
		for n := range clients {
			c := d.dial(address)
			go func() {
				for i := range each {
					ack, err := c.Send(d.ctx, []byte(admit(fmt.Sprintf("M%d-%d", n, i), fmt.Sprint(200+i))))
					if err == nil && ack.First("MSA").Field(1).Text() != "AA" {
						err = fmt.Errorf("answer: %s", ack.Raw())
					}
					if err != nil {
						errs <- err
						return
					}
				}
				errs <- nil
			}()
		}
		for range clients {
			if err := <-errs; err != nil {
				t.Error(err)
			}
		}
		page, err := d.chart.Encounters(d.ctx, d.actor, chart.EncounterFilter{Limit: 500})
		if err != nil || len(page.Rows) != each {
			t.Errorf("%d encounters, want %d, %v", len(page.Rows), each, err)
		}
	})
}

// BenchmarkMLLP sends messages from 8 clients, each with a patient of its own,
// as an admission system does.
func BenchmarkMLLP(b *testing.B) {
	b.Run("sqlite", func(b *testing.B) { benchmarkMLLP(b, open(b, gatetest.Open(b))) })
	b.Run("postgres", func(b *testing.B) { benchmarkMLLP(b, open(b, gatetest.OpenPostgres(b))) })
}

func benchmarkMLLP(b *testing.B, d *department) {
	b.Helper()
	d.ctx = context.Background()
	address := d.listen()
	const clients = 8
	errs := make(chan error, clients)
	b.ResetTimer()
	for n := range clients {
		c := d.dial(address)
		count := (b.N + clients - 1 - n) / clients
		go func() {
			for i := range count {
				ack, err := c.Send(d.ctx, []byte(admit(fmt.Sprintf("B%d-%d", n, i), fmt.Sprintf("%d%07d", n, i/3))))
				if err == nil && ack.First("MSA").Field(1).Text() != "AA" {
					err = fmt.Errorf("answer: %s", ack.Raw())
				}
				if err != nil {
					errs <- err
					return
				}
			}
			errs <- nil
		}()
	}
	for range clients {
		if err := <-errs; err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "messages/s")
}
