// From the list to an answer by template, form and JSON; then an update that says first what it changes. Each with a
// script and without.
import type { Product } from "../fixtures/product";
import { openGateway, submit, waitFor } from "../fixtures/console";
import { curl } from "../fixtures/client";
import { fill, stays, wrong } from "../fixtures/form";
import { becomeAdministrator, expect, test, until, visit, type Visitor } from "../fixtures/test";

/** The document as the page shows it. */
const shown = async ({ page }: Visitor) => JSON.parse(await page.locator("[name=document]").inputValue());

/** Without a script the page says what comes of it when it is asked. */
async function review(visitor: Visitor) {
  const { page, javaScript } = visitor;
  if (javaScript) await page.locator("[name=document]").blur();
  else await page.locator("[formaction='/api/_fn/service.preview']").click();
}

async function fromTemplate(visitor: Visitor, product: Product) {
  const { page } = visitor;
  const gateway = await openGateway(page, product, "first");
  await visit(visitor, `${product.origin}/services`);
  await page.locator("main a[href='/services/new']").first().click();
  await page.locator("a[href='/services/new/template/sample']").click();
  await page.locator("form[action='/services/new/custom'] button").click();
  await expect(page.locator("[name='draft[command]']")).toHaveValue("inference-gateway sample-model");
  await expect(page.locator("[name='draft[gateway]']")).toHaveValue(gateway.split("/")[2]);

  // What the form says is in the JSON, and the other way round.
  await fill(visitor, { "draft[name]": "demo", "draft[env]": "MODEL=tiny", "draft[token]": "a-token-of-one-s-own-0123456789" });
  await page.locator("[name='draft[env]']").blur();
  await review(visitor);
  await expect.poll(async () => (await shown(visitor)).process.env).toEqual([{ name: "MODEL", value: "tiny" }]);
  const document = await shown(visitor);
  document.metadata.instance = 2;
  await fill(visitor, { document: JSON.stringify(document, null, 2) });
  await review(visitor);
  await expect(page.locator("[name='draft[replicas]']")).toHaveValue("2");
  await stays(visitor, { "draft[name]": "demo", "draft[env]": "MODEL=tiny" });
  await expect(page.locator("#summary")).toContainText("first");

  await submit(visitor, "service.deploy");
  await page.waitForURL(/\/services\/svc-/);
  const service = new URL(page.url()).pathname;
  await waitFor(page, product, service, "Running");
  const url = `http://127.0.0.1:${product.ownPorts}/api/predict/demo`;
  const answer = await until("the model", async () => {
    const answer = await curl("-H", "Authorization: a-token-of-one-s-own-0123456789", url);
    return answer.status === 200 && answer;
  });
  expect(answer.body).not.toBe("");
  return service;
}

async function update(visitor: Visitor, product: Product, service: string) {
  const { page } = visitor;
  await visit(visitor, `${product.origin}${service}`);
  await page.locator(`main a[href='${service}/update']`).first().click();
  await expect(page.locator("[name='draft[name]']")).toHaveValue("demo");
  await expect(page.locator("#summary")).toContainText("Nothing is changed yet");
  await page.locator("summary", { hasText: "Limits and queue" }).click();
  await fill(visitor, { "draft[rate]": "5", "draft[env]": "MODEL=tiny\nSECRET=shown to nobody" });
  await page.locator("[name='draft[env]']").blur();
  await review(visitor);
  const summary = page.locator("#summary");
  await expect(summary.getByRole("rowheader", { name: "process.env.SECRET" })).toBeVisible();
  await expect(summary).toContainText("networking.gateway_policy.rate_limit");
  await expect(summary).not.toContainText("shown to nobody");
  await expect(summary).toContainText("The update starts new replicas");
  await submit(visitor, "service.update");
  await page.waitForURL((url) => url.pathname === service);
  await waitFor(page, product, service, "Running");
  await visit(visitor, `${product.origin}${service}/update`);
  await expect(page.locator("[name='draft[rate]']")).toHaveValue("5");
  await submit(visitor, "service.update");
  await page.waitForURL((url) => url.pathname === service);
  await expect(page.locator("main")).toContainText(/nothing was changed|already/i);
}

async function json(visitor: Visitor, product: Product) {
  const { page } = visitor;
  await visit(visitor, `${product.origin}/services/new/json`);
  await fill(visitor, { document: "{" });
  await submit(visitor, "service.deploy");
  await wrong(visitor, "document", /no JSON from line 1/);
  await stays(visitor, { document: "{" });
  const text = (key: string) => `{"metadata":{"name":"byjson","${key}":1},"networking":{"gateway":"nowhere"},"process":{"command":"inference-gateway sample-model"}}`;
  await fill(visitor, { document: text("instances") });
  await submit(visitor, "service.deploy");
  await expect(page.locator("main")).toContainText("metadata.instances: There is no such key. Did you mean metadata.instance?");
  await stays(visitor, { document: text("instances") });
}

for (const javaScript of [true, false]) {
  test(`a service from a template, by JSON, updated (${javaScript ? "with" : "without"} JavaScript)`, async ({ product, open }) => {
    const visitor = await open({ javaScript });
    await becomeAdministrator(visitor, product);
    const service = await fromTemplate(visitor, product);
    await update(visitor, product, service);
    await json(visitor, product);
  });
}
