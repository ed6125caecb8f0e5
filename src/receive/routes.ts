import type { IncomingMessage } from "node:http";
import type { HttpBindings } from "@hono/node-server";
import { type Context, Hono } from "hono";
import type { AddressRange } from "../egress/address.ts";
import type { Reply } from "../providers/provider.ts";
import { peerAddress } from "./client-address.ts";
import { readBytes } from "./read-bytes.ts";
import { type CallbackTarget, findTarget, type Incoming, type ReceiveDeps, type Received, receive } from "./receive.ts";
import { badRequest, methodNotAllowed, notFound, tooLarge, unavailable } from "./refusals.ts";

const retryAfter = { "retry-after": "5" } as const;

type SentReply = Received & { headers?: Record<string, string> };

/** `/in/{provider}/{token}/{channel}`, the public URL that providers post to. */
export function receiveRoutes(
  deps: ReceiveDeps & { trustedProxies: readonly AddressRange[] },
): Hono<{ Bindings: HttpBindings }> {
  const app = new Hono<{ Bindings: HttpBindings }>();
  app.all("/in/:provider/:token/:channel{.+}", async c => {
    const startedMs = performance.now();
    const { incoming } = c.env;
    const request: Incoming = {
      provider: c.req.param("provider"),
      token: c.req.param("token"),
      channel: c.req.param("channel"),
      headers: plainHeaders(incoming),
      address: peerAddress(incoming, deps.trustedProxies),
    };
    const found = await findTarget(deps, request);
    const resolvedMs = performance.now() - startedMs;
    const to = typeof found === "string" ? null : found;
    const {
      reply,
      outcome,
      callbackId,
      headers = {},
    } = await answer(deps, found, { ...request, method: c.req.method, resolvedMs }, incoming);
    const ms = performance.now() - startedMs;
    deps.telemetry.publish("callback.answered", () => ({
      method: c.req.method,
      status: reply.status,
      provider: to?.connection.provider ?? null,
      channel: to?.channelName ?? null,
      connectionId: to?.connection.id ?? null,
      callbackId,
      outcome,
      ms,
    }));
    return send(c, reply, headers);
  });
  app.all("/in/*", c => send(c, notFound(), {}));
  return app;
}

async function answer(
  deps: ReceiveDeps,
  to: CallbackTarget | "unknown" | "away",
  request: Incoming & { method: string; resolvedMs: number },
  incoming: IncomingMessage,
): Promise<SentReply> {
  if (to === "unknown") return refusing(notFound(), "unknown_url");
  if (request.method !== "POST") return refusing(methodNotAllowed(), "wrong_method", { allow: "POST" });
  if (to === "away") return refusing(unavailable(), "token_not_known_yet", retryAfter);
  const body = await readBytes(incoming);
  if (body === "too-large") return refusing(tooLarge(), "too_large", { connection: "close" });
  if (body === "aborted") {
    return refusing(badRequest([{ path: "", message: "The request ended before its body." }]), "aborted");
  }
  const received = await receive(deps, to, request, body, performance.now() - request.resolvedMs);
  return { ...received, headers: headersOf(received.reply, to) };
}

/** What a status means to a client that knows HTTP: when to come again, and that a password is asked for. */
function headersOf({ status }: Reply, { connection }: CallbackTarget): Record<string, string> {
  if (status === 503) return retryAfter;
  return status === 401 && connection.verification.basic ? { "www-authenticate": 'Basic realm="hakika"' } : {};
}

function refusing(reply: Reply, outcome: string, headers: Record<string, string> = {}): SentReply {
  return { reply, outcome, callbackId: null, headers };
}

function send(c: Context, reply: Reply, headers: Record<string, string>): Response {
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
