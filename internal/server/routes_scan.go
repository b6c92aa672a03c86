package server

// scanRoutes are the routes of the pages of scans.
func scanRoutes() []Route {
	return nil
}
