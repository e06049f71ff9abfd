// Another account, and a VPC that is granted to it and taken back.
import { curl } from "../fixtures/client";
import { buyManaged, submit, waitFor } from "../fixtures/console";
import type { Product } from "../fixtures/product";
import { becomeAdministrator, eventually, expect, password, ready, test, until, visit, type Visitor } from "../fixtures/test";

async function journey(operator: Visitor, tenant: Visitor, product: Product) {
  const main = operator.page.locator("main");
  await becomeAdministrator(operator, product);

  // The operator makes an account, and a link for its administrator.
  await visit(operator, `${product.origin}/accounts`);
  await operator.page.locator("[name=name]").fill("a b");
  await submit(operator, "account.create");
  await eventually(operator, () => expect(main.locator("[name=name]")).toHaveAttribute("aria-invalid", "true"));
  await operator.page.locator("[name=name]").fill("research");
  await submit(operator, "account.create");
  await eventually(operator, () => expect(main.getByRole("rowheader", { name: /research/ })).toBeVisible());
  await operator.page.locator("[name=account]").selectOption({ label: "research" });
  await submit(operator, "account.invite");
  const link = main.locator(".copy-value", { hasText: "/join/" });
  await link.waitFor();
  await visit(tenant, (await link.textContent())!.trim());
  await tenant.page.locator("[name=name]").fill("grace");
  await tenant.page.locator("[name=password]").fill(password);
  await tenant.page.locator("[name=repeated]").fill(password);
  await submit(tenant, "user.join");
  await tenant.page.waitForURL("**/gateways");
  await ready(tenant);

  // It has gateways of its own, sees nobody else's, and has nothing to do with accounts.
  await expect(tenant.page.getByText("No gateway yet")).toBeVisible();
  expect((await tenant.page.request.get(`${product.origin}/accounts`, { headers: { accept: "text/html" } })).status()).toBe(403);
  const gateway = await buyManaged(tenant.page, product, "theirs");
  await waitFor(tenant.page, product, gateway, "Running");
  await visit(tenant, `${product.origin}${gateway}/vpc/add`);
  await expect(tenant.page.getByText("No VPC can be linked")).toBeVisible();
  expect((await operator.page.request.get(`${product.origin}${gateway}`, { headers: { accept: "text/html" } })).status()).toBe(404);

  // The operator grants the loopback VPC.
  await visit(operator, `${product.origin}/accounts`);
  const row = main.getByRole("row", { name: /research/ });
  const account = (await row.locator(".copy-value").textContent())!.trim();
  await visit(operator, `${product.origin}/networks`);
  await main.getByRole("link", { name: "loopback", exact: true }).click();
  await operator.page.waitForURL(/networks\/vpc-/);
  await ready(operator);
  await operator.page.locator("[name=account]").fill("research");
  await submit(operator, "network.grant");
  await eventually(operator, () => expect(main.locator("[name=account]")).toHaveAttribute("aria-invalid", "true"));
  await operator.page.locator("[name=account]").fill(account);
  await submit(operator, "network.grant");
  await eventually(operator, () => expect(main.getByRole("rowheader", { name: "research" })).toBeVisible());

  // It is linked, and answers.
  const theirs = tenant.page.locator("main");
  await visit(tenant, `${product.origin}${gateway}/vpc/add`);
  await submit(tenant, "gateway.vpc_link");
  await tenant.page.waitForURL(new RegExp(`${gateway}/vpc(\\?|$)`));
  await eventually(tenant, () => expect(theirs.getByText("Running", { exact: true }).first()).toBeVisible());
  const address = `http://127.88.1.10:${product.httpPort}/`;
  await until("the greeting", async () => (await curl(address)).status === 200);

  // Taken back: it is closed, and the page says why.
  await main.getByRole("button", { name: "Take back from research" }).click();
  await eventually(operator, () => expect(main.getByRole("rowheader", { name: "research" })).toHaveCount(0));
  await until("the address to close", async () => (await curl(address)).exit === 7);
  await visit(tenant, `${product.origin}${gateway}/vpc`);
  await eventually(tenant, () => expect(theirs.getByText("Failed", { exact: true }).first()).toBeVisible());
  await theirs.getByRole("link", { name: "loopback", exact: true }).click();
  await eventually(tenant, () => expect(theirs.getByText("which has taken its grant back").first()).toBeVisible());
}

test("an account is granted a VPC", async ({ product, open }) => {
  await journey(await open({ tolerate: /status of 403/ }), await open({ tolerate: /status of 403/ }), product);
});

test("an account is granted a VPC, without JavaScript", async ({ product, open }) => {
  await journey(await open({ javaScript: false }), await open({ javaScript: false }), product);
});
