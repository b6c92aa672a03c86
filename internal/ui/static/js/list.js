// Lists and tables whose rows open something: one row is the current one, the
// arrow keys (or j and k) move it, Enter opens it. Rows carry data-open with the
// address, or hold the link that does.
import { bind } from "./keys.js";

const lists = new Map(); // what unbinds the keys of a list, for when it is gone

/** roving makes one of the elements the tab stop and moves it with the keys. */
export function roving(root, selector, { title = "List", open } = {}) {
  const rows = () => [...root.querySelectorAll(selector)];
  const current = () => rows().find((r) => r.tabIndex === 0) ?? rows()[0];
  const go = (row, focus = true) => {
    if (!row) return false;
    for (const r of rows()) { r.tabIndex = r === row ? 0 : -1; }
    if (focus) { row.focus({ preventScroll: true }); row.scrollIntoView({ block: "nearest" }); }
    return true;
  };
  const step = (by) => {
    const all = rows();
    const at = all.indexOf(current());
    const inside = root.contains(document.activeElement) && document.activeElement !== document.body;
    return go(inside ? all[Math.min(all.length - 1, Math.max(0, at + by))] : current());
  };
  const launch = (row) => {
    if (!row) return false;
    if (open) { open(row); return true; }
    row.querySelector("a.open")?.click();
    return true;
  };
  for (const [i, row] of rows().entries()) row.tabIndex = i === 0 ? 0 : -1;
  root.addEventListener("focusin", (event) => { const row = event.target.closest(selector); if (row) go(row, false); });
  root.addEventListener("dblclick", (event) => { const row = event.target.closest(selector); if (row) launch(row); });
  for (const [gone, unbind] of lists) if (!gone.isConnected) { unbind(); lists.delete(gone); }
  lists.set(root, bind(title, [
    { keys: ["j", "arrowdown"], label: "Next row", run: () => step(1) },
    { keys: ["k", "arrowup"], label: "Row before", run: () => step(-1) },
    { keys: ["home"], run: () => go(rows()[0]) },
    { keys: ["end"], run: () => go(rows().at(-1)) },
    { keys: ["enter"], label: "Open the row", run: (event) => (event.target.closest("a, button, summary") ? false : launch(current())) },
  ]));
  return { step, go, current };
}
