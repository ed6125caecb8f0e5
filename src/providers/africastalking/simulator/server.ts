import { type LedgerEntry, makeLedger } from "../../../simulator/ledger.ts";
import { formCallback, type SimulatedCallback } from "../../../simulator/post-callback.ts";
import { makeRateLimit, type RateLimit } from "../../../simulator/rate-limit.ts";
import { type ProviderWording, playStep, type ScriptOutcome, throttling } from "../../../simulator/script.ts";
import { type SimulatedServer, serve } from "../../../simulator/server.ts";

export type AfricasTalkingEntry = LedgerEntry & {
  /** `KES 100.0000` */
  value: string;
  phone: string;
  /** Answers with the send inside `data`. */
  nested?: boolean;
};

export type SimulatedAfricasTalking = SimulatedServer & { ledger: ReturnType<typeof makeLedger<AfricasTalkingEntry>> };

export type AfricasTalkingOptions = { username?: string; apiKey?: string; limit?: RateLimit };

const words = {
  pending: "Queued",
  completed: "Success",
  refunded: "Success",
  failed: "Failed",
  expired: "Failed",
} as const satisfies Record<ScriptOutcome, string>;

/** Africa's Talking's query, as far as Hakika calls it. Entries are found by request id. */
export async function simulateAfricasTalking(options: AfricasTalkingOptions = {}): Promise<SimulatedAfricasTalking> {
  const { username = "sandbox", apiKey = "api-key" } = options;
  const ledger = makeLedger<AfricasTalkingEntry>();
  const isWithin = options.limit ? makeRateLimit(options.limit) : () => true;

  const server = await serve(({ method, path, query, headers }, call) => {
    if (method !== "GET" || path !== "/query/transaction/find") return { status: 404, body: "Not Found" };
    call.what = "status";
    call.about = query.get("transactionId");
    if (!isWithin(performance.now())) return throttling();
    if (headers.apikey !== apiKey || query.get("username") !== username) {
      return { status: 401, body: "The supplied authentication is invalid" };
    }
    const entry = ledger.get(call.about ?? "");
    const unknown = { status: 404, body: { status: "Failure", errorMessage: "No transaction found" } };
    if (!entry) return unknown;
    const wording: ProviderWording = {
      say(outcome) {
        const status = words[outcome];
        return { status: 200, body: entry.nested ? { status: "Success", data: { status } } : { status } };
      },
      deny: () => unknown,
      refuseToken: () => ({ status: 401, body: "The supplied authentication is invalid" }),
    };
    return playStep(ledger.nextStep(entry), entry.outcome, wording);
  });

  return { ...server, ledger };
}

/** The end of an airtime send, for the channel `airtime/status`. */
export function africasTalkingCallback(
  requestId: string,
  entry: AfricasTalkingEntry,
  outcome: ScriptOutcome,
): SimulatedCallback {
  return formCallback({
    requestId,
    status: words[outcome],
    description: words[outcome],
    value: entry.value,
    discount: "KES 0.0000",
    phoneNumber: entry.phone,
  });
}
