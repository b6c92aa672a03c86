// Package incoming is the desk where what came in is put in its place: scans are
// indexed to patient, encounter and type, misfiled documents moved, discharges
// held against the records received, and paper volumes tracked.
package incoming
