import type { Calls } from "./calls.ts";
import { followEvents } from "./follow.ts";
import { operations } from "./generated/operations.ts";
import type { components } from "./generated/schema.ts";
import { ListCall, type Page } from "./list-call.ts";
import { type Call, type CallOptions, type ClientOptions, send } from "./send.ts";
import { type HakikaEvent, type VerifyOptions, verifyWebhook, type WebhookHeaders } from "./webhooks.ts";

export {
  type FieldError,
  HakikaConnectionError,
  HakikaError,
  type Problem,
  WebhookVerificationError,
} from "./errors.ts";
export { ListCall, type Page } from "./list-call.ts";
export type { CallOptions, ClientOptions } from "./send.ts";
export type { HakikaEvent, VerifyOptions, WebhookHeaders } from "./webhooks.ts";

/** The API's named schemas: `Schemas["Transaction"]`. */
export type Schemas = components["schemas"];
export type Transaction = Schemas["Transaction"];

type Webhooks = {
  /**
   * Checks the signature of a webhook and returns its event; throws `WebhookVerificationError`. `body` is the body
   * exactly as it came, as text or bytes.
   */
  verify(body: string | Uint8Array, headers: WebhookHeaders, options?: VerifyOptions): HakikaEvent;
};

type Following = {
  events: {
    /** Events as they are written, from now on or after the one that is named, until `signal` or `break`. */
    follow(
      query?: { after?: string; type?: string; merchant_id?: string },
      options?: CallOptions,
    ): AsyncGenerator<HakikaEvent>;
  };
};

type Operation = (typeof operations)[keyof typeof operations];

/** A client of Hakika. `new Hakika({ baseUrl, key })`. */
export const Hakika = function Hakika(options: ClientOptions) {
  const groups: Record<string, Record<string, unknown>> = {};
  for (const operation of Object.values(operations)) {
    groups[operation.group] = { ...groups[operation.group], [operation.action]: methodOf(options, operation) };
  }
  groups.events = {
    ...groups.events,
    follow: (...args: Parameters<Following["events"]["follow"]>) => followEvents(options, ...args),
  };
  groups.webhooks = {
    verify: (body: string | Uint8Array, headers: WebhookHeaders, given: VerifyOptions = {}) =>
      verifyWebhook(body, headers, {
        ...(options.webhookSecret !== undefined && { secret: options.webhookSecret }),
        ...given,
      }),
  };
  return groups;
} as unknown as new (
  options: ClientOptions,
) => Hakika;

export type Hakika = Calls & Following & { webhooks: Webhooks };

function methodOf(client: ClientOptions, operation: Operation) {
  return (...args: unknown[]) => {
    const ids = args.splice(0, operation.ids.length) as string[];
    const { call, options } = callOf(operation, ids, args);
    if (operation.action === "list" || operation.action === "lines") {
      return new ListCall(async cursor => {
        const query = cursor === undefined ? call.query : { ...call.query, cursor };
        return (await resultOf(operation, await send(client, { ...call, query }, options))) as Page<unknown>;
      });
    }
    return send(client, call, options).then(response => resultOf(operation, response));
  };
}

function callOf(operation: Operation, ids: string[], args: unknown[]): { call: Call; options: CallOptions } {
  const given = [...ids];
  const path = operation.path.replace(/\{\w+\}/g, () => {
    const id = given.shift();
    if (typeof id !== "string" || id === "")
      throw new TypeError(`${operation.group}.${operation.action}: an id is missing`);
    return encodeURIComponent(id);
  });
  const base = { method: operation.method, path };
  const [first, second, third] = args;
  switch (operation.takes) {
    case "nothing":
      return { call: base, options: (first ?? {}) as CallOptions };
    case "query":
      return { call: { ...base, query: first as Record<string, unknown> }, options: (second ?? {}) as CallOptions };
    case "body":
      return { call: { ...base, body: first ?? {} }, options: (second ?? {}) as CallOptions };
    default:
      return {
        call: { ...base, query: first as Record<string, unknown>, file: second as NonNullable<Call["file"]> },
        options: (third ?? {}) as CallOptions,
      };
  }
}

async function resultOf({ gives }: Operation, response: Response): Promise<unknown> {
  switch (gives) {
    case "json":
      return response.json();
    case "text":
      return response.text();
    case "bytes":
      return new Uint8Array(await response.arrayBuffer());
    case "nothing":
      await response.arrayBuffer();
      return undefined;
  }
}
