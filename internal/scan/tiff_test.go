package scan_test

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
	"strings"
	"testing"

	"golang.org/x/image/font"
	"golang.org/x/image/font/basicfont"
	"golang.org/x/image/math/fixed"

	"chartroom/internal/gate/gatetest"
	"chartroom/internal/scan"
)

// bomb is a PNG whose header says 60,000 x 60,000 pixels.
func bomb(tb testing.TB) []byte {
	tb.Helper()
	raw := bytes.Clone(pngOf(tb, 8, 8))
	binary.BigEndian.PutUint32(raw[16:], 60000)
	binary.BigEndian.PutUint32(raw[20:], 60000)
	binary.BigEndian.PutUint32(raw[29:], crc32.ChecksumIEEE(raw[12:29]))
	return raw
}

// paper draws an invented page: black letters of a bitmap font, scale times as
// large, on white.
func paper(w, h, scale int, lines ...string) *image.Gray {
	small := image.NewGray(image.Rect(0, 0, w/scale, h/scale))
	draw.Draw(small, small.Rect, image.White, image.Point{}, draw.Src)
	d := font.Drawer{Dst: small, Src: image.Black, Face: basicfont.Face7x13}
	for i, line := range lines {
		d.Dot = fixed.P(20, 40+22*i)
		d.DrawString(line)
	}
	page := image.NewGray(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			page.Pix[y*page.Stride+x] = small.GrayAt(min(x/scale, small.Rect.Dx()-1), min(y/scale, small.Rect.Dy()-1)).Y
		}
	}
	return page
}

// entry is one field of a TIFF directory: SHORT (3), LONG (4), RATIONAL (5) or
// bytes (7).
type entry struct {
	tag, kind uint16
	values    []uint32
	raw       []byte
}

// tiffPage is one page of a TIFF file that is being made.
type tiffPage struct {
	entries []entry // without strips
	strips  [][]byte
}

// tiffOf lays pages out as a TIFF file (TIFF 6.0, section 2).
func tiffOf(order binary.AppendByteOrder, pages ...tiffPage) []byte {
	out := []byte("II*\x00\x00\x00\x00\x00")
	if order.String() == "BigEndian" {
		out = []byte("MM\x00*\x00\x00\x00\x00")
	}
	put := order.(binary.ByteOrder)
	link := 4
	for _, p := range pages {
		var offsets, sizes []uint32
		for _, s := range p.strips {
			offsets, sizes = append(offsets, uint32(len(out))), append(sizes, uint32(len(s)))
			out = append(out, s...)
		}
		all := append([]entry{}, p.entries...)
		all = append(all, entry{tag: 273, kind: 4, values: offsets}, entry{tag: 279, kind: 4, values: sizes})
		sortEntries(all)
		var directory []byte
		directory = order.AppendUint16(directory, uint16(len(all)))
		for _, e := range all {
			var data []byte
			count := uint32(len(e.values))
			for _, v := range e.values {
				switch e.kind {
				case 3:
					data = order.AppendUint16(data, uint16(v))
				default:
					data = order.AppendUint32(data, v)
				}
			}
			if e.kind == 5 {
				count /= 2
			}
			if e.kind == 7 {
				data, count = e.raw, uint32(len(e.raw))
			}
			directory = order.AppendUint16(directory, e.tag)
			directory = order.AppendUint16(directory, e.kind)
			directory = order.AppendUint32(directory, count)
			if len(data) > 4 {
				directory = order.AppendUint32(directory, uint32(len(out)))
				out = append(out, data...)
			} else {
				directory = append(directory, append(data, 0, 0, 0, 0)[:4]...)
			}
		}
		put.PutUint32(out[link:], uint32(len(out)))
		out = append(out, directory...)
		link = len(out)
		out = append(out, 0, 0, 0, 0)
	}
	return out
}

func sortEntries(all []entry) {
	for i := range all {
		for j := i; j > 0 && all[j].tag < all[j-1].tag; j-- {
			all[j], all[j-1] = all[j-1], all[j]
		}
	}
}

// grayPage lays a gray image out as a page, compressed as asked.
func grayPage(img *image.Gray, compression uint32, pack func([]byte) []byte, more ...entry) tiffPage {
	w, h := uint32(img.Rect.Dx()), uint32(img.Rect.Dy())
	entries := []entry{
		{tag: 256, kind: 4, values: []uint32{w}}, {tag: 257, kind: 4, values: []uint32{h}},
		{tag: 258, kind: 3, values: []uint32{8}}, {tag: 259, kind: 3, values: []uint32{compression}},
		{tag: 262, kind: 3, values: []uint32{1}}, {tag: 277, kind: 3, values: []uint32{1}},
		{tag: 278, kind: 4, values: []uint32{h}},
		{tag: 282, kind: 5, values: []uint32{200, 1}}, {tag: 283, kind: 5, values: []uint32{200, 1}},
		{tag: 296, kind: 3, values: []uint32{2}},
	}
	return tiffPage{entries: append(entries, more...), strips: [][]byte{pack(img.Pix)}}
}

func plain(b []byte) []byte { return b }

func deflated(b []byte) []byte {
	var out bytes.Buffer
	z := zlib.NewWriter(&out)
	_, _ = z.Write(b) // to memory
	_ = z.Close()
	return out.Bytes()
}

// packed writes PackBits: runs of up to 128 equal bytes.
func packed(b []byte) []byte {
	var out []byte
	for len(b) > 0 {
		n := 1
		for n < len(b) && n < 128 && b[n] == b[0] {
			n++
		}
		out = append(out, byte(1-n), b[0])
		if n == 1 {
			out[len(out)-2] = 0
		}
		b = b[n:]
	}
	return out
}

// faxPage is a Group 4 page: white, with a black bar across rows 100 to 119 from
// pixel 256 to pixel 512 of 1728 (ITU-T T.6).
func faxPage() tiffPage {
	var bits []byte
	n := 0
	write := func(code string) {
		for _, c := range code {
			if n%8 == 0 {
				bits = append(bits, 0)
			}
			if c == '1' {
				bits[n/8] |= 0x80 >> (n % 8)
			}
			n++
		}
	}
	for y := range 2200 {
		switch {
		case y == 100: // horizontal mode: white 256, black 256; then the rest of the row is as above
			write("001" + "0110111" + "00110101" + "000001011011" + "0000110111" + "1")
		case y > 100 && y < 120: // both edges and the end are below those above
			write("111")
		case y == 120: // pass mode: the bar ends
			write("0001" + "1")
		default:
			write("1")
		}
	}
	write("000000000001000000000001") // end of facsimile block
	return tiffPage{entries: []entry{
		{tag: 256, kind: 4, values: []uint32{1728}}, {tag: 257, kind: 4, values: []uint32{2200}},
		{tag: 258, kind: 3, values: []uint32{1}}, {tag: 259, kind: 3, values: []uint32{4}},
		{tag: 262, kind: 3, values: []uint32{0}}, {tag: 277, kind: 3, values: []uint32{1}}, {tag: 278, kind: 4, values: []uint32{2200}},
		{tag: 282, kind: 5, values: []uint32{204, 1}}, {tag: 283, kind: 5, values: []uint32{196, 1}}, {tag: 296, kind: 3, values: []uint32{2}},
	}, strips: [][]byte{bits}}
}

// jpegPage is a page of two JPEG strips.
func jpegPage(tb testing.TB, img *image.Gray) tiffPage {
	tb.Helper()
	half := img.Rect.Dy() / 2
	var strips [][]byte
	for _, part := range []image.Rectangle{image.Rect(0, 0, img.Rect.Dx(), half), image.Rect(0, half, img.Rect.Dx(), 2*half)} {
		var out bytes.Buffer
		if err := jpeg.Encode(&out, img.SubImage(part), &jpeg.Options{Quality: 90}); err != nil {
			tb.Fatal(err)
		}
		strips = append(strips, out.Bytes())
	}
	p := grayPage(img, 7, plain)
	for i := range p.entries {
		if p.entries[i].tag == 278 {
			p.entries[i].values = []uint32{uint32(half)}
		}
	}
	p.strips = strips
	return p
}

func TestATIFFIsPagedAndDrawn(t *testing.T) {
	s, actor := open(t, gatetest.Open(t)), gatetest.Actor()
	page := paper(800, 1000, 2, "HISTORY AND PHYSICAL", "Quillfeather, Odalys")
	thumbnail := grayPage(paper(80, 100, 1), 1, plain, entry{tag: 254, kind: 4, values: []uint32{1}})
	turned := grayPage(page, 1, plain, entry{tag: 274, kind: 3, values: []uint32{6}})
	for _, order := range []binary.AppendByteOrder{binary.LittleEndian, binary.BigEndian} {
		raw := tiffOf(order, grayPage(page, 1, plain), thumbnail, grayPage(page, 8, deflated), grayPage(page, 32773, packed),
			faxPage(), jpegPage(t, page), turned)
		kept, _, err := s.Keep(t.Context(), actor, "fax.tif", "", raw)
		if err != nil || kept.Pages != 6 {
			t.Fatalf("%d pages are kept, want 6: %v", kept.Pages, err)
		}
		first, err := s.Image(t.Context(), actor, kept.ID, 1, 400, 0)
		want := checkPNG(t, first, err, 400, 500)
		for n := 2; n <= 3; n++ {
			same, err := s.Image(t.Context(), actor, kept.ID, n, 400, 0)
			if err != nil || !bytes.Equal(same, first) {
				t.Errorf("%v: page %d is drawn otherwise than page 1: %v", order, n, err)
			}
		}
		fax, err := s.Image(t.Context(), actor, kept.ID, 4, 1728, 0)
		ink := inkOf(checkPNG(t, fax, err, 1728, 2290))
		if far(ink.X, 148) || far(ink.W, 148) || far(ink.Y, 45) || far(ink.H, 9) {
			t.Errorf("%v: the bar of the fax stands at %+v", order, ink)
		}
		lossy, err := s.Image(t.Context(), actor, kept.ID, 5, 400, 0)
		if a, b := inkOf(checkPNG(t, lossy, err, 400, 500)), inkOf(want); far(a.X, b.X) || far(a.Y, b.Y) || far(a.W, b.W) || far(a.H, b.H) {
			t.Errorf("%v: the JPEG page has its ink at %+v, want %+v", order, a, b)
		}
		side, err := s.Image(t.Context(), actor, kept.ID, 6, 500, 0)
		a := inkOf(checkPNG(t, side, err, 500, 400))
		if b := inkOf(want); far(a.X, 1000-b.Y-b.H) || far(a.Y, b.X) {
			t.Errorf("%v: a page that is to be turned has its ink at %+v", order, a)
		}
	}
}

func TestADamagedTIFFIsRefusedWithThePlace(t *testing.T) {
	s, actor := open(t, gatetest.Open(t)), gatetest.Actor()
	page := paper(80, 100, 1)
	whole := tiffOf(binary.LittleEndian, grayPage(page, 1, plain), grayPage(page, 1, plain))
	ring := bytes.Clone(whole)
	binary.LittleEndian.PutUint32(ring[len(ring)-4:], binary.LittleEndian.Uint32(ring[4:]))
	wide := grayPage(page, 1, plain)
	wide.entries[0].values = []uint32{60_001}
	noPixels := grayPage(page, 1, plain)
	noPixels.entries[1].values = []uint32{0}
	fax2d := faxPage()
	fax2d.entries[3].values = []uint32{3}
	fax2d.entries = append(fax2d.entries, entry{tag: 292, kind: 4, values: []uint32{1}})
	for name, c := range map[string]struct {
		raw []byte
		why string
	}{
		"cut in page 2":  {whole[:len(whole)-40], "directory 2"},
		"a ring":         {ring, "circle after page 2"},
		"too wide":       {tiffOf(binary.LittleEndian, grayPage(page, 1, plain), wide), "page 2: the image is 60001 x 100 pixels"},
		"no pixels":      {tiffOf(binary.LittleEndian, noPixels), "no width or height"},
		"old JPEG":       {tiffOf(binary.LittleEndian, grayPage(page, 6, plain)), "JPEG of TIFF 6.0"},
		"no compression": {tiffOf(binary.LittleEndian, grayPage(page, 50_000, plain)), "50000"},
		"G3 in two":      {tiffOf(binary.LittleEndian, fax2d), "Group 3 in two dimensions"},
		"not deflate":    {tiffOf(binary.LittleEndian, grayPage(page, 8, plain)), "damaged"},
		"too few pixels": {tiffOf(binary.LittleEndian, tiffPage{entries: grayPage(page, 1, plain).entries, strips: [][]byte{{1, 2}}}), "not enough pixel data"},
	} {
		_, _, err := s.Keep(t.Context(), actor, "a.tif", "", c.raw)
		if err == nil || !strings.Contains(err.Error(), c.why) {
			t.Errorf("%s: %v, want %q", name, err, c.why)
		}
	}
}

func TestGrayNeedsNoColour(t *testing.T) {
	page := image.NewRGBA(image.Rect(0, 0, 30, 30))
	draw.Draw(page, page.Rect, image.NewUniform(color.RGBA{200, 30, 30, 255}), image.Point{}, draw.Src)
	var out bytes.Buffer
	if err := jpeg.Encode(&out, page, nil); err != nil {
		t.Fatal(err)
	}
	s, actor := open(t, gatetest.Open(t)), gatetest.Actor()
	kept, _, err := s.Keep(t.Context(), actor, "photo.jpg", "", out.Bytes())
	if err != nil || kept.Media != scan.JPEG {
		t.Fatalf("%+v: %v", kept, err)
	}
	raw, err := s.Image(t.Context(), actor, kept.ID, 1, 60, 0)
	img := checkPNG(t, raw, err, 60, 60)
	if r, g, _, _ := img.At(30, 30).RGBA(); r < g+0x4000 {
		t.Errorf("red is drawn as %v", img.At(30, 30))
	}
}
