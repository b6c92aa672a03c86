// The documents at the left of the desk. Each is drawn once, a paragraph a
// line; the evidence is painted over it (CSS Custom Highlights), so choosing
// another code never disturbs a selection or the scroll.
import { h, fill, reveal } from "../dom.js";
import { Offsets } from "../offsets.js";

const heading = /^\s*[A-Z][A-Z0-9 ,/&()'’-]{2,60}:?\s*$/;
const lead = /^\s*([A-Z][A-Za-z0-9 /&()'’-]{2,40}):\s/;

/** Paper shows the documents and paints evidence on them. */
export class Paper {
  constructor(root, { onPick }) {
    this.tabs = root.querySelector(".tabs");
    this.sheet = root.querySelector(".sheet");
    this.onPick = onPick;
    this.docs = [];
    this.marks = [];
    this.active = [];
    this.at = -1;
    this.scroll = new Map();
    this.sheet.addEventListener("click", (event) => this.#pick(event));
    this.sheet.addEventListener("keydown", (event) => this.#move(event));
  }

  /** show takes the documents: {id, version, type, author, role, written, signed, text}. */
  show(docs) {
    this.docs = docs.map((d) => ({ ...d, offsets: new Offsets(d.text) }));
    fill(this.tabs, this.docs.map((d, i) => h("button", {
      type: "button", role: "tab", id: `tab-${i}`, "aria-controls": "sheet", "aria-selected": "false", tabindex: "-1",
      onclick: () => this.open(i),
    }, h("span", {}, d.title || d.type), h("span", { class: "sub" }, [d.day, d.role].filter(Boolean).join(" · ")))));
    this.open(0);
  }

  /** open turns to a document, where it was last scrolled to. */
  open(i) {
    if (i === this.at || !this.docs[i]) return;
    if (this.at >= 0) this.scroll.set(this.at, this.sheet.scrollTop);
    this.at = i;
    const doc = this.docs[i];
    for (const [n, tab] of [...this.tabs.children].entries()) {
      tab.setAttribute("aria-selected", String(n === i));
      tab.tabIndex = n === i ? 0 : -1;
      if (n === i) reveal(this.tabs, tab);
    }
    this.sheet.setAttribute("aria-labelledby", `tab-${i}`);
    this.lines = [];
    let base = 0;
    const nodes = doc.text.split("\n").map((line) => {
      const text = document.createTextNode(line);
      this.lines.push({ base, length: line.length, text });
      base += line.length + 1;
      return h("p", { class: line.trim() === "" ? "gap" : heading.test(line) ? "head" : lead.test(line) ? "lead" : null }, text);
    });
    fill(this.sheet, h("div", { class: "by" }, h("strong", {}, doc.title || doc.type), h("span", {}, doc.by),
      doc.signed ? h("span", { class: "badge good" }, "signed") : h("span", { class: "badge warn" }, "not signed")), h("div", { class: "text" }, nodes));
    this.sheet.scrollTop = this.scroll.get(i) ?? 0;
    this.#paint();
  }

  next(by) { this.open((this.at + by + this.docs.length) % this.docs.length); }

  /** mark takes everything to underline: [{key, evidence: [...], strong}]. */
  mark(marks) { this.marks = marks; this.#paint(); }

  /** point paints one row's evidence strongly and brings it into view. */
  point(evidence, { turn = true } = {}) {
    this.active = evidence ?? [];
    const first = this.active[0];
    if (turn && first) {
      const i = this.docs.findIndex((d) => d.id === first.document);
      if (i >= 0) this.open(i);
    }
    this.#paint();
    if (!first || !turn) return;
    const range = this.#range(first);
    if (!range) return;
    const box = range.getBoundingClientRect();
    const view = this.sheet.getBoundingClientRect();
    if (box.top < view.top + 40 || box.bottom > view.bottom - 24) {
      this.sheet.scrollTop += box.top - view.top - view.height / 3;
    }
  }

  /** quote gives the words of a piece of evidence, with a few around it. */
  quote(e, around = 0) {
    const doc = this.docs.find((d) => d.id === e.document);
    if (!doc) return null;
    const from = doc.offsets.toUnit(e.start);
    const to = doc.offsets.toUnit(e.end);
    const flat = (s) => s.replace(/\s+/g, " ");
    return {
      doc, before: flat(doc.text.slice(Math.max(0, from - around), from)),
      words: flat(doc.text.slice(from, to)), after: flat(doc.text.slice(to, to + around)),
    };
  }

  /** selected gives the words selected in the document, as text and evidence. */
  selected() {
    const selection = getSelection();
    if (!selection.rangeCount || selection.isCollapsed) return null;
    const range = selection.getRangeAt(0);
    if (!this.sheet.contains(range.commonAncestorContainer)) return null;
    let from = this.#offset(range.startContainer, range.startOffset);
    let to = this.#offset(range.endContainer, range.endOffset);
    if (from === null || to === null || to <= from) return null;
    const doc = this.docs[this.at];
    const raw = doc.text.slice(from, to);
    from += raw.length - raw.trimStart().length;
    to -= raw.length - raw.trimEnd().length;
    if (to <= from) return null;
    return {
      text: doc.text.slice(from, to).replace(/\s+/g, " "),
      evidence: { document: doc.id, version: doc.version, start: doc.offsets.toByte(from), end: doc.offsets.toByte(to) },
    };
  }

  #offset(node, at) {
    if (node.nodeType === Node.TEXT_NODE) {
      const line = this.lines.find((l) => l.text === node);
      return line ? line.base + at : null;
    }
    const lines = [...this.sheet.querySelectorAll(".text > p")];
    if (node.matches?.(".text > p")) {
      const i = lines.indexOf(node);
      return this.lines[i].base + (at > 0 ? this.lines[i].length : 0);
    }
    if (node.matches?.(".text")) return this.lines[at]?.base ?? this.docs[this.at].text.length;
    return null;
  }

  #range(e) {
    const doc = this.docs[this.at];
    if (!doc || doc.id !== e.document) return null;
    const from = this.#place(doc.offsets.toUnit(e.start));
    const to = this.#place(doc.offsets.toUnit(e.end), true);
    if (!from || !to) return null;
    const range = new Range();
    range.setStart(from.text, from.at);
    range.setEnd(to.text, to.at);
    return range;
  }

  #place(unit, end = false) {
    let lo = 0;
    let hi = this.lines.length - 1;
    while (lo < hi) {
      const mid = (lo + hi + 1) >> 1;
      if (this.lines[mid].base < unit || (this.lines[mid].base === unit && !end)) lo = mid; else hi = mid - 1;
    }
    const line = this.lines[lo];
    return line ? { text: line.text, at: Math.min(unit - line.base, line.length) } : null;
  }

  #paint() {
    if (!("highlights" in CSS)) return;
    const set = (name, list) => {
      const ranges = list.map((e) => this.#range(e)).filter(Boolean);
      if (ranges.length) CSS.highlights.set(name, new Highlight(...ranges)); else CSS.highlights.delete(name);
    };
    set("offered", this.marks.filter((m) => !m.strong).flatMap((m) => m.evidence));
    set("assigned", this.marks.filter((m) => m.strong).flatMap((m) => m.evidence));
    set("active", this.active);
    if (CSS.highlights.has("active")) CSS.highlights.get("active").priority = 2;
  }

  #pick(event) {
    if (!getSelection().isCollapsed) return;
    const caret = document.caretPositionFromPoint?.(event.clientX, event.clientY);
    const unit = caret && this.#offset(caret.offsetNode, caret.offset);
    if (unit === null || unit === undefined) return;
    const doc = this.docs[this.at];
    const byte = doc.offsets.toByte(unit);
    const hit = this.marks.find((m) => m.evidence.some((e) => e.document === doc.id && e.start <= byte && byte <= e.end));
    if (hit) this.onPick(hit.key);
  }

  // The arrow keys choose words, so that a phrase can be selected without a
  // mouse: plain arrows move word by word, Shift stretches the selection.
  #move(event) {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const steps = { ArrowRight: ["forward", "word"], ArrowLeft: ["backward", "word"], ArrowDown: ["forward", "line"], ArrowUp: ["backward", "line"] };
    const step = steps[event.key];
    if (!step) return;
    event.preventDefault();
    event.stopPropagation();
    const selection = getSelection();
    if (!selection.rangeCount || !this.sheet.contains(selection.anchorNode)) {
      const first = this.lines.find((l) => l.text.data.trim() && l.text.parentElement.getBoundingClientRect().bottom > this.sheet.getBoundingClientRect().top);
      if (!first) return;
      selection.setBaseAndExtent(first.text, 0, first.text, 0);
      selection.modify("extend", "forward", "word");
    } else if (event.shiftKey) {
      selection.modify("extend", step[0], step[1]);
    } else {
      if (step[0] === "forward") selection.collapseToEnd(); else selection.collapseToStart();
      selection.modify("move", step[0], step[1]);
      if (step[0] === "forward" && step[1] === "word") selection.modify("move", "backward", "word");
      if (step[0] === "forward" && step[1] === "word" && selection.isCollapsed) selection.modify("move", "forward", "word");
      selection.modify("extend", step[0] === "backward" && step[1] === "word" ? "forward" : "forward", "word");
    }
    reveal(this.sheet, selection.focusNode?.parentElement);
  }
}
