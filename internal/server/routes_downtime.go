package server

// downtimeRoutes are the routes of the read-only mode and the emergency sets.
func downtimeRoutes() []Route {
	return nil
}
