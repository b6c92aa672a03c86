package seal

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
	"strconv"
	"sync"

	"github.com/tink-crypto/tink-go/v2/subtle"
)

const (
	sealedFormat = 1
	dataKeySize  = 32 // bytes
	nonceAndTag  = 12 + 16

	// MACSize is the length of a keyed hash in bytes.
	MACSize = 16
)

// ErrOpen says that a sealed value does not open: it was changed, it stands in
// another place than it was sealed for, or it belongs to another record.
var ErrOpen = errors.New("seal: the sealed value was changed or is not in its place")

// A NewerKeyError says that a value was sealed under a version of the record's
// key that this Key did not know when it was fetched: the key was rotated in
// between. Fetch the Key again.
type NewerKeyError struct{ Have, Want uint64 }

func (e *NewerKeyError) Error() string {
	return fmt.Sprintf("seal: the value needs version %d of the record's key, known is up to %d; fetch the key again", e.Want, e.Have)
}

// Key seals and opens what belongs to one record. It is safe for concurrent use.
type Key struct {
	owner    string
	versions []*subkeys // versions[i] is version i+1
	forget   func()     // drops this Key from the cache it came from
}

// subkeys are what one version of a record's data key is used as.
type subkeys struct {
	gcm cipher.AEAD // random nonce, put before the ciphertext
	mac sync.Pool   // of hash.Hash: HMAC-SHA256 under the record's hash key
}

// newSubkeys derives the sub-keys of a data key.
func newSubkeys(data []byte) (*subkeys, error) {
	sealing, err := subtle.ComputeHKDF("SHA256", data, nil, []byte("chartroom/record/seal/1"), dataKeySize)
	if err != nil {
		return nil, fmt.Errorf("seal: derive the sealing key: %w", err)
	}
	hashing, err := subtle.ComputeHKDF("SHA256", data, nil, []byte("chartroom/record/mac/1"), sha256.Size)
	if err != nil {
		return nil, fmt.Errorf("seal: derive the hashing key: %w", err)
	}
	// The standard library's GCM, which is also what Tink's AESGCM calls: its
	// Seal cannot fail and appends in place.
	block, err := aes.NewCipher(sealing)
	if err != nil {
		return nil, fmt.Errorf("seal: use the sealing key: %w", err)
	}
	s := new(subkeys)
	if s.gcm, err = cipher.NewGCMWithRandomNonce(block); err != nil {
		return nil, fmt.Errorf("seal: use the sealing key: %w", err)
	}
	s.mac.New = func() any { return hmac.New(sha256.New, hashing) }
	return s, nil
}

// Place names the place of a sealed value, to be given as its context: a value
// sealed for one place does not open at another.
func Place(table, column, row string, version int) string {
	b := make([]byte, 0, len(table)+len(column)+len(row)+8)
	b = append(b, table...)
	b = append(b, '.')
	b = append(b, column...)
	b = append(b, '/')
	b = append(b, row...)
	b = append(b, '/')
	return string(strconv.AppendInt(b, int64(version), 10))
}

// Owner is the record or message the key belongs to.
func (k *Key) Owner() string { return k.owner }

// Seal encrypts plain for the place that context names (see Place). Equal values
// give different sealed bytes.
func (k *Key) Seal(plain []byte, context string) []byte {
	version := uint64(len(k.versions))
	out := make([]byte, 0, 1+binary.MaxVarintLen16+nonceAndTag+len(plain))
	out = append(out, sealedFormat)
	out = binary.AppendUvarint(out, version)
	return k.versions[version-1].gcm.Seal(out, nil, plain, associated(out, context)) //nolint:gosec // nil: this GCM draws its nonce itself
}

// Open decrypts what Seal made for the same context. Its errors are ErrOpen
// (changed, moved, or another record's) and *NewerKeyError.
func (k *Key) Open(sealed []byte, context string) ([]byte, error) {
	if len(sealed) < 2 || sealed[0] != sealedFormat {
		return nil, ErrOpen
	}
	version, n := binary.Uvarint(sealed[1:])
	if n <= 0 || version == 0 || len(sealed) < 1+n+nonceAndTag {
		return nil, ErrOpen
	}
	if version > uint64(len(k.versions)) {
		k.forget()
		return nil, &NewerKeyError{Have: uint64(len(k.versions)), Want: version}
	}
	head := sealed[:1+n]
	plain, err := k.versions[version-1].gcm.Open(nil, nil, sealed[1+n:], associated(head, context))
	if err != nil {
		return nil, ErrOpen
	}
	if plain == nil {
		plain = []byte{}
	}
	return plain, nil
}

// associated is the associated data of a sealed value: its head and its place.
func associated(head []byte, context string) []byte {
	ad := make([]byte, 0, len(head)+len(context))
	ad = append(ad, head...)
	return append(ad, context...)
}

// MAC is the keyed hash of data under the record's key (HMAC-SHA256, first
// MACSize bytes): a short word cannot be guessed from it, as it could from a
// bare hash. It stays the same when the record's key is rotated, because it is
// kept in evidence for as long as the record lives.
func (k *Key) MAC(data []byte) []byte {
	pool := &k.versions[0].mac
	h, _ := pool.Get().(hash.Hash) // the pool's New makes nothing else
	h.Reset()
	_, _ = h.Write(data) // hash.Hash documents that Write never fails
	sum := h.Sum(make([]byte, 0, sha256.Size))
	pool.Put(h)
	return sum[:MACSize:MACSize]
}

// VerifyMAC says whether mac is the keyed hash of data, in constant time.
func (k *Key) VerifyMAC(data, mac []byte) bool { return hmac.Equal(k.MAC(data), mac) }
