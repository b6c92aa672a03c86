package intake

import (
	"cmp"
	"context"
	"strings"
	"unicode/utf8"

	"chartroom/internal/chart"
	"chartroom/internal/gate"
	"chartroom/wire/hl7v2"
)

// document maps a document message (HL7 v2 chapter 9): the TXA says what it is,
// the OBX hold its text.
func (m *mapping) document(ctx context.Context, tx *gate.Tx, seg hl7v2.Segment, orders []hl7v2.Order) error {
	t, fault := hl7v2.ReadTXA(seg)
	m.x.fault(fault)
	id := m.documentID(t)
	kind := m.x.header.Kind()
	if kind == hl7v2.DocumentCancel || t.Availability == "CA" {
		return m.cancel(ctx, tx, id, seg)
	}
	text, media := m.documentText(orders)
	doc := chart.Document{
		Type: txaType(t.Type), Title: cmp.Or(t.Type.Text, txaType(t.Type)), Author: m.documentAuthor(t), MediaType: media, Text: text,
	}
	known, err := m.s.chart.KnownDocument(ctx, tx, id)
	if err != nil {
		return err
	}
	if text == "" && known != nil {
		// A notice or a change of status comes without the text.
		doc.Text, doc.MediaType = known.Text, known.MediaType
	}
	doc.Version = m.version(id, pathOf(seg))
	if known != nil {
		doc.Record = known.Record
		if doc.Encounter == "" {
			doc.Encounter = known.Encounter
		}
	}
	for _, at := range []hl7v2.Timestamp{t.Activity, t.Origination, t.Transcription, m.x.header.Time} {
		if !at.IsZero() {
			doc.WrittenAt = m.at(at)
			break
		}
	}
	m.sign(&doc, t)
	m.batch.AddDocument(doc)
	return nil
}

// documentID is the unique document number. A replacement (T10) is a new version
// of the document that it replaces, so that what cites the old one is told.
func (m *mapping) documentID(t hl7v2.TXA) string {
	number := t.Number.ID
	if m.x.header.Kind() == hl7v2.DocumentReplacement && t.Parent.ID != "" {
		number = t.Parent.ID
	}
	if number == "" {
		number = m.x.id
	}
	return m.s.stableID("TXA", m.record, sender(m.x.header), number)
}

// sign reads who authenticated the document and when: TXA-17 AU and LA are
// authenticated and legally authenticated (table 0271), TXA-22 the signatures.
func (m *mapping) sign(doc *chart.Document, t hl7v2.TXA) {
	doc.Signed = t.Completion == "AU" || t.Completion == "LA"
	if !doc.Signed {
		return
	}
	for _, sig := range t.Signatures {
		if !sig.Time.IsZero() {
			doc.SignedAt = m.at(sig.Time)
			return
		}
	}
}

func (m *mapping) cancel(ctx context.Context, tx *gate.Tx, id string, seg hl7v2.Segment) error {
	known, err := m.s.chart.KnownDocument(ctx, tx, id)
	if err != nil || known == nil {
		return err
	}
	doc := *known
	doc.Withdrawn = true
	doc.Reason = m.x.header.Name()
	doc.Source = chart.Source{Message: m.x.id, Path: pathOf(seg)}
	m.batch.AddDocument(doc)
	return nil
}

func (m *mapping) documentAuthor(t hl7v2.TXA) chart.Author {
	for _, people := range [][]hl7v2.XCN{t.Originators, t.Provider, t.Authenticators} {
		if c := first(people); c.ID != "" || c.Name.Family != "" {
			return m.author(c, txaRole(t.Type))
		}
	}
	return chart.Author{}
}

func (m *mapping) documentText(orders []hl7v2.Order) (text, media string) {
	var lines []string
	media = plainText
	for _, o := range orders {
		for _, x := range o.Observations {
			if x.Type != "ED" {
				if x.Value.Valued() && x.Type != "RP" {
					lines = append(lines, x.Text())
				}
				continue
			}
			doc, data, ok := x.Document()
			if !ok {
				continue
			}
			if body, readable := textOf(data); readable && isTextType(doc) {
				lines = append(lines, body)
			} else {
				media = strings.ToLower(doc.Type + "/" + doc.Subtype)
			}
		}
	}
	if len(lines) > 0 {
		media = plainText
	}
	return strings.Join(lines, "\n"), media
}

// textOf reads bytes as text: UTF-8 without a mark, line ends made one.
func textOf(data []byte) (string, bool) {
	text := strings.TrimPrefix(string(data), "\ufeff")
	if !utf8.ValidString(text) || strings.ContainsRune(text, 0) || len(text) > chart.MaxText {
		return "", false
	}
	return strings.ReplaceAll(text, "\r\n", "\n"), true
}

// txaTypes are the document types of table 0270.
var txaTypes = map[string]string{
	"AR": "autopsy report", "CD": "cardiology report", "CN": "consultation", "DI": radiologyReport,
	"DS": dischargeReport, "ED": "emergency department note", "HP": "history and physical", "OP": "operative note",
	"PC": "psychiatric consultation", "PH": "psychiatric history and physical", "PN": "procedure note",
	"PR": "progress note", "SP": pathologyReport, "TS": "transfer summary",
}

func txaType(c hl7v2.CWE) string {
	if t := txaTypes[strings.ToUpper(c.Code)]; t != "" {
		return t
	}
	if t := documentType(strings.ToLower(words(c))); t != "" {
		return t
	}
	return cmp.Or(strings.ToLower(words(c)), "note")
}

func txaRole(c hl7v2.CWE) string {
	switch strings.ToUpper(c.Code) {
	case "OP":
		return "surgeon"
	case "DI":
		return "radiologist"
	case "SP", "AR":
		return "pathologist"
	}
	return ""
}

// documentType finds one of the field's names in a title.
func documentType(title string) string {
	for _, t := range []struct{ word, name string }{
		{dischargeReport, dischargeReport}, {"operative", "operative note"}, {"surgical operation", "operative note"},
		{"history and physical", "history and physical"}, {"history & physical", "history and physical"},
		{"consult", "consultation"}, {"progress", "progress note"}, {"pathology", pathologyReport},
		{"autopsy", "autopsy report"}, {"radiolog", radiologyReport}, {"imaging", radiologyReport},
		{"emergency", "emergency department note"},
		// A facility, and a practitioner, before the nurses they are named after.
		{"nursing facility", "nursing facility note"}, {"nursing home", "nursing facility note"}, {"nurse practitioner", "progress note"},
		{"nurse", "nursing note"}, {"nursing", "nursing note"},
		{"procedure", "procedure note"}, {"transfer", "transfer summary"}, {"anesthesia", "anesthesia record"},
	} {
		if strings.Contains(title, t.word) {
			return t.name
		}
	}
	return ""
}
