package server

// mastersRoutes are the routes of providers, facilities, payers.
func mastersRoutes() []Route {
	return nil
}
