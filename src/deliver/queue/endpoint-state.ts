import { newSendWindow, type SendWindow } from "./send-window.ts";

/** Flows kept for endpoints that have nothing to do just now. */
const flowsMax = 20_000;

/** What this process knows of the work for one endpoint. */
export type EndpointState = {
  readonly shard: number;
  readonly endpointId: string;
  /** There may be something due that was not claimed. */
  hasDue: boolean;
  /** Attempts running. */
  inFlight: number;
  window: SendWindow;
  /** Whether the last attempt delivered: what hangs is not among these for long. */
  isProven: boolean;
  /** When a claim last took all there was, in ms; null: not known. What fell due well before need not be looked for. */
  emptiedAtMs: number | null;
  /** The rate limit lets the next request through at, in ms. */
  rateLimitedUntilMs: number;
  timer: NodeJS.Timeout | null;
  timerAtMs: number;
};

function newEndpointState(shard: number, endpointId: string): EndpointState {
  return {
    shard,
    endpointId,
    hasDue: false,
    inFlight: 0,
    window: newSendWindow,
    isProven: false,
    emptiedAtMs: null,
    rateLimitedUntilMs: 0,
    timer: null,
    timerAtMs: Number.POSITIVE_INFINITY,
  };
}

/** Nothing is lost by forgetting it. */
function isIdle(flow: EndpointState): boolean {
  return !flow.hasDue && flow.inFlight === 0 && flow.timer === null && flow.window.failures === 0;
}

/** The flows of the endpoints this process has heard of, by endpoint. */
export function createEndpointStates(): {
  flows: ReadonlyMap<string, EndpointState>;
  flowOf(shard: number, endpointId: string): EndpointState;
} {
  const flows = new Map<string, EndpointState>();
  function forgetIdle(): void {
    for (const [id, flow] of flows) if (isIdle(flow)) flows.delete(id);
  }
  return {
    flows,
    flowOf(shard, endpointId) {
      const known = flows.get(endpointId);
      if (known) return known;
      if (flows.size >= flowsMax) forgetIdle();
      const flow = newEndpointState(shard, endpointId);
      flows.set(endpointId, flow);
      return flow;
    },
  };
}
