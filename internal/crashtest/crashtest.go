// Package crashtest kills Chartroom while it writes, and sees what is left.
//
// A cycle starts a child process, which is the test binary itself, on a
// database that all cycles share. The child stores messages for several clients
// as fast as it can, and says of each on its standard output when the gate has
// answered that it is saved. At some moment the child is killed with SIGKILL.
// The parent then opens the database and looks: what was answered must be
// there, whole, with its entry on the audit log; what was not answered may be
// there, but whole or not at all; and the log must prove itself.
//
// Killing a process takes what it holds in memory but not what the operating
// system holds. What a power cut takes is the subject of the power-loss suite
// in gate/internal/store.
package crashtest

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"chartroom/internal/gate"
)

// Clients is how many clients write at the same time.
const Clients = 8

// Suite is what is killed: how to open it on the database at place, a folder or
// an address.
type Suite func(ctx context.Context, place string) (*Department, error)

// Department is as much of Chartroom as a suite kills.
type Department struct {
	Gate *gate.Gate
	// Whole proves the audit log and gives how many entries it has.
	Whole func(ctx context.Context) (entries int, err error)
	// Has says whether the audit log has an entry for a change that was done.
	Has func(ctx context.Context, tx *gate.Tx, entry string) (bool, error)
	// Close ends it in good order.
	Close func() error
}

// Figures are what a run of the suite found.
type Figures struct {
	Cycles    int // kills
	Starting  int // of them, before the child had opened its database
	Answered  int // changes that were answered as saved
	Stored    int // changes found stored: those answered, and those killed before the answer
	Lost      int // changes answered and not found
	Entries   int // entries of the audit log
	Cycletime time.Duration
}

func (f Figures) String() string {
	return fmt.Sprintf("%d kills (%d while starting): %d changes answered, %d stored, %d lost; %d audit entries prove whole; %v a cycle",
		f.Cycles, f.Starting, f.Answered, f.Stored, f.Lost, f.Entries, f.Cycletime.Round(time.Millisecond))
}

// proveEvery is after how many kills the whole database is looked at and the
// whole log proved.
const proveEvery = 20

// How long a child may live at most, while it starts and while it writes.
const (
	startTime = 40 * time.Millisecond
	writeTime = 300 * time.Millisecond
)

// child tells a test binary, by its environment, that it is to be killed.
const (
	childPlace = "CHARTROOM_CRASH_PLACE"
	childCycle = "CHARTROOM_CRASH_CYCLE"
	ready      = "ready"
)

// Main runs the tests, or the child where this process is one. A test's TestMain
// calls it and nothing else. The child never returns; it waits to be killed.
func (s Suite) Main(m *testing.M) {
	place := os.Getenv(childPlace)
	if place == "" {
		os.Exit(m.Run())
	}
	cycle, err := strconv.Atoi(os.Getenv(childCycle))
	if err == nil {
		err = s.write(context.Background(), place, cycle)
	}
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}

// Run kills a child in each of so many cycles, on the database at place, and
// fails the test for whatever is not as it must be.
func (s Suite) Run(tb testing.TB, place string, cycles int) Figures {
	tb.Helper()
	f := Figures{Cycles: cycles}
	started := time.Now()
	for cycle := range cycles {
		acks, starting, err := s.kill(place, cycle, cycle%5 == 4)
		if err != nil {
			tb.Fatalf("cycle %d: %v", cycle, err)
		}
		if starting {
			f.Starting++
		}
		f.Answered += len(acks)
		lost, stored, err := s.look(place, cycle, acks)
		if err != nil {
			tb.Fatalf("cycle %d: %v", cycle, err)
		}
		if lost > 0 {
			tb.Errorf("cycle %d: %d of %d answered changes are lost", cycle, lost, len(acks))
		}
		f.Lost += lost
		f.Stored += stored
		if cycle%proveEvery == proveEvery-1 {
			if _, err := s.total(place, f.Stored); err != nil {
				tb.Fatalf("cycle %d: %v", cycle, err)
			}
		}
	}
	f.Cycletime = time.Since(started) / time.Duration(max(1, cycles))
	var err error
	if f.Entries, err = s.total(place, f.Stored); err != nil {
		tb.Error(err)
	}
	return f
}

// ack is what the child says when a change is answered.
type ack struct {
	client, seq int
	entry       string
}

func (a ack) String() string { return fmt.Sprintf("%d %d %s\n", a.client, a.seq, a.entry) }

func parseAck(line string) (a ack, err error) {
	if _, err = fmt.Sscanf(line, "%d %d %s", &a.client, &a.seq, &a.entry); err != nil {
		return ack{}, fmt.Errorf("the child answered %q: %w", line, err)
	}
	return a, nil
}

// killWithin kills a process at a moment of chance within a time.
func killWithin(p *os.Process, most time.Duration) {
	time.AfterFunc(rand.N(most), func() { _ = p.Kill() }) //nolint:gosec // chance, not secrecy
}

// RunNew kills children while they create their database, each a new one in a
// folder that folder gives, and fails the test where it cannot be opened then.
func (s Suite) RunNew(tb testing.TB, folder func() string, cycles int) Figures {
	tb.Helper()
	f := Figures{Cycles: cycles}
	for cycle := range cycles {
		place := folder()
		acks, starting, err := s.kill(place, cycle, true)
		if err != nil {
			tb.Fatalf("cycle %d: %v", cycle, err)
		}
		if starting {
			f.Starting++
		}
		lost, _, err := s.look(place, cycle, acks)
		if err != nil {
			tb.Fatalf("cycle %d: %v", cycle, err)
		}
		if lost > 0 {
			tb.Errorf("cycle %d: %d of %d answered changes are lost", cycle, lost, len(acks))
		}
	}
	return f
}

// kill starts a child, kills it at a moment of chance, early while it starts or
// later while it writes, and gives what it answered.
func (s Suite) kill(place string, cycle int, early bool) (acks []ack, starting bool, err error) {
	program, err := os.Executable()
	if err != nil {
		return nil, false, fmt.Errorf("finding the test binary: %w", err)
	}
	c := exec.Command(program) //nolint:gosec,noctx // the test binary itself; killed below
	c.Env = append(os.Environ(), childPlace+"="+place, childCycle+"="+strconv.Itoa(cycle))
	var complaint strings.Builder
	c.Stderr = &complaint
	out, err := c.StdoutPipe()
	if err != nil {
		return nil, false, fmt.Errorf("starting the child: %w", err)
	}
	if err := c.Start(); err != nil {
		return nil, false, fmt.Errorf("starting the child: %w", err)
	}
	lines := bufio.NewReader(out)
	if early {
		killWithin(c.Process, startTime)
	}
	wasReady := false
	for {
		line, err := lines.ReadString('\n')
		if errors.Is(err, io.EOF) {
			break // killed; an unfinished line was never answered
		}
		if err != nil {
			return nil, false, fmt.Errorf("reading what the child answered: %w", err)
		}
		if strings.TrimSpace(line) == ready {
			wasReady = true
			killWithin(c.Process, writeTime)
			continue
		}
		a, err := parseAck(line)
		if err != nil {
			return nil, false, err
		}
		acks = append(acks, a)
	}
	_ = c.Wait() // it was killed
	if complaint.Len() > 0 {
		return nil, false, fmt.Errorf("the child failed: %s", complaint.String())
	}
	return acks, !wasReady, nil
}
