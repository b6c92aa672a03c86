package work

import (
	"slices"

	"chartroom/internal/access"
	"chartroom/internal/gate"
)

// Queue is one list of work of the department.
type Queue string

// The queues.
const (
	Coding       Queue = "coding"
	Deficiency   Queue = "deficiency"
	Indexing     Queue = "indexing"
	Reconcile    Queue = "reconcile"
	Interface    Queue = "interface"
	Registration Queue = "registration"
	Identity     Queue = "identity"
	Paper        Queue = "paper"
)

// Definition says what a queue is and how its items run.
type Definition struct {
	Queue    Queue
	Title    string
	What     string        // what lies in it, in a line
	Roles    []access.Role // who works on it: work is assigned to them; the policy file says the same and decides
	Priority int           // of items that name none, 1 most pressing to 5
	Clock    Rule          // of items that name no due date and no rule
}

// Queues gives the queues of the department in the order that pages list them.
//
// Clocks without a citation are targets of the department: there is no national
// rule for them. Bills are held about three days and coding takes two to four.
func Queues() []Definition {
	target := Extension{Days: 7, Times: 2}
	return []Definition{
		{
			Queue: Coding, Title: "Coding", What: "encounters that ended and are not coded", Priority: 3,
			Roles: []access.Role{access.Technician, access.Coder, access.Supervisor},
			Clock: Rule{What: "coded within 4 days of the encounter's end", From: "end of the encounter", Days: 4, Extend: target},
		},
		{
			Queue: Deficiency, Title: "Deficiencies", What: "what is missing, unsigned or in conflict in the record", Priority: 3,
			Roles: []access.Role{access.Technician, access.CDI, access.Clinician, access.Supervisor},
			Clock: recordComplete(),
		},
		{
			Queue: Indexing, Title: "Scans to index", What: "pages that belong to no record yet", Priority: 2,
			Roles: []access.Role{access.Technician, access.Supervisor},
			Clock: Rule{What: "indexed within one working day of arrival", From: "arrival", Days: 1, Working: true, EndOfDay: true, Extend: target},
		},
		{
			Queue: Reconcile, Title: "Discharges to reconcile", What: "discharges without a record, records without a discharge", Priority: 3,
			Roles: []access.Role{access.Technician, access.Supervisor},
			Clock: Rule{What: "reconciled within two working days", From: "discharge", Days: 2, Working: true, EndOfDay: true, Extend: target},
		},
		{
			Queue: Interface, Title: "Interface errors", What: "messages that were refused", Priority: 1,
			Roles: []access.Role{access.Technician, access.Supervisor},
			Clock: Rule{What: "mended within 4 hours of arrival", From: "arrival", Hours: 4, Extend: Extension{Days: 1, Times: 2}},
		},
		{
			Queue: Registration, Title: "Registration", What: "registrations to complete or correct", Priority: 3,
			Roles: []access.Role{access.Technician, access.Identity, access.Supervisor},
			Clock: Rule{What: "corrected within two working days", From: "registration", Days: 2, Working: true, EndOfDay: true, Extend: target},
		},
		{
			Queue: Identity, Title: "Possible duplicates", What: "records that may be of one person", Priority: 2,
			Roles: []access.Role{access.Technician, access.Identity, access.Supervisor},
			Clock: Rule{What: "decided within three working days", From: "found", Days: 3, Working: true, EndOfDay: true, Extend: target},
		},
		{
			Queue: Paper, Title: "Paper", What: "volumes to fetch, to get back, to look for", Priority: 4,
			Roles: []access.Role{access.Technician, access.Release, access.Supervisor},
			Clock: Rule{What: "fetched within one working day of the request", From: "request", Days: 1, Working: true, EndOfDay: true, Extend: target},
		},
	}
}

// Define gives the definition of a queue, and whether there is such a queue.
func Define(q Queue) (Definition, bool) {
	all := Queues()
	if i := slices.IndexFunc(all, func(d Definition) bool { return d.Queue == q }); i >= 0 {
		return all[i], true
	}
	return Definition{}, false
}

// Subject is what an action on a queue is about: the policy file says by it
// which roles work on which queue.
func (q Queue) Subject() gate.Subject { return gate.Subject{Kind: "queue." + string(q)} }

func recordComplete() Rule {
	return Rule{
		Citation: "42 CFR 482.24(c)(4)(vii)", What: "record complete within 30 days of discharge", From: "discharge",
		Days: 30, EndOfDay: true,
	}
}

// LegalRules are the clocks that law or regulation sets, by citation. An item
// whose Rule names one of them runs by it.
func LegalRules() []Rule {
	once30 := Extension{Days: 30, Times: 1}
	return []Rule{
		recordComplete(),
		{Citation: "42 CFR 482.24(c)(4)(i)(A)", What: "history and physical within 24 hours of admission", From: "admission", Hours: 24},
		{Citation: "45 CFR 164.524(b)(2)", What: "access by the patient within 30 days", From: "request received", Days: 30, EndOfDay: true, Extend: once30},
		{Citation: "45 CFR 164.526(b)(2)", What: "amendment acted on within 60 days", From: "request received", Days: 60, EndOfDay: true, Extend: once30},
		{Citation: "45 CFR 164.528(c)(1)", What: "accounting of disclosures within 60 days", From: "request received", Days: 60, EndOfDay: true, Extend: once30},
		{Citation: "45 CFR 164.404(b)", What: "individuals told of a breach within 60 days of its discovery", From: "discovery", Days: 60, EndOfDay: true},
	}
}

// ruleOf gives the clock of an item: that of the law it names, else its queue's.
func ruleOf(q Queue, citation string) Rule {
	if citation != "" {
		all := LegalRules()
		if i := slices.IndexFunc(all, func(r Rule) bool { return r.Citation == citation }); i >= 0 {
			return all[i]
		}
	}
	d, _ := Define(q)
	return d.Clock
}
