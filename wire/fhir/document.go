package fhir

// DiagnosticReport is a report of laboratory, imaging, pathology or the like.
type DiagnosticReport struct {
	Base
	Identifier      []Identifier
	Status          string
	Category        []CodeableConcept
	Code            CodeableConcept
	Subject         Reference
	Encounter       Reference
	Effective       DateTime // or start of EffectivePeriod
	EffectivePeriod Period
	Issued          DateTime
	Performer       []Reference
	Interpreter     []Reference
	Result          []Reference
	Conclusion      string
	ConclusionCode  []CodeableConcept
	PresentedForm   []Attachment
}

// DiagnosticReport reads a DiagnosticReport.
func (r *Resource) DiagnosticReport() (DiagnosticReport, error) {
	c, read, err := r.begin("DiagnosticReport")
	if err != nil {
		return DiagnosticReport{}, err
	}
	d := DiagnosticReport{
		Base: read.base(c), Identifier: read.identifiers(c.get("identifier")), Status: read.str(c.get("status")),
		Category: read.concepts(c.get("category")), Code: read.concept(c.get("code")),
		Subject: read.reference(c.get("subject")), Encounter: read.reference(c.get("encounter")),
		Effective: read.date(c.get("effectiveDateTime")), EffectivePeriod: read.period(c.get("effectivePeriod")),
		Issued: read.date(c.get("issued")), Performer: read.references(c.get("performer")),
		Interpreter: read.references(c.get("resultsInterpreter")), Result: read.references(c.get("result")),
		Conclusion: read.str(c.get("conclusion")), ConclusionCode: read.concepts(c.get("conclusionCode")),
		PresentedForm: list(read, c.get("presentedForm"), (*reading).attachment),
	}
	if d.Effective.IsZero() {
		d.Effective = d.EffectivePeriod.Start
	}
	return d, read.err()
}

// DocumentReference is a document with what is known of it.
type DocumentReference struct {
	Base
	MasterIdentifier Identifier
	Identifier       []Identifier
	Status           string // current, superseded, entered-in-error
	DocStatus        string // preliminary, final, amended, entered-in-error
	Type             CodeableConcept
	Category         []CodeableConcept
	Subject          Reference
	Date             DateTime
	Author           []Reference
	Authenticator    Reference
	Custodian        Reference
	RelatesTo        []RelatedDocument
	Description      string
	SecurityLabel    []CodeableConcept
	Content          []DocumentContent
	Encounter        []Reference // context.encounter
	Period           Period      // context.period
}

// RelatedDocument is another document that this one replaces, appends, ...
type RelatedDocument struct {
	Code   string // replaces, transforms, signs, appends
	Target Reference
}

// DocumentContent is one form of a document.
type DocumentContent struct {
	Attachment Attachment
	Format     Coding
}

// DocumentReference reads a DocumentReference.
func (r *Resource) DocumentReference() (DocumentReference, error) {
	c, read, err := r.begin("DocumentReference")
	if err != nil {
		return DocumentReference{}, err
	}
	context := c.get("context")
	d := DocumentReference{
		Base: read.base(c), MasterIdentifier: read.identifier(c.get("masterIdentifier")),
		Identifier: read.identifiers(c.get("identifier")), Status: read.str(c.get("status")),
		DocStatus: read.str(c.get("docStatus")), Type: read.concept(c.get("type")), Category: read.concepts(c.get("category")),
		Subject: read.reference(c.get("subject")), Date: read.date(c.get("date")), Author: read.references(c.get("author")),
		Authenticator: read.reference(c.get("authenticator")), Custodian: read.reference(c.get("custodian")),
		RelatesTo: list(read, c.get("relatesTo"), func(r *reading, c cursor) RelatedDocument {
			return RelatedDocument{Code: r.str(c.get("code")), Target: r.reference(c.get("target"))}
		}),
		Description: read.str(c.get("description")), SecurityLabel: read.concepts(c.get("securityLabel")),
		Content: list(read, c.get("content"), func(r *reading, c cursor) DocumentContent {
			return DocumentContent{Attachment: r.attachment(c.get("attachment")), Format: r.coding(c.get("format"))}
		}),
		Encounter: read.references(context.get("encounter")), Period: read.period(context.get("period")),
	}
	return d, read.err()
}

// Composition is a document made of sections.
type Composition struct {
	Base
	Identifier Identifier
	Status     string // preliminary, final, amended, entered-in-error
	Type       CodeableConcept
	Category   []CodeableConcept
	Subject    Reference
	Encounter  Reference
	Date       DateTime
	Author     []Reference
	Title      string
	Attester   []Attester
	Custodian  Reference
	Section    []Section
}

// Attester is who vouches for a document.
type Attester struct {
	Mode  string // personal, professional, legal, official
	Time  DateTime
	Party Reference
}

// Section is a part of a composition, with parts of its own.
type Section struct {
	Title   string
	Code    CodeableConcept
	Text    Narrative
	Entry   []Reference
	Section []Section
}

func (r *reading) section(c cursor) Section {
	return Section{
		Title: r.str(c.get("title")), Code: r.concept(c.get("code")), Text: r.narrative(c.get("text")),
		Entry: r.references(c.get("entry")), Section: list(r, c.get("section"), (*reading).section),
	}
}

// Composition reads a Composition.
func (r *Resource) Composition() (Composition, error) {
	c, read, err := r.begin("Composition")
	if err != nil {
		return Composition{}, err
	}
	v := Composition{
		Base: read.base(c), Identifier: read.identifier(c.get("identifier")), Status: read.str(c.get("status")),
		Type: read.concept(c.get("type")), Category: read.concepts(c.get("category")),
		Subject: read.reference(c.get("subject")), Encounter: read.reference(c.get("encounter")),
		Date: read.date(c.get("date")), Author: read.references(c.get("author")), Title: read.str(c.get("title")),
		Attester: list(read, c.get("attester"), func(r *reading, c cursor) Attester {
			return Attester{Mode: r.str(c.get("mode")), Time: r.date(c.get("time")), Party: r.reference(c.get("party"))}
		}),
		Custodian: read.reference(c.get("custodian")), Section: list(read, c.get("section"), (*reading).section),
	}
	return v, read.err()
}
