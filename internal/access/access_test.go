package access_test

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"chartroom/internal/access"
	"chartroom/internal/gate"
	"chartroom/internal/gate/gatetest"
	"chartroom/internal/seal"
)

const good = "plover under the tamarisk" // a password that is allowed

// cheap keeps the tests fast; the cost itself is tested in password_test.go.
var cheap = access.HashCost{Time: 1, Memory: 64, Threads: 1}

// clock is a clock that tests set.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

// house is a department with the real policy.
type house struct {
	*access.Service
	t     *testing.T
	gate  *gate.Gate
	ring  *seal.Ring
	clock *clock
	admin gate.Actor
}

// both runs a test on both engines, with an administrator set up.
func both(t *testing.T, test func(h *house)) {
	t.Helper()
	policy, err := access.NewPolicy(nil)
	if err != nil {
		t.Fatal(err)
	}
	c := &clock{at: time.Date(2026, 9, 1, 8, 0, 0, 0, time.UTC)}
	gatetest.Both(t, func(t *testing.T, g *gate.Gate) {
		r, err := seal.OpenRing(seal.File(filepath.Join(t.TempDir(), seal.KeyFile)))
		if err != nil {
			t.Fatal(err)
		}
		c.add(time.Date(2026, 9, 1, 8, 0, 0, 0, time.UTC).Sub(c.now())) // the engines share it
		h := &house{t: t, gate: g, ring: r, clock: c}
		h.Service = access.New(g, r, access.Options{Hash: cheap, Now: c.now})
		p, err := h.SetUp(t.Context(), h.SetUpCode(), access.NewStaff{Login: "ada", Name: "Ada Admin", Password: good})
		if err != nil {
			t.Fatal(err)
		}
		h.admin = p.Actor()
		test(h)
	}, func(cfg *gate.Config) { cfg.Policy, cfg.Now = testPolicy{policy}, c.now })
}

// testPolicy permits the actions that tests and gatetest declare themselves.
type testPolicy struct{ *access.Policy }

func (p testPolicy) Decide(ctx context.Context, tx *gate.Tx, req gate.Request) error {
	if strings.HasPrefix(string(req.Action), "test.") {
		return nil
	}
	return p.Policy.Decide(ctx, tx, req)
}

// hire adds a member of staff.
func (h *house) hire(login string, roles ...access.Role) access.Staff {
	h.t.Helper()
	p, err := h.AddStaff(h.t.Context(), h.admin, access.NewStaff{Login: login, Name: "Somebody " + login, Roles: roles, Password: good})
	if err != nil {
		h.t.Fatal(err)
	}
	return p
}

func (h *house) signIn(login, password string) (access.Session, error) {
	return h.SignIn(h.t.Context(), login, password, "192.0.2.1")
}

func TestSetUpOnce(t *testing.T) {
	both(t, func(h *house) {
		first, err := h.FirstRun(t.Context())
		if err != nil || first {
			h.t.Errorf("first run %v, %v", first, err)
		}
		n := access.NewStaff{Login: "eve", Name: "Eve", Password: good}
		if _, err := h.SetUp(t.Context(), h.SetUpCode(), n); err == nil {
			h.t.Error("set up twice")
		}
		// A second process has a code of its own, and still may not.
		other := access.New(h.gate, nil, access.Options{Hash: cheap})
		if _, err := other.SetUp(t.Context(), other.SetUpCode(), n); !errors.Is(err, access.ErrSetUpDone) {
			h.t.Errorf("set up by a second process: %v", err)
		}
	})
}

func TestSetUpCodeIsNeeded(t *testing.T) {
	g := gatetest.Open(t)
	s := access.New(g, nil, access.Options{Hash: cheap})
	if first, err := s.FirstRun(t.Context()); err != nil || !first {
		t.Errorf("first run %v, %v", first, err)
	}
	n := access.NewStaff{Login: "ada", Name: "Ada", Password: good}
	code := s.SetUpCode()
	for _, bad := range []string{"", "x", code[:10], code + "x"} {
		if _, err := s.SetUp(t.Context(), bad, n); !errors.Is(err, access.ErrSetUpCode) {
			t.Errorf("code %q: %v", bad, err)
		}
	}
	if _, err := s.SetUp(t.Context(), strings.ToUpper(strings.ReplaceAll(code, "-", " ")), n); err != nil {
		t.Error(err)
	}

	guessed := access.New(gatetest.Open(t), nil, access.Options{Hash: cheap})
	code = guessed.SetUpCode()
	for range 10 {
		_, _ = guessed.SetUp(t.Context(), "guess", n)
	}
	if _, err := guessed.SetUp(t.Context(), code, n); !errors.Is(err, access.ErrSetUpCode) {
		t.Errorf("the code still counts after ten guesses: %v", err)
	}
}

func TestSignIn(t *testing.T) {
	both(t, func(h *house) {
		p := h.hire("tess", access.Technician, access.Coder)
		s, err := h.signIn(" Tess ", good)
		if err != nil {
			h.t.Fatal(err)
		}
		a, err := h.Session(t.Context(), s.Token)
		if err != nil || a.ID != p.ID || a.Kind != gate.Person || a.Session != s.ID || strings.Join(a.Roles, " ") != "technician coder" {
			h.t.Errorf("%+v, %v", a, err)
		}
		for _, bad := range [][2]string{{"tess", "wrong password"}, {"nobody", good}, {"", ""}, {"tess", ""}} {
			if _, err := h.signIn(bad[0], bad[1]); !errors.Is(err, access.ErrSignIn) {
				h.t.Errorf("%q: %v", bad, err)
			}
		}
		if _, err := h.Session(t.Context(), "x"); !errors.Is(err, access.ErrNoSession) {
			h.t.Error(err)
		}
		if err := h.SignOut(t.Context(), s.Token); err != nil {
			h.t.Error(err)
		}
		if _, err := h.Session(t.Context(), s.Token); !errors.Is(err, access.ErrNoSession) {
			h.t.Errorf("after sign-out: %v", err)
		}
		if err := h.SignOut(t.Context(), s.Token); err != nil {
			h.t.Errorf("signing out twice: %v", err)
		}
	})
}

func TestLockOut(t *testing.T) {
	both(t, func(h *house) {
		h.hire("tess", access.Technician)
		// A name that nobody has is treated like one that somebody has.
		for _, login := range []string{"tess", "nobody"} {
			var locked *access.LockedOutError
			for i := range 5 {
				if _, err := h.SignIn(t.Context(), login, "wrong password", login+"-address"); !errors.Is(err, access.ErrSignIn) {
					h.t.Fatalf("%s, try %d: %v", login, i+1, err)
				}
			}
			last := time.Duration(0)
			for i := range 12 {
				_, err := h.SignIn(t.Context(), login, good, "another address")
				if !errors.As(err, &locked) {
					h.t.Fatalf("%s, after %d failures: %v", login, 5+i, err)
				}
				delay := locked.Until.Sub(h.clock.now())
				if delay < last || delay > 15*time.Minute {
					h.t.Errorf("%s: delay %v after %v", login, delay, last)
				}
				last = delay
				h.clock.add(delay)
				if _, err := h.SignIn(t.Context(), login, "wrong password", "third address"+login); !errors.Is(err, access.ErrSignIn) {
					h.t.Fatalf("%s: %v", login, err)
				}
			}
			if last < 10*time.Minute {
				h.t.Errorf("the delay grew to %v only", last)
			}
			h.clock.add(last + 40*time.Minute)
		}
		if _, err := h.signIn("tess", good); err != nil {
			h.t.Errorf("after the lock-out: %v", err)
		}
	})
}

func TestAddressLockOut(t *testing.T) {
	both(t, func(h *house) {
		h.hire("tess", access.Technician)
		var locked *access.LockedOutError
		for i := range 40 {
			_, err := h.SignIn(t.Context(), "name"+string(rune('a'+i)), "wrong password", "203.0.113.9")
			if errors.As(err, &locked) {
				if i < 20 {
					h.t.Errorf("locked after %d", i)
				}
				break
			}
		}
		if locked == nil {
			h.t.Fatal("an address may try 40 names")
		}
		if _, err := h.SignIn(t.Context(), "tess", good, "203.0.113.9"); !errors.As(err, &locked) {
			h.t.Error(err)
		}
		if _, err := h.SignIn(t.Context(), "tess", good, "203.0.113.10"); err != nil {
			h.t.Errorf("another address: %v", err)
		}
	})
}

func TestSessionsEnd(t *testing.T) {
	both(t, func(h *house) {
		h.hire("tess", access.Technician)
		idle, err := h.signIn("tess", good)
		if err != nil {
			h.t.Fatal(err)
		}
		used, _ := h.signIn("tess", good)
		for range 60 {
			h.clock.add(11 * time.Minute)
			if _, err := h.Session(t.Context(), used.Token); err != nil {
				break
			}
		}
		if got := h.clock.now().Sub(used.MadeAt); got < 11*time.Hour || got > 12*time.Hour+11*time.Minute {
			h.t.Errorf("a session in use ended after %v", got)
		}
		if _, err := h.Session(t.Context(), idle.Token); !errors.Is(err, access.ErrNoSession) {
			h.t.Errorf("an idle session: %v", err)
		}
	})
}

func TestSwitchedOff(t *testing.T) {
	both(t, func(h *house) {
		p := h.hire("tess", access.Technician)
		s, err := h.signIn("tess", good)
		if err != nil {
			h.t.Fatal(err)
		}
		if _, err := h.Session(t.Context(), s.Token); err != nil {
			h.t.Fatal(err)
		}
		if _, err := h.ChangeStaff(t.Context(), h.admin, p.ID, func(p *access.Staff) { p.Active = false }); err != nil {
			h.t.Fatal(err)
		}
		if _, err := h.Session(t.Context(), s.Token); !errors.Is(err, access.ErrNoSession) {
			h.t.Errorf("session: %v", err)
		}
		if _, err := h.signIn("tess", good); !errors.Is(err, access.ErrSignIn) {
			h.t.Errorf("sign-in: %v", err)
		}
		// Also whoever still holds the actor may do nothing.
		err = h.gate.Read(t.Context(), p.Actor(), "chart.read", gate.Record("r"), func(*gate.Tx) error { return nil })
		if _, ok := errors.AsType[*gate.Denied](err); !ok {
			h.t.Errorf("action: %v", err)
		}
	})
}

func TestSignOutEverywhereAndLock(t *testing.T) {
	both(t, func(h *house) {
		h.hire("tess", access.Technician)
		a, _ := h.signIn("tess", good)
		b, _ := h.signIn("tess", good)
		actor, err := h.Session(t.Context(), a.Token)
		if err != nil {
			h.t.Fatal(err)
		}
		if err := h.Lock(t.Context(), a.Token); err != nil {
			h.t.Fatal(err)
		}
		if _, err := h.Session(t.Context(), a.Token); !errors.Is(err, access.ErrLocked) {
			h.t.Errorf("locked: %v", err)
		}
		if err := h.Unlock(t.Context(), a.Token, "wrong password", "x"); !errors.Is(err, access.ErrSignIn) {
			h.t.Errorf("unlock with a wrong password: %v", err)
		}
		if err := h.Unlock(t.Context(), a.Token, good, "x"); err != nil {
			h.t.Error(err)
		}
		if _, err := h.Session(t.Context(), a.Token); err != nil {
			h.t.Errorf("unlocked: %v", err)
		}
		if all, err := h.Sessions(t.Context(), actor); err != nil || len(all) != 2 {
			h.t.Errorf("%d sessions, %v", len(all), err)
		}
		if err := h.SignOutEverywhere(t.Context(), actor); err != nil {
			h.t.Fatal(err)
		}
		for _, token := range []string{a.Token, b.Token} {
			if _, err := h.Session(t.Context(), token); !errors.Is(err, access.ErrNoSession) {
				h.t.Error(err)
			}
		}
	})
}

func TestChangePassword(t *testing.T) {
	both(t, func(h *house) {
		h.hire("tess", access.Technician)
		here, _ := h.signIn("tess", good)
		there, err := h.signIn("tess", good)
		if err != nil {
			h.t.Fatal(err)
		}
		const next = "a quite different password"
		if err := h.ChangePassword(t.Context(), here.Actor, "wrong password", next, "x"); !errors.Is(err, access.ErrSignIn) {
			h.t.Errorf("with a wrong password: %v", err)
		}
		if err := h.ChangePassword(t.Context(), here.Actor, good, "short", "x"); err == nil {
			h.t.Error("took a short password")
		}
		if err := h.ChangePassword(t.Context(), here.Actor, good, next, "x"); err != nil {
			h.t.Fatal(err)
		}
		if _, err := h.Session(t.Context(), here.Token); err != nil {
			h.t.Errorf("this session: %v", err)
		}
		if _, err := h.Session(t.Context(), there.Token); !errors.Is(err, access.ErrNoSession) {
			h.t.Errorf("the other session: %v", err)
		}
		if _, err := h.signIn("tess", good); !errors.Is(err, access.ErrSignIn) {
			h.t.Errorf("the former password: %v", err)
		}
		if _, err := h.signIn("tess", next); err != nil {
			h.t.Errorf("the new password: %v", err)
		}
	})
}

func TestLastAdministratorStays(t *testing.T) {
	both(t, func(h *house) {
		if _, err := h.SetRoles(t.Context(), h.admin, h.admin.ID, []access.Role{access.Coder}); err == nil {
			h.t.Error("the last administrator took the role off")
		}
		if _, err := h.ChangeStaff(t.Context(), h.admin, h.admin.ID, func(p *access.Staff) { p.Active = false }); err == nil {
			h.t.Error("the last administrator was switched off")
		}
		h.hire("bob", access.Administrator)
		if _, err := h.SetRoles(t.Context(), h.admin, h.admin.ID, []access.Role{access.Coder}); err != nil {
			h.t.Error(err)
		}
	})
}

func TestStaffRules(t *testing.T) {
	both(t, func(h *house) {
		h.hire("tess", access.Technician)
		for name, n := range map[string]access.NewStaff{
			"taken":    {Login: "TESS", Name: "T", Password: good},
			"no login": {Name: "T", Password: good},
			"no name":  {Login: "t", Password: good},
			"role":     {Login: "t", Name: "T", Roles: []access.Role{"king"}, Password: good},
			"program":  {Login: "t", Name: "T", Roles: []access.Role{access.ProgramRole}, Password: good},
			"password": {Login: "t", Name: "T", Password: "short"},
			"spaces":   {Login: "t t", Name: "T", Password: good},
		} {
			if _, err := h.AddStaff(t.Context(), h.admin, n); err == nil {
				h.t.Errorf("%s: added", name)
			}
		}
		all, err := h.Staff(t.Context(), h.admin)
		if err != nil || len(all) != 2 || all[1].Login != "tess" {
			h.t.Errorf("%+v, %v", all, err)
		}
		if err := h.SetPassword(t.Context(), h.admin, all[1].ID, "tess", "a quite different password"); err != nil {
			h.t.Error(err)
		}
		if _, err := h.signIn("tess", "a quite different password"); err != nil {
			h.t.Error(err)
		}
		var denied *gate.Denied
		if _, err := h.AddStaff(t.Context(), all[1].Actor(), access.NewStaff{Login: "x", Name: "X", Password: good}); !errors.As(err, &denied) {
			h.t.Errorf("a technician added staff: %v", err)
		}
	})
}

// A hash of a former cost is made anew when its password is next used.
func TestHashIsRenewed(t *testing.T) {
	both(t, func(h *house) {
		p := h.hire("tess", access.Technician)
		stored := func() (hash string) {
			h.t.Helper()
			err := h.gate.Read(t.Context(), gatetest.Actor(), "test.look", gate.Department(), func(tx *gate.Tx) error {
				return tx.QueryRow(t.Context(), `SELECT password FROM access_staff WHERE id = $1`, p.ID).Scan(&hash)
			})
			if err != nil {
				h.t.Fatal(err)
			}
			return hash
		}
		if hash := stored(); !strings.Contains(hash, "m=64,t=1,p=1") || strings.Contains(hash, good) {
			h.t.Error(hash)
		}
		r, err := seal.OpenRing(seal.File(filepath.Join(t.TempDir(), seal.KeyFile)))
		if err != nil {
			h.t.Fatal(err)
		}
		dearer := access.New(h.gate, r, access.Options{Hash: access.HashCost{Time: 2, Memory: 128, Threads: 1}, Now: h.clock.now})
		for range 2 {
			if _, err := dearer.SignIn(t.Context(), "tess", good, "x"); err != nil {
				h.t.Fatal(err)
			}
			if hash := stored(); !strings.Contains(hash, "m=128,t=2,p=1") {
				h.t.Error(hash)
			}
		}
	})
}
