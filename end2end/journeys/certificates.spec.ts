// Certificates from files: PKCS#12 with its password, and PEM files from the disk.
import { certificate, PASSWORD } from "../fixtures/certificate";
import { submit } from "../fixtures/console";
import { fill, wrong } from "../fixtures/form";
import type { Product } from "../fixtures/product";
import { becomeAdministrator, eventually, expect, noViolations, test, visit, type Visitor } from "../fixtures/test";

async function journey(visitor: Visitor, product: Product) {
  const { page } = visitor;
  const main = page.locator("main");
  await becomeAdministrator(visitor, product);
  const good = certificate("models.example.com");
  const files = page.locator("[name='files[]']");

  // Each defect next to its field; the name stays, the password does not.
  await visit(visitor, `${product.origin}/certificates/new`);
  await fill(visitor, { name: "models", password: "wrong" });
  await files.setInputFiles(good.files.pfx);
  await submit(visitor, "certificate.upload");
  await eventually(visitor, () => wrong(visitor, "password", /does not open this file/));
  await expect(page.locator("[name=name]")).toHaveValue("models");
  expect(await page.content()).not.toContain('value="wrong"');
  await fill(visitor, { password: PASSWORD });
  await files.setInputFiles(good.files.keyless);
  await submit(visitor, "certificate.upload");
  await eventually(visitor, () => expect(main.getByText("There is no private key").first()).toBeVisible());
  await expect(files).toHaveAttribute("aria-invalid", "true");
  if (visitor.javaScript) await noViolations(page, "a file without a key");

  await fill(visitor, { password: PASSWORD });
  await files.setInputFiles(good.files.pfx);
  await submit(visitor, "certificate.upload");
  await page.waitForURL(/\/certificates\/cert-/);
  await eventually(visitor, () => expect(main.getByText("models.example.com").first()).toBeVisible());
  expect(await page.content()).not.toContain(PASSWORD);

  // Another one in its place, from two PEM files; the key alone is refused.
  const next = certificate("next.example.com");
  await files.setInputFiles(next.files.key);
  await submit(visitor, "certificate.replace");
  await eventually(visitor, () => expect(main.getByText("There is no certificate").first()).toBeVisible());
  await files.setInputFiles([next.files.chain, next.files.key]);
  await submit(visitor, "certificate.replace");
  await eventually(visitor, () => expect(main.getByText("next.example.com").first()).toBeVisible());
}

test("certificates from files", async ({ product, open }) => {
  await journey(await open(), product);
});

test("certificates from files, without JavaScript", async ({ product, open }) => {
  await journey(await open({ javaScript: false }), product);
});
