// Package ui draws the pages of Chartroom: templ components, style sheets and
// ES modules, all our own, all compiled into the binary.
//
// What always holds: a page is drawn from plain values that its caller read
// through the gate; this package reads no record itself. No page has inline
// script or style, names a third party, or puts patient data into an address, a
// title or the storage of the browser. Every colour and size is a token of
// static/css/01-tokens.css.
package ui
