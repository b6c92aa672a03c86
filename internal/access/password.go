package access

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	_ "embed"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"sync"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"
)

// Limits of passwords (NIST SP 800-63B-4, 3.1.1: length counts, composition rules
// do not; the upper limit bounds the work of hashing).
const (
	MinPassword = 12  // characters
	maxPassword = 256 // characters
	maxHashing  = 2   // passwords hashed at a time: 64 MiB and a core each
)

// HashCost is the cost of an Argon2id hash (RFC 9106). It is stored with each
// hash, so it can be raised later: a password is hashed anew when it is next used.
type HashCost struct {
	Time    uint32 // passes
	Memory  uint32 // KiB
	Threads uint8
}

// DefaultHashCost takes 64 MiB and about 0.15 s: the second choice of RFC 9106, 4,
// with two lanes in place of four, as the smallest host has two cores.
func DefaultHashCost() HashCost { return HashCost{Time: 3, Memory: 64 * 1024, Threads: 2} }

const (
	saltSize = 16
	hashSize = 32
)

// hashPassword writes a password's Argon2id hash with its cost and salt, in the
// usual form $argon2id$v=19$m=…,t=…,p=…$salt$hash.
func hashPassword(password string, c HashCost) string {
	salt := make([]byte, saltSize)
	_, _ = rand.Read(salt) // never fails: crypto/rand ends the program instead
	sum := argon2.IDKey([]byte(password), salt, c.Time, c.Memory, c.Threads, hashSize)
	enc := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s",
		argon2.Version, c.Memory, c.Time, c.Threads, enc.EncodeToString(salt), enc.EncodeToString(sum))
}

// checkPassword says whether password has the stored hash, and the cost of it.
func checkPassword(password, stored string) (bool, HashCost, error) {
	bad := errors.New("access: a stored password hash is damaged")
	parts := strings.Split(stored, "$")
	if len(parts) != 6 || parts[1] != "argon2id" || parts[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return false, HashCost{}, bad
	}
	var c HashCost
	if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &c.Memory, &c.Time, &c.Threads); err != nil {
		return false, HashCost{}, bad
	}
	// Bounds, so that a damaged row cannot ask for all the host's memory.
	if c.Time == 0 || c.Time > 64 || c.Threads == 0 || c.Memory > 1<<21 {
		return false, HashCost{}, bad
	}
	salt, err1 := base64.RawStdEncoding.DecodeString(parts[4])
	want, err2 := base64.RawStdEncoding.DecodeString(parts[5])
	if err1 != nil || err2 != nil || len(want) == 0 {
		return false, HashCost{}, bad
	}
	got := argon2.IDKey([]byte(password), salt, c.Time, c.Memory, c.Threads, uint32(len(want))) //nolint:gosec // a few dozen
	return subtle.ConstantTimeCompare(got, want) == 1, c, nil
}

// hash hashes a new password, waiting for its turn.
func (s *Service) hash(ctx context.Context, password string) (string, error) {
	if err := s.turn(ctx); err != nil {
		return "", err
	}
	defer func() { <-s.hashing }()
	return hashPassword(password, s.options.Hash), nil
}

// verify checks a password, waiting for its turn. Where stored is "" it does the
// same work and says no.
func (s *Service) verify(ctx context.Context, password, stored string) (bool, HashCost, error) {
	if err := s.turn(ctx); err != nil {
		return false, HashCost{}, err
	}
	defer func() { <-s.hashing }()
	if stored == "" {
		_, _, err := checkPassword(password, s.decoy())
		return false, HashCost{}, err
	}
	return checkPassword(password, stored)
}

func (s *Service) turn(ctx context.Context) error {
	select {
	case s.hashing <- struct{}{}:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("access: waiting to check a password: %w", ctx.Err())
	}
}

//go:embed common.txt
var commonText string

// common are passwords that are tried first, folded as squeeze does.
var common = sync.OnceValue(func() map[string]bool {
	set := map[string]bool{}
	for line := range strings.Lines(commonText) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			set[squeeze(line)] = true
		}
	}
	return set
})

// squeeze brings the variants of one word together: case, and the digits at the
// end that people add.
func squeeze(password string) string {
	return strings.TrimRight(strings.ToLower(password), "0123456789!.?*# ")
}

// CheckPassword says what is wrong with a new password, in words for the person.
func CheckPassword(password, login string) error {
	n := utf8.RuneCountInString(password)
	lower := strings.ToLower(password)
	switch {
	case !utf8.ValidString(password) || strings.ContainsRune(password, 0):
		return errors.New("access: the password has characters that cannot be typed again")
	case n < MinPassword:
		return fmt.Errorf("access: the password has %d characters; it needs %d", n, MinPassword)
	case n > maxPassword:
		return fmt.Errorf("access: the password has %d characters; %d are enough", n, maxPassword)
	case len(login) >= 3 && strings.Contains(lower, strings.ToLower(login)):
		return errors.New("access: the password holds the sign-in name")
	case fewLetters(lower):
		return errors.New("access: the password repeats the same few characters")
	case isRun(lower):
		return errors.New("access: the password is a row of neighbouring characters")
	case common()[squeeze(password)], common()[lower]:
		return errors.New("access: the password is one of those tried first")
	}
	return nil
}

// fewLetters finds passwords of less than five different characters.
func fewLetters(s string) bool {
	seen := map[rune]bool{}
	for _, r := range s {
		seen[r] = true
	}
	return len(seen) < 5
}

// isRun finds passwords that go along the alphabet, the digits or a keyboard row.
func isRun(s string) bool {
	const rows = "01234567890 abcdefghijklmnopqrstuvwxyz qwertyuiopasdfghjklzxcvbnm 1qaz2wsx3edc4rfv5tgb6yhn7ujm"
	steps, runes := 0, []rune(s)
	for i := 1; i < len(runes); i++ {
		pair := string(runes[i-1 : i+1])
		if strings.Contains(rows, pair) || strings.Contains(rows, string([]rune{runes[i], runes[i-1]})) {
			steps++
		}
	}
	return steps >= len(runes)-2
}
