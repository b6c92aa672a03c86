package server

import (
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"chartroom/codes/codeset"
	"chartroom/internal/chart"
	"chartroom/internal/coding"
	"chartroom/internal/gate"
)

// Final codes go out as FHIR R4 (v4.0.1): a Condition a diagnosis, a Procedure
// a procedure, on their Encounter. While a coding is open there are none.
const (
	fhirVersion   = "4.0.1"
	fhirMedia     = "application/fhir+json"
	systemCM      = "http://hl7.org/fhir/sid/icd-10-cm"
	systemPCS     = "http://www.cms.gov/Medicare/Coding/ICD10"
	tagSystem     = "urn:chartroom:tag"
	extensionPOA  = "urn:chartroom:fhir:present-on-admission"
	extensionRank = "urn:chartroom:fhir:sequence"
)

type fhirObject map[string]any

// Names of elements that many resources have.
const (
	typeElement      = "resourceType"
	referenceElement = "reference"
	statusElement    = "status"
)

func (s *Server) writeFHIR(w http.ResponseWriter, status int, body fhirObject) {
	data, err := json.MarshalIndent(body, "", " ")
	if err != nil {
		http.Error(w, "Something went wrong on our side.", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", fhirMedia+"; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(data) // the client went away: nothing is left to do
}

// failFHIR answers with an OperationOutcome.
func (s *Server) failFHIR(w http.ResponseWriter, r *http.Request, err error) {
	f := s.faultOf(r.Context(), err)
	code := map[int]string{http.StatusNotFound: "not-found", http.StatusForbidden: "forbidden", http.StatusUnprocessableEntity: "invalid"}[f.status]
	if code == "" {
		code = "exception"
	}
	s.writeFHIR(w, f.status, fhirObject{
		typeElement: "OperationOutcome",
		"issue":     []fhirObject{{"severity": "error", "code": code, "diagnostics": f.text}},
	})
}

func fhirMetadata(s *Server, w http.ResponseWriter, _ *http.Request) {
	resource := func(kind string, interactions []string, params ...fhirObject) fhirObject {
		list := make([]fhirObject, 0, len(interactions))
		for _, code := range interactions {
			list = append(list, fhirObject{"code": code})
		}
		return fhirObject{"type": kind, "interaction": list, "searchParam": params}
	}
	reference := fhirObject{"name": "encounter", "type": "reference", "documentation": "Required."}
	s.writeFHIR(w, http.StatusOK, fhirObject{
		typeElement: "CapabilityStatement", statusElement: "active", "date": "2026-09-30", "kind": "instance",
		"fhirVersion": fhirVersion, "format": []string{"json"},
		"software":       fhirObject{"name": "Chartroom"},
		"implementation": fhirObject{"description": "Final codes of encounters"},
		"rest": []fhirObject{{"mode": "server", "resource": []fhirObject{
			resource("Condition", []string{"search-type"}, reference),
			resource("Procedure", []string{"search-type"}, reference),
			resource("Encounter", []string{"read"}),
		}}},
	})
}

// finalOfQuery reads the final codes of the encounter that a search names.
func (s *Server) finalOfQuery(r *http.Request) (encounter string, codes []coding.FinalCode, err error) {
	encounter = strings.TrimPrefix(r.URL.Query().Get("encounter"), "Encounter/")
	if encounter == "" || len(encounter) > 64 {
		return "", nil, unusable("The search needs encounter=ID.")
	}
	codes, err = s.dept.Coding.FinalCodes(r.Context(), actorOf(r.Context()), encounter)
	return encounter, codes, err
}

func fhirConditions(s *Server, w http.ResponseWriter, r *http.Request) {
	s.searchFHIR(w, r, func(c coding.FinalCode) bool { return c.System == codeset.ICD10CM }, condition)
}

func fhirProcedures(s *Server, w http.ResponseWriter, r *http.Request) {
	s.searchFHIR(w, r, func(c coding.FinalCode) bool { return c.System != codeset.ICD10CM }, procedure)
}

func (s *Server) searchFHIR(w http.ResponseWriter, r *http.Request, keep func(coding.FinalCode) bool, resource func(string, string, coding.FinalCode) fhirObject) {
	encounter, codes, err := s.finalOfQuery(r)
	if err != nil {
		s.failFHIR(w, r, err)
		return
	}
	entries := []fhirObject{}
	for _, c := range codes {
		if keep(c) {
			entries = append(entries, fhirObject{
				"resource": resource(encounter, s.titleOf(c), c),
				"search":   fhirObject{"mode": "match"},
			})
		}
	}
	s.writeFHIR(w, http.StatusOK, fhirObject{typeElement: "Bundle", "type": "searchset", "total": len(entries), "entry": entries})
}

// titleOf is the title of a code in the edition it was made final with.
func (s *Server) titleOf(c coding.FinalCode) string {
	for _, e := range s.dept.Library.Editions(c.System) {
		if e.Name != c.Edition {
			continue
		}
		if set, err := s.dept.Library.On(c.System, e.From); err == nil {
			if code, ok := set.Code(c.Code); ok {
				return code.Title
			}
		}
	}
	return ""
}

func coded(system, title string, c coding.FinalCode) fhirObject {
	coding := fhirObject{"system": system, "version": c.Edition, "code": c.Code}
	concept := fhirObject{"coding": []fhirObject{coding}}
	if title != "" {
		coding["display"] = title
		concept["text"] = title
	}
	return concept
}

func metaOf(c coding.FinalCode) fhirObject {
	meta := fhirObject{"versionId": strconv.Itoa(c.Finalisation), "lastUpdated": c.At.Format(time.RFC3339)}
	if c.Provisional {
		meta["tag"] = []fhirObject{{"system": tagSystem, "code": "provisional-edition", "display": "No edition of the code set covers the date"}}
	}
	return meta
}

func rank(c coding.FinalCode) fhirObject {
	return fhirObject{"url": extensionRank, "valuePositiveInt": c.Position}
}

func condition(encounter, title string, c coding.FinalCode) fhirObject {
	extensions := []fhirObject{rank(c)}
	if c.POA != "" {
		extensions = append(extensions, fhirObject{"url": extensionPOA, "valueCode": c.POA})
	}
	return fhirObject{
		typeElement: "Condition", "id": c.Assigned, "meta": metaOf(c), "extension": extensions,
		"verificationStatus": concept("http://terminology.hl7.org/CodeSystem/condition-ver-status", "confirmed"),
		"category":           []fhirObject{concept("http://terminology.hl7.org/CodeSystem/condition-category", "encounter-diagnosis")},
		"code":               coded(systemCM, title, c),
		"subject":            fhirObject{referenceElement: "Patient/" + c.Record},
		"encounter":          fhirObject{referenceElement: "Encounter/" + encounter},
		"recordedDate":       c.At.Format(time.RFC3339),
	}
}

func procedure(encounter, title string, c coding.FinalCode) fhirObject {
	system := systemPCS
	if c.System == codeset.HCPCS {
		system = "http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets"
	}
	p := fhirObject{
		typeElement: "Procedure", "id": c.Assigned, "meta": metaOf(c), "extension": []fhirObject{rank(c)},
		statusElement: "completed", "code": coded(system, title, c),
		"subject":   fhirObject{referenceElement: "Patient/" + c.Record},
		"encounter": fhirObject{referenceElement: "Encounter/" + encounter},
	}
	if c.Performed != "" {
		p["performedDateTime"] = c.Performed
	}
	return p
}

func concept(system, code string) fhirObject {
	return fhirObject{"coding": []fhirObject{{"system": system, "code": code}}}
}

// encounterClasses maps settings to v3 ActCode (ActEncounterCode).
var encounterClasses = map[chart.Setting]string{
	chart.Inpatient: "IMP", chart.Outpatient: "AMB", chart.Emergency: "EMER", chart.Professional: "AMB", chart.NursingFacility: "IMP",
}

func fhirEncounter(s *Server, w http.ResponseWriter, r *http.Request) {
	id := r.PathValue("id")
	enc, err := s.dept.Chart.Encounter(r.Context(), actorOf(r.Context()), id)
	if err != nil {
		s.failFHIR(w, r, err)
		return
	}
	codes, err := s.dept.Coding.FinalCodes(r.Context(), actorOf(r.Context()), id)
	var denied *gate.Denied
	if err != nil && !errors.As(err, &denied) {
		s.failFHIR(w, r, err)
		return
	}
	s.writeFHIR(w, http.StatusOK, encounterResource(enc, codes))
}

func encounterResource(enc chart.Encounter, codes []coding.FinalCode) fhirObject {
	period := fhirObject{}
	if !enc.Start.IsZero() {
		period["start"] = enc.Start.Format(time.RFC3339)
	}
	if !enc.End.IsZero() {
		period["end"] = enc.End.Format(time.RFC3339)
	}
	status := enc.Status
	if status == "" {
		status = "unknown"
	}
	e := fhirObject{
		typeElement: "Encounter", "id": enc.ID, "meta": fhirObject{"versionId": strconv.Itoa(enc.Version.Number)},
		statusElement: status, "period": period,
		"class":   fhirObject{"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": encounterClasses[enc.Setting]},
		"subject": fhirObject{referenceElement: "Patient/" + enc.Record},
	}
	if enc.Number != "" {
		e["identifier"] = []fhirObject{{"type": concept("http://terminology.hl7.org/CodeSystem/v2-0203", "AN"), "value": enc.Number}}
	}
	diagnoses := []fhirObject{}
	for _, c := range codes {
		kind := "Procedure/"
		if c.System == codeset.ICD10CM {
			kind = "Condition/"
		}
		diagnoses = append(diagnoses, fhirObject{
			"condition": fhirObject{referenceElement: kind + c.Assigned}, "rank": c.Position,
			"use": concept("http://terminology.hl7.org/CodeSystem/diagnosis-role", "billing"),
		})
	}
	if len(diagnoses) > 0 {
		e["diagnosis"] = diagnoses
	}
	return e
}
