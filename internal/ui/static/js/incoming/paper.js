// The paper on the left: thumbnails of the pages, one of them large, turned and
// enlarged by keys, with the words that something rests on marked. Of a long scan
// only the pages that come near the window are fetched.
import { fill, h, reveal } from "../dom.js";
import { get, attempt } from "../api.js";

export const address = (leaf, width, turn) => `/scans/${leaf.scan}/pages/${leaf.page}.png?w=${width}&turn=${turn}`;

const wide = () => Math.min(2000, Math.round((document.getElementById("page-view")?.clientWidth || 900) * Math.min(2, devicePixelRatio || 1) / 100) * 100 || 900);
const steps = [0.5, 0.75, 1, 1.25, 1.5, 2, 3];

/** turned gives a box of the upright page (thousandths) after a turn. */
function turned(b, turn) {
  if (turn === 90) return { x: 1000 - b.y - b.h, y: b.x, w: b.h, h: b.w };
  if (turn === 180) return { x: 1000 - b.x - b.w, y: 1000 - b.y - b.h, w: b.w, h: b.h };
  if (turn === 270) return { x: b.y, y: 1000 - b.x - b.w, w: b.h, h: b.w };
  return b;
}

export class Paper {
  /** leaves: [{scan, page, turn, width, height}], at: index of the one shown. */
  constructor({ onShow = () => {}, decorate = () => {} } = {}) {
    this.thumbs = document.getElementById("thumbs");
    this.view = document.getElementById("page-view");
    this.leaf = document.getElementById("leaf");
    this.image = document.getElementById("page-image");
    this.marks = document.getElementById("page-marks");
    this.where = document.getElementById("page-at");
    Object.assign(this, { onShow, decorate, leaves: [], at: 0, zoom: 2, mentions: [], words: new Map() });
    this.thumbs.addEventListener("click", (event) => {
      const row = event.target.closest("[data-at]");
      if (row) this.show(Number(row.dataset.at));
    });
    this.image.addEventListener("error", () => this.leaf.classList.add("broken"));
    this.image.addEventListener("load", () => this.leaf.classList.remove("broken", "loading"));
  }

  get current() { return this.leaves[this.at]; }

  set(leaves, at = 0) {
    this.leaves = leaves;
    this.at = Math.max(0, Math.min(at, leaves.length - 1));
    this.draw();
    this.show(this.at);
  }

  draw() {
    fill(this.thumbs, this.leaves.map((leaf, i) => {
      const upright = leaf.turn % 180 === 0;
      const row = h("li", { role: "option", id: `thumb-${i}`, "data-at": i, "aria-selected": "false" },
        h("img", { src: address(leaf, 140, leaf.turn), alt: "", loading: "lazy", decoding: "async", width: upright ? 99 : 128, height: upright ? 128 : 99 }),
        h("span", { class: "n" }, String(leaf.page)));
      this.decorate(row, leaf, i);
      return row;
    }));
  }

  redecorate() {
    for (const [i, row] of [...this.thumbs.children].entries()) this.decorate(row, this.leaves[i], i);
  }

  show(at) {
    if (!this.leaves.length) return;
    this.at = Math.max(0, Math.min(at, this.leaves.length - 1));
    const leaf = this.current;
    for (const row of this.thumbs.querySelectorAll('[aria-selected="true"]')) row.setAttribute("aria-selected", "false");
    const row = this.thumbs.children[this.at];
    row.setAttribute("aria-selected", "true");
    this.thumbs.setAttribute("aria-activedescendant", row.id);
    reveal(this.thumbs, row);
    this.where.textContent = `Page ${this.at + 1} of ${this.leaves.length}`;
    const src = address(leaf, wide(), leaf.turn);
    if (!this.image.src.endsWith(src)) {
      this.leaf.classList.add("loading");
      this.image.src = src;
      this.image.alt = `Page ${leaf.page} of the scan`;
    }
    this.size();
    this.mark();
    this.onShow(leaf, this.at);
  }

  step(by) { this.show(this.at + by); }

  size() {
    const leaf = this.current;
    const ratio = (leaf.width && leaf.height) ? leaf.width / leaf.height : 0.773;
    this.leaf.style.width = `${steps[this.zoom] * 100}%`;
    this.leaf.style.aspectRatio = String(leaf.turn % 180 === 0 ? ratio : 1 / ratio);
  }

  larger(by) {
    this.zoom = Math.max(0, Math.min(steps.length - 1, this.zoom + by));
    this.size();
  }

  turn(by = 90) {
    const leaf = this.current;
    leaf.turn = (leaf.turn + by + 360) % 360;
    const row = this.thumbs.children[this.at];
    const img = row.querySelector("img");
    img.src = address(leaf, 140, leaf.turn);
    [img.width, img.height] = leaf.turn % 180 === 0 ? [99, 128] : [128, 99];
    this.show(this.at);
  }

  /** say which words matter: [{page, start, end, what}] in bytes of a page's words. */
  rest(mentions) { this.mentions = mentions; this.mark(); }

  async mark() {
    const leaf = this.current;
    const mine = this.mentions.filter((m) => m.page === leaf.page && (!m.scan || m.scan === leaf.scan));
    fill(this.marks);
    if (!mine.length) return;
    const key = `${leaf.scan}/${leaf.page}`;
    if (!this.words.has(key)) this.words.set(key, attempt(() => get(`/scans/${leaf.scan}/pages/${leaf.page}/words`)));
    const read = await this.words.get(key);
    if (leaf !== this.current || !read) return;
    const svg = "http://www.w3.org/2000/svg";
    fill(this.marks);
    for (const word of read.words ?? []) {
      const m = mine.find((x) => word.s < x.end && word.e > x.start);
      if (!m) continue;
      const b = turned(word.b, leaf.turn);
      const rect = document.createElementNS(svg, "rect");
      for (const [name, value] of Object.entries({ x: b.x - 3, y: b.y - 2, width: b.w + 6, height: b.h + 4, class: `m-${m.what.replace(/ .*/, "")}` })) rect.setAttribute(name, value);
      this.marks.append(rect);
    }
  }
}
