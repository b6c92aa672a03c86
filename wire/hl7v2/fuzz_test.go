package hl7v2_test

import (
	"bytes"
	"errors"
	"io"
	"testing"

	"chartroom/wire/hl7v2"
)

func seeds(f *testing.F) {
	f.Helper()
	f.Add([]byte("MSH|^~\\&|A|B|C|D|20260915||ADT^A01|1|P|2.5\rPID|1||5^^^N&1&ISO^MR~6||Roe^Rosa||1985|F\rPV1|1|I\r"))
	f.Add([]byte("\x0bMSH|^~\\&|A\rOBX|1|ED|a||S^A^PDF^Base64^QUJD\r\x1c\r"))
	f.Add([]byte("FHS|^~\\&\nBHS|^~\\&\nMSH|^~\\&|A\nNTE|1||\\X41\\\\.br\\\\.sp 3\\\\F\\\nBTS|1\nFTS|1\n"))
	f.Add([]byte("MSH#!*/+#A##C##2026##ORU!R01#1#P#2.3#####8859/1\r\nOBR|1\r\nPID#1##\xf1\r\n"))
	f.Add([]byte("MSH|^|A\rTXA|1|DS|||||||||||||||||||||^^^^^^^^^^^^^^2026\rMRG|\"\"\r"))
}

// FuzzRead reads any bytes as a stream: no panic, no message twice, offsets in
// order, and every message parses alone to the same values.
func FuzzRead(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, stream []byte) {
		r := hl7v2.NewReader(bytes.NewReader(stream), hl7v2.Options{MaxMessage: 1 << 16})
		at := int64(-1)
		for range len(stream) + 2 {
			m, err := r.Next()
			if errors.Is(err, io.EOF) {
				return
			}
			if err != nil {
				if _, ok := errors.AsType[*hl7v2.Error](err); !ok {
					t.Fatalf("error %v names no place", err)
				}
				continue
			}
			if m.Offset() <= at || !bytes.HasPrefix(stream[m.Offset():], m.Raw()) {
				t.Fatalf("message at %d behind one at %d, or its bytes are not those of the stream", m.Offset(), at)
			}
			at = m.Offset()
			walk(t, m)
			alone, err := hl7v2.Parse(m.Raw(), hl7v2.Options{})
			if err != nil || alone.Len() != m.Len() {
				t.Fatalf("alone it is refused (%v) or differs", err)
			}
		}
		t.Fatal("the reader does not come to an end")
	})
}

// FuzzParse parses any bytes; the header of what is refused can be looked for.
func FuzzParse(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, raw []byte) {
		m, err := hl7v2.Parse(raw, hl7v2.Options{MaxMessage: 1 << 16})
		if err == nil {
			walk(t, m)
			if _, err := hl7v2.Parse(hl7v2.Ack(m.Header(), hl7v2.Answer{Code: hl7v2.Accept, ControlID: "1"}), hl7v2.Options{}); err != nil {
				t.Fatalf("its acknowledgement cannot be parsed: %v", err)
			}
		}
		h, ok := hl7v2.PeekHeader(raw)
		if err == nil && !ok {
			t.Fatal("a message without a header")
		}
		if ok {
			if _, err := hl7v2.Parse(hl7v2.Ack(h, hl7v2.Answer{Code: hl7v2.Reject, ControlID: "1", Err: err}), hl7v2.Options{}); err != nil {
				t.Fatalf("its refusal cannot be parsed: %v", err)
			}
		}
	})
}

// walk touches everything and reads every view of every segment.
func walk(t *testing.T, m *hl7v2.Message) {
	t.Helper()
	_ = m.Header().Kind()
	for s := range m.Segments() {
		for n := range s.Len() + 2 {
			f := s.Field(n)
			for rep := range f.Repetitions() {
				_, _, _ = rep.Component(2).String(), rep.Subcomponent(2).String(), rep.Component(3).Subcomponent(2).Text()
				_, _, _ = rep.CX(), rep.XTN(), rep.ED()
			}
			_, _ = f.Text(), f.Repetition(2).Component(1).State()
		}
		_, e1 := hl7v2.ReadPID(s)
		_, e2 := hl7v2.ReadPV1(s)
		_, e3 := hl7v2.ReadTXA(s)
		_, e4 := hl7v2.ReadOBX(s)
		_, e5 := hl7v2.ReadMRG(s)
		for _, err := range []error{e1, e2, e3, e4, e5} {
			var place *hl7v2.Error
			if err != nil && !errors.As(err, &place) {
				t.Fatalf("error %v names no place", err)
			}
		}
	}
	_, _ = hl7v2.ReadPatients(m)
	_, _ = hl7v2.ReadMerges(m)
	_, _ = hl7v2.DocumentText(m)
}

// FuzzTimestamp writes back what it read.
func FuzzTimestamp(f *testing.F) {
	for _, s := range []string{"2026", "20260930141559.1234-0500", "20160630235960", "202609302400"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		ts, err := hl7v2.ParseTimestamp(text)
		if err != nil || ts.IsZero() {
			return
		}
		back, err := hl7v2.ParseTimestamp(ts.String())
		if err != nil || back.Precision != ts.Precision || back.Zoned != ts.Zoned {
			t.Errorf("%q is written as %q, read as %+v (%v)", text, ts.String(), back, err)
		}
	})
}
