// Every page in light and dark, on a desk and on a phone: axe finds nothing, nothing hangs over the edge, and a
// picture of each is left in screenshots/ for human eyes.
import { mkdirSync } from "node:fs";
import { certificate } from "../fixtures/certificate";
import { OpenConnection } from "../fixtures/client";
import { buyManaged, call, createAlb, deploy, holdSharedPort, openGateway, revision, submit, waitFor } from "../fixtures/console";
import { authority } from "../fixtures/pebble";
import { start, type Product } from "../fixtures/product";
import { becomeAdministrator, expect, noViolations, ready, test, visit, type Visitor } from "../fixtures/test";

// Neighbours differ in one thing: the page is laid out or coloured anew, never loaded anew.
const looks = [
  { colorScheme: "light", width: 1280 },
  { colorScheme: "dark", width: 1280 },
  { colorScheme: "dark", width: 375 },
  { colorScheme: "light", width: 375 },
] as const;

/** Looks at what the visitor sees in every way; failures are collected, so that one run finds all of them. */
async function look({ page }: Visitor, name: string, covered?: string) {
  mkdirSync("screenshots", { recursive: true });
  await expect(page).toHaveTitle(/\S · (Inference Gateway|推理网关)$|^(Inference Gateway|推理网关)$/);
  for (const { colorScheme, width } of looks) {
    const what = `${name}-${colorScheme}-${width}`;
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    await page.setViewportSize({ width, height: 900 });
    await page.evaluate(() => scrollTo(0, 0));
    const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    expect.soft(over, `${what} hangs over the edge`).toBeLessThanOrEqual(0);
    await noViolations(page, what, { soft: true, covered });
    await page.screenshot({ path: `screenshots/${what}.png`, fullPage: true, scale: "css" });
  }
  await page.setViewportSize({ width: 1280, height: 900 });
}

type See = (name: string, path: string) => Promise<void>;

async function beforeAnybody(visitor: Visitor, product: Product, see: See, stranger: Visitor) {
  const { page } = visitor;
  await see("welcome", "/welcome");
  await visit(visitor, product.joinLink);
  await look(visitor, "join");
  await becomeAdministrator(visitor, product);
  await visit(visitor, product.joinLink);
  await look(visitor, "join-used");
  await visit(stranger, `${product.origin}/sign-in`);
  await look(stranger, "sign-in");
  await stranger.page.locator("[name=name]").fill("ada");
  await stranger.page.locator("[name=password]").fill("wrong");
  await submit(stranger, "session.start");
  await stranger.page.locator("[aria-invalid=true]").first().waitFor();
  await look(stranger, "sign-in-error");

  // Nothing there yet.
  await see("gateways-empty", "/gateways");
  await see("services-empty", "/services");
  await see("choose-kind", "/gateways/new");
  await see("alb-role", "/gateways/new/alb");
  await call(page, product, "gateway.grant_alb_role", {});
  await see("alb-name", "/gateways/new/alb?flash=role_granted");
  await see("purchase", "/gateways/new/managed");
  await see("purchase-error", "/gateways/new/managed/confirm?name=a+b&spec=2c4g&nodes=0&charge=PostPaid");
  await see("confirm", "/gateways/new/managed/confirm?name=first&spec=4c8g&nodes=2&charge=PostPaid");
  await createAlb(page, product, "first");
  await visit(visitor, `${product.origin}/gateways/new/managed/confirm?name=first&spec=4c8g&nodes=2&charge=PostPaid`);
  await submit(visitor, "gateway.buy_managed");
  await page.locator("[aria-invalid=true]").waitFor();
  await look(visitor, "confirm-taken");
}

async function gateways(visitor: Visitor, product: Product, see: See) {
  const { page } = visitor;
  await becomeAdministrator(visitor, product);
  await see("wizard-no-gateway", "/services/new/custom");
  const alb = await createAlb(page, product, "edge");
  const gateway = await openGateway(page, product, "first");
  const closed = await buyManaged(page, product, "a-second-one-with-quite-a-long-name-as-people-do-give-them");
  for (const path of [alb, gateway, closed]) await waitFor(page, product, path, "Running");
  await waitFor(page, product, `${gateway}/internet`, "Activated");
  await see("gateways", "/gateways");
  await see("gateways-none", "/gateways?q=nothing+like+it");
  await see("gateway-alb", `${alb}?flash=gateway_created`);
  await see("gateway-managed", gateway);
  await see("internet-off", `${closed}/internet`);
  await see("internet-on", `${gateway}/internet`);
  await see("internet-asked", `${gateway}/internet?test=203.0.113.9`);
  await see("internet-checked", `${gateway}/internet?check=1`);
  await see("gateway-delete", `${closed}/delete`);
  await see("gateway-settings", `${gateway}/settings`);
  const named = { id: gateway.split("/")[2], revision: await revision(page, product, `${gateway}/settings`), name: "first" };
  await call(page, product, "gateway.settings", { ...named, labels: "team=vision\nproduction", protected: "true" });
  await see("gateways-labelled", "/gateways?label=team%3Dvision");
  await see("gateway-structure", `${gateway}/structure`);
  const other = await holdSharedPort(product);
  await waitFor(page, product, gateway, "Degraded");
  await see("gateway-degraded", gateway);
  await see("internet-degraded", `${gateway}/internet`);
  other.close();
}

async function services(visitor: Visitor, product: Product, see: See) {
  const { page } = visitor;
  await becomeAdministrator(visitor, product);
  const gateway = await openGateway(page, product, "first");
  const sample = await deploy(page, product, gateway, "sample", undefined, "MODEL=tiny\nSECRET=not shown");
  const broken = await deploy(page, product, gateway, "broken", "/nowhere/model --and --a --very --long --command --line=that --does=not --fit --in --one --line");
  await waitFor(page, product, sample, "Running");
  await waitFor(page, product, broken, "Failed");
  await see("services", "/services");
  await see("choose-deployment", "/services/new");
  await see("wizard", `/services/new/custom?gateway=${gateway.split("/")[2]}`);
  await page.locator("[name='draft[name]']").fill("Bad name");
  await page.locator("[name='draft[command]']").fill("unclosed 'quote");
  await page.locator("[name='draft[port]']").fill("8080");
  await page.locator("[name='draft[env]']").fill("PORT=1");
  await page.locator("[name='draft[replicas]']").fill("0");
  await submit(visitor, "service.deploy");
  await page.locator("[aria-invalid=true]").first().waitFor();
  await look(visitor, "wizard-errors");
  await see("json-deployment", "/services/new/json");
  await see("template", "/services/new/template/vllm");
  await see("wizard-template", `/services/new/custom?template=vllm&way=container&model=Qwen%2FQwen3-8B&gpus=1&image=vllm%2Fvllm-openai%3Alatest`);
  await see("service-update", `${sample}/update`);
  await see("service", sample);
  for (const tab of ["versions", "events", "logs"]) await see(`service-${tab}`, `${sample}/${tab}`);
  await see("service-failing", broken);
  await see("invocation", `${sample}/invocation`);
  await submit(visitor, "token.reveal");
  await page.getByText(/^[A-Za-z0-9_-]{43}$/).waitFor();
  await look(visitor, "invocation-revealed");
  await page.locator("details.disclose summary").first().click();
  await look(visitor, "invocation-token");
  await see("invocation-shared", `${sample}/invocation?via=shared`);
  await see("invocation-python", `${sample}/invocation?client=python`);
  await see("debugging", `${sample}/debugging`);
  await submit(visitor, "service.debug");
  await page.locator(".debug-body").getByText("True").waitFor();
  await look(visitor, "debugging-answer");
  await see("debugging-chat", `${sample}/debugging?view=chat`);
  await visit(visitor, `${product.origin}/services`);
  await page.locator("tbody .menu summary").first().click();
  await look(visitor, "menu-service", "main");
  await see("service-scaling", `${sample}/scaling`);
  await see("service-monitoring", `${sample}/monitoring?range=15m`);
  await page.locator("details.disclose summary").first().click();
  await look(visitor, "service-monitoring-table");
  await see("service-group-none", `${sample}/group`);
  await page.locator("[name='group']").fill("all");
  await submit(visitor, "service.set_group");
  await page.locator("[name='draft[weight]']").waitFor();
  await look(visitor, "service-group");
  await see("groups", "/groups");
  await page.locator("main").getByRole("link", { name: "all", exact: true }).click();
  await page.waitForURL("**/groups/grp-*");
  await look(visitor, "group");
  await see("service-delete", `${sample}/delete`);
  await see("gateway-delete-bound", `${gateway}/delete`);
}

async function peopleAndMenus(visitor: Visitor, product: Product, see: See) {
  const { page } = visitor;
  await becomeAdministrator(visitor, product);
  await see("account", "/account");
  await see("users", "/users");
  await submit(visitor, "user.invite");
  await page.getByText("/join/").waitFor();
  await look(visitor, "users-invited");

  // Nowhere.
  await visit(visitor, `${product.origin}/gateways`);
  await page.evaluate(() => {
    const link = Object.assign(document.createElement("a"), { href: "/no/such/page", textContent: "nowhere" });
    document.querySelector("main")!.append(link);
    link.click();
  });
  await page.getByText("This page does not exist").first().waitFor();
  await look(visitor, "not-found");
  await see("load-error", "/gateways/gw-000000000000000000");

  // Menus.
  const gateway = await buyManaged(page, product, "first");
  await waitFor(page, product, gateway, "Running");
  await visit(visitor, product.origin + gateway);
  await page.locator(".page-actions .menu summary").click();
  await look(visitor, "menu-more");
  for (const [at, name] of ["region", "workspace", "language", "theme", "user"].entries()) {
    await visit(visitor, product.origin + gateway);
    await page.locator(".shell-tools .menu summary").nth(at).click();
    await look(visitor, `menu-${name}`, "main");
  }
  await visit(visitor, `${product.origin}/gateways`);
  await page.setViewportSize({ width: 375, height: 900 });
  await page.locator(".shell-menu").click();
  await page.screenshot({ path: "screenshots/navigation-light-375.png" });
}

async function networks(visitor: Visitor, product: Product, see: See) {
  const { page } = visitor;
  await becomeAdministrator(visitor, product);
  const gateway = await buyManaged(page, product, "first");
  await waitFor(page, product, gateway, "Running");
  await see("networks", "/networks");
  await see("vpc-empty", `${gateway}/vpc`);
  await call(page, product, "network.zone_support", { zone: "local-c", on: "false" });
  await see("vpc-add", `${gateway}/vpc/add`);
  await submit(visitor, "gateway.vpc_link");
  await waitFor(page, product, `${gateway}/vpc`, "local-b");
  await waitFor(page, product, `${gateway}/vpc`, "Running");
  await see("vpc-tab", `${gateway}/vpc`);
  await see("network", (await page.locator("main th a").first().getAttribute("href"))!.replace(/.*\/vpc\//, "/networks/"));
  await visit(visitor, `${product.origin}${gateway}/vpc`);
  await see("vpc-link", (await page.locator("main th a").first().getAttribute("href"))!);
  await see("gateway-structure-vpc", `${gateway}/structure`);
  await see("hosts", "/hosts");
  await visit(visitor, `${product.origin}/hosts`);
  await see("host", (await page.locator("main th a").first().getAttribute("href"))!);
  // Another account, with a VPC of the operator's granted to it.
  await see("accounts-one", "/accounts");
  await call(page, product, "account.create", { name: "research" });
  await see("accounts", "/accounts?flash=account_created");
  await visit(visitor, `${product.origin}/networks`);
  const network = (await page.locator("main th a").first().getAttribute("href"))!;
  const account = (await (await page.request.get(`${product.origin}/accounts`, { headers: { accept: "text/html" } })).text()).match(/acc-[a-z0-9]{18}/g)!;
  const other = account.find((id) => id !== account[0])!;
  await call(page, product, "network.grant", { id: network.split("/")[2], account: other });
  await see("network-granted", network);
  await see("networks-accounts", "/networks");
  await visit(visitor, `${product.origin}${network}`);
  await see("vswitch-edit", (await page.locator("main td.actions a").first().getAttribute("href"))!);
}

async function names(visitor: Visitor, product: Product, see: See) {
  const { page } = visitor;
  await becomeAdministrator(visitor, product);
  const gateway = await buyManaged(page, product, "first");
  await waitFor(page, product, gateway, "Running");
  await see("certificates-empty", "/certificates");
  await see("domains-empty", `${gateway}/domains`);
  const { chain, key } = certificate("models.example.com");
  await see("certificate-new", "/certificates/new");
  await page.locator("[name=name]").fill("a b");
  await page.locator("[name=chain]").fill(chain);
  await submit(visitor, "certificate.upload");
  await page.locator("[aria-invalid=true]").first().waitFor();
  await look(visitor, "certificate-errors");
  const path = await call(page, product, "certificate.upload", { name: "models", chain, key });
  const of = { id: gateway.split("/")[2], side: "public" };
  await call(page, product, "domain.create", { ...of, host: "models.example.com", certificate: path.split("/")[2] });
  await call(page, product, "domain.create", { ...of, host: "example.com" });
  await call(page, product, "domain.create", { ...of, host: "*.models.internal.example.org", side: "private" });
  await see("certificates", "/certificates");
  await see("certificate", path);
  await see("acme", "/certificates/acme");
  await see("acme-error", "/certificates/acme?directory=https%3A%2F%2F127.0.0.1%3A1%2Fdir");
  await see("domains", `${gateway}/domains`);
  await page.locator("details summary").filter({ hasText: "Change certificate" }).first().click();
  await look(visitor, "domains-change");
  await see("domain-new", `${gateway}/domains/new`);
}

async function sizes(visitor: Visitor, product: Product, see: See) {
  const { page } = visitor;
  await becomeAdministrator(visitor, product);
  await see("plan", "/gateways/new/managed/plan");
  await see("plan-answer", "/gateways/new/managed/plan?http_short=9000&http_persistent=3000&connections=50000&tls=900&mbit=2500");
  await see("plan-too-much", "/gateways/new/managed/plan?http_short=9000000");
  await see("plan-error", "/gateways/new/managed/plan?http_short=many");
  const alb = await createAlb(page, product, "edge");
  const gateway = await openGateway(page, product, "first");
  await waitFor(page, product, gateway, "Running");
  await see("resize", `${gateway}/resize`);
  await see("resize-other", `${gateway}/resize?spec=8c16g&nodes=3`);
  await see("resize-alb", `${alb}/resize`);
  const id = gateway.split("/")[2];
  await call(page, product, "gateway.resize", { id, revision: await revision(page, product, `${gateway}/resize`), spec: "4c8g", nodes: "3" });
  const client = new OpenConnection();
  await client.get(`http://127.0.0.1:${product.ownPorts}/`);
  await waitFor(page, product, `${gateway}/nodes`, "took effect after");
  await waitFor(page, product, `${gateway}/nodes`, "1 · Below security");
  await see("nodes", `${gateway}/nodes`);
  await visit(visitor, `${product.origin}${gateway}`);
  await page.locator(".page-actions .menu summary").click();
  await look(visitor, "menu-resize");
  client.close();
}

async function albs(visitor: Visitor, product: Product, see: See) {
  const { page } = visitor;
  await becomeAdministrator(visitor, product);
  const vpc = (await call(page, product, "network.vpc_add", { name: "other", blocks: "127.99.0.0/16" })).split("/")[2];
  await call(page, product, "network.vswitch_add", { vpc, name: "other-a", zone: "local-a", block: "127.99.1.0/24" });
  const alb = await createAlb(page, product, "edge");
  await waitFor(page, product, alb, "Running");
  await see("alb-none", `${alb}/alb`);
  await see("alb-internet-off", `${alb}/internet`);
  await see("alb-vpc-add", `${alb}/vpc/add`);
  await submit(visitor, "gateway.vpc_link");
  await waitFor(page, product, `${alb}/alb`, "Active");
  await see("alb-enable", `${alb}/internet/enable`);
  await page.locator("[name=blocks]").fill("nobody");
  await submit(visitor, "alb.enable_public");
  await page.locator("[aria-invalid=true]").first().waitFor();
  await look(visitor, "alb-enable-error");
  await page.locator("[name=blocks]").fill("127.0.0.1");
  await submit(visitor, "alb.enable_public");
  await waitFor(page, product, `${alb}/internet`, "Activated");
  await see("alb-internet", `${alb}/internet`);
  await see("alb-vpc", `${alb}/vpc`);
  const client = new OpenConnection();
  for (let asked = 0; asked < 20; asked++) await client.get(`http://127.0.0.1:${product.ownPorts}/`);
  await waitFor(page, product, `${alb}/alb`, "Rates over the last");
  await see("alb-instance", `${alb}/alb`);
  await see("alb-overview", alb);
  await see("alb-wizard", `/services/new/custom?gateway=${alb.split("/")[2]}`);
  client.close();
}

async function billing(visitor: Visitor, product: Product, see: See) {
  const { page } = visitor;
  await becomeAdministrator(visitor, product);
  await see("billing-empty", "/billing");
  await see("orders-empty", "/billing/orders");
  await see("prices-none", "/billing/prices");
  await page.locator("[name='draft[vpc_gb]']").fill("-1");
  await page.locator("[name='draft[alb_hour]']").fill("a lot");
  await submit(visitor, "billing.set_prices");
  await page.locator("[aria-invalid=true]").first().waitFor();
  await look(visitor, "prices-errors");
  const prices = { "draft[node_hour_2c4g]": "3600.125", "draft[node_month_2c4g]": "100", "draft[vpc_gb]": "0.05" };
  await call(page, product, "billing.set_prices", { revision: 0, ...prices });
  const draft = { name: "a-second-one-with-quite-a-long-name-as-people-do-give-them", spec: "2c4g", nodes: 2 };
  const gateway = await call(page, product, "gateway.buy_managed", { ...draft, charge: "PrePaid" });
  await buyManaged(page, product, "first");
  await waitFor(page, product, "/billing", "node hours");
  await see("billing", "/billing");
  await see("orders", "/billing/orders");
  await see("prices", "/billing/prices?flash=prices_saved");
  await see("subscription", gateway);
  await see("purchase-priced", "/gateways/new/managed");
  await see("confirm-priced", "/gateways/new/managed/confirm?name=other&spec=2c4g&nodes=2&charge=PostPaid");
  await see("resize-priced", `${gateway}/resize`);
}

const parts = { beforeAnybody, gateways, services, networks, names, peopleAndMenus, sizes, billing, albs };
for (const [name, part] of Object.entries(parts)) {
  test(`every page: ${name}`, async ({ product, open }) => {
    test.setTimeout(180_000);
    const visitor = await open();
    const see = async (what: string, path: string) => {
      await visit(visitor, `${product.origin}${path}`);
      await look(visitor, what);
    };
    await part(visitor, product, see, await open());
  });
}

test("every page: in Chinese", async ({ product, open }) => {
  test.setTimeout(180_000);
  const visitor = await open({ language: "zh-CN" });
  const { page } = visitor;
  await becomeAdministrator(visitor, product);
  const gateway = await openGateway(page, product, "first");
  const service = await deploy(page, product, gateway, "sample");
  await waitFor(page, product, service, "Running");
  const paths = { gateways: "/gateways", gateway, internet: `${gateway}/internet`, purchase: "/gateways/new/managed", service };
  const sizes = { plan: "/gateways/new/managed/plan?http_short=9000&connections=50000", nodes: `${gateway}/nodes`, resize: `${gateway}/resize` };
  const more = { ...sizes, services: "/services", invocation: `${service}/invocation`, wizard: "/services/new/custom", users: "/users", billing: "/billing", prices: "/billing/prices" };
  for (const [name, path] of Object.entries({ ...paths, ...more })) {
    await visit(visitor, product.origin + path);
    await look(visitor, `zh-${name}`);
  }
});

// It needs a server that is there, and that the product trusts.
test("every page: an account with an ACME server", async ({ open }) => {
  test.setTimeout(180_000);
  const acme = authority();
  const product = await start([`--acme-ca=${acme.root}`, "--dns-addr=off"]);
  try {
    const pebble = await acme.start(product.httpPort);
    const visitor = await open();
    const { page } = visitor;
    await becomeAdministrator(visitor, product);
    const registration = { directory: pebble.directory, contact: "ops@example.com", terms_agreed: "true" };
    await call(page, product, "acme.register", registration);
    await visit(visitor, `${product.origin}/certificates/acme`);
    await look(visitor, "acme-accounts");
    await page.getByRole("link", { name: /^Edit account/ }).click();
    await page.locator("[name=contact]").waitFor();
    await ready(visitor);
    await page.locator("[name=contact]").fill("nobody");
    await submit(visitor, "acme.edit_account");
    await page.locator("[aria-invalid=true]").first().waitFor();
    await look(visitor, "acme-account");
    // Where the DNS server is off, too.
    const gateway = await buyManaged(page, product, "first");
    await waitFor(page, product, gateway, "Running");
    const of = { id: gateway.split("/")[2], side: "private" };
    await call(page, product, "domain.create", { ...of, host: "models.corp.example" });
    for (const tab of ["domains", "domains/new", "vpc/add"]) {
      await visit(visitor, `${product.origin}${gateway}/${tab}`);
      await look(visitor, `dns-off-${tab.replace("/", "-")}`);
    }
  } finally {
    await product.stop();
    acme.stop();
  }
});
