package gate

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync/atomic"
	"time"

	"chartroom/internal/gate/internal/store"
)

// Config says what a gate stands on.
type Config struct {
	Dir      string // folder of the embedded database and its files; used when Database is ""
	Database string // address of a PostgreSQL database, postgres://…, or ""
	Policy   Policy
	Recorder Recorder
	Now      func() time.Time // the clock; time.Now where nil
}

// Gate is the open department. Its methods may be called by many goroutines.
type Gate struct {
	store    store.Store
	policy   Policy
	recorder Recorder
	now      func() time.Time
	frozen   atomic.Pointer[[]Action] // nil while changes are taken
}

// Errors that callers tell apart, with errors.Is.
var (
	ErrClosed     = store.ErrClosed // the gate was closed
	ErrNested     = store.ErrNested // Change or Read was called inside the function of another
	ErrEnded      = store.ErrEnded  // a Tx was used after its function returned
	ErrBusy       = store.ErrBusy   // too many changes collided; the caller may try again
	ErrReadOnly   = errors.New("the department is read-only at the moment; nothing was changed")
	ErrNoPolicy   = errors.New("refused: the gate has no policy")
	ErrNoRecorder = errors.New("refused: the gate has no audit log")
)

// Open opens the database, creating it if it is new, brings its tables up to
// date and starts the write queue. A gate opened without a Policy or a Recorder
// refuses every action.
func Open(ctx context.Context, c Config) (*Gate, error) {
	s, err := store.Open(ctx, store.Config{Dir: c.Dir, Database: c.Database})
	if err != nil {
		return nil, fmt.Errorf("opening the gate: %w", err)
	}
	g := &Gate{store: s, policy: c.Policy, recorder: c.Recorder, now: c.Now}
	if g.now == nil {
		g.now = time.Now
	}
	return g, nil
}

// ReadOnly has this gate refuse every change with ErrReadOnly, but for the actions
// named, until Writable. Reads go on, and write their audit entries. A change that
// has begun ends as it would have.
func (g *Gate) ReadOnly(but ...Action) { g.frozen.Store(&but) }

// Writable has the gate take changes again.
func (g *Gate) Writable() { g.frozen.Store(nil) }

// refuses reports whether the gate is read-only for an action.
func (g *Gate) refuses(action Action) bool {
	but := g.frozen.Load()
	return but != nil && !slices.Contains(*but, action)
}

// Exists reports whether a folder holds an embedded database already.
func Exists(dir string) bool {
	_, err := os.Stat(filepath.Join(dir, store.FileName))
	return err == nil
}

// Close finishes the changes that were started and closes the database.
func (g *Gate) Close() error { return g.store.Close() }

// Health says whether the database answers and takes changes. It touches no
// patient data and leaves no entry.
func (g *Gate) Health(ctx context.Context) error { return g.store.Health(ctx) }

// IsUnique says whether an action failed because a value that must be unique is
// there already.
func IsUnique(err error) bool { return store.IsUnique(err) }
