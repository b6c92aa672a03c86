// The desk where a scan is indexed: paper left, what it is right. What the words
// of the pages say is proposed; Enter stores it and the next opens.
import { fill, h } from "../dom.js";
import { get, post, put, attempt, Problem } from "../api.js";
import { bind } from "../keys.js";
import { say } from "../say.js";
import { offer } from "../palette.js";
import { Paper } from "./paper.js";
import { Pick, patients } from "./pick.js";
import { kinds } from "./kinds.js";

const root = document.getElementById("index-desk");
const $ = (id) => document.getElementById(id);
const readOnly = root.hasAttribute("data-readonly");
const state = { scan: root.dataset.scan, desk: null, reading: null, marks: new Set(), blank: new Set(), patient: null, attending: {}, last: null };

const paper = new Paper({
  onShow: () => highlight(),
  decorate(row, leaf) {
    row.classList.toggle("begins", state.marks.has(leaf.page));
    row.classList.toggle("blank", state.blank.has(leaf.page));
    row.classList.toggle("mine", group().includes(leaf));
    row.classList.toggle("other", others().some((n) => n.pages.includes(leaf.page)));
  },
});

/** group gives the pages of the document that is being indexed: from the first
 * that waits to the next mark, without the blank ones. */
function group() {
  const out = [];
  for (const leaf of paper.leaves) {
    if (out.length && state.marks.has(leaf.page)) break;
    if (!state.blank.has(leaf.page)) out.push(leaf);
  }
  return out;
}

/** others are patients whom pages of the group surely name, and who are not chosen. */
function others() {
  if (!state.reading || !state.patient) return [];
  const pages = group().map((l) => l.page);
  const chosen = state.reading.named.find((n) => n.record === state.patient.record);
  return state.reading.named.filter((n) => n.surely && n.record !== state.patient.record &&
    n.pages.some((p) => pages.includes(p) && !chosen?.wholly.includes(p)));
}

const types = new Pick($("type"), {
  search: async (text) => {
    const low = text.toLowerCase();
    const found = kinds.filter((k) => k.name.startsWith(low) || k.short === low);
    return [...found, ...kinds.filter((k) => !found.includes(k) && (k.name.includes(low) || k.short.startsWith(low)))].map((k) => ({ label: k.name, hint: k.short }));
  },
  onPick: (item) => { $("type").value = item.label; keep(); $("date").value ? view() : $("date").focus(); },
});
patients($("patient"), post, (item) => choosePatient(item));

const view = () => $("page-view").focus({ preventScroll: true });

async function choosePatient(item, encounter = "") {
  state.patient = { record: item.record, label: item.label, hint: item.hint };
  $("patient").value = [item.label, item.hint].filter(Boolean).join(" · ");
  const known = state.reading?.named[0]?.record === item.record ? state.reading : null;
  const list = known ? { encounters: known.encounters, proposed: known.encounter, attending: known.attending } :
    await attempt(() => get(`/api/v1/incoming/records/${item.record}/encounters?date=${encodeURIComponent($("date").value.trim())}`));
  if (!list) return;
  fill($("encounter"), list.proposed || encounter ? null : h("option", { value: "" }, list.encounters.length ? "Choose" : "No encounter"),
    list.encounters.map((e) => h("option", { value: e.id }, e.label)));
  $("encounter").value = encounter || list.proposed || "";
  state.attending = list.attending;
  authors();
  warn();
  paper.redecorate();
  highlight();
  keep();
  if (document.activeElement === $("patient")) $("encounter").value ? view() : $("encounter").focus();
}

function authors() {
  fill($("authors"), [...new Set(Object.values(state.attending))].map((name) => h("option", { value: name })));
}

const pageList = (pages) => (pages.length === 1 ? `Page ${pages[0]}` : `Pages ${pages.join(", ")}`);

function warn() {
  const list = others();
  const first = (n) => Math.min(...n.pages.filter((p) => group().some((l) => l.page === p)));
  fill($("warnings"), list.map((n) => h("div", { class: "note bad" },
    h("p", {}, h("strong", {}, `${pageList(n.pages)} ${n.pages.length === 1 ? "names" : "name"} ${n.label}`), ` (${n.hint}), another patient than the one chosen.`),
    h("p", { class: "row" },
      h("button", { type: "button", class: "button small", onclick: () => choosePatient(n) }, "Choose that patient"),
      first(n) > (group()[0]?.page ?? 0) ? h("button", { type: "button", class: "button small", onclick: () => toggleMark(first(n)) }, `Begin a document at page ${first(n)}`) : null))),
  state.reading?.pending ? h("p", { class: "note" }, `The words of ${state.reading.pending} of the pages are still being read; nothing is proposed from them yet.`) : null);
  $("confirm-field").hidden = list.length === 0;
}

function highlight() {
  const chosen = state.reading?.named.find((n) => n.record === state.patient?.record);
  paper.rest([...(chosen?.mentions ?? []), ...others().flatMap((n) => n.mentions.map((m) => ({ ...m, what: "other" }))), ...(state.reading?.proposal.because ?? [])]);
}

/** propose fills the form with what the words say, where nothing was typed. */
function propose(reading, draft) {
  state.reading = reading;
  const p = reading.proposal;
  const fields = draft ?? { type: p.type, date: p.date, author: p.author, signed: p.signed };
  for (const name of ["type", "date", "author"]) $(name).value = fields[name] ?? "";
  $("signed").checked = Boolean(fields.signed);
  $("confirm").value = draft?.confirm ?? "";
  state.patient = null;
  const named = draft?.patient ?? reading.named[0];
  if (named) choosePatient(named, draft?.encounter ?? reading.encounter);
  else {
    $("patient").value = "";
    fill($("encounter"), h("option", { value: "" }, "Choose a patient first"));
    state.attending = {};
    authors();
    warn();
  }
  const because = reading.named[0];
  $("because").textContent = !because ? (reading.pending ? "" : "The words of these pages name no patient that is known.") :
    because.surely ? `Proposed because of the words marked on ${pageList(because.pages).toLowerCase()}.` : `${because.label} is only possibly meant: by name or birth date alone.`;
  title();
  paper.redecorate();
  highlight();
}

function title() {
  const n = group().length;
  $("entry-title").textContent = "What it is";
  const rest = paper.leaves.filter((l) => !state.blank.has(l.page)).length - n;
  $("entry-pages").textContent = `${n} page${n === 1 ? "" : "s"}${rest > 0 ? `, ${rest} after` : ""}`;
}

async function open(scan, { replace = true, fields = true } = {}) {
  const desk = await attempt(() => get(`/api/v1/incoming/scans/${scan}`));
  if (!desk) return;
  state.scan = scan;
  state.desk = desk;
  root.dataset.scan = scan;
  if (replace && location.pathname !== `/incoming/${scan}`) history.replaceState(null, "", `/incoming/${scan}`);
  const draft = fields && desk.draft ? JSON.parse(desk.draft) : null;
  state.marks = new Set(draft?.marks ?? desk.marks);
  state.blank = new Set(draft?.blank ?? []);
  const waiting = desk.pages.filter((p) => p.state === "waiting").map((p) => ({ scan, page: p.page, turn: draft?.turns?.[p.page] ?? p.turn, width: p.width, height: p.height }));
  if (draft?.order) waiting.sort((a, b) => draft.order.indexOf(a.page) - draft.order.indexOf(b.page));
  if (!waiting.length) { done(desk.next); return; }
  paper.set(waiting, 0);
  const mine = group().map((l) => l.page);
  const read = desk.reading.pages;
  const begun = read.length > 0 && read.every((p, i) => p === mine[i]); // of a long scan the first pages are looked at
  const reading = begun ? desk.reading : await attempt(() => post(`/api/v1/incoming/scans/${scan}/read`, { pages: mine })) ?? desk.reading;
  propose(reading, draft?.fields);
  root.setAttribute("data-ready", scan);
  view();
  if (begun && read.length < mine.length) lookFurther(scan, mine);
  if (reading.pending) setTimeout(() => { if (state.scan === scan && !typed) open(scan); }, 2500);
}

/** lookFurther reads the words of a long scan's other pages, for patients who begin there. */
async function lookFurther(scan, pages) {
  const reading = await attempt(() => post(`/api/v1/incoming/scans/${scan}/read`, { pages }));
  if (!reading || state.scan !== scan || group().map((l) => l.page).join() !== pages.join()) return;
  if (reading.marks.length && !typed) {
    state.marks = new Set(reading.marks);
    paper.redecorate();
    title();
    return;
  }
  state.reading = reading;
  warn();
  paper.redecorate();
  highlight();
}

function done(next) {
  if (next && next !== state.scan) open(next);
  else location.assign("/incoming");
}

let timer = 0;
let typed = false;
/** keep saves what is typed and marked, a moment later. */
function keep(now = false) {
  if (readOnly || !state.desk) return undefined;
  clearTimeout(timer);
  const scan = state.scan;
  const save = () => attempt(() => put(`/api/v1/incoming/scans/${scan}/draft`, { text: typed ? JSON.stringify(draft()) : "" }, { keepalive: true }));
  if (now) return save();
  if (typed) timer = setTimeout(save, 400);
  return undefined;
}

const draft = () => ({
  marks: [...state.marks], blank: [...state.blank], order: paper.leaves.map((l) => l.page),
  turns: Object.fromEntries(paper.leaves.map((l) => [l.page, l.turn])),
  fields: {
    patient: state.patient, encounter: $("encounter").value, type: $("type").value, date: $("date").value, author: $("author").value,
    signed: $("signed").checked, confirm: $("confirm").value,
  },
});

async function reread() {
  typed = true;
  paper.redecorate();
  title();
  const pages = group().map((l) => l.page);
  keep();
  if (!pages.length) return;
  const reading = await attempt(() => post(`/api/v1/incoming/scans/${state.scan}/read`, { pages }));
  if (reading) propose(reading);
}

function toggleMark(page = paper.current.page) {
  if (page === paper.leaves[0]?.page) return;
  if (!state.marks.delete(page)) state.marks.add(page);
  reread();
}

function toggleBlank() {
  const { page } = paper.current;
  if (!state.blank.delete(page)) state.blank.add(page);
  reread();
  paper.step(1);
}

function shift(by) {
  const from = paper.at;
  const to = from + by;
  if (to < 0 || to >= paper.leaves.length) return;
  const leaves = [...paper.leaves];
  leaves.splice(to, 0, leaves.splice(from, 1)[0]);
  paper.set(leaves, to);
  typed = true;
  paper.redecorate();
  keep();
}

function turn(by) { paper.turn(by); typed = true; keep(); }

const ref = (l) => ({ scan: l.scan, page: l.page, turn: l.turn });

async function store() {
  if (readOnly) return;
  const problem = !state.patient ? ["patient", "Choose the patient."] : !$("encounter").value ? ["encounter", "Choose the encounter."] :
    !$("type").value.trim() ? ["type", "Say what kind of document it is."] : !$("confirm-field").hidden && !$("confirm").value.trim() ?
      ["confirm", "The words name another patient. Say why it belongs to this one, or choose the other."] : null;
  if (problem) { say(problem[1], { bad: true }); $(problem[0]).focus(); return; }
  if ($("store").disabled) return;
  $("store").disabled = true;
  clearTimeout(timer);
  const mine = group();
  const first = paper.leaves.indexOf(mine[0]);
  const until = paper.leaves.indexOf(mine.at(-1));
  const blank = paper.leaves.filter((l, i) => state.blank.has(l.page) && (i <= until || i < first || until === paper.leaves.length - 1 - trailing()));
  try {
    const out = await post("/api/v1/incoming/documents", {
      pages: mine.map(ref), blank: blank.map(ref), record: state.patient.record, encounter: $("encounter").value, type: $("type").value.trim(),
      date: $("date").value.trim(), author: $("author").value.trim(), signed: $("signed").checked, confirm: $("confirm-field").hidden ? "" : $("confirm").value.trim(),
    });
    const what = $("type").value.trim();
    state.last = { document: out.document, version: out.version, scan: state.scan };
    typed = false;
    if (out.left > 0) await rest();
    else if (out.next) await open(out.next);
    else { location.assign("/incoming"); return; }
    say(`Stored: ${what}, ${mine.length} page${mine.length === 1 ? "" : "s"}.`, { action: { label: "Undo", run: undo } });
  } catch (cause) {
    if (cause instanceof Problem && cause.status === 409 && /another patient/.test(cause.message)) {
      $("confirm-field").hidden = false;
      $("confirm").focus();
    }
    say(cause.message, { bad: true });
  } finally {
    $("store").disabled = false;
  }
}

/** trailing is how many blank pages end the scan: they go with its last document. */
function trailing() {
  let n = 0;
  for (let i = paper.leaves.length - 1; i >= 0 && state.blank.has(paper.leaves[i].page); i--) n++;
  return n;
}

/** rest goes on with the pages of the scan that are left, marks and turns kept. */
async function rest() {
  const marks = state.marks, blank = state.blank, turns = new Map(paper.leaves.map((l) => [l.page, l.turn]));
  const order = paper.leaves.map((l) => l.page);
  const desk = await attempt(() => get(`/api/v1/incoming/scans/${state.scan}`));
  if (!desk) return;
  state.desk = desk;
  state.marks = marks;
  state.blank = blank;
  const leaves = desk.pages.filter((p) => p.state === "waiting").map((p) => ({ scan: state.scan, page: p.page, turn: turns.get(p.page) ?? p.turn, width: p.width, height: p.height }));
  leaves.sort((a, b) => order.indexOf(a.page) - order.indexOf(b.page));
  if (!leaves.length) { done(desk.next); return; }
  state.marks.delete(leaves[0].page);
  paper.set(leaves, 0);
  if (!group().length) { await aside(leaves.map((l) => l.page), false); return; }
  const reading = await attempt(() => post(`/api/v1/incoming/scans/${state.scan}/read`, { pages: group().map((l) => l.page) }));
  if (reading) propose(reading);
  view();
}

async function undo() {
  if (!state.last) { say("There is nothing to undo.", { bad: true }); return; }
  const { document: id, version, scan } = state.last;
  const back = await attempt(() => post(`/api/v1/incoming/documents/${id}/unindex`, { version, reason: "taken back at once" }));
  if (!back) return;
  state.last = null;
  await open(scan, { fields: false });
  say("Taken back; its pages wait again.");
}

async function aside(pages, refused) {
  const out = await attempt(() => post(`/api/v1/incoming/scans/${state.scan}/aside`, { pages, refused }));
  if (!out) return;
  typed = false;
  const scan = state.scan;
  say(refused ? "Set aside: no part of a record." : "Blank pages set aside.", {
    action: { label: "Undo", run: async () => { if (await attempt(() => post(`/api/v1/incoming/scans/${scan}/back`, { pages }))) open(scan); } },
  });
  if (out.left > 0) open(scan); else done(out.next);
}

const refuse = () => aside(group().map((l) => l.page), true);
const skip = () => { keep(true); done(state.desk?.next); };

$("entry").addEventListener("submit", (event) => { event.preventDefault(); store(); });
$("entry").addEventListener("input", () => { typed = true; keep(); });
$("encounter").addEventListener("change", () => { typed = true; keep(); });
$("entry").addEventListener("keydown", (event) => {
  if (event.key === "Escape") { event.preventDefault(); view(); }
  if (event.key === "Enter" && event.target === $("encounter")) { event.preventDefault(); store(); }
});
addEventListener("pagehide", () => { if (typed) keep(true); });

const acts = {
  mark: () => toggleMark(), blank: toggleBlank, turn: () => turn(90), smaller: () => paper.larger(-1), larger: () => paper.larger(1), skip, refuse,
};
document.addEventListener("click", (event) => acts[event.target.closest?.("[data-desk]")?.dataset.desk]?.());

const to = (id) => () => { $(id).focus(); $(id).select?.(); };
bind("Index a scan", [
  { keys: ["enter"], label: "Store, and open the next", run: (event) => (event.target.closest("a, button, select, dialog") ? false : store()) },
  { keys: ["ctrl+enter"], label: "Store from anywhere", typing: true, run: store },
  { keys: ["n"], label: "Next scan; this one stays as it is", run: skip },
  { keys: ["u"], label: "Undo the last document stored", run: undo },
  { keys: ["p"], label: "Patient", run: to("patient") },
  { keys: ["e"], label: "Encounter", run: to("encounter") },
  { keys: ["t"], label: "Type of document", run: to("type") },
  { keys: ["d"], label: "Date", run: to("date") },
  { keys: ["a"], label: "Author", run: to("author") },
  { keys: ["s"], label: "Signed or not", run: () => { $("signed").click(); } },
  { keys: ["escape"], label: "From a field back to the paper", typing: true, run: view },
]);
bind("Pages", [
  { keys: ["j", "arrowdown"], label: "Next page", run: () => paper.step(1) },
  { keys: ["k", "arrowup"], label: "Page before", run: () => paper.step(-1) },
  { keys: ["home"], run: () => paper.show(0) },
  { keys: ["end"], run: () => paper.show(paper.leaves.length - 1) },
  { keys: ["alt+arrowdown"], label: "Next page, while typing", typing: true, run: () => paper.step(1) },
  { keys: ["alt+arrowup"], label: "Page before, while typing", typing: true, run: () => paper.step(-1) },
  { keys: ["r"], label: "Rotate to the right", run: () => turn(90) },
  { keys: ["R"], label: "Rotate to the left", run: () => turn(-90) },
  { keys: ["+", "="], label: "Larger", run: () => paper.larger(1) },
  { keys: ["-"], label: "Smaller", run: () => paper.larger(-1) },
  { keys: ["b"], label: "A document begins here, or not", run: () => toggleMark() },
  { keys: ["x"], label: "Blank, or not", run: toggleBlank },
  { keys: ["["], label: "Page earlier", run: () => shift(-1) },
  { keys: ["]"], label: "Page later", run: () => shift(1) },
]);
offer("Not part of a record", refuse);
if (readOnly) for (const node of $("entry").querySelectorAll("input, select, button")) node.disabled = true;
open(state.scan, { replace: false });
