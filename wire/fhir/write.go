package fhir

import (
	"encoding/json"
	"fmt"
	"strings"
)

// The systems of codes that this package's users meet most.
const (
	SystemICD10CM  = "http://hl7.org/fhir/sid/icd-10-cm"
	SystemICD10PCS = "http://www.cms.gov/Medicare/Coding/ICD10"
	SystemSNOMED   = "http://snomed.info/sct"
	SystemLOINC    = "http://loinc.org"
	SystemRxNorm   = "http://www.nlm.nih.gov/research/umls/rxnorm"
	SystemCVX      = "http://hl7.org/fhir/sid/cvx"
	SystemCPT      = "http://www.ama-assn.org/go/cpt"
	SystemHCPCS    = "https://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets"
	SystemNPI      = "http://hl7.org/fhir/sid/us-npi"
	SystemSSN      = "http://hl7.org/fhir/sid/us-ssn"
)

// Concept returns a CodeableConcept of one code.
func Concept(system, code, display string) CodeableConcept {
	return CodeableConcept{Coding: []Coding{{System: system, Code: code, Display: display}}, Text: display}
}

// RefTo returns a relative reference to a resource.
func RefTo(typ, id string) Reference { return Reference{Reference: typ + "/" + id} }

// marshal writes a resource with its type in front. v is of a type without a
// MarshalJSON of its own.
func marshal(typ string, v any) ([]byte, error) {
	body, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("fhir: writing a %s: %w", typ, err)
	}
	out := make([]byte, 0, len(body)+len(typ)+20)
	out = append(out, `{"resourceType":"`...)
	out = append(out, typ...)
	out = append(out, '"')
	if len(body) > 2 {
		out = append(out, ',')
	}
	return append(out, body[1:]...), nil
}

// MarshalJSON writes the patient. Race, ethnicity and the like, which are read
// from extensions, are not written.
func (p Patient) MarshalJSON() ([]byte, error) {
	type plainPatient Patient
	out := plainPatient(p)
	if !out.DeceasedAt.IsZero() {
		out.Deceased = nil // deceased[x] is one or the other
	}
	return marshal("Patient", out)
}

// MarshalJSON writes the encounter.
func (e Encounter) MarshalJSON() ([]byte, error) {
	type plainEncounter Encounter
	return marshal("Encounter", plainEncounter(e))
}

// MarshalJSON writes the condition.
func (c Condition) MarshalJSON() ([]byte, error) {
	type plainCondition Condition
	return marshal("Condition", plainCondition(c))
}

// MarshalJSON writes the procedure.
func (p Procedure) MarshalJSON() ([]byte, error) {
	type plainProcedure Procedure
	return marshal("Procedure", plainProcedure(p))
}

// SystemPOA is the code system of the present on admission indicators.
const SystemPOA = "https://www.cms.gov/Medicare/Medicare-Fee-for-Service-Payment/HospitalAcqCond/Coding"

// POAExtension returns an extension of a Condition with its present on admission
// indicator: Y, N, U, W or 1. R4 has a place for it on claims only
// (Claim.diagnosis.onAdmission), so the address of the extension's definition
// is the caller's.
func POAExtension(url, indicator string) Extension {
	c := CodeableConcept{Coding: []Coding{{System: SystemPOA, Code: indicator}}}
	return Extension{URL: url, Concept: &c}
}

// OutBundle is a Bundle to be written.
type OutBundle struct {
	ID        string     `json:"id,omitempty"`
	Meta      Meta       `json:"meta,omitzero"`
	Type      string     `json:"type"` // searchset, transaction-response, collection, ...
	Timestamp DateTime   `json:"timestamp,omitzero"`
	Total     *int       `json:"total,omitempty"`
	Link      []Link     `json:"link,omitempty"`
	Entry     []OutEntry `json:"entry,omitempty"`
}

// Link is an address with what it is to this Bundle: self, next, ...
type Link struct {
	Relation string `json:"relation"`
	URL      string `json:"url"`
}

// OutEntry is an entry to be written. Resource is any of the types of this
// package that marshal, or json.RawMessage of a resource as received.
type OutEntry struct {
	FullURL  string       `json:"fullUrl,omitempty"`
	Resource any          `json:"resource,omitempty"`
	Search   *OutSearch   `json:"search,omitempty"`
	Request  *OutRequest  `json:"request,omitempty"`
	Response *OutResponse `json:"response,omitempty"`
}

// OutSearch says why an entry is in a search's answer.
type OutSearch struct {
	Extension []Extension `json:"extension,omitempty"` // match grade of $match
	Mode      string      `json:"mode,omitempty"`
	Score     Decimal     `json:"score,omitempty"`
}

// OutRequest is what an entry of a transaction asks for.
type OutRequest struct {
	Method      string `json:"method"`
	URL         string `json:"url"`
	IfNoneExist string `json:"ifNoneExist,omitempty"`
}

// OutResponse is what became of an entry of a transaction.
type OutResponse struct {
	Status       string   `json:"status"`
	Location     string   `json:"location,omitempty"`
	Etag         string   `json:"etag,omitempty"`
	LastModified DateTime `json:"lastModified,omitzero"`
	Outcome      any      `json:"outcome,omitempty"`
}

// MarshalJSON writes the Bundle.
func (b OutBundle) MarshalJSON() ([]byte, error) {
	type plainBundle OutBundle
	return marshal("Bundle", plainBundle(b))
}

// Provenance says who made or changed something, when, and from what.
type Provenance struct {
	ID         string             `json:"id,omitempty"`
	Target     []Reference        `json:"target"`
	OccurredAt DateTime           `json:"occurredDateTime,omitzero"`
	Recorded   DateTime           `json:"recorded"`
	Reason     []CodeableConcept  `json:"reason,omitempty"`
	Activity   CodeableConcept    `json:"activity,omitzero"`
	Agent      []ProvenanceAgent  `json:"agent"`
	Entity     []ProvenanceEntity `json:"entity,omitempty"`
}

// ProvenanceAgent is who took part.
type ProvenanceAgent struct {
	Type CodeableConcept   `json:"type,omitzero"` // provenance-participant-type: author, assembler, verifier, ...
	Role []CodeableConcept `json:"role,omitempty"`
	Who  Reference         `json:"who"`
}

// ProvenanceEntity is what it was made from.
type ProvenanceEntity struct {
	Role string    `json:"role"` // derivation, revision, quotation, source, removal
	What Reference `json:"what"`
}

// MarshalJSON writes the provenance.
func (p Provenance) MarshalJSON() ([]byte, error) {
	type plainProvenance Provenance
	return marshal("Provenance", plainProvenance(p))
}

// AuditEvent is an entry of an audit log.
type AuditEvent struct {
	ID          string        `json:"id,omitempty"`
	Type        Coding        `json:"type"`
	Subtype     []Coding      `json:"subtype,omitempty"`
	Action      string        `json:"action,omitempty"` // C, R, U, D, E
	Period      Period        `json:"period,omitzero"`
	Recorded    DateTime      `json:"recorded"`
	Outcome     string        `json:"outcome,omitempty"` // 0 success, 4, 8, 12 failure
	OutcomeDesc string        `json:"outcomeDesc,omitempty"`
	Agent       []AuditAgent  `json:"agent"`
	Source      AuditSource   `json:"source"`
	Entity      []AuditEntity `json:"entity,omitempty"`
}

// AuditAgent is who did it.
type AuditAgent struct {
	Type      CodeableConcept   `json:"type,omitzero"`
	Role      []CodeableConcept `json:"role,omitempty"`
	Who       Reference         `json:"who,omitzero"`
	Name      string            `json:"name,omitempty"`
	Requestor bool              `json:"requestor"`
}

// AuditSource is the system that reports.
type AuditSource struct {
	Site     string    `json:"site,omitempty"`
	Observer Reference `json:"observer"`
}

// AuditEntity is what it was done to.
type AuditEntity struct {
	What Reference `json:"what,omitzero"`
	Type Coding    `json:"type,omitzero"`
	Role Coding    `json:"role,omitzero"`
	Name string    `json:"name,omitempty"`
}

// MarshalJSON writes the event.
func (a AuditEvent) MarshalJSON() ([]byte, error) {
	type plainEvent AuditEvent
	return marshal("AuditEvent", plainEvent(a))
}

// OperationOutcome says what came of a request.
type OperationOutcome struct {
	ID    string  `json:"id,omitempty"`
	Issue []Issue `json:"issue"`
}

// Issue is one thing to say.
type Issue struct {
	Severity    string          `json:"severity"` // fatal, error, warning, information
	Code        string          `json:"code"`     // issue-type: invalid, structure, required, value, not-found, forbidden, conflict, ...
	Details     CodeableConcept `json:"details,omitzero"`
	Diagnostics string          `json:"diagnostics,omitempty"`
	Expression  []string        `json:"expression,omitempty"` // FHIRPath
}

// MarshalJSON writes the outcome.
func (o OperationOutcome) MarshalJSON() ([]byte, error) {
	type plainOutcome OperationOutcome
	return marshal("OperationOutcome", plainOutcome(o))
}

// Outcome returns the OperationOutcome that refuses a document for err: one
// issue for each [*Error] in it. Other errors are not quoted, for they might
// hold patient data.
func Outcome(err error) OperationOutcome {
	var out OperationOutcome
	var walk func(error)
	walk = func(err error) {
		if place, ok := err.(*Error); ok { //nolint:errorlint // the tree is walked by hand
			issue := Issue{Severity: "error", Code: "structure", Diagnostics: strings.TrimPrefix(place.Error(), "fhir: ")}
			if place.Path != "" {
				issue.Code, issue.Expression = "value", []string{place.Path}
			}
			out.Issue = append(out.Issue, issue)
			return
		}
		switch x := err.(type) { //nolint:errorlint // the tree is walked by hand
		case interface{ Unwrap() []error }:
			for _, inner := range x.Unwrap() {
				walk(inner)
			}
		case interface{ Unwrap() error }:
			walk(x.Unwrap())
		}
	}
	walk(err)
	if len(out.Issue) == 0 {
		out.Issue = []Issue{{Severity: "error", Code: "exception", Diagnostics: "the request could not be processed"}}
	}
	return out
}

// CapabilityStatement says what a server can do.
type CapabilityStatement struct {
	Status         string           `json:"status"`
	Date           DateTime         `json:"date"`
	Kind           string           `json:"kind"`
	Software       Software         `json:"software,omitzero"`
	Implementation Implementation   `json:"implementation,omitzero"`
	FHIRVersion    string           `json:"fhirVersion"`
	Format         []string         `json:"format"`
	Rest           []RestCapability `json:"rest,omitempty"`
}

// Software is the program that serves.
type Software struct {
	Name    string `json:"name"`
	Version string `json:"version,omitempty"`
}

// Implementation is where it is served.
type Implementation struct {
	Description string `json:"description"`
	URL         string `json:"url,omitempty"`
}

// RestCapability is what can be done over HTTP.
type RestCapability struct {
	Mode        string               `json:"mode"` // server
	Resource    []ResourceCapability `json:"resource,omitempty"`
	Interaction []CodeValue          `json:"interaction,omitempty"` // transaction, batch
	Operation   []OperationDefined   `json:"operation,omitempty"`
}

// ResourceCapability is what can be done with one type.
type ResourceCapability struct {
	Type        string             `json:"type"`
	Interaction []CodeValue        `json:"interaction,omitempty"` // read, create, search-type, ...
	SearchParam []SearchParam      `json:"searchParam,omitempty"`
	Operation   []OperationDefined `json:"operation,omitempty"`
}

// CodeValue is a code in an object of its own.
type CodeValue struct {
	Code string `json:"code"`
}

// SearchParam is a parameter that can be searched by.
type SearchParam struct {
	Name string `json:"name"`
	Type string `json:"type"` // token, reference, date, string
}

// OperationDefined is an operation such as $match.
type OperationDefined struct {
	Name       string `json:"name"`
	Definition string `json:"definition"`
}

// NewCapabilityStatement returns the statement of an active R4 server with JSON.
func NewCapabilityStatement(date DateTime, software Software, rest ...ResourceCapability) CapabilityStatement {
	return CapabilityStatement{
		Status: "active", Date: date, Kind: "instance", Software: software,
		Implementation: Implementation{Description: software.Name}, FHIRVersion: "4.0.1",
		Format: []string{"application/fhir+json"},
		Rest:   []RestCapability{{Mode: "server", Resource: rest}},
	}
}

// MarshalJSON writes the statement.
func (c CapabilityStatement) MarshalJSON() ([]byte, error) {
	type plainStatement CapabilityStatement
	return marshal("CapabilityStatement", plainStatement(c))
}
