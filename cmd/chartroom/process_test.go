package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// patience is how long a test waits for what should happen at once, on a machine
// with other work.
const patience = 30 * time.Second

// ends waits for a process and gives its exit status, -1 for a signal.
func ends(t *testing.T, c *exec.Cmd) int {
	t.Helper()
	done := make(chan error, 1)
	go func() { done <- c.Wait() }()
	select {
	case err := <-done:
		exit, failed := errors.AsType[*exec.ExitError](err)
		if err != nil && !failed {
			t.Fatal(err)
		}
		if failed {
			return exit.ExitCode()
		}
		return 0
	case <-time.After(patience):
		_ = c.Process.Kill()
		t.Fatalf("%v does not end", c.Args)
		return 0
	}
}

// started is a command that runs, with the pipes of a person or a program at its
// ends.
type started struct {
	*exec.Cmd

	in     io.WriteCloser
	out    *bufio.Reader
	stderr *bytes.Buffer
}

func start(t *testing.T, args ...string) started {
	t.Helper()
	s := started{Cmd: exec.CommandContext(t.Context(), program(t), args...), stderr: new(bytes.Buffer)}
	s.Stderr = s.stderr
	var err error
	if s.in, err = s.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	pipe, err := s.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	s.out = bufio.NewReader(pipe)
	if err := s.Start(); err != nil {
		t.Fatal(err)
	}
	return s
}

// TestALineIsAnsweredAtOnce talks with a command line by line, as a program does
// that keeps it running.
func TestALineIsAnsweredAtOnce(t *testing.T) {
	s := start(t, "code", "lookup")
	for i := range 3 {
		if _, err := fmt.Fprintf(s.in, "{\"id\":%d,\"term\":\"gout\"}\n", i); err != nil {
			t.Fatal(err)
		}
		line, err := s.out.ReadString('\n')
		if err != nil || !strings.HasPrefix(line, fmt.Sprintf(`{"id":%d,`, i)) {
			t.Fatalf("%q, %v", line, err)
		}
	}
	if err := s.in.Close(); err != nil {
		t.Fatal(err)
	}
	if got := ends(t, s.Cmd); got != 0 || s.stderr.String() != "3 lines read: 3 answered, 0 refused\n" {
		t.Errorf("status %d: %s", got, s.stderr)
	}
}

// TestCtrlC interrupts a command that waits for input which does not come.
func TestCtrlC(t *testing.T) {
	for _, command := range lineCommands {
		s := start(t, command.name...)
		if _, err := fmt.Fprintf(s.in, "{\"id\":1,%s}\n", command.members); err != nil {
			t.Fatal(err)
		}
		if line, err := s.out.ReadString('\n'); err != nil {
			t.Fatalf("%q, %v", line, err)
		}
		if err := s.Process.Signal(os.Interrupt); err != nil {
			t.Fatal(err)
		}
		want := "1 lines read: 1 answered, 0 refused\nchartroom: interrupted\n"
		if got := ends(t, s.Cmd); got != 1 || s.stderr.String() != want {
			t.Errorf("%v: status %d: %s", command.name, got, s.stderr)
		}
	}
}

// TestTheReaderOfTheOutputGoesAway closes the other end of the pipe, as head does,
// while more input could come for ever.
func TestTheReaderOfTheOutputGoesAway(t *testing.T) {
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	c := exec.CommandContext(t.Context(), program(t), "code", "lookup")
	var diagnostics bytes.Buffer
	c.Stdout, c.Stderr = write, &diagnostics
	in, err := c.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(c.Start(), write.Close()); err != nil {
		t.Fatal(err)
	}
	go func() {
		for {
			if _, err := io.WriteString(in, strings.Repeat("{\"id\":1,\"term\":\"gout\"}\n", 1000)); err != nil {
				return // the command takes no more
			}
		}
	}()
	if _, err := bufio.NewReader(read).ReadString('\n'); err != nil {
		t.Fatal(err)
	}
	if err := read.Close(); err != nil {
		t.Fatal(err)
	}
	if got := ends(t, c); got == 0 || strings.Contains(diagnostics.String(), "panic") {
		t.Errorf("status %d: %s", got, &diagnostics)
	}
}
