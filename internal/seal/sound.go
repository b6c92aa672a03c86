package seal

import "strings"

// Sound writes a name word as it sounds, so that spellings that sound alike give
// the same: the New York State Identification and Intelligence System code
// (Taft, Name Search Techniques, 1970), without the cut at six letters. The word
// is one that Words gives; what holds no letter a-z gives "".
func Sound(word string) string {
	w := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' {
			return r - 'a' + 'A'
		}
		return -1
	}, word)
	if w == "" {
		return ""
	}
	b := []byte(soundEnd(soundStart(w)))
	out := []byte{b[0]}
	for i := 1; i < len(b); i++ {
		i += soundAt(b, i)
		if b[i] != out[len(out)-1] {
			out = append(out, b[i])
		}
	}
	return soundTrim(out)
}

// soundStart replaces the beginnings that are spoken as others.
func soundStart(w string) string {
	for _, s := range [][2]string{{"MAC", "MCC"}, {"KN", "NN"}, {"K", "C"}, {"PH", "FF"}, {"PF", "FF"}, {"SCH", "SSS"}} {
		if strings.HasPrefix(w, s[0]) {
			return s[1] + w[len(s[0]):]
		}
	}
	return w
}

// soundEnd replaces the endings that are spoken as others.
func soundEnd(w string) string {
	for _, s := range [][2]string{{"EE", "Y"}, {"IE", "Y"}, {"DT", "D"}, {"RT", "D"}, {"RD", "D"}, {"NT", "D"}, {"ND", "D"}} {
		if len(w) > 2 && strings.HasSuffix(w, s[0]) {
			return w[:len(w)-2] + s[1]
		}
	}
	return w
}

// soundAt rewrites b from place i on as the rules say and returns how many
// letters the rewritten group goes beyond its first.
func soundAt(b []byte, i int) int {
	rest := string(b[i:])
	switch {
	case strings.HasPrefix(rest, "EV"):
		b[i], b[i+1] = 'A', 'F'
	case isVowel(b[i]):
		b[i] = 'A'
	case b[i] == 'Q':
		b[i] = 'G'
	case b[i] == 'Z':
		b[i] = 'S'
	case b[i] == 'M':
		b[i] = 'N'
	case strings.HasPrefix(rest, "KN"):
		b[i] = 'N'
	case b[i] == 'K':
		b[i] = 'C'
	case strings.HasPrefix(rest, "SCH"):
		b[i], b[i+1], b[i+2] = 'S', 'S', 'S'
		return 2
	case strings.HasPrefix(rest, "PH"):
		b[i], b[i+1] = 'F', 'F'
		return 1
	case b[i] == 'H' && (!isVowel(b[i-1]) || i+1 < len(b) && !isVowel(b[i+1])):
		b[i] = b[i-1]
	case b[i] == 'W' && isVowel(b[i-1]):
		b[i] = b[i-1]
	}
	return 0
}

func isVowel(c byte) bool { return strings.IndexByte("AEIOU", c) >= 0 }

// soundTrim drops the ending that is not spoken.
func soundTrim(out []byte) string {
	s := string(out)
	if len(s) > 1 {
		s = strings.TrimSuffix(s, "S")
	}
	if strings.HasSuffix(s, "AY") {
		s = s[:len(s)-2] + "Y"
	}
	if len(s) > 1 {
		s = strings.TrimSuffix(s, "A")
	}
	return s
}
