import type { ProblemDetails } from "./problem.ts";

/** What a handler returns. */
export type ApiResponse =
  | { kind: "json"; status: 200 | 201 | 202; body: Record<string, unknown>; headers?: Record<string, string> }
  | { kind: "empty"; status: 204 }
  | { kind: "bytes"; status: 200; body: Uint8Array; headers: Record<string, string> }
  /** Sent while it is made. */
  | { kind: "stream"; status: 200; body: AsyncIterable<string>; headers: Record<string, string> }
  | ProblemDetails;

export const ok = (body: Record<string, unknown>): ApiResponse => ({ kind: "json", status: 200, body });

export const created = (body: Record<string, unknown>): ApiResponse => ({ kind: "json", status: 201, body });

/** The request is queued, and carried out a little later. */
export const accepted = (body: Record<string, unknown>): ApiResponse => ({ kind: "json", status: 202, body });

export const noContent = (): ApiResponse => ({ kind: "empty", status: 204 });

/** Server-Sent Events, sent as they come. The last header is for nginx, which else gathers them. */
export const eventStream = (body: AsyncIterable<string>): ApiResponse => ({
  kind: "stream",
  status: 200,
  body,
  headers: { "content-type": "text/event-stream", "x-accel-buffering": "no" },
});

/** A table as text, sent while it is read, as a file to keep. */
export const csvFile = (name: string, body: AsyncIterable<string>): ApiResponse => ({
  kind: "stream",
  status: 200,
  body,
  headers: { "content-type": "text/csv; charset=utf-8", "content-disposition": `attachment; filename="${name}"` },
});
