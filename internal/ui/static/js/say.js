// One place where the page says what happened, for eyes and screen readers.
import { h, fill } from "./dom.js";

let timer = 0;

/** say shows a short message; action = {label, run} adds a button. */
export function say(text, { bad = false, action, stay = false } = {}) {
  const box = document.getElementById("status");
  clearTimeout(timer);
  box.classList.toggle("bad", bad);
  fill(box, text ? h("span", {}, text) : null, action ? h("button", {
    type: "button",
    onclick: () => { fill(box); action.run(); },
  }, action.label) : null);
  if (!stay) timer = setTimeout(() => fill(box), bad ? 9000 : 5000);
}
