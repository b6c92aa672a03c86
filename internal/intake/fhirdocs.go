package intake

import (
	"cmp"
	"strings"

	"chartroom/internal/chart"
	"chartroom/wire/fhir"
)

// attachments gathers the text of attachments and the media type of what is no
// text. Bytes that are no text stay in the message.
func attachments(all []fhir.Attachment) (text, media string, err error) {
	var texts []string
	media = ""
	for _, a := range all {
		if a.Data == "" {
			media = cmp.Or(media, a.MediaType())
			continue
		}
		data, ok := a.Decode()
		if !ok {
			return "", "", problemf("an attachment is not base64")
		}
		if !readable(a.MediaType()) {
			media = cmp.Or(media, a.MediaType())
			continue
		}
		body, ok := textOf(data)
		if !ok {
			return "", "", problemf("an attachment says it is text, but is not UTF-8 or is larger than %d bytes", chart.MaxText)
		}
		if a.MediaType() != plainText && a.MediaType() != "" {
			body = fhir.Narrative{Div: body}.Plain()
		}
		texts = append(texts, body)
	}
	if len(texts) > 0 {
		media = plainText
	}
	return strings.Join(texts, "\n\n"), cmp.Or(media, "application/octet-stream"), nil
}

// readable media types hold a text that can be shown as it is or by leaving out
// its marks.
func readable(media string) bool {
	switch media {
	case "", plainText, "text/html", "application/xhtml+xml":
		return true
	}
	return false
}

func (m *fhirMapping) documentReference(r *fhir.Resource) error {
	d, err := r.DocumentReference()
	if err != nil {
		return err
	}
	var enc fhir.Reference
	if len(d.Encounter) > 0 {
		enc = d.Encounter[0]
	}
	v, err := m.version(d.Subject, enc)
	if err != nil {
		return err
	}
	if v.Record == "" {
		return m.other(r)
	}
	v.Withdrawn = withdrawn(d.Status) || withdrawn(d.DocStatus)
	var list []fhir.Attachment
	title := d.Description
	for _, c := range d.Content {
		list = append(list, c.Attachment)
		title = cmp.Or(title, c.Attachment.Title)
	}
	text, media, err := attachments(list)
	if err != nil {
		return err
	}
	out := chart.Document{
		Version: v, Type: loincType(d.Type), Title: cmp.Or(title, titleOf(d.Type)), WrittenAt: m.time(d.Date),
		MediaType: media, Text: text,
	}
	if len(d.Author) > 0 {
		out.Author = m.author(d.Author[0], "")
	}
	// Where a reference to a document does not say that it is preliminary, the
	// document is what its custodian holds as finished.
	out.Signed = d.DocStatus != "preliminary"
	if out.Signed {
		out.SignedAt = out.WrittenAt
	}
	// Where the attachment says when it was written, the date of the reference
	// is when the document was finished.
	if at := written(list); !at.IsZero() {
		out.WrittenAt = m.time(at)
	}
	m.addDocument(out, list)
	return nil
}

// addDocument adds a document, at once or, where its body is scanned paper, when
// that was read.
func (m *fhirMapping) addDocument(doc chart.Document, list []fhir.Attachment) {
	var files []attachedFile
	for _, a := range list {
		data, ok := a.Decode()
		if f := (attachedFile{name: a.Title, media: a.MediaType(), data: data}); ok && len(data) > 0 && f.isScan() {
			files = append(files, f)
		}
	}
	if len(files) == 0 || m.s.scan == nil {
		m.u.batch.AddDocument(doc)
		return
	}
	m.u.scanned = append(m.u.scanned, &scannedDocument{doc: doc, files: files, path: m.path})
}

// written is when the first attachment that tells was made.
func written(list []fhir.Attachment) fhir.DateTime {
	for _, a := range list {
		if !a.Creation.IsZero() {
			return a.Creation
		}
	}
	return fhir.DateTime{}
}

// report maps a DiagnosticReport: with a text, a document; without, a fact that
// says which results belong together.
func (m *fhirMapping) report(r *fhir.Resource) error {
	d, err := r.DiagnosticReport()
	if err != nil {
		return err
	}
	v, err := m.version(d.Subject, d.Encounter)
	if err != nil {
		return err
	}
	if v.Record == "" {
		return m.other(r)
	}
	v.Withdrawn = withdrawn(d.Status)
	text, media := "", ""
	if len(d.PresentedForm) > 0 {
		if text, media, err = attachments(d.PresentedForm); err != nil {
			return err
		}
	}
	if strings.TrimSpace(d.Conclusion) != "" {
		text = strings.TrimLeft(text+"\n\n"+d.Conclusion, "\n")
		media = plainText
	}
	at := d.Issued
	if at.IsZero() {
		at = d.Effective
	}
	author := m.author(firstRef(append(d.Interpreter, d.Performer...)...), "")
	if media == "" {
		f := chart.Fact{Version: v, Kind: chart.Other, Status: d.Status, Effective: m.time(d.Effective), Author: author, Note: m.ordered("", r)}
		f.System, f.Code, f.Display = code(d.Code)
		f.Display = "Report: " + f.Display
		m.u.batch.AddFact(f)
		return nil
	}
	out := chart.Document{
		Version: v, Type: diagnosticType(d), Title: d.Code.Words(), Author: author, WrittenAt: m.time(at),
		MediaType: media, Text: text,
	}
	out.Signed = d.Status == "final" || d.Status == "amended" || d.Status == "corrected" || d.Status == "appended"
	if out.Signed {
		out.SignedAt = m.time(d.Issued)
	}
	m.addDocument(out, d.PresentedForm)
	return nil
}

func diagnosticType(d fhir.DiagnosticReport) string {
	for _, c := range d.Category {
		for _, coding := range c.Coding {
			switch t := reportType(coding.Code, ""); {
			case t != "report":
				return t
			case coding.Code == "LP29684-5":
				return radiologyReport
			case coding.Code == "LP7839-6":
				return pathologyReport
			}
		}
	}
	return cmp.Or(documentTypeOf(d.Code), "report")
}

func (m *fhirMapping) composition(r *fhir.Resource) error {
	c, err := r.Composition()
	if err != nil {
		return err
	}
	v, err := m.version(c.Subject, c.Encounter)
	if err != nil {
		return err
	}
	if v.Record == "" {
		return m.other(r)
	}
	v.Withdrawn = withdrawn(c.Status)
	var b strings.Builder
	for _, s := range c.Section {
		sectionText(&b, s, 0)
	}
	text := strings.TrimSpace(b.String())
	if text == "" {
		text = c.Text.Plain()
	}
	out := chart.Document{
		Version: v, Type: loincType(c.Type), Title: cmp.Or(c.Title, titleOf(c.Type)), WrittenAt: m.time(c.Date),
		MediaType: plainText, Text: text, Signed: c.Status == "final" || c.Status == "amended",
	}
	if len(c.Author) > 0 {
		out.Author = m.author(c.Author[0], "")
	}
	for _, a := range c.Attester {
		if !a.Time.IsZero() {
			out.SignedAt = m.time(a.Time)
		}
	}
	m.u.batch.AddDocument(out)
	return nil
}

func sectionText(b *strings.Builder, s fhir.Section, depth int) {
	if depth > 16 {
		return
	}
	if title := cmp.Or(s.Title, s.Code.Words()); title != "" {
		b.WriteString(title + "\n")
	}
	if text := s.Text.Plain(); text != "" {
		b.WriteString(text + "\n")
	}
	b.WriteByte('\n')
	for _, inner := range s.Section {
		sectionText(b, inner, depth+1)
	}
}

// loincType names a document by its type code.
func loincType(c fhir.CodeableConcept) string {
	return cmp.Or(documentTypeOf(c), strings.ToLower(c.Words()), "note")
}

// titleOf is what a type is called where the document has no title: never its
// bare code.
func titleOf(c fhir.CodeableConcept) string {
	title := c.Text
	for _, coding := range c.Coding {
		title = cmp.Or(title, coding.Display)
	}
	return cmp.Or(title, loincType(c))
}

// loincTypes are the document types most sent, by LOINC number.
var loincTypes = map[string]string{
	"18842-5": dischargeReport, "28655-9": dischargeReport, "11488-4": "consultation",
	"34117-2": "history and physical", "11506-3": "progress note", "11504-8": "operative note", "28570-0": "procedure note",
	"11526-1": pathologyReport, "18748-4": radiologyReport, "34111-5": "emergency department note",
	"34746-8": "nursing note", "18761-7": "transfer summary", "57133-1": "referral note", "34133-9": "summary of episode",
	"11502-2": "laboratory report", "59284-0": "consent", "51847-2": "evaluation and plan",
}

func documentTypeOf(c fhir.CodeableConcept) string {
	for _, coding := range c.Coding {
		if t := loincTypes[coding.Code]; t != "" && coding.System == "http://loinc.org" {
			return t
		}
	}
	return documentType(strings.ToLower(c.Words()))
}
