// A field that proposes as one types. The list opens below it; the first entry is
// chosen by Enter, others by the arrow keys. Enter in a closed field is left to
// the form.
import { h, fill, reveal } from "../dom.js";

export class Pick {
  /** search(text) gives [{label, hint}]; onPick is told which one was taken. */
  constructor(input, { search, onPick, wait = 0, least = 0 }) {
    this.input = input;
    this.list = document.getElementById(`${input.id}-list`);
    Object.assign(this, { search, onPick, wait, least, shown: [], at: 0 });
    input.addEventListener("input", () => this.look());
    input.addEventListener("keydown", (event) => this.key(event));
    input.addEventListener("blur", () => setTimeout(() => this.close(), 120));
  }

  look() {
    clearTimeout(this.timer);
    const text = this.input.value.trim();
    if (text.length < this.least) { this.close(); return; }
    this.timer = setTimeout(async () => {
      const asked = (this.asked = Symbol("asked"));
      const found = await this.search(text);
      if (asked === this.asked && document.activeElement === this.input) this.open(found ?? [], text);
    }, this.wait);
  }

  open(found) {
    this.shown = found;
    this.at = 0;
    fill(this.list, found.map((item, i) => h("div", {
      role: "option", id: `${this.input.id}-${i}`, "aria-selected": String(i === 0),
      onmousedown: (event) => { event.preventDefault(); this.take(i); },
    }, h("span", {}, item.label), item.hint ? h("span", { class: "hint" }, item.hint) : null)));
    if (!found.length) fill(this.list, h("p", { class: "none" }, "Nothing found."));
    this.list.hidden = false;
    this.input.setAttribute("aria-expanded", "true");
    this.point();
  }

  close() {
    this.asked = null;
    this.list.hidden = true;
    this.shown = [];
    this.input.setAttribute("aria-expanded", "false");
    this.input.removeAttribute("aria-activedescendant");
  }

  point() {
    for (const [i, row] of [...this.list.children].entries()) row.setAttribute?.("aria-selected", String(i === this.at));
    if (!this.shown.length) { this.input.removeAttribute("aria-activedescendant"); return; }
    this.input.setAttribute("aria-activedescendant", `${this.input.id}-${this.at}`);
    reveal(this.list, this.list.children[this.at]);
  }

  take(i) {
    const item = this.shown[i];
    if (!item) return;
    this.close();
    this.onPick(item);
  }

  key(event) {
    if (event.key === "ArrowDown" && this.list.hidden && !event.altKey) { event.preventDefault(); this.look(); return; }
    if (this.list.hidden) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      this.at = Math.max(0, Math.min(this.shown.length - 1, this.at + (event.key === "ArrowDown" ? 1 : -1)));
      this.point();
    } else if (event.key === "Enter" && this.shown.length) this.take(this.at);
    else if (event.key === "Escape") this.close();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }
}

const patientSearch = async (post, text) => (await post("/api/v1/find", { query: text })).items.filter((f) => f.href?.startsWith("/chart/") && f.record);

/** patients makes a field in which a patient is found, by POST. */
export const patients = (input, post, onPick) => new Pick(input, { search: (text) => patientSearch(post, text), onPick, wait: 90, least: 2 });
