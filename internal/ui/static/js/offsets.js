// Evidence counts bytes of UTF-8; the page counts UTF-16 units. An Offsets
// knows both for one text.

const width = (unit) => (unit < 0x80 ? 1 : unit < 0x800 ? 2 : 3);

/** Offsets maps positions of one text both ways. */
export class Offsets {
  constructor(text) {
    this.bytes = new Uint32Array(text.length + 1);
    let n = 0;
    for (let i = 0; i < text.length; i++) {
      this.bytes[i] = n;
      const unit = text.charCodeAt(i);
      if (unit >= 0xd800 && unit < 0xdc00 && i + 1 < text.length) { this.bytes[++i] = n; n += 4; } else n += width(unit);
    }
    this.bytes[text.length] = n;
  }

  /** toByte gives the byte offset of a UTF-16 position. */
  toByte(unit) { return this.bytes[Math.min(Math.max(unit, 0), this.bytes.length - 1)]; }

  /** toUnit gives the UTF-16 position of a byte offset, the nearest at or before it. */
  toUnit(byte) {
    let lo = 0;
    let hi = this.bytes.length - 1;
    while (lo < hi) {
      const mid = (lo + hi + 1) >> 1;
      if (this.bytes[mid] <= byte) lo = mid; else hi = mid - 1;
    }
    while (lo > 0 && this.bytes[lo - 1] === this.bytes[lo]) lo--;
    return lo;
  }
}
