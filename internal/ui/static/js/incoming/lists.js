// The lists of the incoming desk: their tabs by number, files put in by key.
import { post } from "../api.js";
import { bind } from "../keys.js";
import { say } from "../say.js";
import { patients } from "./pick.js";

const $ = (id) => document.getElementById(id);

bind("Incoming", [
  ...[...document.querySelectorAll(".views [data-tab]")].map((a) => ({
    keys: [a.dataset.tab], label: a.firstChild.textContent.trim(), run: () => a.click(),
  })),
  { keys: ["i"], label: "Put in: scans, or a discharge list", run: () => { const box = $("discharge-text") ?? $("scan-files"); if (!box) return false; box.focus(); if (box.type === "file") box.click(); return undefined; } },
  { keys: ["m"], label: "Match again", when: () => document.querySelector('[data-key="m"]'), run: () => document.querySelector('[data-key="m"]').click() },
  { keys: ["p"], label: "Patient of a new volume", when: () => $("patient"), run: () => $("patient").focus() },
  { keys: ["o"], label: "Sign out, or take back", when: () => $("out-to") ?? $("in-place"), run: () => ($("out-to") ?? $("in-place")).focus() },
]);

$("scan-files")?.addEventListener("change", async (event) => {
  const files = [...event.target.files];
  let kept = 0;
  for (const file of files) {
    const answer = await fetch("/api/v1/intake", {
      method: "POST", credentials: "same-origin", headers: { "Content-Type": file.type || "application/octet-stream", Accept: "application/json" }, body: file,
    }).catch(() => null);
    const told = await answer?.json().catch(() => null);
    if (answer?.ok && !(told?.rejected > 0)) kept++;
    else say(`${files.length > 1 ? "A file was" : "The file was"} not taken: ${told?.rejections?.[0]?.reason ?? told?.detail ?? "the server did not answer"}.`, { bad: true, stay: true });
  }
  if (kept === files.length) location.reload();
});

$("discharge-file")?.addEventListener("change", async (event) => {
  const file = event.target.files[0];
  if (!file) return;
  if (file.size > 2 << 20) { say("A discharge list has at most two megabytes.", { bad: true }); return; }
  $("discharge-text").value = await file.text();
  $("discharge-text").focus();
});

if ($("volume-record")) {
  patients($("patient"), post, (item) => {
    $("patient").value = [item.label, item.hint].filter(Boolean).join(" · ");
    $("volume-record").value = item.record;
    $("volume-contents").focus();
  });
  $("patient").addEventListener("input", () => { $("volume-record").value = ""; });
}
