package server

// deficiencyRoutes are the routes of findings on records and how the department stands.
func deficiencyRoutes() []Route {
	return nil
}
