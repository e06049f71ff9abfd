// An ALB gateway from the role to a service that answers through its instance, and until the instance is released.
import { call, deploy, revision, submit, waitFor } from "../fixtures/console";
import { curl } from "../fixtures/client";
import { stays, withoutNativeChecks, wrong } from "../fixtures/form";
import type { Product } from "../fixtures/product";
import { becomeAdministrator, eventually, expect, test, until, visit, type Visitor } from "../fixtures/test";

/** A network that the gateway is not in. */
async function declareOther(visitor: Visitor, product: Product) {
  const vpc = (await call(visitor.page, product, "network.vpc_add", { name: "other", blocks: "127.99.0.0/16" })).split("/")[2];
  await call(visitor.page, product, "network.vswitch_add", { vpc, name: "other-a", zone: "local-a", block: "127.99.1.0/24" });
  const html = await (await visitor.page.request.get(`${product.origin}/networks/${vpc}`, { headers: { accept: "text/html" } })).text();
  return { vpc, "vswitches[]": /vsw-[a-z0-9]{18}/.exec(html)![0] };
}

async function create(visitor: Visitor, product: Product): Promise<string> {
  const { page } = visitor;
  await visit(visitor, `${product.origin}/gateways/new/alb`);
  await submit(visitor, "gateway.grant_alb_role");
  await page.locator("[name=name]").fill("edge");
  await submit(visitor, "gateway.create_alb");
  await page.waitForURL(/\/gateways\/gw-/);
  const gateway = new URL(page.url()).pathname;
  await expect(page.locator("main").getByText("No network access is enabled")).toBeVisible();
  await visit(visitor, `${product.origin}${gateway}/alb`);
  await expect(page.locator("main").getByText("No network access is enabled")).toBeVisible();
  return gateway;
}

async function addVpc(visitor: Visitor, product: Product, gateway: string) {
  const { page } = visitor;
  const main = page.locator("main");
  await main.getByRole("link", { name: "Add VPC" }).first().click();
  await page.waitForURL(`**${gateway}/vpc/add`);
  // Any of them so far.
  await expect(main.locator("select[name=vpc] option:not([disabled])")).toHaveCount(2);
  await expect(main.locator("select[name=vpc] option:checked")).toHaveText(/^loopback/);
  await expect(main.locator("input[type=checkbox][name='vswitches[]']:checked")).toHaveCount(2);
  await submit(visitor, "gateway.vpc_link");
  await page.waitForURL(new RegExp(`${gateway}/vpc(\\?|$)`));
  await eventually(visitor, () => expect(main.getByRole("row", { name: /loopback/ }).getByText("Running")).toBeVisible());
  // There is one VPC to an ALB gateway.
  await expect(main.getByRole("link", { name: "Add VPC" })).toHaveCount(0);
}

async function enablePublic(visitor: Visitor, product: Product, gateway: string, other: Awaited<ReturnType<typeof declareOther>>) {
  const { page } = visitor;
  const main = page.locator("main");
  await visit(visitor, `${product.origin}${gateway}/internet`);
  await main.getByRole("link", { name: "Enable Public Network" }).click();
  await page.waitForURL(`**${gateway}/internet/enable`);
  await expect(main.locator("select[name=vpc] option[disabled]")).toHaveText(/^other/);
  await expect(main.getByText("The other access of this gateway is in loopback, and both have to be in the same VPC.")).toBeVisible();
  // Who asks all the same is told the same.
  const refused = await page.request.post(`${product.origin}/api/_fn/alb.enable_public`, {
    form: { id: gateway.split("/")[2], revision: await revision(page, product, `${gateway}/internet/enable`), ...other, blocks: "127.0.0.1" },
    headers: { accept: "application/json", origin: product.origin, "sec-fetch-site": "same-origin" },
  });
  expect([refused.status(), await refused.text()]).toEqual([422, expect.stringContaining("alb_other_vpc")]);

  // The list is shown before anybody gets in, and narrowed in the same form.
  await expect(main.getByText("which starts as 0.0.0.0/0: everyone")).toBeVisible();
  await stays(visitor, { blocks: "0.0.0.0/0" });
  await withoutNativeChecks(visitor);
  await page.locator("[name=blocks]").fill("127.0.0.1, nobody");
  await submit(visitor, "alb.enable_public");
  await wrong(visitor, "blocks", /nobody is not an IP address/);
  await stays(visitor, { blocks: "127.0.0.1, nobody" });
  await page.locator("[name=blocks]").fill("127.0.0.1/32");
  await submit(visitor, "alb.enable_public");
  await page.waitForURL(new RegExp(`${gateway}/internet(\\?|$)`));
  await expect(page.getByText("Public access was enabled")).toBeVisible();
  await eventually(visitor, () => expect(main.getByText("Activated", { exact: true })).toBeVisible());
  await expect(main.getByRole("rowheader", { name: "127.0.0.1/32" })).toBeVisible();
}

async function instance(visitor: Visitor, product: Product, gateway: string) {
  const { page } = visitor;
  const main = page.locator("main");
  await visit(visitor, `${product.origin}${gateway}`);
  await main.getByRole("link", { name: /^alb-[a-z0-9]{18}$/ }).click();
  await page.waitForURL(`**${gateway}/alb`);
  await eventually(visitor, () => expect(main.getByRole("status").getByText("Active", { exact: true })).toBeVisible());
  const listeners = main.getByRole("table", { name: "Listeners" });
  await expect(listeners.getByRole("row")).toHaveCount(1 + 3 + 4);
  for (const address of [`127.0.0.1:${product.ownPorts}`, `127.88.1.10:${product.httpPort}`, `127.88.2.10:${product.httpPort}`]) {
    await expect(listeners.getByRole("row", { name: address }).getByText("Running")).toBeVisible();
  }
  await expect(main.getByRole("table", { name: "Zones" }).getByRole("row")).toHaveCount(1 + 2);
}

/** A service answers at both accesses, and what that takes is shown. */
async function answers(visitor: Visitor, product: Product, gateway: string): Promise<string> {
  const { page } = visitor;
  const main = page.locator("main");
  const service = await deploy(page, product, gateway, "sample");
  await waitFor(page, product, service, "Running");
  await visit(visitor, `${product.origin}${service}/invocation`);
  await submit(visitor, "token.reveal");
  const token = (await main.locator(".copy-value").filter({ hasText: /^[A-Za-z0-9_-]{43}$/ }).textContent())!;
  for (const door of [`http://127.88.1.10:${product.httpPort}`, `http://127.0.0.1:${product.ownPorts}`]) {
    const answer = await until("the model", async () => {
      const answer = await curl("-H", `Authorization: ${token}`, `${door}/api/predict/sample`);
      return answer.status === 200 && answer;
    });
    expect(answer.body.trim()).toBe("True");
  }
  expect((await curl("--interface", "127.0.0.9", `http://127.0.0.1:${product.ownPorts}/`)).status).toBe(403);
  await visit(visitor, `${product.origin}${gateway}/alb`);
  await eventually(visitor, () => expect(main.getByText(/^Rates over the last \d+ seconds\.$/)).toBeVisible({ timeout: 15_000 }));
  await eventually(visitor, () => expect(main.getByText("1 (1–16)")).toBeVisible());
  await expect(main.getByRole("table", { name: "Capacity units" }).getByRole("row")).toHaveCount(1 + 4);
  return service;
}

async function deleteService(visitor: Visitor, product: Product, service: string) {
  const named = { id: service.split("/")[2], revision: await revision(visitor.page, product, `${service}/delete`) };
  await call(visitor.page, product, "service.delete", { ...named, confirmation: "sample" });
}

async function release(visitor: Visitor, product: Product, gateway: string, service: string) {
  const { page } = visitor;
  const main = page.locator("main");
  await visit(visitor, `${product.origin}${gateway}/vpc`);
  await main.getByRole("link", { name: "loopback", exact: true }).click();
  await page.waitForURL(/\/vpc\/vpc-/);
  await submit(visitor, "gateway.vpc_unlink");
  await page.waitForURL(new RegExp(`${gateway}/vpc(\\?|$)`));
  await until("the VPC to be closed", async () => (await curl(`http://127.88.1.10:${product.httpPort}/`)).exit === 7);
  expect((await curl(`http://127.0.0.1:${product.ownPorts}/`)).status).toBe(200);
  await visit(visitor, `${product.origin}${gateway}/internet`);
  await expect(main.getByText("disabling it releases the ALB instance")).toBeVisible();
  await submit(visitor, "gateway.set_portal");
  await eventually(visitor, () => expect(main.getByText("Public access is disabled")).toBeVisible());
  await until("the port to be closed", async () => (await curl(`http://127.0.0.1:${product.ownPorts}/`)).exit === 7);
  await visit(visitor, `${product.origin}${gateway}/alb`);
  await expect(main.getByText("No network access is enabled")).toBeVisible();
  // The service is still in the network that was the gateway's, so that one it is again; without the service any is.
  await visit(visitor, `${product.origin}${gateway}/internet/enable`);
  await expect(main.locator("select[name=vpc] option[disabled]")).toHaveText(/^other/);
  await expect(main.getByText("The service sample of this gateway is in loopback.")).toBeVisible();
  await deleteService(visitor, product, service);
  await visit(visitor, `${product.origin}${gateway}/internet/enable`);
  await expect(main.locator("select[name=vpc] option[disabled]")).toHaveCount(0);
}

async function journey(visitor: Visitor, product: Product) {
  await becomeAdministrator(visitor, product);
  const other = await declareOther(visitor, product);
  const gateway = await create(visitor, product);
  await addVpc(visitor, product, gateway);
  await enablePublic(visitor, product, gateway, other);
  await instance(visitor, product, gateway);
  const service = await answers(visitor, product, gateway);
  await release(visitor, product, gateway, service);
}

test("an ALB gateway is opened, serves and is closed", async ({ product, open }) => {
  test.setTimeout(120_000);
  await journey(await open(), product);
});

test("an ALB gateway is opened, serves and is closed, without JavaScript", async ({ product, open }) => {
  test.setTimeout(120_000);
  await journey(await open({ javaScript: false }), product);
});
