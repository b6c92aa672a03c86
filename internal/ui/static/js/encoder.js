// The encoder: type, and codes come with the way they were found; one that
// needs more characters opens into them. Used by the desk and by its own room.
import { h, fill, reveal } from "./dom.js";
import { get, post } from "./api.js";

// What begins like an ICD-10-PCS code and cannot be an ICD-10-CM one.
const pcsPrefix = /^(?:[0-9][0-9A-HJ-NP-Z]{0,6}|[BCDFGHX][A-HJ-NP-Z](?=[A-Z]*[0-9])[0-9A-HJ-NP-Z]{1,5})$/i;

const systems = { icd10cm: "ICD-10-CM", icd10pcs: "ICD-10-PCS", hcpcs: "HCPCS" };
const kinds = { "inclusion term": "Includes", "seventh character": "7th character" };
const kindName = (kind) => kinds[kind] ?? kind[0].toUpperCase() + kind.slice(1).replace(/(\d)$/, " $1");

const reference = /\b[A-TV-Z]\d[0-9A-Z](?:\.[0-9A-Z]{1,4})?\b/g;

/** linked writes a note's text with the codes it names as buttons that look them up. */
function linked(text, look) {
  if (!look) return text;
  const out = [];
  let at = 0;
  for (const m of text.matchAll(reference)) {
    out.push(text.slice(at, m.index), h("button", { type: "button", class: "link code", tabindex: "-1", onclick: () => look(m[0]) }, m[0]));
    at = m.index + m[0].length;
  }
  return [...out, text.slice(at)];
}

/** notes draws instructional notes, those of one kind at one place together. */
export function notes(list, look) {
  if (!list?.length) return null;
  const groups = new Map();
  for (const n of list) {
    const key = `${n.kind}|${n.at}|${n.edition}`;
    if (!groups.has(key)) groups.set(key, { ...n, texts: [] });
    groups.get(key).texts.push(n.text);
  }
  return h("ul", { class: "notes" }, [...groups.values()].map((n) => h("li", { class: `kind-${n.kind.replaceAll(" ", "-")}` },
    h("span", { class: "kind" }, kindName(n.kind)),
    h("span", { class: "what" }, n.texts.map((t, i) => [i ? (n.texts[i - 1].endsWith(":") ? " " : "; ") : null, linked(t.replace(/^[\s,;:]+/, ""), look)]),
      h("span", { class: "at" }, ` at ${n.at}${n.edition ? `, ${n.edition}` : ""}`)))));
}

// The columns of the tables of the Index.
const columns = {
  neoplasms: ["Malignant, primary", "Malignant, secondary", "In situ", "Benign", "Uncertain behavior", "Unspecified behavior"],
  drugs: ["Poisoning, accidental", "Poisoning, self-harm", "Poisoning, assault", "Poisoning, undetermined", "Adverse effect", "Underdosing"],
};

/** Encoder drives one input, its list of answers and a preview. */
export class Encoder {
  constructor(root, { date, onChoose, onLeave, onQuery }) {
    this.input = root.querySelector("input");
    this.list = root.querySelector(".hits");
    this.view = root.querySelector(".preview");
    this.crumbs = root.querySelector(".crumbs");
    this.date = date ?? (() => "");
    this.onChoose = onChoose;
    this.onLeave = onLeave;
    this.onQuery = onQuery ?? (() => {});
    this.items = [];
    this.at = 0;
    this.trail = [];
    this.mode = "";
    this.input.addEventListener("input", () => { this.trail = []; this.search(); this.onQuery(this.input.value); });
    this.input.addEventListener("keydown", (event) => this.#key(event));
  }

  /** ask puts words into the input and searches them. */
  ask(words, focus = true) {
    this.input.value = words;
    this.trail = [];
    if (focus) { this.input.focus(); this.input.select(); }
    return this.search();
  }

  /**
   * about shows a code while nothing is searched for: its place in the Tabular
   * List, its notes, and the codes beside it to choose from.
   */
  about(item) {
    this.subject = item;
    if (this.input.value.trim().length < 2) this.#aside();
  }

  #aside() {
    clearTimeout(this.waiting);
    const item = this.subject;
    if (!item) { this.#draw([]); return; }
    const stale = () => this.subject !== item || this.input.value.trim().length > 1;
    this.waiting = setTimeout(async () => {
      const detail = await this.#detail(item).catch(() => null);
      if (!detail || stale()) return;
      const parent = item.system === "icd10cm" ? detail.ancestors?.[0] : null;
      const around = parent && !parent.code.includes("-") ? await this.#detail({ system: item.system, code: parent.code }).catch(() => null) : null;
      if (stale()) return;
      const beside = (around?.children ?? [{ ...detail }]).map((c) => ({ ...c, system: item.system }));
      this.trail = [];
      this.#draw(beside, Math.max(0, beside.findIndex((c) => c.code === detail.code)));
      if (around) fill(this.crumbs, `codes of ${parent.code}`);
    }, 90);
  }

  async search() {
    const query = this.input.value.trim();
    this.running?.abort();
    this.running = new AbortController();
    if (this.mode) { await this.#index(query); return; }
    if (pcsPrefix.test(query) && await this.#build(query.toUpperCase())) return;
    if (query.length < 2) { this.#aside(); return; }
    try {
      const found = await post("/api/v1/encoder/search", { query, date: this.date(), limit: 30 }, { signal: this.running.signal });
      this.#draw(found.hits ?? []);
    } catch (cause) {
      if (cause.name !== "AbortError") fill(this.list, h("p", { class: "empty", role: "alert" }, cause.message));
    }
  }

  // The Alphabetic Index: terms that have the word, each with its path; a term
  // with subterms opens into them.
  async #index(query) {
    const first = query.split(/\s+/, 1)[0];
    if (first.length < 2) { this.#draw([]); return; }
    try {
      const found = await post("/api/v1/encoder/index", { term: query, system: this.mode, date: this.date() }, { signal: this.running.signal });
      this.#draw(found.terms.map((t) => this.#term(t)));
      fill(this.crumbs, found.derived ? "made from titles: no official Index is installed" : `Index ${found.edition}`);
    } catch (cause) {
      if (cause.name !== "AbortError") fill(this.list, h("p", { class: "empty", role: "alert" }, cause.message));
    }
  }

  #term(t) {
    const notes = [t.see ? `see ${t.see}` : "", t.see_also ? `see also ${t.see_also}` : "", t.manifestation ? `with ${t.manifestation}` : "", t.below ? `${t.below} subterms` : ""];
    return { index: t, system: this.mode, code: t.code || (t.cells ? "table" : "–"), title: t.path.join(" › "), why: notes.filter(Boolean), billable: t.below ? false : undefined };
  }

  #indexPreview({ index: t, system }) {
    const heads = columns[t.kind];
    if (t.cells && heads) {
      fill(this.view, h("article", {}, h("h2", {}, t.path.join(", ")), h("dl", { class: "cells" }, t.cells.flatMap((code, i) => (code
        ? [h("dt", {}, heads[i]), h("dd", {}, h("button", { type: "button", class: "link code", onclick: () => this.#lookUp(code) }, code))] : [])))));
      return;
    }
    fill(this.view);
    const code = t.code.replace(/[.-]+$/, "");
    if (!code) return;
    this.timer = setTimeout(async () => {
      const detail = await this.#detail({ system, code }).catch(() => null);
      if (detail && this.items[this.at]?.index === t) fill(this.view, this.draw(detail));
    }, 60);
  }

  /** setMode searches the Index of a code system, or anywhere with "". */
  setMode(mode) {
    this.mode = mode;
    this.trail = [];
    this.search();
    this.input.focus();
  }

  #lookUp(code) {
    this.mode = "";
    this.onMode?.("");
    this.ask(code.replace(/[.-]+$/, ""));
  }

  async #openTerm(t) {
    if (t.below) {
      const found = await get(`/api/v1/encoder/index/${t.node}?system=${this.mode}${this.date() ? `&date=${this.date()}` : ""}`);
      this.trail.push({ code: t.path.at(-1), items: this.items, at: this.at });
      this.#draw(found.terms.map((x) => this.#term(x)));
    } else if (t.see) {
      this.ask(t.see.split(",")[0]);
    } else if (t.code) {
      this.#lookUp(t.code);
    }
  }

  // The table builder: the beginning of an ICD-10-PCS code offers the values of
  // its next character by which a valid code remains possible.
  async #build(prefix) {
    const date = this.date();
    const { signal } = this.running;
    try {
      const step = await get(`/api/v1/encoder/pcs?prefix=${prefix}${date ? `&date=${date}` : ""}`, { signal });
      if (step.code.code) {
        this.#draw([{ system: "icd10pcs", code: step.code.code, title: step.code.title, billable: true }]);
        return true;
      }
      if (!step.next.length) return false;
      this.#draw(step.next.map((n) => ({
        system: "icd10pcs", code: prefix + n.char, title: n.meaning, why: [step.axis], definition: n.definition, billable: prefix.length === 6, build: true,
      })));
      fill(this.crumbs, `${step.axis}, character ${prefix.length + 1} of 7`);
      return true;
    } catch (cause) {
      return cause.name === "AbortError";
    }
  }

  #draw(items, at = 0) {
    this.items = items;
    this.at = at;
    fill(this.list, items.map((item, i) => h("div", {
      role: "option", id: `hit-${i}`, "aria-selected": String(i === at),
      onclick: () => { this.#go(i); }, ondblclick: () => { this.#go(i); this.#choose(); },
    },
    h("span", { class: "code" }, item.code),
    h("span", { class: "title" }, item.title, item.why?.length ? h("span", { class: "sub" }, item.why.join(" › ")) : null),
    item.billable === false ? h("span", { class: "badge" }, item.index ? "open" : "more") : h("span", { class: "badge quiet" }, item.system === "icd10cm" ? "CM" : item.system === "icd10pcs" ? "PCS" : "HCPCS"))));
    if (!items.length && this.input.value.trim().length > 1) fill(this.list, h("p", { class: "empty" }, "Nothing found. Try the main term of the Index: the condition, not the site."));
    this.input.setAttribute("aria-activedescendant", items.length ? `hit-${at}` : "");
    reveal(this.list, this.list.children[at]);
    fill(this.crumbs, this.trail.map((t) => h("span", { class: "code" }, t.code)));
    this.#preview();
  }

  #go(i) {
    this.list.children[this.at]?.setAttribute("aria-selected", "false");
    this.at = Math.min(Math.max(i, 0), this.items.length - 1);
    this.list.children[this.at]?.setAttribute("aria-selected", "true");
    reveal(this.list, this.list.children[this.at]);
    this.input.setAttribute("aria-activedescendant", `hit-${this.at}`);
    this.#preview();
  }

  #preview() {
    clearTimeout(this.timer);
    const item = this.items[this.at];
    if (!item) {
      const empty = this.input.value.trim().length < 2;
      fill(this.view, empty ? h("p", { class: "muted" }, "Type a condition, a procedure or a code: “fractured hip”, “htn”, “E11.6”, “0DT”.") : null);
      return;
    }
    if (item.index) { this.#indexPreview(item); return; }
    if (item.build) {
      fill(this.view, h("article", {}, h("h2", {}, h("span", { class: "code" }, item.code), " ", item.title),
        h("p", { class: "tiny muted" }, `ICD-10-PCS · ${item.why[0]}`), item.definition ? h("p", {}, item.definition) : null));
      return;
    }
    this.timer = setTimeout(async () => {
      const detail = await this.#detail(item).catch(() => null);
      if (detail && this.items[this.at] === item) fill(this.view, this.draw(detail));
    }, 60);
  }

  #detail(item) {
    const date = this.date();
    return get(`/api/v1/encoder/codes/${item.system}/${encodeURIComponent(item.code)}${date ? `?date=${date}` : ""}`);
  }

  /** draw shows one code with what stands above it, its notes and what is below. */
  draw(d) {
    const look = (code) => this.ask(code);
    return h("article", {},
      h("ol", { class: "above" }, (d.ancestors ?? []).toReversed().map((a) => h("li", {}, h("span", { class: "code" }, a.code), " ", a.title))),
      h("h2", {}, h("span", { class: "code" }, d.code), " ", d.title),
      h("p", { class: "tiny muted" }, systems[d.system] ?? d.system, " ", d.edition?.name ?? "", d.billable ? " · billable" : " · needs more characters"),
      d.seventh?.length ? h("ul", { class: "choices" }, d.seventh.map((c) => h("li", {}, h("span", { class: "code" }, c.char), " ", c.meaning))) : null,
      d.children?.length ? h("ul", { class: "below" }, d.children.map((c) => h("li", {},
        h("button", { type: "button", class: "link code", tabindex: "-1", onclick: () => look(c.code) }, c.code), " ", c.title))) : null,
      notes(d.notes, look));
  }

  // A code that is not complete opens into the codes below it.
  async #choose() {
    const item = this.items[this.at];
    if (!item) return;
    if (item.index) { await this.#openTerm(item.index); return; }
    if (item.build) {
      this.trail = [];
      this.input.value = item.code;
      await this.search();
      return;
    }
    if (item.billable === false) {
      const detail = await this.#detail(item);
      this.trail.push({ code: item.code, items: this.items, at: this.at });
      this.#draw((detail.children ?? []).map((c) => ({ ...c, system: item.system })));
      return;
    }
    this.onChoose?.(item);
  }

  #back() {
    const last = this.trail.pop();
    if (!last && this.items[0]?.build && this.input.value.length > 1) {
      this.input.value = this.input.value.slice(0, -1);
      this.search();
      return true;
    }
    if (!last) return false;
    this.#draw(last.items);
    this.#go(last.at);
    return true;
  }

  #key(event) {
    const { key } = event;
    if (key === "ArrowDown") this.#go(this.at + 1);
    else if (key === "ArrowUp") this.#go(this.at - 1);
    else if (key === "PageDown") this.#go(this.at + 8);
    else if (key === "PageUp") this.#go(this.at - 8);
    else if (key === "Enter") this.#choose();
    else if (key === "Escape" || (key === "ArrowLeft" && event.altKey)) { if (!this.#back()) this.onLeave?.(); }
    else return;
    event.preventDefault();
    event.stopPropagation();
  }
}
