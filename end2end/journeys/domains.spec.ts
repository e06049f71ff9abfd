// A gateway under a name of its owner's, over HTTPS with an uploaded certificate.
import { certificate } from "../fixtures/certificate";
import { openGateway, submit, waitFor } from "../fixtures/console";
import { curl } from "../fixtures/client";
import type { Product } from "../fixtures/product";
import { becomeAdministrator, eventually, expect, test, until, visit, type Visitor } from "../fixtures/test";

async function journey(visitor: Visitor, product: Product) {
  const { page } = visitor;
  const main = page.locator("main");
  await becomeAdministrator(visitor, product);
  const gateway = await openGateway(page, product, "first");
  await waitFor(page, product, gateway, "Running");
  const host = "models.example.com";
  const good = certificate(host);
  const other = certificate("other.example.org");

  // A certificate with somebody else's key: said next to the field, nothing secret comes back.
  await visit(visitor, `${product.origin}/certificates/new`);
  await page.locator("[name=name]").fill("models");
  await page.locator("[name=chain]").fill(good.chain);
  await page.locator("[name=key]").fill(other.key);
  await submit(visitor, "certificate.upload");
  await eventually(visitor, () => expect(main.getByText("The private key does not belong to this certificate").first()).toBeVisible());
  await expect(page.locator("[name=name]")).toHaveValue("models");
  if (!visitor.javaScript) {
    expect(await page.content()).not.toContain("PRIVATE KEY-----\nM");
    await page.locator("[name=chain]").fill(good.chain);
  }
  await page.locator("[name=key]").fill(good.key);
  await submit(visitor, "certificate.upload");
  await page.waitForURL(/\/certificates\/cert-/);
  await eventually(visitor, () => expect(main.getByText(host).first()).toBeVisible());
  expect(await page.content()).not.toContain("PRIVATE KEY-----\nM");

  // The name: refused where the certificate does not fit, then given.
  await visit(visitor, `${product.origin}${gateway}/domains`);
  await main.getByRole("link", { name: "Create Domain Name" }).click();
  await page.waitForURL(`**${gateway}/domains/new`);
  await page.locator("[name=host]").fill("www.example.org");
  await page.locator("[name=certificate]").selectOption({ label: `models (${host})` });
  await submit(visitor, "domain.create");
  await eventually(visitor, () => expect(main.getByText("The certificate does not cover www.example.org").first()).toBeVisible());
  await expect(page.locator("[name=host]")).toHaveValue("www.example.org");
  await page.locator("[name=host]").fill(host);
  await submit(visitor, "domain.create");
  await page.waitForURL(new RegExp(`${gateway}/domains(\\?|$)`));
  await eventually(visitor, () => expect(main.getByRole("rowheader", { name: host })).toBeVisible());

  // A client that trusts the authority and nothing else.
  const port = product.httpPort + 1;
  const there = ["--resolve", `${host}:${port}:127.0.0.1`, "--cacert", good.root];
  const answer = await until("HTTPS by the new name", async () => {
    const answer = await curl(...there, `https://${host}:${port}/`);
    return answer.status === 200 && answer;
  });
  expect(JSON.parse(answer.body).gateway).toBe(gateway.split("/")[2]);

  // From HTTP to HTTPS, but not on the gateway's own port, which has none.
  await page.locator("[name=redirect_to_https]").check();
  await submit(visitor, "gateway.tls");
  const plain = ["--resolve", `${host}:${product.httpPort}:127.0.0.1`, `http://${host}:${product.httpPort}/`];
  await until("the redirection", async () => (await curl(...plain)).status === 308);
  expect((await curl(`http://127.0.0.1:${product.ownPorts}/`)).status).toBe(200);

  // The certificate is held by the domain; without it the name is unknown again.
  await visit(visitor, `${product.origin}/certificates`);
  await main.getByRole("link", { name: "models", exact: true }).click();
  await page.waitForURL(/\/certificates\/cert-/);
  await submit(visitor, "certificate.delete");
  await eventually(visitor, () => expect(main.getByText(`Domains use this certificate: ${host}.`).first()).toBeVisible());
  await visit(visitor, `${product.origin}${gateway}/domains`);
  await submit(visitor, "domain.delete");
  await until("the name to be unknown", async () => (await curl(...there.slice(0, 2), "-k", `https://${host}:${port}/`)).status === 404);
}

test("a name of the owner's", async ({ product, open }) => {
  await journey(await open(), product);
});

test("a name of the owner's, without JavaScript", async ({ product, open }) => {
  await journey(await open({ javaScript: false }), product);
});
