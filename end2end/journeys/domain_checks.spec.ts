// Whether DNS leads a name to its gateway: what the owner sees before, after and with a mistake in the record.
import { call, buyManaged, submit } from "../fixtures/console";
import { nameServer, type NameServer } from "../fixtures/name_server";
import { start, type Product } from "../fixtures/product";
import { becomeAdministrator, eventually, expect, noViolations, test as base, visit, type Visitor } from "../fixtures/test";

const test = base.extend<{ dns: NameServer }>({
  dns: async ({}, use) => {
    const dns = await nameServer();
    await use(dns);
    await dns.stop();
  },
  product: async ({ dns }, use) => {
    const product = await start([`--resolver=${dns.address}`]);
    await use(product);
    await product.stop();
  },
});

async function journey(visitor: Visitor, product: Product, dns: NameServer) {
  const { page } = visitor;
  const host = "models.example.com";
  const row = page.locator("main tr", { has: page.getByRole("rowheader", { name: host }) });
  const shows = (words: string) => eventually(visitor, () => expect(row.getByText(words).first()).toBeVisible());
  await becomeAdministrator(visitor, product);
  const gateway = await buyManaged(page, product, "first");
  const id = gateway.split("/")[2];
  await call(page, product, "domain.create", { id, host, side: "public", certificate: "" });
  await visit(visitor, `${product.origin}${gateway}/domains`);

  // Asked about without anybody's doing.
  await shows("Missing");
  await expect(row.getByText("Create it at your DNS provider")).toBeVisible();

  // A mistake, seen when somebody asks; what they had opened stays open.
  dns.aliases.set(host, "parking.example.net");
  if (visitor.javaScript) await row.getByText("Change certificate").click();
  await submit(visitor, "domain.check");
  await expect(row.getByText("Points elsewhere")).toBeVisible();
  await expect(row.getByText("parking.example.net")).toBeVisible();
  if (visitor.javaScript) await expect(row.locator("[name=certificate]")).toBeVisible();

  // Once more at once: said, not done.
  await expect(async () => {
    await submit(visitor, "domain.check");
    await expect(page.getByText("DNS was asked about this domain a moment ago").first()).toBeVisible({ timeout: 1_000 });
  }).toPass({ timeout: 15_000 });
  if (visitor.javaScript) await noViolations(page, "domains with a wrong record");

  dns.aliases.set(host, `${id}.local.gw.localhost`);
  await expect(async () => {
    await submit(visitor, "domain.check");
    await expect(row.getByText("Found")).toBeVisible({ timeout: 1_000 });
  }).toPass({ timeout: 15_000 });
  await expect(page).toHaveURL(new RegExp(`${gateway}/domains(\\?|$)`));
}

test("the check of a record", async ({ product, dns, open }) => {
  await journey(await open({ tolerate: /status of 429/ }), product, dns);
});

test("the check of a record, without JavaScript", async ({ product, dns, open }) => {
  await journey(await open({ javaScript: false, tolerate: /status of 429/ }), product, dns);
});
