package access

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"sync"
	"time"

	"chartroom/internal/gate"
)

// newSecret draws 256 bits, as text that fits a cookie or a header, and their
// hash, which is all that is stored.
func newSecret(prefix string) (secret string, hash [32]byte) {
	var b [32]byte
	_, _ = rand.Read(b[:]) // never fails: crypto/rand ends the program instead
	secret = prefix + base64.RawURLEncoding.EncodeToString(b[:])
	return secret, hashSecret(secret)
}

func hashSecret(secret string) [32]byte { return sha256.Sum256([]byte(secret)) }

// memory remembers look-ups of sessions and tokens for a short while, so that a
// page with its pictures asks the database once.
type memory struct {
	now     func() time.Time
	mu      sync.Mutex
	entries map[[32]byte]remembered
}

type remembered struct {
	actor gate.Actor
	until time.Time
}

const maxRemembered = 10000

func (m *memory) get(hash [32]byte) (gate.Actor, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	r, ok := m.entries[hash]
	if !ok || !m.now().Before(r.until) {
		return gate.Actor{}, false
	}
	return r.actor, true
}

func (m *memory) put(hash [32]byte, a gate.Actor, until time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.entries) >= maxRemembered {
		clear(m.entries)
	}
	if latest := m.now().Add(sessionMemory); until.After(latest) {
		until = latest
	}
	m.entries[hash] = remembered{actor: a, until: until}
}

func (m *memory) drop(hash [32]byte) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.entries, hash)
}

func (m *memory) clear() {
	m.mu.Lock()
	defer m.mu.Unlock()
	clear(m.entries)
}
