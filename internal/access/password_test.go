package access

// Inside the package: the written form of a hash and the delays are nobody
// else's business.

import (
	"strings"
	"testing"
	"time"
)

func TestCheckPassword(t *testing.T) {
	for password, want := range map[string]string{
		"":                                "needs 12",
		"elevenchars":                     "needs 12",
		"tamarisk in the wind":            "",
		"pässwörter sind lang":            "",
		"aaaaaaaaaaaa":                    "few characters",
		"abababababab":                    "few characters",
		"abcdefghijklmn":                  "neighbouring",
		"qwertyuiopas":                    "neighbouring",
		"123456789012":                    "neighbouring",
		"Password1234":                    "tried first",
		"passwordpassword":                "tried first",
		"CorrectHorseBatteryStaple":       "tried first",
		"Administrator1":                  "tried first",
		"my tessa likes plums":            "sign-in name",
		"nul\x00in the password":          "typed again",
		strings.Repeat("long enough", 30): "are enough",
	} {
		err := CheckPassword(password, "tessa")
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", password, err, want)
		}
	}
}

func TestHashForm(t *testing.T) {
	cost := HashCost{Time: 1, Memory: 64, Threads: 1}
	h := hashPassword("secret", cost)
	if !strings.HasPrefix(h, "$argon2id$v=19$m=64,t=1,p=1$") {
		t.Error(h)
	}
	if h == hashPassword("secret", cost) {
		t.Error("two hashes of one password are equal: no salt")
	}
	if ok, c, err := checkPassword("secret", h); !ok || c != cost || err != nil {
		t.Error(ok, c, err)
	}
	if ok, _, err := checkPassword("Secret", h); ok || err != nil {
		t.Error(ok, err)
	}
	for _, bad := range []string{"", "x", "$argon2id$v=19$m=64,t=1,p=1$$", "$argon2id$v=19$m=99999999,t=1,p=1$AAAA$AAAA",
		"$argon2id$v=19$m=64,t=0,p=1$AAAA$AAAA", "$argon2i$v=19$m=64,t=1,p=1$AAAA$AAAA", "$argon2id$v=19$m=64,t=1,p=1$A*A$AAAA"} {
		if ok, _, err := checkPassword("secret", bad); ok || err == nil {
			t.Errorf("%q: %v, %v", bad, ok, err)
		}
	}
}

func TestDelays(t *testing.T) {
	for n, want := range map[int64]time.Duration{-1: 0, 0: time.Second, 1: 2 * time.Second, 5: 32 * time.Second, 9: 512 * time.Second, 10: longestDelay, 1 << 40: longestDelay} {
		if got := delayAfter(n); got != want {
			t.Errorf("delay after %d: %v, want %v", n, got, want)
		}
	}
}

func BenchmarkDefaultHash(b *testing.B) {
	for b.Loop() {
		hashPassword("plover under the tamarisk", DefaultHashCost())
	}
}

// TestUnknownNamesCostTheSame: a name that nobody has is checked against a hash
// made at the same cost as everybody's, so that its answer takes as long. The
// cost is compared, not the clock: a loaded machine proves nothing.
func TestUnknownNamesCostTheSame(t *testing.T) {
	cost := HashCost{Time: 4, Memory: 8 * 1024, Threads: 1}
	s := New(nil, nil, Options{Hash: cost})
	stored := hashPassword("plover under the tamarisk", cost)
	hashed := 0
	made := s.decoy
	s.decoy = func() string { hashed++; return made() }
	if ok, _, err := s.verify(t.Context(), "a wrong password", ""); ok || err != nil {
		t.Fatal(ok, err)
	}
	if hashed != 1 {
		t.Errorf("an unknown name was checked against the decoy %d times", hashed)
	}
	parameters := func(hash string) string { return hash[:strings.LastIndex(hash[:strings.LastIndex(hash, "$")], "$")] }
	if a, b := parameters(made()), parameters(stored); a != b {
		t.Errorf("the decoy is made at %s, a real hash at %s", a, b)
	}
}
