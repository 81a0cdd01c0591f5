// Orders a certificate of service 6.0.00 on a sandbox and waits until it is issued. The address of the sandbox is SANDBOX.
import { Client, Refused, type Schemas } from "./client.js";

const sandbox = process.env["SANDBOX"] ?? "http://127.0.0.1:8096/sandbox";
const person = process.env["PERSON"] ?? "individual";

async function door(path: string, body: unknown): Promise<Response> {
  const answer = await fetch(sandbox + path, { method: "POST", body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
  return answer;
}

/** Reads the order until it is as wanted; the API holds each request until something changes. */
async function until(client: Client, order: Schemas["Order"], wanted: (o: Schemas["Order"]) => boolean): Promise<Schemas["Order"]> {
  for (let tries = 0; !wanted(order); tries++) {
    if (tries > 60 || (order.stage === "ended" && order.end !== "issued")) throw new Error(`the order is ${order.stage} ${order.end ?? ""}`);
    order = await client.get("/v1/orders/{id}", order.id, `?wait=10s&after=${order.version}`);
  }
  return order;
}

const { api } = (await (await fetch(sandbox)).json()) as { api: string };
const { access_token } = (await (await door(`/persons/${person}/token`, {})).json()) as { access_token: string };
const client = new Client(api, access_token);

const terms = await client.get("/v1/terms");
let order = await client.post("/v1/orders", { service: "6.0.00" });
order = await client.post("/v1/orders/{id}/terms", { agreementVersion: terms.agreement.version, contractVersion: terms.contract.version }, order.id);

const file = new Uint8Array(await (await door(`/persons/${person}/request`, { years: 1 })).arrayBuffer());
try {
  await client.submit(order.id, file.slice(0, 10), "person@example.by", "+375291234567");
  throw new Error("a damaged file was taken");
} catch (refused) {
  if (!(refused instanceof Refused) || !refused.problem.type.endsWith("/request-rejected")) throw refused;
}
await client.submit(order.id, file, "person@example.by", "+375291234567");
order = await until(client, await client.get("/v1/orders/{id}", order.id), (o) => o.stage === "awaiting-payment");

const payment = await client.post("/v1/orders/{id}/payment", { method: "erip" }, order.id);
await door("/payments/erip", { number: payment.number });
order = await until(client, order, (o) => o.end === "issued" && o.certificate !== undefined);
const credentials = await client.get("/v1/orders/{id}/credentials", order.id);
console.log(JSON.stringify({ number: order.number, serialNumber: order.certificate?.serialNumber, login: credentials.login }));
