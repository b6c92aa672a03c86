package ccda

import (
	"cmp"
	"iter"
	"math"
	"strings"

	"chartroom/wire/hl7v2"
)

// Document is one clinical document. Its values share the document's text.
type Document struct {
	ID, SetID       II
	Version         string // versionNumber, within SetID
	Templates       []string
	Code            CD // what kind of document it is, a LOINC code
	Title           string
	Written         hl7v2.Timestamp // effectiveTime
	Confidentiality CD
	Language        string

	Patients       []Patient // one, but for documents about a group
	Authors        []Person
	Legal          Person // legalAuthenticator: who signed for it
	Authenticators []Person
	Custodian      Organization
	Services       []Service  // documentationOf
	Encounter      *Encounter // componentOf; nil where it says none
	Related        []Related
	Orders         []II // inFulfillmentOf

	// Text is the narrative of all sections as a coder reads it; Sections say
	// which bytes of it are whose.
	Text     string
	Sections []Section

	// Attachment is a body that is no XML; nil where the body is structured.
	Attachment *Attachment

	x     *index
	shift int
	ids   map[string]uint32
	read  reading
}

// Faults are the values that could not be read and were left empty, with their
// places. Those of entries are listed once Entries went over them.
func (d *Document) Faults() []*Error { return d.read.faults }

// Section is one section of a structured body, in the order of the document;
// those within another stand behind it with a greater Depth.
type Section struct {
	Code      CD
	Title     string
	Templates []string
	Depth     int
	Null      string // nullFlavor: NI, no information
	// Start and End are the bytes of Document.Text that are its title and
	// narrative, without those of the sections within it.
	Start, End int
	Subject    string // whom it is about, where that is not the patient: "fetus"
	e          el
}

// Parse reads a document. Its error is an [*Error].
func Parse(raw []byte, opts Options) (*Document, error) {
	if len(raw) > min(opts.maxBytes(), math.MaxInt32) {
		return nil, &Error{Reason: "the document is larger than the limit"}
	}
	text, shift, bad := decode(raw)
	if bad != nil {
		return nil, bad
	}
	if err := rootOf(text); err != nil {
		return nil, err
	}
	x, halt := scan(text, opts.maxDepth())
	if halt != nil {
		return nil, x.errorAt(halt)
	}
	root := el{x, 0}
	if space := root.node().space; !own(space) {
		return nil, &Error{Line: root.line(), Path: "/ClinicalDocument", Reason: "the root element is not of HL7's namespace urn:hl7-org:v3"}
	}
	d := &Document{x: x, shift: shift}
	d.header(root)
	d.body(root)
	return d, nil
}

// errorAt makes an Error of the place where the scanner stopped.
func (x *index) errorAt(halt *stop) *Error {
	e := &Error{Line: lineAt(x.text, halt.at), Reason: halt.reason}
	// Elements that are open are those without an end; their path is the place.
	var b strings.Builder
	for i := range x.nodes {
		if n := &x.nodes[i]; n.kind == element && n.next == 0 {
			b.WriteString("/" + shown(el{x, uint32(i)}.name()))
		}
	}
	e.Path = b.String()
	return e
}

// fragmentNames are elements of CDA that an extract of a document begins with.
var fragmentNames = func() map[string]bool {
	names := map[string]bool{}
	for name := range strings.FieldsSeq(`act addr assignedAuthor assignedEntity associatedEntity authenticator author authorization
		code component componentOf criterion custodian dataEnterer documentationOf effectiveTime encompassingEncounter encounter
		encounterParticipant entry entryRelationship externalDocument id inFulfillmentOf informant informationRecipient
		legalAuthenticator manufacturedProduct name nonXMLBody observation observationMedia organizer participant participantRole
		patient patientRole performer precondition procedure recordTarget reference relatedDocument relatedSubject section
		serviceEvent signatureText structuredBody subject substanceAdministration supply telecom templateId text`) {
		names[name] = true
	}
	return names
}()

// rootOf looks at the root element before all is checked, so that what is no
// document is told so, whatever else is wrong with it.
func rootOf(text string) error {
	at := 0
	for at < len(text) {
		rest := text[at:]
		switch {
		case isBlank(rest[0]):
			at++
		case strings.HasPrefix(rest, "<!--"):
			end := strings.Index(rest, "-->")
			if end < 0 {
				return nil // the scanner says what is wrong
			}
			at += end + 3
		case strings.HasPrefix(rest, "<?"):
			end := strings.Index(rest, "?>")
			if end < 0 {
				return nil
			}
			at += end + 2
		case rest[0] == '<':
			return rootError(text, at)
		default:
			return nil
		}
	}
	return nil
}

func rootError(text string, at int) error {
	end, colon := nameAt(text, at+1)
	if end <= at+1 {
		return nil
	}
	name := text[max(at+1, colon+1):end]
	if colon == 0 {
		name = text[at+1 : end]
	}
	switch {
	case name == "ClinicalDocument":
		return nil
	case name == "recordTarget", name == "patientRole", name == "patient":
		return &Error{Line: lineAt(text, at), Path: "/" + name, Reason: "a fragment of a C-CDA document: the " + name +
			" of a header without a document; send the whole ClinicalDocument"}
	case fragmentNames[name]:
		return &Error{Line: lineAt(text, at), Path: "/" + name, Reason: "a fragment of a C-CDA document: it begins with <" + name +
			"> and has no header, so it names no patient; send the whole ClinicalDocument"}
	}
	return &Error{Line: lineAt(text, at), Reason: "XML of another kind: the root element is not ClinicalDocument"}
}

// body reads the sections, or the attachment that stands for them.
func (d *Document) body(root el) {
	var out []byte
	for c := range root.each("component") {
		if structured := c.get("structuredBody"); structured.there() {
			for inner := range structured.each("component") {
				out = d.sections(inner, out, 0, "")
			}
		}
		if other := c.get("nonXMLBody"); other.there() && d.Attachment == nil {
			d.Attachment = d.attachment(other)
		}
	}
	d.Text = string(out)
}

func (d *Document) sections(e el, out []byte, depth int, subject string) []byte {
	for s := range e.each("section") {
		sec := Section{
			Code: d.cd(s.get("code")), Title: s.get("title").words(), Depth: depth, Null: s.attr("nullFlavor"),
			Templates: templates(s), Subject: subject, e: s,
		}
		if about := relation(s.get("subject")); about != "" {
			sec.Subject = about
		}
		if len(out) > 0 {
			out = append(out, '\n')
		}
		sec.Start = len(out)
		if title := cmp.Or(sec.Title, sec.Code.Display); title != "" {
			out = append(append(out, title...), '\n')
		}
		if t := s.get("text"); t.there() {
			out = narrative(out, t)
		}
		sec.End = len(out)
		d.Sections = append(d.Sections, sec)
		for c := range s.each("component") {
			out = d.sections(c, out, depth+1, sec.Subject)
		}
	}
	return out
}

// relation is whom a subject element is about: "mother", "fetus"; "" for the
// patient.
func relation(e el) string {
	related := e.get("relatedSubject")
	if !related.there() {
		return ""
	}
	code := related.get("code")
	return cmp.Or(code.attr("displayName"), code.get("originalText").words(), code.get("translation").attr("displayName"), "another person")
}

func templates(e el) []string {
	var all []string
	for t := range e.each("templateId") {
		if root := t.attr("root"); root != "" {
			all = append(all, root)
		}
	}
	return all
}

// Entries goes over the clinical statements of the structured body, each once.
// Each entry of the document gives one at least, unless it says nothing.
func (d *Document) Entries() iter.Seq[*Entry] {
	return func(yield func(*Entry) bool) {
		for i := range d.Sections {
			s := &d.Sections[i]
			for e := range s.e.each("entry") {
				w := walker{d: d, section: s, yield: yield}
				if !w.entry(e) {
					return
				}
			}
		}
	}
}
