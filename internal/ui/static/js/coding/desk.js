// The coding desk: one encounter, its documents at the left, codes, suggestions,
// findings and questions at the right, the encoder below. All changes go to the
// JSON API with the revision they were made on; the answer is drawn in place.
import { h, fill, typing } from "../dom.js";
import { bind } from "../keys.js";
import { offer } from "../palette.js";
import { say } from "../say.js";
import { get, post, put, attempt } from "../api.js";
import { Encoder } from "../encoder.js";
import { Paper } from "./paper.js";
import { codeRow, offerRow, findingRow, questionRow, kindOf, idOf } from "./rows.js";
import * as ask from "./ask.js";

const root = document.getElementById("desk");
const { encounter, next, setting } = root.dataset;
const base = `/api/v1/encounters/${encounter}`;
const END = 1 << 20;
const principal = setting === "inpatient" || setting === "nursing_facility" ? "principal" : "first-listed";
const poaUsed = setting === "inpatient";

const rowsBox = root.querySelector(".rows");
let session = null;
let current = "";
let busy = Promise.resolve();
let passage = null; // the words selected for the code that is looked for
const drafts = {};

const paper = new Paper(root.querySelector(".docs"), { onPick: (key) => choose(key, { turn: false }) });
const encoder = new Encoder(root.querySelector(".encoder"), {
  date: () => session?.date ?? "",
  onChoose: (hit) => act.add(hit),
  onLeave: () => focusRow(),
  onQuery: (text) => keep("encoder", text),
});

// --- drafts: what is typed is kept at the server while it is typed

const timers = {};
function keep(slot, text) {
  drafts[slot] = text;
  clearTimeout(timers[slot]);
  timers[slot] = setTimeout(() => flush(slot), 400);
}
function flush(slot) {
  clearTimeout(timers[slot]);
  delete timers[slot];
  return put(`${base}/coding/drafts/${slot}`, { text: drafts[slot] ?? "" }, { keepalive: true }).catch(() => say("What you typed could not be saved. It stays here.", { bad: true }));
}
addEventListener("pagehide", () => { for (const slot of Object.keys(timers)) flush(slot); });

// --- changes, one after the other

function change(what, body = {}, after) {
  busy = busy.then(() => attempt(async () => {
    try {
      session = await post(`${base}/coding/${what}`, { revision: session.revision, ...body });
    } catch (cause) {
      if (cause.status === 409) { session = await get(`${base}/coding`).catch(() => session); draw(); }
      throw cause;
    }
    after?.();
    draw();
    return session;
  }));
  return busy;
}

const code = (id) => [...session.diagnoses, ...session.procedures].find((c) => c.id === id);
const listOf = (id) => (session.diagnoses.some((c) => c.id === id) ? session.diagnoses : session.procedures);
const offered = () => session.suggestions.filter((s) => s.fate === "offered");
const suggestion = (id) => session.suggestions.find((s) => s.id === id);

/** after a decision the next open suggestion is current; after the last, what blocks, else the first code. */
function onward(from) {
  const left = offered();
  const later = left.find((s) => session.suggestions.indexOf(s) > from) ?? left[0];
  const blocking = session.findings.find((f) => f.severity === "error" && !f.waived);
  const first = session.diagnoses[0] ?? session.procedures[0];
  current = later ? `offer:${later.id}` : blocking ? `finding:${blocking.key}` : first ? `code:${first.id}` : "";
}

const act = {
  accept(id) {
    const at = session.suggestions.indexOf(suggestion(id));
    change("accept", { suggestion: id, position: END }, () => onward(at));
  },
  async reject(id) {
    const s = suggestion(id);
    const slot = `reject-${id}`.slice(0, 64);
    const reason = await ask.askRejection(s.code, { text: drafts[slot], save: (text) => keep(slot, text) });
    if (!reason) return;
    const at = session.suggestions.indexOf(s);
    change("reject", { suggestion: id, reason }, () => onward(at));
  },
  add(hit, position = END) {
    const known = new Set([...session.diagnoses, ...session.procedures].map((c) => c.id));
    return change("add", {
      system: hit.system, code: hit.code, why: hit.why ?? [], position, passages: passage ? [passage] : [],
    }, () => {
      const added = [...session.diagnoses, ...session.procedures].find((c) => !known.has(c.id));
      current = added ? `code:${added.id}` : current;
      passage = null;
      drawPassage();
      encoder.ask("", false);
      keep("encoder", "");
    }).then(() => focusRow());
  },
  remove(id) {
    const list = listOf(id);
    const at = list.indexOf(code(id));
    const gone = code(id).code;
    const neighbour = list[at + 1] ?? list[at - 1];
    change("remove", { code: id }, () => {
      current = neighbour ? `code:${neighbour.id}` : "";
      say(`${gone} removed.`, { action: { label: "Undo", run: act.undo } });
    });
  },
  move(id, to) {
    const list = listOf(id);
    if (to < 0 || to >= list.length || to === list.indexOf(code(id))) return;
    change("move", { code: id, position: to });
  },
  poa(id, letter) { change("poa", { code: id, poa: letter }, () => onwardPOA(id)); },
  async date(id) {
    const date = await ask.askDate(code(id), root.dataset.from, root.dataset.to);
    if (date) change("date", { code: id, date });
  },
  settle(key) {
    const f = session.findings.find((x) => x.key === key);
    const about = [...session.diagnoses, ...session.procedures].find((c) => f?.codes.includes(c.code));
    if (about) choose(`code:${about.id}`);
    else encoder.input.focus();
  },
  async waive(key) {
    const f = session.findings.find((x) => x.key === key);
    if (!f?.waivable) return;
    const reason = await ask.askReason(`Overrule: ${f.message}`, ["The two conditions are unrelated"], null);
    if (reason) change("waive", { finding: key, reason });
  },
  undo() { change("undo", {}, () => say("Undone.", { action: { label: "Redo", run: act.redo } })); },
  redo() { change("redo"); },
  async choose(q, c) { passage = q.evidence?.[0] ? strip(q.evidence[0]) : null; await act.add({ system: "icd10cm", code: c.code, why: [q.about, q.ask] }); },
  async finalise() {
    if (session.state !== "open") { if (next) location.assign(`/coding/${next}`); return; }
    const blocking = session.findings.find((f) => f.severity === "error" && !f.waived);
    if (blocking) { choose(`finding:${blocking.key}`); say("This finding must be settled first.", { bad: true }); return; }
    if (!session.diagnoses.length && !session.procedures.length) { say("There is no code yet.", { bad: true }); return; }
    if (!(await ask.askFinal(session, { open: offered().length, principal }))) return;
    change("finalise", { provisional: session.provisional }, () => {
      current = "";
      say(next ? "Final. The next one is ready." : "Final. Nothing else is due.", { stay: true, action: next ? { label: "Next (Enter)", run: () => location.assign(`/coding/${next}`) } : { label: "My work", run: () => location.assign("/work") } });
    });
  },
  async reopen() {
    const slot = "reopen";
    const reason = await ask.askReason("Why is the coding opened again?", ["Additional documentation received", "Query answered", "Coding audit", "Payer denial or request"], { text: drafts[slot], save: (text) => keep(slot, text) });
    if (reason) change("reopen", { reason });
  },
  async trace(id) {
    const t = await attempt(() => get(`${base}/coding/codes/${id}/trace`));
    if (t) ask.show("Trace", ask.traceSteps(t));
  },
  async history() {
    const past = await attempt(() => get(`${base}/coding/history`));
    if (past) ask.show("History of this coding", ask.historyTable(past.events, (e) => past.names?.[e.by] ?? e.by));
  },
};

const strip = ({ document, version, start, end }) => ({ document, version, start, end });

function onwardPOA(id) {
  const list = session.diagnoses;
  const after = list.slice(list.findIndex((c) => c.id === id) + 1).find((c) => !c.poa && !c.poa_exempt);
  if (after) current = `code:${after.id}`;
}

// --- drawing

function group(title, count, hint, rows) {
  if (!rows.length && !hint) return null;
  return h("section", { "aria-label": title }, h("h2", {}, title, h("span", { class: "count" }, count)), rows.length ? h("ol", {}, rows) : h("p", { class: "none" }, hint));
}

function draw() {
  const { state, findings } = session;
  const keys = order();
  if (!keys.includes(current)) current = keys.find((k) => kindOf(k) === "offer") ?? keys[0] ?? "";
  const held = rowsBox.contains(document.activeElement) || document.activeElement === document.body;
  const scroll = rowsBox.scrollTop;
  const look = (c) => encoder.ask(c);
  const shared = { current, state, paper, act, look };
  const about = (c) => findings.filter((f) => !f.waived && f.severity !== "info" && f.codes.includes(c.code));
  const codeRows = (list, first) => list.map((c, i) => codeRow(c, i, { ...shared, findings: about(c), poaUsed, principal: first }));
  const rejected = session.suggestions.filter((s) => s.fate === "rejected");
  fill(rowsBox,
    group("Diagnoses", String(session.diagnoses.length), "No diagnosis yet. Accept a suggestion, or / to search.", codeRows(session.diagnoses, principal)),
    session.procedures.length ? group("Procedures", String(session.procedures.length), "", codeRows(session.procedures, "")) : null,
    state === "open" ? group("Suggestions", String(offered().length), "Every suggestion is decided.", offered().map((s) => offerRow(s, shared))) : null,
    group("Findings", String(findings.filter((f) => !f.waived).length), findings.length ? "" : "The checks find nothing.", findings.map((f) => findingRow(f, shared))),
    group("Questions", String(session.questions.length), "", session.questions.map((q, i) => questionRow(q, i, shared))),
    rejected.length ? h("details", { class: "rejected" }, h("summary", {}, `Rejected suggestions (${rejected.length})`), h("ul", {}, rejected.map((s) => h("li", {}, h("span", { class: "code" }, s.code), ` ${s.title} `, h("span", { class: "sub" }, s.reason))))) : null);
  rowsBox.scrollTop = scroll;
  if (held) focusRow({ scroll: Boolean(root.dataset.ready) });
  paper.mark([
    ...offered().map((s) => ({ key: `offer:${s.id}`, evidence: s.evidence, strong: false })),
    ...[...session.diagnoses, ...session.procedures].map((c) => ({ key: `code:${c.id}`, evidence: c.evidence, strong: true })),
  ]);
  point();
  encoder.about(subject());
  drawState();
}

function drawState() {
  const { state } = session;
  const editions = session.editions.map((e) => e.name).filter((n, i, all) => all.indexOf(n) === i).join(", ");
  const blocked = session.findings.some((f) => f.severity === "error" && !f.waived);
  fill(root.querySelector(".state"),
    h("span", { class: `badge ${state === "open" ? "" : state === "final" ? "good" : "warn"}` }, state === "open" ? "open" : state === "final" ? "final" : "provisionally final"),
    h("span", { class: "small muted" }, `edition ${editions} on ${session.date}`),
    session.provisional ? h("span", { class: "badge warn" }, "no edition covers this date") : null);
  const main = root.querySelector("[data-act=finalise]");
  main.querySelector(".text").textContent = state === "open" ? "Make final" : next ? "Next" : "Done";
  main.setAttribute("aria-disabled", String(state === "open" && (blocked || !(session.diagnoses.length + session.procedures.length))));
  root.querySelector("[data-act=undo]").disabled = !session.can_undo;
  root.querySelector("[data-act=reopen]").hidden = state === "open";
}

function order() {
  return [
    ...session.diagnoses.map((c) => `code:${c.id}`), ...session.procedures.map((c) => `code:${c.id}`),
    ...(session.state === "open" ? offered().map((s) => `offer:${s.id}`) : []),
    ...session.findings.map((f) => `finding:${f.key}`), ...session.questions.map((_, i) => `question:${i}`),
  ];
}

function evidenceOf(key) {
  const id = idOf(key);
  switch (kindOf(key)) {
    case "code": return code(id)?.evidence;
    case "offer": return suggestion(id)?.evidence;
    case "question": return session.questions[Number(id)]?.evidence;
    case "finding": {
      const about = session.findings.find((f) => f.key === id)?.codes ?? [];
      return [...session.diagnoses, ...session.procedures].filter((c) => about.includes(c.code)).flatMap((c) => c.evidence);
    }
    default: return [];
  }
}
let passageAt = 0;
const point = (options) => { passageAt = 0; paper.point(current ? evidenceOf(current) : [], options); };
const subject = () => (kindOf(current) === "code" ? code(idOf(current)) : kindOf(current) === "offer" ? suggestion(idOf(current)) : null);

/** nextPassage goes through the pieces of evidence of the current row. */
function nextPassage() {
  const all = evidenceOf(current) ?? [];
  if (!all.length) return;
  passageAt = (passageAt + 1) % all.length;
  paper.point([...all.slice(passageAt), ...all.slice(0, passageAt)]);
}
const rowOf = (key) => rowsBox.querySelector(`[data-key="${CSS.escape(key)}"]`);

function focusRow({ scroll = true } = {}) {
  const row = rowOf(current) ?? rowsBox.querySelector(".line");
  row?.focus({ preventScroll: true });
  if (scroll) row?.scrollIntoView({ block: "nearest" });
}

/** choose makes a row current without rebuilding what the user looks at. */
function choose(key, { turn = true } = {}) {
  if (!key || key === current) { focusRow(); return; }
  current = key;
  draw();
  if (!turn) point({ turn: false });
  focusRow();
}

function step(by) {
  const keys = order();
  const at = keys.indexOf(current);
  choose(keys[Math.min(keys.length - 1, Math.max(0, at + by))]);
}

rowsBox.addEventListener("focusin", (event) => {
  const key = event.target.closest(".line")?.dataset.key;
  if (key && key !== current && !event.target.closest("button")) { current = key; draw(); }
});
rowsBox.addEventListener("click", (event) => {
  const key = event.target.closest(".line")?.dataset.key;
  if (key && key !== current && getSelection().isCollapsed && !event.target.closest("button")) choose(key);
});

function drawPassage() {
  fill(root.querySelector(".passage"), passage?.text ? ["for ", h("mark", {}, passage.text), h("button", {
    type: "button", class: "link", "aria-label": "Search without these words as evidence", onclick: () => { passage = null; drawPassage(); },
  }, "without")] : null);
}

function searchSelection() {
  const chosen = paper.selected();
  if (!chosen) { say("Select words in a document first: F6, then the arrow keys with Shift."); return; }
  passage = { ...chosen.evidence };
  Object.defineProperty(passage, "text", { value: chosen.text });
  drawPassage();
  encoder.ask(chosen.text);
}

const on = (kind) => () => kindOf(current) === kind && !inPaper();
const inPaper = () => document.activeElement?.closest?.(".docs") !== null && document.activeElement?.closest?.(".docs") !== undefined;
const open = () => session?.state === "open";
const letter = (l) => ({ keys: [l], label: l === "y" ? "Present on admission: yes, no, undetermined, …" : "", when: () => open() && poaUsed && kindOf(current) === "code" && !code(idOf(current))?.poa_exempt, run: () => act.poa(idOf(current), l.toUpperCase()) });

bind("Coding", [
  { keys: ["j", "arrowdown"], label: "Next row", when: () => !inPaper(), run: () => step(1) },
  { keys: ["k", "arrowup"], label: "Row before", when: () => !inPaper(), run: () => step(-1) },
  { keys: ["a", "enter"], label: "Accept the suggestion", when: (e) => open() && on("offer")() && !(e.key === "Enter" && e.target.closest("button, a, [role=tab]")), run: () => act.accept(idOf(current)) },
  { keys: ["r"], label: "Reject, with the reason", when: () => open() && on("offer")(), run: () => act.reject(idOf(current)) },
  { keys: ["/"], label: "Search the encoder", run: () => { encoder.input.focus(); encoder.input.select(); } },
  { keys: ["s"], label: "Search the words selected in the document", when: open, run: searchSelection },
  letter("y"), letter("n"), letter("u"), letter("w"),
  { keys: ["alt+arrowup", "K"], label: "Move the code up", when: on("code"), run: () => { const id = idOf(current); act.move(id, listOf(id).indexOf(code(id)) - 1); } },
  { keys: ["alt+arrowdown", "J"], label: "Move the code down", when: on("code"), run: () => { const id = idOf(current); act.move(id, listOf(id).indexOf(code(id)) + 1); } },
  { keys: ["p"], label: `Make it ${principal}`, when: () => open() && on("code")(), run: () => act.move(idOf(current), 0) },
  { keys: ["x", "delete"], label: "Remove the code", when: () => open() && on("code")(), run: () => act.remove(idOf(current)) },
  { keys: ["D"], label: "Date the procedure", when: () => open() && on("code")() && code(idOf(current))?.system === "icd10pcs", run: () => act.date(idOf(current)) },
  { keys: ["enter"], label: "From a finding to its code", when: (e) => on("finding")() && !e.target.closest("button"), run: () => act.settle(idOf(current)) },
  { keys: ["o"], label: "Overrule the finding, with the reason", when: () => open() && on("finding")(), run: () => act.waive(idOf(current)) },
  { keys: ["1", "2", "3", "4", "5", "6", "7", "8", "9"], label: "Answer the question", when: () => open() && on("question")(), run: (e) => { const q = session.questions[Number(idOf(current))]; const c = q?.choices?.[Number(e.key) - 1]; if (!c) return false; return act.choose(q, c); } },
  { keys: ["e"], label: "Next passage that shows it", when: () => !inPaper(), run: nextPassage },
  { keys: ["t"], label: "Trace the code to its words, message and audit entries", when: on("code"), run: () => act.trace(idOf(current)) },
  { keys: ["z", "ctrl+z"], label: "Undo", when: () => session?.can_undo, run: act.undo },
  { keys: ["Z", "ctrl+y"], label: "Redo", when: () => session?.can_redo, run: act.redo },
  { keys: ["f"], label: "Make final", when: open, run: act.finalise },
  { keys: ["enter"], label: "After that: the next encounter", when: (e) => session && !open() && !e.target.closest("button, a, summary"), run: act.finalise },
  { keys: ["R"], label: "Reopen, with the reason", when: () => session && !open(), run: act.reopen },
  { keys: ["h"], label: "History", run: act.history },
  { keys: ["]", "d"], label: "Next document", run: () => paper.next(1) },
  { keys: ["["], label: "Document before", run: () => paper.next(-1) },
  { keys: ["f6"], label: "Between the document, the codes and the encoder", typing: true, run: panes },
  { keys: ["escape"], label: "Back to the codes", typing: true, run: () => { if (document.querySelector("dialog[open]")) return false; return focusRow(); } },
]);

function panes() {
  const stops = [paper.sheet, rowOf(current) ?? rowsBox, encoder.input];
  const at = stops.findIndex((s) => s === document.activeElement || s.contains?.(document.activeElement));
  stops[(at + 1) % stops.length].focus();
}

root.addEventListener("click", (event) => {
  const name = event.target.closest("[data-act]")?.dataset.act;
  if (name && act[name]) act[name]();
});
offer("History of this coding", act.history, "h");
offer("Reopen this coding", () => (open() ? say("The coding is open.") : act.reopen()), "R");
offer("Chart of this patient", () => location.assign(root.dataset.chart), "");

// --- start

async function start() {
  const [docs, kept] = await Promise.all([get(`${base}/documents`), get(`${base}/coding/drafts`).catch(() => ({ drafts: {} }))]);
  paper.show(docs.items);
  session = await (root.dataset.read === "only" ? get(`${base}/coding`) : post(`${base}/coding/suggest`));
  Object.assign(drafts, kept.drafts);
  draw();
  focusRow({ scroll: matchMedia("(min-width: 64rem)").matches });
  scrollTo(0, 0);
  root.dataset.ready = "true";
  if (drafts.encoder) encoder.ask(drafts.encoder, false);
}
attempt(start);
