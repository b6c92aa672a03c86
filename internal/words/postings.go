package words

import (
	"cmp"
	"encoding/binary"
	"errors"
	"slices"
)

// Postings are the numbers of the documents that hold a word, rising: varints of
// the differences, the first from zero. A row of the index is one such list.

var errPostings = errors.New("a row of the word index is damaged")

func packPostings(numbers []int64) []byte {
	out := make([]byte, 0, len(numbers)+8)
	last := int64(0)
	for _, n := range numbers {
		out = binary.AppendUvarint(out, uint64(n-last)) //nolint:gosec // rising: never negative
		last = n
	}
	return out
}

func unpackPostings(into []int64, packed []byte) ([]int64, error) {
	last := int64(0)
	for len(packed) > 0 {
		step, n := binary.Uvarint(packed)
		if n <= 0 || step > 1<<62 {
			return nil, errPostings
		}
		packed = packed[n:]
		last += int64(step)
		into = append(into, last)
	}
	return into, nil
}

// unpackAll joins the rows of a word. The segments of documents that came one
// after the other do not overlap, so laid out by their first number they rise; what
// does not is sorted.
func unpackAll(rows [][]byte) ([]int64, error) {
	slices.SortFunc(rows, func(a, b []byte) int {
		x, _ := binary.Uvarint(a)
		y, _ := binary.Uvarint(b)
		return cmp.Compare(x, y)
	})
	size := 0
	for _, row := range rows {
		size += len(row)
	}
	numbers := make([]int64, 0, size)
	for _, row := range rows {
		var err error
		if numbers, err = unpackPostings(numbers, row); err != nil {
			return nil, err
		}
	}
	if !slices.IsSorted(numbers) {
		slices.Sort(numbers)
	}
	return numbers, nil
}

// both are the numbers that two rising lists have in common.
func both(a, b []int64) []int64 {
	if len(a) > len(b) {
		a, b = b, a
	}
	out := a[:0:0]
	for _, n := range a {
		i, found := slices.BinarySearch(b, n)
		if found {
			out = append(out, n)
		}
		b = b[i:]
	}
	return out
}
