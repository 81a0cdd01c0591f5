// What the contract does not have must not compile: each of these lines is an error that tsc has to find.
import { Client } from "./client.js";

export async function refusals(client: Client): Promise<void> {
  // @ts-expect-error there is no such path
  await client.get("/v1/nowhere");
  // @ts-expect-error there is no such service
  await client.post("/v1/orders", { service: "6.0.99" });
  // @ts-expect-error both consents or nothing
  await client.post("/v1/orders/{id}/terms", { agreementVersion: "1" }, "id");
  // @ts-expect-error a field that orders do not have
  (await client.get("/v1/orders/{id}", "id")).password;
  // @ts-expect-error there is no such stage
  (await client.get("/v1/orders/{id}", "id")).stage === "thinking";
}
