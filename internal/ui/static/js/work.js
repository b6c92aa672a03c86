// My work, hand-over and today: the keys that take, put off, give and hand out
// work. What an action changes is drawn by the server; this only says what to do
// to which items, and keeps what is typed into the note.
import { bind } from "./keys.js";
import { h, keycap } from "./dom.js";
import { get, post, put, attempt } from "./api.js";
import { load } from "./swap.js";
import { say } from "./say.js";
import { offer } from "./palette.js";
import { box } from "./coding/ask.js";

const list = () => document.getElementById("list");
const rows = () => [...document.querySelectorAll("#list tbody tr")];
const current = () => rows().find((r) => r.tabIndex === 0) ?? rows()[0];
const mayTake = () => list()?.dataset.mayTake === "yes";
const mayGive = () => list()?.dataset.mayGive === "yes";
const options = (id) => [...document.querySelectorAll(`#${id} option`)];
const reasons = (id) => options(id).map((o) => o.value);
const items = (n) => (n === 1 ? "1 item" : `${n} items`);

// --- selection

let last = null; // row that was selected last, where a range begins

const boxOf = (row) => row.querySelector(".tick input");
const selected = () => rows().filter((r) => boxOf(r)?.checked);
const chosen = () => { const all = selected(); return all.length ? all : [current()].filter(Boolean); };

function mark(row, on) {
  const check = boxOf(row);
  if (!check) return;
  check.checked = on;
  row.setAttribute("aria-selected", String(on));
}

function tell() {
  const n = selected().length;
  const text = document.querySelector(".bulk .chosen");
  if (text) text.textContent = n ? `${items(n)} selected` : "";
  const all = document.getElementById("pick-all");
  if (all) { all.checked = n > 0 && n === rows().length; all.indeterminate = n > 0 && n < rows().length; }
}

function pick(row = current()) {
  if (!row) return false;
  mark(row, !boxOf(row)?.checked);
  last = row;
  tell();
  return true;
}

function range() {
  const all = rows();
  const here = all.indexOf(current());
  const from = last && all.includes(last) ? all.indexOf(last) : here;
  for (const row of all.slice(Math.min(from, here), Math.max(from, here) + 1)) mark(row, true);
  last = current();
  tell();
}

function none() {
  if (!selected().length) return false;
  for (const row of rows()) mark(row, false);
  tell();
  return true;
}

document.addEventListener("change", (event) => {
  if (event.target.id === "pick-all") for (const row of rows()) mark(row, event.target.checked);
  else if (event.target.closest?.("td.tick")) { const row = event.target.closest("tr"); mark(row, event.target.checked); last = row; }
  else return;
  tell();
});

// --- what is said of the current item

function explain() {
  const strip = document.getElementById("work-explain");
  const text = document.activeElement?.closest?.("#list tbody tr")?.dataset.explain;
  if (strip && text) strip.textContent = text;
}
document.addEventListener("focusin", explain);

// --- actions

let at = 0; // place of the current row, for when it is gone after an action

async function refresh(keep) {
  at = Math.max(0, rows().indexOf(current()));
  const id = current()?.id;
  await load(location.href, "#list");
  const row = (keep && document.getElementById(id)) || document.getElementById(id) || rows()[Math.min(at, rows().length - 1)];
  row?.focus({ preventScroll: true });
  row?.scrollIntoView({ block: "nearest" });
}

const undo = () => attempt(async () => {
  const done = await post("/api/v1/work/undo");
  const left = done.left.length ? ` ${items(done.left.length)} stay: ${done.left[0].why}.` : "";
  await refresh();
  say(`Undone: ${items(done.changed.length)} as before.${left}`);
});

/** act does something to the items chosen, as one deed that one undo takes back. */
async function act(verb, body, done) {
  const these = chosen();
  if (!these.length) return;
  await attempt(async () => {
    const answer = await post(`/api/v1/work/${verb}`, { items: these.map((r) => r.dataset.id), ...body });
    const left = answer.left.length ? ` ${items(answer.left.length)} left as they were: ${answer.left[0].why}.` : "";
    await refresh(true);
    say(`${items(answer.changed.length)} ${done}.${left}`, { action: { label: "Undo", run: undo } });
  });
}

/** choose lets the user pick one of a few with its number. */
const choose = (title, choices, extra) => box(title, (done) => h("div", { class: "stack" },
  h("ol", { class: "reasons" }, choices.map(([value, label], i) => h("li", {}, h("button", {
    type: "button", class: "choice", "data-first": i === 0, onclick: () => done(value),
  }, i < 9 ? keycap(String(i + 1)) : null, " ", label)))), extra?.(done)), {
  onkey: (event, done) => {
    const n = Number(event.key);
    if (event.target.matches("input, select") || !n || !choices[n - 1]) return false;
    done(choices[n - 1][0]);
    return true;
  },
});

const days = (n) => { const d = new Date(); d.setDate(d.getDate() + n); return `${d.getFullYear()}-${String(d.getMonth() + 1).padStart(2, "0")}-${String(d.getDate()).padStart(2, "0")}`; };
const hours = (n) => new Date(Date.now() + n * 3600000).toISOString();
const about = () => (chosen().length === 1 ? "this item" : items(chosen().length));

async function skip() {
  const reason = await choose(`Why put ${about()} off?`, reasons("work-skip").map((r) => [r, r]));
  if (!reason) return;
  const monday = (8 - new Date().getDay()) % 7 || 7;
  const until = await choose("Until when?", [
    [hours(1), "in an hour"], [hours(4), "in four hours"], [days(1), "tomorrow at 8"], [days(2), "in two days"], [days(monday), "Monday"], [days(7), "in a week"],
  ], (done) => {
    const day = h("input", { type: "date", id: "skip-day", min: days(1), max: days(89) });
    return h("form", { class: "row", onsubmit: (event) => { event.preventDefault(); if (day.value) done(day.value); } },
      h("div", { class: "field grow" }, h("label", { for: "skip-day" }, "Another day"), day), h("button", { class: "button primary" }, "Put off"));
  });
  if (until) await act("skip", { reason, until }, "put off");
}

async function extend() {
  const reason = await choose(`Why does ${about()} need longer?`, reasons("work-extend").map((r) => [r, r]));
  if (!reason) return;
  const n = await choose("By how many days?", [["1", "1 day"], ["3", "3 days"], ["7", "7 days"], ["14", "14 days"], ["30", "30 days"]]);
  if (n) await act("extend", { reason, days: Number(n) }, `extended by ${n === "1" ? "a day" : `${n} days`}`);
}

async function assign() {
  const people = options("work-people").map((o) => [o.value, o.textContent]);
  const to = await box(`Who does ${about()}?`, (done) => {
    const shown = h("ol", { class: "reasons" });
    const draw = (words) => {
      const found = people.filter(([, name]) => name.toLowerCase().includes(words.toLowerCase()));
      shown.replaceChildren(...found.map(([id, name]) => h("li", {}, h("button", { type: "button", class: "choice", onclick: () => done(id) }, name))),
        h("li", {}, h("button", { type: "button", class: "choice", onclick: () => done("nobody") }, "Nobody: free for all")));
      return found;
    };
    const input = h("input", { type: "text", id: "assign-name", autocomplete: "off", "data-first": true, oninput: () => draw(input.value) });
    draw("");
    return h("form", { class: "stack", onsubmit: (event) => { event.preventDefault(); const first = draw(input.value)[0]; if (first) done(first[0]); } },
      h("div", { class: "field" }, h("label", { for: "assign-name" }, "Name; Enter takes the first"), input), shown);
  });
  if (to) await act("assign", { to: to === "nobody" ? "" : to }, to === "nobody" ? "free for all" : "assigned");
}

async function priority() {
  const p = await choose(`How pressing is ${about()}?`, [["1", "most pressing"], ["2", "pressing"], ["3", "as usual"], ["4", "can wait"], ["5", "last"]]);
  if (p) await act("priority", { priority: Number(p) }, `at priority ${p}`);
}

const claim = () => (chosen().every((r) => r.dataset.mine === "yes") ? act("release", {}, "given back") : act("claim", {}, "yours for half an hour"));

/** next has the department hand out the most pressing item and opens it. */
const next = () => attempt(async () => {
  const queue = list()?.dataset.queue;
  const item = await post("/api/v1/work/next", { queues: queue ? [queue] : [] });
  if (item.open) location.assign(item.open);
  else await refresh();
});

const mention = () => attempt(async () => {
  const these = chosen();
  if (!these.length) return;
  await post("/api/v1/work/handover/mention", { items: these.map((r) => r.dataset.id) });
  say(`${items(these.length)} mentioned in your hand-over note.`, { action: { label: "Open it", run: () => location.assign("/work/handover") } });
});

async function history() {
  const row = current();
  if (!row) return;
  const told = await attempt(() => get(`/api/v1/work/${row.dataset.id}/history`));
  if (!told) return;
  await box("What was done with this item", () => h("table", {}, h("thead", {}, h("tr", {}, ["When", "What", "Why", "Entry"].map((t) => h("th", { scope: "col" }, t)))),
    h("tbody", {}, told.changes.toReversed().map((c) => h("tr", {}, h("td", { class: "nowrap" }, c.at.slice(0, 16).replace("T", " ")), h("td", {}, c.kind), h("td", {}, c.reason ?? ""),
      h("td", {}, c.entry ? h("a", { href: `/audit/${c.entry}` }, "proof") : "")))))  , { wide: true });
}

const deeds = { next, claim: () => act("claim", {}, "yours for half an hour"), release: () => act("release", {}, "given back"), skip, extend, assign, priority, mention, undo };
document.addEventListener("click", (event) => {
  const what = event.target.closest?.("[data-work]")?.dataset.work;
  if (deeds[what]) deeds[what]();
});

if (list()) {
  bind("Work", [
    { keys: ["n"], label: "Next: hand me the most pressing", when: mayTake, run: () => { next(); } },
    { keys: ["c"], label: "Claim; give back what is mine", when: mayTake, run: () => { claim(); } },
    { keys: ["b"], label: "Give back", when: mayTake, run: () => { deeds.release(); } },
    { keys: ["s"], label: "Put off, with a reason", when: mayTake, run: () => { skip(); } },
    { keys: ["d"], label: "Extend the due date", when: mayTake, run: () => { extend(); } },
    { keys: ["a"], label: "Assign to somebody", when: mayGive, run: () => { assign(); } },
    { keys: ["p"], label: "Priority", when: mayGive, run: () => { priority(); } },
    { keys: ["x"], label: "Select", when: mayTake, run: () => pick() },
    { keys: ["X"], label: "Select as far as here", when: mayTake, run: range },
    { keys: ["escape"], label: "Select nothing", when: mayTake, run: none },
    { keys: ["u"], label: "Undo what I did last", when: mayTake, run: () => { undo(); } },
    { keys: ["m"], label: "Mention in the hand-over note", run: () => { mention(); } },
    { keys: ["i"], label: "What was done with this item", run: () => { history(); } },
    { keys: ["/"], label: "Filters", run: () => document.getElementById("filter-show")?.focus() },
    { keys: ["e"], label: "CSV of this list", run: () => document.querySelector("a[download]")?.click() },
    { keys: ["["], label: "Queue before", run: () => step(-1) },
    { keys: ["]"], label: "Next queue", run: () => step(1) },
    { keys: ["h"], label: "Hand-over note", run: () => location.assign("/work/handover") },
    { keys: ["t"], label: "What I touched today", run: () => location.assign("/work/today") },
  ]);
  offer("Hand-over note", () => location.assign("/work/handover"), "h");
  offer("What I touched today", () => location.assign("/work/today"), "t");
  document.addEventListener("swapped", tell);
  explain();
}

function step(by) {
  const links = [...document.querySelectorAll(".queues nav a")];
  const here = links.findIndex((a) => a.getAttribute("aria-current") === "page");
  links[here + by]?.click();
}

const read = document.querySelector("form[data-read]");
if (read) bind("Hand-over", [{ keys: ["r"], label: "I have read the hand-over note", run: () => read.requestSubmit() }]);

// --- the note of the shift: kept as it is typed

const note = document.getElementById("note");
if (note) {
  const text = document.getElementById("note-text");
  const state = document.getElementById("note-state");
  let version = Number(note.dataset.version);
  let timer = 0;
  let busy = Promise.resolve();
  let unsaved = false;
  const mentioned = () => [...document.querySelectorAll("#note-items li")].map((li) => li.dataset.item);
  const body = () => ({ version, text: text.value, items: mentioned() });

  const save = () => {
    clearTimeout(timer);
    busy = busy.then(async () => {
      if (!unsaved) return;
      unsaved = false;
      try {
        version = (await put("/api/v1/work/handover/draft", body(), { keepalive: true })).version;
        state.textContent = "Kept.";
      } catch (cause) {
        unsaved = true;
        state.textContent = cause.status === 409 ? "This note was changed on another page. Copy what you typed, and load this page anew." : `Not kept yet: ${cause.message}`;
      }
    });
    return busy;
  };
  const changed = () => { unsaved = true; state.textContent = "…"; clearTimeout(timer); timer = setTimeout(save, 400); };
  text.addEventListener("input", changed);
  addEventListener("pagehide", () => { if (unsaved) save(); });

  const sign = () => attempt(async () => {
    await save();
    if (!text.value.trim()) { say("There is nothing in the note yet.", { bad: true }); text.focus(); return; }
    const signed = await post("/api/v1/work/handover/sign", body());
    unsaved = false;
    location.assign(`/work/handover/${signed.id}`);
  });
  document.addEventListener("click", (event) => {
    const what = event.target.closest?.("[data-work]");
    if (what?.dataset.work === "sign") sign();
    if (what?.dataset.work === "unmention") { what.closest("li").remove(); changed(); text.focus(); }
  });
  bind("Hand-over", [{ keys: ["ctrl+enter"], label: "Sign the note", typing: true, run: () => { sign(); } }]);
}
