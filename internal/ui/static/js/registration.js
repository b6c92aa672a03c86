// Registration and masters: what is typed is kept as a draft on the server, the
// keyboard goes from group to group, a CSV file is read into its field.
import { put } from "./api.js";
import { keepTyped } from "./drafts.js";
import { bind } from "./keys.js";
import { offer } from "./palette.js";
import { say } from "./say.js";

const form = document.querySelector("form[data-draft]");
if (form) {
  const typed = () => JSON.stringify(Object.fromEntries([...new FormData(form)].filter(([name]) => name !== "do")));
  keepTyped(form, typed, (text) => put(`/api/v1/registration/drafts/${form.dataset.draft}`, { text }, { keepalive: true }));
}

/** group goes to the first field of the next group of the form, or the one before. */
function group(by) {
  const groups = [...document.querySelectorAll(".reg-group, .reg-save")];
  if (!groups.length) return false;
  const at = groups.findIndex((g) => g.contains(document.activeElement));
  const to = groups[(at + by + groups.length) % groups.length];
  if (to.matches("details")) to.open = true;
  to.querySelector("input:not([type=hidden]), select, button")?.focus();
  return true;
}

const main = document.querySelector(".reg-form, .mst-form");
const submit = () => {
  const own = document.activeElement?.closest("form");
  (own && own.closest("main") ? own : main)?.requestSubmit();
};

const follow = (key) => () => { const link = document.querySelector(`[data-key="${key}"]`); if (!link) return false; link.click(); return true; };
const add = () => {
  const box = document.getElementById("add");
  if (!box) { location.assign("/registration"); return true; }
  box.open = true;
  box.querySelector("input:not([type=hidden]), select")?.focus();
  return true;
};

bind("This screen", [
  { keys: ["ctrl+enter"], label: "Save", typing: true, when: () => Boolean(main), run: submit },
  { keys: ["f6"], label: "Next group of fields", typing: true, run: () => group(1) },
  { keys: ["shift+f6"], label: "Group before", typing: true, run: () => group(-1) },
  { keys: ["n"], label: "New", run: add },
  { keys: ["c"], label: "Add coverage", when: () => Boolean(document.querySelector("[data-key=c]")), run: follow("c") },
  { keys: ["e"], label: "Add encounter", when: () => Boolean(document.querySelector("[data-key=e]")), run: follow("e") },
]);
if (location.pathname !== "/registration" && location.pathname.startsWith("/registration")) offer("Register a new patient", () => location.assign("/registration"), "n");

for (const file of document.querySelectorAll("input[type=file][data-into]")) {
  file.addEventListener("change", async () => {
    const box = document.getElementById(file.dataset.into);
    if (!file.files[0] || !box) return;
    box.value = await file.files[0].text();
    say(`${box.value.trim().split("\n").length - 1} rows read; nothing is stored yet.`);
    box.focus();
  });
}
