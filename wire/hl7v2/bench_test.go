package hl7v2_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"testing"

	"chartroom/wire/hl7v2"
)

// traffic returns a day of an invented hospital's interface: admissions,
// updates, results with ten observations and notes. Patients are invented.
func traffic(messages int) []byte {
	rnd := rand.New(rand.NewPCG(1, 2))
	family := []string{"Abernathy", "Bellfield", "Cobblestone", "Dunmore", "Eastlake", "Fairweather"}
	given := []string{"Alma", "Bruno", "Cora", "Desmond", "Edith", "Felix"}
	var out []byte
	for id := range messages {
		mrn := 100000 + rnd.IntN(40000)
		kind := []string{"ADT^A01^ADT_A01", "ADT^A08^ADT_A01", "ORU^R01^ORU_R01", "ORU^R01^ORU_R01"}[id%4]
		at := fmt.Sprintf("202609%02d%02d%02d00-0500", 1+rnd.IntN(30), rnd.IntN(24), rnd.IntN(60))
		out = fmt.Appendf(out, "MSH|^~\\&|ADT1|NORTHBRIDGE|CHART|NORTHBRIDGE|%s||%s|N%08d|P|2.5.1|||AL|NE||UNICODE UTF-8\r", at, kind, id)
		out = fmt.Appendf(out, "PID|1||%d^^^NORTHBRIDGE&2.16.840.1.113883.19.5&ISO^MR~999-%02d-%04d^^^SSA^SS||%s^%s^J^^^^L||19%02d%02d%02d|F|||%d Invented Lane^^Lakemont^MA^%05d^USA^H||^PRN^PH^^1^555^01%05d|||M|||%d^^^NORTHBRIDGE^AN\r",
			mrn, 10+rnd.IntN(89), rnd.IntN(10000), family[rnd.IntN(6)], given[rnd.IntN(6)], 30+rnd.IntN(70), 1+rnd.IntN(12), 1+rnd.IntN(28), rnd.IntN(999), rnd.IntN(99999), rnd.IntN(99999), 7000000+id)
		out = fmt.Appendf(out, "PV1|1|I|4N^412^A^NORTHBRIDGE||||1234567893^Merriweather^Rosa^^^Dr^^^NPI^L^^^NPI|||MED||||1|||||%d^^^NORTHBRIDGE^VN|||||||||||||||||||||||||%s\r", 9000000+id, at)
		if id%4 < 2 {
			out = fmt.Appendf(out, "EVN||%s\rAL1|1|DA|^Penicillin|MO|Hives\rDG1|1||J18.9^Pneumonia^I10||%s|A\rIN1|1|PPO^Preferred^L|INV01|Invented Mutual|PO Box 1^^Lakemont^MA^01000|||||||||||%s^%s|SEL\r", at, at, family[rnd.IntN(6)], given[rnd.IntN(6)])
			continue
		}
		out = fmt.Appendf(out, "ORC|RE|P%d|F%d||CM\rOBR|1|P%d|F%d|51990-0^Basic metabolic panel^LN|||%s|||||||||1234567893^Merriweather^Rosa||||||%s||LAB|F\r", id, id, id, id, at, at)
		for n, name := range []string{"2345-7^Glucose", "3094-0^Urea nitrogen", "2160-0^Creatinine", "2951-2^Sodium", "2823-3^Potassium", "2075-0^Chloride", "2028-9^Carbon dioxide", "17861-6^Calcium"} {
			out = fmt.Appendf(out, "OBX|%d|NM|%s^LN||%d.%d|mg/dL|10 - 120|N|||F|||%s\r", n+1, name, rnd.IntN(200), rnd.IntN(10), at)
		}
		out = append(out, "NTE|1|L|Specimen slightly hemolyzed \\T\\ repeated.\rOBX|9|FT|8251-1^Comment^LN||Values as before.\\.br\\No change since last week; follow up as planned with the clinic.||||||F\r"...)
	}
	return out
}

// BenchmarkRead indexes a stream of messages: segments, fields, character set.
func BenchmarkRead(b *testing.B) {
	const messages = 10_000
	stream := traffic(messages)
	b.SetBytes(int64(len(stream)))
	b.ReportAllocs()
	for b.Loop() {
		drain(b, stream, func(*hl7v2.Message) {})
	}
	b.ReportMetric(messages*float64(b.N)/b.Elapsed().Seconds(), "messages/s")
}

// BenchmarkReadViews reads all that intake takes from each message: header,
// patient, visit, diagnoses, allergies, insurance, orders, observations, notes.
func BenchmarkReadViews(b *testing.B) {
	const messages = 10_000
	stream := traffic(messages)
	b.SetBytes(int64(len(stream)))
	b.ReportAllocs()
	for b.Loop() {
		drain(b, stream, func(m *hl7v2.Message) {
			if err := readForIntake(m); err != nil {
				b.Fatal(err)
			}
		})
	}
	b.ReportMetric(messages*float64(b.N)/b.Elapsed().Seconds(), "messages/s")
}

// BenchmarkParse parses one message after another from memory.
func BenchmarkParse(b *testing.B) {
	one := traffic(3)
	one = one[bytes.LastIndex(one, []byte("MSH|")):]
	b.SetBytes(int64(len(one)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := hl7v2.Parse(one, hl7v2.Options{}); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "messages/s")
}

func readForIntake(m *hl7v2.Message) error {
	_ = m.Header()
	patients, err := hl7v2.ReadPatients(m)
	errs := []error{err}
	for _, p := range patients {
		_, pid := hl7v2.ReadPID(p.PID)
		_, pv1 := hl7v2.ReadPV1(p.PV1)
		errs = append(errs, pid, pv1)
	}
	for s := range m.Segments() {
		var err error
		switch s.Name() {
		case "EVN":
			_, err = hl7v2.ReadEVN(s)
		case "DG1":
			_, err = hl7v2.ReadDG1(s)
		case "AL1":
			_, err = hl7v2.ReadAL1(s)
		case "IN1":
			_, err = hl7v2.ReadIN1(s)
		}
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

func drain(b *testing.B, stream []byte, use func(*hl7v2.Message)) {
	b.Helper()
	r := hl7v2.NewReader(bytes.NewReader(stream), hl7v2.Options{})
	for {
		m, err := r.Next()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			b.Fatal(err)
		}
		use(m)
	}
}
