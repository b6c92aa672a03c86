package seal

import (
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/tink-crypto/tink-go/v2/tink"
)

// KeyVariable names the environment variable that may hold the master keys: the
// text of a key file, or the same in base64.
const KeyVariable = "CHARTROOM_MASTER_KEY"

// KeyFile is the name of the file of master keys beside the data.
const KeyFile = "master.keys"

// ErrNoKeys says that a source holds no master keys yet.
var ErrNoKeys = errors.New("seal: there are no master keys yet")

// KeySource is where the master keys are kept: a file, the environment, or a
// key service.
type KeySource interface {
	// Load returns the text of the master keys, or ErrNoKeys.
	Load() ([]byte, error)
	// Create keeps the first master keys, unless others are there already: of
	// two programs that start at the same time one wins, and both then Load.
	Create(text []byte) error
	// Replace puts text in place of what is there, at once or not at all.
	Replace(text []byte) error
	// Place names the source to people. It holds no secret.
	Place() string
}

// Source chooses the master keys of the department in dir: the environment
// where it has them, else the file beside the data.
func Source(dir string, getenv func(string) string) KeySource {
	if text := getenv(KeyVariable); text != "" {
		return environment{text: text}
	}
	return File(filepath.Join(dir, KeyFile))
}

// File keeps the master keys in a file that only its owner may read. It is
// created with fresh keys when it is not there; a file that the group or others
// may read is refused.
func File(path string) KeySource { return keyFile{path: path} }

type keyFile struct{ path string }

func (f keyFile) Place() string { return f.path }

func (f keyFile) Load() ([]byte, error) {
	info, err := os.Stat(f.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, ErrNoKeys
	}
	if err != nil {
		return nil, fmt.Errorf("seal: master keys: %w", err)
	}
	if open := info.Mode().Perm() & 0o077; open != 0 {
		return nil, fmt.Errorf("seal: others than its owner may use the master key file %s (mode %04o); run: chmod 600 %s",
			f.path, info.Mode().Perm(), f.path)
	}
	text, err := os.ReadFile(f.path)
	if err != nil {
		return nil, fmt.Errorf("seal: master keys: %w", err)
	}
	return text, nil
}

func (f keyFile) Create(text []byte) error {
	return f.write(text, func(temp string) error {
		// A link fails where the name is taken, so a second program never
		// overwrites keys that a first one already uses.
		err := os.Link(temp, f.path)
		if errors.Is(err, fs.ErrExist) {
			err = nil
		}
		return errors.Join(err, os.Remove(temp))
	})
}

func (f keyFile) Replace(text []byte) error {
	return f.write(text, func(temp string) error { return os.Rename(temp, f.path) })
}

// write makes a complete file beside the target and lets place name it.
func (f keyFile) write(text []byte, place func(temp string) error) error {
	dir := filepath.Dir(f.path)
	temp, err := os.CreateTemp(dir, ".master-*.new") // CreateTemp makes it 0600
	if err != nil {
		return fmt.Errorf("seal: keep the master keys: %w", err)
	}
	_, err = temp.Write(text)
	err = errors.Join(err, temp.Sync(), temp.Close())
	if err != nil {
		return fmt.Errorf("seal: keep the master keys: %w", errors.Join(err, os.Remove(temp.Name())))
	}
	if err := place(temp.Name()); err != nil {
		return fmt.Errorf("seal: keep the master keys: %w", err)
	}
	return syncDir(dir)
}

// syncDir makes a new name in dir durable.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return fmt.Errorf("seal: keep the master keys: %w", err)
	}
	if err := errors.Join(d.Sync(), d.Close()); err != nil {
		return fmt.Errorf("seal: keep the master keys: %w", err)
	}
	return nil
}

// Text is a source that cannot be written: the keys are given, as from the
// environment or a secret that an orchestrator mounts.
func Text(text string) KeySource { return environment{text: text} }

type environment struct{ text string }

func (e environment) Place() string         { return "the environment variable " + KeyVariable }
func (e environment) Load() ([]byte, error) { return []byte(e.text), nil }
func (e environment) Create([]byte) error   { return errReadOnly }
func (e environment) Replace([]byte) error  { return errReadOnly }

var errReadOnly = errors.New("seal: the master keys are given from outside and cannot be changed from here")

// Service keeps the master keys in inner, encrypted by a key of a key service
// (any Tink AEAD of one: the cloud's, a hardware module's), so that the file
// alone opens nothing.
func Service(inner KeySource, service tink.AEAD) KeySource {
	return wrapped{inner: inner, service: service}
}

type wrapped struct {
	inner   KeySource
	service tink.AEAD
}

var serviceContext = []byte("chartroom master keys")

func (w wrapped) Place() string { return w.inner.Place() + ", under the key service" }

func (w wrapped) Load() ([]byte, error) {
	text, err := w.inner.Load()
	if err != nil {
		return nil, err
	}
	sealed, err := base64.StdEncoding.DecodeString(string(text))
	if err != nil {
		return nil, fmt.Errorf("seal: the master keys in %s are not encrypted by a key service", w.inner.Place())
	}
	plain, err := w.service.Decrypt(sealed, serviceContext)
	if err != nil {
		return nil, fmt.Errorf("seal: the key service does not open the master keys in %s: %w", w.inner.Place(), err)
	}
	return plain, nil
}

func (w wrapped) encrypt(text []byte) ([]byte, error) {
	sealed, err := w.service.Encrypt(text, serviceContext)
	if err != nil {
		return nil, fmt.Errorf("seal: the key service does not encrypt: %w", err)
	}
	return []byte(base64.StdEncoding.EncodeToString(sealed)), nil
}

func (w wrapped) Create(text []byte) error {
	sealed, err := w.encrypt(text)
	if err != nil {
		return err
	}
	return w.inner.Create(sealed)
}

func (w wrapped) Replace(text []byte) error {
	sealed, err := w.encrypt(text)
	if err != nil {
		return err
	}
	return w.inner.Replace(sealed)
}
