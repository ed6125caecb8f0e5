import type { z } from "zod";
import type { IdKind } from "../domain/ids.ts";
import type { Caller, OperatorRole, Scope } from "./caller.ts";
import type { ApiDeps } from "./deps.ts";
import type { ApiResponse } from "./response.ts";

/** The sections of the API document, in order. */
export const tags = {
  Merchants: "The owners of everything else, and their API keys.",
  Connections: "A merchant's accounts at providers, and the URLs where providers send callbacks.",
  Endpoints: "The URLs that events are sent to, and their health.",
  Transactions: "The status of every payment, payout, airtime top-up, bill and message.",
  Starting: "Payments, payouts and messages that Hakika starts at the provider, each of them once.",
  Callbacks: "The requests that providers sent, byte for byte, and what was read in them.",
  "Events and deliveries": "The events sent to merchants, and every attempt to deliver them.",
  Books: "Statements and what they differ in, totals, the list as CSV, and questions about a receipt.",
  Reconciliation: "Polling providers about transactions without a callback.",
  USSD: "Sessions that were answered within the provider's call.",
  Alerts: "What a person should know of, and the channels that say so.",
  Search: "One box for ids, receipts, references and phones.",
  Audit: "Who changed what, and when.",
  Operators: "The people who run the installation, and what waits for a second one of them.",
  Privacy: "What is stored of a person: to hand it over, and to erase it.",
  Process: "Whether this process is alive and ready. Needs no key.",
} as const;
type Tag = keyof typeof tags;

/** A checked request: its caller, the path's ids as UUIDs, query and body as their schemas parsed them. */
export type ApiRequest<Id extends string, Query, Body> = {
  caller: Caller;
  /** Null where the call had none. */
  idempotencyKey: string | null;
  /** The body as it was sent, without known fields that were null; empty where there was none. */
  sent: Record<string, unknown>;
  ids: Record<Id, string>;
  /** A header of the request; null where there is none. */
  header(name: string): string | null;
  /** Whether the key still lives, for calls that last. */
  isAllowed(): Promise<boolean>;
  query: Query;
  body: Body;
  /** The body's bytes as they arrive, where the route takes a file (`file`). */
  file: AsyncIterable<Uint8Array>;
};

export type Success = {
  description: string;
  /** null: no body. `bytes`: a body that is not JSON. `csv`: a table as text. `events`: Server-Sent Events. */
  schema: z.ZodType | "bytes" | "csv" | "events" | null;
};

type Described<Id extends string> = {
  method: "GET" | "POST" | "PATCH" | "DELETE";
  /** With `{name}` for each id, as in OpenAPI. */
  path: string;
  tag: Tag;
  /** `operationId` of the API document. */
  name: string;
  summary: string;
  description: string;
  /** `admin`: a merchant's key gets 403, and of operators those of role `admin` alone are let in. */
  access: "any" | "admin";
  /** What a merchant's key needs; where left out, `read` for a GET and `manage` for the rest. */
  scope?: Scope;
  /** The lowest operator's role; where left out, the one that fits the scope (permission.ts). */
  role?: OperatorRole;
  ids?: Record<Id, IdKind>;
  /** The body is a file of one of these types, read as it arrives. It has no `Idempotency-Key`. */
  file?: readonly string[];
  /**
   * `for good`: an `Idempotency-Key` is required, and the handler itself sees to it, for good instead of for a day.
   * `none`: the answer is not kept, a key changes nothing.
   */
  idempotency?: "for good" | "none";
  /** Headers beside the usual ones, and what they mean. */
  headers?: Record<string, string>;
  /** A missing body counts as `{}`. */
  bodyOptional?: true;
  /** A valid body, for the API document. */
  example?: unknown;
  responses: Partial<Record<200 | 201 | 202 | 204, Success>>;
  /** Refusals beyond those that follow from the route's shape (openapi/problem-responses.ts). */
  problems?: Partial<Record<403 | 404 | 409 | 410 | 429 | 503, string>>;
};

/** A call of the management API: its path, the schemas that check and document it, and its handler. */
export type Route = Described<string> & {
  query?: z.ZodType;
  body?: z.ZodType;
  handle(request: ApiRequest<string, unknown, unknown>, deps: ApiDeps): Promise<ApiResponse>;
};

/** Declares a call. The handler's types are inferred from the schemas. */
export function route<Query extends z.ZodType, Body extends z.ZodType, Id extends string = never>(
  definition: Described<Id> & {
    query?: Query;
    body?: Body;
    handle(request: ApiRequest<Id, z.output<Query>, z.output<Body>>, deps: ApiDeps): Promise<ApiResponse>;
  },
): Route {
  // callRoute passes what these same schemas parsed.
  return definition as unknown as Route;
}
