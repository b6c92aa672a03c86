package scan

import (
	"bytes"
	"fmt"
	"image"
	"image/png"
	"math"
	"sync"

	"golang.org/x/image/draw"
)

// fit gives the size of a page of natural size w x h that is width pixels wide
// after a turn: its width and height before the turn. The height is bounded, so
// that a page as long as a roll does not fill the memory.
func fit(w, h float64, width, turn int) (across, down int) {
	if w <= 0 || h <= 0 {
		w, h = 612, 792
	}
	if turn%180 != 0 {
		w, h = h, w
	}
	across = max(1, width)
	long := float64(across) * h / w
	if most := float64(maxDrawn / across); long > most {
		scale := math.Sqrt(most / long)
		across, long = max(1, int(float64(across)*scale)), math.Max(1, long*scale)
	}
	down = max(1, int(math.Round(long)))
	if turn%180 != 0 {
		return down, across
	}
	return across, down
}

// maxDrawn bounds the pixels of a page that is drawn.
const maxDrawn = 24_000_000

// resize brings an image to a size, over a white ground.
func resize(img image.Image, w, h int) image.Image {
	if g := grayed(img); g != nil {
		if g.Rect.Dx() == w && g.Rect.Dy() == h {
			return g
		}
		return resizeGray(g, w, h)
	}
	if img.Bounds().Dx() == w && img.Bounds().Dy() == h {
		if m, ok := img.(*image.RGBA); ok && m.Opaque() {
			return m
		}
	}
	out := image.NewRGBA(image.Rect(0, 0, w, h))
	fill(out.Pix)
	scaler := draw.Scaler(draw.ApproxBiLinear)
	if img.Bounds().Dx() > w+w/2 {
		scaler = draw.BiLinear // looks at every pixel that is left out
	}
	scaler.Scale(out, out.Rect, img, img.Bounds(), draw.Over, nil)
	return out
}

// resizeGray gives each pixel the mean of those it stands for, so that thin lines
// of a fax stay visible.
func resizeGray(src *image.Gray, w, h int) *image.Gray {
	out := image.NewGray(image.Rect(0, 0, w, h))
	sw, sh := src.Rect.Dx(), src.Rect.Dy()
	from := make([]int, w+1)
	for x := range from {
		from[x] = x * sw / w
	}
	sums := make([]uint32, w)
	for y := range h {
		y0 := y * sh / h
		y1 := max(y0+1, (y+1)*sh/h)
		clear(sums)
		for sy := y0; sy < y1; sy++ {
			row := src.Pix[sy*src.Stride : sy*src.Stride+sw]
			for x := range sums {
				a := from[x]
				b := max(a+1, from[x+1])
				sum := uint32(0)
				for _, p := range row[a:b] {
					sum += uint32(p)
				}
				sums[x] += sum
			}
		}
		to := out.Pix[y*out.Stride:]
		for x, sum := range sums {
			n := uint32(max(1, from[x+1]-from[x]) * (y1 - y0)) //nolint:gosec // bounded by the size of a page
			to[x] = byte(sum / n)                              //nolint:gosec // the mean of bytes
		}
	}
	return out
}

// turned turns an image clockwise.
func turned(img image.Image, turn int) image.Image {
	switch m := img.(type) {
	case *image.Gray:
		out := image.NewGray(turnedRect(m.Rect, turn))
		turnPixels(m.Pix, m.Stride, out.Pix, out.Stride, m.Rect.Dx(), m.Rect.Dy(), 1, turn)
		return out
	case *image.RGBA:
		out := image.NewRGBA(turnedRect(m.Rect, turn))
		turnPixels(m.Pix, m.Stride, out.Pix, out.Stride, m.Rect.Dx(), m.Rect.Dy(), 4, turn)
		return out
	}
	b := img.Bounds()
	out := image.NewRGBA(image.Rect(0, 0, b.Dx(), b.Dy()))
	draw.Draw(out, out.Rect, img, b.Min, draw.Src)
	return turned(out, turn)
}

func turnedRect(r image.Rectangle, turn int) image.Rectangle {
	if turn%180 != 0 {
		return image.Rect(0, 0, r.Dy(), r.Dx())
	}
	return image.Rect(0, 0, r.Dx(), r.Dy())
}

// turnPixels moves the pixels of size bytes of a w x h image to their places in
// the turned one.
func turnPixels(src []byte, stride int, dst []byte, dstStride, w, h, size, turn int) {
	for y := range h {
		row := src[y*stride : y*stride+w*size]
		for x := range w {
			dx, dy := x, y
			switch turn {
			case 90:
				dx, dy = h-1-y, x
			case 180:
				dx, dy = w-1-x, h-1-y
			case 270:
				dx, dy = y, w-1-x
			}
			copy(dst[dy*dstStride+dx*size:dy*dstStride+dx*size+size], row[x*size:x*size+size])
		}
	}
}

// buffers keeps what the PNG encoder works in.
type buffers struct{ pool sync.Pool }

// Get implements png.EncoderBufferPool.
func (b *buffers) Get() *png.EncoderBuffer {
	buffer, ok := b.pool.Get().(*png.EncoderBuffer)
	if !ok {
		return nil
	}
	return buffer
}

// Put implements png.EncoderBufferPool.
func (b *buffers) Put(buffer *png.EncoderBuffer) { b.pool.Put(buffer) }

// encodePNG writes an image as PNG, in gray where it has no colours.
func (s *Service) encodePNG(img image.Image) ([]byte, error) {
	if g := grayed(img); g != nil {
		img = g
	}
	var out bytes.Buffer
	encoder := png.Encoder{CompressionLevel: png.BestSpeed, BufferPool: &s.buffers}
	if err := encoder.Encode(&out, img); err != nil {
		return nil, fmt.Errorf("write the page as PNG: %w", err)
	}
	return out.Bytes(), nil
}
