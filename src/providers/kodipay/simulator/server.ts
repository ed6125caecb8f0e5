import { type LedgerEntry, makeLedger } from "../../../simulator/ledger.ts";
import { jsonCallback, type SimulatedCallback } from "../../../simulator/post-callback.ts";
import { makeRateLimit, type RateLimit } from "../../../simulator/rate-limit.ts";
import { type ProviderWording, playStep, type ScriptOutcome, throttling } from "../../../simulator/script.ts";
import { type PlayedReply, type SimulatedServer, serve } from "../../../simulator/server.ts";
import { makeStarts, type SimulatedStarts } from "../../../simulator/starts.ts";
import { makeTokens, type SimulatedTokens } from "../../../simulator/tokens.ts";

export type KodipayEntry = LedgerEntry & { amount: string; currency: string; reference?: string };

export type SimulatedKodipay = SimulatedServer & {
  ledger: ReturnType<typeof makeLedger<KodipayEntry>>;
  tokens: SimulatedTokens;
  starts: SimulatedStarts;
};

export type KodipayOptions = { clientId?: string; clientSecret?: string; tokenTtlS?: number; limit?: RateLimit };

/** KODIPAY's API, as far as Hakika calls it. Entries are found by order number. */
export async function simulateKodipay(options: KodipayOptions = {}): Promise<SimulatedKodipay> {
  const { clientId = "client", clientSecret = "client-secret", tokenTtlS = 3600 } = options;
  const ledger = makeLedger<KodipayEntry>();
  const tokens = makeTokens(tokenTtlS);
  const starts = makeStarts();
  const isWithin = options.limit ? makeRateLimit(options.limit) : () => true;

  const server = await serve((request, call) => {
    if (request.method === "POST" && request.path === "/oauth/token") {
      call.what = "token";
      return tokens.instead.shift() ?? issueToken(JSON.parse(request.body || "{}") as Record<string, unknown>);
    }
    if (request.method === "POST" && request.path === "/api/v1/payments") {
      call.what = "start";
      const body = JSON.parse(request.body || "{}") as Record<string, unknown>;
      call.about = String(body.reference);
      return tokens.isValid(request.headers.authorization) ? startOf(body) : unauthorized();
    }
    const order = /^\/api\/v1\/payments\/([^/]+)\/status$/.exec(request.path)?.[1];
    if (request.method !== "GET" || order === undefined) return { status: 404, body: { message: "Not found" } };
    call.what = "status";
    call.about = decodeURIComponent(order);
    if (!isWithin(performance.now())) return throttling(1);
    return tokens.isValid(request.headers.authorization) ? statusOf(call.about) : unauthorized();
  });

  function issueToken(body: Record<string, unknown>): PlayedReply {
    const isRight =
      body.grant_type === "client_credentials" && body.client_id === clientId && body.client_secret === clientSecret;
    if (!isRight) return { status: 401, body: { error: "invalid_client" } };
    const { token, expiresInS } = tokens.issue();
    return { status: 200, body: { access_token: token, token_type: "Bearer", expires_in: expiresInS } };
  }

  /** A payment that is started waits for the payer: `ledger.settle` says what becomes of it. */
  function startOf(body: Record<string, unknown>): Promise<PlayedReply> {
    const id = `20260415SIM${String(starts.taken.length + 1).padStart(9, "0")}`;
    const reference = String(body.reference);
    return starts.play({ name: reference, id, body }, () => {
      const entry = { amount: String(body.amount), currency: String(body.currency), reference };
      ledger.add(id, { ...entry, outcome: "pending", steps: [] });
      return { status: 201, body: { status: "success", data: { orderNumber: id, reference, status: "pending" } } };
    });
  }

  function statusOf(order: string): PlayedReply | Promise<PlayedReply> {
    const entry = ledger.get(order);
    const unknown: PlayedReply = { status: 404, body: { message: "Payment not found" } };
    if (!entry) return unknown;
    const wording: ProviderWording = {
      say: outcome => ({ status: 200, body: { status: "success", data: dataOf(order, entry, outcome) } }),
      deny: () => unknown,
      refuseToken: unauthorized,
    };
    return playStep(ledger.nextStep(entry), entry.outcome, wording);
  }

  return { ...server, ledger, tokens, starts };
}

/** News of a payment, for the channel `callbacks`. */
export function kodipayCallback(order: string, entry: KodipayEntry, outcome: ScriptOutcome): SimulatedCallback {
  return jsonCallback(dataOf(order, entry, outcome));
}

function dataOf(orderNumber: string, { amount, currency, reference }: KodipayEntry, outcome: ScriptOutcome) {
  return { orderNumber, status: outcome, amount, currency, ...(reference !== undefined && { reference }) };
}

function unauthorized(): PlayedReply {
  return { status: 401, body: { message: "Unauthenticated." } };
}
