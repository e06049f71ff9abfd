// A gateway opened in a VPC: from the list of networks to a client inside.
import { buyManaged, submit, waitFor } from "../fixtures/console";
import { curl } from "../fixtures/client";
import type { Product } from "../fixtures/product";
import { becomeAdministrator, eventually, expect, test, until, visit, type Visitor } from "../fixtures/test";

async function journey(visitor: Visitor, product: Product) {
  const { page } = visitor;
  const main = page.locator("main");
  await becomeAdministrator(visitor, product);
  const gateway = await buyManaged(page, product, "first");
  await waitFor(page, product, gateway, "Running");

  // The VPC tab is empty, and leads to the networks that a new installation has.
  await visit(visitor, `${product.origin}${gateway}/vpc`);
  await main.getByRole("link", { name: "Add VPC" }).first().click();
  await page.waitForURL(`**${gateway}/vpc/add`);
  await eventually(visitor, () => expect(main.locator("input[type=checkbox][name='vswitches[]']:checked")).toHaveCount(2));
  await submit(visitor, "gateway.vpc_link");
  await page.waitForURL(new RegExp(`${gateway}/vpc(\\?|$)`));
  await eventually(visitor, () => expect(main.getByText("Running", { exact: true }).first()).toBeVisible());

  // Two addresses, one a zone, each answers; the whitelist lets everyone inside in.
  await main.getByRole("link", { name: "loopback", exact: true }).click();
  await page.waitForURL(/\/vpc\/vpc-/);
  const link = new URL(page.url()).pathname;
  const port = `:${product.httpPort}`;
  const addresses = await until("two addresses", async () => {
    const texts = await main.locator(".copy-value").allTextContents();
    const found = texts.filter((text) => /^http:\/\/127\.88\./.test(text));
    return found.length === 2 && found;
  });
  expect(addresses.sort()).toEqual([`http://127.88.1.10${port}`, `http://127.88.2.10${port}`]);
  for (const address of addresses) {
    const root = await until("the greeting", async () => {
      const answer = await curl(`${address}/`);
      return answer.status === 200 && answer;
    });
    expect(JSON.parse(root.body).gateway).toBe(gateway.split("/")[2]);
  }
  // Its public side is closed all the same, and its private name means nothing there.
  const name = `${gateway.split("/")[2]}-vpc.local.gw.localhost`;
  expect((await curl("-H", `Host: ${name}`, `http://127.0.0.1${port}/`)).status).toBe(404);

  // Modify Whitelist: nobody but one address, which is not this one.
  await page.locator("[name=blocks]").fill("127.88.1.7");
  await submit(visitor, "gateway.whitelist_add");
  await eventually(visitor, () => expect(main.getByRole("rowheader", { name: "127.88.1.7/32" })).toBeVisible());
  await main.getByRole("button", { name: "Remove 0.0.0.0/0" }).click();
  await eventually(visitor, () => expect(main.getByRole("rowheader", { name: "0.0.0.0/0" })).toHaveCount(0));
  await until("the list to be enforced", async () => (await curl(`${addresses[0]}/`)).status === 403);
  expect((await curl("--interface", "127.88.1.7", `${addresses[0]}/`)).status).toBe(200);

  // One zone less: its address closes, the other stays.
  await visit(visitor, `${product.origin}${link}`);
  await main.getByLabel(/^local-b/).uncheck();
  await submit(visitor, "gateway.vpc_edit");
  await until("the second to close", async () => (await curl(`${addresses[1]}/`)).exit === 7);
  expect((await curl("--interface", "127.88.1.7", `${addresses[0]}/`)).status).toBe(200);

  // What cannot be is said next to its field, and keeps what was chosen.
  await visit(visitor, `${product.origin}${link}`);
  await main.getByLabel(/^local-a/).uncheck();
  await submit(visitor, "gateway.vpc_edit");
  await eventually(visitor, () => expect(main.locator("#f-vswitches")).toHaveAttribute("aria-invalid", "true"));

  // The network is held by the gateway, until it is deleted from it.
  await visit(visitor, `${product.origin}/networks/${link.split("/").pop()}`);
  await submit(visitor, "network.vpc_delete");
  await eventually(visitor, () => expect(main.getByText("Gateways are reached through it: first.").first()).toBeVisible());
  await visit(visitor, `${product.origin}${link}`);
  await submit(visitor, "gateway.vpc_unlink");
  await page.waitForURL(new RegExp(`${gateway}/vpc(\\?|$)`));
  await until("the first to close", async () => (await curl(`${addresses[0]}/`)).exit === 7);

  // The operator's side: a VPC, a vSwitch in it, one that does not fit.
  await visit(visitor, `${product.origin}/networks`);
  await page.locator("[name=name]").fill("lab");
  await page.locator("[name=blocks]").fill("127.88.9.0/24");
  await submit(visitor, "network.vpc_add");
  await eventually(visitor, () => expect(main.getByText("127.88.9.0/24 overlaps 127.88.0.0/16 loopback").first()).toBeVisible());
  await expect(page.locator("[name=name]")).toHaveValue("lab");
  await page.locator("[name=blocks]").fill("127.99.0.0/16");
  await submit(visitor, "network.vpc_add");
  await page.waitForURL(/\/networks\/vpc-/);
  await page.locator("#vsw-name").fill("lab-a");
  await page.locator("[name=block]").fill("10.0.0.0/24");
  await submit(visitor, "network.vswitch_add");
  await eventually(visitor, () => expect(main.getByText("10.0.0.0/24 is outside of the VPC").first()).toBeVisible());
  await page.locator("[name=block]").fill("127.99.1.0/24");
  await submit(visitor, "network.vswitch_add");
  await eventually(visitor, () => expect(main.getByRole("rowheader", { name: /lab-a/ })).toBeVisible());
}

test("a VPC reaches the gateway", async ({ product, open }) => {
  await journey(await open(), product);
});

test("a VPC reaches the gateway, without JavaScript", async ({ product, open }) => {
  await journey(await open({ javaScript: false }), product);
});
