import type { IncomingMessage } from "node:http";
import type { HttpBindings } from "@hono/node-server";
import { type Context, Hono } from "hono";
import type { AddressRange } from "../egress/address.ts";
import type { Telemetry } from "../telemetry/telemetry.ts";
import type { CallbackRequest } from "./arrival.ts";
import { peerAddress } from "./client-address.ts";
import { createForwardedForWarning } from "./forwarded-for-warning.ts";
import { readBytes } from "./read-bytes.ts";
import { type ReceiveDeps, type Received, receive } from "./receive.ts";
import { createRefusalLimit } from "./refusal-limit.ts";
import { unknownUrl } from "./refusals.ts";
import type { CallbackPath } from "./target.ts";

export type ReceiveRoutesDeps = Omit<ReceiveDeps, "refusalLimit"> & {
  trustedProxies: readonly AddressRange[];
  telemetry: Telemetry;
};

/** `/in/{provider}/{token}/{channel}`, the public URL that providers call. */
export function receiveRoutes(deps: ReceiveRoutesDeps): Hono<{ Bindings: HttpBindings }> {
  const onReached = () => deps.telemetry.publish("limit.reached", () => ({ limit: "refused_callbacks" }));
  const refusalLimit = createRefusalLimit(() => performance.now(), onReached);
  const receiveDeps: ReceiveDeps = { ...deps, refusalLimit };
  const forwardedForIgnored = createForwardedForWarning(deps.log, () => performance.now());
  const app = new Hono<{ Bindings: HttpBindings }>();
  app.all("/in/:provider/:token/:channel{.+}", async c => {
    const startedMs = performance.now();
    const path = { provider: c.req.param("provider"), token: c.req.param("token"), channel: c.req.param("channel") };
    const request = requestOf(path, c.env.incoming, deps.trustedProxies);
    if (request.isForwardedForIgnored) forwardedForIgnored();
    const received = await receive(receiveDeps, request);
    publishAnswered(deps.telemetry, c.req.method, received, performance.now() - startedMs);
    return send(c, received);
  });
  app.all("/in/*", c => send(c, unknownUrl()));
  return app;
}

function requestOf(path: CallbackPath, incoming: IncomingMessage, trusted: readonly AddressRange[]): CallbackRequest {
  return {
    ...path,
    method: incoming.method ?? "",
    query: incoming.url?.split("?").slice(1).join("?") ?? "",
    headers: singleHeaders(incoming),
    address: peerAddress(incoming, trusted),
    isForwardedForIgnored: trusted.length === 0 && incoming.headers["x-forwarded-for"] !== undefined,
    readBody: () => readBytes(incoming),
  };
}

function publishAnswered(telemetry: Telemetry, method: string, received: Received, ms: number): void {
  const { reply, outcome, target, callbackId } = received;
  telemetry.publish("callback.answered", () => ({
    method,
    status: reply.status,
    provider: target?.connection.provider ?? null,
    channel: target?.isKnown ? target.channelName : null,
    connectionId: target?.connection.id ?? null,
    callbackId,
    outcome,
    ms,
  }));
}

function send(c: Context, { reply, headers }: Pick<Received, "reply" | "headers">): Response {
  return c.body(reply.body, reply.status as 200, { "content-type": reply.contentType, ...headers });
}

/** One value for each header; values of a repeated header are joined by a comma. */
function singleHeaders(incoming: IncomingMessage): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(incoming.headers)) {
    headers[name] = Array.isArray(value) ? value.join(", ") : (value ?? "");
  }
  return headers;
}
