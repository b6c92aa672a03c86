package server

import "chartroom/internal/downtime"

// downtimeRoutes are the routes of the read-only mode and the emergency sets.
func downtimeRoutes() []Route {
	return []Route{
		{Method: get, Pattern: "/downtime", PHI: true, Action: downtime.ActionList, bind: page(downtimePage)},
		{Method: post, Pattern: "/downtime/begin", Action: downtime.ActionBegin, bind: page(beginDowntime)},
		{Method: post, Pattern: "/downtime/end", Action: downtime.ActionEnd, bind: page(endDowntime)},
		{Method: post, Pattern: "/downtime/set", PHI: true, Action: downtime.ActionSet, bind: page(emergencySet)},
	}
}
