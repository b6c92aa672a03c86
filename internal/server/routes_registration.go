package server

// registrationRoutes are the routes of registration and correction by hand.
func registrationRoutes() []Route {
	return nil
}
