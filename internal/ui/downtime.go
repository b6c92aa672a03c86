package ui

import (
	"bytes"
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/pbkdf2"
	"crypto/rand"
	"crypto/sha256"
	_ "embed" // the emergency file's own style and script
	"encoding/base64"
	"fmt"
	"html"
	"io"
	"strconv"
	"strings"
)

// Downtime is the room in which the department is made read-only and emergency
// sets are drawn.
type Downtime struct {
	On        bool
	Since, By string
	May       bool // begin, end and draw sets
	Units     []string
	Unit      string
	InHouse   []InHouse
	Past      []DowntimeLine
	Trouble   string
}

// InHouse is a patient who is here now.
type InHouse struct {
	Record, Name, MRN, BirthDate, Unit, Since string
}

// DowntimeLine is one downtime.
type DowntimeLine struct{ From, To, By, EndedBy, Reason string }

// EmergencySet is a set of charts to go on working with on paper.
type EmergencySet struct {
	At, By   string
	Withheld int
	Charts   []EmergencyChart
}

// EmergencyChart is one chart of a set.
type EmergencyChart struct {
	Banner                          Banner
	Stay                            string
	Allergies, Coverage             []string
	Diagnoses, Medications, Results [][]string // rows of cells
	Documents                       []EmergencyDocument
}

// EmergencyDocument is a document of such a chart.
type EmergencyDocument struct{ Title, Written, Author, Text string }

//go:embed emergency.html
var emergencyPage string

//go:embed emergency.css
var emergencyStyle string

//go:embed emergency.js
var emergencyScript string

// The strength of an emergency file's lock: PBKDF2 with SHA-256 (NIST SP 800-132;
// rounds after the OWASP Password Storage Cheat Sheet, 2023), AES-256 in GCM.
const (
	lockRounds = 600_000
	saltSize   = 16
)

// locked is a text sealed with a passphrase, as the emergency file holds it.
type locked struct {
	Rounds            int
	Salt, Nonce, Text string // base64
}

// lockText seals a text with a passphrase.
func lockText(text []byte, passphrase string) (locked, error) {
	random := make([]byte, saltSize+12)
	if _, err := rand.Read(random); err != nil {
		return locked{}, fmt.Errorf("draw salt: %w", err)
	}
	salt, nonce := random[:saltSize], random[saltSize:]
	key, err := pbkdf2.Key(sha256.New, passphrase, salt, lockRounds, 32)
	if err != nil {
		return locked{}, fmt.Errorf("key of the file: %w", err)
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return locked{}, fmt.Errorf("cipher of the file: %w", err)
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		return locked{}, fmt.Errorf("cipher of the file: %w", err)
	}
	b64 := base64.StdEncoding.EncodeToString
	return locked{lockRounds, b64(salt), b64(nonce), b64(aead.Seal(nil, nonce, text, nil))}, nil
}

// EmergencyFile writes a set as one HTML file, sealed with a passphrase, that any
// browser opens without a network. It is no page of the product: it has its style
// and script in itself.
func EmergencyFile(ctx context.Context, w io.Writer, set EmergencySet, passphrase string) error {
	var body bytes.Buffer
	if err := emergencyBody(set).Render(ctx, &body); err != nil {
		return fmt.Errorf("draw emergency set: %w", err)
	}
	l, err := lockText(body.Bytes(), passphrase)
	if err != nil {
		return err
	}
	_, err = strings.NewReplacer(
		"@style@", emergencyStyle, "@script@", emergencyScript, "@at@", html.EscapeString(set.At),
		"@rounds@", strconv.Itoa(l.Rounds), "@salt@", l.Salt, "@nonce@", l.Nonce, "@text@", l.Text,
	).WriteString(w, emergencyPage)
	if err != nil {
		return fmt.Errorf("write emergency file: %w", err)
	}
	return nil
}
