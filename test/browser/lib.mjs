// What the scripts share: a browser, a signed-in page that is watched, axe, and
// a keyboard that counts.
import { chromium } from "playwright-core";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { after, test } from "node:test";
import assert from "node:assert/strict";

const axeSource = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
export const setup = JSON.parse(readFileSync(process.env.CHARTROOM_BROWSER_SETUP, "utf8"));
export const base = setup.base;

export const desktop = { width: 1440, height: 900 };
export const phone = { width: 390, height: 844 };

let browser; // one for all scenarios of a script: each has contexts of its own, which share nothing
after(() => browser?.close());

/** scenario is a test whose contexts are closed however it ends. */
export const scenario = (name, play) => test(name, async () => {
  if (!browser?.isConnected()) {
    browser = await chromium.launch({
      executablePath: setup.chromium,
      args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
    });
  }
  try {
    await play(browser);
  } finally {
    for (const context of browser.contexts()) await context.close();
  }
});

/** person finds a sign-in of a role, or by its name. */
export const person = (who) => setup.people.find((p) => p.login === who || p.roles.split(", ").includes(who));

/** visit opens a page that is watched; done() asserts that nothing was wrong. */
export async function visit(browser, { size = desktop, theme = "light", storage } = {}) {
  const context = await browser.newContext({ viewport: size, colorScheme: theme, storageState: storage });
  const page = await context.newPage();
  const faults = [];
  const allowed = new Set();
  page.on("console", (m) => {
    if (!["error", "warning"].includes(m.type())) return;
    if ([...allowed].some((a) => m.text().includes(a))) return;
    faults.push(`console: ${m.text()} ${new URL(m.location().url || base).pathname}`);
  });
  page.on("pageerror", (e) => faults.push(`page: ${e.message}`));
  page.on("request", (r) => {
    const url = new URL(r.url());
    if (url.origin !== base) faults.push(`request to another host: ${url.origin}`);
    const address = decodeURIComponent(url.pathname + url.search).toLowerCase();
    for (const name of setup.names) if (address.includes(name)) faults.push(`a patient's name in an address: ${url.pathname}`);
  });
  await context.addInitScript(() => {
    addEventListener("securitypolicyviolation", (e) => console.error(`CSP: ${e.violatedDirective} ${e.blockedURI}`));
  });
  return {
    page, context,
    allow: (text) => allowed.add(text),
    async done() {
      const kept = await page.evaluate(() => JSON.stringify([document.title, { ...localStorage }, { ...sessionStorage }, document.cookie]).toLowerCase()).catch(() => "");
      for (const name of setup.names) if (kept.includes(name)) faults.push("a patient's name in the title or the storage of the browser");
      await context.close();
      assert.deepEqual(faults, []);
    },
  };
}

/** signIn fills the form and waits for the first room. */
export async function signIn(page, who) {
  const p = person(who);
  await page.goto(`${base}/`);
  await page.waitForSelector("#name:focus");
  await page.keyboard.type(p.login);
  await page.keyboard.press("Tab");
  await page.keyboard.type(p.password);
  await page.keyboard.press("Enter");
  await page.waitForURL((url) => !url.pathname.startsWith("/sign-in"));
  return p;
}

/** axe finds nothing on the page as it stands. */
export async function clean(page, what) {
  await page.evaluate(axeSource);
  const found = await page.evaluate(async () => {
    const result = await globalThis.axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] });
    return result.violations.map((v) => `${v.id}: ${v.nodes.length} × ${v.nodes[0].html.slice(0, 160)}`);
  });
  assert.deepEqual(found, [], `axe on ${what}`);
}

/** Keys counts the keys that are pressed; typing a text is counted apart. */
export class Keys {
  constructor(page) { this.page = page; this.pressed = []; this.typed = 0; }

  async press(key) { this.pressed.push(key); await this.page.keyboard.press(key); }

  async type(text) { this.typed += text.length; await this.page.keyboard.type(text, { delay: 8 }); }
}

/** desk waits until the coding desk has drawn its session. */
export const desk = (page) => page.waitForSelector("#desk[data-ready]");

/** openEncounter opens an encounter from My work by its account number, with the keys. */
export async function openEncounter(page, number) {
  await page.goto(`${base}/work?queue=coding&show=open`);
  for (;;) {
    const row = page.locator(".items tbody tr", { hasText: number });
    if (await row.count()) {
      await row.focus();
      await page.keyboard.press("Enter");
      return desk(page);
    }
    await page.goto(base + await page.locator(".table-foot a").getAttribute("href"));
  }
}

/** settled waits until the desk shows a session of another revision. */
export async function settled(page, action) {
  const answer = page.waitForResponse((r) => r.url().includes("/coding/") && r.request().method() === "POST");
  await action();
  const response = await answer;
  await page.waitForTimeout(60);
  return response;
}

/** counter gives what notes the keys of a task and fails above the limit; the
 * counts of every script are gathered in one file. */
export function counter() {
  const counts = [];
  after(() => {
    if (!setup.counts) return;
    const before = existsSync(setup.counts) ? JSON.parse(readFileSync(setup.counts, "utf8")) : [];
    writeFileSync(setup.counts, JSON.stringify([...before, ...counts]));
  });
  return (task, keys, limit) => {
    counts.push({ task, keys: [...keys.pressed], typed: keys.typed, limit });
    assert.ok(keys.pressed.length <= limit, `${task}: ${keys.pressed.length} keys, more than ${limit}: ${keys.pressed.join(" ")}`);
  };
}

/** leads waits for the page that an action leads to. */
export const leads = (page, action) => Promise.all([page.waitForNavigation({ waitUntil: "load" }), action()]);

/** row is the first row of a table that has a text. */
export const row = (page, text) => page.locator("tbody tr[tabindex]", { hasText: text }).first();

/** pageOf turns the pages of a list until one shows what is looked for. */
export async function pageOf(page, wanted) {
  for (;;) {
    if (await wanted.count()) return wanted;
    await page.goto(base + await page.locator(".table-foot a").first().getAttribute("href"));
  }
}
