// Text that is meant to do harm is shown as text, or refused at its field with what was typed still there. Each with a
// script and without.
import type { Product } from "../fixtures/product";
import { buyManaged, call, createAlb, deploy, submit } from "../fixtures/console";
import { fill, stays, withoutNativeChecks, wrong } from "../fixtures/form";
import { becomeAdministrator, expect, password, ready, test, visit, type Visitor } from "../fixtures/test";

const script = "</textarea><script>window.hacked=1</script>";
const image = '"><img src=x onerror="window.hacked=1">';
const nul = "a\0b";
const override = "\u202Eada";
const emoji = "👩‍💻🔥";
const megabyte = "x".repeat(1_000_000);

/** Nothing of it became a part of the page, whatever the policy for scripts would have done about it. */
async function inert({ page }: Visitor) {
  const found = await page.evaluate(() => ({
    ran: "hacked" in window,
    scripts: [...document.scripts].filter((each) => each.textContent === "window.hacked=1").length,
    images: document.querySelectorAll("img, [onerror]").length,
  }));
  expect(found).toEqual({ ran: false, scripts: 0, images: 0 });
}

/** What a field shows of what was typed: HTML has no NUL, and over-size forms are not kept without a script. */
function kept(text: string, { javaScript }: Visitor) {
  if (javaScript) return text;
  return text === megabyte ? undefined : text.replace("\0", "\uFFFD");
}

interface Form {
  name: string;
  field: string;
  /** The other fields. */
  rest?: Record<string, string>;
}

async function refused(visitor: Visitor, { name, field, rest }: Form, text: string, words: RegExp) {
  await withoutNativeChecks(visitor);
  await fill(visitor, { ...rest, [field]: text });
  await submit(visitor, name);
  await wrong(visitor, field, words);
  const shown = kept(text, visitor);
  if (shown !== undefined) await stays(visitor, { [field]: shown });
  await inert(visitor);
}

async function gatewayName(visitor: Visitor, product: Product) {
  const { page } = visitor;
  await call(page, product, "gateway.grant_alb_role", {});
  await visit(visitor, `${product.origin}/gateways/new/alb`);
  const form = { name: "gateway.create_alb", field: "name" };
  for (const text of [script, image, nul, override, emoji]) await refused(visitor, form, text, /is not allowed here/);
  await refused(visitor, form, megabyte, /at most 63 characters; there are 1000000/);

  // The purchase form is a GET: what is too long for an address cannot be typed.
  for (const text of [script, image, nul, override, emoji]) {
    await visit(visitor, `${product.origin}/gateways/new/managed`);
    await fill(visitor, { name: text });
    await submit(visitor, "confirm");
    await page.waitForURL("**/confirm?**");
    await wrong(visitor, "name", /is not allowed here/);
    await stays(visitor, { name: text.replace("\0", "\uFFFD") });
    await inert(visitor);
  }
  await visit(visitor, `${product.origin}/gateways/new/managed`);
  await page.locator("[name=name]").focus();
  await page.keyboard.insertText(megabyte);
  await submit(visitor, "confirm");
  await wrong(visitor, "name", /at most 63 characters; there are 1000/);
}

async function comment(visitor: Visitor, product: Product) {
  const { page } = visitor;
  const gateway = await buyManaged(page, product, "first");
  await visit(visitor, `${product.origin}${gateway}/internet`);
  const accepted = [script, image, override, emoji];
  for (const [at, text] of accepted.entries()) {
    await fill(visitor, { blocks: `192.0.2.${at}`, comment: text });
    await submit(visitor, "gateway.whitelist_add");
    await expect(page.locator("main tbody td").filter({ hasText: text })).toHaveCount(1);
    await ready(visitor);
    await inert(visitor);
  }
  const form = { name: "gateway.whitelist_add", field: "comment", rest: { blocks: "192.0.2.99" } };
  await refused(visitor, form, nul, /control characters/);
  // More than a comment may have cannot be typed.
  await fill(visitor, { blocks: "192.0.2.99", comment: megabyte });
  await submit(visitor, "gateway.whitelist_add");
  await expect(page.locator("main tbody td").filter({ hasText: /^x{99,100}$/ })).toHaveCount(1);
}

async function service(visitor: Visitor, product: Product) {
  const { page } = visitor;
  const gateway = await buyManaged(page, product, "first");
  await visit(visitor, `${product.origin}/services/new/custom?gateway=${gateway.split("/")[2]}`);
  const name = { name: "service.deploy", field: "draft[name]" };
  for (const text of [script, image, nul, override, emoji]) await refused(visitor, name, text, /lower-case letter/);
  await refused(visitor, name, megabyte, /at most 63 characters; there are 1000000/);
  const command = { name: "service.deploy", field: "draft[command]", rest: { "draft[name]": "sample" } };
  await refused(visitor, command, nul, /control characters/);
  await refused(visitor, command, megabyte, /at most \d+ characters; there are 1000000/);
  await refused(visitor, command, `'${script}`, /quotation mark/);

  await fill(visitor, { "draft[name]": "sample", "draft[command]": `${script} '${image}' ${override} ${emoji}` });
  await submit(visitor, "service.deploy");
  await page.waitForURL(/\/services\/svc-/);
  await ready(visitor);
  await expect(page.locator("main dd code")).toHaveText(`${script} ${image} ${override} ${emoji}`);
  await inert(visitor);
}

async function search(visitor: Visitor, product: Product) {
  const { page } = visitor;
  await createAlb(page, product, "edge");
  await deploy(page, product, await buyManaged(page, product, "first"), "sample");
  for (const [path, words] of [["/gateways", "No gateway matches"], ["/services", "No service matches"]]) {
    for (const text of [script, image, nul, override, emoji, megabyte]) {
      await visit(visitor, product.origin + path);
      await page.locator("[name=q]").focus();
      if (text === megabyte) await page.keyboard.insertText(text);
      else await fill(visitor, { q: text });
      await page.locator("form[role=search] button").click();
      await page.waitForURL(/q=/);
      await ready(visitor);
      await expect(page.getByText(words)).toBeVisible();
      await stays(visitor, { q: text === megabyte ? "x".repeat(1000) : text.replace("\0", "\uFFFD") });
      await inert(visitor);
    }
  }
}

async function userName(visitor: Visitor, product: Product) {
  const { page } = visitor;
  await visit(visitor, product.joinLink);
  const passwords = { password, repeated: password };
  const form = { name: "user.join", field: "name", rest: passwords };
  for (const text of [image, nul, override]) await refused(visitor, form, text, /no invisible characters; .* is not allowed here/);
  await refused(visitor, form, megabyte, /at most 64 characters; there are 1000000/);
  await fill(visitor, { name: script, ...passwords });
  await submit(visitor, "user.join");
  await page.waitForURL("**/gateways");
  await ready(visitor);
  await expect(page.locator(".shell-tools")).toContainText(script);
  await inert(visitor);
  await visit(visitor, `${product.origin}/users`);
  await expect(page.getByRole("rowheader", { name: script })).toBeVisible();
  await inert(visitor);

  await page.context().clearCookies();
  await visit(visitor, `${product.origin}/sign-in`);
  for (const text of [image, nul, override, emoji]) {
    await fill(visitor, { name: text, password: "not it" });
    await submit(visitor, "session.start");
    await wrong(visitor, "password", "User name or password is wrong.");
    await stays(visitor, { name: kept(text, visitor)! });
    await inert(visitor);
  }
}

const journeys = { gatewayName, comment, service, search, userName };
for (const [name, journey] of Object.entries(journeys)) {
  for (const javaScript of [true, false]) {
    test(`hostile ${name}${javaScript ? "" : ", JavaScript off"}`, async ({ product, open }) => {
      test.setTimeout(90_000);
      const visitor = await open({ javaScript });
      visitor.page.on("dialog", () => expect(false, "a script ran").toBe(true));
      if (journey !== userName) await becomeAdministrator(visitor, product);
      await journey(visitor, product);
    });
  }
}
