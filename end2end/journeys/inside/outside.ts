// The same gateway open to the Internet as well, by a public name of its owner's.
import { submit } from "../../fixtures/console";
import { eventually, expect, ready, until, visit, type Visitor } from "../../fixtures/test";
import { createDomain, give, order, register } from "./domains";
import { answers, exit, type Stage } from "./stage";

const client = "203.0.113.2/32";

/** Of a fully managed gateway: the portal, then who gets in. */
export async function openPortal(visitor: Visitor, { product }: Stage, gateway: string) {
  const { page } = visitor;
  await visit(visitor, `${product.origin}${gateway}/internet`);
  await submit(visitor, "gateway.set_portal");
  await eventually(visitor, () => expect(page.locator("#portal-status")).toHaveText("Activated"));
  await page.locator("[name=blocks]").fill(client);
  await submit(visitor, "gateway.whitelist_add");
  await eventually(visitor, () => expect(page.locator("main").getByRole("rowheader", { name: client })).toBeVisible());
}

/** Of an ALB gateway: both in one form. */
export async function enablePublic(visitor: Visitor, { product }: Stage, gateway: string) {
  const { page } = visitor;
  const main = page.locator("main");
  await visit(visitor, `${product.origin}${gateway}/internet`);
  await main.getByRole("link", { name: "Enable Public Network" }).click();
  await page.waitForURL(`**${gateway}/internet/enable`);
  await ready(visitor);
  await page.locator("[name=blocks]").fill(client);
  await submit(visitor, "alb.enable_public");
  await page.waitForURL(new RegExp(`${gateway}/internet(\\?|$)`));
  await eventually(visitor, () => expect(main.getByText("Activated", { exact: true })).toBeVisible());
}

/** The owner makes the record that the page asks for, and the authority comes to the gateway by it. */
export async function byPublicName(visitor: Visitor, stage: Stage, gateway: string, token: string) {
  const { product, internet, elsewhere, dns, publicPebble } = stage;
  const { page } = visitor;
  const host = "models.example.com";
  await createDomain(visitor, product, gateway, host, "public");
  const row = page.locator("main").getByRole("row", { name: host });
  const target = (await row.locator(".copy-value").textContent())!.trim();
  const addresses = await until("the gateway's own name", () => {
    const found = internet.run("dig", "@203.0.113.1", "+short", target).trim();
    return found !== "" && found.split("\n");
  });
  await dns.alias(host, target, addresses);
  await row.getByRole("button", { name: `Check now ${host}` }).click();
  await eventually(visitor, () => expect(row.getByText("Found", { exact: true })).toBeVisible());

  await register(visitor, product, publicPebble);
  await order(visitor, host, "http_01");
  await give(visitor, product, gateway, host, "http_01");
  const url = `https://${host}/api/predict/sample`;
  await answers(internet, token, "--cacert", publicPebble.issuer, url);
  expect((await internet.curl(url)).exit, "nobody else vouches for it").toBe(exit.unknownIssuer);
  const there = ["--resolve", `${host}:443:203.0.113.1`, "--cacert", publicPebble.issuer];
  expect((await elsewhere.curl(...there, url)).status, "who is not on the list").toBe(403);
}
