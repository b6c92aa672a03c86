package pack

import (
	"encoding/binary"
	"errors"
	"fmt"
	"sort"
	"strings"
)

// NoText is the number that stands for "no text here".
const NoText = ^uint32(0)

// Texts is a pool of texts made of words: each distinct word is kept once, each
// text is the list of its words. The words of a text are joined by one space.
type Texts struct {
	wordOff, wordDat []byte
	textOff, textDat []byte
	words, texts     int
}

// OpenTexts reads the pool of a pack and checks every offset and word number,
// so that Text never fails.
func OpenTexts(p *Pack) (*Texts, error) {
	t := &Texts{}
	for _, s := range []struct {
		name string
		into *[]byte
	}{{"word.off", &t.wordOff}, {"word.dat", &t.wordDat}, {"text.off", &t.textOff}, {"text.dat", &t.textDat}} {
		data, err := p.Section(s.name)
		if err != nil {
			return nil, err
		}
		*s.into = data
	}
	var err error
	if t.words, err = checkOffsets("word.off", t.wordOff, len(t.wordDat)); err != nil {
		return nil, err
	}
	if t.texts, err = checkOffsets("text.off", t.textOff, len(t.textDat)); err != nil {
		return nil, err
	}
	for i := range t.texts {
		for rest := t.textBytes(uint32(i)); len(rest) > 0; {
			word, n := binary.Uvarint(rest)
			if n <= 0 || word >= uint64(t.words) {
				return nil, fmt.Errorf("text %d is broken", i)
			}
			rest = rest[n:]
		}
	}
	return t, nil
}

func checkOffsets(name string, off []byte, size int) (int, error) {
	if len(off) == 0 {
		return 0, nil
	}
	if len(off)%4 != 0 {
		return 0, fmt.Errorf("section %q has %d bytes", name, len(off))
	}
	n := len(off)/4 - 1
	last := uint32(0)
	for i := 0; i <= n; i++ {
		o := U32(off, i)
		if o < last || uint64(o) > uint64(size) {
			return 0, fmt.Errorf("section %q: offset %d is out of order", name, i)
		}
		last = o
	}
	return n, nil
}

// Len is the number of texts.
func (t *Texts) Len() int { return t.texts }

// Words is the number of distinct words.
func (t *Texts) Words() int { return t.words }

// Word returns a word by its number.
func (t *Texts) Word(i uint32) string {
	if int64(i) >= int64(t.words) {
		return ""
	}
	return string(t.wordDat[U32(t.wordOff, int(i)):U32(t.wordOff, int(i)+1)])
}

func (t *Texts) textBytes(i uint32) []byte {
	if int64(i) >= int64(t.texts) {
		return nil
	}
	return t.textDat[U32(t.textOff, int(i)):U32(t.textOff, int(i)+1)]
}

// Text returns a text; NoText and any number out of range give "".
func (t *Texts) Text(i uint32) string {
	data := t.textBytes(i)
	if len(data) == 0 {
		return ""
	}
	var buf [192]byte // longer texts grow beyond it
	out := buf[:0]
	for len(data) > 0 {
		word, n := uint64(data[0]), 1
		if word >= 0x80 {
			word, n = binary.Uvarint(data)
		}
		if len(out) > 0 {
			out = append(out, ' ')
		}
		out = append(out, t.wordDat[U32(t.wordOff, int(word)):U32(t.wordOff, int(word)+1)]...)
		data = data[n:]
	}
	return string(out)
}

// AppendWords appends the word numbers of a text to into.
func (t *Texts) AppendWords(into []uint32, i uint32) []uint32 {
	for rest := t.textBytes(i); len(rest) > 0; {
		word, n := binary.Uvarint(rest)
		into = append(into, uint32(word))
		rest = rest[n:]
	}
	return into
}

// TextsBuilder collects texts.
type TextsBuilder struct {
	ids   map[string]uint32
	texts [][]string
	count map[string]int
}

// NewTextsBuilder begins an empty pool.
func NewTextsBuilder() *TextsBuilder {
	return &TextsBuilder{ids: map[string]uint32{}, count: map[string]int{}}
}

// Add puts a text in, once, and returns its number. White space is folded to
// single spaces; the empty text is NoText.
func (b *TextsBuilder) Add(text string) uint32 {
	words := strings.Fields(text)
	if len(words) == 0 {
		return NoText
	}
	key := strings.Join(words, " ")
	if id, ok := b.ids[key]; ok {
		return id
	}
	id := uint32(len(b.texts))
	b.ids[key] = id
	b.texts = append(b.texts, words)
	for _, w := range words {
		b.count[w]++
	}
	return id
}

// AddTo writes the pool into a pack. Frequent words get small numbers.
func (b *TextsBuilder) AddTo(w *Writer) error {
	words := make([]string, 0, len(b.count))
	for word := range b.count {
		words = append(words, word)
	}
	sort.Slice(words, func(i, j int) bool {
		if b.count[words[i]] != b.count[words[j]] {
			return b.count[words[i]] > b.count[words[j]]
		}
		return words[i] < words[j]
	})
	number := make(map[string]uint64, len(words))
	var wordOff, wordDat, textOff, textDat []byte
	wordOff = binary.LittleEndian.AppendUint32(wordOff, 0)
	for i, word := range words {
		number[word] = uint64(i)
		wordDat = append(wordDat, word...)
		wordOff = binary.LittleEndian.AppendUint32(wordOff, uint32(len(wordDat)))
	}
	textOff = binary.LittleEndian.AppendUint32(textOff, 0)
	for _, text := range b.texts {
		for _, word := range text {
			textDat = binary.AppendUvarint(textDat, number[word])
		}
		if len(textDat) > maxSection {
			return errors.New("pack: too much text")
		}
		textOff = binary.LittleEndian.AppendUint32(textOff, uint32(len(textDat)))
	}
	w.Add("word.off", wordOff)
	w.Add("word.dat", wordDat)
	w.Add("text.off", textOff)
	w.Add("text.dat", textDat)
	return nil
}

// U32 reads entry i of an array of 32-bit numbers.
func U32(data []byte, i int) uint32 { return binary.LittleEndian.Uint32(data[i*4:]) }

// U64 reads entry i of an array of 64-bit numbers.
func U64(data []byte, i int) uint64 { return binary.LittleEndian.Uint64(data[i*8:]) }

// U16 reads entry i of an array of 16-bit numbers.
func U16(data []byte, i int) uint16 { return binary.LittleEndian.Uint16(data[i*2:]) }
