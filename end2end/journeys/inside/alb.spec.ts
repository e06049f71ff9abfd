// The same with an ALB gateway, whose instance the VPC access brings about.
import { becomeAdministrator } from "../../fixtures/test";
import { byPrivateName, insideOnly } from "./answers";
import { createDomain, give, order, register } from "./domains";
import { addVpc, create, deploySample, invocation, seeInstance } from "./gateways";
import { adopt } from "./networks";
import { byPublicName, enablePublic } from "./outside";
import { test } from "./stage";

const host = "models.corp.test";

for (const javaScript of [true, false]) {
  test(`an ALB gateway inside a VPC${javaScript ? "" : ", without JavaScript"}`, async ({ stage, open }) => {
    test.setTimeout(180_000);
    const { product, pebble } = stage;
    const visitor = await open({ javaScript });
    await becomeAdministrator(visitor, product);
    await adopt(visitor, product);

    const gateway = await create(visitor, product);
    await addVpc(visitor, product, gateway);
    await seeInstance(visitor, product, gateway);
    const service = await deploySample(visitor, product, gateway);
    await createDomain(visitor, product, gateway, host, "private");
    await register(visitor, product, pebble);
    await order(visitor, host, "dns_01");
    await give(visitor, product, gateway, host, "dns_01");

    const shown = await invocation(visitor, product, service);
    await byPrivateName(stage, shown.token, host);
    await insideOnly(stage, shown, host);

    await enablePublic(visitor, stage, gateway);
    await byPublicName(visitor, stage, gateway, shown.token);
  });
}
