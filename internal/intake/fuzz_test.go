package intake_test

import (
	"strings"
	"testing"

	"chartroom/internal/gate/gatetest"
	"chartroom/internal/intake"
)

// twice takes in one posted body and checks that the counts reconcile, that no
// record is made where all was rejected, and that the same body again makes no
// new version of anything.
func twice(t *testing.T, d *department, name, body string) {
	t.Helper()
	d.t = t
	before := d.counts()
	got, err := d.intake.Receive(d.ctx, d.actor, name, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if got.Received != got.Accepted+got.Rejected || got.Accepted < 0 || got.Repeated > got.Accepted {
		t.Errorf("%+v", got)
	}
	after := d.counts()
	if got.Accepted == 0 && after != before {
		t.Errorf("stored %v, before %v, and all was rejected", after, before)
	}
	again, err := d.intake.Receive(d.ctx, d.actor, name, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if again.Accepted < got.Accepted {
		t.Errorf("the second time %+v, the first %+v", again, got)
	}
	if got.Rejected == 0 && d.counts() != after {
		t.Errorf("the second time made something new")
	}
}

// TestTwice takes in the beginnings that the fuzz tests of the mapping vary, and
// each again. The store is not fuzzed: under the fuzzer's instruments it takes
// seconds for each input.
func TestTwice(t *testing.T) {
	d := open(t, gatetest.Open(t))
	for _, kind := range []string{"ADT^A08", "ORU^R01", "ADT^A40", "MDM^T10", "ADT^A47", "MDM^T11", "ADT^A13"} {
		for _, seed := range intake.SeedsHL7 {
			twice(t, d, "f.hl7", "MSH|^~\\&|REG|NORTH|CR|HIM|20260901120000||"+kind+"|1|P|2.5.1\r"+seed)
		}
	}
	for _, seed := range intake.SeedsFHIR {
		twice(t, d, "f.json", seed)
	}
	for _, seed := range intake.SeedsCCDA {
		twice(t, d, "f.xml", seed)
	}
	for _, seed := range intake.SeedsCSV {
		twice(t, d, "f.csv", seed)
	}
	for _, seed := range intake.SeedsNote {
		twice(t, d, "f.txt", seed)
	}
}

// FuzzSpan varies places and the bytes they point into.
func FuzzSpan(f *testing.F) {
	f.Add("entry[1]#3+4", "0123456789")
	f.Add("line[2]#-1+99999999999999999999", "")
	f.Fuzz(func(t *testing.T, path, raw string) {
		if part, ok := intake.Span([]byte(raw), path); ok && !strings.Contains(raw, string(part)) {
			t.Errorf("%q of %q: %q", path, raw, part)
		}
	})
}
