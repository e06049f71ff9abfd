// What changes while a page is on its way is on it all the same.
import { buyManaged, call, revision, waitFor } from "../fixtures/console";
import { becomeAdministrator, expect, test, until, visit } from "../fixtures/test";

test("news that come while a page is read", async ({ product, open }) => {
  const visitor = await open();
  const { page } = visitor;
  const main = page.locator("main");
  await becomeAdministrator(visitor, product);
  const gateway = await buyManaged(page, product, "first");
  await waitFor(page, product, gateway, "Running");
  await visit(visitor, `${product.origin}${gateway}/nodes`);
  await page.evaluate(() => {
    Object.assign(window, { heard: 0 });
    new EventSource("/events").addEventListener("changed", () => (window as unknown as { heard: number }).heard++);
  });
  const heard = () => page.evaluate(() => (window as unknown as { heard: number }).heard);

  // The answer is there, but does not arrive before somebody has changed what it says and the page was told so.
  let read = false;
  let release = () => {};
  const changed = new Promise<void>((done) => (release = done));
  await page.route(
    "**/api/_fn/gateway.read",
    async (route) => {
      const response = await route.fetch();
      read = true;
      await changed;
      await route.fulfill({ response });
    },
    { times: 1 },
  );
  await main.getByRole("link", { name: "Internet", exact: true }).click();
  await until("the page to be read", () => read);
  const id = gateway.split("/")[2];
  const seen = await revision(page, product, `${gateway}/internet`);
  await call(page, product, "gateway.whitelist_add", { id, revision: seen, blocks: "192.0.2.0/24", comment: "late" });
  // All of it: later news would mend what was missed.
  await until("all news", async () => {
    const before = await heard();
    await page.waitForTimeout(1000);
    return before > 0 && before === (await heard());
  });
  release();
  await expect(main.getByRole("rowheader", { name: "192.0.2.0/24" })).toBeVisible();
});
