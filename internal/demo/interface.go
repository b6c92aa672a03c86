package demo

import (
	"context"
	"fmt"
	"strings"
)

// refused are messages that the hospital's engine sent in the night and that were
// refused: each can be settled in the room of the interfaces, by mending a copy,
// by sending it in again, or by dismissing it.
var refused = []struct{ name, text string }{
	// A segment name in small letters: a mended copy is taken in.
	{"night 0417.hl7", `MSH|^~\&|ADT|MARROWBAY|CHARTROOM|HIM|20260930021412||ADT^A08|N0417|P|2.5.1
EVN|A08|20260930021412
pid|1||MB0041287^^^&urn:oid:2.999.1.1&ISO^MR||Halloran^Beatrice^Mae||19430211|F|||118 Tern Hollow Road^^Marrow Bay^ME^04998||2075550143`},
	// A merge that does not name the number given up.
	{"night 0418.hl7", `MSH|^~\&|ADT|MARROWBAY|CHARTROOM|HIM|20260930023105||ADT^A40|N0418|P|2.5.1||||||UNICODE UTF-8
EVN|A40|20260930023105
PID|1||MB0090102^^^&urn:oid:2.999.1.1&ISO^MR||Łukasiewicz^Małgorzata^Ewa
MRG|`},
	// A cancel of an admission that never came: of another facility, to be dismissed.
	{"night 0419.hl7", `MSH|^~\&|ADT|HARBORVIEW|CHARTROOM|HIM|20260930025540||ADT^A11|N0419|T|2.5.1
EVN|A11|20260930025540
PID|1||HV551^^^HARBORVIEW^MR||Testcase^Zeta||19700101|F
PV1|1|I|TEST^1^1|||||||||||||||||HV-T-1`},
}

// interfaces sends what is refused. That each of them is, and nothing else of
// them, is part of the demo.
func (l *loader) interfaces(ctx context.Context) error {
	for _, m := range refused {
		text := strings.ReplaceAll(m.text, "\n", "\r") + "\r"
		result, err := l.doors.Intake.Receive(ctx, sender(), m.name, strings.NewReader(text))
		if err != nil {
			return fmt.Errorf("demo: %s: %w", m.name, err)
		}
		if result.Rejected != 1 || result.Accepted != 0 {
			return fmt.Errorf("demo: %s: %d rejected of %d, where all should be", m.name, result.Rejected, result.Received)
		}
	}
	return nil
}
