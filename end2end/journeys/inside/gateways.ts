// A gateway of either kind, opened in the VPC, with the sample behind it.
import { submit } from "../../fixtures/console";
import type { Product } from "../../fixtures/product";
import { eventually, expect, ready, visit, type Visitor } from "../../fixtures/test";

/** From the list of gateways over the purchase page; returns the path of its page. */
export async function buy(visitor: Visitor, product: Product): Promise<string> {
  const { page } = visitor;
  await visit(visitor, `${product.origin}/gateways`);
  await page.locator("main a[href='/gateways/new']").first().click();
  await page.locator("main a[href='/gateways/new/managed']").click();
  await page.locator("#f-name").fill("models");
  await page.locator("form[action*='confirm'] button").click();
  await page.waitForURL("**/confirm?**");
  await ready(visitor);
  await submit(visitor, "gateway.buy_managed");
  await page.waitForURL(/\/gateways\/gw-[a-z0-9]{18}/);
  await eventually(visitor, () => expect(page.locator("main").getByText("Running", { exact: true }).first()).toBeVisible());
  return new URL(page.url()).pathname;
}

export async function create(visitor: Visitor, product: Product): Promise<string> {
  const { page } = visitor;
  await visit(visitor, `${product.origin}/gateways/new/alb`);
  await submit(visitor, "gateway.grant_alb_role");
  await page.locator("[name=name]").fill("models");
  await submit(visitor, "gateway.create_alb");
  await page.waitForURL(/\/gateways\/gw-/);
  await expect(page.locator("main").getByText("No network access is enabled")).toBeVisible();
  return new URL(page.url()).pathname;
}

/** By vSwitches of both zones, with the built-in DNS server there. */
export async function addVpc(visitor: Visitor, product: Product, gateway: string) {
  const { page } = visitor;
  const main = page.locator("main");
  await visit(visitor, `${product.origin}${gateway}/vpc`);
  await main.getByRole("link", { name: "Add VPC" }).first().click();
  await page.waitForURL(`**${gateway}/vpc/add`);
  await ready(visitor);
  // With a choice of several, it is made first.
  if (await main.locator("select[name=vpc]").count()) {
    const office = await main.locator("select[name=vpc] option", { hasText: "office" }).getAttribute("value");
    await main.locator("select[name=vpc]").selectOption(office);
    await main.getByRole("button", { name: "Choose" }).click();
    await page.waitForURL(/vpc=vpc-/);
    await ready(visitor);
  }
  await expect(main.locator("input[type=checkbox][name='vswitches[]']:checked")).toHaveCount(2);
  await page.locator("[name=authoritative_dns]").check();
  await submit(visitor, "gateway.vpc_link");
  await page.waitForURL(new RegExp(`${gateway}/vpc(\\?|$)`));
  await eventually(visitor, () => expect(main.getByRole("row", { name: /office/ }).getByText("Running")).toBeVisible());
}

/** The instance that the first access of an ALB gateway brings about. */
export async function seeInstance(visitor: Visitor, product: Product, gateway: string) {
  const { page } = visitor;
  const main = page.locator("main");
  await visit(visitor, `${product.origin}${gateway}`);
  await main.getByRole("link", { name: /^alb-[a-z0-9]{18}$/ }).click();
  await page.waitForURL(`**${gateway}/alb`);
  await eventually(visitor, () => expect(main.getByRole("status").getByText("Active", { exact: true })).toBeVisible());
  for (const address of ["10.101.1.1:80", "10.101.1.1:443", "10.101.2.1:80", "10.101.2.1:443"]) {
    const listeners = main.getByRole("table", { name: "Listeners" });
    await expect(listeners.getByRole("row", { name: address }).getByText("Running")).toBeVisible();
  }
}

/** Returns the path of the service's page. */
export async function deploySample(visitor: Visitor, product: Product, gateway: string): Promise<string> {
  const { page } = visitor;
  await visit(visitor, `${product.origin}/services/new/custom?gateway=${gateway.split("/")[2]}`);
  await page.locator("[name='draft[name]']").fill("sample");
  await page.locator("[name='draft[command]']").fill("inference-gateway sample-model");
  await submit(visitor, "service.deploy");
  await page.waitForURL(/\/services\/svc-/);
  await eventually(visitor, () => expect(page.locator("main").getByText("Running", { exact: true }).first()).toBeVisible());
  return new URL(page.url()).pathname;
}

export interface Invocation {
  token: string;
  /** As the panel shows them. */
  urls: string[];
}

export async function invocation(visitor: Visitor, product: Product, service: string): Promise<Invocation> {
  const { page } = visitor;
  const values = page.locator("main .copy-value");
  await visit(visitor, `${product.origin}${service}/invocation`);
  await submit(visitor, "token.reveal");
  const token = (await values.filter({ hasText: /^[A-Za-z0-9_-]{43}$/ }).textContent())!;
  const urls = (await values.allTextContents()).map((text) => text.trim()).filter((text) => text.includes("/api/predict/"));
  return { token, urls };
}
