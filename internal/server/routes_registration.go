package server

import (
	"net/http"

	"chartroom/internal/chart"
	"chartroom/internal/identity"
)

// registrationRoutes are the routes of registration and correction by hand.
func registrationRoutes() []Route {
	const at = "/registration/{record}"
	return []Route{
		{Method: get, Pattern: "/registration", PHI: true, Action: chart.ActionDraft, bind: page(registerPage)},
		{Method: post, Pattern: "/registration", PHI: true, Action: chart.ActionRegister, bind: page(registerPatient)},
		{Method: get, Pattern: at, PHI: true, Action: chart.ActionRead, bind: page(registrationPage)},
		{Method: post, Pattern: at, PHI: true, Action: chart.ActionCorrect, bind: page(correctPatient)},
		{Method: get, Pattern: at + "/coverage", PHI: true, Action: chart.ActionRead, bind: page(coveragePage)},
		{Method: post, Pattern: at + "/coverage", PHI: true, Action: chart.ActionCorrect, bind: page(saveCoverage)},
		{Method: get, Pattern: at + "/coverage/{fact}", PHI: true, Action: chart.ActionRead, bind: page(coveragePage)},
		{Method: post, Pattern: at + "/coverage/{fact}", PHI: true, Action: chart.ActionCorrect, bind: page(saveCoverage)},
		{Method: get, Pattern: at + "/encounters", PHI: true, Action: chart.ActionRead, bind: page(encounterPage)},
		{Method: post, Pattern: at + "/encounters", PHI: true, Action: chart.ActionCorrect, bind: page(saveEncounter)},
		{Method: get, Pattern: at + "/encounters/{fact}", PHI: true, Action: chart.ActionRead, bind: page(encounterPage)},
		{Method: post, Pattern: at + "/encounters/{fact}", PHI: true, Action: chart.ActionCorrect, bind: page(saveEncounter)},
		{Method: post, Pattern: at + "/links/{link}", PHI: true, Action: identity.ActionUnlink, bind: page(undoLink)},
		{Method: put, Pattern: "/api/v1/registration/drafts/{slot}", PHI: true, Action: chart.ActionDraft, bind: api("Keep what is being typed at registration", apiSaveRegistration, status(http.StatusNoContent))},
	}
}
