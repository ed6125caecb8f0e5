import { makeLedger } from "../../../simulator/ledger.ts";
import { makeRateLimit } from "../../../simulator/rate-limit.ts";
import { type ScriptOutcome, throttling } from "../../../simulator/script.ts";
import {
  type PlayedReply,
  type SimulatedCall,
  type SimulatedRequest,
  type SimulatedServer,
  serve,
} from "../../../simulator/server.ts";
import { makeStarts } from "../../../simulator/starts.ts";
import { makeTokens } from "../../../simulator/tokens.ts";
import type { DarajaEntry } from "./callbacks.ts";
import { queryPush } from "./push-query.ts";
import { registerC2b, registerPull } from "./registrations.ts";
import { invalidToken, refusal, throttled } from "./replies.ts";
import { finishOrder, queryBalance, startConversation, startPush } from "./starts.ts";
import type { DarajaBody, DarajaOptions, DarajaState } from "./state.ts";
import { pullAnswer } from "./statement.ts";
import { queryTransaction } from "./transaction-query.ts";

export type SimulatedDaraja = SimulatedServer &
  Pick<DarajaState, "ledger" | "tokens" | "statements" | "registered" | "starts"> & {
    /** Ends an order that was taken, and posts its callback to the URL that its call named. */
    finish(id: string, outcome: ScriptOutcome): Promise<void>;
  };

/**
 * Safaricom's Daraja, as far as Hakika calls it. Entries are found by checkout id, receipt or originator conversation.
 */
export async function simulateDaraja(options: DarajaOptions = {}): Promise<SimulatedDaraja> {
  const state: DarajaState = {
    options: { consumerKey: "key", consumerSecret: "secret", shortcode: "174379", passkey: "passkey", ...options },
    ledger: makeLedger<DarajaEntry>(),
    tokens: makeTokens(options.tokenTtlS ?? 3599),
    statements: [],
    registered: [],
    starts: makeStarts(),
    started: 0,
    balance: "46713.00",
    wrongCredentials: 0,
  };
  const isWithin = options.limit ? makeRateLimit(options.limit) : () => true;

  const server = await serve((request, call) => {
    if (request.path === "/oauth/v1/generate") return issueToken(state, request, call);
    const route = routes[`${request.method} ${request.path}`];
    if (!route) return refusal(404, "404.003.01", "Resource not found");
    const body = parsed(request.body);
    call.what = route.what;
    call.about = idIn(body, route.idNames ?? []);
    if (!isWithin(performance.now())) return throttling(undefined, throttled["spike-arrest"]);
    if (!state.tokens.isValid(request.headers.authorization)) return invalidToken();
    return body ? route.answer(state, body) : refusal(400, "400.002.05", "Invalid Request Payload");
  });
  const { ledger, tokens, statements, registered, starts } = state;
  const finish = (id: string, outcome: ScriptOutcome) => finishOrder(state, id, outcome, new Date());
  return { ...server, ledger, tokens, statements, registered, starts, finish };
}

type Route = {
  what: string;
  /** Fields of the body that name the transaction. */
  idNames?: readonly string[];
  answer: (state: DarajaState, body: DarajaBody) => PlayedReply | Promise<PlayedReply>;
};

const routes: Readonly<Record<string, Route>> = {
  "POST /mpesa/stkpushquery/v1/query": { what: "status", idNames: ["CheckoutRequestID"], answer: queryPush },
  "POST /mpesa/transactionstatus/v1/query": {
    what: "status",
    idNames: ["TransactionID", "OriginalConversationID"],
    answer: queryTransaction,
  },
  "POST /mpesa/stkpush/v1/processrequest": { what: "start", idNames: ["AccountReference"], answer: startPush },
  "POST /mpesa/b2c/v3/paymentrequest": {
    what: "start",
    idNames: ["OriginatorConversationID"],
    answer: startConversation,
  },
  "POST /mpesa/b2b/v1/paymentrequest": { what: "start", idNames: ["AccountReference"], answer: startConversation },
  "POST /mpesa/reversal/v1/request": { what: "start", idNames: ["TransactionID"], answer: startConversation },
  "POST /mpesa/accountbalance/v1/query": { what: "balance", answer: queryBalance },
  "POST /pulltransactions/v1/query": {
    what: "pull",
    answer: ({ statements, options }, body) => pullAnswer(statements, body, options.pageRows ?? 100),
  },
  "POST /mpesa/c2b/v2/registerurl": { what: "register", answer: (state, body) => registerC2b(state, body, "v2") },
  "POST /mpesa/c2b/v1/registerurl": { what: "register", answer: (state, body) => registerC2b(state, body, "v1") },
  "POST /pulltransactions/v1/register": { what: "register", answer: registerPull },
};

function issueToken(
  { options, tokens }: DarajaState,
  { headers, query }: SimulatedRequest,
  call: SimulatedCall,
): PlayedReply {
  call.what = "token";
  const instead = tokens.instead.shift();
  if (instead !== undefined) return instead;
  const basic = `Basic ${Buffer.from(`${options.consumerKey}:${options.consumerSecret}`).toString("base64")}`;
  if (query.get("grant_type") !== "client_credentials") return refusal(400, "400.008.02", "Invalid grant type passed");
  if (headers.authorization !== basic) return refusal(400, "400.008.01", "Invalid Authentication passed");
  const { token, expiresInS } = tokens.issue();
  const expires_in = options.expiresInAsText ? String(expiresInS) : expiresInS;
  return { status: 200, body: { access_token: token, expires_in } };
}

function idIn(body: DarajaBody | null, names: readonly string[]): string | null {
  const id = names.map(name => body?.[name]).find(value => typeof value === "string");
  return typeof id === "string" ? id : null;
}

function parsed(text: string): DarajaBody | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as DarajaBody) : null;
  } catch {
    return null;
  }
}
