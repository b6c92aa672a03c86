// Package server answers HTTP: the pages of package ui, the JSON API with its
// OpenAPI description, the final codes as FHIR, and health.
//
// What always holds: every route stands in one table (routes.go) and nothing is
// registered beside it. A route that is not marked public is refused without a
// session or token before its id, method, body or origin are looked at; so is
// every address that is no route at all. Nothing about a patient is written to
// a log, an address or a title: requests are logged by the pattern of their
// route alone.
package server
