// How a service is called: its tokens, the calls that are shown, a request from the console, a chat, and the list.
import { curl } from "../fixtures/client";
import { call, deploy, openGateway, submit, waitFor } from "../fixtures/console";
import type { Product } from "../fixtures/product";
import { becomeAdministrator, eventually, expect, ready, test, until, visit, type Visitor } from "../fixtures/test";

const secret = /^[A-Za-z0-9_-]{43}$/;

async function prepare(visitor: Visitor, product: Product) {
  const { page } = visitor;
  await becomeAdministrator(visitor, product);
  const gateway = await openGateway(page, product, "first");
  const service = await deploy(page, product, gateway, "sample");
  await waitFor(page, product, service, "Running");
  const url = `http://127.0.0.1:${product.ownPorts}/api/predict/sample`;
  await until("the gateway", async () => (await curl(url)).status === 401);
  return { gateway, service, url };
}

async function tokens(visitor: Visitor, product: Product) {
  const { page } = visitor;
  const main = page.locator("main");
  const { service, url } = await prepare(visitor, product);
  const invocation = `${product.origin}${service}/invocation`;
  await visit(visitor, invocation);
  await submit(visitor, "token.reveal");
  const first = (await main.locator(".copy-value").filter({ hasText: secret }).textContent())!;
  await expect(main.locator(".code-text").getByText(first)).toBeVisible();

  // Replaced with an overlap: the new one works, and so does the old one, until it ends.
  await visit(visitor, invocation);
  await main.locator("details.disclose summary").first().click();
  await main.locator("[name=overlap]").selectOption("3600");
  await submit(visitor, "token.rotate");
  await page.waitForURL(/flash=token_rotated/);
  await eventually(visitor, () => expect(main.locator("tbody tr")).toHaveCount(2));
  expect((await curl("-H", `Authorization: ${first}`, url)).body.trim()).toBe("True");
  await eventually(visitor, () => expect(main.locator("tbody tr").nth(1).locator("td").nth(1)).not.toHaveText("Never"));
  const html = await (await page.request.get(invocation, { headers: { accept: "text/html" } })).text();
  const [fresh, old] = [...new Set(html.match(/tok-[a-z0-9]{18}/g)!)];

  // The old one ends now.
  const id = service.split("/")[2];
  await call(page, product, "token.edit", { service: id, id: old, revision: 2, "draft[label]": "old", "draft[lifetime]": "0" });
  await until("the old one to end", async () => (await curl("-H", `Authorization: ${first}`, url)).status === 401);
  await visit(visitor, invocation);
  await expect(main.getByText("Expired", { exact: true })).toBeVisible();

  // The last that works is not deleted without a word.
  await main.locator("details.disclose summary").first().click();
  await expect(main.getByText("This is the only token that still works.")).toBeVisible();
  await main.locator("[name=confirmation]").fill("another");
  await submit(visitor, "token.delete");
  await expect(main.getByText("That does not match. Type sample.")).toBeVisible();
  await call(page, product, "token.delete", { service: id, id: fresh, revision: 1, confirmation: "sample" });

  // A new one, with a comment.
  await visit(visitor, invocation);
  await main.locator("form[action*='token.create'] [name='draft[label]']").fill("nightly <b>");
  await submit(visitor, "token.create");
  await page.waitForURL(/flash=token_created/);
  await eventually(visitor, () => expect(main.getByText("nightly <b>").first()).toBeVisible());
}

test("tokens are replaced, ended, deleted and made", async ({ product, open }) => {
  await tokens(await open(), product);
});

test("the same with JavaScript off", async ({ product, open }) => {
  await tokens(await open({ javaScript: false }), product);
});

async function snippets(visitor: Visitor, product: Product) {
  const { page } = visitor;
  const main = page.locator("main");
  const { service, gateway } = await prepare(visitor, product);
  await visit(visitor, `${product.origin}${service}/invocation`);
  await expect(main.locator(".code-text")).toContainText("curl 'http://127.0.0.1");
  await main.getByRole("link", { name: "JavaScript" }).click();
  await expect(main.locator(".code-text")).toContainText("await fetch(");
  // Over TLS with the local authority's certificate, which is said and can be had.
  await main.getByRole("link", { name: /^https:/ }).click();
  await expect(main.locator(".code-text")).toContainText("NODE_EXTRA_CA_CERTS");
  await expect(main.getByText("Download its certificate next to where you run this.")).toBeVisible();
  await main.getByRole("link", { name: "Shared Gateway" }).click();
  await expect(main.getByText("This installation has no shared gateway")).toBeVisible();
  // Whoever looks is not on the list any more.
  const internet = `${product.origin}${gateway}/internet`;
  await visit(visitor, internet);
  await submit(visitor, "gateway.whitelist_remove");
  await eventually(visitor, () => expect(main.getByRole("rowheader", { name: "127.0.0.1/32" })).toHaveCount(0));
  await visit(visitor, `${product.origin}${service}/invocation`);
  await expect(main.getByText("Your address 127.0.0.1, as this console sees it")).toBeVisible();
}

test("calls are shown for each client and endpoint", async ({ product, open }) => {
  await snippets(await open(), product);
});

test("calls are shown with JavaScript off", async ({ product, open }) => {
  await snippets(await open({ javaScript: false }), product);
});

async function debugging(visitor: Visitor, product: Product) {
  const { page } = visitor;
  const main = page.locator("main");
  const { service, gateway } = await prepare(visitor, product);
  const address = `${product.origin}${service}/debugging`;
  await visit(visitor, address);
  await submit(visitor, "service.debug");
  const body = main.locator(".debug-body");
  await expect(body).toContainText("True");
  await expect(main.getByRole("status").getByText("200", { exact: true })).toBeVisible();
  await expect(main.getByText("First byte after")).toBeVisible();

  // What is wrong stands at its field, and what was typed stays.
  await main.locator("[name='draft[method]']").selectOption("POST");
  await main.locator("[name='draft[path]']").fill("/../other");
  await main.locator("[name='draft[body]']").fill("{");
  await submit(visitor, "service.debug");
  await expect(main.getByText("Write the path without dot segments")).toBeVisible();
  await expect(main.getByText("This is no JSON.")).toBeVisible();
  await expect(main.locator("[name='draft[path]']")).toHaveValue("/../other");

  // A stream.
  const chat = { model: "m", stream: true, messages: [{ role: "user", content: "one two three" }] };
  await main.locator("[name='draft[path]']").fill("/v1/chat/completions");
  await main.locator("[name='draft[body]']").fill(JSON.stringify(chat));
  await submit(visitor, "service.debug");
  await expect(body).toContainText("[DONE]");

  // The gateway's rules hold for it, too.
  await visit(visitor, `${product.origin}${gateway}/internet`);
  await submit(visitor, "gateway.whitelist_remove");
  await eventually(visitor, () => expect(main.getByRole("rowheader", { name: "127.0.0.1/32" })).toHaveCount(0));
  await expect(async () => {
    await visit(visitor, address);
    await submit(visitor, "service.debug");
    await expect(main.getByText("did not let the console's address 127.0.0.1 in")).toBeVisible({ timeout: 2000 });
  }).toPass({ timeout: 20_000 });
}

test("a request is made from the console", async ({ product, open }) => {
  const visitor = await open();
  await debugging(visitor, product);
  // In the history without its token; it fills the form again.
  const { page } = visitor;
  const main = page.locator("main");
  await main.getByRole("button", { name: "POST /v1/chat/completions" }).click();
  await expect(main.locator("[name='draft[path]']")).toHaveValue("/v1/chat/completions");
  const kept = await page.evaluate(() => JSON.stringify(localStorage));
  expect(kept).toContain("/v1/chat/completions");
  expect(kept).not.toMatch(/tok-|Authorization/);
});

test("a request is made with JavaScript off", async ({ product, open }) => {
  await debugging(await open({ javaScript: false }), product);
});

test("a chat streams and is stopped", async ({ product, open }) => {
  const visitor = await open();
  const { page } = visitor;
  const main = page.locator("main");
  const { service } = await prepare(visitor, product);
  await visit(visitor, `${product.origin}${service}/debugging?view=chat`);
  await main.locator("[name=message]").fill("one two three");
  await main.getByRole("button", { name: "Send" }).click();
  await expect(main.locator(".chat-turn[data-role=assistant]")).toHaveText(/one two three/);
  await expect(main.getByText(/First token after .* tokens\/s/)).toBeVisible();
  await main.locator("[name=message]").fill("word ".repeat(1000));
  await main.getByRole("button", { name: "Send" }).click();
  await expect(main.locator(".chat-turn[data-role=assistant]").nth(1)).toContainText("word");
  await main.getByRole("button", { name: "Stop" }).click();
  await expect(main.getByRole("button", { name: "Stop" })).toHaveCount(0);
  await expect(main.locator(".chat-turn[data-role=assistant]")).toHaveCount(2);
});

async function list(visitor: Visitor, product: Product) {
  const { page } = visitor;
  const main = page.locator("main");
  const { gateway, url } = await prepare(visitor, product);
  const broken = await deploy(page, product, gateway, "broken", "/nowhere/model");
  await waitFor(page, product, broken, "Failed");
  const services = `${product.origin}/services`;
  await visit(visitor, services);
  const row = (name: string) => main.locator("tbody tr").filter({ has: page.getByRole("link", { name, exact: true }) });
  await expect(row("sample")).toContainText(url);
  await expect(row("sample")).toContainText("by ada");
  // Why it failed, for the keyboard as well.
  await row("broken").locator(".tip").focus();
  await expect(row("broken").locator(".tip-text")).toHaveCSS("position", "static");
  await main.locator("[name=status]").selectOption("failed");
  await main.locator("form[role=search] button").click();
  await page.waitForURL(/status=failed/);
  await ready(visitor);
  await expect(row("sample")).toHaveCount(0);
  await expect(row("broken")).toHaveCount(1);
  await visit(visitor, `${services}?sort=name&order=desc`);
  await expect(main.locator("tbody th a").first()).toHaveText("sample");

  // What may be done with one.
  await row("sample").locator("summary").click();
  await row("sample").getByRole("button", { name: "Stop" }).click();
  await page.waitForURL(/\/services\?flash=service_stopped/);
  await eventually(visitor, () => expect(row("sample")).toContainText("Stopped"));
}

test("the list of services", async ({ product, open }) => {
  await list(await open(), product);
});

test("the list of services with JavaScript off", async ({ product, open }) => {
  await list(await open({ javaScript: false }), product);
});
