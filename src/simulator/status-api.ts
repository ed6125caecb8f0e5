import { type Ledger, type LedgerEntry, makeLedger } from "./ledger.ts";
import type { Sample } from "./play/sample.ts";
import type { SimulatedApi } from "./provider-simulator.ts";
import { playStep, type ScriptOutcome } from "./script.ts";
import { type PlayedReply, type SimulatedRequest, type SimulatedServer, serve } from "./server.ts";
import { makeStarts, type SimulatedStarts } from "./starts.ts";
import { makeTokens, type SimulatedTokens } from "./tokens.ts";

/** A transaction as a provider's simulated status call knows it. */
type StatusEntry = LedgerEntry & { sample: Sample };

/** How a provider's simulated API words what every status call has in common. */
export type StatusApi = {
  credentials: Readonly<Record<string, string>>;
  /** The answer to a request for an access token; null for any other request. Left out where there are no tokens. */
  token?(request: SimulatedRequest, tokens: SimulatedTokens): PlayedReply | null;
  /** The id that a status call names; null for any other request. */
  about(request: SimulatedRequest): string | null;
  /** Whether a call carries what the provider checks. */
  isAllowed(request: SimulatedRequest, tokens: SimulatedTokens): boolean;
  say(id: string, sample: Sample, outcome: ScriptOutcome, request: SimulatedRequest): PlayedReply;
  unknown(id: string): PlayedReply;
  refused: PlayedReply;
  /**
   * A call that starts a transaction: the id under which the status call knows it, what it was about, and the answer.
   * `n` counts the calls. Null for any other request. Left out where nothing can be started.
   */
  start?(request: SimulatedRequest, n: number): StartedSample | null;
  /** Whatever else is served; null for a path that is not. */
  other?(request: SimulatedRequest): { what: string; reply: PlayedReply } | null;
};

export type StartedSample = { id: string; sample: Sample; reply: PlayedReply };

export type SimulatedStatusApi = SimulatedServer & {
  ledger: Ledger<StatusEntry>;
  tokens: SimulatedTokens;
  starts: SimulatedStarts;
};

const tokenLifeS = 3600;
const unserved: PlayedReply = { status: 404, body: { message: "Not found" } };

/** Serves a provider's status call, its access tokens, and what else it has, over loopback. */
export async function serveStatusApi(api: StatusApi): Promise<SimulatedStatusApi> {
  const ledger = makeLedger<StatusEntry>();
  const starts = makeStarts();
  let count = 0;
  const tokens = makeTokens(tokenLifeS);
  const server = await serve((request, call) => {
    const token = api.token?.(request, tokens) ?? null;
    if (token !== null) {
      call.what = "token";
      return tokens.instead.shift() ?? token;
    }
    const started = api.start?.(request, count + 1) ?? null;
    if (started !== null) {
      count += 1;
      call.what = "start";
      call.about = started.sample.mark;
      const body = JSON.parse(request.body || "{}") as Record<string, unknown>;
      return starts.play({ name: started.sample.mark, id: started.id, body }, () => {
        ledger.add(started.id, { outcome: "pending", steps: [], sample: started.sample });
        return started.reply;
      });
    }
    const id = api.about(request);
    if (id === null) {
      const other = api.other?.(request) ?? null;
      if (other !== null) call.what = other.what;
      return other?.reply ?? unserved;
    }
    call.what = "status";
    call.about = id;
    if (!api.isAllowed(request, tokens)) return api.refused;
    const entry = ledger.get(id);
    if (!entry) return api.unknown(id);
    return playStep(ledger.nextStep(entry), entry.outcome, {
      say: outcome => api.say(id, entry.sample, outcome, request),
      deny: () => api.unknown(id),
      refuseToken: () => api.refused,
    });
  });
  return { ...server, ledger, tokens, starts };
}

/** The same as `ProviderSimulator.open` gives it. */
export async function openStatusApi(api: StatusApi): Promise<SimulatedApi> {
  const { url, ledger, close } = await serveStatusApi(api);
  return {
    url,
    credentials: api.credentials,
    enter: (id, sample, outcome = "completed") => ledger.add(id, { outcome, steps: [], sample }),
    close,
  };
}
