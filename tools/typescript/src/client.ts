// A client of the API over fetch, in the types that are generated from its contract: a path, a body or a field that the contract
// does not have is no program.
import type { components, paths } from "../generated/contract.js";

export type Schemas = components["schemas"];

type Method = "get" | "post";
type Operation<P extends keyof paths, M extends Method> = NonNullable<paths[P][M]>;

/** What an operation answers when it did what was asked. */
type Answer<O> = O extends { responses: infer R }
  ? { [S in keyof R & (200 | 201 | 202)]: R[S] extends { content: { "application/json": infer B } } ? B : never }[keyof R & (200 | 201 | 202)]
  : never;

/** What an operation takes as JSON; undefined for nothing. */
type Body<O> = O extends { requestBody: { content: { "application/json": infer B } } } ? B : undefined;

/** A problem document that the API answered with. */
export class Refused extends Error {
  constructor(readonly problem: Schemas["Problem"]) {
    super(`${problem.status} ${problem.type}: ${problem.detail}`);
  }
}

export class Client {
  constructor(
    private readonly base: string,
    private readonly token: string,
  ) {}

  get<P extends keyof paths>(path: P, id = "", query = ""): Promise<Answer<Operation<P, "get">>> {
    return this.call("GET", path, id, undefined, query);
  }

  post<P extends keyof paths>(path: P, body: Body<Operation<P, "post">>, id = ""): Promise<Answer<Operation<P, "post">>> {
    return this.call("POST", path, id, body === undefined ? undefined : JSON.stringify(body));
  }

  /** Uploads a request file with the contacts. */
  submit(id: string, file: Uint8Array<ArrayBuffer>, email: string, phone: string): Promise<Schemas["Verdict"]> {
    const form = new FormData();
    form.set("file", new Blob([file]), "request.req");
    form.set("email", email);
    form.set("phone", phone);
    return this.call("POST", "/v1/orders/{id}/request", id, form);
  }

  private async call<T>(method: string, path: keyof paths, id: string, body?: string | FormData, query = ""): Promise<T> {
    const headers: Record<string, string> = { Authorization: `Bearer ${this.token}`, "Accept-Language": "en" };
    if (typeof body === "string") headers["Content-Type"] = "application/json";
    const answer = await fetch(this.base + path.replace("{id}", id) + query, { method, headers, body: body ?? null });
    const content: unknown = await answer.json();
    if (!answer.ok) throw new Refused(content as Schemas["Problem"]);
    return content as T;
  }
}
