package server

import "chartroom/internal/words"

// wordRoutes are the routes of finding documents by their words.
func wordRoutes() []Route {
	return []Route{
		{Method: get, Pattern: "/find/documents", PHI: true, Action: words.ActionSearch, bind: page(findWordsPage)},
		{Method: post, Pattern: "/find/documents", PHI: true, Action: words.ActionSearch, bind: page(findWords)},
	}
}
