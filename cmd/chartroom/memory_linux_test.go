package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// TestMemoryDoesNotGrow sends 200,000 lines through a command and compares what it
// used at most with what a few lines take.
func TestMemoryDoesNotGrow(t *testing.T) {
	s := start(t, "code", "lookup")
	sent := 0
	send := func(lines int) {
		go func() {
			w := bufio.NewWriter(s.in)
			for i := range lines {
				_, _ = fmt.Fprintf(w, "{\"id\":%d,\"term\":\"E11.65\",\"date\":\"2026-01-01\",\"more\":\"%0200d\"}\n", sent+i, i)
			}
			_ = w.Flush() // where the command takes no more, its answers end too soon
		}()
		for i := range lines {
			line, err := s.out.ReadString('\n')
			if err != nil || !strings.HasPrefix(line, fmt.Sprintf(`{"id":%d,`, sent+i)) {
				t.Fatalf("answer %d: %.80s, %v, %s", sent+i, line, err, s.stderr)
			}
		}
		sent += lines
	}
	send(2000)
	few := peak(t, s.Process.Pid)
	send(198_000)
	many := peak(t, s.Process.Pid)
	if err := s.in.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := s.out.ReadString('\n'); !errors.Is(err, io.EOF) {
		t.Errorf("an answer too many: %v", err)
	}
	if got := ends(t, s.Cmd); got != 0 || s.stderr.String() != "200000 lines read: 200000 answered, 0 refused\n" {
		t.Errorf("status %d: %s", got, s.stderr)
	}
	t.Logf("%d MB after 2,000 lines, %d MB after 200,000", few>>10, many>>10)
	if many > few+32<<10 {
		t.Errorf("memory grows with the input: %d kB after 2,000 lines, %d kB after 200,000", few, many)
	}
}

var highWater = regexp.MustCompile(`VmHWM:\s+(\d+) kB`)

// peak is the most memory that a process has used, in kB. (What the system tells
// when a process has ended counts that of its parent.)
func peak(t *testing.T, pid int) int {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "status"))
	if err != nil {
		t.Fatal(err)
	}
	found := highWater.FindSubmatch(data)
	if found == nil {
		t.Fatalf("no high-water mark in %s", data)
	}
	kB, err := strconv.Atoi(string(found[1]))
	if err != nil {
		t.Fatal(err)
	}
	return kB
}
