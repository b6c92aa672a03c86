// Registration and masters by keyboard: a patient with one coverage, a possible
// duplicate, a correction, typing that survives a closed tab, and every page in
// both themes on a desk and on a phone.
import assert from "node:assert/strict";
import { scenario, visit, signIn, clean, Keys, base, desktop, phone, counter, leads } from "./lib.mjs";

const counted = counter();

scenario("a patient with one coverage is registered by keyboard alone", async (browser) => {
  const v = await visit(browser);
  const { page } = v;
  await signIn(page, "technician");
  await page.goto(`${base}/registration`);
  await page.waitForSelector("#f-family:focus");
  const keys = new Keys(page);
  await keys.type("Quastenflosser");
  await keys.press("Tab");
  await keys.type("Ottilie");
  for (let i = 0; i < 3; i++) await keys.press("Tab");
  await keys.type("1951-06-07");
  await keys.press("Tab");
  await keys.press("f");
  await keys.press("F6");
  await keys.type("Medicare");
  await keys.press("Tab");
  await keys.type("9XX9-TT7-AB12");
  await leads(page, () => keys.press("Enter"));
  assert.match(await page.textContent("[role=status].note"), /registered/);
  assert.match(await page.textContent(".banner"), /Quastenflosser, Ottilie/);
  assert.match(await page.textContent(".banner"), /Medicare/);
  counted("register a patient with one coverage", keys, 12);
  await clean(page, "registration of a record");
  await v.done();
});

scenario("who may be registered already is shown, and a new record needs a reason", async (browser) => {
  const v = await visit(browser);
  const { page } = v;
  v.allow("409");
  await signIn(page, "technician");
  await page.goto(`${base}/registration`);
  await page.keyboard.type("Quastenfloser");
  await page.keyboard.press("Tab");
  await page.keyboard.type("Ottilie");
  for (let i = 0; i < 3; i++) await page.keyboard.press("Tab");
  await page.keyboard.type("1951-07-06");
  await leads(page, () => page.keyboard.press("Enter"));
  await page.waitForSelector(".reg-likely a.open:focus");
  assert.match(await page.textContent(".reg-likely"), /day and month swapped/);
  assert.equal(await page.inputValue("#f-family"), "Quastenfloser", "what was typed stands");
  await clean(page, "possible duplicates");
  await leads(page, () => page.keyboard.press("Enter")); // opens theirs
  assert.match(await page.textContent(".banner"), /Quastenflosser, Ottilie/);
  await page.goto(`${base}/registration`); // the draft is still there
  assert.equal(await page.inputValue("#f-family"), "Quastenfloser");
  await leads(page, () => page.click("text=Begin anew"));
  assert.equal(await page.inputValue("#f-family"), "");
  await v.done();
});

scenario("what is wrong stands at its field, and typing survives a closed tab", async (browser) => {
  let v = await visit(browser);
  v.allow("422");
  await signIn(v.page, "identity");
  await v.page.goto(`${base}/registration`);
  await v.page.keyboard.type("Halfdone");
  await v.page.fill("#f-birth", "20260230");
  const kept = v.page.waitForResponse((r) => r.url().includes("/registration/drafts/new") && r.ok());
  await v.page.fill("#f-zip", "499");
  await kept;
  await v.done();
  v = await visit(browser);
  v.allow("422");
  await signIn(v.page, "identity");
  await v.page.goto(`${base}/registration`);
  assert.equal(await v.page.inputValue("#f-birth"), "20260230", "the draft came back in another browser");
  await leads(v.page, () => v.page.keyboard.press("Control+Enter"));
  await v.page.waitForSelector("#f-birth:focus");
  assert.match(await v.page.textContent("#e-birth"), /no such day/);
  assert.match(await v.page.textContent("#e-zip"), /five digits/);
  await clean(v.page, "a form with errors");
  await v.page.goto(`${base}/registration`);
  await leads(v.page, () => v.page.click("text=Begin anew"));
  await v.done();
});

for (const theme of ["light", "dark"]) for (const size of [desktop, phone]) {
  scenario(`registration and masters, ${theme}, ${size.width}`, async (browser) => {
    const v = await visit(browser, { theme, size });
    const { page } = v;
    await signIn(page, "supervisor");
    const look = async (name) => {
      await clean(page, `${name}, ${theme}, ${size.width}`);
      const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      assert.ok(over <= 1, `${name}: ${over} px too wide`);
    };
    await page.goto(`${base}/registration`);
    await look("new patient");
    for (const kind of ["providers", "facilities", "units", "payers", "plans"]) {
      await page.goto(`${base}/masters/${kind}`);
      await look(kind);
    }
    await page.keyboard.press("n");
    await page.waitForSelector("#add[open]");
    await look("add a plan");
    await page.goto(`${base}/masters/providers`);
    await page.waitForSelector("tbody tr:focus");
    await leads(page, () => page.keyboard.press("Enter"));
    await look("a provider");
    await page.goto(`${base}/find`);
    await page.fill("#query", "quastenflosser");
    await leads(page, () => page.keyboard.press("Enter"));
    const chart = await page.locator("td a.open").first().getAttribute("href");
    await page.goto(base + chart.replace("/chart/", "/registration/"));
    await look("registration of a record");
    await page.locator("h2").first().click();
    await leads(page, () => page.keyboard.press("c"));
    await look("coverage");
    await v.done();
  });
}
