package gate

import (
	"crypto/rand"
	"encoding/binary"
	"time"
)

// Identifiers are 130 bits as 26 digits of base 32: 54 bits of microseconds
// since 1970 (good until 2540), so that they sort by time and new rows lie
// together on the disk, and 76 bits of chance. The digits ascend in ASCII and
// leave out i, l, o and u, which people misread.
const idDigits = "0123456789abcdefghjkmnpqrstvwxyz"

const (
	idLength   = 26
	idTimeBits = 54
)

// NewID makes an identifier: 26 characters, sortable by the time of its making,
// opaque. No two are the same.
func NewID() string { return newID(time.Now()) }

// NewID makes an identifier that sorts by the instant of the action.
func (t *Tx) NewID() string { return newID(t.a.at) }

func newID(at time.Time) string {
	var chance [16]byte
	_, _ = rand.Read(chance[:]) // never fails: crypto/rand ends the program instead
	high := uint64(at.UnixMicro())<<(64-idTimeBits) | binary.BigEndian.Uint64(chance[:8])>>idTimeBits
	low := binary.BigEndian.Uint64(chance[8:])
	last := uint64(chance[1]) & 3 // the 2 bits that make 128 into 130
	var id [idLength]byte
	for i := range id {
		// Digit i holds bits 5i to 5i+4 of high, low and last, put in a row.
		id[i] = idDigits[bitsAt(high, low, last, 5*i)]
	}
	return string(id[:])
}

// bitsAt gives the 5 bits that start at the given bit of the 130.
func bitsAt(high, low, last uint64, start int) uint64 {
	switch {
	case start+5 <= 64:
		return high >> (59 - start) & 31
	case start < 64:
		over := start + 5 - 64
		return high<<over&31 | low>>(64-over)
	case start+5 <= 128:
		return low >> (59 + 64 - start) & 31
	default:
		return low<<2&31 | last
	}
}
