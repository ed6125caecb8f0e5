import { createHmac } from "node:crypto";
import { type LedgerEntry, makeLedger } from "../../../simulator/ledger.ts";
import { jsonCallback, postCallback, type SimulatedCallback } from "../../../simulator/post-callback.ts";
import { makeRateLimit, type RateLimit } from "../../../simulator/rate-limit.ts";
import { type ProviderWording, playStep, type ScriptOutcome, throttling } from "../../../simulator/script.ts";
import { type PlayedReply, type SimulatedServer, serve } from "../../../simulator/server.ts";
import { makeStarts, type SimulatedStarts } from "../../../simulator/starts.ts";
import { partyOf, startRoutes } from "./starts.ts";

export type KyandaEntry = LedgerEntry & { amount: string; phone: string; receipt?: string; category?: string };

export type SimulatedKyanda = SimulatedServer & {
  ledger: ReturnType<typeof makeLedger<KyandaEntry>>;
  starts: SimulatedStarts;
  /** Ends an order that was taken, and sends its IPN to this URL: the one of the channel `ipn`. */
  finish(id: string, outcome: ScriptOutcome, url: string): Promise<void>;
  /** The callback URL, once it is registered. */
  callbackUrl(): string | null;
};

export type KyandaOptions = { merchantId?: string; apiKey?: string; secret?: string; limit?: RateLimit };

const words = {
  pending: ["1100", "Pending"],
  completed: ["0000", "Success"],
  failed: ["1107", "Failed"],
  expired: ["1107", "Failed"],
  refunded: ["0000", "Reversed"],
} as const satisfies Record<ScriptOutcome, readonly [code: string, word: string]>;

/** Kyanda's billing API, as far as Hakika calls it. Entries are found by transactionRef. */
export async function simulateKyanda(options: KyandaOptions = {}): Promise<SimulatedKyanda> {
  const { merchantId = "MERCHANT", apiKey = "api-key", secret = apiKey } = options;
  const ledger = makeLedger<KyandaEntry>();
  const starts = makeStarts();
  const isWithin = options.limit ? makeRateLimit(options.limit) : () => true;
  let callbackUrl: string | null = null;
  let count = 0;

  const server = await serve((request, call) => {
    const body = JSON.parse(request.body || "{}") as Record<string, unknown>;
    const ref = String(body.transactionRef ?? "");
    const isCheck = request.path === "/billing/v1/transaction-check";
    const isRegister = request.path === "/billing/v1/callback-url/create";
    const started = startRoutes[request.path];
    if (request.path === "/billing/v1/account-balance") {
      call.what = "balance";
      return { status: 200, body: { Account_Bal: 399_930, Earnings_Bal: 1586.6 } };
    }
    if (request.method !== "POST" || !(isCheck || isRegister || started)) return { status: 404, body: "Cannot POST" };
    call.what = isCheck ? "status" : isRegister ? "register" : "start";
    call.about = isCheck ? ref : null;
    if (!isWithin(performance.now())) return throttling();
    const values = started ? started.signed(body, merchantId) : [merchantId, isCheck ? ref : ""];
    const signed = createHmac("sha256", secret).update(values.join("")).digest("hex");
    if (started && values.length === 0) {
      if (request.headers.apikey !== apiKey) return error("1102", "Authentication failed");
      return start(request.path, body);
    }
    if (body.MerchantID !== merchantId) return error("1101", "Invalid Merchant ID");
    if (request.headers.apikey !== apiKey || body.signature !== signed) return error("1102", "Authentication failed");
    if (started) return start(request.path, body);
    return isCheck ? check(ref) : register(String(body.callbackURL ?? ""));
  });

  function check(ref: string): PlayedReply | Promise<PlayedReply> {
    const entry = ledger.get(ref);
    if (!entry) return error("7001", "Transaction not found", 200);
    const wording: ProviderWording = {
      say: outcome => ({ status: 200, body: { status: "200", details: detailsOf(ref, entry, outcome) } }),
      deny: () => error("7001", "Transaction not found", 200),
      refuseToken: () => error("1102", "Authentication failed"),
    };
    return playStep(ledger.nextStep(entry), entry.outcome, wording);
  }

  function start(path: string, body: Record<string, unknown>): Promise<PlayedReply> {
    const { category, ref, code } = startRoutes[path]!;
    count += 1;
    const id = `KYAAPI${String(677_000 + count)}`;
    const { party, amount } = partyOf(body);
    return starts.play({ name: party, id, body }, () => {
      ledger.add(id, { outcome: "pending", steps: [], amount, phone: party, category });
      const said = ref === "ref" ? { statuscode: 200, status: "is being processed" } : { status: "Success" };
      const more = ref === "ref" ? {} : { status_code: code, transactiontxt: "Request accepted for processing!" };
      return { status: 200, body: { ...said, ...more, [ref]: id } };
    });
  }

  async function finish(id: string, outcome: ScriptOutcome, url: string): Promise<void> {
    ledger.settle(id, outcome);
    await postCallback(url, kyandaIpn(id, ledger.get(id)!, outcome));
  }

  function register(url: string): PlayedReply {
    if (!URL.canParse(url)) return error("6002", "Invalid callback URL");
    if (callbackUrl !== null) return error("6001", "Callback URL already registered");
    callbackUrl = url;
    return { status: 200, body: { status: "Success", status_code: "0000", transactiontxt: "Callback URL created" } };
  }

  return { ...server, ledger, starts, finish, callbackUrl: () => callbackUrl };
}

/** The notification of a transaction, for the channel `ipn`. */
export function kyandaIpn(ref: string, entry: KyandaEntry, outcome: ScriptOutcome): SimulatedCallback {
  const [status_code, status] = words[outcome];
  return jsonCallback({
    category: entry.category ?? "MobilePayout",
    source: entry.phone,
    destination: entry.phone,
    MerchantID: "MERCHANT",
    details: entry.receipt === undefined ? {} : { biller_Receipt: entry.receipt },
    status,
    status_code,
    message: `Result ${status_code}`,
    transactionRef: ref,
    ...(entry.amount !== "" && { amount: entry.amount }),
    transactionDate: "23-09-2025 11.20am",
  });
}

function detailsOf(ref: string, entry: KyandaEntry, outcome: ScriptOutcome) {
  const [status_code, Status] = words[outcome];
  return {
    Status,
    status_code,
    ...(entry.amount !== "" && { Amount: entry.amount }),
    Phone: entry.phone,
    Posted_Time: "23-09-2025 11.20am",
    transactionRef: ref,
    ...(entry.receipt !== undefined && { details: { biller_Receipt: entry.receipt } }),
  };
}

function error(status_code: string, transactiontxt: string, status = 400): PlayedReply {
  return { status, body: { status: "Error", status_code, transactiontxt } };
}
