package ccda_test

import (
	"encoding/binary"
	"errors"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"chartroom/wire/ccda"
)

// TestRefused has what is no document; want is part of the reason, line where it
// is found.
func TestRefused(t *testing.T) {
	doc := func(inner string) string {
		return `<ClinicalDocument xmlns="urn:hl7-org:v3">` + inner + `</ClinicalDocument>`
	}
	cases := []struct {
		name, text, want string
		line             int
	}{
		{"nothing", "", "no element", 1},
		{"blanks", " \n ", "no element", 2},
		{"words", "Dear colleague", "outside of the root", 1},
		{"document type declaration", "<!DOCTYPE x>\n" + doc(""), "document type declaration", 1},
		{"in small letters", "\n<!doctype x>" + doc(""), "document type declaration", 2},
		{"external entity", `<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>` + doc("<title>&a;</title>"), "document type declaration", 1},
		{"entity bomb", `<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]>` + doc("&b;"), "document type declaration", 1},
		{"declaration within the document", doc("\n<!DOCTYPE x>"), "document type declaration", 2},
		{"entity that is not declared", doc("<title>\n&nbsp;</title>"), "reference", 2},
		{"entity in an attribute", doc(`<title x="&nbsp;"/>`), "reference", 1},
		{"ampersand alone", doc("a & b"), "reference", 1},
		{"reference to NUL", doc("&#0;"), "reference", 1},
		{"reference to half a character", doc("&#xD800;"), "reference", 1},
		{"reference beyond Unicode", doc("&#x110000;"), "reference", 1},
		{"reference that is long", doc("&#x" + strings.Repeat("0", 1000) + "41;"), "reference", 1},
		{"deep", strings.Repeat("<ClinicalDocument>", 101), "nest too deep", 1},
		{"very deep", strings.Repeat("<ClinicalDocument>", 200_000), "nest too deep", 1},
		{"not closed", "<ClinicalDocument>\n<a>", "ends within", 2},
		{"closed by another", doc("<a></b>"), "end tag", 1},
		{"closed twice", doc("") + "</ClinicalDocument>", "without its beginning", 1},
		{"two documents", doc("") + doc(""), "second root", 1},
		{"text behind", doc("") + "x", "outside of the root", 1},
		{"cut in a tag", "<ClinicalDocument xmlns", "no value", 1},
		{"cut in a value", `<ClinicalDocument xmlns="urn`, "no end", 1},
		{"cut in a comment", doc("<!-- "), "comment", 1},
		{"cut in CDATA", doc("<![CDATA[ "), "CDATA", 1},
		{"cut in an instruction", doc("<?x "), "instruction", 1},
		{"two hyphens in a comment", doc("<!-- a -- b -->"), "--", 1},
		{"attribute twice", doc(`<a b="1" b="2"/>`), "twice", 1},
		{"attribute without quotes", doc(`<a b=1/>`), "quoted", 1},
		{"attributes without a blank", doc(`<a b="1"c="2"/>`), "space", 1},
		{"tag in a value", doc(`<a b="<c>"/>`), "<", 1},
		{"prefix that is not declared", doc(`<x:a/>`), "prefix", 1},
		{"prefix of an attribute", doc(`<a x:b="1"/>`), "prefix", 1},
		{"prefix declared elsewhere", doc(`<b xmlns:x="u"/><x:a/>`), "prefix", 1},
		{"name with two colons", doc(`<a:b:c/>`), "name", 1},
		{"name that begins with a digit", doc(`<1a/>`), "name", 1},
		{"name of nothing", doc(`< a/>`), "name", 1},
		{"end of CDATA in text", doc("]]>"), "]]>", 1},
		{"control character", doc("\n\x01"), "control character", 2},
		{"NUL", doc("\x00"), "NUL", 1},
		{"not a character of XML", doc("\uffff"), "does not allow", 1},
		{"not UTF-8", doc("\nQu\xffll"), "UTF-8", 2},
		{"overlong", doc("\xc0\xaf"), "UTF-8", 1},
		{"a declaration in the middle", doc(`<?xml version="1.0"?>`), "declaration", 1},
		{"many attributes", doc("<a " + attributes(65) + "/>"), "too many attributes", 1},
		{"a long name", doc("<" + strings.Repeat("a", 40_000) + "/>"), "too long", 1},
		{"character set that is not read", `<?xml version="1.0" encoding="EBCDIC-US"?>` + doc(""), "character set", 1},
		{"UTF-16 that is none", `<?xml version="1.0" encoding="UTF-16"?>` + doc(""), "UTF-16", 1},
		{"UTF-16 cut", "\xff\xfe<\x00a", "ends within a character", 0},
		{"half a pair", "\xff\xfe<\x00\x00\xd8a\x00", "stands alone", 1},
		{"byte that windows-1252 does not have", "<?xml version='1.0' encoding='windows-1252'?>" + doc("\x81"), "character set", 1},
		{"a section alone", "<!-- an example -->\n<section><title>x</title></section>", "fragment", 2},
		{"the patient alone", "<recordTarget/>", "header without a document", 1},
		{"a fragment with a prefix that is not declared", "<sdtc:signatureText/>", "fragment", 1},
		{"XML of another kind", "<html/>", "another kind", 1},
		{"XML of another kind that is not well formed", "<Quill><", "another kind", 1},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			_, err := ccda.Parse([]byte(c.text), ccda.Options{})
			var bad *ccda.Error
			if !errors.As(err, &bad) {
				t.Fatalf("%v", err)
			}
			if !strings.Contains(bad.Reason, c.want) || bad.Line != c.line {
				t.Errorf("line %d: %q, want line %d and %q", bad.Line, bad.Reason, c.line, c.want)
			}
			if strings.Contains(bad.Error(), "Quill") || strings.Contains(bad.Error(), "passwd") {
				t.Errorf("the error says what the sender wrote: %s", bad)
			}
		})
	}
}

func attributes(n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString("a" + strings.Repeat("b", i) + `="" `)
	}
	return b.String()
}

// TestBounds has documents that are larger than the limits.
func TestBounds(t *testing.T) {
	began := time.Now()
	for name, c := range map[string]struct {
		text string
		opts ccda.Options
	}{
		"bytes":    {"<ClinicalDocument>" + strings.Repeat(" ", 100) + "</ClinicalDocument>", ccda.Options{MaxBytes: 100}},
		"depth":    {"<ClinicalDocument><a><b/></a></ClinicalDocument>", ccda.Options{MaxDepth: 2}},
		"elements": {"<ClinicalDocument>" + strings.Repeat("<a/>", 5<<20) + "</ClinicalDocument>", ccda.Options{}},
	} {
		if _, err := ccda.Parse([]byte(c.text), c.opts); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	if took := time.Since(began); took > 20*time.Second {
		t.Errorf("refusing took %v", took)
	}
}

// TestUnpackedBody has a small body that would unpack to a large one.
func TestUnpackedBody(t *testing.T) {
	// The limit is 250 times the size, at least 1 MB.
	body := packZeros(t, 8<<20)
	d, err := ccda.Parse([]byte(`<ClinicalDocument><component><nonXMLBody><text representation="B64" compression="DF">`+body+`</text></nonXMLBody></component></ClinicalDocument>`), ccda.Options{})
	if err != nil || d.Attachment == nil || d.Attachment.Fault == "" || d.Attachment.Data != nil {
		t.Errorf("%v %+v", err, d.Attachment)
	}
}

// TestCharacterSets has one document in each character set.
func TestCharacterSets(t *testing.T) {
	const name = "Peña–Müller" // the dash is in windows-1252 and not in ISO-8859-1
	doc := func(name string) string {
		return "<ClinicalDocument xmlns=\"urn:hl7-org:v3\">\n<title>" + name + "</title></ClinicalDocument>"
	}
	declared := func(set string) string { return `<?xml version="1.0" encoding="` + set + `"?>` }
	wide := func(s string, order binary.AppendByteOrder, mark bool) []byte {
		var out []byte
		if mark {
			out = order.AppendUint16(out, 0xfeff)
		}
		for _, u := range utf16.Encode([]rune(s)) {
			out = order.AppendUint16(out, u)
		}
		return out
	}
	cases := map[string]struct {
		raw  []byte
		want string
	}{
		"UTF-8":                    {[]byte(doc(name)), name},
		"UTF-8 declared":           {[]byte(declared("utf-8") + doc(name)), name},
		"UTF-8 with a mark":        {[]byte("\xef\xbb\xbf" + doc(name)), name},
		"UTF-16, little end first": {wide(doc(name+"𝔐"), binary.LittleEndian, true), name + "𝔐"},
		"UTF-16, big end first":    {wide(doc(name), binary.BigEndian, true), name},
		"UTF-16 without a mark":    {wide(declared("UTF-16")+doc(name), binary.LittleEndian, false), name},
		"ISO-8859-1":               {[]byte(declared("ISO-8859-1") + doc("Pe\xf1a-M\xfcller")), "Peña-Müller"},
		"windows-1252":             {[]byte(declared("windows-1252") + doc("Pe\xf1a\x96M\xfcller")), name},
		"ASCII in ISO-8859-1":      {[]byte(declared("ISO-8859-1") + doc("Pena")), "Pena"},
	}
	for set, c := range cases {
		d, err := ccda.Parse(c.raw, ccda.Options{})
		if err != nil || d.Title != c.want {
			t.Errorf("%s: %v, %q", set, err, d.Title)
		}
	}
}

// TestSpan checks that a statement's span has its bytes, with and without a byte
// order mark.
func TestSpan(t *testing.T) {
	text := whole("entry:\n<text/><entry><observation classCode=\"OBS\" moodCode=\"EVN\"><templateId root=\"2.16.840.1.113883.10.20.22.4.2\"/><code displayName=\"Peña sign\"/></observation></entry>")
	for _, raw := range []string{text, "\xef\xbb\xbf" + text} {
		d, err := ccda.Parse([]byte(raw), ccda.Options{})
		if err != nil {
			t.Fatal(err)
		}
		for e := range d.Entries() {
			start, length, ok := e.Span()
			if part := raw[start : start+length]; !ok || !strings.HasPrefix(part, "<observation") || !strings.HasSuffix(part, "</observation>") {
				t.Errorf("%v %q", ok, part)
			}
			if e.Line() != 1 {
				t.Errorf("line %d", e.Line())
			}
		}
	}
}
