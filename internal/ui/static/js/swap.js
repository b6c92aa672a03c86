// Fragment swap: a form or link with data-swap="#id" loads its answer and
// replaces that one element, leaving focus, selection and scroll where they are.
// data-live on a form submits it as its fields change.
import { say } from "./say.js";
import { unlock } from "./lock.js";

let running = null;

/** load fetches a page and puts its element #id in the place of ours. */
export async function load(url, target, { method = "GET", body } = {}) {
  running?.abort();
  running = new AbortController();
  const { signal } = running;
  let answer;
  try {
    answer = await fetch(url, { method, body, signal, credentials: "same-origin", headers: { "X-Fragment": target.slice(1) } });
  } catch (cause) {
    if (cause.name !== "AbortError") say("The server cannot be reached. Try again.", { bad: true });
    return;
  }
  if (answer.status === 401 || (answer.redirected && new URL(answer.url).pathname === "/sign-in")) {
    await unlock("Your session has ended. Your work is kept; sign in to go on.");
    await load(url, target, { method, body });
    return;
  }
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  if (method === "POST" && !answer.ok) { // what was typed stays where it is
    say(page.querySelector("main .empty p")?.textContent ?? "That was refused. Nothing was changed.", { bad: true });
    return;
  }
  const fresh = page.querySelector(target);
  const old = document.querySelector(target);
  if (!fresh || !old) { location.assign(answer.url); return; }
  const held = document.activeElement?.id;
  old.replaceWith(document.adoptNode(fresh));
  if (held && document.activeElement?.id !== held) document.getElementById(held)?.focus({ preventScroll: true });
  if (!target.startsWith("#part-")) {
    history.replaceState(null, "", answer.url);
    for (const link of document.querySelectorAll("a[download]")) link.search = location.search; // the CSV of what is shown
  }
  document.dispatchEvent(new CustomEvent("swapped", { detail: { target } }));
}

function send(form) {
  const data = new URLSearchParams(new FormData(form));
  const target = form.dataset.swap;
  if (form.method === "get") return load(`${form.action}?${data}`, target);
  return load(form.action, target, { method: "POST", body: data });
}

// Forms that change no record, and those that end the read-only mode.
const reads = /^\/(session|sign-|downtime|find|audit|incoming\/paper\/find)/;

/** whileFrozen sends a form if the department has left its read-only mode since the
 * page was drawn, and else says that nothing was changed. */
async function whileFrozen(bar, form, submitter) {
  const answer = await fetch(location.href, { credentials: "same-origin" }).catch(() => null);
  const page = answer?.ok && new DOMParser().parseFromString(await answer.text(), "text/html");
  if (page && !page.querySelector(".readonly")) {
    bar.remove();
    form.requestSubmit(submitter);
    return;
  }
  say(`${bar.textContent} What you typed stays here; send it when the mode is off.`, { bad: true });
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  const frozen = document.querySelector(".readonly");
  if (frozen && form.method === "post" && !reads.test(new URL(form.action).pathname)) {
    event.preventDefault(); // a page that is left would lose what was typed
    whileFrozen(frozen, form, event.submitter);
    return;
  }
  if (!form.dataset?.swap) return;
  event.preventDefault();
  send(form);
});

document.addEventListener("click", (event) => {
  const link = event.target.closest?.("a[data-swap]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
  event.preventDefault();
  load(link.href, link.dataset.swap);
});

let timer = 0;
document.addEventListener("input", (event) => {
  const form = event.target.form;
  if (!form?.hasAttribute("data-live")) return;
  clearTimeout(timer);
  timer = setTimeout(() => send(form), event.target.type === "search" ? 180 : 0);
});
