package pack

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"strings"
	"testing"
)

// sample lays out a small pack with a text pool and one section that shrinks.
func sample(tb testing.TB) []byte {
	tb.Helper()
	w := NewWriter(Manifest{System: "icd10cm", Parts: []string{"codes"}, Name: "FY2026", Counts: map[string]int{"b": 2, "a": 1}})
	texts := NewTextsBuilder()
	for _, s := range []string{"Type 2 diabetes mellitus", "", "Type  1\tdiabetes mellitus", "Type 2 diabetes mellitus"} {
		texts.Add(s)
	}
	w.Add("zeros", make([]byte, 10_000))
	w.Add("empty", nil)
	w.Add("tiny", []byte{1, 2, 3})
	if err := texts.AddTo(w); err != nil {
		tb.Fatal(err)
	}
	data, err := w.Bytes()
	if err != nil {
		tb.Fatal(err)
	}
	return data
}

// resum puts the right checksum back, to get past it with broken content.
func resum(data []byte) []byte {
	if len(data) >= headerSize {
		sum := sha256.Sum256(data[headerSize:])
		copy(data[16:], sum[:])
	}
	return data
}

func TestRoundTrip(t *testing.T) {
	data := sample(t)
	if !bytes.Equal(data, sample(t)) {
		t.Error("the same content gives other bytes")
	}
	p, err := Open(data)
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Check(); err != nil {
		t.Fatal(err)
	}
	if zeros, err := p.Section("zeros"); err != nil || len(zeros) != 10_000 {
		t.Errorf("zeros: %d bytes, %v", len(zeros), err)
	}
	if none, err := p.Section("nowhere"); err != nil || len(none) != 0 {
		t.Errorf("a section that is not there: %v, %v", none, err)
	}
	texts, err := OpenTexts(p)
	if err != nil {
		t.Fatal(err)
	}
	if texts.Len() != 2 || texts.Text(0) != "Type 2 diabetes mellitus" || texts.Text(1) != "Type 1 diabetes mellitus" {
		t.Errorf("texts: %d %q %q", texts.Len(), texts.Text(0), texts.Text(1))
	}
	if texts.Text(NoText) != "" || texts.Text(99) != "" || texts.Word(99) != "" {
		t.Error("a number out of range must give the empty text")
	}
}

func TestDamageIsNamed(t *testing.T) {
	data := sample(t)
	cases := []struct {
		name, want string
		data       []byte
	}{
		{"empty", "not a pack", nil},
		{"other file", "not a pack", []byte(strings.Repeat("PK\x03\x04 some zip file", 20))},
		{"header alone", "checksum", data[:headerSize]},
		{"half", "checksum", data[:len(data)/2]},
		{"one bit", "checksum", flip(data, len(data)-1)},
		{"format", "pack format", flip(data, 8)},
		{"manifest length", "manifest", func() []byte {
			d := bytes.Clone(data)
			binary.LittleEndian.PutUint32(d[12:], 1<<30)
			return d
		}()},
	}
	for _, c := range cases {
		if _, err := Open(c.data); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want an error with %q", c.name, err, c.want)
		}
	}
	for i := range data {
		if _, err := Open(flip(data, i)); err == nil && i > 15 {
			t.Fatalf("byte %d may be changed unnoticed", i)
		}
	}
}

func flip(data []byte, i int) []byte {
	d := bytes.Clone(data)
	d[i] ^= 0x10
	return d
}

// Content that has the right checksum but is broken is refused when it is read,
// and never panics or takes more memory than it declares.
func TestBrokenContentIsRefused(t *testing.T) {
	data := sample(t)
	for i := headerSize; i < len(data); i++ {
		for _, x := range []byte{0x01, 0x80, 0xff} {
			d := bytes.Clone(data)
			d[i] ^= x
			p, err := Open(resum(d))
			if err != nil {
				continue
			}
			_ = p.Check() // any answer but a panic
		}
	}
}

func TestKey(t *testing.T) {
	for _, name := range []string{"A00", "E1165", "02703DZ", "E08-E13"} {
		key, ok := Key(name, KindSection)
		if !ok || Name(key) != name || KindOf(key) != KindSection {
			t.Errorf("Key(%q) = %x, %v", name, key, ok)
		}
	}
	for _, name := range []string{"", "12345678", "A 0", "Ä00", "A\x000"} {
		if _, ok := Key(name, 0); ok {
			t.Errorf("Key(%q) is accepted", name)
		}
	}
	a, _ := Key("A00", 0)
	b, _ := Key("A000", 0)
	c, _ := Key("A01", 0)
	if a >= b || b >= c {
		t.Error("keys do not sort as codes do")
	}
}

func FuzzOpen(f *testing.F) {
	f.Add(sample(f))
	f.Add([]byte(magic))
	f.Fuzz(func(_ *testing.T, data []byte) {
		p, err := Open(resum(bytes.Clone(data)))
		if err != nil {
			return
		}
		if err := p.Check(); err != nil {
			return
		}
		texts, err := OpenTexts(p)
		if err != nil {
			return
		}
		for i := range min(texts.Len(), 100) {
			texts.Text(uint32(i))
		}
	})
}
