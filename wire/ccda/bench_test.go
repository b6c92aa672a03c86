package ccda_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"chartroom/wire/ccda"
)

// summary is an invented document of the shape that live systems send: sections
// with tables, and an entry for each row.
func summary(rows int) []byte {
	var b strings.Builder
	b.WriteString(`<?xml version="1.0" encoding="UTF-8"?>` + "\n" + header + target + "<component><structuredBody>\n")
	section := func(code, title string, entry func(i int)) {
		fmt.Fprintf(&b, "<component>\n  <section>\n    <templateId root=\"2.16.840.1.113883.10.20.22.2.5.1\" extension=\"2015-08-01\"/>\n    <code code=%q codeSystem=\"2.16.840.1.113883.6.1\" codeSystemName=\"LOINC\"/>\n    <title>%s</title>\n    <text>\n      <table border=\"1\" width=\"100%%\">\n        <thead><tr><th>What</th><th>When</th><th>How it stands</th></tr></thead>\n        <tbody>\n", code, title)
		for i := range rows {
			fmt.Fprintf(&b, "          <tr>\n            <td><content ID=\"%s%d\">Finding number %d of the knee &amp; hip</content></td>\n            <td>September %d, 2026</td>\n            <td>Being watched, no change since the last visit</td>\n          </tr>\n", code, i, i, i%30+1)
		}
		b.WriteString("        </tbody>\n      </table>\n    </text>\n")
		for i := range rows {
			entry(i)
		}
		b.WriteString("  </section>\n</component>\n")
	}
	section("11450-4", "Problems", func(i int) {
		fmt.Fprintf(&b, `    <entry typeCode="DRIV">
      <act classCode="ACT" moodCode="EVN">
        <templateId root="2.16.840.1.113883.10.20.22.4.3" extension="2015-08-01"/>
        <id root="ec8a6ff8-ed4b-4f7e-82c3-e98e58b45d%02x"/>
        <code code="CONC" codeSystem="2.16.840.1.113883.5.6" displayName="Concern"/>
        <statusCode code="active"/>
        <effectiveTime><low value="202609011530-0400"/></effectiveTime>
        <entryRelationship typeCode="SUBJ">
          <observation classCode="OBS" moodCode="EVN">
            <templateId root="2.16.840.1.113883.10.20.22.4.4" extension="2015-08-01"/>
            <id root="ab1791b0-5c71-11db-b0de-0800200c9a%02x"/>
            <code code="404684003" codeSystem="2.16.840.1.113883.6.96" displayName="Finding"/>
            <text><reference value="#11450-4%d"/></text>
            <statusCode code="completed"/>
            <effectiveTime><low value="20260901"/></effectiveTime>
            <value xsi:type="CD" code="M25.56%d" codeSystem="2.16.840.1.113883.6.90" displayName="Pain in knee"><originalText><reference value="#11450-4%d"/></originalText></value>
          </observation>
        </entryRelationship>
      </act>
    </entry>
`, i%256, i%256, i, i%3, i)
	})
	section("30954-2", "Results", func(i int) {
		fmt.Fprintf(&b, `    <entry typeCode="DRIV">
      <organizer classCode="BATTERY" moodCode="EVN">
        <templateId root="2.16.840.1.113883.10.20.22.4.1" extension="2015-08-01"/>
        <code code="24323-8" codeSystem="2.16.840.1.113883.6.1" displayName="Metabolic panel"/>
        <statusCode code="completed"/>
        <component>
          <observation classCode="OBS" moodCode="EVN">
            <templateId root="2.16.840.1.113883.10.20.22.4.2" extension="2015-08-01"/>
            <id root="107c2dc0-67a5-11db-bd13-0800200c9a66" extension="%d"/>
            <code code="2160-0" displayName="Creatinine" codeSystem="2.16.840.1.113883.6.1"/>
            <statusCode code="completed"/>
            <effectiveTime value="202609%02d0800-0400"/>
            <value xsi:type="PQ" value="1.%d" unit="mg/dL"/>
            <interpretationCode code="N" codeSystem="2.16.840.1.113883.5.83"/>
            <referenceRange><observationRange><value xsi:type="IVL_PQ"><low value="0.6" unit="mg/dL"/><high value="1.2" unit="mg/dL"/></value></observationRange></referenceRange>
          </observation>
        </component>
      </organizer>
    </entry>
`, i, i%30+1, i%9)
	})
	b.WriteString("</structuredBody></component></ClinicalDocument>\n")
	return []byte(b.String())
}

// BenchmarkRead reads whole documents: header, narrative, every entry.
func BenchmarkRead(b *testing.B) {
	for _, rows := range []int{20, 400} {
		b.Run(fmt.Sprintf("rows=%d", rows), func(b *testing.B) {
			raw := summary(rows)
			b.SetBytes(int64(len(raw)))
			b.ReportAllocs()
			entries := 0
			for b.Loop() {
				d, err := ccda.Parse(raw, ccda.Options{})
				if err != nil {
					b.Fatal(err)
				}
				entries = 0
				for range d.Entries() {
					entries++
				}
			}
			if entries != 2*rows {
				b.Fatalf("%d entries", entries)
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "documents/s")
		})
	}
}

// BenchmarkTokens goes over the same bytes with encoding/xml, tokens alone: the
// peer that BenchmarkRead is compared with.
func BenchmarkTokens(b *testing.B) {
	raw := summary(400)
	b.SetBytes(int64(len(raw)))
	for b.Loop() {
		d := xml.NewDecoder(bytes.NewReader(raw))
		for {
			if _, err := d.RawToken(); err != nil {
				if !errors.Is(err, io.EOF) {
					b.Fatal(err)
				}
				break
			}
		}
	}
}
