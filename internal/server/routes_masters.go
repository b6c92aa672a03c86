package server

import "chartroom/internal/masters"

// mastersRoutes are the routes of providers, facilities, units, payers and plans.
func mastersRoutes() []Route {
	routes := []Route{}
	for _, room := range masterRooms {
		at := "/masters/" + room.path
		routes = append(routes,
			Route{Method: get, Pattern: at, Action: masters.ActionRead, bind: page(room.list)},
			Route{Method: post, Pattern: at, Action: masters.ActionPropose, bind: page(room.add)},
			Route{Method: get, Pattern: at + ".csv", Action: masters.ActionRead, bind: page(room.export)},
			Route{Method: post, Pattern: at + "/import", Action: masters.ActionChange, Limit: 16 << 20, bind: page(room.load)},
		)
	}
	// A proposal holds what a message called a provider, which nobody has looked at
	// yet.
	return append(routes,
		Route{Method: get, Pattern: "/masters", Action: masters.ActionRead, bind: page(mastersHome)},
		Route{Method: get, Pattern: "/masters/entries/{entry}", Action: masters.ActionRead, bind: page(masterPage)},
		Route{Method: post, Pattern: "/masters/entries/{entry}", Action: masters.ActionPropose, bind: page(changeMaster)},
		Route{Method: post, Pattern: "/masters/entries/{entry}/merge", Action: masters.ActionChange, bind: page(mergeMaster)},
		Route{Method: post, Pattern: "/masters/entries/{entry}/unmerge", Action: masters.ActionChange, bind: page(unmergeMaster)},
		Route{Method: get, Pattern: "/masters/proposals/{proposal}", Action: masters.ActionChange, bind: page(proposalPage)},
		Route{Method: post, Pattern: "/masters/proposals/{proposal}", Action: masters.ActionChange, bind: page(settleProposal)},
	)
}
