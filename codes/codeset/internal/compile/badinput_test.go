package compile

import (
	"io"
	"strings"
	"testing"
)

// readers are all the readers of published files, with an input each takes.
var readers = []struct {
	name string
	good string
	read func(io.Reader) error
}{
	{"tabular", smallTabular, func(r io.Reader) error { _, err := ReadTabular(r); return err }},
	{"index", smallIndex, func(r io.Reader) error { _, err := ReadIndex(r); return err }},
	{"neoplasm", smallNeoplasm, func(r io.Reader) error { _, err := ReadIndex(r); return err }},
	{"pcs tables", smallTables, func(r io.Reader) error { _, err := ReadPCSTables(r); return err }},
	{"pcs index", smallPCSIndex, func(r io.Reader) error { _, err := ReadPCSIndex(r); return err }},
	{"pcs definitions", `<ICD10PCS.definitions><version>2031</version><section code="0"><title>M</title><axis pos="3"><title>Operation</title><terms><title>Dilation</title><definition>Making wider</definition></terms></axis></section></ICD10PCS.definitions>`,
		func(r io.Reader) error { _, err := ReadPCSDefinitions(r); return err }},
}

func TestGoodInputIsTaken(t *testing.T) {
	for _, r := range readers {
		if err := r.read(strings.NewReader(r.good)); err != nil {
			t.Errorf("%s: %v", r.name, err)
		}
	}
}

func TestTruncatedXMLNamesItsLine(t *testing.T) {
	for _, r := range readers {
		for _, part := range []int{1, 2, 3} {
			err := r.read(strings.NewReader(r.good[:len(r.good)*part/4]))
			if err == nil || !strings.Contains(err.Error(), "line ") {
				t.Errorf("%s cut at %d/4: %v", r.name, part, err)
			}
		}
	}
}

func TestHostileXMLIsRefused(t *testing.T) {
	bomb := `<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>`
	for _, r := range readers {
		body := r.good[max(strings.Index(r.good, "<ICD"), 0):]
		cases := map[string]string{
			"document type":  bomb + body,
			"unknown entity": strings.Replace(body, "<version>", "<version>&b;", 1),
			"other root":     "<html>" + body + "</html>",
			"deep nesting":   body[:strings.Index(body, ">")+1] + strings.Repeat("<diag>", 100_000),
			"NUL":            strings.Replace(body, "<version>", "<version>\x00", 1),
			"nothing":        "",
			"no content":     body[:strings.Index(body, ">")+1] + "<version>2031</version></" + body[1:strings.Index(body, ">")] + ">",
		}
		for name, text := range cases {
			if err := r.read(strings.NewReader(text)); err == nil {
				t.Errorf("%s: %s is accepted", r.name, name)
			}
		}
	}
}

// spaces is an endless file.
type spaces struct{ head *strings.Reader }

func (s spaces) Read(p []byte) (int, error) {
	if n, err := s.head.Read(p); err == nil {
		return n, nil
	}
	for i := range p {
		p[i] = ' '
	}
	return len(p), nil
}

func TestEndlessInputIsRefused(t *testing.T) {
	err := readers[0].read(spaces{strings.NewReader("<ICD10CM.tabular>")})
	if err == nil || !strings.Contains(err.Error(), "64 MB") {
		t.Errorf("endless file: %v", err)
	}
	if _, err := ReadOrder(spaces{strings.NewReader("")}); err == nil {
		t.Error("an endless line is accepted")
	}
}

func TestOrderFile(t *testing.T) {
	const good = "00001 A00     0 Cholera                                                      Cholera\r\n" +
		"00002 A000    1 Cholera due to Vibrio cholerae 01, biovar cholerae           Cholera due to M\xe9ni\xe8re\r\n\r\n"
	rows, err := ReadOrder(strings.NewReader(good))
	if err != nil {
		t.Fatal(err)
	}
	if len(rows) != 2 || rows[0].Flags != 0 || rows[1].Code != "A000" || rows[1].Flags != Billable || rows[1].Title != "Cholera due to Ménière" {
		t.Errorf("%+v", rows)
	}
	for name, bad := range map[string]string{
		"short line":   "00001 A00     0 Cholera",
		"no flag":      strings.Replace(good, "    0 Chol", "    x Chol", 1),
		"addenda":      "Add:  " + good,
		"second line":  good + "rubbish",
		"empty":        "\n\n",
		"binary":       strings.Repeat("\x00", 200),
		"a picture":    "\x89PNG\r\n" + strings.Repeat("x", 100),
		"without code": "00001         0" + strings.Repeat(" ", 80),
	} {
		if _, err := ReadOrder(strings.NewReader(bad)); err == nil {
			t.Errorf("%s is accepted", name)
		}
	}
	if _, err := ReadOrder(strings.NewReader(good + "rubbish")); err == nil || !strings.Contains(err.Error(), "line 4") {
		t.Errorf("the line is not named: %v", err)
	}
}

func TestLists(t *testing.T) {
	codes, err := ReadPOAExempt(strings.NewReader("Order26\tPOAexemptCode\tDescription\r\n1\tQ87.87\tInvented\r\n2\tZ00.00\tInvented\r\n"))
	if err != nil || len(codes) != 2 || codes[0] != "Q8787" {
		t.Errorf("%v %v", codes, err)
	}
	if _, err := ReadPOAExempt(strings.NewReader("a\tQ87\nno tab")); err == nil || !strings.Contains(err.Error(), "line 2") {
		t.Errorf("no tab: %v", err)
	}
	rows, err := ReadHCPCS(strings.NewReader("A0021\nj1885\tInvented drug\n"))
	if err != nil || len(rows) != 2 || rows[1].Code != "J1885" || rows[1].Title != "Invented drug" {
		t.Errorf("%v %v", rows, err)
	}
	for _, bad := range []string{"", "99213", "A002", "W0001"} {
		if _, err := ReadHCPCS(strings.NewReader(bad)); err == nil {
			t.Errorf("%q is accepted as HCPCS level II", bad)
		}
	}
}

func FuzzXML(f *testing.F) {
	for i, r := range readers {
		f.Add(i, r.good)
		f.Add(i, r.good[:len(r.good)/2])
	}
	f.Fuzz(func(_ *testing.T, which int, text string) {
		r := readers[uint(which)%uint(len(readers))]
		_ = r.read(strings.NewReader(text)) // any answer but a panic
	})
}

func FuzzTabularToPack(f *testing.F) {
	f.Add(smallTabular)
	f.Add(strings.ReplaceAll(smallTabular, "A0", "Z9"))
	f.Fuzz(func(_ *testing.T, text string) {
		tab, err := ReadTabular(strings.NewReader(text))
		if err != nil {
			return
		}
		c := &Content{Codes: tab.Nodes, Groups: tab.Groups, Homes: tab.Homes, Notes: tab.Notes, Sevenths: tab.Sevenths}
		c.Index = DeriveIndex(tab, tab.Nodes)
		if _, err := c.Encode(); err != nil {
			return // a pack that cannot be made is refused with an error
		}
	})
}

func FuzzLines(f *testing.F) {
	f.Add("00001 A00     0 Cholera                                                      Cholera")
	f.Add("1\tQ87.87\tInvented")
	f.Add("A0021")
	f.Fuzz(func(_ *testing.T, text string) {
		_, _ = ReadOrder(strings.NewReader(text))
		_, _ = ReadPOAExempt(strings.NewReader(text))
		_, _ = ReadHCPCS(strings.NewReader(text))
	})
}
