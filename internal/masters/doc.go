// Package masters keeps what records refer to and no patient owns: providers and
// their credentials, facilities and units with their time zones, payers and
// plans.
package masters
