// A name of the owner's for a gateway, with a certificate that an ACME server issues.
import { submit } from "../../fixtures/console";
import { fill, stays, wrong } from "../../fixtures/form";
import type { Pebble } from "../../fixtures/pebble";
import type { Product } from "../../fixtures/product";
import { eventually, expect, ready, visit, type Visitor } from "../../fixtures/test";

type Side = "public" | "private";

/** Over HTTP only so far. */
export async function createDomain(visitor: Visitor, product: Product, gateway: string, host: string, side: Side) {
  const { page } = visitor;
  const main = page.locator("main");
  await visit(visitor, `${product.origin}${gateway}/domains`);
  await main.getByRole("link", { name: "Create Domain Name" }).click();
  await page.waitForURL(`**${gateway}/domains/new`);
  await ready(visitor);
  await fill(visitor, { host });
  await main.locator(`label[for='f-side-${side}']`).click();
  await submit(visitor, "domain.create");
  await page.waitForURL(new RegExp(`${gateway}/domains(\\?|$)`));
  await expect(main.getByRole("rowheader", { name: host })).toBeVisible();
}

async function choose(visitor: Visitor, product: Product, directory: string) {
  const { page } = visitor;
  await visit(visitor, `${product.origin}/certificates`);
  await page.locator("main").getByRole("link", { name: "From an ACME server" }).first().click();
  await page.waitForURL("**/certificates/acme");
  await ready(visitor);
  await fill(visitor, { directory });
  await submit(visitor, "certificates/acme");
  await page.waitForURL("**/certificates/acme?directory=*");
}

/** A server that the operator has not used yet is none of other accounts': said next to the field. */
export async function mayNotChoose(visitor: Visitor, product: Product, { directory }: Pebble) {
  await choose(visitor, product, directory);
  await wrong(visitor, "directory", /ask the operator of this installation to use this one first/);
  await stays(visitor, { directory });
}

/** An account with the server. */
export async function register(visitor: Visitor, product: Product, { directory }: Pebble) {
  const { page } = visitor;
  await choose(visitor, product, directory);
  await page.locator("[name=contact]").waitFor();
  await ready(visitor);
  await fill(visitor, { contact: "ops@example.com" });
  await page.locator("[name=terms_agreed]").check();
  await submit(visitor, "acme.register");
  await page.locator("[name=names]").waitFor();
  await ready(visitor);
}

/** Where the account was made; until the certificate is issued. It is called by its proof. */
export async function order(visitor: Visitor, host: string, challenge: string) {
  const { page } = visitor;
  const main = page.locator("main");
  await fill(visitor, { name: challenge, names: host });
  await page.locator("[name=challenge]").selectOption(challenge);
  await submit(visitor, "acme.order");
  await page.waitForURL(/\/certificates\/cert-/);
  await eventually(visitor, () => expect(main.getByText("SHA-256 fingerprint")).toBeVisible());
}

/** In the row of the domain. */
export async function give(visitor: Visitor, product: Product, gateway: string, host: string, certificate: string) {
  const { page } = visitor;
  await visit(visitor, `${product.origin}${gateway}/domains`);
  const row = page.locator("main").getByRole("row", { name: host });
  await row.locator("summary").click();
  await row.locator("[name=certificate]").selectOption({ label: `${certificate} (${host})` });
  await row.getByRole("button", { name: "Save" }).click();
  await eventually(visitor, () => expect(row.getByRole("cell", { name: certificate })).toBeVisible());
}
