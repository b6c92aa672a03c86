package server

import "chartroom/internal/deficiency"

// deficiencyRoutes are the routes of findings on records and how the department stands.
func deficiencyRoutes() []Route {
	const (
		inChart = "/chart/{record}/findings/{finding}"
		inAPI   = "/api/v1/records/{record}/findings"
	)
	return []Route{
		{Method: post, Pattern: inChart + "/waive", PHI: true, Action: deficiency.ActionWaive, bind: page(waiveFinding)},
		{Method: post, Pattern: inChart + "/restore", PHI: true, Action: deficiency.ActionWaive, bind: page(restoreFinding)},
		{Method: post, Pattern: inChart + "/ask", PHI: true, Action: deficiency.ActionAsk, bind: page(askFinding)},

		{Method: get, Pattern: inAPI, PHI: true, Action: deficiency.ActionRead, bind: api("List what is missing from a record or cannot be right", apiFindings)},
		{Method: post, Pattern: inAPI + "/{finding}/waive", PHI: true, Action: deficiency.ActionWaive, bind: api("Say that a finding does not hold, with a reason", apiWaiveFinding)},
		{Method: post, Pattern: inAPI + "/{finding}/restore", PHI: true, Action: deficiency.ActionWaive, bind: api("Take a waiver back", apiRestoreFinding)},
		{Method: post, Pattern: inAPI + "/{finding}/ask", PHI: true, Action: deficiency.ActionAsk, bind: api("Note that whoever is to settle a finding was asked", apiAskFinding)},
		{Method: get, Pattern: "/api/v1/order", Action: deficiency.ActionList, bind: api("Say how accurate and complete the records are", apiStanding)},
		{Method: get, Pattern: "/api/v1/order/findings", PHI: true, Action: deficiency.ActionList, bind: api("List the open findings behind a figure", apiOpenFindings)},
	}
}
