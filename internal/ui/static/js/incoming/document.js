// A document at the desk: its sheets in order, some of them or all to be moved to
// where they belong, split, joined, taken back.
import { fill, h } from "../dom.js";
import { get, post, attempt } from "../api.js";
import { bind } from "../keys.js";
import { say } from "../say.js";
import { Paper } from "./paper.js";
import { patients } from "./pick.js";

const root = document.getElementById("filed-desk");
const $ = (id) => document.getElementById(id);
const id = root.dataset.document;
const at = `/api/v1/incoming/documents/${id}`;
const readOnly = root.hasAttribute("data-readonly");
let version = Number(root.dataset.version);
let patient = null;
const chosen = new Set();

const paper = $("thumbs") ? new Paper({ decorate: (row, leaf) => row.classList.toggle("chosen", chosen.has(leaf)) }) : null;
const view = () => $("page-view")?.focus({ preventScroll: true });
const ref = (l) => ({ scan: l.scan, page: l.page, turn: l.turn });

async function open() {
  if (!paper) { root.setAttribute("data-ready", ""); $("patient")?.focus(); return; }
  const doc = await attempt(() => get(at));
  if (!doc) return;
  version = doc.version;
  chosen.clear();
  paper.set(doc.sheets.map((s) => ({ ...s })), Math.min(paper.at, doc.sheets.length - 1));
  changed(false);
  told();
  root.setAttribute("data-ready", "");
  view();
}

const save = document.querySelector('[data-desk="save"]');
function changed(is = true) { if (save) save.disabled = !is; }

function told() {
  if (!$("chosen")) return;
  $("chosen").textContent = paper && chosen.size && chosen.size < paper.leaves.length ? `${chosen.size} of ${paper.leaves.length} pages` : "the whole document";
}

function choose() {
  const leaf = paper.current;
  if (!chosen.delete(leaf)) chosen.add(leaf);
  paper.redecorate();
  told();
  paper.step(1);
}

function shift(by) {
  const from = paper.at;
  const to = from + by;
  if (to < 0 || to >= paper.leaves.length) return;
  const leaves = [...paper.leaves];
  leaves.splice(to, 0, leaves.splice(from, 1)[0]);
  paper.set(leaves, to);
  changed();
}

function turn(by) { paper.turn(by); changed(); }

async function arrange() {
  if (!save || save.disabled) return;
  if (await attempt(() => post(`${at}/arrange`, { version, sheets: paper.leaves.map(ref) }))) { await open(); say("Saved as a new version."); }
}

async function split() {
  if (paper.at === 0) { say("A document is split before its second page or a later one.", { bad: true }); return; }
  const made = await attempt(() => post(`${at}/split`, { version, at: paper.at }));
  if (made) location.assign(`/incoming/documents/${made.document}`);
}

async function join() {
  const other = $("join-with")?.selectedOptions[0];
  if (!other) return;
  if (await attempt(() => post(`${at}/join`, { version, other: other.value, other_version: Number(other.dataset.version) }))) location.reload();
}

async function unindex() {
  const out = await attempt(() => post(`${at}/unindex`, { version, reason: "to be indexed anew" }));
  if (out) location.assign(`/incoming/${out.scan}`);
}

async function move() {
  if (!patient) { say("Choose the patient it belongs to.", { bad: true }); $("patient").focus(); return; }
  if (!$("encounter").value) { say("Choose the encounter.", { bad: true }); $("encounter").focus(); return; }
  const sheets = paper && chosen.size < paper.leaves.length ? paper.leaves.map((l, i) => (chosen.has(l) ? i : -1)).filter((i) => i >= 0) : [];
  const out = await attempt(() => post(`${at}/move`, {
    version, sheets, record: patient.record, encounter: $("encounter").value, reason: $("reason").value, note: $("note").value.trim(),
  }));
  if (out) location.assign(`/incoming/documents/${out.document}`);
}

if ($("move")) {
  patients($("patient"), post, async (item) => {
    patient = item;
    $("patient").value = [item.label, item.hint].filter(Boolean).join(" · ");
    const list = await attempt(() => get(`/api/v1/incoming/records/${item.record}/encounters?date=`));
    if (!list) return;
    fill($("encounter"), list.proposed ? null : h("option", { value: "" }, list.encounters.length ? "Choose" : "No encounter"), list.encounters.map((e) => h("option", { value: e.id }, e.label)));
    $("encounter").value = list.proposed || (list.encounters.length === 1 ? list.encounters[0].id : "");
    $("encounter").focus();
  });
  $("move").addEventListener("submit", (event) => { event.preventDefault(); move(); });
  $("move").addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.target.matches("select")) { event.preventDefault(); move(); }
    if (event.key === "Escape") { event.preventDefault(); view(); }
  });
}

const acts = {
  turn: () => turn(90), smaller: () => paper.larger(-1), larger: () => paper.larger(1), choose, earlier: () => shift(-1), later: () => shift(1),
  save: arrange, split, join, unindex,
};
document.addEventListener("click", (event) => acts[event.target.closest?.("[data-desk]")?.dataset.desk]?.());

const may = () => !readOnly && paper;
bind("Document", [
  { keys: ["p", "m"], label: "Move: choose the right patient", when: () => $("patient"), run: () => $("patient").focus() },
  { keys: ["e"], label: "Encounter", when: () => $("encounter"), run: () => $("encounter").focus() },
  { keys: ["x"], label: "Choose this page, or not: only chosen ones move", when: may, run: choose },
  { keys: ["["], label: "Page earlier", when: may, run: () => shift(-1) },
  { keys: ["]"], label: "Page later", when: may, run: () => shift(1) },
  { keys: ["r"], label: "Rotate to the right", when: () => paper, run: () => turn(90) },
  { keys: ["R"], label: "Rotate to the left", when: () => paper, run: () => turn(-90) },
  { keys: ["ctrl+s"], label: "Save order and turns", typing: true, when: may, run: arrange },
  { keys: ["b"], label: "Split before this page", when: may, run: split },
  { keys: ["j", "arrowdown"], label: "Next page", when: () => paper, run: () => paper.step(1) },
  { keys: ["k", "arrowup"], label: "Page before", when: () => paper, run: () => paper.step(-1) },
  { keys: ["+", "="], label: "Larger", when: () => paper, run: () => paper.larger(1) },
  { keys: ["-"], label: "Smaller", when: () => paper, run: () => paper.larger(-1) },
]);
open();
