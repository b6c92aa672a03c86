package server

import "chartroom/internal/deficiency"

// orderRoutes are the routes of how accurate and in order the records are.
func orderRoutes() []Route {
	return []Route{
		{Method: get, Pattern: "/order", Action: deficiency.ActionList, bind: page(orderPage)},
		{Method: get, Pattern: "/order/cases", PHI: true, Action: deficiency.ActionList, bind: page(orderCasesPage)},
		{Method: get, Pattern: "/order/cases.csv", PHI: true, Action: deficiency.ActionList, bind: page(orderCasesCSV)},
	}
}
