package intake_test

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"chartroom/internal/chart"
	"chartroom/internal/gate"
	"chartroom/internal/gate/gatetest"
	"chartroom/internal/intake"
)

const head = "MSH|^~\\&|REG|NORTH|CR|HIM|20260901120000||ADT^A04|1|P|2.5.1\r"

const patientOf = `{"resourceType":"Patient","id":"h","name":[{"family":"Quill"}]}`

// hostile are inputs of which nothing may be stored; want is part of the reason.
var hostile = []struct{ name, file, content, want string }{
	// Not a format at all.
	{"empty", "a.json", "", "empty"},
	{"blank", "a.json", " \n\t\r\n", "empty"},
	{"byte order mark alone", "a.hl7", "\xef\xbb\xbf", "empty"},
	{"NUL bytes", "a.txt", "\x00\x00\x00\x00", "NUL"},
	{"words", "a.txt", "Dear colleague,", "no format"},
	{"XML of another kind", "a.xml", "<NaaccrData/>", "XML of another kind"},
	{"C-CDA about nobody", "a.xml", "<ClinicalDocument/>", "names no patient"},
	{"XML entity bomb", "a.xml", `<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]><x>&b;</x>`, "declaration"},
	{"XML external entity", "a.xml", `<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x>&a;</x>`, "declaration"},
	{"PDF", "a.pdf", "%PDF-1.7\n", "PDF"},
	{"PNG", "a.json", "\x89PNG\r\n\x1a\n", "damaged"},
	{"UTF-16", "a.hl7", "\xff\xfeM\x00S\x00H\x00|\x00", "UTF-16"},
	{"UTF-16, other end first", "a.hl7", "\xfe\xff\x00M\x00S\x00H", "UTF-16"},
	{"array", "a.json", "[" + patientOf + "]", "array"},
	{"number", "a.json", "17", "no format"},
	{"SQL", "a.txt", "'; DROP TABLE fact; --", "no format"},

	// JSON.
	{"cut in a string", "a.json", `{"resourceType":"Patient","id":"h","name":[{"family":"Qui`, "ends"},
	{"cut after a key", "a.json", `{"resourceType":`, "value"},
	{"cut in an entry", "a.json", `{"resourceType":"Bundle","type":"batch","entry":[{"resource":{"resourceType":"Pat`, "ends"},
	{"deep arrays", "a.json", `{"resourceType":"Patient","x":` + strings.Repeat("[", 100_000), "nest"},
	{"deep objects", "a.json", `{"resourceType":"Patient","x":` + strings.Repeat(`{"x":`, 5_000) + "1" + strings.Repeat("}", 5_001), "nest"},
	{"deep within the limit of the scanner", "a.json", `{"resourceType":"Patient","x":` + strings.Repeat("[", 100) + strings.Repeat("]", 100) + "}", "nest"},
	{"mis-encoded", "a.json", "{\"resourceType\":\"Patient\",\"id\":\"h\",\"name\":[{\"family\":\"Qu\xffill\"}]}", "UTF-8"},
	{"overlong UTF-8", "a.json", "{\"resourceType\":\"Patient\",\"name\":[{\"family\":\"\xc0\xaf\"}]}", "UTF-8"},
	{"surrogate alone", "a.json", `{"resourceType":"Patient","name":[{"family":"\ud800"}]}`, ""},
	{"NUL escaped", "a.json", `{"resourceType":"Patient","name":[{"family":"Qu\u0000ill"}]}`, "NUL"},
	{"NUL plain", "a.json", "{\"resourceType\":\"Patient\",\"name\":[{\"family\":\"Qu\x00ill\"}]}", ""},
	{"control character", "a.json", "{\"resourceType\":\"Patient\",\"name\":[{\"family\":\"Qu\x01ill\"}]}", ""},
	{"a key twice", "a.json", `{"resourceType":"Patient","id":"a","id":"b"}`, "twice"},
	{"a type twice", "a.json", `{"resourceType":"Patient","resourceType":"Bundle","entry":[]}`, "twice"},
	{"number with a leading zero", "a.json", `{"resourceType":"Patient","x":007}`, ""},
	{"not a number", "a.json", `{"resourceType":"Patient","x":NaN}`, ""},
	{"single quotes", "a.json", `{'resourceType':'Patient'}`, "key"},
	{"comment", "a.json", `{"resourceType":"Patient"/* x */}`, ""},
	{"comma at the end", "a.json", `{"resourceType":"Patient",}`, ""},
	{"no type", "a.json", `{"id":"h"}`, "resourceType"},
	{"type that is a path", "a.json", `{"resourceType":"../../etc/passwd"}`, "resourceType"},
	{"type that is a number", "a.json", `{"resourceType":5}`, ""},
	{"id that is a path", "a.json", `{"resourceType":"Patient","id":"../../../etc"}`, "id is not"},
	{"id of 65 letters", "a.json", `{"resourceType":"Patient","id":"` + strings.Repeat("a", 65) + `"}`, "id is not"},
	{"id that is SQL", "a.json", `{"resourceType":"Patient","id":"x'; DROP TABLE fact;--"}`, "id is not"},
	{"name that is a number", "a.json", `{"resourceType":"Patient","name":7}`, "array"},
	{"birth date that is none", "a.json", `{"resourceType":"Patient","birthDate":"1961-02-30"}`, ""},
	{"birth date of long ago", "a.json", `{"resourceType":"Patient","birthDate":"99999-01-01"}`, ""},
	{"entry that is a string", "a.json", `{"resourceType":"Bundle","type":"batch","entry":["x"]}`, "object"},
	{"entry that is no array", "a.json", `{"resourceType":"Bundle","type":"batch","entry":{"resource":` + patientOf + `}}`, "not an array"},
	{"entry that is no array, and the type behind it", "a.json", `{"entry":{"resource":` + patientOf + `},"resourceType":"Bundle"}`, "not an array"},
	{"entry that is null", "a.json", `{"resourceType":"Bundle","type":"batch","entry":null}`, "not an array"},
	{"type that is none of FHIR", "a.json", `{"resourceType":"Patinet","id":"h"}`, "no resource type"},
	{"reference to a script", "a.json", `{"resourceType":"Condition","subject":{"reference":"javascript:alert(1)"}}`, "reference"},
	{"reference out of the server", "a.json", `{"resourceType":"Condition","subject":{"reference":"../Patient/h"}}`, "reference"},
	{"reference to itself", "a.json", `{"resourceType":"Condition","id":"h","subject":{"reference":"Condition/h"},"encounter":{"reference":"#"}}`, "-"},
	{"attachment that is not base64", "a.json", `{"resourceType":"DocumentReference","status":"current","subject":{"reference":"Patient/h"},"content":[{"attachment":{"contentType":"text/plain","data":"§§"}}]}`, "base64"},
	{"text that is no text", "a.json", `{"resourceType":"DocumentReference","status":"current","subject":{"reference":"Patient/h"},"content":[{"attachment":{"contentType":"text/plain","data":"` + base64.StdEncoding.EncodeToString([]byte{0, 1, 2, 0xff}) + `"}}]}`, "UTF-8"},

	// NDJSON.
	{"a line that is cut", "a.ndjson", `{"resourceType":"Patient","id":"h"` + "\n", ""},
	{"two objects in a line", "a.ndjson", patientOf + patientOf + "\n", ""},
	{"a line of NUL", "a.ndjson", "{\"resourceType\":\"Pat\x00ient\"}\n", ""},

	// HL7 v2.
	{"MSH alone", "a.hl7", "MSH", ""},
	{"MSH with no delimiters", "a.hl7", "MSH|", ""},
	{"delimiters that are letters", "a.hl7", "MSHabcdefXghi", ""},
	{"one delimiter for all", "a.hl7", "MSH||||||||ADT|1\rPID|1||h\r", ""},
	{"segment name of one letter", "a.hl7", head + "P|1||h\r", ""},
	{"segment name in small letters", "a.hl7", head + "pid|1||h\r", ""},
	{"line of words in a message", "a.hl7", head + "Dear colleague,\r", ""},
	{"NUL in a segment", "a.hl7", head + "PID|1||h\x00\r", ""},
	{"not of the character set", "a.hl7", "MSH|^~\\&|REG|NORTH|||20260901||ADT^A04|1|P|2.5.1||||||UNICODE UTF-8\rPID|1||h^^^N||Qu\xffill\r", ""},
	{"character set that is not read", "a.hl7", "MSH|^~\\&|REG|NORTH|||20260901||ADT^A04|1|P|2.5.1||||||ISO IR-999\rPID|1||h\r", "character set"},
	{"a segment of too many fields", "a.hl7", head + "PID" + strings.Repeat("|", 5_000) + "\r", ""},
	{"no type", "a.hl7", "MSH|^~\\&|REG|NORTH|||20260901|||1|P|2.5.1\rPID|1||h\r", "no type"},
	{"an acknowledgement", "a.hl7", "MSH|^~\\&|REG|NORTH|||20260901||ACK^A01|1|P|2.5.1\rMSA|AA|1\r", "acknowledgement"},
	{"merge of a number into itself without PID", "a.hl7", "MSH|^~\\&|REG|NORTH|||20260901||ADT^A40|1|P|2.5.1\rMRG|h\r", "PID"},
	{"file header alone", "a.hl7", "FHS|^~\\&|X\rXYZ|not a message\rFTS|0\r", ""},

	// Text.
	{"note of NUL", "a.txt", "Record-Number: 1\n\na\x00b\n", "NUL"},
	{"note that is mis-encoded", "a.txt", "Record-Number: 1\n\n\xff\xfe\n", "UTF-8"},
	{"note with a head without end", "a.txt", strings.Repeat("Record-Number: 1\n", 10), "no text"},
	{"note about nobody", "a.txt", "Record-Number: nobody\n\nText.\n", "no record"},

	// Packed.
	{"gzip cut in its header", "a.json.gz", "\x1f\x8b\x08", "gzip"},
	{"gzip cut in its data", "a.json.gz", pack(patientOf)[:30], ""},
	{"gzip with a wrong checksum", "a.json.gz", pack(patientOf)[:len(pack(patientOf))-8] + "abcdefgh", ""},
	{"gzip within gzip", "a.json.gz", pack(pack(patientOf)), "archive within"},
	{"zip within gzip", "a.json.gz", pack(archive(member{"a.json", patientOf})), "archive within"},
	{"gzip bomb", "a.json.gz", pack(`{"resourceType":"Patient","x":"` + strings.Repeat("0", 80<<20)), ""},
	{"gzip bomb of blanks", "a.ndjson.gz", pack(strings.Repeat(" ", 80<<20)), ""},
	{"zip cut", "a.zip", archive(member{"a.json", patientOf})[:60], "zip"},
	{"zip of nothing", "a.zip", archive(), "-"},
	{"zip bomb", "a.zip", archive(member{"a.json", `{"resourceType":"Patient","x":"` + strings.Repeat("0", 80<<20)}), ""},
	{"zip within zip", "a.zip", archive(member{"b.zip", archive(member{"a.json", patientOf})}), "archive within"},
	{"name out of the archive", "a.zip", archive(member{"../../a.json", patientOf}), "out of the archive"},
	{"name out of the archive, other slashes", "a.zip", archive(member{`..\..\a.json`, patientOf}), "out of the archive"},
	{"absolute name", "a.zip", archive(member{"/etc/a.json", patientOf}), "out of the archive"},
	{"name with a drive", "a.zip", archive(member{`C:\a.json`, patientOf}), "out of the archive"},
	{"name with NUL", "a.zip", archive(member{"a\x00.json", patientOf}), "name"},
	{"link in an archive", "a.zip", archive(member{"link>a.json", "/etc/passwd"}), "link"},
}

type member struct{ name, content string }

func archive(members ...member) string {
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, m := range members {
		h := &zip.FileHeader{Name: m.name, Method: zip.Deflate}
		if name, ok := strings.CutPrefix(m.name, "link>"); ok {
			h.Name = name
			h.SetMode(os.ModeSymlink | 0o777)
		}
		f, err := w.CreateHeader(h)
		if err == nil {
			_, err = f.Write([]byte(m.content))
		}
		if err != nil {
			panic(err) // a buffer takes everything
		}
	}
	if err := w.Close(); err != nil {
		panic(err)
	}
	return b.String()
}

func pack(content string) string {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write([]byte(content)); err != nil {
		panic(err)
	}
	if err := w.Close(); err != nil {
		panic(err)
	}
	return b.String()
}

// counts is how many facts, records and persons there are.
func (d *department) counts() [3]int {
	d.t.Helper()
	var n [3]int
	err := d.gate.Read(d.ctx, d.actor, "test.count", gate.Department(), func(tx *gate.Tx) error {
		for i, q := range []string{"SELECT COUNT(*) FROM fact", "SELECT COUNT(*) FROM record", "SELECT COUNT(*) FROM record_person"} {
			if err := tx.QueryRow(d.ctx, q).Scan(&n[i]); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		d.t.Fatal(err)
	}
	return n
}

func TestHostileFiles(t *testing.T) {
	if len(hostile) < 60 {
		t.Errorf("%d cases only", len(hostile))
	}
	d := open(t, gatetest.Open(t))
	for _, c := range hostile {
		t.Run(c.name, func(t *testing.T) {
			d.t = t
			before := d.counts()
			got := d.text(c.file, c.content)
			if c.want == "-" { // nothing to refuse, and nothing to store of a patient
				if n := d.counts(); n[1] != before[1] {
					t.Errorf("it made a record")
				}
				return
			}
			if after := d.counts(); after != before {
				t.Errorf("stored %v, before %v", after, before)
			}
			if got.Accepted != 0 || got.Rejected == 0 {
				t.Fatalf("%+v", got)
			}
			for _, r := range got.Rejections {
				if r.Place == "" || r.Reason == "" || strings.Contains(r.Reason, "Quill") || strings.Contains(r.Reason, "passwd") {
					t.Errorf("rejection: %+v", r)
				}
			}
			if !strings.Contains(got.Rejections[0].Reason, c.want) {
				t.Errorf("reason %q, want %q in it", got.Rejections[0].Reason, c.want)
			}
		})
	}
	d.t = t
	if got := d.text("good.json", patientOf); got.Accepted != 1 {
		t.Errorf("a good file afterwards: %+v", got)
	}
}

// TestGoodAmongBad has each bad thing between two good ones: they are taken in.
func TestGoodAmongBad(t *testing.T) {
	good := func(n int) string {
		return strings.ReplaceAll(admit(fmt.Sprintf("G%d", n), fmt.Sprint(n)), "\r", "\n")
	}
	line := func(n int) string {
		return fmt.Sprintf(`{"resourceType":"Patient","id":"g%d","name":[{"family":"Quill"}]}`+"\n", n)
	}
	cases := []struct{ name, file, content string }{
		{"HL7: bad segment", "a.hl7", good(1) + "MSH|^~\\&|A|B|C|D|1||ADT^A01|x|P|2.5\npid|1\n" + good(2)},
		{"HL7: words between", "a.hl7", good(1) + "MSH\n" + good(2)},
		{"HL7: no type", "a.hl7", good(1) + "MSH|^~\\&|A|B|C|D|1|||x|P|2.5\nPID|1\n" + good(2)},
		{"NDJSON: not JSON", "a.ndjson", line(1) + "{oops\n" + line(2)},
		{"NDJSON: cut", "a.ndjson", line(1) + line(9)[:30] + "\n" + line(2)},
		{"NDJSON: too large", "a.ndjson", line(1) + `{"resourceType":"Patient","x":"` + strings.Repeat("x", 40<<20) + "\"}\n" + line(2)},
		{"bundle: bad entry", "a.json", `{"resourceType":"Bundle","type":"batch","entry":[{"resource":` + line(1) + `},{"resource":{"resourceType":7}},{"resource":` + line(2) + `}]}`},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			d := open(t, gatetest.Open(t))
			got := d.text(c.file, c.content)
			if got.Accepted != 2 || got.Rejected != 1 {
				t.Errorf("%+v", got)
			}
			if n := d.counts(); n[1] != 2 {
				t.Errorf("%d records", n[1])
			}
		})
	}
}

func TestUnreadablePath(t *testing.T) {
	d := open(t, gatetest.Open(t))
	err := d.intake.Import(d.ctx, d.actor, []string{filepath.Join(t.TempDir(), "none.json")}, intake.Options{}, func(intake.FileResult) error { return nil })
	if err == nil {
		t.Error("a path that is not there")
	}
}

// TestHostileFrames sends what is no message over MLLP; the listener lives on.
func TestHostileFrames(t *testing.T) {
	d := open(t, gatetest.Open(t))
	address := d.listen()
	for _, bytes := range []string{
		"", "\x00", "\x0b", "\x0b\x1c\r", "\x0bMSH\x1c\r", "GET / HTTP/1.1\r\n\r\n", "\x16\x03\x01\x02\x00\x01\x00",
		"\x0bMSH|^~\\&|A|B|C|D|1||ADT^A01|x|P|2.5\r", "\x1c\r\x1c\r\x1c\r", "\x0b\x0b\x0b\x0b", strings.Repeat("\x0bx\x1c\r", 50),
		"\x0bMSH|^~\\&|A|B|C|D|1||ADT^A01|x|P|2.5\rPID|" + strings.Repeat("x", 1<<20) + "\x1c\r",
	} {
		conn, err := net.Dial("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := conn.Write([]byte(bytes)); err != nil {
			t.Logf("write: %v", err) // the listener may have hung up
		}
		if err := conn.SetReadDeadline(time.Now().Add(20 * time.Millisecond)); err != nil {
			t.Fatal(err)
		}
		buf := make([]byte, 4096)
		n, _ := conn.Read(buf) // nothing may come
		if strings.Contains(string(buf[:n]), "|AA|") && !strings.Contains(bytes, "PID") {
			t.Errorf("%.20q was answered AA", bytes)
		}
		if err := conn.Close(); err != nil {
			t.Fatal(err)
		}
	}
	ack, err := d.dial(address).Send(d.ctx, []byte(admit("after", "1")))
	if err != nil || ack.First("MSA").Field(1).Text() != "AA" {
		t.Errorf("a good message afterwards: %v", err)
	}
	page, err := d.chart.Encounters(d.ctx, d.actor, chart.EncounterFilter{})
	if err != nil || len(page.Rows) != 1 {
		t.Errorf("%d encounters, %v", len(page.Rows), err)
	}
}
