// Mending a refused message: what is typed is kept on the server, Ctrl Enter
// takes the copy in.
import { bind } from "./keys.js";
import { put, attempt } from "./api.js";

const form = document.getElementById("mend");
const text = document.getElementById("mend-text");
const reason = document.getElementById("mend-reason");

if (form) {
  let timer = 0;
  let kept = text.value;
  const keep = async (options) => {
    clearTimeout(timer);
    if (text.value === kept) return;
    const now = text.value;
    if (await attempt(() => put(`/api/v1/messages/${form.dataset.message}/mend`, { text: now }, options).then(() => true))) kept = now;
  };
  text.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(keep, 600); });
  addEventListener("pagehide", () => keep({ keepalive: true }));
  document.addEventListener("visibilitychange", () => { if (document.hidden) keep({ keepalive: true }); });
}

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
