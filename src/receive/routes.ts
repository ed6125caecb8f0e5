import type { IncomingMessage } from "node:http";
import type { HttpBindings } from "@hono/node-server";
import { type Context, Hono } from "hono";
import type { AddressRange } from "../egress/address.ts";
import type { CallbackMethod, Reply } from "../providers/provider.ts";
import { peerAddress } from "./client-address.ts";
import { readBytes } from "./read-bytes.ts";
import { type ReceiveDeps, type Received, receive } from "./receive.ts";
import { badRequest, methodNotAllowed, notFound, tooLarge, unavailable } from "./refusals.ts";
import { type CallbackTarget, channelOf, findTarget, type Incoming } from "./target.ts";

const retryAfter = { "retry-after": "5" } as const;

type SentReply = Received & { headers?: Record<string, string> };

/** `/in/{provider}/{token}/{channel}`, the public URL that providers call. */
export function receiveRoutes(
  deps: ReceiveDeps & { trustedProxies: readonly AddressRange[] },
): Hono<{ Bindings: HttpBindings }> {
  const app = new Hono<{ Bindings: HttpBindings }>();
  app.all("/in/:provider/:token/:channel{.+}", async c => {
    const startedMs = performance.now();
    const path = { provider: c.req.param("provider"), token: c.req.param("token"), channel: c.req.param("channel") };
    const found = await findTarget(deps, path);
    const resolvedMs = performance.now() - startedMs;
    const target = typeof found === "string" ? null : found;
    const request = { ...path, method: c.req.method, resolvedMs };
    const { reply, outcome, callbackId, headers = {} } = await answer(deps, found, request, c.env.incoming);
    const ms = performance.now() - startedMs;
    deps.telemetry.publish("callback.answered", () => ({
      method: c.req.method,
      status: reply.status,
      provider: target?.connection.provider ?? null,
      channel: target?.channelName ?? null,
      connectionId: target?.connection.id ?? null,
      callbackId,
      outcome,
      ms,
    }));
    return send(c, reply, headers);
  });
  app.all("/in/*", c => send(c, notFound(), {}));
  return app;
}

type CallbackRequest = Pick<Incoming, "provider" | "token" | "channel"> & { method: string; resolvedMs: number };

async function answer(
  deps: ReceiveDeps & { trustedProxies: readonly AddressRange[] },
  found: CallbackTarget | "unknown" | "away",
  { resolvedMs, ...request }: CallbackRequest,
  incoming: IncomingMessage,
): Promise<SentReply> {
  if (found === "unknown") return refusing(notFound(), "unknown_url");
  const methods: readonly CallbackMethod[] = channelOf(deps, request)?.channel.methods ?? ["POST"];
  const method = methods.find(each => each === request.method);
  if (method === undefined) return refusing(methodNotAllowed(methods), "wrong_method", { allow: methods.join(", ") });
  if (found === "away") return refusing(unavailable(), "token_not_known_yet", retryAfter);
  const body = await readBytes(incoming);
  if (body === "too-large") return refusing(tooLarge(), "too_large", { connection: "close" });
  if (body === "aborted") {
    return refusing(badRequest([{ path: "", message: "The request ended before its body." }]), "aborted");
  }
  const callback: Incoming = {
    ...request,
    method,
    query: incoming.url?.split("?").slice(1).join("?") ?? "",
    headers: plainHeaders(incoming),
    address: peerAddress(incoming, deps.trustedProxies),
  };
  const received = await receive(deps, found, callback, body, performance.now() - resolvedMs);
  return { ...received, headers: headersOf(received.reply, found) };
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
