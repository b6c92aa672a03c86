package seal

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"strconv"
	"sync"
	"sync/atomic"

	"chartroom/internal/gate"
)

// ErrNoKey says that a record has no data key.
var ErrNoKey = errors.New("seal: the record has no data key")

// A WrongKeyError says that the master keys are not those of this database.
type WrongKeyError struct{ Place string }

func (e *WrongKeyError) Error() string {
	return "seal: the master keys in " + e.Place + " are not the ones this database was sealed with; put the right ones there"
}

// Ring holds the master keys and gives out the data keys of records. It is safe
// for concurrent use.
type Ring struct {
	source KeySource
	master atomic.Pointer[master]
	cache  *cache
	check  []byte    // what seal_master must hold
	tokens sync.Pool // of hash.Hash: HMAC-SHA256 under the token key
	reload sync.Mutex
}

const cachedKeys = 8192 // data keys kept unwrapped, about 2 KB each

// OpenRing loads the master keys from source, and makes and keeps fresh ones
// where it has none. It does not look at a database: see Check.
func OpenRing(source KeySource) (*Ring, error) {
	text, err := source.Load()
	if errors.Is(err, ErrNoKeys) {
		text, err = createKeys(source)
	}
	if err != nil {
		return nil, err
	}
	m, err := parseMaster(text)
	if err != nil {
		return nil, fmt.Errorf("%w (%s)", err, source.Place())
	}
	r := &Ring{source: source, cache: newCache(cachedKeys)}
	r.master.Store(m)
	if r.check, err = m.derive("check", sha256.Size); err != nil {
		return nil, err
	}
	tokenKey, err := m.derive("search tokens", sha256.Size)
	if err != nil {
		return nil, err
	}
	r.tokens.New = func() any { return hmac.New(sha256.New, tokenKey) }
	return r, nil
}

func createKeys(source KeySource) ([]byte, error) {
	m, err := newMaster()
	if err != nil {
		return nil, err
	}
	text, err := m.marshal()
	if err != nil {
		return nil, err
	}
	if err := source.Create(text); err != nil {
		return nil, err
	}
	return source.Load() // another program may have been first
}

// Derive gives n secret bytes (n <= 8160) for one purpose, such as the key that
// signs checkpoints of the audit log. Equal purposes give equal bytes, also after
// Rotate.
func (r *Ring) Derive(purpose string, n int) ([]byte, error) {
	return r.master.Load().derive(purpose, n)
}

// Place names where the master keys come from, for people.
func (r *Ring) Place() string { return r.source.Place() }

// Check compares the master keys with the database and returns *WrongKeyError
// where they do not belong to it. A database without any data key takes them as
// its own, so tx must be one that may write.
func (r *Ring) Check(ctx context.Context, tx *gate.Tx) error {
	_, err := r.settle(ctx, tx)
	return err
}

// NewRecordKey makes the first data key of owner: a record id, a message id.
func (r *Ring) NewRecordKey(ctx context.Context, tx *gate.Tx, owner string) (*Key, error) {
	return r.addVersion(ctx, tx, owner, nil)
}

// KeyOrNew returns the data key of owner, which gets its first one where it has none:
// for what is sealed without a record of its own, as drafts and proposals are.
func (r *Ring) KeyOrNew(ctx context.Context, tx *gate.Tx, owner string) (*Key, error) {
	k, err := r.Key(ctx, tx, owner)
	if errors.Is(err, ErrNoKey) {
		return r.NewRecordKey(ctx, tx, owner)
	}
	return k, err
}

// RotateRecordKey gives owner's key a new version, which seals from now on. What
// the versions before have sealed stays readable.
func (r *Ring) RotateRecordKey(ctx context.Context, tx *gate.Tx, owner string) (*Key, error) {
	k, err := r.fetch(ctx, tx, owner)
	if err != nil {
		return nil, err
	}
	return r.addVersion(ctx, tx, owner, k.versions)
}

// Drawn is a first data key that is not stored yet. What it seals opens once
// StoreKey was committed.
type Drawn struct {
	*Key

	data []byte
}

// DrawKey makes a first data key for owner outside of any action, which then need
// not seal while others wait for it. StoreKey stores it.
func (r *Ring) DrawKey(owner string) (*Drawn, error) { return r.draw(owner, nil) }

func (r *Ring) draw(owner string, before []*subkeys) (*Drawn, error) {
	data := make([]byte, dataKeySize)
	if _, err := rand.Read(data); err != nil {
		return nil, fmt.Errorf("seal: draw a data key: %w", err)
	}
	sub, err := newSubkeys(data)
	if err != nil {
		return nil, err
	}
	versions := append(append(make([]*subkeys, 0, len(before)+1), before...), sub)
	return &Drawn{Key: r.key(owner, versions), data: data}, nil
}

// StoreKey stores a key that was drawn.
func (r *Ring) StoreKey(ctx context.Context, tx *gate.Tx, d *Drawn) error {
	if err := r.store(ctx, tx, d.owner, len(d.versions), d.data); err != nil {
		return err
	}
	tx.Note(made{r, d.owner}, d.Key)
	tx.OnCommit(func() { r.cache.put(d.owner, d.Key) })
	return nil
}

// made is what a transaction notes the keys under that were made in it. They are
// not in the cache before the commit, and reading them back would collide with
// every change that makes one.
type made struct {
	ring  *Ring
	owner string
}

// TakeBack undoes a StoreKey of the same action: what its owner was to be is here
// already.
func (r *Ring) TakeBack(ctx context.Context, tx *gate.Tx, d *Drawn) error {
	if _, err := tx.Later(ctx, sqlTakeKeyBack, d.owner, tx.Now().UnixMicro()); err != nil {
		return fmt.Errorf("seal: take a data key back: %w", err)
	}
	tx.Note(made{r, d.owner}, nil)
	tx.OnCommit(func() { r.cache.drop(d.owner) })
	return nil
}

func (r *Ring) addVersion(ctx context.Context, tx *gate.Tx, owner string, before []*subkeys) (*Key, error) {
	d, err := r.draw(owner, before)
	if err != nil {
		return nil, err
	}
	if err := r.StoreKey(ctx, tx, d); err != nil {
		return nil, err
	}
	return d.Key, nil
}

func (r *Ring) key(owner string, versions []*subkeys) *Key {
	return &Key{owner: owner, versions: versions, forget: func() { r.cache.drop(owner) }}
}

// Key returns the data key of owner, or an error wrapping ErrNoKey.
func (r *Ring) Key(ctx context.Context, tx *gate.Tx, owner string) (*Key, error) {
	if k := r.cache.get(owner); k != nil {
		return k, nil
	}
	if k, ok := tx.Noted(made{r, owner}).(*Key); ok {
		return k, nil
	}
	k, err := r.fetch(ctx, tx, owner)
	if err != nil {
		return nil, err
	}
	// Not before the commit: a key read here may have been made by this very
	// action, and is gone if the action fails.
	tx.OnCommit(func() { r.cache.put(owner, k) })
	return k, nil
}

func (r *Ring) fetch(ctx context.Context, tx *gate.Tx, owner string) (*Key, error) {
	wrapped, err := readKeys(ctx, tx, owner)
	if err != nil {
		return nil, err
	}
	if len(wrapped) == 0 {
		return nil, ErrNoKey
	}
	versions := make([]*subkeys, len(wrapped))
	for i, w := range wrapped {
		if w.version != int64(i+1) {
			return nil, fmt.Errorf("seal: version %d of a record's key is missing", i+1)
		}
		data, err := r.unwrap(ctx, tx, owner, w)
		if err != nil {
			return nil, err
		}
		if versions[i], err = newSubkeys(data); err != nil {
			return nil, err
		}
	}
	return r.key(owner, versions), nil
}

// unwrap opens a data key. Another process may have rotated the master keys, so
// it looks at their source once more before it gives up.
func (r *Ring) unwrap(ctx context.Context, tx *gate.Tx, owner string, w wrappedKey) ([]byte, error) {
	m := r.master.Load()
	if !m.has(w.master) {
		if err := r.refresh(); err != nil {
			return nil, err
		}
		m = r.master.Load()
	}
	data, err := m.wrap.Decrypt(w.wrapped, keyContext(owner, w.version))
	if err == nil {
		return data, nil
	}
	if cerr := r.compare(ctx, tx); cerr != nil {
		return nil, cerr
	}
	return nil, errors.New("seal: a stored data key was changed: it does not unwrap")
}

// refresh loads the master keys again.
func (r *Ring) refresh() error {
	r.reload.Lock()
	defer r.reload.Unlock()
	text, err := r.source.Load()
	if err != nil {
		return err
	}
	m, err := parseMaster(text)
	if err != nil {
		return fmt.Errorf("%w (%s)", err, r.source.Place())
	}
	check, err := m.derive("check", sha256.Size)
	if err != nil {
		return err
	}
	if !hmac.Equal(check, r.check) {
		return &WrongKeyError{Place: r.source.Place()}
	}
	r.master.Store(m)
	return nil
}

// keyContext binds a wrapped data key to its row.
func keyContext(owner string, version int64) []byte {
	return []byte("sealed_key/" + owner + "/" + strconv.FormatInt(version, 10))
}

// compare looks whether the database was sealed with these master keys.
func (r *Ring) compare(ctx context.Context, tx *gate.Tx) error {
	_, check, err := readMaster(ctx, tx)
	if err != nil || check == nil {
		return err
	}
	if !bytes.Equal(check, r.check) {
		return &WrongKeyError{Place: r.source.Place()}
	}
	return nil
}

// Token is the keyed search token of a value that is already in its normal form
// (see Name, Phone and the rest): HMAC-SHA256, first TokenSize bytes. The kind is
// part of it, so equal words of different kinds give different tokens.
func (r *Ring) Token(kind, value string) []byte {
	h, _ := r.tokens.Get().(hash.Hash) // the pool's New makes nothing else
	h.Reset()
	buf := make([]byte, 0, 128)
	buf = append(buf, kind...)
	buf = append(buf, 0)
	buf = append(buf, value...)
	_, _ = h.Write(buf) // hash.Hash documents that Write never fails
	sum := h.Sum(buf[:0])
	r.tokens.Put(h)
	return sum[:TokenSize:TokenSize]
}

// Tokens gives the keyed search tokens of terms, in their order.
func (r *Ring) Tokens(terms []Term) [][]byte {
	out := make([][]byte, len(terms))
	for i, t := range terms {
		out[i] = r.Token(string(t.Kind), t.Value)
	}
	return out
}
