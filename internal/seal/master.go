package seal

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/insecurecleartextkeyset"
	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/prf"
	"github.com/tink-crypto/tink-go/v2/tink"
)

const (
	keysFormat  = "chartroom master keys"
	keysVersion = 1
)

// keysFile is the written form of the master keys: two Tink keysets in Tink's
// own JSON, one that wraps data keys and one that the keyed hashes come from.
type keysFile struct {
	Format   string          `json:"format"`
	Version  int             `json:"version"`
	Wrapping json.RawMessage `json:"wrapping"`
	Root     json.RawMessage `json:"root"`
}

// master is one state of the master keys, immutable.
type master struct {
	wrapping *keyset.Handle
	root     *keyset.Handle
	hashes   *prf.Set
	primary  uint32 // the key that wraps now
	ids      []uint32
	wrap     tink.AEAD // wraps with primary, unwraps with each
}

// newMaster makes fresh master keys.
func newMaster() (*master, error) {
	// XAES-256-GCM: its 192-bit nonce may be drawn at random for any number of
	// records, where 96 bits would bound a department to some 2^32 of them.
	wrapping, err := keyset.NewHandle(aead.XAES256GCM192BitNonceKeyTemplate())
	if err != nil {
		return nil, fmt.Errorf("seal: make the wrapping key: %w", err)
	}
	root, err := keyset.NewHandle(prf.HKDFSHA256PRFKeyTemplate())
	if err != nil {
		return nil, fmt.Errorf("seal: make the root key: %w", err)
	}
	return assemble(wrapping, root)
}

// parseMaster reads master keys as marshal writes them, or the same in base64
// (as an environment variable holds them best).
func parseMaster(text []byte) (*master, error) {
	text = bytes.TrimSpace(text)
	if len(text) > 0 && text[0] != '{' {
		plain, err := base64.StdEncoding.DecodeString(string(text))
		if err != nil {
			return nil, errors.New("seal: the master keys are neither JSON nor base64")
		}
		text = plain
	}
	var f keysFile
	if err := json.Unmarshal(text, &f); err != nil || f.Format != keysFormat {
		// The parse error may quote the text, which is a secret.
		return nil, errors.New("seal: this is not a set of Chartroom master keys")
	}
	if f.Version != keysVersion {
		return nil, fmt.Errorf("seal: the master keys are of version %d; this program reads version %d", f.Version, keysVersion)
	}
	wrapping, err := insecurecleartextkeyset.Read(keyset.NewJSONReader(bytes.NewReader(f.Wrapping)))
	if err != nil {
		return nil, errors.New("seal: the wrapping keys among the master keys cannot be read")
	}
	root, err := insecurecleartextkeyset.Read(keyset.NewJSONReader(bytes.NewReader(f.Root)))
	if err != nil {
		return nil, errors.New("seal: the root key among the master keys cannot be read")
	}
	return assemble(wrapping, root)
}

func assemble(wrapping, root *keyset.Handle) (*master, error) {
	m := &master{wrapping: wrapping, root: root}
	info := wrapping.KeysetInfo()
	m.primary = info.GetPrimaryKeyId()
	for _, k := range info.GetKeyInfo() {
		m.ids = append(m.ids, k.GetKeyId())
	}
	var err error
	if m.wrap, err = aead.New(wrapping); err != nil {
		return nil, fmt.Errorf("seal: use the wrapping keys: %w", err)
	}
	if m.hashes, err = prf.NewPRFSet(root); err != nil {
		return nil, fmt.Errorf("seal: use the root key: %w", err)
	}
	return m, nil
}

// marshal writes the master keys out.
func (m *master) marshal() ([]byte, error) {
	wrapping, err := cleartext(m.wrapping)
	if err != nil {
		return nil, err
	}
	root, err := cleartext(m.root)
	if err != nil {
		return nil, err
	}
	text, err := json.MarshalIndent(keysFile{keysFormat, keysVersion, wrapping, root}, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("seal: write the master keys: %w", err)
	}
	return append(text, '\n'), nil
}

func cleartext(h *keyset.Handle) ([]byte, error) {
	var b bytes.Buffer
	if err := insecurecleartextkeyset.Write(h, keyset.NewJSONWriter(&b)); err != nil {
		return nil, fmt.Errorf("seal: write a keyset: %w", err)
	}
	return b.Bytes(), nil
}

// derive gives n bytes for one purpose. Equal purposes give equal bytes for as
// long as the root key lives, so rotation keeps them.
func (m *master) derive(purpose string, n int) ([]byte, error) {
	out, err := m.hashes.ComputePrimaryPRF([]byte("chartroom/"+purpose), uint32(n)) //nolint:gosec // a few dozen
	if err != nil {
		return nil, fmt.Errorf("seal: derive the key for %s: %w", purpose, err)
	}
	return out, nil
}

// withNewKey returns the keys with one more, which becomes the primary.
func (m *master) withNewKey() (*master, error) {
	manager := keyset.NewManagerFromHandle(m.wrapping)
	id, err := manager.Add(aead.XAES256GCM192BitNonceKeyTemplate())
	if err != nil {
		return nil, fmt.Errorf("seal: add a master key: %w", err)
	}
	return m.managed(manager, id)
}

// withPrimary returns the keys with id as the primary.
func (m *master) withPrimary(id uint32) (*master, error) {
	if !m.has(id) {
		return nil, fmt.Errorf("seal: the master keys do not hold key %08x", id)
	}
	return m.managed(keyset.NewManagerFromHandle(m.wrapping), id)
}

// onlyPrimary returns the keys without those that no longer wrap.
func (m *master) onlyPrimary() (*master, error) {
	manager := keyset.NewManagerFromHandle(m.wrapping)
	for _, id := range m.ids {
		if id == m.primary {
			continue
		}
		if err := manager.Delete(id); err != nil {
			return nil, fmt.Errorf("seal: drop master key %08x: %w", id, err)
		}
	}
	return m.managed(manager, m.primary)
}

func (m *master) managed(manager *keyset.Manager, primary uint32) (*master, error) {
	if err := manager.SetPrimary(primary); err != nil {
		return nil, fmt.Errorf("seal: make key %08x the primary: %w", primary, err)
	}
	h, err := manager.Handle()
	if err != nil {
		return nil, fmt.Errorf("seal: use the changed master keys: %w", err)
	}
	return assemble(h, m.root)
}

func (m *master) has(id uint32) bool { return slices.Contains(m.ids, id) }
