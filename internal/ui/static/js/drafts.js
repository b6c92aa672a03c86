// Drafts: what is typed into a form is kept at the server a moment later, and at
// once when the page is left or hidden.
import { say } from "./say.js";

const pause = 600; // milliseconds without a key

/**
 * keepTyped keeps the drafts of a form. read gives the draft as text; save sends it
 * and fails where it is not kept.
 */
export function keepTyped(form, read, save) {
  let timer = 0;
  let last = read();
  let sent = false; // the form itself went: what it holds is no draft any more
  const keep = async () => {
    clearTimeout(timer);
    const text = read();
    if (sent || text === last) return;
    last = text;
    try {
      await save(text);
    } catch (cause) {
      last = undefined;
      say(`What you type is not being kept: ${cause.message}`, { bad: true });
    }
  };
  form.addEventListener("input", () => { sent = false; clearTimeout(timer); timer = setTimeout(keep, pause); });
  form.addEventListener("submit", () => { sent = true; clearTimeout(timer); });
  document.addEventListener("visibilitychange", () => { if (document.visibilityState === "hidden") keep(); });
}
