package ui_test

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/pbkdf2"
	"crypto/sha256"
	"encoding/base64"
	"regexp"
	"strings"
	"testing"

	"chartroom/internal/ui"
)

var lockedParts = regexp.MustCompile(`data-rounds="(\d+)" data-salt="([^"]+)" data-nonce="([^"]+)">([^<]+)<`)

// TestEmergencyFile: nothing of a patient can be read in the file, the passphrase
// opens it, another one does not.
func TestEmergencyFile(t *testing.T) {
	set := ui.EmergencySet{At: "2026-09-30 06:00 <EDT>", By: "Maud Drummond", Charts: []ui.EmergencyChart{{
		Banner: ui.Banner{Name: "Quill, Marta", MRN: "MB0000001", BirthDate: "1950-02-03", Sex: "female"}, Allergies: []string{"Allergy: penicillin"},
		Documents: []ui.EmergencyDocument{{Title: "History and physical", Text: "admitted with <dyspnea> @text@"}},
	}}}
	var file bytes.Buffer
	if err := ui.EmergencyFile(t.Context(), &file, set, "correct horse battery"); err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{"Quill", "MB0000001", "penicillin", "dyspnea", "Drummond", "correct horse"} {
		if strings.Contains(file.String(), secret) {
			t.Errorf("%q stands in the file", secret)
		}
	}
	if strings.Contains(file.String(), "<EDT>") || strings.Contains(file.String(), "http") {
		t.Error("text that is not escaped, or an address")
	}
	m := lockedParts.FindStringSubmatch(file.String())
	if m == nil {
		t.Fatal("the sealed part is not there")
	}
	open := func(passphrase string) ([]byte, error) {
		part := func(i int) []byte {
			raw, err := base64.StdEncoding.DecodeString(m[i])
			if err != nil {
				t.Fatal(err)
			}
			return raw
		}
		if m[1] != "600000" {
			t.Fatalf("%s rounds", m[1])
		}
		key, err := pbkdf2.Key(sha256.New, passphrase, part(2), 600_000, 32)
		if err != nil {
			t.Fatal(err)
		}
		block, err := aes.NewCipher(key)
		if err != nil {
			t.Fatal(err)
		}
		aead, err := cipher.NewGCM(block)
		if err != nil {
			t.Fatal(err)
		}
		return aead.Open(nil, part(3), part(4), nil)
	}
	plain, err := open("correct horse battery")
	if err != nil || !bytes.Contains(plain, []byte("Quill, Marta")) || !bytes.Contains(plain, []byte("&lt;dyspnea&gt; @text@")) {
		t.Errorf("opened: %v, %.200s", err, plain)
	}
	if _, err := open("correct horse batterz"); err == nil {
		t.Error("another passphrase opens it")
	}
}
