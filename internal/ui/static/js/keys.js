// The keyboard: each screen registers what its keys do; "?" lists exactly
// those. Single letters act only when no text is being typed, and can be
// switched off (WCAG 2.1.4); everything they do also has a button.
import { h, fill, typing } from "./dom.js";

const layers = [];
const letters = "chartroom.letters";

/** name writes an event as it is registered: "ctrl+k", "alt+arrowup", "?", "J". */
function name(event) {
  const key = event.key.length === 1 ? event.key : event.key.toLowerCase();
  let out = "";
  if (event.ctrlKey || event.metaKey) out += "ctrl+";
  if (event.altKey) out += "alt+";
  if (event.shiftKey && event.key.length > 1) out += "shift+";
  return out + (out ? key.toLowerCase() : key === " " ? "space" : key);
}

export const lettersOn = () => localStorage.getItem(letters) !== "off";
export const setLetters = (on) => localStorage.setItem(letters, on ? "on" : "off");

/**
 * bind adds a group of keys and returns a function that removes it.
 * Each binding: {keys: ["a"], label, run(event), when?(), typing?: true}.
 * A run that returns false lets the event pass on.
 */
export function bind(title, bindings) {
  const layer = { title, bindings };
  layers.push(layer);
  return () => layers.splice(layers.indexOf(layer), 1);
}

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.isComposing) return;
  if (document.querySelector("dialog[open]") && event.key !== "Escape") return;
  const pressed = name(event);
  const inText = typing(event.target);
  const single = event.key.length === 1 && !event.ctrlKey && !event.metaKey && !event.altKey;
  if (single && !inText && !lettersOn() && pressed !== "?") return;
  for (let i = layers.length - 1; i >= 0; i--) {
    for (const b of layers[i].bindings) {
      if (!b.keys.includes(pressed)) continue;
      if (inText && !b.typing) continue;
      if (b.when && !b.when(event)) continue;
      if (b.run(event) === false) continue;
      event.preventDefault();
      return;
    }
  }
});

const pretty = { "arrowup": "↑", "arrowdown": "↓", "arrowleft": "←", "arrowright": "→", "enter": "Enter", "escape": "Esc", "space": "Space", "delete": "Del" };
const show = (key) => key.split("+").map((p) => pretty[p] ?? (p.length > 1 ? p[0].toUpperCase() + p.slice(1) : p)).join(" ");

/** help opens the list of the keys of this screen. */
export function help() {
  const dialog = document.getElementById("help");
  const box = h("input", { type: "checkbox", id: "letters", checked: lettersOn(), onchange: () => setLetters(box.checked) });
  fill(dialog.querySelector(".keys"), layers.toReversed().map((layer) => h("section", {}, h("h3", {}, layer.title),
    h("dl", {}, layer.bindings.filter((b) => b.label).map((b) =>
      h("div", {}, h("dt", {}, b.keys.flatMap((k, i) => [i ? " " : null, h("kbd", {}, show(k))])), h("dd", {}, b.label)))))));
  fill(dialog.querySelector(".letters"), h("label", { class: "check" }, box, "Single letters act as keys"));
  dialog.showModal();
}
