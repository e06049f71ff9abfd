// A certificate from an ACME server, ordered in the browser, and a domain that uses it.
import { openGateway, submit, waitFor } from "../fixtures/console";
import { curl } from "../fixtures/client";
import { fill, wrong } from "../fixtures/form";
import { authority, type Pebble } from "../fixtures/pebble";
import { start, type Product } from "../fixtures/product";
import { becomeAdministrator, eventually, expect, noViolations, ready, test as base, until, visit, type Visitor } from "../fixtures/test";

const test = base.extend<{ stage: { product: Product; pebble: Pebble } }>({
  stage: async ({}, use, info) => {
    const acme = authority();
    const product = await start([`--acme-ca=${acme.root}`]);
    await use({ product, pebble: await acme.start({ http: product.httpPort, tls: product.httpPort + 1 }) });
    if (info.status !== info.expectedStatus) console.log(product.log());
    await product.stop();
    acme.stop();
  },
});

async function journey(visitor: Visitor, { product, pebble }: { product: Product; pebble: Pebble }) {
  const { page } = visitor;
  const main = page.locator("main");
  await becomeAdministrator(visitor, product);
  const gateway = await openGateway(page, product, "first");
  await waitFor(page, product, gateway, "Running");
  const host = "models.example.com";

  // Which server: one that nobody answers for is named, next to the field.
  await visit(visitor, `${product.origin}/certificates`);
  await main.getByRole("link", { name: "From an ACME server" }).first().click();
  await page.waitForURL("**/certificates/acme");
  await expect(main.getByRole("link", { name: "ZeroSSL" })).toBeVisible();
  await fill(visitor, { directory: "https://127.0.0.1:1/dir" });
  await submit(visitor, "certificates/acme");
  await page.waitForURL("**/certificates/acme?directory=*");
  await wrong(visitor, "directory", /127\.0\.0\.1:1 can’t be reached/);
  await fill(visitor, { directory: pebble.directory });
  await submit(visitor, "certificates/acme");

  // An account with it, once.
  await page.locator("[name=contact]").waitFor();
  await ready(visitor);
  await fill(visitor, { contact: "nobody" });
  await page.locator("[name=terms_agreed]").check();
  await submit(visitor, "acme.register");
  await eventually(visitor, () => wrong(visitor, "contact", /mail addresses/));
  if (visitor.javaScript) await noViolations(page, "registering");
  await fill(visitor, { contact: "ops@example.com" });
  await page.locator("[name=terms_agreed]").check();
  await submit(visitor, "acme.register");

  // The order: a wildcard needs DNS-01, said before anybody is asked.
  await page.locator("[name=names]").waitFor();
  await ready(visitor);
  await fill(visitor, { name: "models", names: "*.example.com" });
  await submit(visitor, "acme.order");
  await eventually(visitor, () => wrong(visitor, "names", /Choose DNS-01/));
  await expect(page.locator("[name=name]")).toHaveValue("models");
  if (visitor.javaScript) await noViolations(page, "ordering");
  await fill(visitor, { names: host });
  await submit(visitor, "acme.order");
  await page.waitForURL(/\/certificates\/cert-/);
  await eventually(visitor, () => expect(main.getByText("SHA-256 fingerprint")).toBeVisible({ timeout: 15_000 }));
  await expect(main.getByText("Next order")).toBeVisible();
  if (visitor.javaScript) await noViolations(page, "issued");

  // A domain that uses it, for a client that trusts that authority and nothing else.
  await visit(visitor, `${product.origin}${gateway}/domains/new`);
  await fill(visitor, { host });
  await page.locator("[name=certificate]").selectOption({ label: `models (${host})` });
  await submit(visitor, "domain.create");
  await page.waitForURL(new RegExp(`${gateway}/domains(\\?|$)`));
  const port = product.httpPort + 1;
  const there = ["--resolve", `${host}:${port}:127.0.0.1`, "--cacert", pebble.issuer, `https://${host}:${port}/`];
  await until("HTTPS by the new name", async () => (await curl(...there)).status === 200);

  // The account: another name, addresses that the server is told, and it stays while it is used.
  await visit(visitor, `${product.origin}/certificates/acme`);
  await main.getByRole("link", { name: /^Edit account/ }).click();
  await page.waitForURL(/\/certificates\/acme\/acme-/);
  await ready(visitor);
  await fill(visitor, { name: "Ours", contact: "nobody" });
  await submit(visitor, "acme.edit_account");
  await eventually(visitor, () => wrong(visitor, "contact", /mail addresses/));
  await expect(page.locator("main [name=name]")).toHaveValue("Ours");
  await fill(visitor, { contact: "others@example.com" });
  await submit(visitor, "acme.edit_account");
  await eventually(visitor, () => expect(main.locator("dd").filter({ hasText: "others@example.com" })).toBeVisible());
  if (visitor.javaScript) await noViolations(page, "an account");
  await submit(visitor, "acme.delete_account");
  await eventually(visitor, () => expect(main.getByText("Certificates are ordered with this account: models.").first()).toBeVisible());
}

test("a certificate from an ACME server", async ({ stage, open }) => {
  await journey(await open(), stage);
});

test("a certificate from an ACME server, without JavaScript", async ({ stage, open }) => {
  await journey(await open({ javaScript: false }), stage);
});
