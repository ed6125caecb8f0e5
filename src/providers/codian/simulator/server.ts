import { type LedgerEntry, makeLedger } from "../../../simulator/ledger.ts";
import { jsonCallback, type SimulatedCallback } from "../../../simulator/post-callback.ts";
import { makeRateLimit, type RateLimit } from "../../../simulator/rate-limit.ts";
import { type ProviderWording, playStep, type ScriptOutcome, throttling } from "../../../simulator/script.ts";
import { type PlayedReply, type SimulatedServer, serve } from "../../../simulator/server.ts";
import { makeStarts, type SimulatedStarts } from "../../../simulator/starts.ts";

export type CodianEntry = LedgerEntry & { amount: string; phone: string; receipt: string };

export type SimulatedCodian = SimulatedServer & {
  ledger: ReturnType<typeof makeLedger<CodianEntry>>;
  starts: SimulatedStarts;
};

export type CodianOptions = { clientId?: string; clientSecret?: string; limit?: RateLimit };

const codes = { completed: "0", refunded: "0", failed: "1032", expired: "1019" } as const;

/** By path: the calls that start something. Only a push is answered with an id. */
const startPaths: Readonly<Record<string, string>> = {
  "/v1/payments/c2b/initiate/": "ws_CO_",
  "/session/checkout/": "session_",
  "/api/emails/send": "email_",
  "/api/sms/send": "sms_",
  "/api/airtime/send": "airtime_",
};

/**
 * Codian's start calls, and its experimental status call (a guess). Entries are found by checkout request id.
 * request id.
 */
export async function simulateCodian(options: CodianOptions = {}): Promise<SimulatedCodian> {
  const { clientId = "client", clientSecret = "client-secret" } = options;
  const ledger = makeLedger<CodianEntry>();
  const starts = makeStarts();
  let count = 0;
  const isWithin = options.limit ? makeRateLimit(options.limit) : () => true;

  const server = await serve(({ method, path, body: text }, call) => {
    const prefix = startPaths[path];
    if (method !== "POST" || (prefix === undefined && path !== "/v1/payments/c2b/status/")) {
      return { status: 404, body: "Not Found" };
    }
    const body = JSON.parse(text || "{}") as Record<string, unknown>;
    const id = String(body.checkout_request_id ?? "");
    call.what = prefix === undefined ? "status" : "start";
    call.about = id;
    if (!isWithin(performance.now())) return throttling();
    const unauthorized: PlayedReply = { status: 401, body: { success: false, message: "Invalid credentials" } };
    if (body.client_id !== clientId || body.client_secret !== clientSecret) return unauthorized;
    if (prefix !== undefined) return start(prefix, body);
    const unknown: PlayedReply = { status: 404, body: { success: false, message: "Unknown transaction" } };
    const entry = ledger.get(id);
    if (!entry) return unknown;
    const wording: ProviderWording = {
      say: outcome => ({ status: 200, body: { success: true, data: dataOf(id, entry, outcome) } }),
      deny: () => unknown,
      refuseToken: () => unauthorized,
    };
    return playStep(ledger.nextStep(entry), entry.outcome, wording);
  });

  function start(prefix: string, body: Record<string, unknown>): Promise<PlayedReply> {
    count += 1;
    const started = `${prefix}${String(count).padStart(8, "0")}`;
    const phone = String(body.phone ?? body.phone_number ?? "");
    return starts.play({ name: phone, id: started, body }, () => {
      const receipt = `TKC${String(count).padStart(7, "0")}`;
      ledger.add(started, { outcome: "pending", steps: [], amount: String(body.amount), phone, receipt });
      const ids = prefix === "ws_CO_" ? { CheckoutRequestID: started } : {};
      const redirect = prefix === "session_" ? { redirect_url: `https://codian.co.ke/pay/${started}` } : {};
      return { status: 200, body: { success: true, ...ids, ...redirect } };
    });
  }

  return { ...server, ledger, starts };
}

/** What became of airtime or a message that was sent, for its channel. */
export function codianDelivery(id: string, body: Record<string, unknown>, status: string): SimulatedCallback {
  const timestamp = "2025-10-19 10:03:00";
  const kind = id.split("_")[0];
  const { phone_number, recipient, amount } = body;
  const to = recipient === undefined ? { phone_number } : { recipient };
  return jsonCallback({ [`${kind}_id`]: id, ...to, ...(amount !== undefined && { amount }), status, timestamp });
}

/** The result of a push, for the channel `payments`: M-Pesa's envelope with flat metadata. */
export function codianCallback(id: string, entry: CodianEntry, outcome: ScriptOutcome): SimulatedCallback {
  const paid = outcome === "completed";
  const ResultCode = paid ? 0 : Number(codes[outcome === "expired" ? "expired" : "failed"]);
  const metadata = {
    Amount: entry.amount,
    MpesaReceiptNumber: entry.receipt,
    TransactionDate: "2025-10-18 23:30:26",
    PhoneNumber: entry.phone,
  };
  const stkCallback = {
    MerchantRequestID: "1-1-1",
    CheckoutRequestID: id,
    ResultCode,
    ResultDesc: `Result ${ResultCode}`,
    CallbackMetadata: paid ? metadata : {},
  };
  return jsonCallback({ Body: { stkCallback } });
}

function dataOf(checkout_request_id: string, entry: CodianEntry, outcome: ScriptOutcome) {
  if (outcome === "pending") return { checkout_request_id, status: "pending" };
  const code = codes[outcome];
  return {
    checkout_request_id,
    result_code: code,
    ...(code === "0" && { amount: entry.amount, receipt: entry.receipt }),
  };
}
