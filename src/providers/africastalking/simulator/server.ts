import { type LedgerEntry, makeLedger } from "../../../simulator/ledger.ts";
import { formCallback, type SimulatedCallback } from "../../../simulator/post-callback.ts";
import { makeRateLimit, type RateLimit } from "../../../simulator/rate-limit.ts";
import { type ProviderWording, playStep, type ScriptOutcome, throttling } from "../../../simulator/script.ts";
import { type PlayedReply, type SimulatedServer, serve } from "../../../simulator/server.ts";
import { makeStarts, type SimulatedStarts } from "../../../simulator/starts.ts";

export type AfricasTalkingEntry = LedgerEntry & {
  /** `KES 100.0000` */
  value: string;
  phone: string;
  /** Answers with the send inside `data`. */
  nested?: boolean;
};

export type SimulatedAfricasTalking = SimulatedServer & {
  ledger: ReturnType<typeof makeLedger<AfricasTalkingEntry>>;
  starts: SimulatedStarts;
};

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
  const starts = makeStarts();
  let count = 0;
  const isWithin = options.limit ? makeRateLimit(options.limit) : () => true;

  const server = await serve(({ method, path, query, headers, body }, call) => {
    if (method === "POST" && path === "/version1/airtime/send") {
      call.what = "start";
      const form = new URLSearchParams(body);
      const isRight = headers.apikey === apiKey && form.get("username") === username;
      return isRight
        ? start(JSON.parse(form.get("recipients") ?? "[]"), String(headers["idempotency-key"]))
        : { status: 401, body: "The supplied authentication is invalid" };
    }
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

  function start([recipient]: { phoneNumber: string; amount: string }[], key: string): Promise<PlayedReply> {
    count += 1;
    const id = `ATQid_${String(count).padStart(8, "0")}`;
    const { phoneNumber, amount } = recipient!;
    return starts.play({ name: key, id, body: { phoneNumber, amount } }, () => {
      ledger.add(id, { outcome: "pending", steps: [], value: amount, phone: phoneNumber });
      const response = { phoneNumber, amount, status: "Sent", requestId: id, errorMessage: "None", discount: "KES 0" };
      return { status: 201, body: { errorMessage: "None", numSent: 1, totalAmount: amount, responses: [response] } };
    });
  }

  return { ...server, ledger, starts };
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
