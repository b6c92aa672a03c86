package server

import (
	"net/http"
	"strings"

	"chartroom/internal/access"
	"chartroom/internal/audit"
	"chartroom/internal/chart"
	"chartroom/internal/coding"
	"chartroom/internal/intake"
)

// The methods, short for the table.
const (
	get  = http.MethodGet
	post = http.MethodPost
	put  = http.MethodPut
)

// importLimit is the longest body that intake takes over HTTP.
const importLimit = 257 << 20

// Routes is every route there is, in the order of the pages they belong to. A
// closed route needs no mark: what is not Public is closed.
func Routes() []Route {
	table := [][]Route{
		doorRoutes(), pageRoutes(), workRoutes(), incomingRoutes(), scanRoutes(), deficiencyRoutes(), orderRoutes(), registrationRoutes(),
		mastersRoutes(), interfaceRoutes(), wordRoutes(), downtimeRoutes(),
		apiRoutes(), codingRoutes(), encoderRoutes(), auditRoutes(), fhirRoutes(),
	}
	all := []Route{}
	for _, part := range table {
		all = append(all, part...)
	}
	return all
}

func doorRoutes() []Route {
	return []Route{
		{Method: get, Pattern: "/healthz", Public: true, bind: page(healthz)},
		{Method: get, Pattern: "/static/{version}/{file...}", Public: true, bind: page(static)},
		{Method: get, Pattern: "/{$}", Public: true, bind: page(home)},
		{Method: get, Pattern: "/sign-in", Public: true, bind: page(signInForm)},
		{Method: post, Pattern: "/sign-in", Public: true, bind: page(signIn)},
		{Method: get, Pattern: "/set-up", Public: true, bind: page(setUpForm)},
		{Method: post, Pattern: "/set-up", Public: true, bind: page(setUp)},
		{Method: post, Pattern: "/session/unlock", Public: true, bind: page(unlock)},
		{Method: post, Pattern: "/session/lock", bind: page(lock)},
		{Method: post, Pattern: "/sign-out", Public: true, bind: page(signOut)}, // also of a locked screen,
	}
}

func pageRoutes() []Route {
	return []Route{
		{Method: post, Pattern: "/find", PHI: true, Action: chart.ActionSearch, bind: page(findPeople)},
		{Method: get, Pattern: "/find", PHI: true, Action: chart.ActionSearch, bind: page(findPage)},
		{Method: get, Pattern: "/chart/{record}", PHI: true, Action: chart.ActionRead, bind: page(chartPage)},
		{Method: get, Pattern: "/chart/{record}/documents/{document}", PHI: true, Action: chart.ActionRead, bind: page(documentPage)},
		{Method: get, Pattern: "/chart/{record}/facts/{fact}", PHI: true, Action: chart.ActionRead, bind: page(factPage)},
		{Method: get, Pattern: "/coding/{encounter}", PHI: true, Action: chart.ActionRead, bind: page(codingPage)},
		{Method: post, Pattern: "/break-glass", PHI: true, Action: access.ActionBreakGlass, bind: page(breakGlass)},
		{Method: get, Pattern: "/encoder", bind: page(encoderPage)},
		{Method: get, Pattern: "/audit", PHI: true, Action: audit.ActionRead, bind: page(auditPage)},
		{Method: get, Pattern: "/audit.csv", PHI: true, Action: audit.ActionRead, bind: page(auditCSV)},
		{Method: post, Pattern: "/audit/verify", Action: audit.ActionVerify, bind: page(auditVerify)},
		{Method: get, Pattern: "/audit/{entry}", PHI: true, Action: audit.ActionRead, bind: page(auditEntryPage)},
		{Method: get, Pattern: "/administration", Action: access.ActionList, bind: page(adminPage)},
		{Method: post, Pattern: "/administration/people", Action: access.ActionManage, bind: page(addPerson)},
		{Method: post, Pattern: "/administration/people/{person}", Action: access.ActionManage, bind: page(changePerson)},
		{Method: post, Pattern: "/administration/tokens", Action: access.ActionTokenCreate, bind: page(addToken)},
		{Method: post, Pattern: "/administration/tokens/{token}/revoke", Action: access.ActionTokenRevoke, bind: page(revokeToken)},
	}
}

func apiRoutes() []Route {
	return []Route{
		{Method: get, Pattern: "/api/v1/openapi.json", bind: page(openAPI)},
		{Method: post, Pattern: "/api/v1/find", PHI: true, Action: chart.ActionSearch, bind: api("Find patients", apiFind)},
		{Method: get, Pattern: "/api/v1/encounters", PHI: true, Action: chart.ActionList, bind: api("List encounters, newest first", apiEncounters)},
		{Method: get, Pattern: "/api/v1/encounters/{id}", PHI: true, Action: chart.ActionRead, bind: api("Read an encounter", apiEncounter)},
		{Method: get, Pattern: "/api/v1/encounters/{id}/notes", PHI: true, Action: chart.ActionRead, bind: api("List the notes of an encounter with their text", apiDocuments)},
		{Method: post, Pattern: "/api/v1/encounters/{id}/notes", PHI: true, Action: chart.ActionNote, Limit: 20 << 20, bind: api("Add a note; answered once it is durable", apiAddNote, status(http.StatusCreated))},
		{Method: get, Pattern: "/api/v1/encounters/{id}/documents", PHI: true, Action: chart.ActionRead, bind: api("List the documents of an encounter with their text", apiDocuments)},
		{Method: get, Pattern: "/api/v1/encounters/{id}/chart", PHI: true, Action: chart.ActionRead, bind: api("Read the chart of an encounter", apiEncounterChart)},
		{Method: get, Pattern: "/api/v1/documents/{id}", PHI: true, Action: chart.ActionRead, bind: api("Read one version of a document", apiDocument)},
		{Method: post, Pattern: "/api/v1/intake", PHI: true, Action: intake.ActionReceive, Limit: importLimit, bind: page(postIntake)},
		{Method: get, Pattern: "/api/v1/messages", Action: intake.ActionList, bind: api("List what was received, newest first", apiMessages)},
		{Method: get, Pattern: "/api/v1/messages/{id}/bytes", PHI: true, Action: intake.ActionRead, bind: page(messageBytes)},
	}
}

func codingRoutes() []Route {
	const at = "/api/v1/encounters/{id}/coding"
	return []Route{
		{Method: get, Pattern: at, PHI: true, Action: coding.ActionRead, bind: api("Read the coding of an encounter", apiCoding)},
		{Method: post, Pattern: at + "/suggest", PHI: true, Action: coding.ActionCode, bind: api("Begin or continue coding; draws suggestions from the documents", apiSuggest)},
		{Method: post, Pattern: at + "/accept", PHI: true, Action: coding.ActionCode, bind: api("Accept a suggestion", apiAccept)},
		{Method: post, Pattern: at + "/reject", PHI: true, Action: coding.ActionCode, bind: api("Reject a suggestion, with the reason", apiReject)},
		{Method: post, Pattern: at + "/add", PHI: true, Action: coding.ActionCode, bind: api("Add a code found by search", apiAdd)},
		{Method: post, Pattern: at + "/remove", PHI: true, Action: coding.ActionCode, bind: api("Remove a code", apiRemove)},
		{Method: post, Pattern: at + "/move", PHI: true, Action: coding.ActionCode, bind: api("Move a code in its sequence", apiMove)},
		{Method: post, Pattern: at + "/poa", PHI: true, Action: coding.ActionCode, bind: api("Say whether a diagnosis was present on admission", apiPOA)},
		{Method: post, Pattern: at + "/date", PHI: true, Action: coding.ActionCode, bind: api("Date a procedure", apiDate)},
		{Method: post, Pattern: at + "/waive", PHI: true, Action: coding.ActionCode, bind: api("Overrule a finding, with the reason", apiWaive)},
		{Method: post, Pattern: at + "/undo", PHI: true, Action: coding.ActionCode, bind: api("Take back the newest change", apiUndo)},
		{Method: post, Pattern: at + "/redo", PHI: true, Action: coding.ActionCode, bind: api("Bring back what was undone", apiRedo)},
		{Method: post, Pattern: at + "/finalise", PHI: true, Action: coding.ActionFinalise, bind: api("Make the coding final", apiFinalise)},
		{Method: post, Pattern: at + "/reopen", PHI: true, Action: coding.ActionReopen, bind: api("Reopen a final coding, with the reason", apiReopen)},
		{Method: get, Pattern: at + "/check", PHI: true, Action: coding.ActionRead, bind: api("Findings of the checks", apiCheck)},
		{Method: get, Pattern: at + "/final", PHI: true, Action: coding.ActionRead, bind: api("Final codes", apiFinal)},
		{Method: get, Pattern: at + "/history", PHI: true, Action: coding.ActionRead, bind: api("Every step of the coding", apiHistory)},
		{Method: get, Pattern: at + "/codes/{code}/trace", PHI: true, Action: coding.ActionTrace, bind: api("From a code to its words, message and audit entries", apiTrace)},
		{Method: get, Pattern: at + "/drafts", PHI: true, Action: coding.ActionRead, bind: api("What was being typed", apiDrafts)},
		{Method: put, Pattern: at + "/drafts/{slot}", PHI: true, Action: coding.ActionCode, bind: api("Keep what is being typed", apiSaveDraft)},
	}
}

func encoderRoutes() []Route {
	return []Route{
		{Method: post, Pattern: "/api/v1/encoder/search", PHI: true, bind: api("Search the code sets as a person types", apiSearch)},
		{Method: get, Pattern: "/api/v1/encoder/codes/{system}/{code}", bind: api("One code, what is above and below it, its notes", apiCode)},
		{Method: post, Pattern: "/api/v1/encoder/index", PHI: true, bind: api("Find terms of the Alphabetic Index", apiIndex)},
		{Method: get, Pattern: "/api/v1/encoder/index/{node}", bind: api("Subterms of a term", apiSubterms)},
		{Method: get, Pattern: "/api/v1/encoder/pcs", bind: api("Build an ICD-10-PCS code character by character", apiBuildPCS)},
	}
}

func auditRoutes() []Route {
	return []Route{
		{Method: get, Pattern: "/api/v1/audit/entries", PHI: true, Action: audit.ActionRead, bind: api("List entries of the audit log, newest first", apiEntries)},
		{Method: get, Pattern: "/api/v1/audit/entries/{id}/proof", PHI: true, Action: audit.ActionRead, bind: api("Prove that an entry is in the signed log", apiProof)},
		{Method: get, Pattern: "/api/v1/audit/checkpoint", Action: audit.ActionRead, bind: api("Newest signed checkpoint", apiCheckpoint)},
		{Method: post, Pattern: "/api/v1/audit/verify", Action: audit.ActionVerify, bind: api("Prove the whole log", apiVerify)},
	}
}

func fhirRoutes() []Route {
	return []Route{
		{Method: get, Pattern: "/fhir/R4/metadata", bind: page(fhirMetadata)},
		{Method: get, Pattern: "/fhir/R4/Condition", PHI: true, Action: coding.ActionRead, bind: page(fhirConditions)},
		{Method: get, Pattern: "/fhir/R4/Procedure", PHI: true, Action: coding.ActionRead, bind: page(fhirProcedures)},
		{Method: get, Pattern: "/fhir/R4/Encounter/{id}", PHI: true, Action: chart.ActionRead, bind: page(fhirEncounter)},
	}
}

// operationID names an operation in the OpenAPI document after its route.
func operationID(rt Route) string {
	path := strings.NewReplacer("/api/v1/", "", "{", "", "}", "", ".", "-", "/", "-").Replace(rt.Pattern)
	return strings.ToLower(rt.Method) + "-" + path
}

// tagOf is the first part of an API path.
func tagOf(pattern string) string {
	first, _, _ := strings.Cut(strings.TrimPrefix(pattern, "/api/v1/"), "/")
	return first
}
