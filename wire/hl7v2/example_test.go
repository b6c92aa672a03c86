package hl7v2_test

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"chartroom/wire/hl7v2"
)

// admission is an invented message, its segments ending in LF as in many files.
const admission = `MSH|^~\&|ADT1|NORTHBRIDGE|CHART|NORTHBRIDGE|202609150815-0500||ADT^A01^ADT_A01|N42|P|2.5.1
EVN||202609150815
PID|1||4711^^^NORTHBRIDGE^MR~999-12-3456^^^SSA^SS||Merriweather^Rosa^J||19850214|F
PV1|1|I|4N^412^A||||1234567893^Dunmore^Felix^^^Dr
`

func ExampleReader() {
	r := hl7v2.NewReader(strings.NewReader(admission+"MSH|broken\n"), hl7v2.Options{})
	for {
		m, err := r.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			fmt.Println("refused:", err)
			continue
		}
		fmt.Println(m.Header().Name(), "of line", m.Line(), "is an", m.Header().Kind())
	}
	// Output:
	// ADT^A01 of line 1 is an admit
	// refused: message 2, segment 1 (MSH), field 2: more than five encoding characters (line 5, offset 245)
}

func ExampleMessage_At() {
	m, err := hl7v2.Parse([]byte(admission), hl7v2.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, path := range []string{"PID-5.1", "PID-3(2).1", "PID-4", "PID-50"} {
		v, err := m.At(path)
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Printf("%s %s %q\n", path, v.State(), v)
	}
	// Output:
	// PID-5.1 valued "Merriweather"
	// PID-3(2).1 valued "999-12-3456"
	// PID-4 empty ""
	// PID-50 absent ""
}

func ExampleReadPID() {
	m, err := hl7v2.Parse([]byte(admission), hl7v2.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	pid, err := hl7v2.ReadPID(m.First("PID"))
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, id := range pid.Identifiers {
		fmt.Println(id.Type, id.ID, "by", id.Authority.Namespace)
	}
	fmt.Println("born", pid.Birth, "to the", pid.Birth.Precision)
	// Output:
	// MR 4711 by NORTHBRIDGE
	// SS 999-12-3456 by SSA
	// born 19850214 to the day
}

func ExampleAck() {
	m, err := hl7v2.Parse([]byte(admission), hl7v2.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	ack := hl7v2.Ack(m.Header(), hl7v2.Answer{
		Code: hl7v2.Accept, ControlID: "A1", Time: time.Date(2026, 9, 15, 8, 15, 3, 0, time.UTC),
	})
	fmt.Println(strings.ReplaceAll(string(ack), "\r", "\n"))
	// Output:
	// MSH|^~\&|CHART|NORTHBRIDGE|ADT1|NORTHBRIDGE|20260915081503+0000||ACK^A01^ACK|A1|P|2.5.1||||||UNICODE UTF-8
	// MSA|AA|N42
}
