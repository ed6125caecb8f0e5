import type { z } from "zod";
import type { IdKind } from "../domain/ids.ts";
import type { Caller } from "./caller.ts";
import type { ApiDeps } from "./deps.ts";
import type { ApiResponse } from "./response.ts";

/** What the calls are about, in the order of the documents. */
export const tags = {
  Merchants: "Who is paid, and the keys they call with.",
  Connections: "A merchant's accounts at providers, and the URLs where those call back.",
  Endpoints: "Where a merchant is told, and whether that works.",
  Transactions: "What became of every payment, payout, airtime top-up, bill and message.",
  Callbacks: "What providers sent, byte for byte, and what it was taken for.",
  "Events and deliveries": "What merchants were told, and every try at telling them.",
  Reconciliation: "Asking providers where nobody called back.",
  USSD: "Sessions that were answered within the call.",
  Audit: "Who changed what.",
  Process: "Whether this process lives and works. Without a key.",
} as const;
type Tag = keyof typeof tags;

/** What a handler gets: who asks, the path's ids as UUIDs, query and body as their schemas made them. */
export type ApiRequest<Id extends string, Query, Body> = {
  caller: Caller;
  ids: Record<Id, string>;
  query: Query;
  body: Body;
};

type Success = {
  means: string;
  /** null: no body. `bytes`: not JSON. */
  schema: z.ZodType | "bytes" | null;
};

type Described<Id extends string> = {
  method: "GET" | "POST" | "PATCH" | "DELETE";
  /** With `{name}` where an id stands, as OpenAPI writes it. */
  path: string;
  tag: Tag;
  /** `operationId`. */
  name: string;
  summary: string;
  description: string;
  /** `admin`: for a merchant's key the call does not exist. */
  access: "any" | "admin";
  ids?: Record<Id, IdKind>;
  /** The body may be left out; it then counts as `{}`. */
  bodyOptional?: true;
  /** A body that works, for the documents. */
  example?: unknown;
  answers: Partial<Record<200 | 201 | 202 | 204, Success>>;
  /** What this call refuses beyond what follows from its shape (see openapi/document.ts). */
  problems?: Partial<Record<404 | 409 | 410 | 429 | 503, string>>;
};

/** A call of the management API: what registers it, checks its input and documents it, in one place. */
export type Route = Described<string> & {
  query?: z.ZodType;
  body?: z.ZodType;
  handle(request: ApiRequest<string, unknown, unknown>, deps: ApiDeps): Promise<ApiResponse>;
};

/** Declares a call. The handler's types follow from the schemas. */
export function route<Query extends z.ZodType, Body extends z.ZodType, Id extends string = never>(
  definition: Described<Id> & {
    query?: Query;
    body?: Body;
    handle(request: ApiRequest<Id, z.output<Query>, z.output<Body>>, deps: ApiDeps): Promise<ApiResponse>;
  },
): Route {
  // mount.ts hands over what these very schemas parsed.
  return definition as unknown as Route;
}
