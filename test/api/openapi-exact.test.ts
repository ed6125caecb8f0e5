import fc from "fast-check";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { createTestIds, type TestIds } from "./every-object.ts";
import { adminKey, type Called, type Json, startApi, type TestApi } from "./harness.ts";
import { valuesOf } from "./openapi-values.ts";

/**
 * The document is held to the program by requests that are made from it: what its schemas allow is not refused as
 * malformed, what they exclude is, and every status and content type that comes is in it.
 */
let api: TestApi;
let document: Json;
let ids: TestIds;
let values: ReturnType<typeof valuesOf>;
beforeAll(async () => {
  api = await startApi({ limits: { endpoints: 100_000, connections: 100_000, keys: 100_000 } });
  document = (await api.call("GET", "/openapi.json", { key: null })).json;
  ids = await createTestIds(api);
  values = valuesOf(document);
});
afterAll(() => api?.close());

const runs = Number(process.env.OPENAPI_RUNS ?? 4);
const seed = Number(process.env.OPENAPI_SEED ?? 7);

/** What does not hold; all of it is shown at once. */
let wrongs: string[] = [];
beforeEach(() => {
  wrongs = [];
});

/** Refusals of what no schema can say: rules between fields, the provider's own, what is public, what exists. */
const beyondSchemas =
  /amount: is required$|kind: is required: one of|must have 3 characters|is required with the admin key|is not a kind of|has no kind|do not identify|is required with an amount|decimals|is not a credential of|is required where|must be left out where|must name at least one range|must ascend|not public|reserved|must begin with https|full URL|user or password|URL is longer|cannot be set|is set by Hakika|another letter case|is not a phone number|must be a phone number|must be in the future|must lie ahead|must be later|must be before|must be after|is longer than|has no characters that a phone shows|deeper than|more than \d+ (menus|options|names|headers)|at most \d+ (bytes|names)|is no time zone|is not the id of an event|must be asc with|names no column|names either|must be a JSON object|was used for another request|placeholder|not an id|is no id|needs the secrets|secret.*again|days|already|other currency|is not a name|cannot be used as a name|no start|cannot start|cannot be started|does not start|is not one of|must have at least \d+ characters|prove|must be an address or a CIDR|is unknown to/i;

type Operation = { path: string; method: string; operation: Json };
const operations = (): Operation[] =>
  Object.entries<Json>(document.paths).flatMap(([path, methods]) =>
    Object.entries<Json>(methods)
      .filter(([, operation]) => operation.security?.length !== 0)
      .map(([method, operation]) => ({ path, method: method.toUpperCase(), operation })),
  );

const resolved = (answer: Json): Json =>
  answer?.$ref ? document.components.responses[answer.$ref.split("/").at(-1)] : answer;

function pathFor({ path, operation }: Operation, query: Record<string, unknown> = {}): string {
  const named = (operation.parameters ?? []).filter((each: Json) => each.in === "path");
  const filled = named.reduce(
    (at: string, { name, schema }: Json) => at.replace(`{${name}}`, ids.inPath(path, name, schema.examples[0])),
    path,
  );
  const search = new URLSearchParams(
    Object.entries(query).map(([name, value]): [string, string] => [name, String(value)]),
  );
  return search.size === 0 ? filled : `${filled}?${search}`;
}

function holdToDocument({ operation, method, path }: Operation, called: Called, sent: unknown): void {
  const where = `${method} ${path} ${JSON.stringify(sent)?.slice(0, 400)} -> ${called.status} ${called.text.slice(0, 300)}`;
  const answer = resolved(operation.responses[String(called.status)]);
  if (answer === undefined) {
    wrongs.push(`undocumented status: ${where}`);
    return;
  }
  const type = called.headers.get("content-type")?.split(";")[0];
  const types = Object.keys(answer.content ?? {});
  if (type === undefined ? types.length > 0 : !types.includes(type) && !types.includes("*/*")) {
    wrongs.push(`undocumented content type ${type}: ${where}`);
  }
}

/** Notes a refusal of what the document allows, unless no schema could say why. */
function noteRefusal({ status, json, text }: Called, what: string): void {
  const unexplained = (status < 400 ? [] : (json?.errors ?? [])).filter(
    ({ path, message }: Json) => !beyondSchemas.test(`${path}: ${message}`),
  );
  if (unexplained.length > 0) wrongs.push(`${what}: ${text.slice(0, 600)}`);
}

async function send(target: Operation, more: { query?: Json; body?: Json }): Promise<Called> {
  const path = pathFor(target, more.query);
  const body = target.operation.requestBody ? { body: ids.place(more.body ?? {}) } : {};
  const key = { "idempotency-key": `k${Math.random()}` };
  const called = await api.call(target.method, path, {
    key: adminKey,
    ...body,
    ...(target.method === "POST" && { headers: key }),
  });
  holdToDocument(target, called, more);
  return called;
}

const jsonBody = ({ operation }: Operation): Json => operation.requestBody?.content["application/json"]?.schema;

it("what the schemas of bodies allow is not refused as malformed", async () => {
  for (const target of operations().filter(jsonBody)) {
    const samples = fc.sample(values.allowed(jsonBody(target)), { numRuns: runs, seed });
    for (const body of samples) {
      const called = await send(target, { body });
      noteRefusal(called, `${target.method} ${target.path} ${JSON.stringify(body)}`);
    }
  }
  expect(wrongs).toEqual([]);
}, 120_000);

it("what the schemas of bodies exclude is refused", async () => {
  for (const target of operations().filter(jsonBody)) {
    const schema = jsonBody(target);
    const example = target.operation.requestBody.content["application/json"].example;
    for (const spoil of values.mistakes(schema)) {
      const body = spoil(example ?? {});
      const { status } = await send(target, { body });
      if (status < 400) wrongs.push(`taken: ${target.method} ${target.path} ${JSON.stringify(body)}`);
    }
  }
  expect(wrongs).toEqual([]);
}, 120_000);

it("queries are taken and refused as their schemas say", async () => {
  for (const target of operations().filter(({ path }) => !path.endsWith("/stream"))) {
    const query = (target.operation.parameters ?? []).filter(
      (each: Json) => each.in === "query" && each.name !== "wait_s",
    );
    const required = query.filter((each: Json) => each.required);
    const base = Object.fromEntries(required.map(({ name, schema }: Json) => [name, schema.examples?.[0]]));
    if (target.operation.requestBody || target.path.includes(".csv")) continue;
    for (const { name, schema } of query) {
      for (const value of fc.sample(values.allowed(schema), { numRuns: Math.ceil(runs / 2), seed })) {
        const called = await send(target, { query: { ...base, [name]: value } });
        noteRefusal(called, `${target.method} ${target.path}?${name}=${value}`);
      }
      for (const wrong of ["%%", "\u0000", ""].filter(each => values.wrongValues(schema).includes(each))) {
        const { status } = await send(target, { query: { ...base, [name]: wrong } });
        if (status !== 422) wrongs.push(`taken: ${target.method} ${target.path}?${name}=${JSON.stringify(wrong)}`);
      }
    }
  }
  expect(wrongs).toEqual([]);
}, 120_000);

it("links lead from what makes something to every call that takes its id", () => {
  const made = operations().flatMap(({ operation }) =>
    Object.values<Json>(operation.responses).flatMap(answer => Object.entries<Json>(resolved(answer).links ?? {})),
  );
  const reached = new Set(made.map(([, { operationId }]) => operationId));
  const withPath = operations().filter(({ path }) => path.includes("{"));
  const missing = withPath.map(({ operation }) => operation.operationId).filter(name => !reached.has(name));
  // Providers make callbacks, and subscribers sessions; alerts open by themselves.
  expect(
    missing.filter(name => !/Callback|UssdSession|^getAlert$|acknowledgeAlert|Approval|^approve$|^reject$/.test(name)),
  ).toEqual([]);
  for (const [, { operationId, parameters }] of made) {
    const target = operations().find(({ operation }) => operation.operationId === operationId)!;
    const inPath = target.operation.parameters
      .filter((each: Json) => each.in === "path")
      .map((each: Json) => each.name);
    expect(Object.keys(parameters).sort()).toEqual(inPath.sort());
  }
});

it("the providers' side is described: every channel with its methods, its answer and its refusals", async () => {
  const inside = Object.keys(document.paths).filter(path => path.startsWith("/in/"));
  expect(inside).toContain("/in/daraja/{token}/c2b/confirmation");
  for (const path of inside) {
    for (const operation of Object.values<Json>(document.paths[path])) {
      expect(operation.security).toEqual([]);
      expect(Object.keys(operation.responses)).toEqual(["200", "400", "401", "403", "404", "413", "503"]);
    }
  }
});
