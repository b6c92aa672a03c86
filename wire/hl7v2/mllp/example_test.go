package mllp_test

import (
	"context"
	"fmt"
	"net"

	"chartroom/wire/hl7v2"
	"chartroom/wire/hl7v2/mllp"
)

func ExampleClient_Send() {
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fmt.Println(err)
		return
	}
	served := make(chan error, 1)
	go func() { served <- (&mllp.Server{Handler: &department{}}).Serve(ctx, l) }()

	conn, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		fmt.Println(err)
		return
	}
	client := mllp.NewClient(conn)
	ack, err := client.Send(ctx, []byte("MSH|^~\\&|ADT1|NORTH|CHART|NORTH|2026||ADT^A08|N42|P|2.5.1\rPID|1||4711\r"))
	if err != nil {
		fmt.Println(err)
		return
	}
	code, answered, err := hl7v2.ReadAck(ack)
	fmt.Println(code, answered, err)
	stop()
	fmt.Println(<-served)
	// Output:
	// AA N42 <nil>
	// <nil>
}
