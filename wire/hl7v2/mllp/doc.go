// Package mllp carries HL7 v2 messages over a byte stream in the frames of the
// Minimal Lower Layer Protocol (HL7 Transport Specification: MLLP, release 1):
//
//	0x0B message 0x1C 0x0D
//
// What always holds:
//
//   - Frames are found however the stream splits or coalesces them; bytes
//     between frames other than line ends are reported, never passed over in
//     silence, and never taken for part of a message.
//   - A frame has a largest size; what is larger is passed over and reported.
//   - On one connection messages are answered in the order they came, one at a
//     time. No answer is sent unless the handler returned it.
//   - When a Server is told to stop, messages being handled are answered first.
package mllp
