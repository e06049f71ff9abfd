// What is typed wrongly: the message stands at its field, what was typed stays, and hostile text is only text. Each
// with a script and without.
import type { Product } from "../fixtures/product";
import { buyManaged, call, createAlb, deploy, openGateway, revision, submit, waitFor } from "../fixtures/console";
import { fill, stays, withoutNativeChecks, wrong } from "../fixtures/form";
import { becomeAdministrator, expect, password, ready, test, visit, type Visitor } from "../fixtures/test";

const hostile = "</textarea><script>alert(1)</script>";

async function wizard(visitor: Visitor, product: Product) {
  const gateway = await buyManaged(visitor.page, product, "first");
  await visit(visitor, `${product.origin}/services/new/custom?gateway=${gateway.split("/")[2]}`);
  await withoutNativeChecks(visitor);
  const typed = {
    "draft[name]": "Bad name",
    "draft[command]": "model 'unclosed",
    "draft[port]": "8080",
    "draft[env]": "PORT=1",
    "draft[replicas]": "0",
  };
  await fill(visitor, typed);
  await submit(visitor, "service.deploy");
  await wrong(visitor, "draft[name]", /lower-case letter/);
  await wrong(visitor, "draft[command]", /quotation mark/);
  await wrong(visitor, "draft[port]", /8080 is reserved/);
  await wrong(visitor, "draft[env]", /PORT is set by the product/);
  await wrong(visitor, "draft[replicas]", /greater than 0/);
  await stays(visitor, typed);
  await expect(visitor.page.locator("[name='draft[gateway]']")).toHaveValue(gateway.split("/")[2]);

  // Hostile text is refused or kept as text, and never runs.
  const attack = { "draft[name]": "ok", "draft[command]": hostile, "draft[env]": `A=${hostile}\n${hostile}`, "draft[port]": "", "draft[replicas]": "1" };
  await withoutNativeChecks(visitor);
  await fill(visitor, attack);
  await submit(visitor, "service.deploy");
  await wrong(visitor, "draft[env]", /Line 2/);
  await stays(visitor, attack);
  await withoutNativeChecks(visitor);
  await fill(visitor, { "draft[env]": `A=${hostile}` });
  await submit(visitor, "service.deploy");
  await visitor.page.waitForURL(/\/services\/svc-/);
  await expect(visitor.page.locator("main code").filter({ hasText: hostile }).first()).toBeVisible();

  // A name that is taken is only known to the server.
  await visit(visitor, `${product.origin}/services/new/custom?gateway=${gateway.split("/")[2]}`);
  await fill(visitor, { "draft[name]": "ok", "draft[command]": "model --second" });
  await submit(visitor, "service.deploy");
  await wrong(visitor, "draft[name]", /ok is taken/);
  await stays(visitor, { "draft[name]": "ok", "draft[command]": "model --second" });
}

async function whitelist(visitor: Visitor, product: Product) {
  const { page } = visitor;
  const gateway = await buyManaged(page, product, "first");
  const there = `${product.origin}${gateway}/internet`;
  const add = async (blocks: string, comment = "") => {
    await fill(visitor, { blocks, comment });
    await submit(visitor, "gateway.whitelist_add");
  };
  const refused = async (blocks: string, words: RegExp) => {
    await add(blocks, "a comment");
    await wrong(visitor, "blocks", words);
    await stays(visitor, { blocks, comment: "a comment" });
    await expect(page.getByText("0/15")).toBeVisible();
  };
  await visit(visitor, there);
  await refused(Array.from({ length: 16 }, (_, at) => `10.0.${at}.0/24`).join("\n"), /at most 15 CIDR blocks; this would make 16/);
  await refused(hostile, /is not an IP address or a CIDR block/);
  await refused("192.0.2.0/24, 192.0.2.0/24", /192\.0\.2\.0\/24 is in the list already/);
  await refused("300.1.1.1", /300\.1\.1\.1 is not/);

  // Host bits are dropped; a comment may say anything.
  await add("192.0.2.77/24, 2001:db8::1/64", hostile);
  await expect(page.getByRole("rowheader", { name: "192.0.2.0/24" })).toBeVisible();
  await expect(page.getByRole("rowheader", { name: "2001:db8::/64" })).toBeVisible();
  await expect(page.getByRole("cell", { name: hostile }).first()).toBeVisible();
  await stays(visitor, { blocks: "", comment: "" });
  await add("192.0.2.1/24");
  await wrong(visitor, "blocks", /in the list already/);
  await stays(visitor, { blocks: "192.0.2.1/24" });

  // The tester asks the same list.
  await visit(visitor, `${there}?test=192.0.2.9`);
  await expect(page.getByText("192.0.2.9 passes, by 192.0.2.0/24.")).toBeVisible();
  await visit(visitor, `${there}?test=${encodeURIComponent(hostile)}`);
  await wrong(visitor, "test", /is not an IP address/);
  await stays(visitor, { test: hostile });
}

async function names(visitor: Visitor, product: Product) {
  const { page } = visitor;
  await call(page, product, "gateway.grant_alb_role", {});
  await visit(visitor, `${product.origin}/gateways/new/alb`);
  await fill(visitor, { name: "a b" });
  await submit(visitor, "gateway.create_alb");
  await wrong(visitor, "name", /a blank is not allowed|not allowed here/);
  await stays(visitor, { name: "a b" });

  // Taken: found out when the order is confirmed, and mended there.
  await createAlb(page, product, "edge");
  await visit(visitor, `${product.origin}/gateways/new/managed/confirm?name=edge&spec=8c16g&nodes=3&charge=PrePaid`);
  await submit(visitor, "gateway.buy_managed");
  await wrong(visitor, "name", /edge is taken/);
  await fill(visitor, { name: "edge" });
  await submit(visitor, "gateway.buy_managed");
  await wrong(visitor, "name", /edge is taken/);
  await fill(visitor, { name: "other" });
  await submit(visitor, "gateway.buy_managed");
  await page.waitForURL(/\/gateways\/gw-/);
  await expect(page.getByRole("heading", { level: 1, name: "other" })).toBeVisible();
  await expect(page.getByText("8c16g × 3")).toBeVisible();

  // An order that cannot be: errors at their fields.
  await visit(visitor, `${product.origin}/gateways/new/managed/confirm?name=${encodeURIComponent(hostile)}&spec=2c4g&nodes=0&charge=PostPaid`);
  await wrong(visitor, "name", /not allowed here/);
  await wrong(visitor, "nodes", /from 1 to 100/);
  await stays(visitor, { name: hostile, nodes: "0" });
}

async function people(visitor: Visitor, product: Product) {
  const { page } = visitor;
  await visit(visitor, product.joinLink);
  await fill(visitor, { name: "ada", password: "short", repeated: "short" });
  await submit(visitor, "user.join");
  await wrong(visitor, "password", /at least 12 characters/);
  await stays(visitor, { name: "ada" });
  await fill(visitor, { password, repeated: `${password}!` });
  await submit(visitor, "user.join");
  await wrong(visitor, "repeated", /differ/);
  await stays(visitor, { name: "ada" });
  await fill(visitor, { password, repeated: password });
  await submit(visitor, "user.join");
  await page.waitForURL("**/gateways");
  await ready(visitor);

  await visit(visitor, `${product.origin}/account`);
  await fill(visitor, { old: "not it", new: "another long password", repeated: "another long password" });
  await submit(visitor, "user.change_password");
  await wrong(visitor, "old", /wrong/);

  await page.context().clearCookies();
  await visit(visitor, `${product.origin}/sign-in?next=%2Fservices`);
  await fill(visitor, { name: "ada", password: "not it" });
  await submit(visitor, "session.start");
  await wrong(visitor, "password", "User name or password is wrong.");
  await stays(visitor, { name: "ada" });
  await fill(visitor, { password });
  await submit(visitor, "session.start");
  await page.waitForURL("**/services");
}

/** Two windows: the second save must not undo the first unseen. */
async function stale(visitor: Visitor, product: Product) {
  const { page } = visitor;
  const gateway = await openGateway(page, product, "first");
  const service = await deploy(page, product, gateway, "sample");
  await waitFor(page, product, service, "Running");
  await visit(visitor, `${product.origin}${service}`);
  await fill(visitor, { replicas: "2" });
  // The other window, meanwhile.
  const id = service.split("/")[2];
  await call(page, product, "service.scale", { id, revision: await revision(page, product, service), replicas: 3 });
  await submit(visitor, "service.scale");
  await expect(page.getByText(/Somebody else changed this meanwhile/)).toBeVisible();
  await stays(visitor, { replicas: "2" });
  await waitFor(page, product, "/services", "/ 3");

  // Knowing that, saving again is what the reader wants.
  await submit(visitor, "service.scale");
  await page.waitForURL(/flash=service_scaled/);
  await waitFor(page, product, "/services", "/ 2");

  // Saving without a change says nothing bad and changes nothing.
  const before = await revision(page, product, service);
  await visit(visitor, `${product.origin}${service}`);
  await submit(visitor, "service.scale");
  await page.waitForURL(/flash=service_scaled/);
  expect(await revision(page, product, service)).toBe(before);
}

const journeys = { wizard, whitelist, names, people, stale };
for (const [name, journey] of Object.entries(journeys)) {
  for (const javaScript of [true, false]) {
    test(`${name}${javaScript ? "" : ", JavaScript off"}`, async ({ product, open }) => {
      const visitor = await open({ javaScript });
      visitor.page.on("dialog", () => expect(false, "a script ran").toBe(true));
      if (journey !== people) await becomeAdministrator(visitor, product);
      await journey(visitor, product);
    });
  }
}
