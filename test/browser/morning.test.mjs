// A morning of the department, by keyboard alone: no step of these tests moves a
// mouse, and the keys of each task are counted.
import assert from "node:assert/strict";
import { scenario, visit, signIn, clean, counter, Keys, setup, base, row, leads, pageOf } from "./lib.mjs";

const count = counter();

/** answered waits until an action was answered by the server. */
const answered = async (page, method, path, action) => {
  const answer = page.waitForResponse((r) => r.request().method() === method && path.test(new URL(r.url()).pathname));
  await action();
  return answer;
};
const focused = (page, selector) => page.waitForFunction((s) => document.activeElement?.matches(s), selector);
const tile = async (page, name) => Number((await page.locator(".tiles li", { hasText: name }).locator("strong").textContent()).replaceAll(",", ""));

scenario("the hand-over of the night is read, and the next item taken", async (browser) => {
  const v = await visit(browser);
  const { page } = v;
  await signIn(page, "technician");
  await page.waitForSelector(".handover[open] .words");
  assert.match(await page.locator(".handover .words").textContent(), /refused three messages/);
  assert.ok(await page.locator(".handover .mentioned a").count() > 0, "it leads to what it mentions");
  const keys = new Keys(page);
  await leads(page, () => keys.press("r"));
  await page.waitForSelector(".handover:not([open])");
  assert.match(await page.locator(".handover summary").textContent(), /read/);
  count("read the hand-over of the last shift and confirm it", keys, 1);
  const height = await page.locator(".handover").evaluate((e) => e.offsetHeight);
  assert.ok(height < 60, `read, it is one line: ${height} px`);

  const next = new Keys(page);
  await leads(page, () => next.press("n"));
  await page.waitForURL("**/interface/*");
  count("take the most pressing item", next, 1);
  await page.goto(`${base}/work?who=me&show=open`);
  assert.equal(await page.locator(".items tbody tr").count(), 1, "it is mine");
  await v.done();
});

scenario("errors of the interface are mended, sent in again and dismissed", async (browser) => {
  const v = await visit(browser);
  const { page } = v;
  v.allow("422"); // a message that is refused again
  await signIn(page, "technician");
  await page.goto(`${base}/interface`);
  await clean(page, "interface errors");
  const before = await page.locator("tbody [data-trouble]").count();
  assert.equal(before, 3);
  await row(page, "segment name").focus();

  const keys = new Keys(page);
  await leads(page, () => keys.press("Enter"));
  await clean(page, "a refused message");
  await keys.press("m");
  await focused(page, "#mend-text");
  await keys.press("Control+Shift+ArrowRight");
  await answered(page, "PUT", /\/mend$/, () => keys.type("PID"));

  // What is typed is kept: the page is loaded anew.
  await page.reload();
  assert.match(await page.locator("#mend-text").inputValue(), /^PID\|1/m);
  assert.match(await page.locator('label[for="mend-text"]').textContent(), /as you left it/);
  await keys.press("Control+Enter");
  await focused(page, "#mend-reason");
  await keys.type("Segment name in capitals");
  await leads(page, () => keys.press("Control+Enter"));
  assert.match(await page.locator(".note.good").textContent(), /taken in/);
  count("mend a refused message and take it in", keys, 6);

  // Sent in again as it came, the merge is refused again and says why.
  await row(page, "merge").focus();
  const again = new Keys(page);
  await leads(page, () => again.press("Enter"));
  await leads(page, () => again.press("r"));
  assert.match(await page.locator('.note.bad[role="alert"]').textContent(), /Refused again/);
  await clean(page, "a message refused again");
  await again.press("d");
  await again.type("The sender has sent it again, corrected");
  await leads(page, () => again.press("Enter"));
  count("send a refused message in again, then dismiss it with a reason", again, 4);

  await row(page, "no visit").focus();
  const dismiss = new Keys(page);
  await leads(page, () => dismiss.press("Enter"));
  await dismiss.press("d");
  await dismiss.type("Meant for another facility");
  await leads(page, () => dismiss.press("Enter"));
  count("dismiss a refused message with a reason", dismiss, 3);
  await page.waitForSelector('.empty:has-text("Nothing refused")');
  await page.goto(`${base}/interface?settled=1`);
  assert.equal(await page.locator("tbody [data-trouble]").count(), 3);
  await clean(page, "settled interface errors");
  await v.done();
});

scenario("scans are indexed: proposed, upside down, pages of two patients", async (browser) => {
  const v = await visit(browser);
  const { page } = v;
  await signIn(page, "technician");
  await page.goto(`${base}/incoming`);
  await clean(page, "incoming");
  const waiting = await page.locator("tbody tr").count();
  const ready = (scan) => page.waitForSelector(`#index-desk[data-ready]${scan ? `:not([data-ready="${scan}"])` : ""}`);
  // The words of the pages are read in the background; they propose the patient.
  const read = () => page.waitForFunction(() => document.getElementById("encounter").value, undefined, { timeout: 150000 });
  const scan = () => page.locator("#index-desk").getAttribute("data-ready");
  const store = async (keys) => {
    const answer = await answered(page, "POST", /\/incoming\/documents$/, () => keys.press("Enter"));
    assert.equal(answer.status(), 200, await answer.text());
    return answer.json();
  };

  // The words of the page name the patient: Enter opens it, Enter stores it.
  await row(page, "scanner-2 0001").focus();
  const keys = new Keys(page);
  await keys.press("Enter");
  await ready();
  await read();
  await page.waitForSelector("#page-marks rect", { state: "attached" });
  await clean(page, "the desk where a scan is indexed");
  assert.match(await page.locator("#patient").inputValue(), /Albrecht/);
  assert.equal(await page.locator("#type").inputValue(), "consent");
  let at = await scan();
  await store(keys);
  await ready(at);
  count("index a scan whose patient is proposed", keys, 5);

  // The page that went in upside down: the turn is proposed.
  await page.goto(`${base}/incoming`);
  await row(page, "scanner-2 0003").focus();
  const turned = new Keys(page);
  await turned.press("Enter");
  await ready();
  await read();
  assert.match(await page.locator("#page-image").getAttribute("src"), /turn=180$/, "it is shown upright");
  assert.match(await page.locator("#type").inputValue(), /progress note/);
  at = await scan();
  await store(turned);
  await ready(at);
  count("index a scan that went in upside down", turned, 5);

  // Pages of two patients: where the second begins is proposed; two documents.
  await page.goto(`${base}/incoming`);
  await row(page, "fax 1").focus();
  const two = new Keys(page);
  await two.press("Enter");
  await ready();
  await page.waitForSelector("#thumbs li.begins");
  await read();
  const first = await page.locator("#patient").inputValue();
  assert.equal((await store(two)).left, 1);
  await page.waitForFunction((name) => document.getElementById("patient").value && document.getElementById("patient").value !== name && document.getElementById("encounter").value, first);
  at = await scan();
  await store(two);
  await ready(at);
  count("index a scan with pages of two patients as two documents", two, 6);

  await page.goto(`${base}/incoming`);
  assert.equal(await page.locator("tbody tr").count(), waiting - 3);
  await page.keyboard.press("2");
  await page.waitForURL("**/incoming/indexed**");
  assert.ok(await page.locator("tbody tr").count() >= 4);
  await clean(page, "what was indexed");
  await v.done();
});

scenario("a misfiled document is found, moved with its reason, and found again", async (browser) => {
  const v = await visit(browser);
  const { page } = v;
  await signIn(page, "technician");
  await page.goto(`${base}/work?queue=deficiency&reason=${encodeURIComponent("wrong patient")}`);
  const item = await pageOf(page, row(page, setup.misfile.under));
  await item.focus();

  const keys = new Keys(page);
  await leads(page, () => keys.press("Enter")); // the finding, in the wrong chart
  await focused(page, "[data-finding]");
  assert.match(await page.locator("[data-finding]:focus").textContent(), /wrong patient/i);
  await leads(page, () => keys.press("a")); // to what settles it: the document, at the desk
  await page.waitForSelector("#filed-desk[data-ready]");
  await clean(page, "a document at the desk");
  await keys.press("m");
  await answered(page, "POST", /\/find$/, () => keys.type(setup.misfile.of));
  await page.waitForSelector("#patient-list [role=option]");
  await answered(page, "GET", /\/encounters$/, () => keys.press("Enter"));
  await page.waitForFunction(() => document.activeElement?.id === "encounter" && document.activeElement.value);
  const from = page.url();
  await keys.press("Enter");
  await page.waitForURL((url) => url.href !== from);
  await page.waitForSelector("#filed-desk[data-ready]");
  assert.match(await page.locator(".entry .pairs").textContent(), new RegExp(setup.misfile.of));
  count("move a misfiled document, from My work, with its reason", keys, 8);

  const find = new Keys(page);
  await page.goto(`${base}/incoming`);
  await leads(page, () => find.press("3"));
  const moved = row(page, setup.misfile.of);
  assert.match(await moved.textContent(), new RegExp(`${setup.misfile.under}[\\s\\S]*Wrong patient was chosen`));
  await clean(page, "what was misfiled");
  await moved.focus();
  await leads(page, () => find.press("Enter"));
  await page.waitForSelector("#filed-desk[data-ready]");
  await page.goto(base + await page.locator('.entry a:has-text("In the chart")').getAttribute("href"));
  assert.match(await page.locator(".banner").textContent(), new RegExp(setup.misfile.of));
  await page.waitForSelector('h2:has-text("Authorization")');
  await v.done();
});

scenario("findings are settled: the words looked at, one waived, one asked for, one corrected", async (browser) => {
  const v = await visit(browser);
  const { page } = v;
  await signIn(page, "technician");
  await page.goto(`${base}/order`);
  await page.waitForSelector(".tiles li:focus");
  await clean(page, "records in order");
  const open = await tile(page, "open findings");

  const list = (reason) => `${base}/work?queue=deficiency&reason=${encodeURIComponent(reason)}`;
  const gone = async (reason, id) => {
    await page.waitForFunction(async ([path, row]) => !(await (await fetch(path)).text()).includes(row), [list(reason), `row-${id}`], { polling: 500, timeout: 20000 });
  };
  // Who answers for the department waives one, having looked at its words.
  const boss = await visit(browser);
  const desk = boss.page;
  await signIn(desk, "supervisor");
  await desk.goto(list("unsigned"));
  await desk.waitForSelector(".items tbody tr:focus");
  const unsigned = await desk.locator(".items tbody tr:focus").getAttribute("data-id");
  const waive = new Keys(desk);
  await leads(desk, () => waive.press("Enter"));
  await focused(desk, "[data-finding]");
  await clean(desk, "a chart with findings");
  await leads(desk, () => waive.press("Enter"));
  await focused(desk, ".finding-mark");
  assert.ok((await desk.locator(".finding-mark:focus").textContent()).length > 5, "the words are marked");
  await clean(desk, "a document beside its findings");
  await waive.press("w");
  await focused(desk, "input[name=reason]");
  await waive.type("Signed on paper; the page is scanned");
  await answered(desk, "POST", /\/waive$/, () => waive.press("Enter"));
  await desk.waitForSelector(".finding.waived", { state: "attached" });
  count("settle a finding: look at its words, waive it with a reason", waive, 4);
  await boss.done();
  await gone("unsigned", unsigned);

  // Asked for: who is to sign is asked, and it says so.
  await page.goto(list("discharge summary missing"));
  await page.waitForSelector(".items tbody tr:focus");
  const ask = new Keys(page);
  await leads(page, () => ask.press("Enter"));
  await focused(page, "[data-finding]");
  await answered(page, "POST", /\/ask$/, () => ask.press("a"));
  await page.waitForSelector('.finding .actions:has-text("asked ")');
  count("ask for what a finding misses", ask, 4);

  // Corrected: the cursor stands in the field that is wrong.
  await page.goto(list("disposition missing"));
  await page.waitForSelector(".items tbody tr:focus");
  const missing = await page.locator(".items tbody tr:focus").getAttribute("data-id");
  const correct = new Keys(page);
  await leads(page, () => correct.press("Enter"));
  await focused(page, "[data-finding]");
  await leads(page, () => correct.press("a"));
  await focused(page, "#f-disposition");
  await clean(page, "an encounter to be corrected");
  await correct.type("01");
  await correct.press("F6");
  await focused(page, "#reason");
  await correct.type("Disch");
  await leads(page, () => correct.press("Control+Enter"));
  assert.match(await page.locator("[role=status].note").textContent(), /new version/);
  count("settle a finding by correcting the field it is about", correct, 4);
  await gone("disposition missing", missing);

  // The figures follow, and each opens its cases.
  await page.goto(`${base}/order`);
  await page.waitForSelector(".tiles li:focus");
  const left = await tile(page, "open findings");
  assert.ok(left < open, `${open} findings were open, ${left} are`);
  await leads(page, () => page.keyboard.press("Enter"));
  assert.match(page.url(), /\/order\/cases/);
  assert.ok(await page.locator("tbody tr").count() > 10);
  await clean(page, "the cases behind a figure");
  await leads(page, () => page.keyboard.press("Enter"));
  await page.waitForURL("**/chart/**");
  await focused(page, "[data-finding]");
  await v.done();
});

scenario("a document is found by its words", async (browser) => {
  const v = await visit(browser);
  const { page } = v;
  await signIn(page, "technician");
  const keys = new Keys(page);
  await keys.press("Control+k");
  await keys.type("documents by");
  await page.waitForSelector('.options [aria-selected="true"]:has-text("Documents by their words")');
  await leads(page, () => keys.press("Enter"));
  await focused(page, "#query");
  await clean(page, "find documents");
  await keys.type('"chest pain"');
  await leads(page, () => keys.press("Enter"));
  await page.waitForURL(/\/find\/documents\?f=[a-z0-9]+$/);
  await page.waitForSelector(".found li:focus");
  assert.match(await page.locator(".found li:focus mark").first().textContent(), /chest|pain/i);
  await clean(page, "documents found");
  await leads(page, () => keys.press("Enter"));
  await page.waitForURL("**/documents/**");
  assert.match(await page.locator(".document-text").textContent(), /chest pain/i);
  count("find a document by its words, from anywhere, and open it", keys, 4);
  await v.done();
});

scenario("read-only: a change is refused in clear words, and typing stays", async (browser) => {
  const boss = await visit(browser);
  await signIn(boss.page, "supervisor");
  await boss.page.goto(`${base}/downtime`);
  await clean(boss.page, "downtime");
  const other = await visit(browser);
  const { page } = other;
  other.allow("503");
  await signIn(page, "technician");
  await page.goto(`${base}/work/handover`);
  await page.waitForSelector("#note-text:focus");

  await boss.page.locator("#down-reason").focus();
  const keys = new Keys(boss.page);
  await keys.type("Storage is moved");
  await leads(boss.page, () => keys.press("Enter"));
  assert.match(await boss.page.locator(".readonly").textContent(), /Read-only since/);
  await clean(boss.page, "downtime, read-only");

  // A page that was open: what is typed stays, and it says why it is not kept.
  await page.keyboard.type("The night was long.");
  await page.waitForFunction(() => /read-only/.test(document.getElementById("note-state").textContent));
  assert.equal(await page.locator("#note-text").inputValue(), "The night was long.");
  // A page that opens now says so at its head; a form is held back with what is in it.
  const paper = await other.context.newPage();
  await paper.goto(`${base}/registration`);
  assert.match(await paper.locator(".readonly").textContent(), /nothing is changed/);
  await paper.waitForSelector("#f-family:focus");
  await paper.keyboard.type("Halfway");
  await paper.keyboard.press("Control+Enter");
  await paper.waitForSelector('#status:has-text("What you typed stays here")');
  assert.equal(await paper.locator("#f-family").inputValue(), "Halfway");
  await clean(paper, "registration, read-only");
  await paper.close();

  await leads(boss.page, async () => { await boss.page.getByRole("button", { name: "Turn it off" }).focus(); await keys.press("Enter"); });
  assert.equal(await boss.page.locator(".readonly").count(), 0);
  count("turn read-only on with a reason, and off again", keys, 2);
  await page.keyboard.type(" It is over.");
  await page.waitForFunction(() => document.getElementById("note-state").textContent === "Kept.");
  await page.reload();
  assert.equal(await page.locator("#note-text").inputValue(), "The night was long. It is over.");
  await page.locator("#note-text").focus();
  await page.keyboard.press("Control+a");
  await answered(page, "PUT", /\/handover\/draft$/, () => page.keyboard.press("Delete"));
  await other.done();
  await boss.done();
});

scenario("the shift is handed over, and the next person reads it", async (browser) => {
  const v = await visit(browser);
  const { page } = v;
  await signIn(page, "technician");
  await page.waitForSelector(".items tbody tr:focus");
  const keys = new Keys(page);
  await answered(page, "POST", /\/handover\/mention$/, () => keys.press("m"));
  await leads(page, () => keys.press("h"));
  await page.waitForSelector("#note-text:focus");
  await answered(page, "PUT", /\/handover\/draft$/, () => keys.type("Three scans indexed, one misfile moved. The interface is empty."));
  await leads(page, () => keys.press("Control+Enter"));
  await page.waitForURL(/\/work\/handover\/[0-9a-z]+$/);
  count("hand over the shift: mention an item, write, sign", keys, 4);
  assert.equal(await page.locator(".mentioned li").count(), 1);
  await v.done();

  const next = await visit(browser);
  await signIn(next.page, "dwinslade");
  await next.page.waitForSelector(".handover[open] .words");
  assert.match(await next.page.locator(".handover .words").textContent(), /one misfile moved/);
  const read = new Keys(next.page);
  await leads(next.page, () => read.press("r"));
  await next.page.waitForSelector(".handover:not([open])");
  await next.done();
});
