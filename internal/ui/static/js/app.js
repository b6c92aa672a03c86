// What every page has: keys, palette, theme, lock, fragment swap, lists.
import { bind, help } from "./keys.js";
import { openPalette, offer } from "./palette.js";
import { lockNow } from "./lock.js";
import { roving } from "./list.js";
import "./swap.js";

const signOut = () => document.getElementById("sign-out").requestSubmit();

function theme() {
  const root = document.documentElement;
  const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.theme = dark ? "light" : "dark";
  document.cookie = `chartroom_theme=${root.dataset.theme}; path=/; max-age=31536000; samesite=strict`;
}

const room = (n) => document.querySelectorAll(".rooms a")[n]?.click();

bind("Everywhere", [
  { keys: ["ctrl+k"], label: "Go anywhere", typing: true, run: openPalette },
  { keys: ["?"], label: "Keys of this screen", run: help },
  { keys: ["alt+1"], label: "My work", typing: true, run: () => room(0) },
  { keys: ["alt+l"], label: "Lock", typing: true, run: lockNow },
  { keys: ["alt+t"], label: "Light or dark", typing: true, run: theme },
  { keys: ["alt+q"], label: "Sign out", typing: true, run: signOut },
]);

offer("Keys of this screen", help, "?");
offer("Light or dark", theme, "Alt T");
offer("Lock", lockNow, "Alt L");
offer("Sign out", signOut, "Alt Q");

document.addEventListener("click", (event) => {
  const what = event.target.closest?.("[data-do]")?.dataset.do;
  if (what === "palette") openPalette();
  if (what === "help") help();
  if (what === "theme") theme();
  if (what === "lock") lockNow();
  if (what === "print") print();
  if (what === "close") event.target.closest("dialog").close();
});

function lists() {
  for (const root of document.querySelectorAll("[data-list]:not([data-listed])")) {
    root.dataset.listed = "";
    const list = roving(root, root.dataset.list, { title: root.dataset.title });
    if (root.hasAttribute("data-first") && document.activeElement === document.body) list.go(list.current());
  }
}
lists();
document.addEventListener("swapped", lists);

const search = document.querySelector("[data-search]");
if (search) bind("This screen", [{ keys: ["/"], label: "Search", run: () => { search.focus(); search.select(); } }]);
search?.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" && event.key !== "ArrowDown") return;
  event.preventDefault();
  document.querySelector("[data-list] [tabindex='0']")?.focus();
});

if (document.getElementById("findings")) import("./findings.js");
