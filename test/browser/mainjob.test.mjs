// The main job, by keyboard alone: no step of these tests moves a mouse.
import assert from "node:assert/strict";
import { scenario, visit, signIn, Keys, desk, settled, setup, clean, counter } from "./lib.mjs";

const count = counter();

const offers = (page) => page.locator(".line.offer").count();
const current = (page) => page.locator('.line[aria-current="true"]');

scenario("a simple outpatient visit is coded in at most 12 keystrokes", async (browser) => {
  const v = await visit(browser);
  const { page } = v;
  await signIn(page, "coder");
  await page.goto(`${page.url().split("?")[0]}?queue=coding&kind=professional`);
  await page.waitForSelector(".items tbody tr");
  const account = await page.locator(".items tbody tr").first().locator("td").nth(5).textContent();

  const keys = new Keys(page);
  await keys.press("Enter");
  await desk(page);
  assert.match(await page.locator(".banner").textContent(), new RegExp(account.trim()));
  for (let left = await offers(page); left > 0; left = await offers(page)) await settled(page, () => keys.press("a"));
  const codes = await page.locator(".line.assigned").count();
  assert.ok(codes > 0, "the visit has codes");
  await keys.press("f");
  await page.waitForSelector("dialog.ask[open]");
  await settled(page, () => keys.press("Enter"));
  await page.waitForSelector(".state .badge.good");
  count(`code a simple outpatient visit: ${codes} ${codes === 1 ? "code" : "codes"} accepted and made final`, keys, 12);

  const before = page.url();
  await keys.press("Enter");
  await page.waitForURL((url) => url.href !== before && url.pathname.startsWith("/coding/"));
  await desk(page);
  await v.done();
});

scenario("an inpatient stay: accept, reject, add by search, sequence, POA, final, trace, sign out", async (browser) => {
  const v = await visit(browser);
  const { page } = v;
  await signIn(page, "coder");

  // To the stay by Ctrl-K and the record number, through the chart.
  const keys = new Keys(page);
  await keys.press("Control+k");
  const found = page.waitForResponse((r) => r.url().endsWith("/api/v1/find"));
  await keys.type(setup.stay.mrn);
  await found;
  await page.waitForSelector(".options [role=option] .hint");
  await keys.press("Enter");
  await page.waitForURL("**/chart/**");
  await clean(page, "the chart");
  await keys.press("Enter");
  await desk(page);

  // Decide every suggestion: the first is accepted, procedures are rejected.
  let accepted = 0;
  for (let left = await offers(page); left > 0; left = await offers(page)) {
    if (accepted === 0) { await settled(page, () => keys.press("a")); accepted++; continue; }
    await keys.press("r");
    await page.waitForSelector("dialog.ask[open]");
    await settled(page, () => keys.press("6"));
  }

  // Words of the document, selected with the keys, become the evidence.
  await keys.press("F6");
  await keys.press("F6");
  await keys.press("F6");
  await page.locator("#sheet").focus();
  await keys.press("ArrowDown");
  await keys.press("Shift+ArrowRight");
  await keys.press("Shift+ArrowRight");
  const words = await page.evaluate(() => getSelection().toString().trim());
  assert.ok(words.length > 2, "words are selected");
  await keys.press("s");
  await page.waitForSelector(".passage mark");

  // The code by search, made principal.
  await page.keyboard.press("Control+a");
  const hits = page.waitForResponse((r) => r.url().endsWith("/encoder/search"));
  await keys.type(setup.stay.search);
  await hits;
  await page.waitForSelector(`.hits [role=option]:has-text("${setup.stay.code}")`);
  for (let i = 0; i < 30 && !(await page.locator('.hits [aria-selected="true"]').textContent()).startsWith(setup.stay.code); i++) await keys.press("ArrowDown");
  await settled(page, () => keys.press("Enter"));
  assert.match(await current(page).textContent(), new RegExp(setup.stay.code));
  await settled(page, () => keys.press("p"));
  assert.match(await page.locator(".line.assigned").first().textContent(), new RegExp(`${setup.stay.code}.*principal`));
  await clean(page, "the coding desk with codes");

  // Present on admission: one key a diagnosis.
  await keys.press("j");
  await settled(page, () => keys.press("n"));
  assert.equal(await page.locator('.line.assigned .poa [aria-pressed="true"]:has-text("N")').count(), 1);

  // Undo and redo are exact.
  await settled(page, () => keys.press("z"));
  assert.equal(await page.locator('.line.assigned .poa [aria-pressed="true"]:has-text("N")').count(), 0);
  await settled(page, () => keys.press("Shift+Z"));
  assert.equal(await page.locator('.line.assigned .poa [aria-pressed="true"]:has-text("N")').count(), 1);

  await keys.press("f");
  await page.waitForSelector("dialog.ask[open]");
  await clean(page, "the question before making final");
  await settled(page, () => keys.press("Enter"));
  await page.waitForSelector(".state .badge.good");

  // From the code to its words, its message and the audit entries.
  await keys.press("j");
  await keys.press("k");
  await keys.press("k");
  await keys.press("t");
  await page.waitForSelector(".trace");
  const trace = await page.locator(".trace").textContent();
  for (const step of ["Code", "Words", "Message", "Audit entries", "the keyed hash agrees", "code assigned", "message received"]) assert.match(trace, new RegExp(step));
  await clean(page, "the trace");
  await keys.press("Escape");
  await keys.press("h");
  await page.waitForSelector("dialog.ask[open] table");
  assert.match(await page.locator("dialog.ask[open]").textContent(), /Made final/);
  await clean(page, "the history");
  await keys.press("Escape");

  // Reopen with a reason, and final again.
  await keys.press("Shift+R");
  await page.waitForSelector("dialog.ask[open]");
  await settled(page, () => keys.press("2"));
  await page.waitForSelector('.state .badge:has-text("open")');

  v.allow("401"); // a preview may still be on its way when the session ends
  await keys.press("Alt+q");
  await page.waitForURL("**/sign-in");
  await page.goBack();
  await page.waitForURL("**/sign-in**");
  count("code an inpatient stay with every step there is, and sign out", keys, 60);
  await v.done();
});
