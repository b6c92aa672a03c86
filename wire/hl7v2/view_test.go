package hl7v2_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"chartroom/wire/hl7v2"
)

// parse reads a message written with one segment a line.
func parse(t *testing.T, lines ...string) *hl7v2.Message {
	t.Helper()
	m, err := hl7v2.Parse([]byte(strings.Join(lines, "\r")+"\r"), hl7v2.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// fields writes a segment with these fields, as they are, and none between.
func fields(name string, at map[int]string) string {
	last := 0
	for n := range at {
		last = max(last, n)
	}
	for n := 1; n <= last; n++ {
		name += "|" + at[n]
	}
	return name
}

func stamp(t *testing.T, text string) hl7v2.Timestamp {
	t.Helper()
	at, err := hl7v2.ParseTimestamp(text)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

const mshA08 = `MSH|^~\&|ADT1|NORTHBRIDGE|CHART|NORTHBRIDGE|20260915081500-0500||ADT^A08^ADT_A01|M1|P|2.5.1|||AL|NE`

func TestReadPID(t *testing.T) {
	m := parse(t, mshA08,
		fields("PID", map[int]string{
			1: "1", 2: "OLD7", 3: "4711^^^NORTHBRIDGE&1.2.3&ISO^MR~999-12-3456^^^SSA^SS",
			5: "Merriweather&van^Rosa^J^III^Dr^^L~Roe^Rosa^^^^^A", 6: "Núñez", 7: "198502", 8: "F", 10: "2131-1^Other",
			11: "12 Invented Lane&Invented Lane&12^Apt 3^Lakemont^MA^01002^USA^H^^Hamden",
			13: "^PRN^PH^^1^555^0100~^NET^Internet^rosa@example.org", 14: `""`, 16: "M", 22: "N^Not Hispanic",
			29: "20260901", 30: "Y",
		}))
	got, err := hl7v2.ReadPID(m.First("PID"))
	if err != nil {
		t.Fatal(err)
	}
	want := hl7v2.PID{
		SetID:      "1",
		ExternalID: hl7v2.CX{ID: "OLD7"},
		Identifiers: []hl7v2.CX{
			{ID: "4711", Authority: hl7v2.HD{Namespace: "NORTHBRIDGE", UniversalID: "1.2.3", UniversalType: "ISO"}, Type: "MR"},
			{ID: "999-12-3456", Authority: hl7v2.HD{Namespace: "SSA"}, Type: "SS"},
		},
		Names: []hl7v2.XPN{
			{Family: "Merriweather", Given: "Rosa", Middle: "J", Suffix: "III", Prefix: "Dr", Type: "L"},
			{Family: "Roe", Given: "Rosa", Type: "A"},
		},
		MothersMaidenName: []hl7v2.XPN{{Family: "Núñez"}},
		Birth:             stamp(t, "198502"),
		Sex:               "F",
		Race:              []hl7v2.CWE{{Code: "2131-1", Text: "Other"}},
		Addresses: []hl7v2.XAD{{Street: "12 Invented Lane", Other: "Apt 3", City: "Lakemont", State: "MA", Postcode: "01002",
			Country: "USA", Type: "H", County: "Hamden"}},
		HomePhones: []hl7v2.XTN{{Number: "+1 555 0100", Use: "PRN", Equipment: "PH"},
			{Use: "NET", Equipment: "Internet", Email: "rosa@example.org"}},
		Language:  hl7v2.CWE{},
		SSN:       "999-12-3456",
		Ethnicity: []hl7v2.CWE{{Code: "N", Text: "Not Hispanic"}},
		Death:     stamp(t, "20260901"),
		Dead:      "Y",
	}
	want.MaritalStatus = hl7v2.CWE{Code: "M"}
	want.Fields = got.Fields
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("PID (-want +got):\n%s", diff)
	}
	if !got.Fields.Deleted.Has(14) || got.Fields.Deleted.Len() != 1 {
		t.Errorf("deleted %b, want field 14 alone", got.Fields.Deleted)
	}
	if !got.Fields.Valued.Has(5) || got.Fields.Valued.Has(4) || got.Fields.Valued.Has(14) {
		t.Errorf("valued %b", got.Fields.Valued)
	}
}

func TestReadPV1(t *testing.T) {
	m := parse(t, mshA08,
		fields("PV1", map[int]string{
			1: "1", 2: "I", 3: "4N^412^A^NORTHBRIDGE&1.2.3&ISO^^^MAIN^4",
			7: "1234567893^Merriweather&&x^Rosa^^^Dr^MD^^NPI^L^^^NPI~77^Dunmore^Felix", 10: "MED", 14: "7",
			19: "V100^^^NORTHBRIDGE^VN", 36: "01", 44: "20260901101500", 45: "20260903",
		}))
	got, err := hl7v2.ReadPV1(m.First("PV1"))
	if err != nil {
		t.Fatal(err)
	}
	if got.Class != "I" || got.DischargeDisposition.Code != "01" || got.AdmitSource.Code != "7" || got.Service.Code != "MED" {
		t.Errorf("class %q, disposition %q, source %q, service %q", got.Class, got.DischargeDisposition.Code, got.AdmitSource.Code, got.Service.Code)
	}
	wantLocation := hl7v2.PL{PointOfCare: "4N", Room: "412", Bed: "A",
		Facility: hl7v2.HD{Namespace: "NORTHBRIDGE", UniversalID: "1.2.3", UniversalType: "ISO"}, Building: "MAIN", Floor: "4"}
	if diff := cmp.Diff(wantLocation, got.Location); diff != "" {
		t.Errorf("location (-want +got):\n%s", diff)
	}
	wantAttending := []hl7v2.XCN{
		{ID: "1234567893", Name: hl7v2.XPN{Family: "Merriweather", Given: "Rosa", Prefix: "Dr", Degree: "MD", Type: "L"},
			Authority: hl7v2.HD{Namespace: "NPI"}, Type: "NPI"},
		{ID: "77", Name: hl7v2.XPN{Family: "Dunmore", Given: "Felix"}},
	}
	if diff := cmp.Diff(wantAttending, got.Attending); diff != "" {
		t.Errorf("attending (-want +got):\n%s", diff)
	}
	if got.VisitNumber.ID != "V100" || got.Admit.String() != "20260901101500" || got.Discharge.Precision != hl7v2.Day {
		t.Errorf("visit %q, admitted %s, discharged %s", got.VisitNumber.ID, got.Admit, got.Discharge)
	}
}

// TestBadFieldDoesNotHideTheRest has two bad dates in one segment.
func TestBadFieldDoesNotHideTheRest(t *testing.T) {
	m := parse(t, mshA08, `PID|1||5||Dunmore^Felix||soon|M|||||||||||||||||||||later`)
	pid, err := hl7v2.ReadPID(m.First("PID"))
	if pid.Names[0].Family != "Dunmore" || pid.Sex != "M" || !pid.Birth.IsZero() {
		t.Errorf("PID %+v", pid)
	}
	want := []string{"segment 2 (PID), field 7", "segment 2 (PID), field 29"}
	for _, place := range want {
		if err == nil || !strings.Contains(err.Error(), place) {
			t.Errorf("error %v, want %q in it", err, place)
		}
	}
	if strings.Contains(err.Error(), "soon") {
		t.Errorf("error %v quotes the message", err)
	}
	var place *hl7v2.Error
	if !errors.As(err, &place) || place.Code != hl7v2.CodeDataType || place.Line != 2 {
		t.Errorf("error %+v", place)
	}
}

func TestReadClinicalSegments(t *testing.T) {
	m := parse(t, mshA08,
		`EVN|A08|20260915081500|||OP1^Eastlake^Cora|20260915080000|NORTHBRIDGE`,
		fields("DG1", map[int]string{1: "1", 2: "I10", 3: "J18.9^Pneumonia, unspecified^I10", 5: "20260901", 6: "A",
			15: "1", 16: "1234^Merriweather", 26: "Y"}),
		fields("PR1", map[int]string{1: "1", 3: "0BJ08ZZ^Inspection^I10P", 5: "202609011200", 6: "D", 7: "45",
			11: "77^Dunmore", 14: "1", 16: "MOD1~MOD2"}),
		`AL1|1|DA|^Penicillin^L|SV|Hives~Wheezing|2001`,
		fields("IN1", map[int]string{2: "PPO^Preferred", 3: "INV01^^^X", 4: "Invented Mutual", 5: "PO Box 1^^Lakemont^MA",
			8: "G77", 9: "Group", 12: "20260101", 13: "20261231", 16: "Roe^Rosa", 17: "SEL^Self", 18: "19850214", 36: "P-900"}))
	evn, err := hl7v2.ReadEVN(m.First("EVN"))
	if err != nil || evn.Operators[0].Name.Family != "Eastlake" || evn.Occurred.Precision != hl7v2.Second || evn.Facility.Namespace != "NORTHBRIDGE" {
		t.Errorf("EVN %+v (%v)", evn, err)
	}
	dg1, err := hl7v2.ReadDG1(m.First("DG1"))
	if err != nil || dg1.Code.Code != "J18.9" || dg1.Type.Code != "A" || dg1.PresentOnAdmission != "Y" || dg1.Clinicians[0].ID != "1234" || dg1.Priority != "1" {
		t.Errorf("DG1 %+v (%v)", dg1, err)
	}
	pr1, err := hl7v2.ReadPR1(m.First("PR1"))
	if err != nil || pr1.Code.Code != "0BJ08ZZ" || pr1.Time.Precision != hl7v2.Minute || pr1.Surgeons == nil || len(pr1.Modifiers) != 2 {
		t.Errorf("PR1 %+v (%v)", pr1, err)
	}
	al1, err := hl7v2.ReadAL1(m.First("AL1"))
	if err != nil || al1.Code.Text != "Penicillin" || !cmp.Equal(al1.Reactions, []string{"Hives", "Wheezing"}) || al1.Identified.Precision != hl7v2.Year {
		t.Errorf("AL1 %+v (%v)", al1, err)
	}
	in1, err := hl7v2.ReadIN1(m.First("IN1"))
	if err != nil || in1.PolicyNumber != "P-900" || in1.CompanyName != "Invented Mutual" || in1.GroupNumber != "G77" ||
		in1.InsuredNames[0].Given != "Rosa" || in1.Relationship.Code != "SEL" || in1.Expiration.String() != "20261231" {
		t.Errorf("IN1 %+v (%v)", in1, err)
	}
}

func TestReadResults(t *testing.T) {
	m := parse(t, `MSH|^~\&|LAB|N|C|N|20260915||ORU^R01|R1|P|2.5.1`,
		`PID|1||5^^^N^MR`, `PV1|1|I`,
		`ORC|RE|P1|F1||CM`, `OBR|1|P1|F1|51990-0^Basic metabolic panel^LN|||20260914|||||||||99^Roe||||||20260915||LAB|F|||||||88&Eastlake&Cora`,
		`NTE|1|L|order note`,
		`OBX|1|NM|2345-7^Glucose^LN||105|mg/dL|70 - 99|H|||F|||20260914`, `NTE|1|L|first`, `NTE|2|L|second\.br\line`,
		`OBX|2|CE|600-7^Culture^LN||112283007^E. coli^SCT~^mixed flora||||||F`,
		`OBX|3|TX|11^Text^L||line one~~line & three|||||F`,
		`OBX|4|ED|18842-5^Summary^LN||SYS^Application^PDF^Base64^JVBERi0=||||||F`,
		`OBX|5|SN|5^Titer^L||>^1^:^128||||||F`,
		`OBR|2|||24323-8^Panel^LN`, `OBX|1|ST|a||fine`,
		`PID|2||6^^^N^MR`, `OBX|1|ST|b||no order`)
	patients, err := hl7v2.ReadPatients(m)
	if err != nil {
		t.Fatal(err)
	}
	if len(patients) != 2 || len(patients[0].Orders) != 2 || len(patients[1].Orders) != 1 {
		t.Fatalf("%d patients, want 2 with 2 and 1 orders", len(patients))
	}
	order := patients[0].Orders[0]
	if order.ORC.Control != "RE" || order.OBR.Service.Code != "51990-0" || order.OBR.Interpreter.Name.Family != "Eastlake" ||
		len(order.Notes) != 1 || order.Notes[0].Comment != "order note" {
		t.Errorf("order %+v", order)
	}
	wantTexts := []string{"105", "E. coli; mixed flora", "line one\n\nline & three", "", ">1:128"}
	for i, x := range order.Observations {
		if x.Text() != wantTexts[i] {
			t.Errorf("OBX %d reads %q, want %q", i+1, x.Text(), wantTexts[i])
		}
	}
	glucose := order.Observations[0]
	if len(glucose.Notes) != 2 || glucose.Notes[1].Comment != "second\nline" || glucose.Flags[0].Code != "H" {
		t.Errorf("glucose %+v", glucose)
	}
	if codes := order.Observations[1].Codes(); len(codes) != 2 || codes[0].Code != "112283007" {
		t.Errorf("codes %+v", codes)
	}
	doc, data, ok := order.Observations[3].Document()
	if !ok || doc.Subtype != "PDF" || string(data) != "%PDF-" {
		t.Errorf("document %+v %q %v", doc, data, ok)
	}
	if !patients[0].PV1.Present() || patients[1].PV1.Present() {
		t.Error("the visit belongs to the first patient alone")
	}
}

func TestBadBase64(t *testing.T) {
	m := parse(t, mshA08, `OBX|1|ED|a||SYS^Application^PDF^Base64^???||||||F`)
	if _, err := hl7v2.ReadOBX(m.First("OBX")); err == nil || !strings.Contains(err.Error(), "field 5") {
		t.Errorf("error %v, want one of field 5", err)
	}
}

func TestReadDocument(t *testing.T) {
	m := parse(t, `MSH|^~\&|DICT|N|C|N|20260915||MDM^T02^MDM_T02|D1|P|2.6`, `EVN||20260915`, `PID|1||5`, `PV1|1|I`,
		`TXA|1|DS^Discharge summary|TX|20260903|77^Dunmore^Felix|20260904|20260905|20260906~2026090712|88^Eastlake^Cora|||DOC9^DICT|DOC8^DICT|||sum.txt|LA|R|AV|||88^Eastlake^Cora^^^^^^^^^^^^20260908`,
		`OBX|1|TX|t||Admitted with pneumonia.`, `OBX|2|FT|t||Treated.\.br\Discharged home.`, `OBX|3|ED|p||A^A^PDF^Base64^QUJD`)
	txa, err := hl7v2.ReadTXA(m.First("TXA"))
	if err != nil {
		t.Fatal(err)
	}
	if txa.Type.Code != "DS" || txa.Number.ID != "DOC9" || txa.Parent.ID != "DOC8" || txa.Completion != "LA" || txa.Availability != "AV" ||
		len(txa.Edited) != 2 || txa.Edited[1].Precision != hl7v2.Hour {
		t.Errorf("TXA %+v", txa)
	}
	if len(txa.Signatures) != 1 || txa.Signatures[0].Person.Name.Given != "Cora" || txa.Signatures[0].Time.String() != "20260908" {
		t.Errorf("signatures %+v", txa.Signatures)
	}
	text, err := hl7v2.DocumentText(m)
	if err != nil || text != "Admitted with pneumonia.\nTreated.\nDischarged home." {
		t.Errorf("text %q (%v)", text, err)
	}
	if kind := m.Header().Kind(); kind != hl7v2.DocumentContent {
		t.Errorf("kind %s", kind)
	}
}

func TestReadMerges(t *testing.T) {
	header := `MSH|^~\&|ADT1|N|C|N|20260915||ADT^A40^ADT_A39|X1|P|2.5`
	m := parse(t, header, `EVN||2026`,
		`PID|1||100^^^N^MR`, `MRG|200^^^N^MR~201^^^N^MR||A9`, `MRG|300^^^N^MR`, `PID|2||400^^^N^MR`, `PD1|`, `MRG|500^^^N^MR||||V9`, `PV1|1|I`)
	merges, err := hl7v2.ReadMerges(m)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, pair := range merges {
		pid, err := hl7v2.ReadPID(pair.PID)
		if err != nil {
			t.Fatal(err)
		}
		mrg, err := hl7v2.ReadMRG(pair.MRG)
		if err != nil {
			t.Fatal(err)
		}
		line := pid.Identifiers[0].ID + " <-"
		for _, id := range mrg.PriorIdentifiers {
			line += " " + id.ID
		}
		if mrg.PriorAccount.ID != "" {
			line += " account " + mrg.PriorAccount.ID
		}
		if mrg.PriorVisit.ID != "" && pair.PV1.Present() {
			line += " visit " + mrg.PriorVisit.ID
		}
		got = append(got, line)
	}
	want := []string{"100 <- 200 201 account A9", "100 <- 300", "400 <- 500 visit V9"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("merges (-want +got):\n%s", diff)
	}
	for _, bad := range [][]string{
		{header},
		{header, `PID|1||1`},
		{header, `MRG|1`},
		{header, `PID|1||1`, `PID|2||2`, `MRG|3`},
		{header, `PID|1||1`, `MRG|3`, `PID|2||2`},
	} {
		if _, err := hl7v2.ReadMerges(parse(t, bad...)); err == nil {
			t.Errorf("%q: no error", bad)
		}
	}
}

func TestKinds(t *testing.T) {
	for name, want := range map[string]hl7v2.Kind{
		"ADT^A01^ADT_A01": hl7v2.Admit, "ADT^A02": hl7v2.Transfer, "ADT^A03": hl7v2.Discharge, "ADT^A04": hl7v2.Register,
		"ADT^A05": hl7v2.Preadmit, "ADT^A06": hl7v2.ToInpatient, "ADT^A07": hl7v2.ToOutpatient, "ADT^A08": hl7v2.Update,
		"ADT^A11": hl7v2.CancelAdmit, "ADT^A12": hl7v2.CancelTransfer, "ADT^A13": hl7v2.CancelDischarge,
		"ADT^A28": hl7v2.AddPerson, "ADT^A31": hl7v2.UpdatePerson, "ADT^A34": hl7v2.MergePatientID,
		"ADT^A40": hl7v2.MergePatientList, "ADT^A41": hl7v2.MergeAccount, "ADT^A45": hl7v2.MoveVisit, "ADT^A47": hl7v2.ChangeID,
		"ADT_A01": hl7v2.Admit, "ORU^R01": hl7v2.Result, "MDM^T01": hl7v2.DocumentNotice, "MDM^T02": hl7v2.DocumentContent,
		"MDM^T04": hl7v2.DocumentStatus, "MDM^T06": hl7v2.DocumentAddendum, "MDM^T08": hl7v2.DocumentEdit,
		"MDM^T10": hl7v2.DocumentReplacement, "MDM^T11": hl7v2.DocumentCancel,
		"ADT^A99": hl7v2.OtherKind, "ORU^R30": hl7v2.OtherKind, "SIU^S12": hl7v2.OtherKind, "": hl7v2.OtherKind,
	} {
		m := parse(t, `MSH|^~\&|A|B|C|D|2026||`+name+`|1|P|2.5`)
		if got := m.Header().Kind(); got != want {
			t.Errorf("%s is %s, want %s", name, got, want)
		}
	}
}

func TestTimestamps(t *testing.T) {
	eastern := time.FixedZone("", -5*3600)
	cases := []struct {
		text      string
		want      time.Time
		precision hl7v2.Precision
		zoned     bool
	}{
		{"2026", time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), hl7v2.Year, false},
		{"202609", time.Date(2026, 9, 1, 0, 0, 0, 0, time.UTC), hl7v2.Month, false},
		{"20260930", time.Date(2026, 9, 30, 0, 0, 0, 0, time.UTC), hl7v2.Day, false},
		{"2026093014", time.Date(2026, 9, 30, 14, 0, 0, 0, time.UTC), hl7v2.Hour, false},
		{"202609301415", time.Date(2026, 9, 30, 14, 15, 0, 0, time.UTC), hl7v2.Minute, false},
		{"20260930141559", time.Date(2026, 9, 30, 14, 15, 59, 0, time.UTC), hl7v2.Second, false},
		{"20260930141559.1234", time.Date(2026, 9, 30, 14, 15, 59, 123400000, time.UTC), hl7v2.Fraction, false},
		{"20260930141559-0500", time.Date(2026, 9, 30, 14, 15, 59, 0, eastern), hl7v2.Second, true},
		{"20260930+0000", time.Date(2026, 9, 30, 0, 0, 0, 0, time.UTC), hl7v2.Day, true},
		{"20260930141559.5+0530", time.Date(2026, 9, 30, 14, 15, 59, 500000000, time.FixedZone("", 19800)), hl7v2.Fraction, true},
		{"20240229", time.Date(2024, 2, 29, 0, 0, 0, 0, time.UTC), hl7v2.Day, false},
		{"202609302400", time.Date(2026, 10, 1, 0, 0, 0, 0, time.UTC), hl7v2.Minute, false},
		{"20160630235960", time.Date(2016, 7, 1, 0, 0, 0, 0, time.UTC), hl7v2.Second, false},
	}
	for _, c := range cases {
		got, err := hl7v2.ParseTimestamp(c.text)
		if err != nil || !got.Time.Equal(c.want) || got.Precision != c.precision || got.Zoned != c.zoned {
			t.Errorf("%s is %+v (%v), want %v %s", c.text, got, err, c.want, c.precision)
		}
	}
	for _, bad := range []string{"202", "20261", "20261301", "20260931", "20230229", "2026093025", "202609301460",
		"20260930141562", "20260930 14", "2026-09-30", "20260930141559.", "202609301415.5", "20260930141559.1234567890",
		"00000101", "20260930-05", "20260930+2500", "+0500", "abcd", "2026093014155900", "202609302401"} {
		if got, err := hl7v2.ParseTimestamp(bad); err == nil {
			t.Errorf("%q is read as %+v", bad, got)
		}
	}
}

func TestTimestampIn(t *testing.T) {
	eastern := time.FixedZone("EST", -5*3600)
	local := stamp(t, "202609301415").In(eastern)
	if want := time.Date(2026, 9, 30, 14, 15, 0, 0, eastern); !local.Equal(want) {
		t.Errorf("without offset: %v, want %v", local, want)
	}
	zoned := stamp(t, "202609301415+0000").In(eastern)
	if want := time.Date(2026, 9, 30, 14, 15, 0, 0, time.UTC); !zoned.Equal(want) {
		t.Errorf("with offset: %v, want %v", zoned, want)
	}
	for _, text := range []string{"2026", "202609", "20260930", "2026093014", "202609301415", "20260930141559", "20260930141559-0500", "20260930141559.1234+0100"} {
		if got := stamp(t, text).String(); got != text {
			t.Errorf("%s is written as %s", text, got)
		}
	}
}
