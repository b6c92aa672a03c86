package pack

// Kind of thing that a Key names.
const (
	KindCode    = 0
	KindSection = 1
	KindChapter = 2
)

// Key packs up to seven characters and a kind into a number that sorts as the
// characters do: an undotted code, or the id of a section such as E08-E13.
// ok is false for a name that is too long, empty, or not printable ASCII.
func Key(name string, kind byte) (key uint64, ok bool) {
	if len(name) == 0 || len(name) > 7 {
		return 0, false
	}
	for i := 0; i < len(name); i++ {
		c := name[i]
		if c <= ' ' || c > '~' {
			return 0, false
		}
		key |= uint64(c) << (56 - 8*i)
	}
	return key | uint64(kind), true
}

// Name returns the characters of a key.
func Name(key uint64) string {
	var b [7]byte
	n := 0
	for n < 7 {
		c := byte(key >> (56 - 8*n))
		if c == 0 {
			break
		}
		b[n] = c
		n++
	}
	return string(b[:n])
}

// KindOf returns the kind of a key.
func KindOf(key uint64) byte { return byte(key) }

// Find returns the place of key in a sorted array, or the place where it would
// be.
func Find(keys []byte, key uint64) (int, bool) {
	lo, hi := 0, len(keys)/8
	for lo < hi {
		mid := int(uint(lo+hi) >> 1)
		if U64(keys, mid) < key {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	return lo, lo < len(keys)/8 && U64(keys, lo) == key
}
