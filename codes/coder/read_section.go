package coder

import (
	"strings"
)

// sectionKind says what part of a document a sentence stands in.
type sectionKind uint8

const (
	sectionBody sectionKind = iota
	sectionDiagnoses
	sectionHPI
	sectionCourse
	sectionAssessment
	sectionPlan
	sectionPastHistory
	sectionSurgicalHistory
	sectionFamily
	sectionSocial
	sectionReview
	sectionExam
	sectionMedications
	sectionAllergies
	sectionLabs
	sectionImaging
	sectionFindings
	sectionImpression
	sectionPreop
	sectionPostop
	sectionProcedure
	sectionOperation
	sectionIndication
	sectionSpecimen
	sectionPathology
	sectionInstructions
	sectionComplications
	sectionNeutral // administrative: signature, disposition, diet
)

// reading is a document cut into sentences.
type reading struct {
	sentences []sentence
}

// read cuts a document into sections and sentences. text must be valid UTF-8.
func read(text string) reading {
	lines := linesOf(text)
	width := 0
	for _, l := range lines {
		width = max(width, l.end-l.start)
	}
	var blocks []block
	section := sectionBody
	open := -1 // index of the block that the next line may join
	for _, l := range lines {
		start, end := trimSpan(text, l.start, l.end)
		if start == end {
			open = -1
			continue
		}
		kind, rest, isHeader := headerOf(text[start:end])
		if isHeader {
			section = kind
			open = -1
			start, end = trimSpan(text, start+rest, end)
			if start == end {
				continue
			}
		}
		bullet := bulletLength(text[start:end])
		item := bullet > 0
		start, end = trimSpan(text, start+bullet, end)
		if start == end {
			continue
		}
		if open >= 0 && !item && !isHeader && joins(text, blocks[open], start, width) {
			blocks[open].end = end
			continue
		}
		blocks = append(blocks, block{start: start, end: end, section: section, item: item})
		open = len(blocks) - 1
	}
	var out reading
	for _, b := range blocks {
		out.sentences = splitInline(out.sentences, text, b)
	}
	return out
}

// joins tells whether a line continues the block before it: the block's last
// line must be long for this document (a hard wrap) and not end a sentence.
func joins(text string, b block, next, width int) bool {
	lineStart := strings.LastIndexAny(text[b.start:b.end], "\n\r") + 1 + b.start
	length := b.end - lineStart
	last := text[b.end-1]
	if last == '.' || last == ':' || last == ';' || last == '!' || last == '?' {
		return length > width*3/5 && width > 50 && last == '.'
	}
	if last == ',' || last == '-' || last == '/' {
		return true
	}
	if c := text[next]; c >= 'a' && c <= 'z' && length > 20 {
		return true
	}
	return width > 50 && length > width*7/10
}

func trimSpan(text string, start, end int) (int, int) {
	for start < end && isBlank(text[start]) {
		start++
	}
	for end > start && isBlank(text[end-1]) {
		end--
	}
	return start, end
}

func isBlank(c byte) bool { return c == ' ' || c == '\t' || c == 0 || c == '\f' || c == '\v' }

// headerOf recognises a section header at the start of a line and returns its
// kind and how many bytes it takes, its colon included. A known name must be
// followed by a colon, stand alone on its line, or be in capitals.
func headerOf(line string) (sectionKind, int, bool) {
	skip := len(line) - len(strings.TrimLeft(line, "*#_=- \t"))
	if skip > 4 {
		skip = 0
	}
	body := line[skip:]
	colon := strings.IndexByte(body, ':')
	if colon > 0 && colon <= 60 {
		if kind, ok := headerKind(body[:colon]); ok {
			return kind, skip + colon + 1, true
		}
	}
	if dash := strings.Index(body, " - "); dash > 0 && dash <= 40 {
		if kind, ok := headerKind(body[:dash]); ok && body[:dash] == strings.ToUpper(body[:dash]) {
			return kind, skip + dash + 3, true
		}
	}
	if len(body) <= 60 {
		if kind, ok := headerKind(strings.TrimRight(body, "*#_=-. \t")); ok {
			return kind, len(line), true
		}
	}
	return sectionBody, 0, false
}

// headerKind looks a header up by its words, lower case, without brackets.
func headerKind(name string) (sectionKind, bool) {
	var b strings.Builder
	for _, f := range strings.FieldsFunc(strings.ToLower(name), func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < '0' || r > '9')
	}) {
		if b.Len() > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(f)
	}
	kind, ok := sectionNames[b.String()]
	return kind, ok
}

// splitInline cuts a block at headers written inside a running line, as in
// "PMH: HTN, DM. FH: father with CAD.", and splits the parts into sentences.
func splitInline(dst []sentence, text string, b block) []sentence {
	from := b.start
	for i := b.start; i < b.end; i++ {
		if text[i] != '.' || i+2 >= b.end || text[i+1] != ' ' {
			continue
		}
		limit := min(b.end, i+2+60)
		colon := strings.IndexByte(text[i+2:limit], ':')
		if colon <= 0 || strings.IndexByte(text[i+2:i+2+colon], '.') >= 0 {
			continue
		}
		kind, ok := headerKind(text[i+2 : i+2+colon])
		if !ok {
			continue
		}
		dst = splitBlock(dst, text, block{from, i + 1, b.section, b.item})
		from = i + 2 + colon + 1
		b.section = kind
		i = from - 1
	}
	return splitBlock(dst, text, block{from, b.end, b.section, b.item})
}
