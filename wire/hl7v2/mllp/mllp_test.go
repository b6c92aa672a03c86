package mllp_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
	"time"

	"github.com/google/go-cmp/cmp"

	"chartroom/wire/hl7v2"
	"chartroom/wire/hl7v2/mllp"
)

// stamp is when the acknowledgements of these tests are made.
var stamp = time.Date(2026, 9, 30, 12, 0, 0, 0, time.UTC)

func message(id int) []byte {
	return fmt.Appendf(nil, "MSH|^~\\&|LAB|NORTH|CHART|NORTH|20260930120000||ADT^A08|%d|P|2.5.1\rPID|1||%d^^^NORTH^MR\r", id, id)
}

// frames reads all frames and puts errors in words.
func frames(r *mllp.Reader) []string {
	var got []string
	for {
		frame, err := r.ReadFrame()
		switch {
		case errors.Is(err, io.EOF):
			return got
		case err != nil:
			got = append(got, "! "+err.Error())
		default:
			got = append(got, string(frame))
		}
	}
}

func TestReadFrame(t *testing.T) {
	cases := []struct {
		name, stream string
		want         []string
	}{
		{"one", "\x0bMSH|a\r\x1c\r", []string{"MSH|a\r"}},
		{"coalesced", "\x0bMSH|a\x1c\r\x0bMSH|b\x1c\r", []string{"MSH|a", "MSH|b"}},
		{"no CR behind the end byte", "\x0bMSH|a\x1c\x0bMSH|b\x1c", []string{"MSH|a", "MSH|b"}},
		{"line ends between frames", "\r\n\x0bMSH|a\x1c\r\n\r\n\x0bMSH|b\x1c\r\n", []string{"MSH|a", "MSH|b"}},
		{"junk before", "hello\x0bMSH|a\x1c\r", []string{"! mllp: bytes outside of any frame (5 bytes at offset 0)", "MSH|a"}},
		{"junk between", "\x0bMSH|a\x1c\rxyz\r\x0bMSH|b\x1c\r", []string{"MSH|a", "! mllp: bytes outside of any frame (4 bytes at offset 8)", "MSH|b"}},
		{"junk at the end", "\x0bMSH|a\x1c\rxyz", []string{"MSH|a", "! mllp: bytes outside of any frame (3 bytes at offset 8)"}},
		{"not ended", "\x0bMSH|a\x1c\r\x0bMSH|b", []string{"MSH|a", "! mllp: frame was not ended (5 bytes at offset 9)"}},
		{"begun again", "\x0bMSH|a\r\x0bMSH|b\x1c\r", []string{"! mllp: frame was not ended (6 bytes at offset 1)", "MSH|b"}},
		{"begun again twice", "\x0bMSH|a\x0bMSH|b\x0bMSH|c\x1c\r", []string{
			"! mllp: frame was not ended (5 bytes at offset 1)", "! mllp: frame was not ended (5 bytes at offset 7)", "MSH|c"}},
		{"vertical tab within", "\x0bMSH|a\x0bb\x1c\r", []string{"MSH|a\x0bb"}},
		{"empty", "\x0b\x1c\r", []string{""}},
		{"too large", "\x0bMSH|" + strings.Repeat("x", 60) + "\x1c\r\x0bMSH|b\x1c\r", []string{
			"! mllp: frame is larger than the limit (64 bytes at offset 1)", "MSH|b"}},
		{"as large as can be", "\x0b" + strings.Repeat("x", 40) + "\x1c\r", []string{strings.Repeat("x", 40)}},
		{"nothing", "", nil},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			whole := frames(mllp.NewReader(strings.NewReader(c.stream), 40))
			if diff := cmp.Diff(c.want, whole); diff != "" {
				t.Errorf("frames (-want +got):\n%s", diff)
			}
			split := frames(mllp.NewReader(iotest.OneByteReader(strings.NewReader(c.stream)), 40))
			if diff := cmp.Diff(c.want, split); diff != "" {
				t.Errorf("byte by byte (-want +got):\n%s", diff)
			}
		})
	}
}

func TestHeadOfRefusedFrame(t *testing.T) {
	stream := "\x0bMSH|^~\\&|LAB\rPID|secret" + strings.Repeat("x", 100) + "\x1c\r"
	_, err := mllp.NewReader(strings.NewReader(stream), 40).ReadFrame()
	var trouble *mllp.FrameError
	if !errors.As(err, &trouble) || !errors.Is(err, mllp.ErrTooLarge) {
		t.Fatalf("error %v, want a FrameError of kind ErrTooLarge", err)
	}
	if string(trouble.Head) != "MSH|^~\\&|LAB" {
		t.Errorf("Head = %q, want the MSH segment alone", trouble.Head)
	}
}

func TestWriteFrame(t *testing.T) {
	var out bytes.Buffer
	if err := mllp.WriteFrame(&out, []byte("MSH|a\r")); err != nil {
		t.Fatal(err)
	}
	if out.String() != "\x0bMSH|a\r\x1c\r" {
		t.Errorf("wrote %q", out.String())
	}
	for _, bad := range []string{"a\x1cb", "a\x0bb"} {
		if err := mllp.WriteFrame(io.Discard, []byte(bad)); err == nil {
			t.Errorf("%q was framed; want an error", bad)
		}
	}
}

// department answers messages and remembers the order in which they came.
type department struct {
	mu      sync.Mutex
	seen    []string
	trouble []error
	began   chan struct{} // told of each message
	hold    chan struct{} // if set, handling waits for it
}

func (d *department) HandleMessage(ctx context.Context, _ net.Addr, raw []byte) ([]byte, error) {
	m, err := hl7v2.Parse(raw, hl7v2.Options{})
	if err != nil {
		header, _ := hl7v2.PeekHeader(raw)
		//nolint:nilerr // the error goes into the answer
		return hl7v2.Ack(header, hl7v2.Answer{Code: hl7v2.Reject, ControlID: "A", Time: stamp, Err: err}), nil
	}
	if d.began != nil {
		d.began <- struct{}{}
	}
	if d.hold != nil {
		select {
		case <-d.hold:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	d.mu.Lock()
	d.seen = append(d.seen, m.Header().ControlID)
	d.mu.Unlock()
	return hl7v2.Ack(m.Header(), hl7v2.Answer{Code: hl7v2.Accept, ControlID: "A", Time: stamp}), nil
}

func (d *department) HandleTrouble(_ context.Context, _ net.Addr, trouble *mllp.FrameError) []byte {
	d.mu.Lock()
	d.trouble = append(d.trouble, trouble)
	d.mu.Unlock()
	if header, ok := hl7v2.PeekHeader(trouble.Head); ok && errors.Is(trouble, mllp.ErrTooLarge) {
		return hl7v2.Ack(header, hl7v2.Answer{Code: hl7v2.Reject, ControlID: "A", Time: stamp})
	}
	return nil
}

// serve starts a server and returns its address, and a function that stops it
// and returns what Serve returned.
func serve(t *testing.T, s *mllp.Server) (address string, stop func() error) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	result := make(chan error, 1)
	go func() { result <- s.Serve(ctx, l) }()
	stopped := false
	stop = func() error {
		cancel()
		stopped = true
		return <-result
	}
	t.Cleanup(func() {
		cancel()
		if !stopped {
			<-result
		}
	})
	return l.Addr().String(), stop
}

func dial(t *testing.T, address string) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}

func TestSendAndAnswer(t *testing.T) {
	d := &department{}
	address, stop := serve(t, &mllp.Server{Handler: d})
	client := mllp.NewClient(dial(t, address))
	for id := 1; id <= 5; id++ {
		ack, err := client.Send(t.Context(), message(id))
		if err != nil {
			t.Fatal(err)
		}
		code, answered, err := hl7v2.ReadAck(ack)
		if err != nil || code != hl7v2.Accept || answered != fmt.Sprint(id) {
			t.Errorf("message %d answered %s to %q (%v)", id, code, answered, err)
		}
	}
	if err := stop(); err != nil {
		t.Errorf("Serve returned %v, want nil after it was told to stop", err)
	}
	if diff := cmp.Diff([]string{"1", "2", "3", "4", "5"}, d.seen); diff != "" {
		t.Errorf("order (-want +got):\n%s", diff)
	}
}

// TestCoalescedOnTheWire sends many frames in one write, with junk between.
func TestCoalescedOnTheWire(t *testing.T) {
	d := &department{}
	address, _ := serve(t, &mllp.Server{Handler: d})
	conn := dial(t, address)
	var burst []byte
	var want []string
	for id := 1; id <= 50; id++ {
		burst, _ = mllp.AppendFrame(burst, message(id))
		want = append(want, fmt.Sprint(id))
		if id == 25 {
			burst = append(burst, "noise"...)
		}
	}
	if _, err := conn.Write(burst); err != nil {
		t.Fatal(err)
	}
	answers := mllp.NewReader(conn, 0)
	for _, id := range want {
		frame, err := answers.ReadFrame()
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(frame), "MSA|AA|"+id+"\r") {
			t.Fatalf("answer %q is not to message %s", frame, id)
		}
	}
	if diff := cmp.Diff(want, d.seen); diff != "" {
		t.Errorf("order (-want +got):\n%s", diff)
	}
	if len(d.trouble) != 1 || !errors.Is(d.trouble[0], mllp.ErrJunk) {
		t.Errorf("trouble %v, want the noise reported once", d.trouble)
	}
}

func TestTooLargeIsRefused(t *testing.T) {
	d := &department{}
	address, _ := serve(t, &mllp.Server{Handler: d, MaxMessage: 200})
	client := mllp.NewClient(dial(t, address))
	large := append(message(7), []byte("OBX|1|TX|||"+strings.Repeat("x", 500)+"\r")...)
	ack, err := client.Send(t.Context(), large)
	if err != nil {
		t.Fatal(err)
	}
	if code, _, _ := hl7v2.ReadAck(ack); code != hl7v2.Reject {
		t.Errorf("code %s, want AR", code)
	}
	if ack, err = client.Send(t.Context(), message(8)); err != nil {
		t.Fatal(err)
	}
	if code, _, _ := hl7v2.ReadAck(ack); code != hl7v2.Accept {
		t.Errorf("code %s for the message after it, want AA", code)
	}
}

// TestDrain stops a server while a message is being handled: it is answered,
// and an idle connection ends.
func TestDrain(t *testing.T) {
	d := &department{began: make(chan struct{}, 1), hold: make(chan struct{})}
	address, stop := serve(t, &mllp.Server{Handler: d})
	idle := dial(t, address)
	client := mllp.NewClient(dial(t, address))
	answered := make(chan error, 1)
	go func() {
		_, err := client.Send(context.WithoutCancel(t.Context()), message(1))
		answered <- err
	}()
	<-d.began
	stopped := make(chan error, 1)
	go func() { stopped <- stop() }()
	if _, err := idle.Read(make([]byte, 1)); !errors.Is(err, io.EOF) {
		t.Errorf("idle connection: %v, want EOF", err)
	}
	select {
	case err := <-stopped:
		t.Fatalf("Serve returned %v while a message was being handled", err)
	default:
	}
	close(d.hold)
	if err := <-answered; err != nil {
		t.Errorf("message being handled: %v, want its answer", err)
	}
	if err := <-stopped; err != nil {
		t.Errorf("Serve returned %v", err)
	}
}

// TestDrainGivesUp stops a server whose handler does not come to an end.
func TestDrainGivesUp(t *testing.T) {
	d := &department{began: make(chan struct{}, 1), hold: make(chan struct{})}
	address, stop := serve(t, &mllp.Server{Handler: d, DrainTimeout: 20 * time.Millisecond})
	client := mllp.NewClient(dial(t, address))
	answered := make(chan error, 1)
	go func() {
		_, err := client.Send(context.WithoutCancel(t.Context()), message(1))
		answered <- err
	}()
	<-d.began
	if err := stop(); err != nil {
		t.Errorf("Serve returned %v", err)
	}
	if err := <-answered; err == nil {
		t.Error("the message was answered although it was given up")
	}
	if len(d.seen) != 0 {
		t.Errorf("handled %v, want none", d.seen)
	}
}

// TestConnectionLimit has a second connection wait until the first ends.
func TestConnectionLimit(t *testing.T) {
	d := &department{}
	address, _ := serve(t, &mllp.Server{Handler: d, MaxConns: 1})
	first := mllp.NewClient(dial(t, address))
	if _, err := first.Send(t.Context(), message(1)); err != nil {
		t.Fatal(err)
	}
	second := mllp.NewClient(dial(t, address))
	answered := make(chan error, 1)
	go func() {
		_, err := second.Send(t.Context(), message(2))
		answered <- err
	}()
	select {
	case err := <-answered:
		t.Fatalf("second connection was served beside the first (%v)", err)
	case <-time.After(50 * time.Millisecond):
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	if err := <-answered; err != nil {
		t.Errorf("second connection: %v", err)
	}
}

func TestIdleTimeout(t *testing.T) {
	address, _ := serve(t, &mllp.Server{Handler: &department{}, IdleTimeout: 20 * time.Millisecond})
	conn := dial(t, address)
	if _, err := conn.Write([]byte("\x0bMSH|half")); err != nil {
		t.Fatal(err)
	}
	if _, err := conn.Read(make([]byte, 1)); err == nil {
		t.Error("a connection that sends half a message stays open")
	}
}

// TestStalledFrame begins a message and sends no more: the connection ends. One
// that is quiet between messages stays.
func TestStalledFrame(t *testing.T) {
	address, _ := serve(t, &mllp.Server{Handler: &department{}, StallTimeout: 20 * time.Millisecond})
	quiet, half := dial(t, address), dial(t, address)
	if _, err := half.Write([]byte("\x0bMSH|half")); err != nil {
		t.Fatal(err)
	}
	if _, err := half.Read(make([]byte, 1)); err == nil {
		t.Error("a connection that stalls within a message stays open")
	}
	time.Sleep(60 * time.Millisecond)
	if _, err := mllp.NewClient(quiet).Send(t.Context(), message(1)); err != nil {
		t.Errorf("a quiet connection was ended: %v", err)
	}
}

func TestSendGivesUp(t *testing.T) {
	d := &department{began: make(chan struct{}, 1), hold: make(chan struct{})}
	address, _ := serve(t, &mllp.Server{Handler: d, DrainTimeout: time.Millisecond})
	client := mllp.NewClient(dial(t, address))
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-d.began
		cancel()
	}()
	if _, err := client.Send(ctx, message(1)); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want context.Canceled", err)
	}
	if _, err := client.Send(t.Context(), message(2)); !errors.Is(err, mllp.ErrBroken) {
		t.Errorf("error %v, want ErrBroken: the answer to the first may still come", err)
	}
}

func TestAnswerToAnotherMessage(t *testing.T) {
	near, far := net.Pipe()
	defer near.Close()
	defer far.Close()
	go func() {
		if _, err := mllp.NewReader(far, 0).ReadFrame(); err == nil {
			_ = mllp.WriteFrame(far, []byte("MSH|^~\\&|||||||ACK|1|P|2.5\rMSA|AA|999\r"))
		}
	}()
	_, err := mllp.NewClient(near).Send(t.Context(), message(1))
	if err == nil || !strings.Contains(err.Error(), "another message") {
		t.Errorf("error %v, want that the answer is to another message", err)
	}
}
