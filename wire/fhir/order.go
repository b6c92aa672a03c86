package fhir

// ServiceRequest is an order: a test, an image, a treatment asked for.
type ServiceRequest struct {
	Base
	Identifier []Identifier
	Status     string // draft, active, on-hold, revoked, completed, entered-in-error, unknown
	Intent     string // order, plan, proposal, ...
	Priority   string // routine, urgent, asap, stat
	Refused    *bool  // doNotPerform
	Category   []CodeableConcept
	Code       CodeableConcept
	Subject    Reference
	Encounter  Reference
	Authored   DateTime
	Occurrence DateTime // or the start of OccurrencePeriod
	Period     Period
	Requester  Reference
	Reason     []CodeableConcept
	Note       []Annotation
}

// ServiceRequest reads a ServiceRequest.
func (r *Resource) ServiceRequest() (ServiceRequest, error) {
	c, read, err := r.begin("ServiceRequest")
	if err != nil {
		return ServiceRequest{}, err
	}
	s := ServiceRequest{
		Base: read.base(c), Identifier: read.identifiers(c.get("identifier")), Status: read.str(c.get("status")),
		Intent: read.str(c.get("intent")), Priority: read.str(c.get("priority")), Refused: read.flag(c.get("doNotPerform")),
		Category: read.concepts(c.get("category")), Code: read.concept(c.get("code")), Subject: read.reference(c.get("subject")),
		Encounter: read.reference(c.get("encounter")), Authored: read.date(c.get("authoredOn")),
		Occurrence: read.date(c.get("occurrenceDateTime")), Period: read.period(c.get("occurrencePeriod")),
		Requester: read.reference(c.get("requester")), Reason: read.concepts(c.get("reasonCode")), Note: list(read, c.get("note"), (*reading).annotation),
	}
	if s.Occurrence.IsZero() {
		s.Occurrence = s.Period.Start
	}
	return s, read.err()
}

// BasedOn returns what a resource says it was ordered by (basedOn); nil where it
// says nothing that can be read.
func (r *Resource) BasedOn() []Reference {
	read := &reading{}
	list := r.root.get("basedOn")
	if list.kind() != array {
		return nil
	}
	return read.references(list)
}
