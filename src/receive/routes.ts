import type { IncomingMessage } from "node:http";
import type { HttpBindings } from "@hono/node-server";
import { type Context, Hono } from "hono";
import type { AddressRange } from "../egress/address.ts";
import type { Reply } from "../providers/provider.ts";
import { peerAddress } from "./client-address.ts";
import { readBytes } from "./read-bytes.ts";
import { type Incoming, type ReceiveDeps, receive, resolve } from "./receive.ts";
import { badRequest, methodNotAllowed, notFound, tooLarge, unavailable } from "./refusals.ts";

const retryAfterS = 5;

/** `/in/{provider}/{token}/{channel}`, the public URL that providers post to. */
export function receiveRoutes(
  deps: ReceiveDeps & { trustedProxies: readonly AddressRange[] },
): Hono<{ Bindings: HttpBindings }> {
  const app = new Hono<{ Bindings: HttpBindings }>();
  app.all("/in/:provider/:token/:channel{.+}", async c => {
    const { incoming } = c.env;
    const request: Incoming = {
      provider: c.req.param("provider"),
      token: c.req.param("token"),
      channel: c.req.param("channel"),
      headers: plainHeaders(incoming),
      address: peerAddress(incoming, deps.trustedProxies),
    };
    const to = await resolve(deps, request);
    if (to === "unknown") {
      // Neither name is the stranger's: it would be a new series for each guess.
      deps.count?.("unknown", "unknown", "unknown_url");
      return send(c, notFound());
    }
    if (c.req.method !== "POST") return send(c, methodNotAllowed(), { allow: "POST" });
    if (to === "away") {
      deps.count?.("unknown", "unknown", "token_not_known_yet");
      return send(c, unavailable(), { "retry-after": String(retryAfterS) });
    }
    const count = (outcome: string) => deps.count?.(to.connection.provider, to.channelName, outcome);
    const body = await readBytes(incoming);
    if (body === "too-large") {
      count("too_large");
      return send(c, tooLarge(), { connection: "close" });
    }
    if (body === "aborted") {
      count("aborted");
      return send(c, badRequest([{ path: "", message: "The request ended before its body." }]));
    }
    const reply = await receive(deps, to, request, body);
    return send(c, reply, reply.status === 503 ? { "retry-after": String(retryAfterS) } : {});
  });
  app.all("/in/*", c => send(c, notFound()));
  return app;
}

function send(c: Context, reply: Reply, headers: Record<string, string> = {}): Response {
  return c.body(reply.body, reply.status as 200, { "content-type": reply.contentType, ...headers });
}

function plainHeaders(incoming: IncomingMessage): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(incoming.headers)) headers[name] = headerText(value) ?? "";
  return headers;
}

function headerText(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value.join(", ") : value;
}
