import { type LedgerEntry, makeLedger } from "../../../simulator/ledger.ts";
import { jsonCallback, type SimulatedCallback } from "../../../simulator/post-callback.ts";
import { makeRateLimit, type RateLimit } from "../../../simulator/rate-limit.ts";
import { type ProviderWording, playStep, type ScriptOutcome, throttling } from "../../../simulator/script.ts";
import { type PlayedReply, type SimulatedServer, serve } from "../../../simulator/server.ts";

export type CodianEntry = LedgerEntry & { amount: string; phone: string; receipt: string };

export type SimulatedCodian = SimulatedServer & { ledger: ReturnType<typeof makeLedger<CodianEntry>> };

export type CodianOptions = { clientId?: string; clientSecret?: string; limit?: RateLimit };

const codes = { completed: "0", refunded: "0", failed: "1032", expired: "1019" } as const;

/** Codian's experimental status call; the shape of its answer is a guess. Entries are found by checkout request id. */
export async function simulateCodian(options: CodianOptions = {}): Promise<SimulatedCodian> {
  const { clientId = "client", clientSecret = "client-secret" } = options;
  const ledger = makeLedger<CodianEntry>();
  const isWithin = options.limit ? makeRateLimit(options.limit) : () => true;

  const server = await serve(({ method, path, body: text }, call) => {
    if (method !== "POST" || path !== "/v1/payments/c2b/status/") return { status: 404, body: "Not Found" };
    const body = JSON.parse(text || "{}") as Record<string, unknown>;
    const id = String(body.checkout_request_id ?? "");
    call.what = "status";
    call.about = id;
    if (!isWithin(performance.now())) return throttling();
    const unauthorized: PlayedReply = { status: 401, body: { success: false, message: "Invalid credentials" } };
    if (body.client_id !== clientId || body.client_secret !== clientSecret) return unauthorized;
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

  return { ...server, ledger };
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
