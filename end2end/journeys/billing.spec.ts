// Prices are set, gateways run, and the page, the orders and the export say what it costs.
import { buyManaged, call, submit } from "../fixtures/console";
import { fill, stays, withoutNativeChecks, wrong } from "../fixtures/form";
import type { Product } from "../fixtures/product";
import { becomeAdministrator, eventually, expect, test, visit, type Visitor } from "../fixtures/test";

async function prices(visitor: Visitor, product: Product) {
  const { page } = visitor;
  const main = page.locator("main");
  await page.getByRole("link", { name: "Billing", exact: true }).click();
  await page.waitForURL("**/billing");
  await expect(main.getByText("No prices are set yet")).toBeVisible();
  await expect(main.getByText("Nothing in this month")).toBeVisible();
  await main.getByRole("link", { name: "Set prices" }).click();
  await page.waitForURL("**/billing/prices");

  // What is no price is said at its field, and what was typed stays.
  await withoutNativeChecks(visitor);
  const typed = { "draft[node_hour_2c4g]": "3600", "draft[vpc_gb]": "-1" };
  await fill(visitor, typed);
  await submit(visitor, "billing.set_prices");
  await wrong(visitor, "draft[vpc_gb]", /-1 is not a price/);
  await stays(visitor, typed);
  await fill(visitor, { "draft[vpc_gb]": "0.05", "draft[node_month_2c4g]": "99.5" });
  await submit(visitor, "billing.set_prices");
  await expect(page.getByText("The prices were saved.")).toBeVisible();
  const history = main.getByRole("table");
  await expect(history.getByText("VPC traffic, a GB: 0.05 USD")).toBeVisible();
  await expect(history.getByText("Now")).toBeVisible();
  await visit(visitor, `${product.origin}/billing/prices`);
  await stays(visitor, { "draft[node_hour_2c4g]": "3600", "draft[vpc_gb]": "0.05" });

  // The same once more is nothing; a day that has begun is refused; one to come stands above what holds.
  await submit(visitor, "billing.set_prices");
  await expect(page.getByText("It was so already; nothing was changed.")).toBeVisible();
  await visit(visitor, `${product.origin}/billing/prices`);
  await fill(visitor, { "draft[valid_from]": "2001-01-01", "draft[vpc_gb]": "0.07" });
  await submit(visitor, "billing.set_prices");
  await wrong(visitor, "draft[valid_from]", /a day that has not begun yet/);
  await fill(visitor, { "draft[valid_from]": "2090-01-01" });
  await submit(visitor, "billing.set_prices");
  await expect(page.getByText("The prices were saved.")).toBeVisible();
  await expect(history.getByRole("row")).toHaveCount(3);
  await expect(history.getByRole("row").nth(1).getByText("0.07 USD")).toBeVisible();
  await expect(history.getByRole("row").nth(2).getByText("Now")).toBeVisible();
}

async function purchase(visitor: Visitor, product: Product): Promise<string> {
  const { page } = visitor;
  const main = page.locator("main");
  await visit(visitor, `${product.origin}/gateways/new/managed`);
  await expect(main.getByText("A node of 2c4g: 3600 USD an hour · 99.5 USD a month as a subscription")).toBeVisible();
  await visit(visitor, `${product.origin}/gateways/new/managed/confirm?name=monthly&spec=2c4g&nodes=2&charge=PrePaid`);
  await expect(main.getByText("Costs 7200 USD an hour · 199 USD a month as a subscription")).toBeVisible();
  await submit(visitor, "gateway.buy_managed");
  await page.waitForURL(/\/gateways\/gw-/);
  const path = new URL(page.url()).pathname;
  await expect(main.getByText("It is not renewed")).toBeVisible();
  await submit(visitor, "billing.set_renewal");
  await expect(page.getByText("The subscription is renewed automatically.")).toBeVisible();
  await eventually(visitor, () => expect(main.getByText("Another month begins by itself then.")).toBeVisible());
  await expect(main.getByRole("button", { name: "Stop automatic renewal" })).toBeVisible();
  return path;
}

async function cost(visitor: Visitor, product: Product, monthly: string) {
  const { page } = visitor;
  const main = page.locator("main");
  await buyManaged(page, product, "hourly");
  await visit(visitor, `${product.origin}/billing`);
  const row = (name: string) => main.getByRole("row").filter({ hasText: name });
  await expect(row("monthly").getByText("Subscription: 2c4g")).toBeVisible();
  await expect(row("monthly").getByText("199.00 USD", { exact: true })).toBeVisible();
  // The page asks again by itself, but not every second.
  const timeout = visitor.javaScript ? 20_000 : 1_000;
  await eventually(visitor, () => expect(row("hourly").getByText(/^[1-9]\d*\.00 USD$/)).toBeVisible({ timeout }));
  await expect(main.getByText("until now")).toBeVisible();

  // One gateway's own page, and the file with the same lines.
  await row("monthly").getByRole("link").click();
  await page.waitForURL(/\/billing\?month=\d{4}-\d\d&gateway=gw-/);
  await expect(row("hourly")).toHaveCount(0);
  const total = main.locator("dd").filter({ hasText: "199.00 USD" });
  await expect(total).toBeVisible();
  const href = await main.getByRole("link", { name: "Export CSV" }).getAttribute("href");
  const file = await page.request.get(product.origin + href);
  const [head, line, ...more] = (await file.text()).trimEnd().split("\r\n");
  expect(head).toContain("gateway_id,gateway,item,detail,from,until,quantity,unit,price,price_per,amount,currency");
  expect(line).toMatch(/,monthly,subscription,2c4g,.*,2,node-month,99\.5,1,199\.00,USD$/);
  expect(more).toEqual([]);
  await visit(visitor, `${product.origin}/billing?month=2001-01`);
  await expect(main.getByText("Nothing in this month")).toBeVisible();

  await main.getByRole("link", { name: "Orders", exact: true }).click();
  await page.waitForURL("**/billing/orders");
  await expect(main.getByRole("row")).toHaveCount(3);
  await expect(row("hourly").getByText("Pay-as-you-go")).toBeVisible();
  await expect(row("monthly").getByText("2 × 2c4g")).toBeVisible();
  await expect(row("monthly").getByText("ada")).toBeVisible();
  await visit(visitor, `${product.origin}/billing/orders?gateway=${monthly.split("/")[2]}`);
  await expect(main.getByRole("row")).toHaveCount(2);
}

async function journey(visitor: Visitor, product: Product) {
  await becomeAdministrator(visitor, product);
  await prices(visitor, product);
  await cost(visitor, product, await purchase(visitor, product));
}

test("prices are set, and gateways cost what they say", async ({ product, open }) => {
  await journey(await open(), product);
});

test("prices are set, and gateways cost what they say, without JavaScript", async ({ product, open }) => {
  await journey(await open({ javaScript: false }), product);
});

test("a viewer sees cost and prices, and sets none", async ({ product, open }) => {
  const admin = await open();
  await becomeAdministrator(admin, product);
  await call(admin.page, product, "billing.set_prices", { revision: 0, "draft[vpc_gb]": "0.05" });
  await visit(admin, `${product.origin}/users`);
  await submit(admin, "user.invite");
  const link = (await admin.page.getByText("/join/").textContent())!.trim();
  const viewer = await open();
  await visit(viewer, link.replace(/^.*\/join\//, `${product.origin}/join/`));
  for (const [name, text] of [["name", "eve"], ["password", "correct horse battery"], ["repeated", "correct horse battery"]]) {
    await viewer.page.locator(`[name=${name}]`).fill(text);
  }
  await submit(viewer, "user.join");
  await viewer.page.waitForURL("**/gateways");
  await visit(viewer, `${product.origin}/billing/prices`);
  await expect(viewer.page.locator("main").getByText("VPC traffic, a GB: 0.05 USD").first()).toBeVisible();
  await expect(viewer.page.locator("main form")).toHaveCount(0);
  await visit(viewer, `${product.origin}/billing`);
  await expect(viewer.page.locator("main").getByText("Export CSV")).toBeVisible();
});
