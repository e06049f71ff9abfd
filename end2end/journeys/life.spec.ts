// The life of a service from the browser: replicas one by one, versions and rollouts, what it printed, a copy.
import { readFileSync } from "node:fs";
import { call, deploy, openGateway, revision, submit, waitFor } from "../fixtures/console";
import type { Product } from "../fixtures/product";
import { becomeAdministrator, eventually, expect, test, until, visit, type Visitor } from "../fixtures/test";

async function prepare(visitor: Visitor, product: Product) {
  const { page } = visitor;
  await becomeAdministrator(visitor, product);
  const gateway = await openGateway(page, product, "first");
  const service = await deploy(page, product, gateway, "demo");
  await waitFor(page, product, service, "Running");
  return service;
}

/** Does this with the first replica, by its menu. */
async function act(visitor: Visitor, label: string) {
  const row = visitor.page.locator("#replicas tbody tr").first();
  await row.locator("summary").first().click();
  await row.getByRole("button", { name: label, exact: true }).click();
}

async function replicas(visitor: Visitor, product: Product, service: string) {
  const { page } = visitor;
  const all = page.locator("#replicas");
  const first = all.locator("tbody tr th a").first();
  await visit(visitor, `${product.origin}${service}`);
  const id = await first.textContent();
  await act(visitor, "Isolate");
  await eventually(visitor, () => expect(all).toContainText("Isolated: gets no requests"));
  await act(visitor, "Admit again");
  await eventually(visitor, () => expect(all).not.toContainText("Isolated"));
  await act(visitor, "Restart");
  // It printed its first line once more; that somebody asked for it is no crash to be counted.
  const output = `${product.origin}${service}/logs?replica=${id}`;
  await until("the second start", async () => (await (await page.request.get(output)).text()).split("listens on").length > 2);
  await waitFor(page, product, service, "Running");
  await visit(visitor, `${product.origin}${service}`);
  await expect(all.locator("tbody tr td[data-label=Restarts]").first()).toHaveText("0");
  // Another one takes its place.
  await visit(visitor, `${product.origin}${service}`);
  await act(visitor, "Delete");
  await eventually(visitor, () => expect(first).not.toHaveText(id!));
  await visit(visitor, `${product.origin}${service}/events`);
  for (const action of ["isolate", "admit", "restart", "delete"]) await expect(page.locator("main")).toContainText(action);
}

/** Another command, by an update as the wizard sends it. */
async function update(visitor: Visitor, product: Product, service: string, command: string) {
  const { page } = visitor;
  await visit(visitor, `${product.origin}${service}/update`);
  await page.locator("[name='draft[command]']").fill(command);
  await submit(visitor, "service.update");
  await page.waitForURL((url) => url.pathname === service);
}

async function versions(visitor: Visitor, product: Product, service: string) {
  const { page } = visitor;
  const main = page.locator("main");
  // Nothing ever listens: the old version goes on while somebody looks at it.
  await update(visitor, product, service, "sleep 600");
  await eventually(visitor, () => expect(main).toContainText("Version 2 takes the place of 1"));
  await main.getByRole("button", { name: "Pause", exact: true }).click();
  await eventually(visitor, () => expect(main).toContainText("Paused between versions 1 and 2"));
  await main.getByRole("button", { name: "Resume", exact: true }).click();
  await eventually(visitor, () => expect(main).toContainText("Version 2 takes the place of 1"));
  await main.getByRole("button", { name: "Roll back to 1", exact: true }).click();
  await eventually(visitor, () => expect(main).toContainText("Version 2 was rolled back to 1"));
  await waitFor(page, product, service, "Running");

  // Any version that is kept, from their list, and a restart from the list of services.
  await visit(visitor, `${product.origin}${service}/versions`);
  await expect(main.locator("tbody tr")).toHaveCount(2);
  await expect(main.locator("tbody tr").first()).toContainText("workload.command");
  await visit(visitor, `${product.origin}/services`);
  const row = main.locator("tbody tr").first();
  await row.locator(".actions summary").click();
  await row.getByRole("button", { name: "Restart" }).click();
  await page.waitForURL(/flash=service_restarted/);
  await waitFor(page, product, `${service}`, "Version 3 is out");
  await visit(visitor, `${product.origin}${service}/versions`);
  await main.locator("tbody tr").filter({ hasText: "Deployment" }).getByRole("button", { name: "Roll back to 1" }).click();
  await page.waitForURL((url) => url.pathname === service);
  await waitFor(page, product, service, "Version 1 is out");
}

async function copy(visitor: Visitor, product: Product, service: string) {
  const { page } = visitor;
  await visit(visitor, `${product.origin}/services`);
  const row = page.locator("main tbody tr").first();
  await row.locator(".actions summary").click();
  await row.getByRole("link", { name: "Clone" }).click();
  await page.waitForURL(`**${service}/versions#clone`);
  await page.locator("#clone [name=name]").fill("twin");
  await submit(visitor, "service.clone");
  await page.waitForURL(/\/services\/svc-.*flash=service_deployed/);
  const twin = new URL(page.url()).pathname;
  expect(twin).not.toBe(service);
  await waitFor(page, product, twin, "Running");
  return twin;
}

async function logs(visitor: Visitor, product: Product, service: string) {
  const { page } = visitor;
  const main = page.locator("main");
  await call(page, product, "service.scale", { id: service.split("/")[2], revision: await revision(page, product, service), replicas: 2 });
  await waitFor(page, product, `${service}/scaling`, "2 / 2");
  await visit(visitor, `${product.origin}${service}/logs`);
  await expect(main.locator("[name=replica] option")).toHaveCount(2);
  await main.locator("[name=replica]").selectOption({ index: 1 });
  await main.locator("[name=q]").fill("LISTENS");
  await main.locator("form[role=search] button").click();
  await page.waitForURL(/q=LISTENS/);
  await expect(main.locator(".code-text")).toContainText("listens on");
  const chosen = await main.locator("[name=replica]").inputValue();
  const [download] = await Promise.all([page.waitForEvent("download"), main.locator("a[download]").click()]);
  expect(download.suggestedFilename()).toContain(chosen);
  expect(readFileSync(await download.path(), "utf8")).toContain("listens on");
  await visit(visitor, `${product.origin}${service}/logs?q=nobody+printed+this`);
  await expect(main).toContainText("Nothing of this was printed.");
}

for (const javaScript of [true, false]) {
  test(`the life of a service (${javaScript ? "with" : "without"} JavaScript)`, async ({ product, open }) => {
    test.setTimeout(120_000);
    const visitor = await open({ javaScript });
    const service = await prepare(visitor, product);
    await replicas(visitor, product, service);
    await versions(visitor, product, service);
    await copy(visitor, product, service);
    await logs(visitor, product, service);
  });
}
