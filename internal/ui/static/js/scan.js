// The sheets of a scanned document: the boxes of the words lie over the image.
// What is pointed at or selected on one side is marked on the other.
import { get } from "./api.js";
import { Offsets } from "./offsets.js";

const canMark = typeof Highlight === "function" && Boolean(CSS.highlights);

/** mark lays marks on ranges of text under one name, without changing the page. */
function mark(name, ranges) {
  if (!canMark) return;
  if (ranges.length) CSS.highlights.set(name, new Highlight(...ranges));
  else CSS.highlights.delete(name);
}

class Sheet {
  constructor(root) {
    this.root = root;
    this.boxes = root.querySelector(".scan-boxes");
    this.text = root.querySelector("[data-sheet-text]");
    this.words = [];
  }

  async load() {
    if (this.loaded || !this.boxes) return;
    this.loaded = true;
    let page;
    try { page = await get(this.root.dataset.words); } catch { return; } // the image and the text stand without
    const shown = this.text?.textContent ?? "";
    // Where the document's text is not the page's, the boxes have nothing to point at.
    const same = shown === page.text;
    const offsets = new Offsets(page.text);
    for (const word of page.words) {
      const box = document.createElement("span");
      box.className = "scan-word";
      box.style.left = `${word.b.x / 10}%`;
      box.style.top = `${word.b.y / 10}%`;
      box.style.width = `${word.b.w / 10}%`;
      box.style.height = `${word.b.h / 10}%`;
      box.dataset.word = this.words.length;
      this.boxes.append(box);
      this.words.push({ box, from: offsets.toUnit(word.s), to: offsets.toUnit(word.e) });
    }
    if (!same) return;
    this.boxes.addEventListener("pointerover", (event) => this.point(event.target.dataset.word));
    this.boxes.addEventListener("pointerleave", () => this.point(undefined));
    this.text.addEventListener("pointermove", (event) => this.pointText(event));
    this.text.addEventListener("pointerleave", () => this.point(undefined));
    this.selectable = true;
  }

  range(word) {
    const node = this.text.firstChild;
    const range = document.createRange();
    range.setStart(node, word.from);
    range.setEnd(node, word.to);
    return range;
  }

  /** point marks one word on both sides. */
  point(index) {
    const word = this.words[index];
    if (this.pointed === word) return;
    this.pointed?.box.classList.remove("pointed");
    this.pointed = word;
    word?.box.classList.add("pointed");
    mark("scan-word", word ? [this.range(word)] : []);
  }

  pointText(event) {
    const at = document.caretPositionFromPoint?.(event.clientX, event.clientY);
    if (at?.offsetNode !== this.text.firstChild) { this.point(undefined); return; }
    const index = this.words.findIndex((w) => w.from <= at.offset && at.offset < w.to);
    this.point(index < 0 ? undefined : index);
  }

  /** select marks the boxes of the words that are selected in the text. */
  select(range) {
    if (!this.selectable) return;
    const node = this.text.firstChild;
    const inside = range && range.intersectsNode(node);
    const from = inside && range.startContainer === node ? range.startOffset : 0;
    const to = inside && range.endContainer === node ? range.endOffset : Infinity;
    for (const word of this.words) word.box.classList.toggle("selected", Boolean(inside) && word.from < to && from < word.to);
  }
}

const sheets = [...document.querySelectorAll("[data-sheet]")].map((root) => new Sheet(root));

// A document may have a thousand pages: the words of one come when it does.
const near = new IntersectionObserver((entries) => {
  for (const entry of entries) {
    if (!entry.isIntersecting) continue;
    near.unobserve(entry.target);
    sheets.find((s) => s.root === entry.target)?.load();
  }
}, { rootMargin: "400px" });
for (const s of sheets) near.observe(s.root);

document.addEventListener("selectionchange", () => {
  const selection = getSelection();
  const range = selection.rangeCount && !selection.isCollapsed ? selection.getRangeAt(0) : null;
  for (const s of sheets) s.select(range);
});
