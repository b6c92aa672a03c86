package intake_test

import (
	"testing"

	"chartroom/internal/gate/gatetest"
	"chartroom/internal/testenv"
)

// TestRealFilesLoad imports the records of other systems that are given for
// testing, each set twice: the counts reconcile, and the second time everything
// is recognised.
func TestRealFilesLoad(t *testing.T) {
	cases := []struct {
		name               string
		path               []string
		accepted, rejected int
	}{
		{"synthea bundles", []string{"interop", "synthea-r4-smart", "bundles.zip"}, 22759, 0},
		{"synthea bulk", []string{"interop", "synthea-bulk-10"}, 7160, 4}, // the export's log is no resource
		{"us core", []string{"interop", "us-core", "examples.zip"}, 240, 0},
		{"simhospital", []string{"interop", "simhospital-hl7v2", "messages.hl7.txt.gz"}, 1450, 0},
		{"fhir converter, C-CDA", []string{"interop", "ms-fhir-converter", "ccda.zip"}, 20, 3},
		{"C-CDA examples", []string{"interop", "ccda-examples-hl7", "examples.zip"}, 17, 430},
		{"fhir converter", []string{"interop", "ms-fhir-converter", "hl7v2.zip"}, 140, 2},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			path := testenv.Data(t, c.path...)
			d := open(t, gatetest.Open(t))
			got := sum(d.files(path))
			t.Logf("received %d, accepted %d, rejected %d, repeated %d", got.Received, got.Accepted, got.Rejected, got.Repeated)
			for _, r := range got.Rejections {
				t.Logf("%s: %s", r.Place, r.Reason)
			}
			if got.Accepted != c.accepted || got.Rejected != c.rejected {
				t.Errorf("accepted %d, rejected %d; want %d and %d", got.Accepted, got.Rejected, c.accepted, c.rejected)
			}
			again := sum(d.files(path))
			if again.Accepted != got.Accepted || again.Rejected != got.Rejected || again.Repeated != again.Accepted {
				t.Errorf("the second time: accepted %d, rejected %d, repeated %d", again.Accepted, again.Rejected, again.Repeated)
			}
		})
	}
}
