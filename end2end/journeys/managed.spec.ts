// A fully managed gateway from the plan of its capacity to another size, with a client that stays connected.
import { openGateway, revision, submit } from "../fixtures/console";
import { OpenConnection } from "../fixtures/client";
import { fill, stays, withoutNativeChecks, wrong } from "../fixtures/form";
import type { Product } from "../fixtures/product";
import { becomeAdministrator, eventually, expect, test, until, visit, type Visitor } from "../fixtures/test";

async function plan(visitor: Visitor, product: Product) {
  const { page } = visitor;
  const main = page.locator("main");
  await visit(visitor, `${product.origin}/gateways/new/managed`);
  await main.getByRole("link", { name: "Plan capacity" }).click();
  await page.waitForURL("**/gateways/new/managed/plan");
  await expect(main.getByText("no copy of the document has the figures")).toBeVisible();
  await expect(main.getByText("Recommended size")).toHaveCount(0);

  // What is no figure is said at its field, and what was typed stays.
  // Without a script nothing turns the browser's own check off, but addresses are typed as well.
  if (visitor.javaScript) {
    await withoutNativeChecks(visitor);
    await fill(visitor, { http_short: "5200", mbit: "-1" });
    await main.getByRole("button", { name: "Calculate" }).click();
    await page.waitForURL(/mbit=-1/);
  } else {
    await visit(visitor, `${product.origin}/gateways/new/managed/plan?http_short=5200&mbit=-1`);
  }
  await wrong(visitor, "mbit", /from 0 to 1000000000/);
  await stays(visitor, { http_short: "5200", mbit: "-1" });

  // Three small nodes carry the requests; the connections need no more.
  await fill(visitor, { connections: "30000", mbit: "" });
  await main.getByRole("button", { name: "Calculate" }).click();
  await expect(main.getByText("3 nodes of 2c4g")).toBeVisible();
  const row = main.getByRole("row", { name: /^4c8g/ }).first();
  await expect(row).toHaveText(/^4c8g\s*2\s*8\s*HTTP requests\/s, a connection each\s*Requests$/);
  await main.getByRole("link", { name: "Buy this size" }).click();
  await page.waitForURL("**/gateways/new/managed?spec=2c4g&nodes=3");
  await expect(main.locator("[name=spec][value='2c4g']")).toBeChecked();
  await stays(visitor, { nodes: "3" });
}

async function resize(visitor: Visitor, product: Product) {
  const { page } = visitor;
  const main = page.locator("main");
  const gateway = await openGateway(page, product, "first");
  const url = `http://127.0.0.1:${product.ownPorts}/`;
  const client = new OpenConnection();
  const answers = async () => (await client.get(url)).status === 200;
  await until("the gateway to answer", () => answers().catch(() => false));
  client.ports.clear();
  await until("an answer", answers);

  // Its one node, with the client in the bar's words.
  await visit(visitor, `${product.origin}${gateway}`);
  await main.getByRole("link", { name: "Nodes", exact: true }).click();
  await page.waitForURL(`**${gateway}/nodes`);
  await expect(main.getByText("there was none since this console was started")).toBeVisible();
  await eventually(visitor, () => expect(main.getByText(/^1 · Below security: traffic may double/)).toBeVisible());
  await expect(main.getByRole("row")).toHaveCount(2);
  await expect(main.getByRole("cell", { name: "local-a" })).toBeVisible();

  // The size that it has is chosen; a wrong one is said at its field.
  await visit(visitor, `${product.origin}${gateway}`);
  await page.locator(".page-actions .menu summary").click();
  await page.getByRole("link", { name: "Change size" }).click();
  await page.waitForURL(`**${gateway}/resize`);
  await expect(main.locator("[name=spec][value='2c4g']")).toBeChecked();
  await stays(visitor, { nodes: "1" });
  if (visitor.javaScript) {
    await withoutNativeChecks(visitor);
    await fill(visitor, { nodes: "0" });
    await submit(visitor, "gateway.resize");
    await wrong(visitor, "nodes", /from 1 to 100/);
  }

  // Before and after; without a script at the press of a button.
  await main.locator("label[for='f-spec-4c8g']").click();
  await fill(visitor, { nodes: "4" });
  if (!visitor.javaScript) await main.getByRole("button", { name: "Show capacity" }).click();
  const connections = main.getByRole("row", { name: /^Connections/ });
  await expect(connections.getByRole("cell").nth(0)).toHaveText("12,000 / 24,000 / 40,000");
  await expect(connections.getByRole("cell").nth(1)).toHaveText("96,000 / 192,000 / 320,000");
  await submit(visitor, "gateway.resize");
  await page.waitForURL(new RegExp(`${gateway}/nodes`));
  await expect(page.getByText("The size was changed.")).toBeVisible();
  await eventually(visitor, () => expect(main.getByText(/took effect after \d+\.\d\d s/)).toBeVisible());
  await expect(main.getByText("4 × 4c8g")).toBeVisible();
  await expect(main.getByRole("row")).toHaveCount(5);

  // Smaller again says what that means; the same once more changes nothing.
  await visit(visitor, `${product.origin}${gateway}/resize?spec=2c4g&nodes=1`);
  await expect(main.getByText("This is less than now.")).toBeVisible();
  await submit(visitor, "gateway.resize");
  await page.waitForURL(new RegExp(`${gateway}/nodes`));
  await eventually(visitor, () => expect(main.getByRole("row")).toHaveCount(2));
  const before = await revision(page, product, `${gateway}/resize`);
  await visit(visitor, `${product.origin}${gateway}/resize`);
  await submit(visitor, "gateway.resize");
  await expect(page.getByText("It has this size already; nothing was changed.")).toBeVisible();
  expect(await revision(page, product, `${gateway}/resize`)).toBe(before);

  // All the while one client on one connection.
  expect(await answers()).toBe(true);
  expect(client.ports.size).toBe(1);
  client.close();
}

async function journey(visitor: Visitor, product: Product) {
  await becomeAdministrator(visitor, product);
  await plan(visitor, product);
  await resize(visitor, product);
}

test("a fully managed gateway is planned, bought and resized", async ({ product, open }) => {
  await journey(await open(), product);
});

test("a fully managed gateway is planned, bought and resized, without JavaScript", async ({ product, open }) => {
  await journey(await open({ javaScript: false }), product);
});
