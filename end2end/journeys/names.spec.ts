// Names inside VPCs while the built-in DNS is off: said where they are made, and what to do.
import { buyManaged, call, submit, waitFor } from "../fixtures/console";
import { start, type Product } from "../fixtures/product";
import { becomeAdministrator, eventually, expect, noViolations, test as base, visit, type Visitor } from "../fixtures/test";

const test = base.extend<{ product: Product }>({
  product: async ({}, use, info) => {
    const product = await start(["--dns-addr=off"]);
    await use(product);
    if (info.status !== info.expectedStatus) console.log(product.log());
    await product.stop();
  },
});

async function journey(visitor: Visitor, product: Product) {
  const { page } = visitor;
  const main = page.locator("main");
  const off = main.getByText("The built-in DNS server is off").first();
  await becomeAdministrator(visitor, product);
  const gateway = await buyManaged(page, product, "first");
  await waitFor(page, product, gateway, "Running");

  // Before it is made, and afterwards.
  await visit(visitor, `${product.origin}${gateway}/domains/new`);
  await expect(off).toBeVisible();
  const of = { id: gateway.split("/")[2], side: "private" };
  await call(page, product, "domain.create", { ...of, host: "models.corp.example" });
  await visit(visitor, `${product.origin}${gateway}/domains`);
  await expect(main.getByRole("row").filter({ hasText: "models.corp.example" }).getByText("--dns-addr")).toBeVisible();
  if (visitor.javaScript) await noViolations(page, "domains");

  await visit(visitor, `${product.origin}${gateway}/vpc/add`);
  await expect(off).toBeVisible();
  await main.locator("[name=authoritative_dns]").check();
  await submit(visitor, "gateway.vpc_link");
  await page.waitForURL(new RegExp(`${gateway}/vpc(\\?|$)`));
  await main.getByRole("link", { name: "loopback", exact: true }).click();
  await page.waitForURL(/\/vpc\/vpc-/);
  await eventually(visitor, () => expect(main.getByRole("note").filter({ hasText: "The built-in DNS server is off" })).toBeVisible());
  if (visitor.javaScript) await noViolations(page, "the VPC");
}

test("names inside VPCs without DNS", async ({ product, open }) => {
  await journey(await open(), product);
});

test("names inside VPCs without DNS, without JavaScript", async ({ product, open }) => {
  await journey(await open({ javaScript: false }), product);
});
