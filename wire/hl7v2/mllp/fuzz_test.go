package mllp_test

import (
	"bytes"
	"errors"
	"io"
	"testing"
	"testing/iotest"

	"chartroom/wire/hl7v2/mllp"
)

// FuzzReadFrame reads any bytes, whole and byte by byte: the same frames and
// troubles both ways, none larger than the limit, and every byte is accounted
// for.
func FuzzReadFrame(f *testing.F) {
	f.Add([]byte("\x0bMSH|a\r\x1c\r\x0bMSH|b\x1c\r"))
	f.Add([]byte("junk\x0bMSH|a\x0bMSH|b\x1c\x1c\r\n\x0b\x1c\r\x0bhalf"))
	f.Fuzz(func(t *testing.T, stream []byte) {
		const limit = 64
		whole := mllp.NewReader(bytes.NewReader(stream), limit)
		split := mllp.NewReader(iotest.OneByteReader(bytes.NewReader(stream)), limit)
		told := 0
		for range len(stream) + 2 {
			a, errA := whole.ReadFrame()
			b, errB := split.ReadFrame()
			if !bytes.Equal(a, b) || (errA == nil) != (errB == nil) || errA != nil && errA.Error() != errB.Error() {
				t.Fatalf("whole %q %v, byte by byte %q %v", a, errA, b, errB)
			}
			if errors.Is(errA, io.EOF) {
				if told > len(stream) || whole.Offset() != int64(len(stream)) {
					t.Fatalf("%d of %d bytes told of, %d gone over", told, len(stream), whole.Offset())
				}
				return
			}
			if trouble, ok := errors.AsType[*mllp.FrameError](errA); ok {
				told += int(trouble.Bytes)
			} else if errA != nil {
				t.Fatal(errA)
			}
			if len(a) > limit {
				t.Fatalf("frame of %d bytes, limit %d", len(a), limit)
			}
			told += len(a)
		}
		t.Fatal("the reader does not come to an end")
	})
}
