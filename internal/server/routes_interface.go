package server

// interfaceRoutes are the routes of the interface error queue.
func interfaceRoutes() []Route {
	return nil
}
