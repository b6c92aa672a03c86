// Findings by keyboard: f goes from one to the next, w opens the reason for waiving
// the current one, Enter goes to the words it rests on, a to what settles it.
import { bind } from "./keys.js";

const panel = () => document.getElementById("findings");
const all = () => [...(panel()?.querySelectorAll("[data-finding]") ?? [])];
let last = "";

const current = () => {
  const focused = document.activeElement?.closest?.("[data-finding]");
  return focused ?? all().find((f) => f.dataset.finding === last);
};

function go(finding) {
  if (!finding) return false;
  last = finding.dataset.finding;
  finding.focus({ preventScroll: true });
  finding.scrollIntoView({ block: "nearest" });
  return true;
}

function next(by = 1) {
  const list = all();
  if (!list.length) return false;
  const at = list.indexOf(current());
  return go(list[(at + by + list.length) % list.length] ?? list[0]);
}

function waive() {
  const box = (current() ?? all()[0])?.querySelector("[data-finding-waive]");
  if (!box) return false;
  box.open = true;
  box.querySelector("input[name=reason]").focus();
  return true;
}

const press = (selector) => {
  const link = current()?.querySelector(selector);
  if (!link) return false;
  link.click();
  return true;
};

bind("Findings", [
  { keys: ["f"], label: "Next finding", run: () => next() },
  { keys: ["F"], label: "Finding before", run: () => next(-1) },
  { keys: ["w"], label: "Waive the finding", run: waive },
  { keys: ["a"], label: "What settles the finding", run: () => press("[data-finding-settle]") },
  { keys: ["enter"], label: "The words it rests on", when: (event) => event.target.matches?.("[data-finding]"), run: () => press("a.evidence") },
]);

document.addEventListener("click", (event) => {
  if (event.target.closest?.("[data-finding-next]")) next();
});
document.addEventListener("keydown", (event) => {
  const box = event.target.closest?.("[data-finding-waive]");
  if (event.key !== "Escape" || !box?.open) return;
  box.open = false;
  go(box.closest("[data-finding]"));
});
document.addEventListener("swapped", (event) => {
  if (event.detail?.target === "#findings") go(current() ?? all()[0]);
});

// A link to one finding or to its words puts the cursor there.
if (location.hash) document.getElementById(location.hash.slice(1))?.focus({ preventScroll: false });
