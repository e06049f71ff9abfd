// From the list to an answer for what runs in containers, with Docker Engine and with Podman, and for what runs
// elsewhere; with a script and without.
import { spawn } from "node:child_process";
import { curl } from "../fixtures/client";
import { openGateway, submit, waitFor } from "../fixtures/console";
import { engine, image, type Kind, whyNoEngine } from "../fixtures/engines";
import { forward } from "../fixtures/forward";
import { fill, withoutNativeChecks, wrong } from "../fixtures/form";
import { Machine, whyNone } from "../fixtures/machines";
import { freePorts, type Product, program, start } from "../fixtures/product";
import { becomeAdministrator, expect, test as base, until, visit, type Visitor } from "../fixtures/test";

const token = "a-token-of-one-s-own-0123456789";

/** A machine with a container engine and a product on it. */
interface Scene {
  machine: Machine;
  product: Product;
}

const test = base.extend<{ kind: Kind; scene: Scene }>({
  kind: ["docker", { option: true }],
  scene: async ({ kind }, use, info) => {
    const machine = new Machine();
    const started: { close(): Promise<void> }[] = [];
    try {
      const containers = await engine(kind, machine);
      started.push(containers);
      const product = await start([`--container-socket=${containers.socket}`], machine.within);
      started.push({ close: () => product.stop() });
      started.push(await forward(machine, Number(new URL(product.origin).port)));
      await use({ machine, product });
      if (info.status !== info.expectedStatus) console.log(product.log());
    } finally {
      for (const each of started.reverse()) await each.close();
      machine.close();
    }
  },
});

/** From the list to the empty form. */
async function begin({ page }: Visitor, product: Product, way: string) {
  await page.goto(`${product.origin}/services`);
  await page.locator("main a[href='/services/new']").first().click();
  await page.locator("main a[href='/services/new/custom']").click();
  const card = page.locator(`[name='draft[runtime]'][value=${way}]`);
  await page.locator(`label[for='${await card.getAttribute("id")}']`).click();
}

async function deployed({ page }: Visitor, product: Product) {
  await page.waitForURL(/\/services\/svc-/);
  const service = new URL(page.url()).pathname;
  await waitFor(page, product, service, "Running");
  return service;
}

async function inContainers(visitor: Visitor, { machine, product }: Scene) {
  const { page } = visitor;
  await becomeAdministrator(visitor, product);
  await openGateway(page, product, "first");
  await begin(visitor, product, "container");
  await withoutNativeChecks(visitor);
  await fill(visitor, { "draft[name]": "demo", "draft[token]": token });
  await submit(visitor, "service.deploy");
  await wrong(visitor, "draft[image]", /Fill in this field/);
  // Secrets are not repeated where no script kept them.
  await fill(visitor, { "draft[image]": image, "draft[replicas]": "2", "draft[token]": token });
  await submit(visitor, "service.deploy");
  const service = await deployed(visitor, product);
  const url = `http://127.0.0.1:${product.ownPorts}/api/predict/demo`;
  const answer = await until("the model", async () => {
    const answer = await machine.curl("-H", `Authorization: ${token}`, url);
    return answer.status === 200 && answer;
  });
  expect(answer.body.trim()).toBe("True");
  await visit(visitor, `${product.origin}${service}/logs`);
  await expect(page.locator("main")).toContainText("listens on");
}

for (const kind of ["docker", "podman"] as const) {
  const why = whyNone() ?? whyNoEngine(kind);
  if (why) console.log(`skipped: containers with ${kind}: ${why}`);
  test.describe(kind, () => {
    test.use({ kind });
    test.skip(why !== undefined, why);
    for (const javaScript of [true, false]) {
      test(`in containers (${javaScript ? "with" : "without"} JavaScript)`, async ({ scene, open }) => {
        test.setTimeout(120_000);
        await inContainers(await open({ javaScript }), scene);
      });
    }
  });
}

for (const javaScript of [true, false]) {
  base(`what runs elsewhere (${javaScript ? "with" : "without"} JavaScript)`, async ({ product, open }) => {
    const port = (await freePorts()) + 50;
    const model = spawn(program, ["sample-model"], { env: { ...process.env, PORT: `${port}` }, stdio: "ignore" });
    try {
      const visitor = await open({ javaScript });
      const { page } = visitor;
      await becomeAdministrator(visitor, product);
      await openGateway(page, product, "first");
      await begin(visitor, product, "external");
      await withoutNativeChecks(visitor);
      await fill(visitor, { "draft[name]": "elsewhere", "draft[addresses]": "nowhere:80", "draft[token]": token });
      await submit(visitor, "service.deploy");
      await wrong(visitor, "draft[addresses]", /nowhere:80 is no address with a port/);
      await fill(visitor, { "draft[addresses]": `127.0.0.1:${port}`, "draft[token]": token });
      await submit(visitor, "service.deploy");
      const service = await deployed(visitor, product);
      const url = `http://127.0.0.1:${product.ownPorts}/api/predict/elsewhere`;
      const answer = await until("the model", async () => {
        const answer = await curl("-H", `Authorization: ${token}`, url);
        return answer.status === 200 && answer;
      });
      expect(answer.body.trim()).toBe("True");
      // It has as many replicas as addresses: there is nothing to scale.
      await visit(visitor, `${product.origin}${service}`);
      await expect(page.locator("form[action*='service.scale']")).toHaveCount(0);
      await visit(visitor, `${product.origin}${service}/scaling`);
      await expect(page.locator("main")).toContainText("This service runs elsewhere");
      await expect(page.locator("form[action*='service.set_scaling']")).toHaveCount(0);
    } finally {
      model.kill();
    }
  });
}
