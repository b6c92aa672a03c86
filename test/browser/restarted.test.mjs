// Run after the server was stopped and started again on the same department.
import assert from "node:assert/strict";
import { scenario, visit, signIn, setup, openEncounter } from "./lib.mjs";

scenario("what was being typed survives a restarted server", async (browser) => {
  const v = await visit(browser);
  await signIn(v.page, "supervisor");
  await openEncounter(v.page, setup.shown.number);
  assert.equal(await v.page.locator("#encoder-input").inputValue(), setup.draft);
  await v.done();
});
