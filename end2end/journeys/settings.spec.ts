// A gateway's settings: name, labels, protection, and what it says for its services.
import { curl } from "../fixtures/client";
import { deploy, openGateway, submit, waitFor } from "../fixtures/console";
import type { Product } from "../fixtures/product";
import { becomeAdministrator, eventually, expect, test, until, visit, type Visitor } from "../fixtures/test";

async function journey(visitor: Visitor, product: Product) {
  const { page } = visitor;
  const main = page.locator("main");
  await becomeAdministrator(visitor, product);
  const gateway = await openGateway(page, product, "first");
  const service = await deploy(page, product, gateway, "sample");
  await waitFor(page, product, service, "Running");

  // Labels that are none keep what was typed.
  await visit(visitor, `${product.origin}${gateway}/settings`);
  await page.locator("[name=labels]").fill("=vision");
  await submit(visitor, "gateway.settings");
  await eventually(visitor, () => expect(page.locator("[name=labels]")).toHaveAttribute("aria-invalid", "true"));
  await expect(page.locator("[name=labels]")).toHaveValue("=vision");
  await page.locator("[name=labels]").fill("team = vision");
  await page.locator("[name=name]").fill("renamed");
  await page.locator("[name=protected]").check();
  await submit(visitor, "gateway.settings");
  await page.waitForURL(/flash=settings_saved/);

  // The list is searched by them.
  await visit(visitor, `${product.origin}/gateways`);
  await main.getByRole("link", { name: "team=vision" }).click();
  await page.waitForURL(/label=team/);
  await eventually(visitor, () => expect(main.getByRole("link", { name: "renamed", exact: true })).toBeVisible());
  await visit(visitor, `${product.origin}/gateways?label=team%3Dspeech`);
  await eventually(visitor, () => expect(main.getByText("No gateway matches")).toBeVisible());

  // A time that is none.
  await visit(visitor, `${product.origin}${gateway}/settings`);
  await page.locator("[name=idle]").fill("soon");
  await submit(visitor, "gateway.traffic");
  await eventually(visitor, () => expect(page.locator("[name=idle]")).toHaveAttribute("aria-invalid", "true"));
  await page.locator("[name=idle]").fill("0.5");
  await submit(visitor, "gateway.traffic");
  await page.waitForURL(/flash=settings_saved/);

  // A stream that is silent for longer than that ends; with the old time it goes on to its end.
  const { token, url } = await invocation(visitor, product, service);
  const events = async () => {
    const answer = await curl("-H", `Authorization: ${token}`, `${url}/stream?events=3&interval_ms=1200`);
    return answer.body.split('"event":').length - 1;
  };
  await until("the time to be enforced", async () => (await events()) < 3);
  await page.locator("[name=idle]").fill("600");
  await submit(visitor, "gateway.traffic");
  await page.waitForURL(/flash=settings_saved/);
  await until("the old time to be back", async () => (await events()) === 3);
}

async function invocation({ page }: Visitor, product: Product, service: string) {
  const path = `${product.origin}${service}/invocation`;
  const html = await (await page.request.get(path, { headers: { accept: "text/html" } })).text();
  const token = /tok-[a-z0-9]{18}/.exec(html)![0];
  const answer = await page.request.post(`${product.origin}/api/_fn/token.reveal`, {
    form: { service: service.split("/")[2], id: token },
    headers: { accept: "application/json", origin: product.origin, "sec-fetch-site": "same-origin" },
  });
  const url = /http:\/\/127\.0\.0\.1:\d+\/api\/predict\/sample/.exec(html)![0];
  return { token: JSON.parse(await answer.text()) as string, url };
}

test("a gateway's settings", async ({ product, open }) => {
  await journey(await open(), product);
});

test("a gateway's settings, without JavaScript", async ({ product, open }) => {
  await journey(await open({ javaScript: false }), product);
});

async function arrivals(visitor: Visitor, product: Product) {
  const { page } = visitor;
  await becomeAdministrator(visitor, product);
  const gateway = await openGateway(page, product, "first");
  const door = `http://127.0.0.1:${product.ownPorts}/`;
  const from = (address: string, ...more: string[]) => curl("--interface", address, ...more, door);
  await until("the gateway to greet", async () => (await from("127.0.0.1")).status === 200);
  expect((await from("127.0.0.9")).status).toBe(403);
  const proxies = page.locator("[name=proxies]");

  // Strangers get no answer; who is on the list does.
  await visit(visitor, `${product.origin}${gateway}/settings`);
  await expect(page.locator("[name=strangers][value=refuse]")).toBeChecked();
  // The whole card is its label.
  await page.locator("label[for=f-strangers-drop]").click();
  await submit(visitor, "gateway.arrival");
  await page.waitForURL(/flash=settings_saved/);
  await until("strangers to be dropped", async () => (await from("127.0.0.9")).status === 0);
  expect((await from("127.0.0.1")).status).toBe(200);

  // Everybody is no proxy; what was typed is kept.
  // The whole card is its label.
  await page.locator("label[for=f-strangers-refuse]").click();
  await proxies.fill("0.0.0.0/0");
  await submit(visitor, "gateway.arrival");
  await eventually(visitor, () => expect(proxies).toHaveAttribute("aria-invalid", "true"));
  await expect(proxies).toHaveValue("0.0.0.0/0");
  await expect(page.locator("[name=strangers][value=refuse]")).toBeChecked();
  await proxies.fill("127.0.0.9\n192.0.2.0/24");
  await submit(visitor, "gateway.arrival");
  await page.waitForURL(/flash=settings_saved/);

  // It has to say whose connection it brings, which is not on the list; nobody else may say anything.
  await until("the proxy to be believed", async () => (await from("127.0.0.9", "--haproxy-protocol")).status === 403);
  expect((await from("127.0.0.9")).status).toBe(0);
  expect((await from("127.0.0.1", "--haproxy-protocol")).status).toBe(400);
  expect((await from("127.0.0.1")).status).toBe(200);
  await visit(visitor, `${product.origin}${gateway}/settings`);
  await expect(proxies).toHaveValue("127.0.0.9/32\n192.0.2.0/24");
}

test("who arrives at a gateway", async ({ product, open }) => {
  await arrivals(await open(), product);
});

test("who arrives at a gateway, without JavaScript", async ({ product, open }) => {
  await arrivals(await open({ javaScript: false }), product);
});

test("a protected gateway is not deleted", async ({ product, open }) => {
  const visitor = await open();
  const { page } = visitor;
  await becomeAdministrator(visitor, product);
  const gateway = await openGateway(page, product, "first");
  await visit(visitor, `${product.origin}${gateway}/settings`);
  await page.locator("[name=protected]").check();
  await submit(visitor, "gateway.settings");
  await page.waitForURL(/flash=settings_saved/);
  await visit(visitor, `${product.origin}${gateway}/delete`);
  await page.locator("[name=confirmation]").fill("first");
  await submit(visitor, "gateway.delete");
  await expect(page.getByText("protected against deletion").first()).toBeVisible();
  await waitFor(page, product, gateway, "Running");
});
