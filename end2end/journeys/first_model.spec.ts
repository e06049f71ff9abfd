// From the set-up link to a model that answers, and everything that must be refused on the way.
import { curl, OpenConnection } from "../fixtures/client";
import type { Product } from "../fixtures/product";
import { becomeAdministrator, eventually, expect, ready, test, until, visit, type Visitor } from "../fixtures/test";

interface Words {
  running: string;
  activated: string;
  off: string;
}
const english: Words = { running: "Running", activated: "Activated", off: "Off" };
const chinese: Words = { running: "运行中", activated: "已开通", off: "已关闭" };

async function submit(visitor: Visitor, form: string) {
  await visitor.page.locator(`form[action*='${form}'] button[type=submit]`).first().click();
}

async function journey(visitor: Visitor, product: Product, words: Words) {
  const { page } = visitor;
  const main = page.locator("main");
  await becomeAdministrator(visitor, product);

  // Create a fully managed gateway: two kinds, purchase page, order.
  await page.locator("main a[href='/gateways/new']").first().click();
  await page.locator("main a[href='/gateways/new/managed']").click();
  await page.locator("#f-name").fill("first");
  await page.locator("form[action*='confirm'] button").click();
  await page.waitForURL("**/confirm?**");
  await ready(visitor);
  await submit(visitor, "gateway.buy_managed");
  await page.waitForURL(/\/gateways\/gw-[a-z0-9]{18}/);
  await eventually(visitor, () => expect(main.getByText(words.running, { exact: true }).first()).toBeVisible());
  const gateway = /gw-[a-z0-9]{18}/.exec(page.url())![0];

  // Turn the portal on; the status is what the engine says.
  await visit(visitor, `${product.origin}/gateways/${gateway}/internet`);
  await submit(visitor, "gateway.set_portal");
  await eventually(visitor, () => expect(page.locator("#portal-status")).toHaveText(words.activated));
  await expect(page.getByRole("switch")).toHaveAttribute("aria-checked", "true");
  const door = `http://127.0.0.1:${product.ownPorts}`;
  await expect(main.getByText(door, { exact: true })).toBeVisible();
  expect((await curl(`${door}/`)).status, "nobody is on the list yet").toBe(403);

  await page.locator("[name=blocks]").fill("127.0.0.1/32");
  await page.locator("[name=comment]").fill("this host");
  await submit(visitor, "gateway.whitelist_add");
  await eventually(visitor, () => expect(main.getByRole("rowheader", { name: "127.0.0.1/32" })).toBeVisible());
  const root = await until("the gateway's greeting", async () => {
    const answer = await curl(`${door}/`);
    return answer.status === 200 && answer;
  });
  expect(JSON.parse(root.body).gateway).toBe(gateway);

  // Deploy two replicas of the sample model behind it.
  await visit(visitor, `${product.origin}/services/new/custom?gateway=${gateway}`);
  await page.locator("[name='draft[name]']").fill("sample");
  await page.locator("[name='draft[command]']").fill("inference-gateway sample-model");
  await page.locator("[name='draft[replicas]']").fill("2");
  await submit(visitor, "service.deploy");
  await page.waitForURL(/\/services\/svc-/);
  await eventually(visitor, () => expect(main.getByText(words.running, { exact: true }).first()).toBeVisible());
  const service = /svc-[a-z0-9]{18}/.exec(page.url())![0];

  // Endpoint and token from the Invocation panel.
  await visit(visitor, `${product.origin}/services/${service}/invocation`);
  const url = `${door}/api/predict/sample`;
  await expect(main.getByText(url, { exact: true }).first()).toBeVisible();
  await expect(main.getByText("••••")).toBeVisible();
  await submit(visitor, "token.reveal");
  const token = (await main.locator(".copy-value").filter({ hasText: /^[A-Za-z0-9_-]{43}$/ }).textContent())!;

  const answer = await until("the model", async () => {
    const answer = await curl("-H", `Authorization: ${token}`, url);
    return answer.status === 200 && answer;
  });
  expect(answer.body.trim()).toBe("True");
  const byName = await curl("-H", `Authorization: ${token}`, `http://${gateway}.local.gw.localhost:${product.httpPort}/api/predict/sample`);
  expect(byName.body.trim()).toBe("True");
  expect((await curl("-H", "Authorization: wrong", url)).status).toBe(401);
  expect((await curl(url)).status).toBe(401);

  // An emptied list bites on a connection that is open already, within a second.
  const open = new OpenConnection();
  expect((await open.get(url, { authorization: token })).status).toBe(200);
  await visit(visitor, `${product.origin}/gateways/${gateway}/internet`);
  await submit(visitor, "gateway.whitelist_remove");
  await eventually(visitor, () => expect(main.getByRole("rowheader", { name: "127.0.0.1/32" })).toHaveCount(0));
  const emptied = Date.now();
  await until("403 on the open connection", async () => (await open.get(url, { authorization: token })).status === 403);
  expect(Date.now() - emptied).toBeLessThan(1000);
  expect(open.ports.size, "all of it over one connection").toBe(1);
  open.close();

  // Back on the list, then portal off and on: the list is what it was.
  await page.locator("[name=blocks]").fill("127.0.0.1/32\n192.0.2.0/24");
  await submit(visitor, "gateway.whitelist_add");
  await eventually(visitor, () => expect(main.getByRole("rowheader", { name: "192.0.2.0/24" })).toBeVisible());
  await submit(visitor, "gateway.set_portal");
  await eventually(visitor, () => expect(page.locator("#portal-status")).toHaveText(words.off));
  expect((await curl(url)).exit, "connection refused").toBe(7);
  expect((await curl("-H", `Host: ${gateway}.local.gw.localhost`, `http://127.0.0.1:${product.httpPort}/`)).status).toBe(404);
  await submit(visitor, "gateway.set_portal");
  await eventually(visitor, () => expect(page.locator("#portal-status")).toHaveText(words.activated));
  await expect(main.getByRole("rowheader")).toHaveText([/^127\.0\.0\.1\/32/, /^192\.0\.2\.0\/24/]);
  expect((await curl("-H", `Authorization: Bearer ${token}`, url)).body.trim()).toBe("True");
}

test("a model answers through a gateway", async ({ product, open }) => {
  await journey(await open(), product, english);
});

test("the same with JavaScript off", async ({ product, open }) => {
  await journey(await open({ javaScript: false }), product, english);
});

test("the same in Chinese", async ({ product, open }) => {
  await journey(await open({ language: "zh-CN" }), product, chinese);
});
