// The incoming desk by keyboard alone: scans indexed, a scan of two patients
// parted, a wrong patient noticed, a misfile moved and found again, a discharge
// list held against the records, a volume of paper signed out and taken back.
import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { scenario, visit, signIn, counter, Keys, setup, clean, base, phone, desktop } from "./lib.mjs";

const count = counter();

const shots = setup.shots;
if (shots) mkdirSync(shots, { recursive: true });
const shoot = (page, name) => (shots ? page.screenshot({ path: `${shots}/incoming-${name}.png` }) : null);

const ready = (page, not = "") => page.waitForFunction((before) => {
  const at = document.querySelector("#index-desk[data-ready]")?.dataset.ready;
  return at && at !== before;
}, not);
const value = (page, id) => page.locator(`#${id}`).inputValue();

/** at puts the focus on the row of a list that holds a text. */
async function at(page, text) {
  await page.waitForSelector("tbody tr");
  await page.locator("tbody tr", { hasText: text }).first().focus();
}

/** openScan opens a scan from the list by its name, once its words are read. */
async function openScan(page, keys, name) {
  for (let waited = 0; ; waited++) {
    await page.goto(`${base}/incoming`);
    await page.waitForSelector("tbody tr");
    if (!await page.locator("tbody tr", { hasText: name }).locator(".badge", { hasText: "being read" }).count()) break;
    assert.ok(waited < 180, `the words of ${name} are read`);
    await page.waitForTimeout(500);
  }
  await at(page, name);
  await keys.press("Enter");
  await ready(page);
}

scenario("a scan whose patient is proposed is indexed in two keys, and the next opens", async (browser) => {
  const v = await visit(browser);
  const { page } = v;
  await signIn(page, "technician");
  const keys = new Keys(page);
  await openScan(page, keys, "scanner-2 0001.pdf");
  assert.match(await value(page, "patient"), /MB0017733/);
  assert.equal(await value(page, "type"), "consent");
  assert.match(await page.locator("#encounter option:checked").textContent(), /E26-020305/);
  await page.waitForSelector("#page-marks rect");
  await clean(page, "the desk of a scan");
  const before = await page.locator("#index-desk").getAttribute("data-ready");
  await keys.press("Enter");
  await ready(page, before);
  await page.waitForSelector("#status:has-text('Stored')");
  count("index a scan whose patient, encounter and type are proposed, until the next is open", keys, 5);

  // Taken back at once, it waits again; then it is stored with the second page blank.
  await keys.press("u");
  await page.waitForSelector("#status:has-text('Taken back')");
  await page.waitForFunction((scan) => document.querySelector("#index-desk").dataset.scan === scan, before);
  await keys.press("j");
  await keys.press("x");
  await page.waitForSelector(".thumbs li.blank");
  await page.waitForFunction(() => document.getElementById("entry-pages").textContent === "1 page");
  await page.waitForFunction(() => document.getElementById("type").value === "consent" && document.getElementById("encounter").value);
  await keys.press("Enter");
  await ready(page, before);
  await v.done();
});

scenario("an upside-down page is proposed upright; typing survives a closed tab", async (browser) => {
  let v = await visit(browser);
  await signIn(v.page, "technician");
  await openScan(v.page, new Keys(v.page), "scanner-2 0003.pdf");
  assert.match(await v.page.locator("#page-image").getAttribute("src"), /turn=180/);
  assert.match(await value(v.page, "patient"), /MB0052930/);
  await v.page.keyboard.press("a");
  const saved = v.page.waitForResponse((r) => r.url().endsWith("/draft") && r.request().method() === "PUT");
  await v.page.keyboard.type("E. Vandermolen, MD");
  await saved;
  await v.done();
  v = await visit(browser);
  await signIn(v.page, "technician");
  await openScan(v.page, new Keys(v.page), "scanner-2 0003.pdf");
  assert.equal(await value(v.page, "author"), "E. Vandermolen, MD");
  await v.done();
});

scenario("a scan of two patients is parted where the second begins", async (browser) => {
  const v = await visit(browser);
  const { page } = v;
  await signIn(page, "technician");
  const keys = new Keys(page);
  await openScan(page, keys, "fax 1 of 2.pdf");
  assert.equal(await page.locator(".thumbs li.begins").count(), 1, "the second patient's page begins a document");
  assert.equal(await page.locator("#entry-pages").textContent(), "2 pages, 1 after");
  const first = await value(page, "patient");
  await keys.press("Enter");
  await page.waitForFunction((was) => document.getElementById("patient").value !== was && document.getElementById("encounter").value, first);
  assert.equal(await value(page, "type"), "pathology report");
  const scan = await page.locator("#index-desk").getAttribute("data-ready");
  await keys.press("Enter");
  await ready(page, scan);
  count("index a scan of two patients: both documents", keys, 8);
  await v.done();
});

scenario("the number of one patient and the name of another is not stored unseen", async (browser) => {
  const v = await visit(browser);
  const { page } = v;
  await signIn(page, "technician");
  const keys = new Keys(page);
  await openScan(page, keys, "fax 2 of 2.pdf");
  await page.waitForSelector("#warnings .note.bad");
  await clean(page, "a warning");
  await shoot(page, "wrong-patient");
  await keys.press("p");
  await page.keyboard.press("Control+a");
  await keys.type("MB0074410");
  await page.waitForSelector("#patient-list [role=option]");
  await keys.press("Enter");
  await page.waitForFunction(() => document.getElementById("encounter").value && /MB0074410/.test(document.getElementById("patient").value));
  await keys.press("Enter");
  await page.waitForSelector("#status.bad");
  await page.waitForFunction(() => document.activeElement.id === "confirm");
  await keys.type("Number stamped wrongly; name and birth date are his");
  const scan = await page.locator("#index-desk").getAttribute("data-ready");
  await keys.press("Enter");
  await ready(page, scan);
  count("index a scan that names another patient, with the reason", keys, 8);
  await v.done();
});

scenario("a misfile is found among what was indexed, moved, and found again", async (browser) => {
  const v = await visit(browser);
  const { page } = v;
  await signIn(page, "technician");
  const keys = new Keys(page);
  await page.goto(`${base}/incoming`);
  await page.waitForSelector("tbody tr:focus");
  await keys.press("2");
  await page.waitForURL("**/incoming/indexed");
  await at(page, "Achterkamp");
  await clean(page, "what was indexed");
  await keys.press("Enter");
  await page.waitForSelector("#filed-desk[data-ready]");
  await clean(page, "a document at the desk");
  await shoot(page, "document");
  const before = page.url();
  await keys.press("p");
  await keys.type("O'Callaghan Séamus");
  await page.waitForSelector("#patient-list [role=option]");
  await keys.press("Enter");
  await page.waitForFunction(() => document.activeElement.id === "encounter" && document.activeElement.options.length > 0);
  if (!await value(page, "encounter")) await keys.press("ArrowDown");
  await keys.press("Enter");
  await page.waitForURL((url) => url.href !== before && url.pathname.startsWith("/incoming/documents/"));
  count("move a misfiled document to the right patient, from the list of scans", keys, 8);
  await page.goto(`${base}/incoming/misfiles?by=me`);
  await at(page, "O'Callaghan");
  const row = page.locator("tbody tr", { hasText: "O'Callaghan" }).first();
  assert.match(await row.textContent(), /Achterkamp/);
  await clean(page, "misfiles");
  await shoot(page, "misfiles");
  // Undone and moved again: the document comes back as it was.
  await row.locator("button").focus();
  await page.keyboard.press("Enter");
  await page.waitForSelector(".badge:has-text('undone')");
  await v.done();
});

scenario("a discharge list adds up, and its lines are settled", async (browser) => {
  const v = await visit(browser);
  const { page } = v;
  await signIn(page, "technician");
  await page.goto(`${base}/incoming/discharges`);
  await at(page, "2026-09");
  await clean(page, "discharge lists");
  await page.keyboard.press("Enter");
  await page.waitForURL(/discharges\/.+/);
  const figures = (await page.locator(".tallies strong").allTextContents()).map(Number);
  assert.equal(figures[0], figures.slice(1, 6).reduce((a, b) => a + b, 0), "lines add up");
  assert.equal(figures[6], figures[7] + figures[8], "encounters add up");
  assert.ok(await page.locator("tbody tr").count() >= 3, "three lines differ from the records");
  await clean(page, "a discharge list");
  await shoot(page, "discharges");
  const open = await page.locator("tbody tr").count();
  await page.locator("tbody tr button").first().focus();
  await page.keyboard.press("Enter");
  await page.waitForFunction((n) => document.querySelectorAll("tbody tr").length === n - 1, open);
  await page.goto(`${base}/incoming/discharges`);
  await page.keyboard.press("i");
  await page.waitForFunction(() => document.activeElement.id === "discharge-text");
  await page.keyboard.insertText("Account,MRN,Name,Discharge Date\nE26-020305,MB0017733,\"Albrecht, Winifred\",02/08/2026\nE26-000000,MB0000001,\"Nobody, Known\",02/30/2026\n");
  await page.locator("button", { hasText: "Hold against" }).focus();
  await page.keyboard.press("Enter");
  await page.waitForURL(/discharges\/.+/);
  assert.match(await page.locator(".tallies").nth(1).textContent(), /1 lines could not be read/);
  await v.done();
});

scenario("a volume of paper comes back and goes out; its label prints", async (browser) => {
  const v = await visit(browser);
  const { page } = v;
  await signIn(page, "technician");
  const keys = new Keys(page);
  await page.goto(`${base}/incoming/paper`);
  await at(page, "late");
  await clean(page, "paper");
  await keys.press("Enter");
  await page.waitForURL(/paper\/.+/);
  await clean(page, "a volume");
  await keys.press("o");
  await keys.press("Enter");
  await page.waitForSelector("#out-to");
  await keys.press("o");
  await keys.type("Cancer registry");
  await keys.press("Enter");
  await page.waitForSelector("#in-place");
  assert.match(await page.locator("table").textContent(), /Cancer registry/);
  count("take a volume back and sign it out to somebody else", keys, 6);
  const barcode = await page.locator("dd.code").textContent();
  await page.goto(`${page.url()}/label`);
  assert.equal(await page.locator(".bars rect").count(), 3 * 13 + 4, "start, eleven characters and a check of three bars each, stop of four");
  await clean(page, "a label");
  await page.goto(`${base}/incoming/paper`);
  await page.keyboard.press("/");
  await page.keyboard.type(barcode);
  await page.keyboard.press("Enter");
  await page.waitForURL(/paper\/.+/);
  await v.done();
});

for (const theme of ["light", "dark"]) for (const [device, size] of Object.entries({ desk: desktop, phone })) {
  scenario(`the desk in ${theme} on a ${device}`, async (browser) => {
    const v = await visit(browser, { theme, size });
    const { page } = v;
    await signIn(page, "technician");
    for (const path of ["/incoming", "/incoming/indexed", "/incoming/misfiles", "/incoming/discharges", "/incoming/paper"]) {
      await page.goto(base + path);
      await page.waitForTimeout(100);
      await shoot(page, `${path.replaceAll("/", "-")}-${theme}-${device}`);
      await clean(page, `${path}, ${theme}, ${device}`);
    }
    await openScan(page, new Keys(page), "mail room.tif");
    await page.waitForTimeout(600);
    await shoot(page, `desk-${theme}-${device}`);
    await clean(page, `the desk of a scan, ${theme}, ${device}`);
    if (device === "phone") {
      const [inner, width] = await page.evaluate(() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]);
      assert.ok(inner <= width + 1, `${inner} px wide in a window of ${width}`);
    }
    await v.done();
  });
}
