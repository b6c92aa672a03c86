package server

import "chartroom/internal/intake"

// interfaceRoutes are the routes of the interface error queue.
func interfaceRoutes() []Route {
	const at = "/interface/{message}"
	return []Route{
		{Method: get, Pattern: "/interface", PHI: true, Action: intake.ActionList, bind: page(interfacePage)},
		{Method: get, Pattern: at, PHI: true, Action: intake.ActionRead, bind: page(troublePage)},
		{Method: post, Pattern: at + "/mend", PHI: true, Action: intake.ActionMend, bind: page(mendTrouble)},
		{Method: post, Pattern: at + "/replay", PHI: true, Action: intake.ActionMend, bind: page(replayTrouble)},
		{Method: post, Pattern: at + "/dismiss", PHI: true, Action: intake.ActionMend, bind: page(dismissTrouble)},
		{Method: post, Pattern: at + "/reopen", PHI: true, Action: intake.ActionMend, bind: page(reopenTrouble)},
		{Method: post, Pattern: "/interface/replay", PHI: true, Action: intake.ActionMend, bind: page(replayAll)},
		{Method: put, Pattern: "/api/v1/messages/{id}/mend", PHI: true, Action: intake.ActionMend, bind: api("Keep what is being typed to mend a refused message", apiSaveMend)},
	}
}
