// A second host: it joins by a command from the page, takes a node, is lost, drained and removed.
import { curl } from "../fixtures/client";
import { openGateway, submit, waitFor } from "../fixtures/console";
import { joinBy } from "../fixtures/host";
import { freePorts, start } from "../fixtures/product";
import { becomeAdministrator, eventually, expect, test as base, until, visit, type Visitor } from "../fixtures/test";
import type { Product } from "../fixtures/product";

// The console's own host takes calls of others.
const test = base.extend({
  product: async ({}, use, info) => {
    const product = await start([`--link-addr=127.0.0.1:${(await freePorts()) + 5}`]);
    await use(product);
    if (info.status !== info.expectedStatus) console.log(product.log());
    await product.stop();
  },
});

async function journey(visitor: Visitor, product: Product) {
  const { page } = visitor;
  const main = page.locator("main");
  await becomeAdministrator(visitor, product);
  const gateway = await openGateway(page, product, "first");

  // What was typed is kept, and the sentence is at its field.
  await visit(visitor, `${product.origin}/hosts`);
  await expect(main.getByRole("row", { name: /console/ })).toContainText("Running");
  await page.locator("[name=name]").fill("console");
  await submit(visitor, "host.invite");
  await eventually(visitor, () => expect(page.locator("[name=name]")).toHaveAttribute("aria-invalid", "true"));
  await expect(page.locator("[name=name]")).toHaveValue("console");
  await page.locator("[name=name]").fill("gpu-2");
  await page.locator("[name=zone]").selectOption("local-b");
  await submit(visitor, "host.invite");
  const shown = main.locator(".copy-value", { hasText: "inference-gateway join" });
  // Once: it is not there any more when the page is loaded again.
  const command = (await shown.textContent())!.trim();
  await eventually(visitor, () => expect(main.getByRole("button", { name: "Withdraw the token of gpu-2" })).toBeVisible());
  const host = await joinBy(command);
  try {
    // It has joined and does not run yet.
    await visit(visitor, `${product.origin}/hosts`);
    await expect(main.getByRole("row", { name: /gpu-2/ })).toContainText("Unknown");
    await expect(main.getByRole("row", { name: /gpu-2/ })).toContainText("Engine not heard of since");
    host.start();
    await eventually(visitor, () => expect(main.getByRole("row", { name: /gpu-2/ })).toContainText("Running"));
    await expect(main.getByRole("row", { name: /gpu-2/ })).toContainText("local-b");
    await waitFor(page, product, gateway, "Running");
    await visit(visitor, `${product.origin}${gateway}/nodes`);
    await expect(main.getByText(/gpu-2|console/).first()).toBeVisible();
    const name = `${gateway.split("/")[2]}.local.gw.localhost`;
    const asked = () => curl("-H", `host: ${name}`, `http://127.0.0.1:${host.httpPort}/`);
    await until("the gateway to be served there", async () => (await asked()).status === 200);

    await visit(visitor, `${product.origin}/hosts`);
    await main.getByRole("link", { name: "gpu-2", exact: true }).click();
    await page.waitForURL(/hosts\/host-/);
    await submit(visitor, "host.remove");
    await eventually(visitor, () => expect(main.getByText("Drain the host first")).toBeVisible());
    await submit(visitor, "host.drain");
    await eventually(visitor, () => expect(main.getByText("Drained", { exact: true })).toBeVisible());
    await submit(visitor, "host.remove");
    await page.waitForURL(/hosts(\?|$)/);
    await eventually(visitor, () => expect(main.getByRole("row", { name: /gpu-2/ })).toHaveCount(0));
    await until("it to be closed there", async () => (await asked()).exit === 7);
    await waitFor(page, product, gateway, "Running");
  } finally {
    await host.stop();
  }
}

test("a host joins and leaves", async ({ product, open }) => {
  await journey(await open({ tolerate: /status of 409/ }), product);
});

test("a host joins and leaves, without JavaScript", async ({ product, open }) => {
  await journey(await open({ javaScript: false }), product);
});
