package server

// workRoutes are the routes of the work lists and the hand-over.
func workRoutes() []Route {
	return nil
}
