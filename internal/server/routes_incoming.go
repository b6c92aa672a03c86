package server

// incomingRoutes are the routes of the incoming desk.
func incomingRoutes() []Route {
	return nil
}
