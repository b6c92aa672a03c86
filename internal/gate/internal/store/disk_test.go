package store

import (
	"errors"
	"io"
	"math/rand/v2"
	"path/filepath"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"

	"database/sql/driver"

	"github.com/ncruces/go-sqlite3"
	ncruces "github.com/ncruces/go-sqlite3/driver"
	_ "github.com/ncruces/go-sqlite3/embed" // the engine as WebAssembly
	"github.com/ncruces/go-sqlite3/vfs"
)

// disk is a disk in memory below a second build of SQLite. It keeps a list of
// everything that was done to it, in order, so that the state after a power cut
// at any moment can be worked out, and it can be told to fail.
type disk struct {
	name string // of the VFS
	shm  string // file of the shared memory that SQLite's connections have in common

	mu    sync.Mutex
	files map[string]*file
	ops   []op
	fault func(op) error // asked before each op; an error is given to SQLite instead
	short bool           // a write that fails leaves its first half behind
}

// op is one thing done to the disk, or an answer of the store among them.
type op struct {
	kind opKind
	file string
	off  int64
	data []byte // of a write
	ack  int    // of an answer
}

type opKind int

const (
	opWrite opKind = iota
	opTruncate
	opSync
	opDelete
	opAck
)

func (k opKind) String() string {
	return [...]string{"write", "truncate", "sync", "delete", "answer"}[k]
}

var disks atomic.Int64

// newDisk makes an empty disk with the database's file on it.
func newDisk(tb testing.TB) *disk {
	tb.Helper()
	name := "disk" + strconv.FormatInt(disks.Add(1), 10)
	d := &disk{name: name, shm: filepath.Join(tb.TempDir(), "shm"), files: map[string]*file{}}
	vfs.Register(name, d)
	tb.Cleanup(func() { vfs.Unregister(name) })
	return d
}

// engine is production with this disk below it. checkpoint is how many pages
// the log may have before it is carried over: few, so that much happens.
func (d *disk) engine(synchronous string, checkpoint int) engine {
	e := production()
	for i, p := range e.pragmas {
		if p == "synchronous(FULL)" {
			e.pragmas[i] = "synchronous(" + synchronous + ")"
		}
	}
	for i, p := range e.writing {
		if p == "wal_autocheckpoint(4000)" {
			e.writing[i] = "wal_autocheckpoint(" + strconv.Itoa(checkpoint) + ")"
		}
	}
	e.prepare = func(string) (string, error) { return "/" + FileName, nil }
	e.open = func(dsn string) (driver.Connector, error) {
		return (&ncruces.SQLite{}).OpenConnector(dsn + "&vfs=" + d.name)
	}
	return e
}

// answered puts an answer into the list.
func (d *disk) answered(ack int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.ops = append(d.ops, op{kind: opAck, ack: ack})
}

// do notes an op, unless it is to fail. The caller holds mu.
func (d *disk) do(o op) error {
	if d.fault != nil {
		if err := d.fault(o); err != nil {
			return err
		}
	}
	d.ops = append(d.ops, o)
	return nil
}

// file is a file as programs see it, flushed or not.
type file struct {
	data []byte

	// Locks of SQLite's rollback mode, which a database in WAL mode takes when
	// it is opened and closed.
	shared    int
	reserved  *handle
	exclusive *handle
}

// Open opens a file of the disk.
func (d *disk) Open(name string, flags vfs.OpenFlag) (vfs.File, vfs.OpenFlag, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	f := d.files[name]
	if f == nil {
		if flags&vfs.OPEN_CREATE == 0 {
			return nil, flags, sqlite3.CANTOPEN
		}
		f = &file{}
		d.files[name] = f
	}
	h := &handle{d: d, f: f, name: name}
	if flags&vfs.OPEN_MAIN_DB != 0 {
		h.shm = vfs.NewSharedMemory(d.shm, flags)
	}
	return h, flags, nil
}

// Delete deletes a file.
func (d *disk) Delete(name string, _ bool) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.files[name] == nil {
		return sqlite3.IOERR_DELETE_NOENT
	}
	if err := d.do(op{kind: opDelete, file: name}); err != nil {
		return err
	}
	delete(d.files, name)
	return nil
}

// Access says whether a file exists.
func (d *disk) Access(name string, _ vfs.AccessFlag) (bool, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.files[name] != nil, nil
}

// FullPathname gives the name itself.
func (d *disk) FullPathname(name string) (string, error) { return name, nil }

// handle is an open file.
type handle struct {
	d    *disk
	f    *file
	name string
	lock vfs.LockLevel
	shm  vfs.SharedMemory
}

func (h *handle) SharedMemory() vfs.SharedMemory { return h.shm }

func (h *handle) Close() error {
	if h.shm != nil {
		if err := h.shm.Close(); err != nil {
			return err
		}
	}
	return h.Unlock(vfs.LOCK_NONE)
}

func (h *handle) ReadAt(b []byte, off int64) (int, error) {
	h.d.mu.Lock()
	defer h.d.mu.Unlock()
	if off >= int64(len(h.f.data)) {
		return 0, io.EOF
	}
	n := copy(b, h.f.data[off:])
	if n < len(b) {
		return n, io.EOF
	}
	return n, nil
}

func (h *handle) WriteAt(b []byte, off int64) (int, error) {
	h.d.mu.Lock()
	defer h.d.mu.Unlock()
	o := op{kind: opWrite, file: h.name, off: off, data: append([]byte(nil), b...)}
	if err := h.d.do(o); err != nil {
		if h.d.short {
			o.data = o.data[:len(o.data)/2]
			h.d.ops = append(h.d.ops, o)
			h.f.data = o.apply(h.f.data)
		}
		return 0, err
	}
	h.f.data = o.apply(h.f.data)
	return len(b), nil
}

// apply does a write or a truncation to the content of a file.
func (o op) apply(content []byte) []byte {
	end := o.off + int64(len(o.data))
	if grow := end - int64(len(content)); grow > 0 {
		content = append(content, make([]byte, grow)...)
	}
	if o.kind == opTruncate {
		return content[:o.off]
	}
	copy(content[o.off:], o.data)
	return content
}

func (h *handle) Truncate(size int64) error {
	h.d.mu.Lock()
	defer h.d.mu.Unlock()
	o := op{kind: opTruncate, file: h.name, off: size}
	if err := h.d.do(o); err != nil {
		return err
	}
	h.f.data = o.apply(h.f.data)
	return nil
}

func (h *handle) Sync(vfs.SyncFlag) error {
	h.d.mu.Lock()
	defer h.d.mu.Unlock()
	return h.d.do(op{kind: opSync, file: h.name})
}

func (h *handle) Size() (int64, error) {
	h.d.mu.Lock()
	defer h.d.mu.Unlock()
	return int64(len(h.f.data)), nil
}

// Lock takes a lock, as SQLite's documents set out its five levels.
func (h *handle) Lock(level vfs.LockLevel) error {
	h.d.mu.Lock()
	defer h.d.mu.Unlock()
	if h.lock >= level {
		return nil
	}
	switch level {
	case vfs.LOCK_SHARED:
		if h.f.exclusive != nil {
			return sqlite3.BUSY
		}
		h.f.shared++
	case vfs.LOCK_RESERVED:
		if h.f.reserved != nil {
			return sqlite3.BUSY
		}
		h.f.reserved = h
	default:
		if h.f.shared > 1 || h.f.exclusive != nil {
			return sqlite3.BUSY
		}
		h.f.exclusive = h
	}
	h.lock = level
	return nil
}

// Unlock goes down to a lower level.
func (h *handle) Unlock(level vfs.LockLevel) error {
	h.d.mu.Lock()
	defer h.d.mu.Unlock()
	if h.lock <= level {
		return nil
	}
	if h.f.exclusive == h {
		h.f.exclusive = nil
	}
	if h.f.reserved == h {
		h.f.reserved = nil
	}
	if level == vfs.LOCK_NONE {
		h.f.shared--
	}
	h.lock = level
	return nil
}

func (h *handle) CheckReservedLock() (bool, error) {
	h.d.mu.Lock()
	defer h.d.mu.Unlock()
	return h.f.reserved != nil, nil
}

func (h *handle) LockState() vfs.LockLevel { return h.lock }

// SectorSize is what SQLite assumes of the disks of our days.
func (*handle) SectorSize() int { return 4096 }

// DeviceCharacteristics are those that SQLite takes for granted on Unix: a
// write that is torn does no harm to the bytes beside it.
func (*handle) DeviceCharacteristics() vfs.DeviceCharacteristic {
	return vfs.IOCAP_POWERSAFE_OVERWRITE
}

// A cut says what becomes of what was written and not yet flushed when the
// power goes.
type cut func(r *rand.Rand, pending []op) []op

// cuts are the ways a disk may lose power.
var cuts = []struct {
	name string
	cut  cut
}{
	{"all unflushed writes are lost", func(*rand.Rand, []op) []op { return nil }},
	{"some are kept, in no order", keepSome},
	{"some are kept, torn at sectors", tearSome},
	{"the first are kept, the last one torn", func(r *rand.Rand, pending []op) []op {
		kept := pending[:r.IntN(len(pending)+1)]
		if len(kept) == len(pending) {
			return kept
		}
		return append(append([]op(nil), kept...), tear(r, pending[len(kept):len(kept)+1])...)
	}},
}

func keepSome(r *rand.Rand, pending []op) []op {
	var kept []op
	for _, i := range r.Perm(len(pending)) {
		if r.IntN(2) == 0 {
			kept = append(kept, pending[i])
		}
	}
	return kept
}

func tearSome(r *rand.Rand, pending []op) []op { return tear(r, keepSome(r, pending)) }

// tear keeps of each write some of its sectors of 512 bytes.
func tear(r *rand.Rand, writes []op) []op {
	const sector = 512
	var torn []op
	for _, w := range writes {
		if w.kind != opWrite {
			torn = append(torn, w)
			continue
		}
		for from := 0; from < len(w.data); from += sector {
			if r.IntN(2) == 0 {
				part := w
				part.off += int64(from)
				part.data = w.data[from:min(from+sector, len(w.data))]
				torn = append(torn, part)
			}
		}
	}
	return torn
}

// platter is what is on the disk for certain, and what is on its way there.
type platter struct {
	flushed map[string][]byte // content at the last flush; a file never flushed is not there
	pending map[string][]op
}

func newPlatter() *platter {
	// The store flushes the new file of the database before SQLite opens it.
	return &platter{flushed: map[string][]byte{"/" + FileName: nil}, pending: map[string][]op{}}
}

// step takes the next op.
func (p *platter) step(o op) {
	switch o.kind {
	case opWrite, opTruncate:
		p.pending[o.file] = append(p.pending[o.file], o)
	case opSync:
		content := p.flushed[o.file]
		for _, w := range p.pending[o.file] {
			content = w.apply(content)
		}
		p.flushed[o.file], p.pending[o.file] = content, nil
	case opDelete:
		delete(p.flushed, o.file)
		delete(p.pending, o.file)
	case opAck:
	}
}

// after gives the files as they are found after the power was cut now.
func (p *platter) after(r *rand.Rand, c cut) map[string][]byte {
	found := map[string][]byte{}
	for name, content := range p.flushed {
		found[name] = append([]byte(nil), content...)
	}
	for name, pending := range p.pending {
		kept := c(r, pending)
		if _, there := found[name]; !there && len(kept) == 0 {
			continue // the name itself was lost
		}
		for _, w := range kept {
			found[name] = w.apply(found[name])
		}
	}
	return found
}

var errFault = errors.New("the test's fault")
