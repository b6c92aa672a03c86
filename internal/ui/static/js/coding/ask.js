// The dialogs of the desk: reasons, finalising, history, trace. Each is built
// when it is asked for and returns what was chosen.
import { h, fill, keycap } from "../dom.js";

/** box opens a dialog; draw(done) gives its content; resolves with done's value, or null. */
export function box(title, draw, { wide = false, onkey } = {}) {
  return new Promise((resolve) => {
    const back = document.activeElement;
    let value = null;
    const done = (v) => { value = v; dialog.close(); };
    const dialog = h("dialog", { class: wide ? "ask wide" : "ask", "aria-label": title });
    dialog.append(h("div", { class: "inner" }, h("header", {}, h("h2", {}, title), h("button", {
      type: "button", class: "button small quiet", onclick: () => done(null),
    }, "Close ", keycap("Esc"))), draw(done)));
    dialog.addEventListener("close", () => { dialog.remove(); back?.isConnected && back.focus({ preventScroll: true }); resolve(value); });
    if (onkey) dialog.addEventListener("keydown", (event) => { if (onkey(event, done)) event.preventDefault(); });
    document.body.append(dialog);
    dialog.showModal();
    dialog.querySelector("[data-first]")?.focus();
  });
}

const rejections = [
  "Not stated by a provider entitled to diagnose",
  "Ruled out, negated or only suspected",
  "History, not a current condition",
  "Integral to another condition coded",
  "A more specific code applies",
  "Not evaluated, treated or monitored in this encounter",
];

/**
 * askReason lets the user pick a listed reason with one key or write one.
 * draft keeps what is typed: {text, save(text)}.
 */
export function askReason(title, reasons, draft) {
  const input = h("input", { type: "text", id: "ask-reason", value: draft?.text ?? "", maxlength: "500", autocomplete: "off", oninput: () => draft?.save(input.value) });
  return box(title, (done) => h("div", { class: "stack" },
    reasons.length ? h("ol", { class: "reasons" }, reasons.map((r, i) => h("li", {}, h("button", {
      type: "button", class: "choice", "data-first": i === 0, onclick: () => done(r),
    }, keycap(String(i + 1)), " ", r)))) : null,
    h("form", { class: "row", onsubmit: (event) => { event.preventDefault(); if (input.value.trim()) done(input.value.trim()); } },
      h("div", { class: "field grow" }, h("label", { for: "ask-reason" }, reasons.length ? "Another reason" : "Reason"), input),
      h("button", { class: "button primary" }, "Save ", keycap("Enter")))), {
    onkey: (event, done) => {
      const n = Number(event.key);
      if (event.target === input && input.value) return false;
      if (!n || !reasons[n - 1]) return false;
      done(reasons[n - 1]);
      return true;
    },
  }).then((value) => { if (value) draft?.save(""); return value; });
}

export const askRejection = (code, draft) => askReason(`Why is ${code} not coded?`, rejections, draft);

/** askDate asks for the day of a procedure; from and to bound it. */
export function askDate(c, from, to) {
  const input = h("input", { type: "date", id: "ask-date", value: c.date || from, min: from, max: to, required: true, "data-first": true });
  return box(`When was ${c.code} performed?`, (done) => h("form", { class: "row", onsubmit: (event) => { event.preventDefault(); if (input.value) done(input.value); } },
    h("div", { class: "field grow" }, h("label", { for: "ask-date" }, c.title), input),
    h("button", { class: "button primary" }, "Save ", keycap("Enter"))));
}

/** askFinal shows what will be made final; Enter agrees. */
export function askFinal(session, { open, principal }) {
  const list = (title, codes) => codes.length ? [h("h3", {}, title), h("ol", { class: "final" }, codes.map((c) => h("li", {},
    h("span", { class: "code" }, c.code), " ", c.title, c.poa ? h("span", { class: "badge" }, `POA ${c.poa}`) : null)))] : null;
  return box(session.provisional ? "Make provisionally final" : "Make final", (done) => h("div", { class: "stack" },
    session.provisional ? h("p", { class: "note warn" }, "No edition of the code set covers this date. The newest one is used, the codes are marked provisional, and nothing is claimed from them.") : null,
    open ? h("p", { class: "note warn" }, `${open === 1 ? "1 suggestion is" : `${open} suggestions are`} still undecided.`) : null,
    list(`Diagnoses, ${principal} first`, session.diagnoses), list("Procedures", session.procedures),
    h("div", { class: "row" }, h("button", { type: "button", class: "button primary", "data-first": true, onclick: () => done(true) }, "Make final ", keycap("Enter")))));
}

/** askKeep is a plain view: nothing to choose. */
export function show(title, content, options) { return box(title, () => content, { wide: true, ...options }); }

const verbs = {
  proposed: "Suggestions drawn", accepted: "Accepted", rejected: "Rejected", added: "Added", removed: "Removed", moved: "Moved",
  poa: "POA set", date: "Date set", waived: "Finding overruled", undone: "Undone", redone: "Redone", final: "Made final", reopened: "Reopened",
};

/** historyTable lists the events of a session, newest first. */
export function historyTable(events, name) {
  return h("table", {}, h("thead", {}, h("tr", {}, ["Step", "What", "Code", "By", "When", "Entry"].map((t) => h("th", { scope: "col" }, t)))),
    h("tbody", {}, events.toReversed().map((e) => h("tr", {},
      h("td", { class: "num muted" }, String(e.revision)),
      h("td", {}, verbs[e.kind] ?? e.kind, e.body.poa ? ` ${e.body.poa}` : null, e.body.reason ? h("span", { class: "sub" }, e.body.reason) : null,
        e.body.of ? h("span", { class: "sub" }, `step ${e.body.of}`) : null),
      h("td", { class: "code" }, e.code ?? e.body.code?.code ?? ""),
      h("td", {}, name(e)),
      h("td", { class: "nowrap" }, e.at.slice(0, 16).replace("T", " ")),
      h("td", {}, h("a", { href: `/audit/${e.entry}` }, "proof"))))));
}

/** traceSteps draws code, words, message and audit entries, one below the other. */
export function traceSteps(t, paper) {
  const step = (title, ...content) => h("li", {}, h("h3", {}, title), ...content);
  const line = (label, value) => value ? h("div", { class: "pair" }, h("dt", {}, label), h("dd", {}, value)) : null;
  const entry = (e, what) => h("li", {}, h("a", { href: `/audit/${e.id}` }, what), " ",
    h("span", { class: "muted" }, [e.action, e.by, e.at?.slice(0, 16).replace("T", " ")].filter(Boolean).join(" · ")));
  return h("ol", { class: "trace" },
    step("Code", h("p", {}, h("span", { class: "code" }, t.code), " ", t.title), t.why?.length ? h("p", { class: "why" }, t.why.join(" › ")) : null),
    ...t.steps.map((s) => [
      step("Words", h("blockquote", {}, s.before, h("mark", {}, s.words), s.after),
        h("dl", { class: "pairs" }, line("Document", s.document_title), line("Written by", s.author), line("Version", String(s.version)),
          line("Unchanged", s.intact ? "yes, the keyed hash agrees" : "NO: the words differ from those that were coded"))),
      step("Message", s.message ? h("dl", { class: "pairs" }, line("Format", s.format), line("Received", s.received?.slice(0, 16).replace("T", " ")), line("Place", s.place), line("Message", h("code", {}, s.message)))
        : h("p", {}, "Entered by hand; the audit entry below says by whom.")),
    ]).flat(),
    step("Audit entries", h("ul", {}, t.entries.map((e) => entry(e, e.what)))));
}
