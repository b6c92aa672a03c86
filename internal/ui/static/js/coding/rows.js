// The right side of the desk: codes in sequence, suggestions, findings,
// questions, as one list of rows with one current row.
import { h, icon, keycap } from "../dom.js";
import { notes } from "../encoder.js";

const poas = [["Y", "present on admission"], ["N", "not present on admission"], ["U", "documentation insufficient"], ["W", "clinically undetermined"]];

/** Row keys: "code:ID", "offer:ID", "finding:KEY", "question:N". */
export const kindOf = (key) => key.slice(0, key.indexOf(":"));
export const idOf = (key) => key.slice(key.indexOf(":") + 1);

const shell = (key, current, kind, ...children) => h("li", {
  class: `line ${kind}`, "data-key": key, tabindex: key === current ? "0" : "-1", "aria-current": key === current ? "true" : null,
}, ...children);

const tool = (name, label, key, run, live) => h("button", {
  type: "button", class: "tool", tabindex: live ? "0" : "-1", "aria-label": label, title: key ? `${label} (${key})` : label, onclick: run,
}, icon(name));

/** words shows the quotation a row rests on. */
function words(paper, evidence, more = 0) {
  const e = evidence?.[0];
  const q = e && paper.quote(e, 36);
  if (!q) return null;
  return h("span", { class: "words" }, "…", q.before, h("mark", {}, q.words), q.after, "…",
    h("span", { class: "from" }, ` ${q.doc.type}${evidence.length > 1 ? `, and ${evidence.length - 1} more` : ""}`), more || null);
}

/** codeRow draws an assigned code. */
export function codeRow(c, i, { current, state, paper, act, findings, poaUsed, principal }) {
  const key = `code:${c.id}`;
  const live = key === current;
  const worst = findings.find((f) => f.severity === "error") ?? findings[0];
  const open = state === "open";
  return shell(key, current, "assigned",
    h("span", { class: "seq" }, String(i + 1)),
    h("div", { class: "what" },
      h("div", { class: "title" }, h("span", { class: "code" }, c.code), h("span", { class: "name" }, c.title),
        worst ? h("span", { class: `flag ${worst.severity}`, title: worst.message }, icon(worst.severity === "error" ? "stop" : "warn"), h("span", { class: "sr" }, worst.severity)) : null,
        i === 0 && principal ? h("span", { class: "badge accent" }, principal) : null),
      words(paper, c.evidence) ?? h("span", { class: "words none" }, "added by search, without words in the record"),
      live && c.why?.length ? h("span", { class: "why" }, c.why.join(" › ")) : null),
    h("div", { class: "end" },
      poaUsed && c.system === "icd10cm" ? poaPicker(c, live, open, act) : null,
      c.system === "icd10pcs" ? h("button", { type: "button", class: "link small nowrap", tabindex: live && open ? "0" : "-1", disabled: !open, onclick: () => act.date(c.id) }, c.date || "no date") : null,
      h("span", { class: "toolset" },
        open ? [tool("up", `Move ${c.code} up`, "Alt ↑", () => act.move(c.id, i - 1), live), tool("down", `Move ${c.code} down`, "Alt ↓", () => act.move(c.id, i + 1), live)] : null,
        tool("trace", `Trace ${c.code}`, "t", () => act.trace(c.id), live),
        open ? tool("cross", `Remove ${c.code}`, "x", () => act.remove(c.id), live) : null)));
}

function poaPicker(c, live, open, act) {
  if (c.poa_exempt) return h("span", { class: "poa exempt", title: "Exempt from POA reporting" }, "exempt");
  return h("span", { class: "poa", role: "group", "aria-label": `Present on admission, ${c.code}` }, poas.map(([letter, meaning]) => h("button", {
    type: "button", tabindex: live && open ? "0" : "-1", disabled: !open, "aria-pressed": String(c.poa === letter), title: `${letter}: ${meaning}`,
    onclick: () => act.poa(c.id, letter),
  }, letter)));
}

/** offerRow draws a suggestion that waits for a decision. */
export function offerRow(s, { current, paper, act, look }) {
  const key = `offer:${s.id}`;
  const live = key === current;
  return shell(key, current, "offer",
    h("span", { class: "seq" }),
    h("div", { class: "what" },
      h("div", { class: "title" }, h("span", { class: "code" }, s.code), h("span", { class: "name" }, s.title)),
      words(paper, s.evidence),
      live && s.why?.length ? h("span", { class: "why" }, s.why.join(" › ")) : null,
      live ? notes(s.notes?.filter((n) => n.kind === "code first" || n.kind === "use additional" || n.kind === "code also"), look) : null),
    h("div", { class: "end" }, h("span", { class: "toolset decide" },
      h("button", { type: "button", class: "button small", tabindex: live ? "0" : "-1", onclick: () => act.accept(s.id) }, "Accept", h("span", { class: "sr" }, ` ${s.code}`), live ? keycap("a") : null),
      h("button", { type: "button", class: "button small quiet", tabindex: live ? "0" : "-1", onclick: () => act.reject(s.id) }, "Reject", h("span", { class: "sr" }, ` ${s.code}`), live ? keycap("r") : null))));
}

/** findingRow draws a finding of the checks with what settles it. */
export function findingRow(f, { current, act, state }) {
  const key = `finding:${f.key}`;
  const live = key === current;
  return shell(key, current, `finding ${f.waived ? "waived" : f.severity}`,
    h("span", { class: "seq" }, icon(f.severity === "error" ? "stop" : f.severity === "warning" ? "warn" : "info")),
    h("div", { class: "what" },
      h("div", { class: "title" }, f.codes.map((c) => h("span", { class: "code" }, c)), h("span", { class: "sev" }, f.waived ? "overruled" : f.severity)),
      h("span", { class: "message" }, f.message),
      h("span", { class: "cite" }, f.cite),
      f.waived ? h("span", { class: "cite" }, `Overruled: ${f.reason}`) : null),
    h("div", { class: "end" }, f.waivable && !f.waived && state === "open" ? h("button", {
      type: "button", class: "button small quiet", tabindex: live ? "0" : "-1", onclick: () => act.waive(f.key),
    }, "Overrule", live ? keycap("o") : null) : null));
}

/** questionRow draws what the record leaves open. */
export function questionRow(q, n, { current, paper, act, state }) {
  const key = `question:${n}`;
  const live = key === current;
  return shell(key, current, "question",
    h("span", { class: "seq" }, icon("info")),
    h("div", { class: "what" },
      h("div", { class: "title" }, h("span", { class: "code" }, q.about), h("span", { class: "name" }, q.ask)),
      words(paper, q.evidence),
      live && state === "open" ? h("ol", { class: "choices" }, (q.choices ?? []).slice(0, 9).map((c, i) => h("li", {}, h("button", {
        type: "button", class: "choice", onclick: () => act.choose(q, c),
      }, keycap(String(i + 1)), h("span", { class: "code" }, c.code), " ", c.title)))) : null),
    h("div", { class: "end" }));
}
