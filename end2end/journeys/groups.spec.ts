// Two services behind one name: joined, weighed, one of them found by a header, taken out, called with the group's token.
import { curl } from "../fixtures/client";
import { deploy, openGateway, submit, waitFor } from "../fixtures/console";
import { wrong } from "../fixtures/form";
import type { Product } from "../fixtures/product";
import { becomeAdministrator, eventually, expect, test, until, visit, type Visitor } from "../fixtures/test";

/** The versions that so many requests reached: what the sample model says of itself in a header. */
async function reached(url: string, token: string, times: number, ...more: string[]): Promise<Set<string>> {
  const found = new Set<string>();
  for (let n = 0; n < times; n++) {
    const answer = await curl("-H", `Authorization: ${token}`, ...more, `${url}/version`);
    expect(answer.status, answer.body).toBe(200);
    found.add(answer.body.trim());
  }
  return found;
}

async function journey(visitor: Visitor, product: Product) {
  const { page } = visitor;
  const main = page.locator("main");
  await becomeAdministrator(visitor, product);
  const gateway = await openGateway(page, product, "first");
  const command = "inference-gateway sample-model";
  const one = await deploy(page, product, gateway, "one", command, "VERSION=one");
  const two = await deploy(page, product, gateway, "two", command, "VERSION=two");
  for (const service of [one, two]) await waitFor(page, product, service, "Running");

  // A group needs a name of its own.
  await visit(visitor, `${product.origin}${one}/group`);
  await page.locator("[name='group']").fill("two");
  await submit(visitor, "service.set_group");
  await wrong(visitor, "group", /two is a service of this workspace/);
  for (const service of [one, two]) {
    await visit(visitor, `${product.origin}${service}/group`);
    await page.locator("[name='group']").fill("all");
    await submit(visitor, "service.set_group");
    await expect(main.getByRole("link", { name: "all", exact: true })).toBeVisible();
  }
  await main.getByRole("link", { name: "all", exact: true }).click();
  await page.waitForURL(/\/groups\/grp-/);
  const group = page.url();
  await expect(main.getByRole("row", { name: /one.*1 \/ 1.*50 %/ })).toBeVisible();
  await submit(visitor, "group.reveal_token");
  const token = (await main.locator(".copy-value").filter({ hasText: /^[A-Za-z0-9_-]{43}$/ }).textContent())!;
  const url = `http://127.0.0.1:${product.ownPorts}/api/predict/all`;
  await until("the group", async () => (await curl("-H", `Authorization: ${token}`, `${url}/version`)).status === 200);
  expect([...(await reached(url, token, 10))].sort()).toEqual(["one", "two"]);
  expect((await curl("-H", "Authorization: wrong", `${url}/version`)).status).toBe(401);

  // Fixed weights: all to one of them, and to the other by a header.
  await page.locator("[name='weights']").selectOption("fixed");
  await submit(visitor, "group.set_weights");
  await eventually(visitor, () => expect(page.locator("[name='weights']")).toHaveValue("fixed"));
  await visit(visitor, `${product.origin}${two}/group`);
  await page.locator("[name='draft[weight]']").fill("0");
  await page.locator("[name='draft[header]']").fill("X-Canary: yes");
  await submit(visitor, "service.set_place");
  await visit(visitor, group);
  await eventually(visitor, () => expect(main.getByRole("row", { name: /two.*0 %.*x-canary: yes/ })).toBeVisible());
  await until("only one", async () => (await reached(url, token, 10)).size === 1);
  expect([...(await reached(url, token, 5))]).toEqual(["one"]);
  expect([...(await reached(url, token, 5, "-H", "x-canary: yes"))]).toEqual(["two"]);

  // Out of the group's traffic, and still there by its own name.
  await visit(visitor, `${product.origin}${two}/group`);
  await page.locator("[name='draft[header]']").fill("");
  await page.locator("[name='draft[standalone]']").check();
  await submit(visitor, "service.set_place");
  await until("gone", async () => !(await reached(url, token, 5, "-H", "x-canary: yes")).has("two"));
  await visit(visitor, `${product.origin}${two}/group`);
  await page.locator("[name='group']").fill("");
  await submit(visitor, "service.set_group");
  await expect(main.getByText("This service is in no group.")).toBeVisible();
}

test("services in a group", async ({ product, open }) => {
  await journey(await open(), product);
});

test("services in a group, without JavaScript", async ({ product, open }) => {
  await journey(await open({ javaScript: false }), product);
});
