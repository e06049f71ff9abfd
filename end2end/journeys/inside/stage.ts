// The product on a host with several networks, which are namespaces, and a browser on that host.
import { type Browser, chromium as browsers, expect } from "@playwright/test";
import { chromium } from "../../playwright.config";
import { type Machine, type Machines, machines, whyNone } from "../../fixtures/machines";
import { authority, type Pebble } from "../../fixtures/pebble";
import { type PublicDns, publicDns } from "../../fixtures/public_dns";
import { type Product, start } from "../../fixtures/product";
import { test as base, until } from "../../fixtures/test";

export interface Stage extends Machines {
  product: Product;
  /** Looks for answers on the product's ports, and asks the product's own DNS server about names. */
  pebble: Pebble;
  /** The same, but asks the public DNS. */
  publicPebble: Pebble;
  /** What everybody on the Internet asks. */
  dns: PublicDns;
}

const skipped = whyNone();
if (skipped) console.log(`skipped: ${skipped}`);

export const test = base.extend<{ stage: Stage }, { machines: Machines; browser: Browser }>({
  machines: [
    async ({}, use) => {
      const made = machines();
      await use(made);
      made.close();
    },
    { scope: "worker" },
  ],
  browser: [
    async ({ machines }, use) => {
      const browser = await browsers.launch({ ...chromium, executablePath: machines.browser });
      await use(browser);
      await browser.close();
    },
    { scope: "worker" },
  ],
  stage: async ({ machines }, use, info) => {
    const { host, internet, zone1, zone2 } = machines;
    const acme = authority({ address: "203.0.113.2", within: internet.within });
    const options = [
      "--http-addr=203.0.113.1:80",
      "--https-addr=203.0.113.1:443",
      "--dns-addr=203.0.113.1:53",
      "--base-domain=gw.test",
      "--resolver=203.0.113.2:53",
      `--acme-ca=${acme.root}`,
    ];
    const started: { stop(): unknown }[] = [acme];
    try {
      const dns = await publicDns(internet, "203.0.113.2");
      started.push(dns);
      const product = await start(options, host.within);
      started.push(product);
      const ports = { http: 80, tls: 443 };
      const pebble = await acme.start(ports, "203.0.113.1:53");
      const publicPebble = await acme.start(ports, dns.address);
      internet.asks("203.0.113.2");
      zone1.asks("10.101.1.1");
      zone2.asks("10.101.2.1");
      await use({ ...machines, product, pebble, publicPebble, dns });
      if (info.status !== info.expectedStatus) console.log(product.log());
    } finally {
      for (const each of started.reverse()) await each.stop();
    }
  },
});

test.skip(skipped !== undefined, skipped);

/** Until the model answers over this way. */
export async function answers(from: Machine, token: string, ...words: string[]) {
  let seen = {};
  const answer = await until(`an answer to ${words.join(" ")}`, async () => {
    const asked = await from.curl("-H", `Authorization: ${token}`, ...words);
    seen = asked;
    return asked.status === 200 && asked;
  }).catch((error) => {
    throw new Error(`${error}: ${JSON.stringify(seen)}`);
  });
  expect(answer.body.trim()).toBe("True");
}

/** curl's exit code, which tells how far it got. */
export const exit = { unresolved: 6, refused: 7, unknownIssuer: 60 };
