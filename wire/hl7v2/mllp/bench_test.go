package mllp_test

import (
	"bytes"
	"errors"
	"io"
	"net"
	"sync"
	"testing"

	"chartroom/wire/hl7v2/mllp"
)

// BenchmarkReadFrame reads frames from memory.
func BenchmarkReadFrame(b *testing.B) {
	var stream []byte
	const frames = 1000
	for id := range frames {
		stream, _ = mllp.AppendFrame(stream, append(message(id), bytes.Repeat([]byte("OBX|1|TX|||no change\r"), 40)...))
	}
	b.SetBytes(int64(len(stream)))
	b.ReportAllocs()
	for b.Loop() {
		r := mllp.NewReader(bytes.NewReader(stream), 0)
		for {
			if _, err := r.ReadFrame(); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				b.Fatal(err)
			}
		}
	}
	b.ReportMetric(frames*float64(b.N)/b.Elapsed().Seconds(), "messages/s")
}

// BenchmarkServe has eight clients send over TCP and wait for each answer; the
// handler parses and answers, nothing is stored.
func BenchmarkServe(b *testing.B) {
	const clients = 8
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	server := &mllp.Server{Handler: &department{}}
	done := make(chan error, 1)
	go func() { done <- server.Serve(b.Context(), l) }()
	var group sync.WaitGroup
	work := make(chan int)
	for range clients {
		conn, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			b.Fatal(err)
		}
		client := mllp.NewClient(conn)
		group.Go(func() {
			defer client.Close()
			for id := range work {
				if _, err := client.Send(b.Context(), message(id)); err != nil {
					b.Error(err)
				}
			}
		})
	}
	b.ResetTimer()
	for id := range b.N {
		work <- id
	}
	close(work)
	group.Wait()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "messages/s")
	_ = l.Close()
	<-done
}
