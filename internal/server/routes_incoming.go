package server

import (
	"chartroom/internal/incoming"
	"chartroom/internal/scan"
)

// incomingRoutes are the routes of the incoming desk.
func incomingRoutes() []Route {
	const (
		index     = incoming.ActionIndex
		read      = incoming.ActionRead
		reconcile = incoming.ActionReconcile
		list      = "/incoming/discharges/{list}"
		volume    = "/incoming/paper/{volume}"
		scans     = "/api/v1/incoming/scans/{scan}"
		documents = "/api/v1/incoming/documents/{document}"
	)
	return []Route{
		{Method: get, Pattern: "/incoming", PHI: true, Action: read, bind: page(incomingPage)},
		{Method: get, Pattern: "/incoming/{scan}", PHI: true, Action: scan.ActionRead, bind: page(scanDeskPage)},
		{Method: get, Pattern: "/incoming/documents/{document}", PHI: true, Action: read, bind: page(filedPage)},
		{Method: get, Pattern: "/incoming/indexed", PHI: true, Action: read, bind: page(indexedPage)},
		{Method: get, Pattern: "/incoming/misfiles", PHI: true, Action: read, bind: page(misfilesPage)},
		{Method: get, Pattern: "/incoming/misfiles.csv", PHI: true, Action: read, bind: page(misfilesCSV)},
		{Method: post, Pattern: "/incoming/misfiles/{misfile}/undo", PHI: true, Action: incoming.ActionMove, bind: page(undoMisfile)},
		{Method: get, Pattern: "/incoming/discharges", PHI: true, Action: reconcile, bind: page(dischargesPage)},
		{Method: post, Pattern: "/incoming/discharges", PHI: true, Action: reconcile, Limit: 4 << 20, bind: page(postDischarges)},
		{Method: get, Pattern: list, PHI: true, Action: reconcile, bind: page(dischargeListPage)},
		{Method: get, Pattern: list + "/csv", PHI: true, Action: reconcile, bind: page(dischargeListCSV)},
		{Method: post, Pattern: list + "/match", PHI: true, Action: reconcile, bind: page(matchDischarges)},
		{Method: post, Pattern: list + "/lines", PHI: true, Action: reconcile, bind: page(settleDischarge)},
		{Method: get, Pattern: "/incoming/paper", PHI: true, Action: incoming.ActionPaper, bind: page(paperPage)},
		{Method: post, Pattern: "/incoming/paper", PHI: true, Action: incoming.ActionPaperKeep, bind: page(addVolume)},
		{Method: post, Pattern: "/incoming/paper/find", PHI: true, Action: incoming.ActionPaper, bind: page(findVolume)},
		{Method: get, Pattern: volume, PHI: true, Action: incoming.ActionPaper, bind: page(volumePage)},
		{Method: post, Pattern: volume, PHI: true, bind: page(turnVolume)},
		{Method: get, Pattern: volume + "/label", PHI: true, Action: incoming.ActionPaper, bind: page(labelPage)},

		{Method: get, Pattern: scans, PHI: true, Action: read, bind: api("Read a scan at the desk: its pages and what their words say", apiDesk)},
		{Method: post, Pattern: scans + "/read", PHI: true, Action: read, bind: api("Read what some pages of a scan say", apiReadPages)},
		{Method: put, Pattern: scans + "/draft", PHI: true, Action: index, bind: api("Keep what is being typed for a scan", apiScanDraft)},
		{Method: post, Pattern: scans + "/aside", PHI: true, Action: index, bind: api("Set pages aside: blank, or no part of a record", apiSetAside)},
		{Method: post, Pattern: scans + "/back", PHI: true, Action: index, bind: api("Let pages that were set aside wait again", apiPutBack)},
		{Method: post, Pattern: "/api/v1/incoming/documents", PHI: true, Action: index, bind: api("Index pages: make a document of them", apiIndexPages)},
		{Method: get, Pattern: "/api/v1/incoming/records/{record}/encounters", PHI: true, Action: read, bind: api("List a record's encounters to choose from", apiEncountersOf)},
		{Method: get, Pattern: documents, PHI: true, Action: read, bind: api("Read the sheets of a document", apiFiled)},
		{Method: post, Pattern: documents + "/arrange", PHI: true, Action: index, bind: api("Order and turn the sheets of a document", apiArrange)},
		{Method: post, Pattern: documents + "/split", PHI: true, Action: index, bind: api("Split a document in two", apiSplit)},
		{Method: post, Pattern: documents + "/join", PHI: true, Action: index, bind: api("Join another document behind this one", apiJoin)},
		{Method: post, Pattern: documents + "/move", PHI: true, Action: incoming.ActionMove, bind: api("Move a misfiled document, or some of its sheets", apiMoveFiled)},
		{Method: post, Pattern: documents + "/unindex", PHI: true, Action: index, bind: api("Take a document back: its pages wait again", apiUnindex)},
		{Method: post, Pattern: "/api/v1/incoming/misfiles/{misfile}/undo", PHI: true, Action: incoming.ActionMove, bind: api("Undo a move", apiUndoMove)},
	}
}
