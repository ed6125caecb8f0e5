import { freshSendWindow, type SendWindow } from "./send-window.ts";

/** Flows kept for endpoints that have nothing to do just now. */
const flowsMax = 20_000;

/** What this process knows of the work for one endpoint. */
export type EndpointState = {
  readonly shard: number;
  readonly endpointId: string;
  /** There may be something due that was not claimed. */
  isWanted: boolean;
  /** Attempts running. */
  inFlight: number;
  pace: SendWindow;
  /** Whether the last attempt delivered: what hangs is not among these for long. */
  isProven: boolean;
  /** When a claim last took all there was, in ms; null: not known. What fell due well before need not be looked for. */
  drainedAtMs: number | null;
  /** The rate limit lets the next request through at, in ms. */
  rateFreeAtMs: number;
  timer: NodeJS.Timeout | null;
  timerAtMs: number;
};

function newFlow(shard: number, endpointId: string): EndpointState {
  return {
    shard,
    endpointId,
    isWanted: false,
    inFlight: 0,
    pace: freshSendWindow,
    isProven: false,
    drainedAtMs: null,
    rateFreeAtMs: 0,
    timer: null,
    timerAtMs: Number.POSITIVE_INFINITY,
  };
}

/** Nothing is lost by forgetting it. */
function isIdle(flow: EndpointState): boolean {
  return !flow.isWanted && flow.inFlight === 0 && flow.timer === null && flow.pace.failures === 0;
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
      const flow = newFlow(shard, endpointId);
      flows.set(endpointId, flow);
      return flow;
    },
  };
}
