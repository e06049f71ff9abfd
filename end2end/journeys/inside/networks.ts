// What an operator does before anybody has a gateway: accounts and networks.
import { submit } from "../../fixtures/console";
import type { Product } from "../../fixtures/product";
import { eventually, expect, password, ready, visit, type Visitor } from "../../fixtures/test";

/** An account of its own, and the tenant in it. */
export async function openAccount(operator: Visitor, tenant: Visitor, product: Product, account: string) {
  const main = operator.page.locator("main");
  await visit(operator, `${product.origin}/accounts`);
  await operator.page.locator("[name=name]").fill(account);
  await submit(operator, "account.create");
  await eventually(operator, () => expect(main.getByRole("row", { name: account })).toBeVisible());
  await operator.page.locator("[name=account]").selectOption({ label: account });
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
}

/** A VPC of this account with two zones and a vSwitch in each, in which the engine is seen to have an address. */
export async function declare(operator: Visitor, product: Product, account: string) {
  const { page } = operator;
  const main = page.locator("main");
  await visit(operator, `${product.origin}/networks`);
  await page.locator("[name=name]").fill("office");
  await page.locator("[name=blocks]").fill("10.101.0.0/16");
  // Nobody else's without a word.
  await expect(page.locator("[name=account] option:checked")).toHaveText("default");
  await page.locator("[name=account]").selectOption({ label: account });
  await submit(operator, "network.vpc_add");
  await page.waitForURL(/\/networks\/vpc-/);
  await ready(operator);
  for (const [zone, block, address] of [
    ["local-a", "10.101.1.0/24", "10.101.1.1"],
    ["local-b", "10.101.2.0/24", "10.101.2.1"],
  ]) {
    await page.locator("#vsw-name").fill(`office-${zone}`);
    await page.locator("[name=zone]").selectOption(zone);
    await page.locator("[name=block]").fill(block);
    await submit(operator, "network.vswitch_add");
    await eventually(operator, () => expect(main.getByRole("row", { name: `office-${zone}` })).toContainText(address));
  }
}

/** The first zone's interface as a VPC, in two clicks, and the vSwitch of the second zone. */
export async function adopt(operator: Visitor, product: Product) {
  const { page } = operator;
  const main = page.locator("main");
  await visit(operator, `${product.origin}/networks`);
  await main.getByRole("row", { name: /10\.101\.1\.1\/24/ }).getByRole("button", { name: "Adopt as VPC" }).click();
  await page.waitForURL(/\/networks\/vpc-/);
  await ready(operator);
  await expect(main.getByRole("row", { name: /10\.101\.1\.0\/24/ })).toContainText("10.101.1.1");
  // Its blocks are those of the interface; there is room for a second zone in a larger one.
  await page.locator("form[action*='network.vpc_edit'] [name=name]").fill("office");
  await page.locator("[name=blocks]").fill("10.101.0.0/16");
  await submit(operator, "network.vpc_edit");
  await eventually(operator, () => expect(main.getByRole("heading", { name: "office", level: 1 })).toBeVisible());
  await page.locator("#vsw-name").fill("office-local-b");
  await page.locator("[name=zone]").selectOption("local-b");
  await page.locator("[name=block]").fill("10.101.2.0/24");
  await submit(operator, "network.vswitch_add");
  await eventually(operator, () => expect(main.getByRole("row", { name: "office-local-b" })).toContainText("10.101.2.1"));
}
