package hl7v2_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"chartroom/wire/hl7v2"
)

// answerTime is when the answers of these tests are made.
var answerTime = time.Date(2026, 9, 30, 12, 0, 0, 0, time.FixedZone("", -4*3600))

func TestAck(t *testing.T) {
	m := parse(t, `MSH|^~\&|ADT1^1.2.3^ISO|NORTH|CHART|SOUTH|20260915||ADT^A01^ADT_A01|C\T\1|T|2.5.1`, `PID|1||5||||soon`)
	_, bad := hl7v2.ReadPID(m.First("PID"))
	cases := []struct {
		name   string
		answer hl7v2.Answer
		want   []string
	}{
		{"accepted", hl7v2.Answer{Code: hl7v2.Accept}, []string{`MSA|AA|C\T\1`}},
		{"field in error", hl7v2.Answer{Code: hl7v2.Problem, Err: bad}, []string{`MSA|AE|C\T\1`,
			`ERR||PID^1^7|102^data type error^HL70357|E||||message 1, segment 2 (PID), field 7: not a timestamp`}},
		{"wrapped", hl7v2.Answer{Code: hl7v2.Reject, Err: fmt.Errorf("intake: %w", &hl7v2.Error{Code: hl7v2.CodeUnsupportedEvent, Name: "MSH", Segment: 1, Field: 9, Component: 2, Reason: "event is not processed"})},
			[]string{`MSA|AR|C\T\1`, `ERR||MSH^1^9^^2|201^unsupported event code^HL70357|E||||segment 1 (MSH), field 9, component 2: event is not processed`}},
		{"another error tells nothing", hl7v2.Answer{Code: hl7v2.CommitError, Err: errors.New("row of Rosa Roe is locked")},
			[]string{`MSA|CE|C\T\1`, `ERR|||207^application internal error^HL70357|E||||the message could not be processed`}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			c.answer.ControlID, c.answer.Time = "A7", answerTime
			raw := string(hl7v2.Ack(m.Header(), c.answer))
			lines := strings.Split(strings.TrimSuffix(raw, "\r"), "\r")
			if want := `MSH|^~\&|CHART|SOUTH|ADT1^1.2.3^ISO|NORTH|20260930120000-0400||ACK^A01^ACK|A7|T|2.5.1||||||UNICODE UTF-8`; lines[0] != want {
				t.Errorf("MSH %s\nwant %s", lines[0], want)
			}
			for i, want := range c.want {
				if !strings.HasPrefix(lines[i+1], strings.ReplaceAll(want, "YYYY[", `YYYY[`)) {
					t.Errorf("line %d: %s\nwant %s", i+2, lines[i+1], want)
				}
			}
			if strings.Contains(raw, "Rosa") {
				t.Error("the answer quotes the error")
			}
			back, err := hl7v2.Parse([]byte(raw), hl7v2.Options{})
			if err != nil {
				t.Fatal(err)
			}
			code, id, err := hl7v2.ReadAck(back)
			if err != nil || code != c.answer.Code || id != "C&1" {
				t.Errorf("read back: %s to %q (%v)", code, id, err)
			}
		})
	}
}

// TestAckOfManyErrors does not grow with the number of errors.
func TestAckOfManyErrors(t *testing.T) {
	var all []error
	for range 1000 {
		all = append(all, &hl7v2.Error{Code: hl7v2.CodeDataType, Name: "OBX", Segment: 3, Reason: "bad"})
	}
	raw := hl7v2.Ack(hl7v2.Header{}, hl7v2.Answer{Code: hl7v2.Problem, Time: answerTime, Err: errors.Join(all...)})
	if n := strings.Count(string(raw), "\rERR|"); n != 20 {
		t.Errorf("%d ERR segments, want 20", n)
	}
}

func TestWhichAckIsWanted(t *testing.T) {
	cases := []struct {
		accept, application                          string
		committed, lost, processed, failed, enhanced bool
	}{
		{"", "", false, false, true, true, false},
		{"AL", "NE", true, true, false, false, true},
		{"AL", "AL", true, true, true, true, true},
		{"ER", "SU", false, true, true, false, true},
		{"SU", "ER", true, false, false, true, true},
		{"NE", "", false, false, false, false, true},
	}
	for _, c := range cases {
		h := hl7v2.Header{AcceptAck: c.accept, ApplicationAck: c.application}
		got := [...]bool{h.WantsAccept(true), h.WantsAccept(false), h.WantsApplication(true), h.WantsApplication(false), h.Enhanced()}
		if want := [...]bool{c.committed, c.lost, c.processed, c.failed, c.enhanced}; got != want {
			t.Errorf("MSH-15 %q, MSH-16 %q: %v, want %v", c.accept, c.application, got, want)
		}
	}
}

func TestAckCodeFor(t *testing.T) {
	typ := &hl7v2.Error{Code: hl7v2.CodeUnsupportedType}
	data := &hl7v2.Error{Code: hl7v2.CodeDataType}
	for _, c := range []struct {
		err    error
		accept bool
		want   hl7v2.AckCode
	}{
		{nil, false, "AA"}, {nil, true, "CA"}, {typ, false, "AR"}, {fmt.Errorf("x: %w", typ), true, "CR"},
		{data, false, "AE"}, {errors.New("disk"), true, "CE"},
	} {
		if got := hl7v2.AckCodeFor(c.err, c.accept); got != c.want {
			t.Errorf("%v, accept %v: %s, want %s", c.err, c.accept, got, c.want)
		}
	}
}

func TestPeekHeader(t *testing.T) {
	for _, broken := range []string{
		"MSH|^~\\&|ADT1|N|C|N|2026||ADT^A01|C1|P|2.5\rthis is no segment\r",
		"\x0bMSH|^~\\&|ADT1|N|C|N|2026||ADT^A01|C1|P|2.5||||||KLINGON\r",
		"MSH|^~\\&|ADT1|N|C|N|2026||ADT^A01|C1|P|2.5\rPID|\xff",
	} {
		if _, err := hl7v2.Parse([]byte(broken), hl7v2.Options{}); err == nil {
			t.Errorf("%q: parsed, want it broken", broken)
		}
		h, ok := hl7v2.PeekHeader([]byte(broken))
		if !ok || h.ControlID != "C1" || h.Name() != "ADT^A01" || h.SendingApplication.Namespace != "ADT1" {
			t.Errorf("%q: header %+v %v", broken, h, ok)
		}
	}
	for _, none := range []string{"", "MSH", "MSH|", "PID|1", "GET / HTTP/1.1"} {
		if _, ok := hl7v2.PeekHeader([]byte(none)); ok {
			t.Errorf("%q: a header was found", none)
		}
	}
}

func TestReadAckRefuses(t *testing.T) {
	for _, lines := range [][]string{{`MSH|^~\&|A`}, {`MSH|^~\&|A`, `MSA|XX|1`}} {
		if _, _, err := hl7v2.ReadAck(parse(t, lines...)); err == nil {
			t.Errorf("%q is read as an acknowledgement", lines)
		}
	}
}

// TestBuilderRoundTrip writes every awkward text and reads it back.
func TestBuilderRoundTrip(t *testing.T) {
	texts := []string{"plain", `a|b^c~d\e&f`, "two\nlines", "crlf\r\nend", "Núñez Żółć", `\X41\`, `""x`, "tab\tand\x01control"}
	want := append([]string{}, texts...)
	want[3], want[7] = "crlf\nend", "tab and control"
	s := hl7v2.NewSegment("ZZZ")
	for i, text := range texts {
		s.Set(i+1, "first", text)
	}
	s.Set(20, "a", "", "").Repeat(21, "r1").Repeat(21, "r2", "c").Delete(22).Set(0, "never").Time(23, answerTime)
	raw := hl7v2.NewBuilder(hl7v2.Header{Type: "ADT", Event: "A08", ControlID: "1"}).Add(s).Bytes()
	m, err := hl7v2.Parse(raw, hl7v2.Options{})
	if err != nil {
		t.Fatal(err)
	}
	z := m.First("ZZZ")
	for i := range texts {
		if got := z.Field(i + 1).Component(2).String(); got != want[i] {
			t.Errorf("%q came back as %q, want %q", texts[i], got, want[i])
		}
	}
	if got := string(z.Field(20).Raw()); got != "a" {
		t.Errorf("empty components at the end are written: %q", got)
	}
	if got := string(z.Field(21).Raw()); got != "r1~r2^c" {
		t.Errorf("repetitions %q", got)
	}
	if z.Field(22).State() != hl7v2.Null || z.Field(23).String() != "20260930120000-0400" {
		t.Errorf("field 22 %s, field 23 %s", z.Field(22).State(), z.Field(23))
	}
	if h := m.Header(); h.Version != "2.5.1" || h.ProcessingID != "P" || m.Charset() != hl7v2.UTF8 {
		t.Errorf("header %+v", h)
	}
}
