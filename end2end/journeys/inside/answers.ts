// Who gets an answer at the end: clients inside of the VPC, and nobody outside.
import { join } from "node:path";
import { expect, until } from "../../fixtures/test";
import type { Invocation } from "./gateways";
import { answers, exit, type Stage } from "./stage";

/** By all that the panel shows, from both zones; from elsewhere the same way ends at a closed door. */
export async function insideOnly(stage: Stage, { token, urls }: Invocation, host: string) {
  const { zone1, zone2, internet, elsewhere, product, pebble } = stage;
  const url = "http://10.101.1.1/api/predict/sample";
  expect(urls).toEqual(expect.arrayContaining([url, "http://10.101.2.1/api/predict/sample", `https://${host}/api/predict/sample`]));
  expect(urls.length, "also by the gateway's own name, with and without TLS").toBe(5);
  for (const each of urls) {
    // The gateway's own name is vouched for by the installation's authority.
    const root = each.includes(host) ? pebble.issuer : join(product.dataDir, "tls/local-ca.pem");
    for (const zone of [zone1, zone2]) await answers(zone, token, "--cacert", root, each);
  }
  expect((await zone1.curl("-H", "Authorization: wrong", url)).status).toBe(401);
  for (const outside of [internet, elsewhere]) {
    const asked = await outside.curl("-H", `Authorization: ${token}`, url);
    expect(asked.exit, "connection refused").toBe(exit.refused);
  }
}

/** Over HTTPS by the name, found by the DNS server that the VPC asks; trusting that authority and nothing else. */
export async function byPrivateName({ zone1, zone2, internet, pebble }: Stage, token: string, host: string) {
  const url = `https://${host}/api/predict/sample`;
  for (const zone of [zone1, zone2]) await answers(zone, token, "--cacert", pebble.issuer, url);
  expect((await zone1.curl(url)).exit, "nobody else vouches for it").toBe(exit.unknownIssuer);
  expect((await internet.curl("--cacert", pebble.issuer, url)).exit, "nobody knows the name").toBe(exit.unresolved);
  const there = ["--resolve", `${host}:443:203.0.113.1`, "-k", url];
  await until("the public side to know nothing of it", async () => (await internet.curl(...there)).status === 404);
  expect((await internet.curl("--resolve", `${host}:443:10.101.1.1`, "-k", url)).exit).toBe(exit.refused);
}
