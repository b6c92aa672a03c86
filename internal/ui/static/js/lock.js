// The automatic lock. After some idle minutes the session is ended at the
// server and the page covered; the work stays in the page behind the cover and
// goes on after the password. Signing in as somebody else opens a fresh page.
const idle = Number(document.documentElement.dataset.idle || 600) * 1000;
const dialog = document.getElementById("lock");
let last = Date.now();
let waiting = null;

for (const kind of ["keydown", "pointerdown", "wheel"]) {
  addEventListener(kind, () => { last = Date.now(); }, { passive: true, capture: true });
}

if (dialog) {
  setInterval(() => { if (!dialog.open && Date.now() - last > idle) lockNow(); }, 5000);
  dialog.addEventListener("cancel", (event) => event.preventDefault());
  dialog.querySelector("form").addEventListener("submit", submit);
}

/** lockNow ends the session and covers the page. */
export async function lockNow() {
  cover("Locked. Your work is kept.");
  try { await fetch("/session/lock", { method: "POST", credentials: "same-origin" }); } catch { /* the cover stays; the session runs out by itself */ }
}

/** unlock resolves when the user has signed in again. */
export function unlock(message) {
  cover(message);
  waiting ??= Promise.withResolvers();
  return waiting.promise;
}

function cover(message) {
  dialog.querySelector(".message").textContent = message;
  if (dialog.open) return;
  document.body.classList.add("covered");
  dialog.showModal();
  dialog.querySelector("input[name=password]").focus();
}

async function submit(event) {
  event.preventDefault();
  const form = event.target;
  const fault = form.querySelector(".error");
  fault.textContent = "";
  const answer = await fetch("/session/unlock", {
    method: "POST", credentials: "same-origin",
    body: new URLSearchParams(new FormData(form)),
  }).catch(() => null);
  if (!answer) { fault.textContent = "The server cannot be reached."; return; }
  if (!answer.ok) {
    fault.textContent = answer.status === 429 ? "Too many attempts. Wait a few minutes." : "That password is not right.";
    form.elements.password.select();
    return;
  }
  form.elements.password.value = "";
  last = Date.now();
  document.body.classList.remove("covered");
  dialog.close();
  waiting?.resolve();
  waiting = null;
}
