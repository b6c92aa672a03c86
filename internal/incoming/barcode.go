package incoming

import "crypto/rand"

// The bars of Code 128 (ISO/IEC 15417): for each of the values 0 to 105 the widths
// of bar, space, bar, space, bar, space, eleven modules together; the stop has
// thirteen.
const code128 = "212222222122222221121223121322131222122213122312132212221213221312231212112232122132122231113222123122123221223211221132221231213212" +
	"223112312131311222321122321221312212322112322211212123212321232121111323131123131321112313132113132311211313231113231311112133112331" +
	"132131113123113321133121313121211331231131213113213311213131311123311321331121312113312311332111314111221411431111111224111422121124" +
	"121421141122141221112214112412122114122411142112142211241211221114413111241112134111111242121142121241114212124112124211411212421112" +
	"421211212141214121412121111143111341131141114113114311411113411311113141114131311141411131211412211214211232"

const (
	code128StartB = 104
	code128Stop   = "2331112"
)

// Bars writes text as Code 128 in set B: the widths, in modules, of bars and
// spaces in turn, beginning with a bar. It is nil where a character has none.
func Bars(text string) []int {
	sum := code128StartB
	values := []int{code128StartB}
	for i, c := range []byte(text) {
		if c < ' ' || c > '~' {
			return nil
		}
		v := int(c) - ' '
		values = append(values, v)
		sum += (i + 1) * v
	}
	values = append(values, sum%103)
	var out []int
	for _, v := range values {
		for _, w := range code128[6*v : 6*v+6] {
			out = append(out, int(w-'0'))
		}
	}
	for _, w := range code128Stop {
		out = append(out, int(w-'0'))
	}
	return out
}

// barcodeLetters are those of a barcode's number: none that is taken for another.
const barcodeLetters = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

// newBarcode draws a number for a volume. It means nothing by itself, and the last
// character checks the others, so that one typed wrongly is noticed.
func newBarcode() string {
	var chance [9]byte
	_, _ = rand.Read(chance[:]) // never fails: crypto/rand ends the program instead
	out := []byte{'V'}
	for _, c := range chance {
		out = append(out, barcodeLetters[c%32])
	}
	return string(append(out, checkLetter(string(out))))
}

// checkLetter is a weighted sum by which a changed character or two neighbours
// that changed places are found.
func checkLetter(text string) byte {
	sum := 0
	for i := range len(text) {
		sum += (i*2 + 1) * int(text[i])
	}
	return barcodeLetters[sum%31]
}

// goodBarcode says whether a number read or typed can be a volume's.
func goodBarcode(text string) bool {
	return len(text) == 11 && checkLetter(text[:10]) == text[10]
}
