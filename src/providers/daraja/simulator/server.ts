import { randomUUID } from "node:crypto";
import { makeLedger } from "../../../simulator/ledger.ts";
import { type CallbackDelivery, postCallback } from "../../../simulator/post-callback.ts";
import { makeRateLimit, type RateLimit } from "../../../simulator/rate-limit.ts";
import { type ProviderWording, playStep, type ScriptOutcome, throttling } from "../../../simulator/script.ts";
import {
  type PlayedReply,
  type SimulatedCall,
  type SimulatedRequest,
  type SimulatedServer,
  serve,
} from "../../../simulator/server.ts";
import { makeTokens, type SimulatedTokens } from "../../../simulator/tokens.ts";
import type { DarajaEntry } from "./callbacks.ts";
import { darajaStatusResult } from "./callbacks.ts";
import { pullAnswer, type Statement } from "./statement.ts";

export type DarajaOptions = {
  consumerKey?: string;
  consumerSecret?: string;
  shortcode?: string;
  passkey?: string;
  initiatorName?: string;
  /** Whether a SecurityCredential is the right one; all are by default. The third wrong one in a row locks the initiator. */
  isCredential?: (credential: string) => boolean;
  /** Of all calls but token requests. */
  limit?: RateLimit;
  tokenTtlS?: number;
  /** `expires_in` as text: both were seen. */
  expiresInAsText?: boolean;
  /** How results of transaction status queries travel. */
  results?: CallbackDelivery;
  /** Rows of one page of a pull. */
  pageRows?: number;
  /** In production URLs are registered once. */
  registersOnce?: boolean;
};

export type SimulatedDaraja = SimulatedServer & {
  ledger: ReturnType<typeof makeLedger<DarajaEntry>>;
  tokens: SimulatedTokens;
  statements: Statement[];
  /** The bodies of the URL registrations that were taken. */
  registered: Record<string, unknown>[];
};

/** Safaricom's Daraja, as far as Hakika calls it. Entries are found by checkout id, receipt or originator conversation. */
export async function simulateDaraja(options: DarajaOptions = {}): Promise<SimulatedDaraja> {
  const { consumerKey = "key", consumerSecret = "secret", shortcode = "174379", passkey = "passkey" } = options;
  const ledger = makeLedger<DarajaEntry>();
  const tokens = makeTokens(options.tokenTtlS ?? 3599);
  const statements: Statement[] = [];
  const registered: Record<string, unknown>[] = [];
  const isWithin = options.limit ? makeRateLimit(options.limit) : () => true;
  let wrongCredentials = 0;

  const server = await serve((request, call) => {
    if (request.path === "/oauth/v1/generate") return issueToken(request, call);
    const route = routes[`${request.method} ${request.path}`];
    if (!route) return refusal(404, "404.003.01", "Resource not found");
    call.what = route.what;
    const body = parsed(request.body);
    call.about = route.about(body);
    if (!isWithin(performance.now())) return throttling("spike-arrest");
    if (!tokens.isValid(request.headers.authorization)) return invalidToken();
    return body ? route.answer(body) : refusal(400, "400.002.05", "Invalid Request Payload");
  });

  type Body = Record<string, unknown>;
  type Route = {
    what: string;
    about: (body: Body | null) => string | null;
    answer: (body: Body) => PlayedReply | Promise<PlayedReply>;
  };
  const nobody = () => null;
  const routes: Record<string, Route> = {
    "POST /mpesa/stkpushquery/v1/query": { what: "status", about: idOf("CheckoutRequestID"), answer: queryPush },
    "POST /mpesa/transactionstatus/v1/query": {
      what: "status",
      about: idOf("TransactionID", "OriginalConversationID"),
      answer: queryTransaction,
    },
    "POST /pulltransactions/v1/query": {
      what: "pull",
      about: nobody,
      answer: body => pullAnswer(statements, body, options.pageRows ?? 100),
    },
    "POST /mpesa/c2b/v2/registerurl": { what: "register", about: nobody, answer: registerC2b },
    "POST /pulltransactions/v1/register": { what: "register", about: nobody, answer: registerPull },
  };

  function issueToken({ headers, query }: SimulatedRequest, call: SimulatedCall): PlayedReply {
    call.what = "token";
    const instead = tokens.instead.shift();
    if (instead !== undefined) return instead;
    const basic = `Basic ${Buffer.from(`${consumerKey}:${consumerSecret}`).toString("base64")}`;
    if (query.get("grant_type") !== "client_credentials")
      return refusal(400, "400.008.02", "Invalid grant type passed");
    if (headers.authorization !== basic) return refusal(400, "400.008.01", "Invalid Authentication passed");
    const { token, expiresInS } = tokens.issue();
    return {
      status: 200,
      body: { access_token: token, expires_in: options.expiresInAsText ? String(expiresInS) : expiresInS },
    };
  }

  async function queryPush(body: Body): Promise<PlayedReply> {
    const { BusinessShortCode, Password, Timestamp, CheckoutRequestID } = body;
    const password = Buffer.from(`${shortcode}${passkey}${Timestamp}`).toString("base64");
    if (String(BusinessShortCode) !== shortcode) return refusal(500, "500.001.1001", "Merchant does not exist");
    if (Password !== password || !/^\d{14}$/.test(String(Timestamp))) {
      return refusal(500, "500.001.1001", "Wrong credentials");
    }
    const entry = ledger.get(String(CheckoutRequestID));
    if (!entry) return refusal(400, "400.002.02", "Bad Request - Invalid CheckoutRequestID");
    return await playStep(ledger.nextStep(entry), entry.outcome, pushVoice(String(CheckoutRequestID), entry));
  }

  function queryTransaction(body: Body): PlayedReply | Promise<PlayedReply> {
    const asked = String(body.TransactionID ?? body.OriginalConversationID);
    const conversation = { ConversationID: `AG_${randomUUID()}`, OriginatorConversationID: randomUUID() };
    const taken: PlayedReply = {
      status: 200,
      body: { ...conversation, ResponseCode: "0", ResponseDescription: "Accept the service request successfully." },
    };
    const entry = ledger.get(asked);
    const tellLater = (outcome: ScriptOutcome | null, code = "0") => {
      const result = darajaStatusResult(conversation, entry ?? null, outcome, code);
      void postCallback(String(body.ResultURL), result, options.results);
      return taken;
    };
    const isRight = body.Initiator === (options.initiatorName ?? "apiop") && credentialIsRight(body.SecurityCredential);
    wrongCredentials = isRight ? 0 : wrongCredentials + 1;
    // Seen: a wrong initiator is accepted, and its result says so.
    if (!isRight) return tellLater(null, wrongCredentials > 2 ? "8006" : "2001");
    if (!entry) return tellLater(null, "2033");
    const voice: ProviderWording = {
      say: outcome => tellLater(outcome),
      deny: () => tellLater(null, "2033"),
      refuseToken: invalidToken,
    };
    return playStep(ledger.nextStep(entry), entry.outcome, voice);
  }

  function credentialIsRight(credential: unknown): boolean {
    return typeof credential === "string" && (options.isCredential?.(credential) ?? true);
  }

  function registerC2b(body: Body): PlayedReply {
    if (options.registersOnce && registered.length > 0) {
      return refusal(500, "500.003.1001", "Urls are already registered.");
    }
    const urls = [body.ConfirmationURL, body.ValidationURL].map(String);
    if (!urls.every(url => URL.canParse(url))) return refusal(400, "400.003.02", "Bad Request");
    registered.push(body);
    return {
      status: 200,
      body: { OriginatorCoversationID: randomUUID(), ResponseCode: "0", ResponseDescription: "Success" },
    };
  }

  function registerPull(body: Body): PlayedReply {
    const known = registered.some(each => each.RequestType === "Pull" && each.ShortCode === body.ShortCode);
    if (!known) registered.push(body);
    const said = known ? ["1001", "ShortCode already Registered"] : ["1000", "ShortCode Registered Successfully"];
    return {
      status: 200,
      body: {
        ResponseRefID: "1-1-1",
        "Response Status": said[0],
        ShortCode: body.ShortCode,
        "Response Description": said[1],
      },
    };
  }

  return { ...server, ledger, tokens, statements, registered };
}

function pushVoice(checkoutId: string, entry: DarajaEntry): ProviderWording {
  const codes: Record<Exclude<ScriptOutcome, "pending">, string> = {
    completed: "0",
    refunded: "0",
    failed: entry.code ?? "1032",
    expired: "1019",
  };
  return {
    say(outcome) {
      if (outcome === "pending") return refusal(500, "500.001.1001", "The transaction is being processed");
      const body = {
        ResponseCode: "0",
        ResponseDescription: "The service request has been accepted successsfully",
        MerchantRequestID: entry.merchantRequestId ?? "1-1-1",
        CheckoutRequestID: checkoutId,
        ResultCode: codes[outcome],
        ResultDesc: `Result ${codes[outcome]}`,
      };
      return { status: 200, body };
    },
    deny: () => refusal(400, "400.002.02", "The transaction does not Exist"),
    refuseToken: invalidToken,
  };
}

function invalidToken(): PlayedReply {
  return refusal(404, "404.001.03", "Invalid Access Token");
}

function refusal(status: number, errorCode: string, errorMessage: string): PlayedReply {
  return { status, body: { requestId: "1-1-1", errorCode, errorMessage } };
}

function idOf(...names: string[]) {
  return (body: Record<string, unknown> | null) => {
    const id = names.map(name => body?.[name]).find(value => typeof value === "string");
    return typeof id === "string" ? id : null;
  };
}

function parsed(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}
