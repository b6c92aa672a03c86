// Ctrl-K: go anywhere. Rooms and actions of the page answer at once; two or
// more letters also look for patients and encounters, by POST, so that no name
// ever stands in an address.
import { h, fill, reveal } from "./dom.js";
import { post } from "./api.js";

const actions = [];

/** offer adds an action of this page to the palette. */
export function offer(label, run, hint = "") { actions.push({ label, run, hint }); }

const dialog = document.getElementById("palette");
const input = dialog?.querySelector("input");
const list = dialog?.querySelector(".options");
let shown = [];
let at = 0;
let asked = null;

const links = (list, hint) => [...list].map((a) => ({ label: a.textContent.trim(), hint, run: () => location.assign(a.href) }));
const rooms = () => [
  ...links(document.querySelectorAll(".rooms a"), "room"),
  ...links(document.getElementById("views")?.content.querySelectorAll("a") ?? [], "list").filter((v) => actions.every((a) => a.label !== v.label)),
];

/** openPalette shows it, empty. */
export function openPalette() {
  input.value = "";
  draw([...rooms(), ...actions]);
  dialog.showModal();
  input.focus();
}

function draw(items) {
  shown = items;
  at = 0;
  fill(list, items.map((item, i) => h("div", {
    role: "option", id: `go-${i}`, "aria-selected": String(i === 0), onclick: () => choose(i),
  }, h("span", {}, item.label), item.hint ? h("span", { class: "hint" }, item.hint) : null)));
  if (!items.length) fill(list, h("p", { class: "empty" }, "Nothing found."));
  input.setAttribute("aria-activedescendant", items.length ? "go-0" : "");
}

function move(by) {
  if (!shown.length) return;
  list.children[at]?.setAttribute("aria-selected", "false");
  at = (at + by + shown.length) % shown.length;
  list.children[at].setAttribute("aria-selected", "true");
  reveal(list, list.children[at]);
  input.setAttribute("aria-activedescendant", `go-${at}`);
}

function choose(i) {
  const item = shown[i];
  if (!item) return;
  dialog.close();
  item.run();
}

async function look() {
  const words = input.value.trim().toLowerCase();
  const local = [...rooms(), ...actions].filter((a) => a.label.toLowerCase().includes(words));
  draw(local);
  asked?.abort();
  if (words.length < 2) return;
  asked = new AbortController();
  try {
    const found = await post("/api/v1/find", { query: input.value.trim() }, { signal: asked.signal });
    draw([...local, ...found.items.map((f) => ({ label: f.label, hint: f.hint, run: () => location.assign(f.href) }))]);
  } catch (cause) {
    if (cause.name !== "AbortError") draw(local);
  }
}

input?.addEventListener("input", look);
dialog?.addEventListener("keydown", (event) => {
  if (event.key === "ArrowDown") move(1);
  else if (event.key === "ArrowUp") move(-1);
  else if (event.key === "Enter") choose(at);
  else return;
  event.preventDefault();
});
