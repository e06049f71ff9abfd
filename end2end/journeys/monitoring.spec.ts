// The Monitoring tab of a service: what a client counted is what the page says, drawn and as a table, with a script and
// without one.
import { OpenConnection } from "../fixtures/client";
import { deploy, openGateway, waitFor } from "../fixtures/console";
import type { Product } from "../fixtures/product";
import { becomeAdministrator, eventually, expect, noViolations, test, until, visit, type Visitor } from "../fixtures/test";

/** What a figure of the page says. */
function figure({ page }: Visitor, name: string) {
  return page.locator("main .stat").filter({ has: page.getByText(name, { exact: true }) }).locator(".stat-value");
}

async function monitored(visitor: Visitor, product: Product) {
  const { page } = visitor;
  const main = page.locator("main");
  await becomeAdministrator(visitor, product);
  const gateway = await openGateway(page, product, "first");
  const service = await deploy(page, product, gateway, "sample");
  await waitFor(page, product, service, "Running");
  const id = service.split("/")[2];

  // Nobody has asked it yet, which is known; what was before it was deployed is not.
  await visit(visitor, product.origin + service);
  await main.getByRole("link", { name: "Monitoring", exact: true }).click();
  await expect(page).toHaveURL(/\/monitoring$/);
  await expect(figure(visitor, "Requests")).toHaveText("0");
  await expect(main.getByRole("img", { name: /^Requests a second: / })).toBeVisible();
  await expect(main.getByText("networking.gateway_policy.openai_metrics: true")).toBeVisible();

  const html = await (await page.request.get(`${product.origin}${service}/invocation`, { headers: { accept: "text/html" } })).text();
  const token = /tok-[a-z0-9]{18}/.exec(html)![0];
  const revealed = await page.request.post(`${product.origin}/api/_fn/token.reveal`, {
    form: { service: id, id: token },
    headers: { accept: "application/json", origin: product.origin, "sec-fetch-site": "same-origin" },
  });
  const authorization = JSON.parse(await revealed.text()) as string;
  const client = new OpenConnection();
  const counted = { all: 0, ok: 0, wrong: 0, failed: 0 };
  const ask = async (headers: Record<string, string>) => {
    const { status } = await client.get(`http://127.0.0.1:${product.ownPorts}/api/predict/sample`, headers);
    counted.all++;
    if (status < 300) counted.ok++;
    else if (status < 500) counted.wrong++;
    else counted.failed++;
    return status;
  };
  await until("the model", async () => (await ask({ authorization })) === 200);
  for (let asked = 0; asked < 20; asked++) await ask({ authorization });
  for (let asked = 0; asked < 6; asked++) await ask({});
  client.close();

  // Written every ten seconds, and looked at as often.
  const timeout = visitor.javaScript ? 30_000 : 500;
  await eventually(visitor, () => expect(figure(visitor, "Requests")).toHaveText(String(counted.all), { timeout }));
  await expect(figure(visitor, "2xx")).toHaveText(String(counted.ok));
  await expect(figure(visitor, "4xx")).toHaveText(String(counted.wrong));
  await expect(figure(visitor, "5xx")).toHaveText(String(counted.failed));
  await expect(main.getByRole("img", { name: /^How long requests take: p50 now .+ (ms|µs)/ })).toBeVisible();

  // The same figures as a table, in the time that a link chooses.
  await main.getByRole("link", { name: "15 minutes" }).click();
  await expect(page).toHaveURL(/range=15m/);
  await expect(main.getByRole("link", { name: "15 minutes" })).toHaveAttribute("aria-current", "page");
  await main.locator("summary", { hasText: "Requests as a table" }).click();
  const cells = main.getByRole("table", { name: "Requests as a table" }).locator("tbody tr td:nth-of-type(1)");
  await expect
    .poll(async () => (await cells.allTextContents()).reduce((sum, text) => sum + (Number(text) || 0), 0))
    .toBe(counted.all);
  await expect(main.getByRole("table", { name: "Requests as a table" }).getByText("No data")).toBeVisible();
  if (visitor.javaScript) {
    // It stays open while the page looks again.
    await page.waitForResponse((answer) => answer.url().includes("service.monitoring"), { timeout: 30_000 });
    await expect(cells.first()).toBeVisible();
    await noViolations(page, "monitoring");
  }

  // A time that nobody offers is the hour.
  await visit(visitor, `${product.origin}${service}/monitoring?range=%3Cscript%3E`);
  await expect(main.getByRole("link", { name: "1 hour", exact: true })).toHaveAttribute("aria-current", "page");
  await expect(figure(visitor, "Requests")).toHaveText(String(counted.all));
}

test("what a client counted is what the page shows", async ({ open, product }) => {
  test.setTimeout(180_000);
  await monitored(await open(), product);
});

test("what a client counted is what the page shows, without a script", async ({ open, product }) => {
  test.setTimeout(180_000);
  await monitored(await open({ javaScript: false }), product);
});
