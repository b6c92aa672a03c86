package server

import "chartroom/internal/work"

// workRoutes are the routes of the work lists and the hand-over.
func workRoutes() []Route {
	const items = "/api/v1/work"
	return []Route{
		{Method: get, Pattern: "/work", PHI: true, Action: work.ActionList, bind: page(workPage)},
		{Method: get, Pattern: "/work.csv", PHI: true, Action: work.ActionList, bind: page(workCSV)},
		{Method: get, Pattern: "/work/today", PHI: true, Action: work.ActionToday, bind: page(todayPage)},
		{Method: post, Pattern: "/work/filters", Action: work.ActionFilter, bind: page(saveFilter)},
		{Method: post, Pattern: "/work/filters/{filter}/forget", Action: work.ActionFilter, bind: page(dropFilter)},
		{Method: get, Pattern: "/work/handover", PHI: true, Action: work.ActionHandOver, bind: page(handOverPage)},
		{Method: get, Pattern: "/work/handover/{note}", PHI: true, Action: work.ActionHandOver, bind: page(notePage)},
		{Method: post, Pattern: "/work/handover/{note}/read", Action: work.ActionHandOver, bind: page(markRead)},

		{Method: get, Pattern: items, PHI: true, Action: work.ActionList, bind: api("List work, the most pressing first", apiWork)},
		{Method: get, Pattern: items + "/counts", Action: work.ActionList, bind: api("How much lies in each queue", apiWorkCounts)},
		{Method: get, Pattern: items + "/{id}/history", PHI: true, Action: work.ActionList, bind: api("Every change of an item", apiWorkHistory)},
		{Method: post, Pattern: items + "/next", PHI: true, Action: work.ActionClaim, bind: api("Hand out the most pressing item", apiWorkNext)},
		{Method: post, Pattern: items + "/claim", PHI: true, Action: work.ActionClaim, bind: api("Claim items", apiWorkClaim)},
		{Method: post, Pattern: items + "/release", PHI: true, Action: work.ActionClaim, bind: api("Give items back", apiWorkRelease)},
		{Method: post, Pattern: items + "/skip", PHI: true, Action: work.ActionClaim, bind: api("Put items off, with a reason", apiWorkSkip)},
		{Method: post, Pattern: items + "/extend", PHI: true, Action: work.ActionExtend, bind: api("Move due dates on, as their rules allow", apiWorkExtend)},
		{Method: post, Pattern: items + "/assign", PHI: true, Action: work.ActionAssign, bind: api("Give items to somebody", apiWorkAssign)},
		{Method: post, Pattern: items + "/priority", PHI: true, Action: work.ActionAssign, bind: api("Say how pressing items are", apiWorkPriority)},
		{Method: post, Pattern: items + "/undo", PHI: true, Action: work.ActionClaim, bind: api("Take back one's last action on work", apiWorkUndo)},
		{Method: put, Pattern: items + "/handover/draft", PHI: true, Action: work.ActionHandOver, bind: api("Keep the hand-over note as it is typed", apiNoteDraft)},
		{Method: post, Pattern: items + "/handover/sign", PHI: true, Action: work.ActionHandOver, bind: api("Sign the hand-over note", apiNoteSign)},
		{Method: post, Pattern: items + "/handover/mention", PHI: true, Action: work.ActionHandOver, bind: api("Mention items in the hand-over note", apiNoteMention)},
	}
}
