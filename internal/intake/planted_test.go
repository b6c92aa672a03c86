package intake_test

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"

	"chartroom/internal/chart"
	"chartroom/internal/gate"
	"chartroom/internal/gate/gatetest"
	"chartroom/internal/identity"
	"chartroom/internal/seal"
)

// planted are the words that are put into every field of every format. None of
// them may lie readable in the database or its files.
var planted = []string{
	"Zwanenburgh", "Theodolinda", "Quarrington", "Marmaduke", // names
	"77310459982", "MRN88417", "912-66-4417", "912664417", // numbers
	"5550134499", "(555) 013-4499", "zwan@example.org", // phone, mail
	"1937-11-23", "19371123", "1023 Vellichor Crescent", "Zzyzxton", "00991-1122", // birth, address
	"Grizzlewort", "pellucidar syndrome", "xanthoblepharic", "MEMBER5567", "GROUP3321", "Obfuscare Mutual", // clinical, coverage
	"ACCT99017", "VIS40021", "because of squamifold pain", // account, visit, reason
}

func plantedHL7() string {
	return strings.Join([]string{
		"MSH|^~\\&|REG|NORTH|CR|HIM|20260901120000||ADT^A01|CTL-Zwanenburgh-1|P|2.5.1",
		"EVN|A01|20260901120000",
		"PID|1||MRN88417^^^NORTH^MR||Zwanenburgh^Theodolinda^Quarrington~Marmaduke^Theodolinda^^^^^M||19371123|F||2106-3^White^HL70005|1023 Vellichor Crescent^^Zzyzxton^NV^00991-1122||5550134499^PRN^PH^zwan@example.org|||||ACCT99017|912-66-4417",
		"PV1|1|I|4EAST^401^A||||77310459982^Marmaduke^Quarrington|||MED|||||||||VIS40021|||||||||||||||||||||||||20260901113000",
		"PV2|||^because of squamifold pain",
		"IN1|1|PLAN|Obfuscare Mutual|Obfuscare Mutual||||GROUP3321||||20260101|||||||||||||||||||||||||MEMBER5567",
		"DG1|1||Q99.X^pellucidar syndrome^I10||20260901|A",
		"AL1|1|DA|PEN^Grizzlewort|SV|xanthoblepharic",
		"OBR|1|77310459982|77310459982|1^Grizzlewort level^L|||20260901",
		"OBX|1|NM|2^Grizzlewort^L||5|mg|||||F",
		"NTE|1||xanthoblepharic",
	}, "\r") + "\r" + strings.Join([]string{
		"MSH|^~\\&|REG|NORTH|CR|HIM|20260901130000||MDM^T02|CTL2|P|2.5.1",
		"PID|1||MRN88417^^^NORTH^MR||Zwanenburgh^Theodolinda",
		"PV1|1|I|4EAST|||||||||||||||||VIS40021",
		"TXA|1|DS^Grizzlewort summary|TX|20260901|||||77310459982^Marmaduke^Quarrington|||77310459982|||||AU",
		"OBX|1|TX|||Theodolinda Zwanenburgh has pellucidar syndrome.",
		"OBX|2|TX|||It is xanthoblepharic.",
	}, "\r") + "\r" + strings.Join([]string{
		"MSH|^~\\&|REG|NORTH|CR|HIM|20260901130000||ADT^A40|CTL3|P|2.5.1",
		"PID|1||MRN88417^^^NORTH^MR||Zwanenburgh^Theodolinda",
		"MRG|77310459982^^^NORTH^MR",
	}, "\r") + "\r"
}

func plantedFHIR() string {
	note := base64.StdEncoding.EncodeToString([]byte("Theodolinda Zwanenburgh, pellucidar syndrome, xanthoblepharic."))
	return `{"resourceType":"Bundle","type":"transaction","entry":[
	{"fullUrl":"http://x.example/fhir/Patient/Zwanenburgh","resource":{"resourceType":"Patient","id":"Zwanenburgh",
	"identifier":[{"type":{"coding":[{"code":"MR"}]},"system":"urn:north","value":"MRN88417"},{"system":"http://hl7.org/fhir/sid/us-ssn","value":"912-66-4417"}],
	"name":[{"family":"Zwanenburgh","given":["Theodolinda","Quarrington"]}],"birthDate":"1937-11-23",
	"telecom":[{"system":"phone","value":"(555) 013-4499"},{"system":"email","value":"zwan@example.org"}],
	"address":[{"line":["1023 Vellichor Crescent"],"city":"Zzyzxton","postalCode":"00991-1122"}]}},
	{"resource":{"resourceType":"Encounter","id":"e1","status":"finished","class":{"code":"AMB"},"identifier":[{"value":"VIS40021"}],
	"subject":{"reference":"Patient/Zwanenburgh","display":"Theodolinda Zwanenburgh"},"reasonCode":[{"text":"because of squamifold pain"}],
	"participant":[{"individual":{"display":"Dr. Marmaduke"}}]}},
	{"resource":{"resourceType":"Condition","id":"c1","subject":{"reference":"Patient/Zwanenburgh"},"code":{"text":"pellucidar syndrome"}}},
	{"resource":{"resourceType":"Observation","id":"o1","status":"final","subject":{"reference":"Patient/Zwanenburgh"},"code":{"text":"Grizzlewort"},"valueString":"xanthoblepharic"}},
	{"resource":{"resourceType":"Coverage","id":"v1","status":"active","beneficiary":{"reference":"Patient/Zwanenburgh"},"subscriberId":"MEMBER5567","payor":[{"display":"Obfuscare Mutual"}]}},
	{"resource":{"resourceType":"Practitioner","id":"p1","name":[{"family":"Marmaduke"}]}},
	{"resource":{"resourceType":"DocumentReference","id":"d1","status":"current","subject":{"reference":"Patient/Zwanenburgh"},"content":[{"attachment":{"contentType":"text/plain","data":"` + note + `"}}]}}]}`
}

const plantedNote = "Record-Number: MRN88417\nAssigner: NORTH\nType: progress note\nAuthor: Dr. Quarrington Marmaduke\n\nTheodolinda Zwanenburgh: pellucidar syndrome, xanthoblepharic Grizzlewort.\n"

// plant puts the words in through every door there is.
func plant(t *testing.T, d *department) {
	t.Helper()
	for name, content := range map[string]string{
		"Zwanenburgh.hl7": plantedHL7(), "Theodolinda.json": plantedFHIR(),
	} {
		if got := d.text(name, content); got.Rejected > 0 {
			t.Fatalf("%s: %+v", name, got)
		}
	}
	if got := d.text("Quarrington.xml", strings.Replace(plantedCCDA, "2026083130", "202608311300", 1)); got.Rejected > 0 {
		t.Fatalf("C-CDA: %+v", got)
	}
	if got := d.text("Marmaduke.xml", plantedCCDA); got.Rejected != 1 {
		t.Fatalf("bad C-CDA: %+v", got)
	}
	if got := d.text("Zzyzxton.csv", plantedCSV); got.Accepted != 2 || got.Rejected != 1 {
		t.Fatalf("CSV: %+v", got)
	}
	if got := d.text("note.txt", plantedNote); got.Rejected > 0 {
		t.Fatalf("note: %+v", got)
	}
	// Rejected, and kept: a merge that names no number to give up.
	if got := d.text("bad.hl7", "MSH|^~\\&|REG|Marmaduke|||20260901||ADT^A40|CTL-77310459982|P|2.5\rPID|1||MRN88417^^^NORTH^MR||Zwanenburgh\rMRG|\r"); got.Rejected != 1 {
		t.Fatalf("bad merge: %+v", got)
	}
	if got := d.text("broken.json", `{"resourceType":"Patient","name":[{"family":"Zwanenburgh"`); got.Rejected != 1 {
		t.Fatalf("broken: %+v", got)
	}
	ack, err := d.dial(d.listen()).Send(d.ctx, []byte(strings.Replace(admit("Theodolinda", "MRN88417"), "Quill^Marta", "Zwanenburgh^Theodolinda", 1)))
	if err != nil || ack.First("MSA").Field(1).Text() != "AA" {
		t.Fatalf("mllp: %v", err)
	}
	plantByHand(t, d)
}

func plantByHand(t *testing.T, d *department) {
	t.Helper()
	p, _, err := d.chart.Register(d.ctx, d.actor, chart.Patient{
		Name: chart.Name{Family: "Zwanenburgh", Given: "Theodolinda"}, BirthDate: "1937-11-23", Email: "zwan@example.org",
		Identifiers: []chart.Identifier{{Kind: "MR", Assigner: "SOUTH", Value: "77310459982"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	page, err := d.chart.Encounters(d.ctx, d.actor, chart.EncounterFilter{})
	if err != nil || len(page.Rows) == 0 {
		t.Fatalf("encounters: %v", err)
	}
	enc := page.Rows[0].Encounter
	doc, err := d.chart.AddNote(d.ctx, d.actor, enc.ID, chart.Note{Type: "Grizzlewort note", Text: "Theodolinda Zwanenburgh: xanthoblepharic."})
	if err != nil {
		t.Fatal(err)
	}
	doc.Text = "Theodolinda: pellucidar syndrome."
	if _, err := d.chart.Correct(d.ctx, d.actor, doc, "meant Zwanenburgh"); err != nil {
		t.Fatal(err)
	}
	if _, err := d.chart.Withdraw(d.ctx, d.actor, doc.ID, 2, "was Marmaduke"); err != nil {
		t.Fatal(err)
	}
	link, err := d.people.Link(d.ctx, d.actor, enc.Record, p.Record, "both are Theodolinda Zwanenburgh")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.people.Unlink(d.ctx, d.actor, link.ID, "not Zwanenburgh"); err != nil {
		t.Fatal(err)
	}
	hits, err := d.chart.Search(d.ctx, d.actor, chart.Query{Name: "Zwanenburgh"})
	if err != nil || len(hits) < 2 {
		t.Fatalf("search: %d, %v", len(hits), err)
	}
}

// searchFor reports which of the planted words are in data, in plain text,
// UTF-16 or base64.
func searchFor(data []byte) []string {
	var found []string
	low := bytes.ToLower(data)
	for _, w := range planted {
		wide := make([]byte, 0, 2*len(w))
		for _, c := range []byte(w) {
			wide = append(wide, c, 0)
		}
		encoded := base64.RawStdEncoding.EncodeToString([]byte(w))
		for _, form := range [][]byte{[]byte(strings.ToLower(w)), bytes.ToLower(wide), []byte(hex.EncodeToString([]byte(w)))} {
			if bytes.Contains(low, form) {
				found = append(found, w)
			}
		}
		if bytes.Contains(data, []byte(encoded[:len(encoded)-2])) {
			found = append(found, w+" in base64")
		}
	}
	return found
}

func TestNothingReadableInSQLiteFiles(t *testing.T) {
	dir := t.TempDir()
	g := gatetest.Open(t, func(c *gate.Config) { c.Dir = dir })
	ring, err := seal.OpenRing(seal.File(filepath.Join(dir, seal.KeyFile)))
	if err != nil {
		t.Fatal(err)
	}
	people := identity.New(g, ring)
	c := chart.New(g, ring, people)
	w, in := newIntake(g, ring, c, people)
	d := &department{t, t.Context(), g, people, c, w, in, gatetest.Actor(), nil}
	plant(t, d)
	var size, files int
	err = filepath.WalkDir(dir, func(path string, e os.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		files++
		size += len(data)
		for _, w := range searchFor(data) {
			t.Errorf("%s holds %q", filepath.Base(path), w)
		}
		return nil
	})
	if err != nil || files < 2 || size < 100_000 {
		t.Errorf("searched %d files of %d bytes, %v", files, size, err)
	}
}

func TestNothingReadableInPostgres(t *testing.T) {
	address := gatetest.PostgresSchema(t)
	g := gatetest.Open(t, func(c *gate.Config) { c.Dir, c.Database = "", address })
	plant(t, open(t, g))
	config, err := pgx.ParseConfig(address)
	if err != nil {
		t.Fatal(err)
	}
	db := stdlib.OpenDB(*config)
	defer func() { _ = db.Close() }()
	tables := column(t, db, `SELECT table_name FROM information_schema.tables WHERE table_schema = current_schema()`)
	if len(tables) < 8 {
		t.Fatalf("tables: %v", tables)
	}
	for _, table := range tables {
		// As text, and each sealed column's bytes as they are.
		for _, row := range column(t, db, fmt.Sprintf(`SELECT t::text FROM %q t`, table)) {
			for _, w := range searchFor([]byte(row)) {
				t.Errorf("table %s holds %q", table, w)
			}
		}
	}
}

func column(t *testing.T, db *sql.DB, query string) []string {
	t.Helper()
	rows, err := db.QueryContext(context.Background(), query)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	var all []string
	for rows.Next() {
		var v string
		if err := rows.Scan(&v); err != nil {
			t.Fatal(err)
		}
		all = append(all, v)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}

// TestSearchForFinds makes sure that the search above would find what it looks
// for.
func TestSearchForFinds(t *testing.T) {
	for _, w := range []string{"...Zwanenburgh...", "zwanenburgh", "Z\x00w\x00a\x00n\x00e\x00n\x00b\x00u\x00r\x00g\x00h\x00", hex.EncodeToString([]byte("Zwanenburgh")), base64.StdEncoding.EncodeToString([]byte("Zwanenburgh"))} {
		if len(searchFor([]byte(w))) == 0 {
			t.Errorf("%q was not found", w)
		}
	}
}
