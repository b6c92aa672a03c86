// Every screen, in both themes, on a desk and on a phone, and at 400 % zoom.
import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { scenario, visit, signIn, clean, desk, desktop, phone, base, setup, openEncounter } from "./lib.mjs";

const shots = setup.shots;
if (shots) mkdirSync(shots, { recursive: true });
const shoot = (page, name) => (shots ? page.screenshot({ path: `${shots}/${name}.png` }) : null);
// 400 % zoom of a 1280x1024 window leaves this much (WCAG 2.2, 1.4.10).
const zoomed = { width: 320, height: 256 };

/** fits asserts that a page scrolls in one direction only. */
async function fits(page, name) {
  const [inner, width] = await page.evaluate(() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]);
  assert.ok(inner <= width + 1, `${name}: ${inner} px wide in a window of ${width}`);
}

for (const theme of ["light", "dark"]) for (const [device, size] of Object.entries({ desk: desktop, phone, zoomed })) {
  if (device === "zoomed" && theme === "dark") continue; // what zoom changes is the layout
  scenario(`screens of a coder, ${theme}, ${device}`, async (browser) => {
    const v = await visit(browser, { theme, size });
    const { page } = v;
    const look = async (name) => {
      await page.waitForTimeout(150);
      await shoot(page, `${name}-${theme}-${device}`);
      await clean(page, `${name}, ${theme}, ${device}`);
      if (device !== "desk") await fits(page, name);
    };
    await page.goto(`${base}/`);
    await look("sign-in");
    await signIn(page, "coder");
    await look("work");
    await openEncounter(page, setup.shown.number);
    await look("coding");
    const chart = await page.locator("#desk").getAttribute("data-chart");
    await page.goto(base + chart);
    await look("chart");
    await page.goto(base + await page.locator('a[href*="/documents/"]').first().getAttribute("href"));
    await look("document");
    await page.goto(base + chart);
    await page.goto(base + await page.locator('a[href*="/facts/"]').first().getAttribute("href"));
    await look("versions");
    await page.goto(`${base}/encoder`);
    await page.keyboard.type("fracture of hip", { delay: 5 });
    await page.waitForSelector(".hits [role=option]");
    await page.waitForSelector(".preview article");
    await look("encoder");
    await page.goto(`${base}/find`);
    await look("patients");
    await page.keyboard.press("Escape");
    await page.keyboard.press("Control+k");
    await page.waitForSelector("#palette[open]");
    await look("palette");
    await page.keyboard.press("Escape");
    await page.locator("h1").first().click();
    await page.keyboard.press("?");
    await page.waitForSelector("#help[open]");
    await look("keys");
    await v.done();
  });

  scenario(`screens of an administrator, ${theme}, ${device}`, async (browser) => {
    const v = await visit(browser, { theme, size });
    const { page } = v;
    await signIn(page, "administrator");
    for (const [name, path] of [["audit", "/audit"], ["administration", "/administration"], ["not-found", "/nothing-here"]]) {
      if (name === "not-found") v.allow("404");
      await page.goto(base + path);
      await page.waitForTimeout(100);
      await shoot(page, `${name}-${theme}-${device}`);
      await clean(page, `${name}, ${theme}, ${device}`);
      if (device !== "desk") await fits(page, name);
    }
    await v.done();
  });
}

// The rooms of records in order: where each is, or how one gets there from it.
const first = (selector) => async (page) => page.goto(base + await page.locator(selector).first().getAttribute("href"));
const rooms = {
  technician: [
    ["my-work", "/work"], ["deficiencies", "/work?queue=deficiency"], ["a-chart-with-findings", "", first("td a.open")],
    ["words-of-a-finding", "/work?queue=deficiency&reason=unsigned", async (page) => { await first("td a.open")(page); await first("a.evidence")(page); }],
    ["hand-over", "/work/handover"], ["hand-over-note", "", first("td a.open")], ["today", "/work/today"],
    ["interface-settled", "/interface?settled=1"], ["interface", "/interface"], ["refused-message", "", first("td a.open")],
    ["documents-by-words", "/find/documents"],
    ["documents-found", "", async (page) => { await page.keyboard.type("chest pain"); await Promise.all([page.waitForURL(/f=/), page.keyboard.press("Enter")]); }],
  ],
  supervisor: [["in-order", "/order"], ["in-order-cases", "", first(".tiles a")], ["downtime", "/downtime"]],
};

for (const theme of ["light", "dark"]) for (const [device, size] of Object.entries({ desk: desktop, phone })) {
  for (const [who, list] of Object.entries(rooms)) scenario(`rooms of a ${who}, ${theme}, ${device}`, async (browser) => {
    const v = await visit(browser, { theme, size });
    const { page } = v;
    await signIn(page, who);
    for (const [name, path, go] of list) {
      if (path) await page.goto(base + path);
      if (go) await go(page);
      await page.waitForTimeout(50);
      await shoot(page, `${name}-${theme}-${device}`);
      await clean(page, `${name}, ${theme}, ${device}`);
      if (device === "phone") await fits(page, name);
    }
    await v.done();
  });
}

scenario("an audit entry proves itself in the browser, and the whole log at the server", async (browser) => {
  const v = await visit(browser);
  const { page } = v;
  await signIn(page, "privacy");
  await page.goto(`${base}/audit`);
  await page.getByRole("button", { name: "Prove the whole log" }).press("Enter");
  await page.waitForSelector("#part-report .note.good");
  assert.match(await page.locator("#part-report").textContent(), /The log is whole/);
  // What came in while the department was made is signed by now.
  await page.goto(`${base}/audit?action=intake.receive`);
  await page.locator("tbody tr").last().focus();
  await page.keyboard.press("Enter");
  await page.waitForURL("**/audit/*");
  await page.waitForSelector('[data-browser]:has-text("checked in this browser")');
  await clean(page, "an audit entry");
  await shoot(page, "audit-entry-light-desk");
  await v.done();
});

scenario("a filter narrows the list in place and stands in the address", async (browser) => {
  const v = await visit(browser);
  const { page } = v;
  await signIn(page, "coder");
  await page.goto(`${base}/work?queue=coding`);
  const all = await page.locator(".items tbody tr").count();
  await page.locator("#filter-kind").focus();
  await page.keyboard.type("nur");
  await page.waitForURL("**kind=nursing_facility**");
  const some = await page.locator(".items tbody tr").count();
  assert.ok(some > 0 && some < all, `${some} of ${all}`);
  const csv = await page.evaluate((path) => fetch(path).then((r) => r.text()), await page.locator("a[download]").getAttribute("href"));
  assert.equal(csv.trim().split("\n").length, some + 1, "the CSV has the rows that are shown");
  assert.equal(await page.evaluate(() => document.activeElement.id), "filter-kind", "the focus stays where it was");
  await page.reload();
  assert.equal(await page.locator(".items tbody tr").count(), some);
  await v.done();
});

scenario("a search for people leaves no name in the address", async (browser) => {
  const v = await visit(browser);
  const { page } = v;
  await signIn(page, "technician");
  await page.goto(`${base}/find`);
  await page.keyboard.press("/");
  await page.keyboard.type(setup.names[0]);
  await page.keyboard.press("Enter");
  await page.waitForURL(/find\?f=[a-z0-9]+$/);
  assert.ok(await page.locator("tbody tr").count() > 0);
  await clean(page, "patients found");
  await page.keyboard.press("Enter");
  await page.waitForURL("**/chart/**");
  await v.done();
});

scenario("print leaves the frame away", async (browser) => {
  const v = await visit(browser);
  const { page } = v;
  await signIn(page, "coder");
  await openEncounter(page, setup.shown.number);
  await page.emulateMedia({ media: "print" });
  await shoot(page, "coding-print");
  assert.equal(await page.locator(".topbar").isVisible(), false);
  assert.equal(await page.locator(".encoder").isVisible(), false);
  assert.equal(await page.locator(".rows").isVisible(), true);
  await v.done();
});

scenario("the encoder builds a PCS code and opens a category, by keyboard", async (browser) => {
  const v = await visit(browser);
  const { page } = v;
  await signIn(page, "coder");
  await page.goto(`${base}/encoder`);
  await page.keyboard.type("0FT4");
  await page.waitForSelector('.crumbs:has-text("character 5 of 7")');
  for (const n of [6, 7]) {
    await page.keyboard.press("Enter");
    await page.waitForSelector(`.crumbs:has-text("character ${n} of 7")`);
  }
  await page.keyboard.press("Enter");
  await page.waitForSelector('.preview h2:has-text("Resection of Gallbladder")');
  await clean(page, "the table builder");
  await page.keyboard.press("Control+a");
  await page.keyboard.type("E11.6");
  await page.waitForSelector('.hits [aria-selected="true"]:has-text("E11.6")');
  await page.keyboard.press("Enter");
  await page.waitForSelector('.hits [role=option]:has-text("E11.61")');
  await page.keyboard.press("Escape");
  await page.waitForSelector('.hits [aria-selected="true"]:has-text("E11.6")');
  await v.done();
});

scenario("the Alphabetic Index opens term by term", async (browser) => {
  const v = await visit(browser);
  const { page } = v;
  await signIn(page, "coder");
  await page.goto(`${base}/encoder`);
  await page.keyboard.press("Alt+i");
  await page.keyboard.type("Asthma");
  await page.waitForSelector('.hits [role=option]:has-text("Asthma") .badge:has-text("open")');
  await page.keyboard.press("Enter");
  await page.waitForSelector('.crumbs:has-text("Asthma")');
  assert.ok(await page.locator(".hits [role=option]").count() > 5, "subterms");
  await clean(page, "the Alphabetic Index");
  await page.keyboard.press("Escape");
  await page.waitForSelector('.hits [aria-selected="true"]:has-text("Asthma")');
  await shoot(page, "index-light-desk");
  await v.done();
});
