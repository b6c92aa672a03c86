// Package hl7v2 reads and writes HL7 version 2 messages in the vertical-bar
// encoding (HL7 v2.x, chapter 2).
//
// A [Message] keeps the bytes as they were received and an index of where each
// segment and field begins; repetitions, components and subcomponents are found
// when they are asked for. Nothing is decoded until a [Value] is read.
//
// What always holds:
//
//   - Delimiters come from MSH-1 and MSH-2 of the message itself, the character
//     set from its MSH-18. A character set that is not read is refused by name,
//     bytes that are not of the declared set are refused with segment and offset.
//   - Segments may end in CR (the standard), LF or CR LF, mixed as they come.
//     Blank lines and a byte order mark before a header are passed over.
//   - An absent value, an empty value and the value `""` ("delete what you
//     have") are three different states, see [State].
//   - Every error is an [*Error] that names message, segment, field, line and
//     byte offset, and never quotes patient data.
//   - Input never causes a panic, and memory is bounded by [Options].
//
// [Parse] reads one message, [Reader] a file or stream of many, with batch
// headers (FHS, BHS, BTS, FTS) and MLLP framing bytes if there are any. The
// typed views ([ReadPID], [ReadOBX] and so on) give the segments that a health
// record is made of. [Builder] and [Ack] write messages. Package mllp beside
// this one carries messages over TCP.
package hl7v2
