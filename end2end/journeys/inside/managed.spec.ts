// From an operator's networks to a model that answers inside a VPC, by a name and a certificate of its own.
import { becomeAdministrator } from "../../fixtures/test";
import { byPrivateName, insideOnly } from "./answers";
import { createDomain, give, mayNotChoose, order, register } from "./domains";
import { addVpc, buy, deploySample, invocation } from "./gateways";
import { declare, openAccount } from "./networks";
import { byPublicName, openPortal } from "./outside";
import { test } from "./stage";

const host = "models.corp.test";

for (const javaScript of [true, false]) {
  test(`a fully managed gateway inside a VPC${javaScript ? "" : ", without JavaScript"}`, async ({ stage, open }) => {
    test.setTimeout(180_000);
    const { product, pebble } = stage;
    const [operator, tenant] = [await open({ javaScript }), await open({ javaScript })];
    await becomeAdministrator(operator, product);
    await openAccount(operator, tenant, product, "research");
    await declare(operator, product, "research");

    const gateway = await buy(tenant, product);
    await addVpc(tenant, product, gateway);
    const service = await deploySample(tenant, product, gateway);
    await createDomain(tenant, product, gateway, host, "private");
    await mayNotChoose(tenant, product, pebble);
    await register(operator, product, pebble);
    await register(operator, product, stage.publicPebble);
    await register(tenant, product, pebble);
    await order(tenant, host, "dns_01");
    await give(tenant, product, gateway, host, "dns_01");

    const shown = await invocation(tenant, product, service);
    await byPrivateName(stage, shown.token, host);
    await insideOnly(stage, shown, host);

    await openPortal(tenant, stage, gateway);
    await byPublicName(tenant, stage, gateway, shown.token);
  });
}
