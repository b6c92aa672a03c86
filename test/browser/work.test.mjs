// My work by keyboard: the note of the last shift, queues, taking, putting off,
// selecting, undoing, the hand-out, and the note for the next shift.
import assert from "node:assert/strict";
import { scenario, visit, signIn, clean, setup, base, Keys } from "./lib.mjs";

const rows = (page) => page.locator(".items tbody tr");
const done = async (page, verb, action) => {
  const answer = page.waitForResponse((r) => r.url().endsWith(`/api/v1/work/${verb}`));
  const list = page.waitForResponse((r) => new URL(r.url()).pathname === "/work");
  await action();
  const response = await answer;
  await list;
  await page.waitForTimeout(80);
  return response.json();
};

/** free finds the first row from which on several are nobody's. */
async function free(page, several = 1) {
  const answer = await page.evaluate(() => fetch("/api/v1/work?queue=coding&who=nobody&limit=200").then((r) => r.json()));
  const nobodys = new Set(answer.items.map((it) => it.id));
  const all = await rows(page).evaluateAll((list) => list.map((r) => r.dataset.id));
  const at = all.findIndex((_, i) => all.slice(i, i + several).length === several && all.slice(i, i + several).every((id) => nobodys.has(id)));
  assert.ok(at >= 0, "some rows are free");
  await page.locator(`#row-${all[at]}`).focus();
  return all[at];
}

scenario("work is taken, put off, selected and undone with the keys", async (browser) => {
  const v = await visit(browser);
  const { page } = v;
  await signIn(page, "technician");
  await page.goto(`${base}/work?queue=coding`);
  const id = await free(page);
  await clean(page, "My work");
  const keys = new Keys(page);

  await done(page, "claim", () => keys.press("c"));
  assert.equal(await page.locator(`#row-${id}`).getAttribute("data-mine"), "yes");
  assert.match(await page.locator("#work-explain").textContent(), /has it until/);

  await keys.press("s");
  await page.waitForSelector("dialog.ask[open]");
  await clean(page, "the reasons for putting work off");
  await keys.press("1");
  await page.waitForSelector('dialog.ask[open]:has-text("Until when")');
  await done(page, "skip", () => keys.press("3"));
  assert.equal(await page.locator(`#row-${id}`).count(), 0, "what is put off is not to do");
  await page.goto(`${base}/work?queue=coding&show=skipped`);
  assert.equal(await page.locator(`#row-${id}`).count(), 1);

  // Undo goes back step by step: the putting off, then the claim.
  await page.goto(`${base}/work?queue=coding`);
  await done(page, "undo", () => keys.press("u"));
  assert.equal(await page.locator(`#row-${id}`).getAttribute("data-mine"), "yes");
  await done(page, "undo", () => keys.press("u"));
  assert.equal(await page.locator(`#row-${id}`).getAttribute("data-mine"), "");

  // A range is one deed, and one undo takes all of it back.
  await free(page, 3);
  await keys.press("x");
  await keys.press("j");
  await keys.press("j");
  await keys.press("X");
  assert.match(await page.locator(".bulk .chosen").textContent(), /3 items selected/);
  const bulk = await done(page, "claim", () => keys.press("c"));
  assert.equal(bulk.changed.length, 3);
  assert.equal(await page.locator('.items tr[data-mine="yes"]').count(), 3);
  const undone = await done(page, "undo", () => keys.press("u"));
  assert.equal(undone.changed.length, 3);
  assert.equal(await page.locator('.items tr[data-mine="yes"]').count(), 0);

  // What was done stands in the item's history.
  await page.locator(`#row-${id}`).focus();
  await keys.press("i");
  await page.waitForSelector("dialog.ask[open] table");
  assert.match(await page.locator("dialog.ask[open]").textContent(), /claimed[\s\S]*put/);
  await clean(page, "the history of an item");
  await keys.press("Escape");
  await v.done();
});

scenario("n hands out the most pressing item and opens it", async (browser) => {
  const v = await visit(browser);
  const { page } = v;
  await signIn(page, "coder");
  await page.goto(`${base}/work?queue=coding`);
  const keys = new Keys(page);
  await rows(page).first().focus();
  const handed = page.waitForResponse((r) => r.url().endsWith("/api/v1/work/next"));
  await keys.press("n");
  assert.equal((await handed).status(), 200);
  await page.waitForURL((url) => url.pathname.startsWith("/coding/"));
  await page.goBack();
  await page.reload();
  assert.equal(await page.locator('.items tr[data-mine="yes"]').count() > 0, true, "it is mine");
  assert.deepEqual(keys.pressed, ["n"]);
  await v.done();
});

scenario("a supervisor assigns, and sets priorities; a filter is saved for the team", async (browser) => {
  const v = await visit(browser);
  const { page } = v;
  await signIn(page, "supervisor");
  await page.goto(`${base}/work?queue=coding`);
  await free(page);
  const keys = new Keys(page);
  await keys.press("a");
  await page.waitForSelector("dialog.ask[open] #assign-name");
  await clean(page, "whom to assign to");
  await keys.type("Jerome");
  const assigned = await done(page, "assign", () => keys.press("Enter"));
  assert.equal(assigned.changed[0].state, "given");
  await done(page, "undo", () => keys.press("u"));
  await keys.press("p");
  await page.waitForSelector("dialog.ask[open]");
  await done(page, "priority", () => keys.press("1"));
  await done(page, "undo", () => keys.press("u"));

  await page.goto(`${base}/work?queue=coding&kind=inpatient`);
  await page.locator(".keep summary").focus();
  await keys.press("Enter");
  await page.locator("#filter-name").focus();
  await keys.type("Stays");
  await page.locator('.keep input[name="shared"]').check();
  await page.locator("#filter-name").focus();
  await keys.press("Enter");
  await page.waitForURL(/\/work\?f=[0-9a-z]+$/);
  assert.match(await page.locator(".saved").textContent(), /Stays/);
  const stays = await rows(page).count();
  const csv = await page.evaluate((path) => fetch(path).then((r) => r.text()), await page.locator("a[download]").getAttribute("href"));
  assert.equal(csv.trim().split("\n").length, stays + 1, "the CSV has the rows that are shown");
  await clean(page, "My work with a saved filter");
  await v.done();

  const other = await visit(browser);
  await signIn(other.page, "technician");
  await other.page.getByRole("link", { name: "Stays" }).click();
  await other.page.waitForURL(/\/work\?f=/);
  assert.equal(await rows(other.page).count(), stays, "the team sees it");
  await other.done();
});

scenario("the shift is handed over: typed, kept, signed, read", async (browser) => {
  let v = await visit(browser);
  let { page } = v;
  await signIn(page, "technician");
  await page.goto(`${base}/work?queue=coding`);
  await rows(page).first().focus();
  const keys = new Keys(page);
  const mentioned = page.waitForResponse((r) => r.url().endsWith("/handover/mention"));
  await keys.press("m");
  await mentioned;
  await keys.press("h");
  await page.waitForURL("**/work/handover");
  const kept = page.waitForResponse((r) => r.url().endsWith("/handover/draft"));
  await keys.type("The scanner is being mended.");
  await kept;
  await clean(page, "the note of the shift");
  await v.done();

  // It survives the closed tab.
  v = await visit(browser);
  page = v.page;
  await signIn(page, "technician");
  await page.goto(`${base}/work/handover`);
  assert.equal(await page.locator("#note-text").inputValue(), "The scanner is being mended.");
  assert.equal(await page.locator("#note-items li").count(), 1);
  await page.locator("#note-text").focus();
  await page.keyboard.press("Control+Enter");
  await page.waitForURL(/\/work\/handover\/[0-9a-z]+$/);
  await clean(page, "a signed note");
  assert.match(await page.locator(".figures").textContent(), /Coding/);
  await page.goto(`${base}/work/today`);
  await clean(page, "today");
  await v.done();

  v = await visit(browser);
  page = v.page;
  await signIn(page, "supervisor");
  await page.waitForSelector(".handover[open]");
  assert.match(await page.locator(".handover .words").textContent(), /The scanner is being mended/);
  await page.keyboard.press("r");
  await page.waitForSelector(".handover:not([open])");
  await page.locator(".handover summary").focus();
  await page.keyboard.press("Enter");
  await page.getByRole("link", { name: "Figures and who has read it" }).press("Enter");
  await page.waitForURL("**/work/handover/*");
  assert.match(await page.locator(".plain").textContent(), /Drummond/);
  await v.done();
  assert.ok(setup.people.length > 3);
});
