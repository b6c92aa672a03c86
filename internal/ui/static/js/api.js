// Calls to the JSON API. A call that finds the session ended asks for the
// password over the page, which keeps its state, and is then made again.
import { unlock } from "./lock.js";
import { say } from "./say.js";

/** Problem is an answer that was not a success; message can be shown. */
export class Problem extends Error {
  constructor(status, body) {
    super(body?.detail || body?.title || `The server answered ${status}`);
    this.status = status;
    this.body = body;
  }
}

// The longest body that outlives its page: browsers refuse more than 64 KiB, and a
// character has up to three bytes.
const outlives = 20000;

/** call sends and receives JSON; with keepalive it goes on when the page is left. */
async function call(method, path, body, { signal, keepalive } = {}) {
  const text = body === undefined ? undefined : JSON.stringify(body);
  for (;;) {
    let answer;
    try {
      answer = await fetch(path, {
        method, signal, keepalive: keepalive && text.length < outlives,
        credentials: "same-origin",
        cache: "no-store",
        headers: text === undefined ? { Accept: "application/json" } : { Accept: "application/json", "Content-Type": "application/json" },
        body: text,
      });
    } catch (cause) {
      if (cause.name === "AbortError") throw cause;
      throw new Problem(0, { detail: "The server cannot be reached. Nothing was changed; try again." });
    }
    if (answer.status === 401) {
      await unlock("Your session has ended. Your work is kept; sign in to go on.");
      continue;
    }
    const type = answer.headers.get("Content-Type") ?? "";
    const data = answer.status === 204 ? null : type.includes("json") ? await answer.json() : await answer.text();
    if (!answer.ok) throw new Problem(answer.status, typeof data === "object" ? data : null);
    return data;
  }
}

export const get = (path, options) => call("GET", path, undefined, options);
export const post = (path, body = {}, options) => call("POST", path, body, options);
export const put = (path, body = {}, options) => call("PUT", path, body, options);

/** attempt runs an action of the user's and says so when it fails. */
export async function attempt(action) {
  try {
    return await action();
  } catch (cause) {
    if (cause.name !== "AbortError") say(cause.message, { bad: true });
    return undefined;
  }
}
