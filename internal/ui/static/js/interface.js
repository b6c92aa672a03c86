// Mending a refused message: what is typed is kept on the server, Ctrl Enter
// takes the copy in.
import { put } from "./api.js";
import { keepTyped } from "./drafts.js";
import { bind } from "./keys.js";

const form = document.getElementById("mend");
const text = document.getElementById("mend-text");
const reason = document.getElementById("mend-reason");

if (form) keepTyped(form, () => text.value, (now) => put(`/api/v1/messages/${form.dataset.message}/mend`, { text: now }, { keepalive: true }));

/** mend goes to the line of the copy that a refusal names. */
function mend() {
  const before = text.value.split("\n").slice(0, Math.max(0, Number(text.dataset.line) - 1));
  const at = before.reduce((n, line) => n + line.length + 1, 0);
  text.focus();
  text.setSelectionRange(at, at);
}

bind("This message", [
  { keys: ["m"], label: "Mend: to the wrong line of the corrected copy", when: () => form, run: mend },
  { keys: ["ctrl+enter"], label: "Take the corrected copy in", typing: true, when: () => form, run: () => (reason.value.trim() ? form.requestSubmit() : reason.focus()) },
  { keys: ["r"], label: "Send it in again as it came", run: () => document.getElementById("replay")?.requestSubmit() },
  { keys: ["d"], label: "Dismiss, with a reason", run: () => document.getElementById("dismiss-reason")?.focus() },
]);
