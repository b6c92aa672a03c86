// Package browser plays Chartroom in a real browser (Playwright driving
// Chromium): the main job by keyboard alone with its keystrokes counted, every
// screen in both themes and on a phone with axe finding nothing, what was typed
// surviving a closed tab, the lock and a restarted server.
//
// What always holds: the server under test is the real one on the demo
// department, in its own folder and on its own port. The test fails on any
// message on the browser's console, any breach of the Content-Security-Policy,
// any request to another host, and any patient's name in an address, a title or
// the browser's storage.
package browser
