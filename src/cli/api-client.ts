import type { Readable } from "node:stream";

/** A request to the management API. */
export type ClientRequest = {
  method: "GET" | "POST" | "PATCH" | "DELETE";
  path: string;
  query?: Record<string, string | undefined>;
  /** Sent as JSON. */
  body?: unknown;
  headers?: Record<string, string>;
  /** Ends the wait for an answer. */
  signal?: AbortSignal;
  /** Sent as it is read. */
  file?: { stream: Readable; bytes: number; type: string };
};

export type ClientResponse = { status: number; headers: { get(name: string): string | null }; bytes: Buffer };

/** A connection to the management API, with the admin key. */
export type ApiClient = {
  /** Base address without a slash at its end. */
  url: string;
  /** Whether this process itself serves the API, until `close`. */
  startedHere: boolean;
  send(request: ClientRequest): Promise<ClientResponse>;
  close(): Promise<void>;
};

/** A page of a list. */
export type ResultPage<Row> = { data: Row[]; next_cursor: string | null };
