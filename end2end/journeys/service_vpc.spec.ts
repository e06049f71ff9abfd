// The VPC of a service: an ALB gateway serves those of its own VPC, and the wizard says so before anything is sent.
import { buyManaged, call, createAlb, revision, submit } from "../fixtures/console";
import { stays, withoutNativeChecks, wrong } from "../fixtures/form";
import type { Product } from "../fixtures/product";
import { becomeAdministrator, expect, test, visit, type Visitor } from "../fixtures/test";

const vpcs = "[name='draft[vpc]']";

/** An ALB gateway with access from the network that a new installation has, and another network besides. */
async function prepare({ page }: Visitor, product: Product) {
  const other = (await call(page, product, "network.vpc_add", { name: "other", blocks: "127.99.0.0/16" })).split("/")[2];
  const edge = await createAlb(page, product, "edge");
  const html = await (await page.request.get(`${product.origin}${edge}/vpc/add`, { headers: { accept: "text/html" } })).text();
  const loopback = /vpc-[a-z0-9]{18}/.exec(html)![0];
  const vswitch = /vsw-[a-z0-9]{18}/.exec(html)![0];
  const named = { id: edge.split("/")[2], revision: await revision(page, product, `${edge}/vpc/add`) };
  await call(page, product, "gateway.vpc_link", { ...named, vpc: loopback, "vswitches[]": vswitch });
  const managed = await buyManaged(page, product, "managed");
  return { other, edge: edge.split("/")[2], managed: managed.split("/")[2] };
}

async function journey(visitor: Visitor, product: Product) {
  const { page } = visitor;
  const main = page.locator("main");
  await becomeAdministrator(visitor, product);
  const { other, edge, managed } = await prepare(visitor, product);
  await visit(visitor, `${product.origin}/services/new/custom?gateway=${edge}`);
  await expect(main.getByText("The replicas are processes that use their host's network all the same.")).toBeVisible();
  await withoutNativeChecks(visitor);
  await page.locator("[name='draft[name]']").fill("sample");
  await page.locator("[name='draft[command]']").fill("inference-gateway sample-model");
  const greyed = main.locator(`${vpcs} option[disabled]`);
  const why = /^The gateway is in loopback, and so are its services\. Choose loopback, or a gateway that is in the service's VPC\.$/;
  if (visitor.javaScript) {
    await expect(greyed).toHaveText(/^other/);
    await expect(main.getByText(why)).toBeVisible();
    await expect(main.locator(`${vpcs} option:checked`)).toHaveText("loopback, as the gateway");
    // Another gateway takes it; coming back, it is not sent any more.
    await page.locator("[name='draft[gateway]']").selectOption(managed);
    await expect(greyed).toHaveCount(0);
    await expect(main.getByText(why)).toHaveCount(0);
    await page.locator(vpcs).selectOption(other);
    await page.locator("[name='draft[gateway]']").selectOption(edge);
    await stays(visitor, { "draft[vpc]": "", "draft[name]": "sample" });
    // Who asks all the same is told the same.
    const refused = await page.request.post(`${product.origin}/api/_fn/service.deploy`, {
      form: { "draft[name]": "sample", "draft[command]": "model", "draft[replicas]": "1", "draft[gateway]": edge, "draft[vpc]": other },
      headers: { accept: "application/json", origin: product.origin, "sec-fetch-site": "same-origin" },
    });
    expect([refused.status(), await refused.text()]).toEqual([422, expect.stringContaining("service_vpc")]);
  } else {
    // Nothing is greyed out that choosing another gateway could not undo.
    await expect(greyed).toHaveCount(0);
    await page.locator(vpcs).selectOption(other);
    await submit(visitor, "service.deploy");
    await wrong(visitor, "draft[vpc]", why);
    await stays(visitor, { "draft[vpc]": other, "draft[gateway]": edge, "draft[name]": "sample" });
    await page.locator(vpcs).selectOption("");
  }
  await submit(visitor, "service.deploy");
  await page.waitForURL(/\/services\/svc-/);
  await expect(main.getByRole("link", { name: "loopback", exact: true })).toBeVisible();

  // A fully managed gateway serves any; its VPC cannot be deleted under it.
  await visit(visitor, `${product.origin}/services/new/custom?gateway=${managed}`);
  await page.locator("[name='draft[name]']").fill("inside");
  await page.locator("[name='draft[command]']").fill("inference-gateway sample-model");
  await page.locator(vpcs).selectOption(other);
  await submit(visitor, "service.deploy");
  await page.waitForURL(/\/services\/svc-/);
  await main.getByRole("link", { name: "other", exact: true }).click();
  await page.waitForURL(`**/networks/${other}`);
  await submit(visitor, "network.vpc_delete");
  await expect(main.getByText("Services are in this VPC: inside. Delete them first.")).toBeVisible();
  await visit(visitor, `${product.origin}/networks/${other}`);
  await expect(main.getByRole("heading", { name: "other", exact: true })).toBeVisible();
}

test("a service is in the VPC of its ALB gateway", async ({ product, open }) => {
  await journey(await open(), product);
});

test("a service is in the VPC of its ALB gateway, without JavaScript", async ({ product, open }) => {
  await journey(await open({ javaScript: false }), product);
});
