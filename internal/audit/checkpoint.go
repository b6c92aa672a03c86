package audit

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"chartroom/internal/seal"
)

const (
	noteOrigin = "chartroom audit log"
	keyName    = "chartroom-audit"
	algEd25519 = 1 // note's number of the algorithm
)

// Checkpoint is a signed statement of the whole log up to a size.
type Checkpoint struct {
	Number int64 // from 1
	Size   int64 // entries
	Root   tlog.Hash
	At     time.Time
	Before [sha256.Size]byte // hash of the note before; zero for the first
	Note   string            // the signed text
}

// signer signs checkpoints and checks them.
type signer struct {
	sign   note.Signer
	verify note.Verifiers
	public string
}

// newSigner derives the signing key from the master keys.
func newSigner(r *seal.Ring) (*signer, error) {
	seed, err := r.Derive("audit/checkpoint", ed25519.SeedSize)
	if err != nil {
		return nil, err
	}
	public, ok := ed25519.NewKeyFromSeed(seed).Public().(ed25519.PublicKey)
	if !ok {
		return nil, errors.New("audit: the signing key has no public half")
	}
	enc := base64.StdEncoding
	tail := append([]byte{algEd25519}, public...)
	digest := sha256.Sum256(append([]byte(keyName+"\n"), tail...))
	hash := binary.BigEndian.Uint32(digest[:4])
	s := &signer{public: fmt.Sprintf("%s+%08x+%s", keyName, hash, enc.EncodeToString(tail))}
	private := append([]byte{algEd25519}, seed...)
	s.sign, err = note.NewSigner(fmt.Sprintf("PRIVATE+KEY+%s+%08x+%s", keyName, hash, enc.EncodeToString(private)))
	if err != nil {
		return nil, errors.New("audit: the signing key of checkpoints cannot be used")
	}
	if s.verify, err = verifierOf(s.public); err != nil {
		return nil, err
	}
	return s, nil
}

func verifierOf(public string) (note.Verifiers, error) {
	v, err := note.NewVerifier(public)
	if err != nil {
		return nil, fmt.Errorf("audit: the public key of the log: %w", err)
	}
	return note.VerifierList(v), nil
}

// seal signs a checkpoint and fills in its Note.
func (s *signer) seal(c *Checkpoint) error {
	signed, err := note.Sign(&note.Note{Text: c.text()}, s.sign)
	if err != nil {
		return fmt.Errorf("audit: sign a checkpoint: %w", err)
	}
	c.Note = string(signed)
	return nil
}

func (c *Checkpoint) text() string {
	return fmt.Sprintf("%s\n%d\n%s\ncheckpoint %d\nat %s\nbefore %s\n", noteOrigin, c.Size, c.Root, c.Number,
		c.At.UTC().Format(time.RFC3339Nano), base64.StdEncoding.EncodeToString(c.Before[:]))
}

// hash is what the next checkpoint calls this one by.
func (c *Checkpoint) hash() [sha256.Size]byte { return sha256.Sum256([]byte(c.Note)) }

// ReadCheckpoint checks a signed note against the public key of the log and reads
// it.
func ReadCheckpoint(signed, publicKey string) (Checkpoint, error) {
	v, err := verifierOf(publicKey)
	if err != nil {
		return Checkpoint{}, err
	}
	return readNote(signed, v)
}

func readNote(signed string, v note.Verifiers) (Checkpoint, error) {
	n, err := note.Open([]byte(signed), v)
	if err != nil {
		return Checkpoint{}, fmt.Errorf("audit: the signature of a checkpoint: %w", err)
	}
	bad := errors.New("audit: this is not a checkpoint of a Chartroom audit log")
	lines := strings.Split(n.Text, "\n")
	if len(lines) != 7 || lines[0] != noteOrigin {
		return Checkpoint{}, bad
	}
	c := Checkpoint{Note: signed}
	var errs [5]error
	c.Size, errs[0] = strconv.ParseInt(lines[1], 10, 64)
	c.Root, errs[1] = tlog.ParseHash(lines[2])
	c.Number, errs[2] = strconv.ParseInt(strings.TrimPrefix(lines[3], "checkpoint "), 10, 64)
	c.At, errs[3] = time.Parse(time.RFC3339Nano, strings.TrimPrefix(lines[4], "at "))
	before, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(lines[5], "before "))
	errs[4] = err
	copy(c.Before[:], before)
	if errors.Join(errs[:]...) != nil || c.text() != n.Text {
		return Checkpoint{}, bad
	}
	return c, nil
}
