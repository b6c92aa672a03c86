package server

import "chartroom/internal/scan"

// scanRoutes are the routes of the pages of scans.
func scanRoutes() []Route {
	return []Route{
		// {image} is the page's number with the ending .png.
		{Method: get, Pattern: "/scans/{scan}/pages/{image}", PHI: true, Action: scan.ActionRead, bind: page(scanImage)},
		{Method: get, Pattern: "/scans/{scan}/pages/{page}/words", PHI: true, Action: scan.ActionRead, bind: page(scanWords)},
		{Method: get, Pattern: "/scans/{scan}/file", PHI: true, Action: scan.ActionRead, bind: page(scanFile)},
	}
}
