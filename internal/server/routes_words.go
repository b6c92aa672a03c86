package server

// wordRoutes are the routes of finding documents by their words.
func wordRoutes() []Route {
	return nil
}
