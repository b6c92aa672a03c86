// Work is never lost: the lock, a closed tab, a stale page, a lost session.
import assert from "node:assert/strict";
import { scenario, visit, signIn, person, desk, settled, setup, openEncounter, clean } from "./lib.mjs";

scenario("the lock covers the page, ends what the session opens, and gives the work back", async (browser) => {
  const v = await visit(browser);
  const { page } = v;
  v.allow("401");
  const me = await signIn(page, "technician");
  await openEncounter(page, setup.shown.number);
  await page.keyboard.press("/");
  await page.keyboard.type("pneumonia");
  await page.waitForSelector(".hits [role=option]");
  const locked = page.waitForResponse((r) => r.url().endsWith("/session/lock"));
  await page.keyboard.press("Alt+l");
  await locked;
  await page.waitForSelector("#lock[open]");
  assert.equal(await page.evaluate(() => fetch("/api/v1/encounters").then((r) => r.status)), 401, "a locked session opens nothing");
  await clean(page, "the lock");
  await page.keyboard.type("not the password");
  await page.keyboard.press("Enter");
  await page.waitForSelector('#lock .error:has-text("not right")');
  await page.keyboard.type(me.password);
  await page.keyboard.press("Enter");
  await page.waitForSelector("#lock:not([open])", { state: "attached" });
  assert.equal(await page.locator("#encoder-input").inputValue(), "pneumonia", "what was typed is still there");
  assert.equal(await page.evaluate(() => fetch("/api/v1/encounters").then((r) => r.status)), 200);
  await v.done();
});

scenario("what is being typed survives a closed tab and another browser", async (browser) => {
  let v = await visit(browser);
  await signIn(v.page, "supervisor");
  await openEncounter(v.page, setup.shown.number);
  await v.page.keyboard.press("/");
  const saved = v.page.waitForResponse((r) => r.url().includes("/drafts/encoder") && r.request().method() === "PUT");
  await v.page.keyboard.type(setup.draft);
  await saved;
  await v.done();
  v = await visit(browser);
  await signIn(v.page, "supervisor");
  await openEncounter(v.page, setup.shown.number);
  assert.equal(await v.page.locator("#encoder-input").inputValue(), setup.draft);
  await v.done();
});

scenario("two people on one coding: the later change is refused and the page shows the newer one", async (browser) => {
  const [a, b] = [await visit(browser), await visit(browser)];
  b.allow("409");
  await signIn(a.page, "coder");
  await signIn(b.page, "technician");
  for (const { page } of [a, b]) await openEncounter(page, setup.shown.number);
  const before = await a.page.locator(".line.offer").count();
  assert.ok(before > 1);
  await settled(a.page, () => a.page.keyboard.press("a"));
  await settled(b.page, () => b.page.keyboard.press("a"));
  await b.page.waitForSelector("#status.bad");
  assert.match(await b.page.locator("#status").textContent(), /changed by somebody else/);
  await b.page.waitForFunction((n) => document.querySelectorAll(".line.offer").length === n, before - 1);
  await settled(a.page, () => a.page.keyboard.press("z"));
  await a.done();
  await b.done();
});

scenario("a wrong password is refused and the name kept", async (browser) => {
  const v = await visit(browser);
  v.allow("401");
  const p = person("auditor");
  await v.page.goto(`${setup.base}/sign-in?next=https://elsewhere.example/`);
  await v.page.waitForSelector("#name:focus");
  await v.page.keyboard.type(p.login);
  await v.page.keyboard.press("Tab");
  await v.page.keyboard.type("wrong-wrong-wrong");
  await v.page.keyboard.press("Enter");
  await v.page.waitForSelector("#fault");
  assert.equal(await v.page.locator("#name").inputValue(), p.login);
  await clean(v.page, "a refused sign-in");
  await v.page.locator("#password").fill(p.password);
  await v.page.keyboard.press("Enter");
  await v.page.waitForURL((url) => !url.pathname.startsWith("/sign-in"));
  assert.equal(new URL(v.page.url()).origin, setup.base, "next leads nowhere else");
  await v.done();
});
