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

bind("This message", [
  { keys: ["m"], label: "Mend: to the corrected copy", when: () => form, run: () => text.focus() },
  { keys: ["ctrl+enter"], label: "Take the corrected copy in", typing: true, when: () => form, run: () => (reason.value.trim() ? form.requestSubmit() : reason.focus()) },
  { keys: ["r"], label: "Send it in again as it came", run: () => document.getElementById("replay")?.requestSubmit() },
  { keys: ["d"], label: "Dismiss, with a reason", run: () => document.getElementById("dismiss-reason")?.focus() },
]);
