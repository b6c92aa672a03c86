package access

import (
	"errors"
	"sync"
	"time"

	"chartroom/internal/gate"
	"chartroom/internal/seal"
)

// The actions of this package.
const (
	ActionSetUp       gate.Action = "access.set-up"      // make the first administrator
	ActionManage      gate.Action = "access.manage"      // add and change people
	ActionList        gate.Action = "access.list"        // see who works here
	ActionCredential  gate.Action = "access.credential"  // credentials and privileges
	ActionSignIn      gate.Action = "access.sign-in"     // also failed, and the lock screen
	ActionSignOut     gate.Action = "access.sign-out"    // also everywhere
	ActionSession     gate.Action = "access.session"     // look up and keep up a session or token
	ActionLabel       gate.Action = "access.label"       // mark a record as sensitive
	ActionBreakGlass  gate.Action = "access.break-glass" // open a closed record with a reason
	ActionTokenCreate gate.Action = "token.create"
	ActionTokenList   gate.Action = "token.list"
	ActionTokenRevoke gate.Action = "token.revoke"
)

// Errors that callers tell apart, with errors.Is.
var (
	ErrSignIn     = errors.New("access: the name or the password is wrong")
	ErrNoSession  = errors.New("access: not signed in, or signed out meanwhile")
	ErrLocked     = errors.New("access: the screen is locked")
	ErrNoToken    = errors.New("access: the token is unknown, expired or revoked")
	ErrSetUpDone  = errors.New("access: the department is set up already")
	ErrSetUpCode  = errors.New("access: the set-up code is not the one printed on the console")
	ErrNoStaff    = errors.New("access: there is no such member of staff")
	ErrLoginTaken = errors.New("access: somebody has this sign-in name already")
)

// Options are the settings of a Service; zero values give the defaults.
type Options struct {
	Idle     time.Duration // a session unused for so long ends; default 30 minutes
	Absolute time.Duration // a session ends after so long in any case; default 12 hours
	Hash     HashCost      // default DefaultHashCost
	Now      func() time.Time
}

// Service is the door of this package. It is safe for concurrent use.
type Service struct {
	gate    *gate.Gate
	ring    *seal.Ring
	options Options
	hashing chan struct{} // bounds how many passwords are hashed at a time
	decoy   func() string // a hash that no password has

	setUp  setUpCode
	memory memory

	tokens tokenUse
}

// sessionMemory is how long a look-up of a session or token is believed.
const sessionMemory = 5 * time.Second

// New makes the service on an open gate.
func New(g *gate.Gate, r *seal.Ring, o Options) *Service {
	if o.Idle == 0 {
		o.Idle = 30 * time.Minute
	}
	if o.Absolute == 0 {
		o.Absolute = 12 * time.Hour
	}
	if o.Hash == (HashCost{}) {
		o.Hash = DefaultHashCost()
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	s := &Service{gate: g, ring: r, options: o, hashing: make(chan struct{}, maxHashing)}
	s.decoy = sync.OnceValue(func() string { return hashPassword("", o.Hash) })
	s.memory.now, s.memory.entries = o.Now, map[[32]byte]remembered{}
	return s
}

// console is who acts before anybody is signed in, and on the host's console.
func console() gate.Actor { return gate.Actor{ID: "console", Kind: gate.System, Name: "Console"} }

// Console is the actor of commands that are run on the host itself, whose user
// may read the database and the keys anyway.
func Console() gate.Actor { return console() }

// door is who acts when somebody signs in: they are not known yet.
func door() gate.Actor { return gate.Actor{ID: "sign-in", Kind: gate.System, Name: "Sign-in"} }
