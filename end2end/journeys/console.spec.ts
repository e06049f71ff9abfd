// What people do in the console besides deploying: ALB gateways, the default, deleting, lists, preferences, sessions,
// viewers, the keyboard, and news that arrive by themselves.
import type { Product } from "../fixtures/product";
import { buyManaged, call, createAlb, deploy, holdSharedPort, openGateway, revision, submit, waitFor } from "../fixtures/console";
import { becomeAdministrator, eventually, expect, password, ready, test, until, visit, type Visitor } from "../fixtures/test";

async function albGateway(visitor: Visitor, product: Product) {
  const { page } = visitor;
  await visit(visitor, `${product.origin}/gateways`);
  await page.locator("main a[href='/gateways/new']").first().click();
  await page.locator("main a[href='/gateways/new/alb']").click();
  await expect(page.getByText("InferenceGatewayServiceRoleForAlb")).toBeVisible();
  await submit(visitor, "gateway.grant_alb_role");
  await expect(page.getByText("The role was granted.")).toBeVisible();
  await page.locator("[name=name]").fill("edge");
  await submit(visitor, "gateway.create_alb");
  await page.waitForURL(/\/gateways\/gw-/);
  await expect(page.getByText("The gateway was created.")).toBeVisible();
  await expect(page.getByRole("heading", { level: 1, name: "edge" })).toBeVisible();
  await eventually(visitor, () => expect(page.locator(".page-header").getByText("Running", { exact: true })).toBeVisible());
  await expect(page.getByRole("link", { name: "Nodes", exact: true })).toHaveCount(0);
}

async function defaultAndDelete(visitor: Visitor, product: Product) {
  const { page } = visitor;
  await createAlb(page, product, "aaa");
  const gateway = await buyManaged(page, product, "chosen");
  const id = gateway.split("/")[2];
  await visit(visitor, product.origin + gateway);
  await submit(visitor, "gateway.set_default");
  await expect(page.getByRole("button", { name: "No longer default" })).toBeVisible();
  await visit(visitor, `${product.origin}/gateways`);
  await expect(page.getByRole("row", { name: /chosen/ }).getByText("Default", { exact: true })).toBeVisible();
  await visit(visitor, `${product.origin}/services/new/custom`);
  await expect(page.locator("[name='draft[gateway]']")).toHaveValue(id);
  await expect(page.locator("[name='draft[gateway]'] option:checked")).toHaveText(/chosen – default/);

  // Bound services stand in the way, by name.
  const service = await deploy(page, product, gateway, "bound_one");
  await visit(visitor, `${product.origin}${gateway}/delete`);
  await expect(page.locator("main").getByRole("link", { name: "bound_one" })).toBeVisible();
  await expect(page.locator("[name=confirmation]")).toHaveCount(0);
  await visit(visitor, `${product.origin}${service}/delete`);
  await page.locator("[name=confirmation]").fill("bound_one");
  await submit(visitor, "service.delete");
  await page.waitForURL(/\/services\?flash=/);
  await until("the service to be gone", async () => {
    const answer = await page.request.get(`${product.origin}${gateway}/delete`, { headers: { accept: "text/html" } });
    return !(await answer.text()).includes("bound_one");
  });

  // Else the name has to be typed.
  await visit(visitor, `${product.origin}${gateway}/delete`);
  await page.locator("[name=confirmation]").fill("chose");
  await submit(visitor, "gateway.delete");
  await expect(page.locator("[name=confirmation]")).toHaveAttribute("aria-invalid", "true");
  await expect(page.locator("[name=confirmation]")).toHaveValue("chose");
  await page.locator("[name=confirmation]").fill("chosen");
  await submit(visitor, "gateway.delete");
  await page.waitForURL(/\/gateways\?flash=/);
  await expect(page.getByText("The gateway was deleted.")).toBeVisible();
  await eventually(visitor, () => expect(page.locator("main").getByRole("link", { name: "chosen" })).toHaveCount(0));
}

async function list(visitor: Visitor, product: Product) {
  const { page } = visitor;
  await createAlb(page, product, "edge");
  for (const name of ["bravo", "alpha"]) await buyManaged(page, product, name);
  const names = page.locator("main tbody th .link");
  await visit(visitor, `${product.origin}/gateways`);
  await page.locator("[name=q]").fill("a");
  await page.locator("[name=kind]").selectOption("fully_managed");
  await page.locator("form[role=search] button").click();
  await page.waitForURL(/q=a&kind=fully_managed/);
  await ready(visitor);
  await page.getByRole("link", { name: "Name" }).click();
  await page.waitForURL(/sort=name/);
  await expect(names).toHaveText(["alpha", "bravo"]);
  await page.getByRole("link", { name: "Name" }).click();
  await page.waitForURL(/order=desc/);
  await expect(names).toHaveText(["bravo", "alpha"]);
  await expect(page.locator("th[aria-sort]")).toHaveAttribute("aria-sort", "descending");
  await page.goBack();
  await expect(names).toHaveText(["alpha", "bravo"]);
  await page.reload();
  await expect(names).toHaveText(["alpha", "bravo"]);
  await expect(page.locator("[name=q]")).toHaveValue("a");
  await visit(visitor, `${product.origin}/gateways?q=nothing`);
  await expect(page.getByText("No gateway matches")).toBeVisible();
  await page.getByRole("link", { name: "Clear filters" }).click();
  await expect(names).toHaveCount(3);
}

async function preferences(visitor: Visitor, product: Product) {
  const { page } = visitor;
  const choose = async (menu: string, value: string) => {
    await page.locator(`summary[aria-label='${menu}']`).click();
    await page.locator(`button[value='${value}']`).click();
  };
  await visit(visitor, `${product.origin}/users?x=1`);
  await choose("Theme", "dark");
  await expect(page.locator("html")).toHaveAttribute("data-theme", "dark");
  expect(page.url()).toBe(`${product.origin}/users?x=1`);
  await ready(visitor);
  await choose("Language", "zh-CN");
  await expect(page.locator("html")).toHaveAttribute("lang", "zh-CN");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("用户");
  await ready(visitor);
  await page.getByRole("link", { name: "推理网关" }).first().click();
  await page.waitForURL("**/gateways");
  await expect(page.locator("html")).toHaveAttribute("data-theme", "dark");
  await page.reload();
  await expect(page.locator("html")).toHaveAttribute("lang", "zh-CN");
}

async function sessions(visitor: Visitor, product: Product, other: Visitor) {
  const { page } = visitor;
  await visit(other, `${product.origin}/services?q=x`);
  await expect(other.page).toHaveURL(/sign-in\?next=/);
  await other.page.locator("[name=name]").fill("ada");
  await other.page.locator("[name=password]").fill(password);
  await submit(other, "session.start");
  await other.page.waitForURL("**/services?q=x");
  await ready(other);

  await visit(visitor, `${product.origin}/account`);
  await expect(page.locator("main tbody tr")).toHaveCount(2);
  await expect(page.getByText("This one")).toHaveCount(1);
  await submit(visitor, "session.revoke");
  await expect(page.locator("main tbody tr")).toHaveCount(1);
  await visit(other, `${product.origin}/services`);
  await expect(other.page).toHaveURL(/sign-in/);

  await page.locator(".shell-tools .menu").last().locator("summary").click();
  await submit(visitor, "session.end");
  await page.waitForURL(/sign-in/);
  await expect(page.getByText("You are signed out.")).toBeVisible();
  await visit(visitor, `${product.origin}/gateways`);
  await expect(page).toHaveURL(/sign-in/);
}

async function viewer(visitor: Visitor, product: Product, other: Visitor) {
  const { page } = visitor;
  const gateway = await openGateway(page, product, "first");
  const service = await deploy(page, product, gateway, "sample");
  await visit(visitor, `${product.origin}/users`);
  await submit(visitor, "user.invite");
  const link = (await page.locator(".copy-value").filter({ hasText: "/join/" }).textContent())!;
  await visit(other, link);
  await other.page.locator("[name=name]").fill("vera");
  await other.page.locator("[name=password]").fill(password);
  await other.page.locator("[name=repeated]").fill(password);
  await submit(other, "user.join");
  await other.page.waitForURL("**/gateways");
  await ready(other);
  for (const path of ["/gateways", gateway, `${gateway}/internet`, "/services", service, `${service}/invocation`]) {
    await visit(other, product.origin + path);
    await expect(other.page.locator("h1")).toBeVisible();
    await expect(other.page.locator("main form[method=post] button:enabled"), path).toHaveCount(0);
    await expect(other.page.locator("main a:is([href*='/new'], [href$='/delete'])"), path).toHaveCount(0);
    expect(await other.page.content()).not.toMatch(/[A-Za-z0-9_-]{43}/);
  }
  const answer = await other.page.request.get(`${product.origin}/users`, { headers: { accept: "text/html" } });
  expect(answer.status()).toBe(403);
  await visit(visitor, `${product.origin}/users`);
  await expect(page.getByRole("row", { name: /vera/ })).toContainText("Viewer");
  await visit(other, link);
  await expect(other.page.getByRole("heading", { name: "This link cannot be used" })).toBeVisible();
}

const journeys = { albGateway, defaultAndDelete, list, preferences, sessions, viewer };
for (const [name, journey] of Object.entries(journeys)) {
  for (const javaScript of [true, false]) {
    test(`${name}${javaScript ? "" : ", JavaScript off"}`, async ({ product, open }) => {
      const visitor = await open({ javaScript });
      await becomeAdministrator(visitor, product);
      await journey(visitor, product, await open({ javaScript }));
    });
  }
}

test("keyboard only", async ({ product, open }) => {
  const visitor = await open();
  const { page } = visitor;
  await becomeAdministrator(visitor, product);
  const gateway = await buyManaged(page, product, "first");
  await visit(visitor, `${product.origin}/services`);
  await page.keyboard.press("Tab");
  await expect(page.locator(".skip-link")).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(page.locator("#main")).toBeFocused();
  const press = async (until: () => Promise<boolean>) => {
    for (let presses = 0; presses < 40 && !(await until()); presses++) await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
  };
  const focusedHref = (href: string) => () => page.evaluate((href) => document.activeElement?.getAttribute("href") === href, href);
  await page.evaluate(() => (document.activeElement as HTMLElement).blur());
  await page.reload();
  await ready(visitor);
  await press(focusedHref("/gateways"));
  await page.waitForURL("**/gateways");
  await expect(page.locator("#page-title"), "focus goes to the heading").toBeFocused();
  await press(focusedHref(gateway));
  await page.waitForURL(`**${gateway}`);
  await expect(page.locator("#page-title")).toBeFocused();
  await expect(page).toHaveTitle(/first/);
  await press(focusedHref(`${gateway}/internet`));
  await page.waitForURL("**/internet");
  await expect(page.locator("#page-title")).toBeFocused();
  await press(() => page.evaluate(() => document.activeElement?.getAttribute("role") === "switch"));
  await expect(page.locator("#portal-status")).toHaveText("Activated");
});

test("a page hears of changes, also after the console was killed", async ({ product, open }) => {
  const visitor = await open({ tolerate: /ERR_|status of 50/ });
  const second = await visitor.page.context().newPage();
  await becomeAdministrator(visitor, product);
  const gateway = await buyManaged(visitor.page, product, "first");
  const internet = `${product.origin}${gateway}/internet`;
  await second.goto(internet);
  await second.locator("body[data-hydrated]").waitFor();
  await second.locator("[name=blocks]").fill("typed, not sent");
  await visit(visitor, internet);
  await submit(visitor, "gateway.set_portal");
  await expect(second.locator("#portal-status")).toHaveText("Activated");
  await expect(second.locator("[name=blocks]"), "news do not touch what is typed").toHaveValue("typed, not sent");

  const killed = product.pid("console");
  process.kill(killed, "SIGKILL");
  await until("another console", () => {
    const now = product.pid("console");
    return now > 0 && now !== killed;
  });
  // It holds its lock before it listens.
  await until("its answer", () => fetch(`${product.origin}/health`).then((answer) => answer.ok, () => false));
  await waitFor(visitor.page, product, `${gateway}/internet`, "Activated");
  const id = gateway.split("/")[2];
  await call(visitor.page, product, "gateway.set_portal", { id, revision: await revision(visitor.page, product, `${gateway}/internet`), on: "false" });
  await expect(second.locator("#portal-status")).toHaveText("Off");
});

test("news come again after they were answered with an error", async ({ product, open }) => {
  const visitor = await open({ tolerate: /status of 502/ });
  const { page } = visitor;
  await becomeAdministrator(visitor, product);
  const gateway = await buyManaged(page, product, "first");
  const id = gateway.split("/")[2];
  await page.route("**/events", (route) => route.fulfill({ status: 502, body: "" }), { times: 1 });
  const again = page.waitForResponse((response) => response.url().endsWith("/events") && response.status() === 200);
  await visit(visitor, `${product.origin}${gateway}/internet`);
  await again;
  await call(page, product, "gateway.set_portal", { id, revision: await revision(page, product, `${gateway}/internet`), on: "true" });
  await expect(page.locator("#portal-status")).toHaveText("Activated");
});

test("a shared port that another program uses", async ({ product, open }) => {
  const visitor = await open();
  const { page } = visitor;
  await becomeAdministrator(visitor, product);
  const gateway = await openGateway(page, product, "first");
  await waitFor(page, product, gateway, "Running");
  const other = await holdSharedPort(product);
  await visit(visitor, product.origin + gateway);
  await expect(page.locator(".page-header").getByText("Degraded")).toBeVisible();
  await expect(page.locator("main").getByText("A shared port cannot be opened")).toContainText(`127.0.0.1:${product.httpPort}`);
  await visit(visitor, `${product.origin}${gateway}/internet`);
  await expect(page.locator("#portal-status")).toHaveText("Activated");
  const trouble = page.locator("main").getByText("A shared port cannot be opened");
  await expect(trouble).toContainText("start the product with another --http-addr");
  other.close();
  await expect(page.locator(".page-header").getByText("Running")).toBeVisible();
  await expect(trouble).toHaveCount(0);
});

test("what a page says when nobody answers", async ({ product, open }) => {
  const visitor = await open({ tolerate: /ERR_|status of 50/ });
  const { page } = visitor;
  await becomeAdministrator(visitor, product);
  const gateway = await buyManaged(page, product, "first");
  await visit(visitor, `${product.origin}${gateway}/internet`);
  await page.locator("[name=blocks]").fill("192.0.2.1");
  await page.route("**/api/_fn/**", (route) => route.fulfill({ status: 502, body: "" }));
  await submit(visitor, "gateway.whitelist_add");
  await expect(page.getByText("The console did not answer. Check the connection and try again.")).toBeVisible();
  await expect(page.locator("[name=blocks]")).toHaveValue("192.0.2.1");
  await page.unroute("**/api/_fn/**");
  await submit(visitor, "gateway.whitelist_add");
  await expect(page.getByRole("rowheader", { name: "192.0.2.1/32" })).toBeVisible();
  await expect(page.getByText("The whitelist was saved.")).toBeVisible();
  // A message that was dismissed comes again when there is the same to say again.
  for (const block of ["192.0.2.2", "192.0.2.3"]) {
    await page.getByRole("button", { name: "Dismiss" }).click();
    await expect(page.getByText("The whitelist was saved.")).toBeHidden();
    await page.locator("[name=blocks]").fill(block);
    await submit(visitor, "gateway.whitelist_add");
    await expect(page.getByText("The whitelist was saved.")).toBeVisible();
  }

  // Copying puts the text on the clipboard and says so.
  await page.locator(".page-subtitle button").click();
  await expect(page.locator(".page-subtitle").getByText("Copied")).toBeVisible();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(gateway.split("/")[2]);

  // Data that cannot be read leave a way back.
  await visit(visitor, `${product.origin}/gateways/gw-000000000000000000`);
  await page.locator("main").getByRole("link", { name: "Inference Gateway" }).click();
  await page.waitForURL("**/gateways");
});
